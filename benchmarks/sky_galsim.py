"""Our light of a source against GalSim's of the same: `pip install galsim && python benchmarks/sky_galsim.py`.

The mixtures of Gaussians stand for laws that are cut off smoothly at 4 and 8 half-light radii; GalSim's are the laws
without a cut, so the far wings differ by what lies beyond.
"""

from __future__ import annotations

import galsim
import numpy as np

from simulacra.domains.photometry.simulated_stamps import expected

SIDE, MIDDLE = 51, 25.0
PSF = np.array([[[0.75, 0, 0, 1.2**2, 0.05, 1.1**2], [0.25, 0, 0, 2.4**2, 0, 2.2**2]]])
SHAPES = ((1.0, 0.3, 0.2), (2.5, -0.4, 0.3))
"""Half-light radius, pixels, u1, u2."""


def gaussian(weight: float, xx: float, xy: float, yy: float) -> galsim.GSObject:
    """One of the point spread function's."""
    matrix = np.array([[xx, xy], [xy, yy]])
    sigma = np.linalg.det(matrix) ** 0.25
    root = np.linalg.cholesky(matrix) / sigma
    return galsim.Transformation(galsim.Gaussian(sigma=sigma, flux=weight), jac=root.ravel())


def stretched(law: type, radius: float, u1: float, u2: float) -> galsim.GSObject:
    """A round law brought to a galaxy's shape."""
    values, vectors = np.linalg.eigh(np.array([[u1, u2], [u2, -u1]]))
    half = vectors @ np.diag(np.exp(values / 2)) @ vectors.T
    return galsim.Transformation(law(half_light_radius=radius), jac=half.ravel())


def main() -> None:
    psf = galsim.Sum([gaussian(g[0], *g[3:]) for g in PSF[0]])
    cases = [("star", psf, np.array([MIDDLE, MIDDLE, 0.0]))]
    for name, law, logit in (("disc", galsim.Exponential, -100.0), ("de Vaucouleurs", galsim.DeVaucouleurs, 100.0)):
        for radius, u1, u2 in SHAPES:
            one = galsim.Convolve(stretched(law, radius, u1, u2), psf)
            numbers = np.array([MIDDLE, MIDDLE, logit, np.log(radius), u1, u2, 0.0])
            cases.append((f"{name}, {radius:g} pixels", one, numbers))
    for name, one, numbers in cases:
        theirs = one.drawImage(nx=SIDE, ny=SIDE, scale=1.0, method="no_pixel", dtype=float).array
        ours = expected(numbers, np.ones(1), PSF, SIDE, SIDE)[0]
        print(
            f"{name:28s} light on the stamp {ours.sum():.4f}, GalSim {theirs.sum():.4f}; sum of |difference| "
            f"{np.abs(ours - theirs).sum():.4f}; largest over the peak {np.abs(ours - theirs).max() / theirs.max():.4f}"
        )


if __name__ == "__main__":
    main()
