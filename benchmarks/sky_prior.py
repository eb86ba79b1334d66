"""Fit the prior of stars and galaxies to Stripe 82's catalogue: `python benchmarks/sky_prior.py [OUT]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.mixture import GaussianMixture

from simulacra.core.data import find
from simulacra.domains.photometry.brightness import PER_MAGNITUDE
from simulacra.domains.photometry.celeste_tables import read_table

PIXEL = 0.396


def log_fluxes(t: dict[str, np.ndarray]) -> np.ndarray:
    """Natural logarithms of the five fluxes, nanomaggies."""
    r = np.log(t["flux_r_nmgy"])
    ug, gr, ri, iz = (t[f"color_{c}"] / PER_MAGNITUDE for c in ("ug", "gr", "ri", "iz"))
    return np.stack([r - gr - ug, r - gr, r, r + ri, r + ri + iz], axis=1)


def mixture(x: np.ndarray, parts: int, floor: float) -> dict[str, list]:
    """Weights, means and covariances, sorted."""
    fit = GaussianMixture(parts, reg_covar=floor, random_state=0, n_init=5).fit(x)
    order = np.argsort(-fit.weights_)
    return {
        "weights": (fit.weights_[order] / fit.weights_.sum()).tolist(),
        "means": fit.means_[order].round(4).tolist(),
        "covariances": fit.covariances_[order].round(5).tolist(),
    }


def main() -> None:
    t = read_table(find("celeste/s82_matched_truth.csv"))
    star = t["is_star"] > 0.5
    flux = log_fluxes(t)
    whole = np.isfinite(flux).all(axis=1)
    stars = mixture(flux[star & whole], 2, 0.02)
    keep = ~star & whole & (t["gal_radius_px"] > 0)
    size = np.log(t["gal_radius_px"] * np.sqrt(t["gal_axis_ratio"]) * PIXEL)
    galaxies = mixture(np.column_stack([size, flux])[keep], 2, 0.02)
    stretch = -np.log(np.maximum(t["gal_axis_ratio"][keep], 0.15))
    spread = float(np.sqrt((stretch**2).mean() / 2))
    wide = []
    for mean, cov in zip(galaxies["means"], galaxies["covariances"], strict=True):
        m, c = np.zeros(9), np.diag([1.5**2, 0, spread**2, spread**2, 0, 0, 0, 0, 0])
        places = [1, 4, 5, 6, 7, 8]
        m[places], c[np.ix_(places, places)] = mean, cov
        wide.append((m.tolist(), c.round(5).tolist()))
    galaxies |= {"means": [m for m, _ in wide], "covariances": [c for _, c in wide]}
    share = float(star.mean())
    held = {"star": {"share": share, **stars}, "galaxy": {"share": 1 - share, **galaxies}}
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "src/simulacra/domains/photometry/stripe82_prior.json")
    out.write_text(json.dumps(held) + "\n", encoding="utf-8")
    print(f"{out}: {int((star & whole).sum())} stars, {int(keep.sum())} galaxies, u spread {spread:.3f}")


if __name__ == "__main__":
    main()
