"""One galaxy in many exposures: is the scatter of what is found that which its error bars say? No truth is needed.

`python benchmarks/sky_exposures.py`. Exposures in which a tenth of the stamp was not observed are left out.
"""

from __future__ import annotations

import argparse

import numpy as np

from simulacra.cataloging.catalog import Plan, catalog
from simulacra.cataloging.field import assembled
from simulacra.core.data import find
from simulacra.domains.photometry.exposures import Exposure, exposure
from simulacra.domains.photometry.point_spread import everywhere
from simulacra.domains.photometry.sdss_frames import opened

STAMP, PLACES = "5.0073-0.0739", ((5.00732922, 0.07394089), (5.00591424, 0.07495803))
NAMES = ("x", "y", "mag_r", "color_ug", "color_gr", "color_ri", "color_iz", "dev_share", "radius", "u1", "u2")


def gaussians(header: object) -> np.ndarray:
    """The point spread function as the stamp's header holds it."""
    p = [float(header[f"PSF_P{k}"]) for k in range(18)]
    rows = [[p[k], p[3 + 2 * k], p[4 + 2 * k], p[9 + 3 * k], p[11 + 3 * k], p[10 + 3 * k]] for k in range(3)]
    return np.array([row for row in rows if row[0] > 0])


def one(band: str, place: int) -> tuple[Exposure, object, float]:
    """An exposure of a band as photons, its header, and the share of its pixels that were observed."""
    with opened(find(f"sdss/stamps/stamp-{band}-{STAMP}.fits")) as units:
        header = units[2 * place].header
        picture, weight = (np.asarray(units[2 * place + k].data, dtype=float) for k in (0, 1))
    per = header["GAIN"] / header["CALIB"]
    still = header["GAIN"] ** 2 * header["DARKVAR"]
    sky = np.full(picture.shape, header["SKY"] * header["GAIN"] + still)
    seen = (weight > 0) & np.isfinite(picture)
    found = exposure(band, picture * per + sky, sky, per, everywhere(gaussians(header)), None, seen, 0.396)
    return found, header, float(seen.mean())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=300)
    asked = parser.parse_args()
    rows = []
    for place in range(17):
        bands = [one(b, place) for b in "ugriz"]
        if min(share for *_, share in bands) < 0.9:
            continue
        header = bands[2][1]
        seeds = [
            [header["CRPIX1"] - 1 + (ra - header["CRVAL1"]) / header["CD1_1"],
             header["CRPIX2"] - 1 + (dec - header["CRVAL2"]) / header["CD2_2"]]
            for ra, dec in PLACES
        ]  # fmt: skip
        field = assembled([e for e, *_ in bands])
        columns, _ = catalog(field, Plan(("galaxy",), draws=asked.draws), np.array(seeds))
        k = int(np.argmin(np.hypot(columns["x"] - 25, columns["y"] - 25)))
        rows.append([[columns[n][k], columns[f"{n}_sd"][k]] for n in NAMES] + [[columns["chi2"][k], 1.0]])
    v = np.array(rows)
    print(f"{len(v)} exposures; misfit of the inner pixels (1 is photons alone): {v[:, -1, 0].mean():.2f}")
    all_z = []
    for k, name in enumerate(NAMES):
        mean = np.average(v[:, k, 0], weights=v[:, k, 1] ** -2)
        z = (v[:, k, 0] - mean) / v[:, k, 1] * np.sqrt(len(v) / (len(v) - 1))
        all_z.append(z)
        print(
            f"  {name:10s} mean {mean:8.3f} error bar {np.median(v[:, k, 1]):.3f} scatter over error bar {z.std():.2f}"
        )
    parts = {"all": all_z, "magnitudes and colors": all_z[2:7], "shape": all_z[7:], "place": all_z[:2]}
    print("; ".join(f"{name} {np.std(z):.2f}" for name, z in parts.items()))


if __name__ == "__main__":
    main()
