"""M2's crowded core against Hubble's stars: `python benchmarks/sky_m2.py [--bands ri] [--looks 15,7,…] [--refit]`.

Nothing is learnt from Hubble but the difference of zero points (the median of stars brighter than 18). A pixel's middle
counts whole, so Hubble's unit square is x = 100 u + 2.5 on the cut-out, as bright stars show: 99 u + 3 leaves half a
pixel at the edges.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from simulacra.cataloging.catalog import Plan, measured_again
from simulacra.cataloging.crowded import LOOKS, crowded
from simulacra.cataloging.cutting import cut
from simulacra.cataloging.field import MARGIN, assembled
from simulacra.cataloging.matching import matched
from simulacra.core.data import find
from simulacra.domains.photometry.brightness import PER_MAGNITUDE
from simulacra.domains.photometry.sdss_frames import frame
from simulacra.domains.photometry.source_prior import stripe82

ROWS, COLUMNS, AROUND = (627, 733), (307, 413), 8
FIELD = "002583-2-0136"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bands", default="r")
    parser.add_argument("--looks", default=",".join(str(v) for v in LOOKS))
    parser.add_argument("--refit", action="store_true", help="the point spread function, on the stars of two looks")
    asked = parser.parse_args()
    at = find(f"sdss/{FIELD}/psField-{FIELD}.fits").parent
    exposures = [
        frame(at / f"frame-{b}-{FIELD}.fits.bz2", at / f"psField-{FIELD}.fits", at / f"fpM-002583-{b}2-0136.fits")
        for b in asked.bands
    ]
    a = AROUND
    whole = assembled(exposures)
    held = np.load(find("sdss/hubble_m2.npz"))
    truth = 100 * held["true_locs"][:, ::-1].astype(float) + 2.5
    true_mag = 22.5 - 2.5 * np.log10(held["true_fluxes"][:, 0] / held["nelec_per_nmgy"])
    began = time.monotonic()
    looks = tuple(float(v) for v in asked.looks.split(","))
    for last in range(len(looks), len(looks) + 1):
        field = cut(whole, f"{COLUMNS[0] - a}:{COLUMNS[1] + a},{ROWS[0] - a}:{ROWS[1] + a}")
        prior = stripe82().seen(field.bands, 0.396)
        if asked.refit:
            field = measured_again(field, Plan(("star",), crowded=True, refit_psf=True))
            print(*(line for e in field.exposures for line in e.said), sep="\n")
        stars = crowded(field, prior, looks[:last])
        numbers = np.array([s.placed() for s in stars])
        places, mag = numbers[:, :2] - a, 22.5 - PER_MAGNITUDE * numbers[:, 2 + field.bands.index("r")]
        inside = ((places > 2) & (places < 103)).all(axis=1)
        places, mag = places[inside], mag[inside]
        bright = true_mag < 18
        away = np.hypot(*(places[None] - truth[bright][:, None]).transpose(2, 0, 1))
        near = away.argmin(axis=1)
        zero = float(np.median((true_mag[bright] - mag[near])[away.min(axis=1) < 0.5]))
        left = (field.main.counts - field.model[field.bands.index("r")])[
            MARGIN + a : -MARGIN - a, MARGIN + a : -MARGIN - a
        ]
        noise = np.sqrt(field.model[field.bands.index("r")][MARGIN + a : -MARGIN - a, MARGIN + a : -MARGIN - a])
        print(
            f"{len(places)} stars, {time.monotonic() - began:.0f} s; zero points differ by {zero:+.2f} mag; "
            f"chi2 a pixel {np.mean((left / noise) ** 2):.1f}"
        )
        for name, shift in (("with that difference", zero), ("without", 0.0), ("with the card's .34", 0.34)):
            m = matched(truth, true_mag, places, mag + shift)
            print(f"  {name}: completeness {m.completeness:.3f} purity {m.purity:.3f} F1 {m.f1:.3f}")
        kept = mag + zero < true_mag.max()
        m = matched(truth, true_mag, places[kept], (mag + zero)[kept])
        print(f"  of {kept.sum()} as bright as Hubble's list goes: purity {m.purity:.3f} F1 {m.f1:.3f}")
        for low, high in ((15, 18), (18, 19), (19, 20), (20, 21), (21, 22), (22, 23)):
            some = (true_mag >= low) & (true_mag < high)
            share = np.isin(np.flatnonzero(some), m.truth).mean()
            print(f"  Hubble {low}–{high}: {int(some.sum())} stars, found {share:.2f}")


if __name__ == "__main__":
    main()
