"""Planted defects: true samples, and the same spoiled in one known way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.sources.sky.gaussian_field import GaussianField
from simulacra.statistics.base import Statistic
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.tables.values import Values

FEATURES, CLASSES, SIDE, WIDE = 6, 4, 8, 200
SIGNS = np.random.default_rng(6).choice([-1.0, 1.0], WIDE)
CENTERS = 3 * np.random.default_rng(5).normal(size=(10, FEATURES))
Draw = Callable[[int, np.random.Generator], Samples]
Spoil = Callable[[Samples, Samples, np.random.Generator], Samples]
"""From fresh true samples and the training set to samples with the defect."""


def even(correlation: float) -> Array:
    """The root of a covariance: unit variances, one correlation for all pairs."""
    return np.linalg.cholesky(np.full((FEATURES, FEATURES), correlation) + (1 - correlation) * np.eye(FEATURES))


def falling(share: float) -> Array:
    """The same, correlations 0.5, 0.25 … the farther apart, times a share."""
    apart = np.abs(np.subtract.outer(np.arange(FEATURES), np.arange(FEATURES)))
    return np.linalg.cholesky(np.where(apart == 0, 1.0, share * 0.5**apart))


def gaussian(root: Array) -> Draw:
    """Gaussian rows."""
    return lambda n, rng: Samples.of(rng.normal(size=(n, FEATURES)) @ root.T, "vector")


def modes(n: int, rng: np.random.Generator, of: int = 10) -> Samples:
    """Ten clusters."""
    return Samples.of(CENTERS[rng.integers(0, of, n)] + rng.normal(size=(n, FEATURES)), "vector")


def conditioned(n: int, rng: np.random.Generator) -> Samples:
    """Four classes, whose means lie half a standard deviation apart."""
    label = rng.permutation(np.arange(n) % CLASSES)
    x = rng.normal(size=(n, FEATURES)) @ even(0.4).T + 0.5 * label[:, None]
    return Samples.of(x, "vector", given={"class": label})


@dataclass(frozen=True)
class World:
    """A true law, and the statistic that says about it."""

    draw: Draw
    statistic: Statistic


WORLDS = {
    "correlated": World(gaussian(even(0.4)), Values()),
    "falling": World(gaussian(falling(1.0)), Values()),
    "independent": World(gaussian(np.eye(FEATURES)), Values()),
    "wide": World(lambda n, rng: Samples.of(rng.normal(size=(n, WIDE)), "vector"), Values()),
    "modes": World(modes, Values()),
    "classes": World(conditioned, Values()),
    "fields": World(lambda n, rng: GaussianField(SIDE).draw(n, rng), PowerSpectrum()),
}


@dataclass(frozen=True)
class Defect:
    """A known fault.

    Args:
        name: as the table says it.
        world: of the true samples.
        spoil: plants it.
        judge: who is there for it: "rows" for the test of a statistic's rows; "copies"; or a statistic of sets.
    """

    name: str
    world: str
    spoil: Spoil
    judge: str = "rows"


def changed(of: Callable[[Array, np.random.Generator], Array]) -> Spoil:
    """A defect of the numbers alone."""
    return lambda x, train, rng: x.but(x=of(x.array, rng))


def shifted(x: Array, rng: np.random.Generator) -> Array:
    """The first mean moved by 0.15 of its spread."""
    return x + 0.15 * (np.arange(FEATURES) == 0)


def eight_bits(x: Array, rng: np.random.Generator) -> Array:
    """From -2 to 2 standard deviations in 256 steps; what lies beyond is clipped."""
    return np.round((np.clip(x, -2, 2) + 2) / 4 * 255) / 255 * 4 - 2


def bent(x: Array, rng: np.random.Generator) -> Array:
    """In 30 of 100 rows the second number is the first, of either sign: no moment of second order changes."""
    y = x.copy()
    some = rng.random(len(x)) < 0.3
    y[some, 1] = x[some, 0] * rng.choice([-1, 1], some.sum())
    return y


def odd_signs(x: Array, rng: np.random.Generator) -> Array:
    """The product of the first three numbers is positive; any two of them know nothing of each other."""
    y = x.copy()
    y[:, 2] *= np.sign(x[:, 0] * x[:, 1] * x[:, 2])
    return y


def blurred(x: Array, rng: np.random.Generator) -> Array:
    """Fields smoothed by a Gaussian of a tenth of a pixel: 10 % less power at the Nyquist wavenumber of a side."""
    k = 2 * np.pi * np.fft.fftfreq(SIDE)
    keep = np.exp(-(k[:, None] ** 2 + k**2) * 0.1**2 / 2)
    return np.asarray(np.fft.ifft2(np.fft.fft2(x) * keep).real.astype(x.dtype))


def copied(spoil: Callable[[Array, np.random.Generator], Array]) -> Spoil:
    """One sample in twenty is a training sample, changed a little or not at all."""

    def plant(x: Samples, train: Samples, rng: np.random.Generator) -> Samples:
        values = x.array.copy()
        some = rng.permutation(len(x))[: round(0.05 * len(x))]
        values[some] = spoil(train.array[rng.integers(len(train), size=len(some))], rng)
        return x.but(x=values)

    return plant


def moved(x: Array, rng: np.random.Generator) -> Array:
    """Each field flipped and shifted."""
    return np.stack([np.roll(field[::-1], tuple(rng.integers(SIDE, size=2)), (0, 1)) for field in x])


def mislabeled(x: Samples, train: Samples, rng: np.random.Generator) -> Samples:
    """One label in five dealt out anew."""
    label = x.given["class"].copy()
    some = rng.permutation(len(x))[: len(x) // 5]
    label[some] = rng.permutation(label[some])
    return x.but(given={"class": label})


def repeated(x: Array, rng: np.random.Generator) -> Array:
    """Half of the samples, each twice."""
    return np.repeat(x[: -(-len(x) // 2)], 2, axis=0)[: len(x)]


def turned(old: Array, new: Array) -> Spoil:
    """Gaussian rows with one covariance brought to another."""
    return changed(lambda x, rng: x @ np.linalg.solve(old.T, new.T))


DEFECTS = (
    Defect("correlations 0.3 for 0.4", "correlated", turned(even(0.4), even(0.3))),
    Defect("falling correlations cut by 25 %", "falling", turned(falling(1.0), falling(0.75))),
    Defect("one mean shifted by 0.15 sd", "correlated", changed(shifted)),
    Defect("10 % of the variance lost", "correlated", changed(lambda x, rng: np.sqrt(0.9) * x)),
    Defect(
        "5 % outliers, three times out",
        "correlated",
        changed(lambda x, rng: x * np.where(rng.random((len(x), 1)) < 0.05, 3.0, 1.0)),
    ),
    Defect(
        "heavy tails (Student, 5)",
        "correlated",
        changed(lambda x, rng: x * np.sqrt(3 / rng.chisquare(5, (len(x), 1)))),
    ),
    Defect("one class of ten missing", "modes", lambda x, train, rng: modes(len(x), rng, of=9)),
    Defect("8 bits, clipped at 2 sd", "correlated", changed(eight_bits)),
    Defect("cast to whole numbers, sd 2", "correlated", changed(lambda x, rng: np.round(2 * x) / 2)),
    Defect("second number ± the first in 30 %", "independent", changed(bent)),
    Defect("product of three signs fixed", "independent", changed(odd_signs)),
    Defect("20 % of the labels shuffled", "classes", mislabeled),
    Defect("fields blurred by 0.1 pixel", "fields", changed(blurred)),
    Defect("5 % copies", "correlated", copied(lambda x, rng: x), "copies"),
    Defect(
        "5 % copies, noise of 0.1 sd", "correlated", copied(lambda x, rng: x + rng.normal(0, 0.1, x.shape)), "copies"
    ),
    Defect("5 % copies of fields, flipped, shifted", "fields", copied(moved), "copies"),
    Defect("5 of 200 means shifted by 0.3 sd", "wide", changed(lambda x, rng: x + 0.3 * (np.arange(WIDE) < 5))),
    Defect("200 means shifted by ± 0.05 sd", "wide", changed(lambda x, rng: x + 0.05 * SIGNS)),
    Defect("200 means shifted by 0.02 sd", "wide", changed(lambda x, rng: x + 0.02)),
    Defect("rounded to 8 bits", "correlated", changed(lambda x, rng: np.round(x * 32) / 32)),
    Defect("two numbers change places", "falling", changed(lambda x, rng: x[:, [2, 1, 0, 3, 4, 5]])),
    Defect("each sample twice", "correlated", changed(repeated), "uniqueness"),
)
