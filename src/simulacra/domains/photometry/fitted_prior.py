"""A prior of stars and galaxies fitted to a catalogue: mixtures of Gaussians, their number chosen by BIC."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.domains.photometry.brightness import SDSS
from simulacra.domains.photometry.catalog_rows import source_numbers, stars
from simulacra.domains.photometry.pixel_light import SHAPE
from simulacra.domains.photometry.source_prior import SourcePrior, TypePrior

FLOOR = 0.01
"""Added to every variance, so that no part falls onto a single source."""
MOST = 4
"""Parts at most."""


def fitted_prior(rows: Float[np.ndarray, "n 10"], seed: int = 0) -> SourcePrior:
    """Mixtures over the numbers of the pixels' model, in ugriz, radii in arc seconds.

    Args:
        rows: of a catalogue, as `catalog_rows` has them.
        seed: of the fits' beginnings.

    Raises:
        BadInput: where a type has hardly more sources than numbers.
    """
    star, numbers = stars(rows), source_numbers(rows)
    share = float(star.mean())
    of_stars = _fitted(numbers[star][:, SHAPE:], share, "stars", seed)
    of_galaxies = _fitted(numbers[~star], 1 - share, "galaxies", seed)
    return SourcePrior(of_stars, of_galaxies, SDSS)


def _fitted(x: Float[np.ndarray, "n d"], share: float, name: str, seed: int) -> TypePrior:
    from sklearn.mixture import GaussianMixture

    n, d = x.shape
    if n < 2 * d:
        raise BadInput(f"too few {name} to fit a prior to", f"{n}, numbers of each {d}", f"give {2 * d} or more")
    most = max(1, min(MOST, n // (d * (d + 3) // 2)))
    fits = [GaussianMixture(k, reg_covar=FLOOR, random_state=seed, n_init=3).fit(x) for k in range(1, most + 1)]
    best = min(fits, key=lambda one: float(one.bic(x)))
    return TypePrior(share, best.weights_ / best.weights_.sum(), best.means_, best.covariances_)
