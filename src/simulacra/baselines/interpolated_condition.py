"""Between trained conditions: a lognormal law whose spectrum and moments are interpolated from those fitted there."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import LinearNDInterpolator, interp1d

from simulacra.baselines.lognormal_same_spectrum import LognormalSameSpectrum, lognormal_same_spectrum
from simulacra.baselines.nearest_condition import InTurn, conditions_of
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.sources.base import Simulator


def interpolated_condition(train: Samples, at: tuple[tuple[float, ...], ...], sides: int = 1) -> Simulator:
    """Lognormal fields with spectrum and moments interpolated between those fitted at the trained conditions.

    Linear in the mean, the logarithm of the shift, and the logarithm of the power of the Gaussian beneath at each mode.

    Args:
        train: fields with one or more conditions that are numbers.
        at: the conditions to draw at, each in the order of the names of `train.given`; within the trained ones.
        sides: width of the periodic sky, in sides of a map.
    """
    known, which = conditions_of(train)
    laws = [lognormal_same_spectrum(train[which == i], sides) for i in range(len(known))]
    fitted = [law for law in laws if isinstance(law, LognormalSameSpectrum)]
    if len(known) <= known.shape[1] or len({law.shift > 0 for law in fitted}) > 1:
        raise BadInput(
            "there is nothing to interpolate between",
            f"{len(known)} trained conditions of {known.shape[1]} numbers, or skewness of both signs",
            "train at more conditions, or take nearest_condition",
        )
    scale = np.maximum(known.std(axis=0), 1e-300)
    numbers = np.stack([_numbers(law) for law in fitted])
    if known.shape[1] == 1:
        line = interp1d(known[:, 0], numbers, axis=0, bounds_error=False, fill_value=np.nan)
        between = np.asarray(line(np.array(at)[:, 0]))
    else:
        between = np.asarray(LinearNDInterpolator(known / scale, numbers)(np.array(at) / scale))
    if not np.isfinite(between).all():
        raise BadInput(
            "a condition lies outside the trained ones", f"{at}", "ask within their hull, or take nearest_condition"
        )
    sign, shape = np.sign(fitted[0].shift), fitted[0].amplitude.shape
    found = [
        LognormalSameSpectrum(train, float(row[0]), float(sign * np.exp(row[1])), np.exp(row[2:]).reshape(shape))
        for row in between
    ]
    return InTurn(tuple(found), at, tuple(train.given))


def _numbers(law: LognormalSameSpectrum) -> Array:
    """Mean, logarithm of the shift, and logarithm of each mode's amplitude; a mode without power has next to none."""
    floor = 1e-6 * law.amplitude.max()
    return np.array([law.mean, np.log(abs(law.shift)), *np.log(np.maximum(law.amplitude, floor)).ravel()])
