"""Celeste's published catalogues, scored again: errors, coverage as printed, and coverage once conformally widened.

`python benchmarks/sky_celeste.py`. Widening is learnt on half of the sources and tried on the other, 200 times over.
"""

from __future__ import annotations

import numpy as np

from simulacra.cataloging.conformal import widening
from simulacra.core.data import find
from simulacra.domains.photometry.brightness import PER_MAGNITUDE
from simulacra.domains.photometry.celeste_tables import read_table

PIXEL = 0.396 / 3600
COLORS = ("color_ug", "color_gr", "color_ri", "color_iz")


def quantities(truth: dict, other: dict) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Error and stated spread by quantity; fluxes in magnitudes."""
    with np.errstate(invalid="ignore"):
        r = -PER_MAGNITUDE * (np.log(other["flux_r_nmgy"]) - np.log(truth["flux_r_nmgy"]))
    nothing = np.full(len(r), np.nan)
    out = {"mag_r": (r, PER_MAGNITUDE * other.get("log_flux_r_stderr", nothing))}
    for c in COLORS:
        out[c] = (other[c] - truth[c], other.get(f"{c}_stderr", nothing))
    return out


def position(truth: dict, other: dict) -> float:
    """Mean distance, pixels."""
    across = (other["ra"] - truth["ra"]) * np.cos(np.radians(truth["dec"]))
    return float(np.mean(np.hypot(across, other["dec"] - truth["dec"])) / PIXEL)


def held(error: np.ndarray, spread: np.ndarray, mag: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Coverage at 68 and 95 % of the half that was not learnt from, by third of magnitude and in all, (2, 4)."""
    whole = np.flatnonzero(np.isfinite(error) & np.isfinite(spread) & np.isfinite(mag))
    out = []
    for _ in range(200):
        order = rng.permutation(whole)
        learn, test = order[: len(order) // 2], order[len(order) // 2 :]
        found = widening(error[learn], spread[learn], mag[learn])
        inside = np.abs(error[test]) <= found.half_widths(spread[test], mag[test])
        place = np.searchsorted(found.edges, mag[test])
        out.append([[*(row[place == b].mean() for b in range(3)), row.mean()] for row in inside])
    return np.mean(out, axis=0)


def main() -> None:
    rng = np.random.default_rng(0)
    for field in ("s82", "synthetic"):
        truth = read_table(find(f"celeste/{field}_matched_truth.csv"))
        star = truth["is_star"] > 0.5
        for way in ("photo", "vb", "mc"):
            if (field, way) == ("synthetic", "photo"):
                print("\nsynthetic photo: the published file is byte for byte that of vb; no such catalogue exists")
                continue
            other = read_table(find(f"celeste/{field}_matched_{way}.csv"))
            q = quantities(truth, other)
            wrong = (other["is_star"] > 0.5) != star
            print(f"\n{field} {way}: {len(star)} sources; position {position(truth, other):.3f} px; "
                  f"missed stars {wrong[star].mean():.3f}, galaxies {wrong[~star].mean():.3f}")  # fmt: skip
            for name, (error, spread) in q.items():
                ok = np.isfinite(error)
                line = f"  {name:9s} |error| {np.abs(error[ok]).mean():.3f} mean {error[ok].mean():+.3f}"
                if np.isfinite(spread).sum() > 60:
                    both = ok & np.isfinite(spread)
                    z = np.abs(error[both] / spread[both])
                    mag = 22.5 - PER_MAGNITUDE * np.log(other["flux_r_nmgy"])
                    wide = held(error, spread, mag, rng)
                    line += f"; printed 68: {(z < 1).mean():.2f}, 95: {(z < 1.96).mean():.2f}"
                    line += "; widened 68 (bright, middle, faint, all): " + " ".join(f"{v:.2f}" for v in wide[0])
                    line += "; 95: " + " ".join(f"{v:.2f}" for v in wide[1])
                print(line)


if __name__ == "__main__":
    main()
