"""A posterior predictive verdict: is the field that the catalogue's model draws the one that was observed?

`python benchmarks/sky_predictive.py [--cut X0:X1,Y0:Y1] [--refit-sky] [--refit-psf]`. The model's photons are drawn
anew; both fields are cut into squares of 24 pixels, brought to units of the sky's noise (asinh), and judged as fields.
"""

from __future__ import annotations

import argparse

import numpy as np

import simulacra
from simulacra.cataloging.catalog import Plan, catalog, measured_again
from simulacra.cataloging.cutting import cut
from simulacra.cataloging.field import MARGIN, assembled
from simulacra.cataloging.frames import Asked, read
from simulacra.core.data import find
from simulacra.core.samples import Samples

FIELD, SIDE = "002583-2-0136", 24


def squares(plane: np.ndarray, sky: np.ndarray) -> Samples:
    """Squares of a frame in units of its noise."""
    inner = np.s_[MARGIN:-MARGIN, MARGIN:-MARGIN]
    z = np.arcsinh(((plane - sky) / np.sqrt(sky))[inner] / 3)
    rows, columns = (n // SIDE for n in z.shape)
    z = z[: rows * SIDE, : columns * SIDE].reshape(rows, SIDE, columns, SIDE).swapaxes(1, 2)
    return Samples.of(z.reshape(-1, SIDE, SIDE).astype(np.float32), "field", "1", "squares of a frame")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cut", default="1400:2036,20:656")
    parser.add_argument("--refit-sky", action="store_true")
    parser.add_argument("--refit-psf", action="store_true")
    asked = parser.parse_args()
    at = find(f"sdss/{FIELD}/psField-{FIELD}.fits").parent
    asked_for = Asked(psf=(str(at / f"psField-{FIELD}.fits"),), background=("measure",))
    field = assembled(read([at / f"frame-r-{FIELD}.fits.bz2"], asked_for))
    field = cut(field, asked.cut)
    plan = Plan(draws=0, refit_sky=asked.refit_sky, refit_psf=asked.refit_psf)
    field = measured_again(field, plan)
    print(*(line for e in field.exposures for line in e.said), sep="\n")
    bare = [e.sky.copy() for e in field.exposures]
    columns, _ = catalog(field, plan)
    rng = np.random.default_rng(0)
    e, m = field.main, field.model[0]
    truth = squares(e.counts, e.sky)
    for name, photons in (("sky and sources", m), ("sky alone", bare[0])):
        model = squares(rng.poisson(photons).astype(float), e.sky)
        verdicts = simulacra.judge(model, truth)
        print(f"{name} ({len(columns['x'])} sources, {len(truth)} squares):")
        for judge, verdict in verdicts.items():
            print(f"  {judge:28s} {verdict.word:10s} p {verdict.p:.3g} ratio {verdict.ratio:.2f}")


if __name__ == "__main__":
    main()
