"""What the cheap judges say of a model in training, against a fixed set: how far it is, and which judges reject it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from simulacra.comparison.energy import EnergyView, energy_distance
from simulacra.comparison.rows import Rows, actual, pooled, relabeled, spread
from simulacra.comparison.sequential import Spending, compare_all
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.judging.base import Judge, Strata, find_strata, rows_of, statistics_of_rows
from simulacra.judging.copies import NAME as COPIES
from simulacra.judging.lost import Reached
from simulacra.judging.twins import Watch

FLOOR = 99  # relabelings of two true sets that tell the noise floor


@dataclass(frozen=True)
class Score:
    """A cheap judgment against a fixed set (validation), for choosing among the states of one model.

    Args:
        judges: by name.
        fixed: true samples that the training does not see.
        rows: of each judge: the rows of `fixed`, their scale, and the energy distance that true sets show by chance.
        noise: standard deviation of the score of true samples.
        strata: the joint values of all conditions, numbered.
        by: the conditions.
        spending: what a look may spend.
        seed: of the relabelings.
    """

    judges: Mapping[str, Judge]
    fixed: Samples
    rows: Mapping[str, tuple[Rows, Array, float]]
    noise: float
    strata: Strata
    by: tuple[str, ...]
    spending: Spending
    seed: int

    @classmethod
    def against(
        cls, judges: Mapping[str, Judge], fixed: Samples, other: Samples, looks: int = 1, seed: int = 0
    ) -> Score:
        """The score against `fixed`, at so many looks; `other`, true as well, shows the noise floor."""
        judges = {name: judges[name] for name in statistics_of_rows(judges)}  # those of sets speak at the end
        strata, by = find_strata(other, fixed)
        rows, noises = {}, []
        for name, statistic in statistics_of_rows(judges).items():
            a, b = (rows_of(statistic, name, side, strata, by) for side in (other, fixed))
            floor, noise = _floor(a, b, stream(seed, "floor of the score"))
            rows[name] = (b, spread(b), floor)
            noises.append(noise)
        noise = float(np.mean(noises)) if noises else 0.0
        return cls(judges, fixed, rows, noise, strata, by, Spending(looks, len(judges)), seed)

    def __call__(self, model: Samples) -> dict[str, Any]:
        """What is seen of a set of samples.

        Returns:
            "score", the mean of the ratios, and its "score noise" by chance; "spread" (1 is truth's); "ratio" of each
            judge's energy distance to its noise floor; "p" of each judge; and which judges reject the model,
            adjusted over looks and judges. A judge that cannot read the samples (no numbers, no molecules) counts as
            rejecting, with no p.
        """
        pairs = {name: (rows, self.rows[name][0]) for name, rows in self._rows(model).items()}
        ratio = {name: energy_distance(*pair, self.rows[name][1]) / self.rows[name][2] for name, pair in pairs.items()}
        rng = stream(self.seed, "score")
        values = compare_all(pairs.values(), rng, self.spending.permutations)
        p = dict(zip(pairs, values, strict=True))
        stated = set(self.spending.rejecting(p)) | (set(self.judges) - set(pairs))
        score = float(np.mean(list(ratio.values()))) if len(pairs) == len(self.judges) else math.inf
        return {
            "score": score,
            # as of a χ² that is not central: its variance grows with twice its mean
            "score noise": self.noise * math.sqrt(max(2 * score - 1, 1.0)) if math.isfinite(score) else 0.0,
            "spread": _spread(pairs),
            "ratio": ratio,
            "p": p,
            "level": self.spending.each,
            "told": [name for name in self.judges if name in stated],
        }

    def spread(self, model: Samples) -> float:
        """How far the features of samples spread, over truth's; the median over all features."""
        return _spread({name: (rows, self.rows[name][0]) for name, rows in self._rows(model).items()})

    def _rows(self, model: Samples) -> dict[str, Rows]:
        rows = {}
        for name, statistic in statistics_of_rows(self.judges).items():
            with suppress(BadInput):  # samples of a model that has hardly begun need make no sense
                rows[name] = rows_of(statistic, name, model, self.strata, self.by)
        return rows


@dataclass(frozen=True)
class Looker:
    """What is seen of a model's samples at a look, and at the glances between.

    Args:
        score: the judges.
        watch: looks for copies of training samples; None where it is not known when two objects are the same.
        spending: what a look or a glance may spend on copies.
        reached: how much of the truth is reached; None where nobody asks.
    """

    score: Score
    watch: Watch | None
    spending: Spending
    reached: Reached | None = None

    def look(self, model: Samples) -> dict[str, Any]:
        """All that the judges say; the judge of copies counts as well."""
        seen = self.score(model) | self._copies(model)
        if seen["copies"] is not None and seen["copies"]["told"]:
            seen["told"] = [*seen["told"], COPIES]
        return seen if self.reached is None else seen | self.reached(model)

    def glance(self, model: Samples) -> dict[str, Any]:
        """Whether it collapses or copies."""
        return {"spread": self.score.spread(model)} | self._copies(model)

    def _copies(self, model: Samples) -> dict[str, Any]:
        if self.watch is None:
            return {"copies": None}
        seen = self.watch(model)
        return {"copies": asdict(seen) | {"told": bool(self.spending.rejecting({COPIES: seen.p}))}}


def _floor(a: Rows, b: Rows, rng: np.random.Generator) -> tuple[float, float]:
    """The median energy distance of two true sets under relabeling, and their standard deviation over it."""
    rows, is_first = pooled(a, b)
    view = EnergyView.of(rows)
    found = np.concatenate([view(s) for s in relabeled(actual(rows, is_first), FLOOR, FLOOR, rng)])
    floor = max(float(np.median(found)), 1e-12)
    return floor, float(found.std()) / floor


def _spread(pairs: Mapping[str, tuple[Rows, Rows]]) -> float:
    ratios = [_within(model) / np.maximum(_within(fixed), 1e-12) for model, fixed in pairs.values()]
    return float(np.median(np.concatenate(ratios))) if ratios else math.nan


def _within(rows: Rows) -> Array:
    """Standard deviation of each feature within strata."""
    parts = [rows.features[rows.stratum == s].std(axis=0) for s in np.unique(rows.stratum)]
    return np.asarray(np.mean(parts, axis=0))
