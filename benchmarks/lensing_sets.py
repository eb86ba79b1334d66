"""What the flagship of lensing has drawn, what stands beside it, and each redshift judged alone."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import numpy as np

from lensing_regions import Data
from simulacra.baselines.interpolated_condition import interpolated_condition
from simulacra.comparison.two_samples import compare
from simulacra.core.samples import Samples
from simulacra.judging.base import rows_of
from simulacra.running.study import Study


def drawn(asked: argparse.Namespace, redshifts: tuple[float, ...], which: str) -> Samples:
    """What was drawn at these redshifts."""
    x, z = [], []
    for value in redshifts:
        for path in sorted(asked.folder.glob(f"drawn-{value:g}-*.npz")):
            x.append(np.load(path)[which])
            z += [value] * len(x[-1])
    return Samples.of(np.concatenate(x), "field", "κ", which, {"redshift": np.array(z)}, given_unit={"redshift": "1"})


def sets_at(asked: argparse.Namespace, data: Data, redshifts: tuple[float, ...], place: int) -> dict[str, Samples]:
    """The model's draws and what stands beside them, as many of each."""
    made = drawn(asked, redshifts, "x")
    rng, at = np.random.default_rng([asked.seed, 15, place]), tuple((value,) for value in redshifts)
    law = interpolated_condition(data.train, at, 2).draw(len(made), rng).but(given_unit={"redshift": "1"})
    return {"model": made, "lognormal": law, "bent Gaussian": drawn(asked, redshifts, "plain")}


def alone(study: Study, sets: Mapping[str, Samples], truth: Samples, value: float) -> dict[str, dict[str, list[float]]]:
    """Distance over the noise floor and p (of each judge alone) at one redshift, of each set."""
    found: dict[str, dict[str, list[float]]] = {}
    for name, some in sets.items():
        here = some[some.given["redshift"] == value]
        for judge, asked in study.judges.items():
            sides = [rows_of(asked.statistic, judge, x.but(given={}, given_unit={}), {}, ()) for x in (here, truth)]  # type: ignore[arg-type]
            test = compare(*sides, np.random.default_rng([36, round(100 * value)]), 499)
            found.setdefault(judge, {})[name] = [round(test.ratio, 2), round(test.p, 4)]
    return found
