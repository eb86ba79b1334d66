"""What made records give away of those that were trained on, beside what they seem to of those that were held out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.stats import mannwhitneyu

from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.core.verdict import LEVEL
from simulacra.domains.likeness.nearest import Known, Sketched, typical_distance
from simulacra.judging.copies import is_twin
from simulacra.kinds.base import likeness_of
from simulacra.statistics.tables.closer_to_training import chances, some
from simulacra.statistics.tables.membership_attack import area, suspicion
from simulacra.statistics.tables.rare_combinations import RareCombinations, bare

DIVISIONS = 400
"""Ways of dealing out anew who was trained on, and resamplings of records."""
SHARES = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
"""Shares of copies that are planted, to see which of them the attack would have found."""
K = 5
"""Records that must share a combination for none of them to stand out: the k of k-anonymity."""
PLANTED = 20
"""Sets with copies, for each share."""


def privacy(sets: Mapping[str, Samples], train: Samples, held: Samples, seed: int = 0) -> dict[str, Any]:
    """Plain values for the run's record, by set.

    Args:
        sets: made records, by name.
        train: what was trained on.
        held: true records that were not.
        seed: of all chance.
    """
    train, held = bare(some(train)), bare(some(held))
    rng = stream(seed, "privacy")
    ground = _Ground.of(train, held, rng)
    found = {}
    with Progress("looking for what leaks", len(sets)) as progress:
        for name, x in sets.items():
            found[name] = ground.look(bare(some(x)), rng)
            progress.step(note=name)
    own = {"train": len(train), "held": len(held), "distance": ground.held_distance, "near": ground.held_near}
    return {"ground": own, "sets": found}


class _Ground:
    """What all sets are held against."""

    def __init__(self, train: Samples, held: Samples) -> None:
        self.train, self.held = train, held
        self.likeness = likeness_of(train)
        self.known = Known.of(self.likeness, train)
        self.scale = 1.0
        both = Samples.join([train, held])
        self.true = Sketched.of(self.likeness.sketches(self.likeness.ready(both.array))[0])
        among = self._to(both)
        np.fill_diagonal(among, np.inf)
        self.usual = among.min(axis=1)
        self.held_distance: dict[str, float] = {}
        self.held_near = 0.0

    @classmethod
    def of(cls, train: Samples, held: Samples, rng: np.random.Generator) -> _Ground:
        made = cls(train, held)
        made.scale = typical_distance(made.likeness, held, rng)
        near = made.known.nearest(held)
        made.held_distance = _quantiles(near.distance / made.scale)
        made.held_near = float(is_twin(near, made.scale, made.likeness).mean())
        return made

    def look(self, x: Samples, rng: np.random.Generator) -> dict[str, Any]:
        """One set's numbers."""
        near = self.known.nearest(x)
        to_both, trained = self._to(x), len(self.train)
        closer, attack = _closer(to_both, trained, rng), _attack(to_both, self.usual, trained, rng)
        p = min(1.0, 2 * min(closer["p"], attack["p"]))
        return {
            "n": len(x),
            "word": "leaks" if p <= LEVEL else "no leak found",
            "p": p,
            "caught": None if p <= LEVEL else self._caught(x, rng),
            "closer": closer,
            "attack": attack,
            "distance": _quantiles(near.distance / self.scale),
            "exact": _exact(x, self.train),
            "near": float(is_twin(near, self.scale, self.likeness).mean()),
            **self._rare(x),
        }

    def _caught(self, x: Samples, rng: np.random.Generator) -> float | None:
        """The smallest share of copies, put in the place of these records, that the attack finds four times in five."""
        for share in SHARES:
            found = 0
            for _ in range(PLANTED):
                values = x.array.copy()
                some = rng.permutation(len(x))[: round(share * len(x))]
                values[some] = self.train.array[rng.integers(len(self.train), size=len(some))]
                to_both = self._to(x.but(x=values))
                found += _p(suspicion(to_both.T, self.usual), len(self.train)) <= LEVEL / 2
            if found >= 0.8 * PLANTED:
                return share
        return None

    def _to(self, x: Samples) -> Float[np.ndarray, "n m"]:
        """How far each record is from each true one, those of the training first."""
        return self.true.distances(self.likeness.sketches(self.likeness.ready(x.array)))

    def _rare(self, x: Samples) -> dict[str, dict[str, float]]:
        """Of combinations of three columns: singles that are met, and how often what few people show is shown."""
        statistic = RareCombinations()
        codes, size = statistic.codes(Samples.join([x, self.held, self.train]), self.train)
        n, m = len(x), len(self.held)
        met_in, single_in, met_out, single_out = statistic.met(codes[:n], codes[n : n + m], codes[n + m :], size)
        few = [_few(codes[part], codes[n + m :], size) for part in (slice(0, n), slice(n, n + m))]
        return {
            "rare": {"train": met_in / max(1, single_in), "held": met_out / max(1, single_out), "singles": single_in},
            "few": {"made": few[0], "held": few[1], "k": K},
        }


def _few(codes: Array, train: Array, size: int) -> float:
    """Mean share of records that show a combination which one to four training records show: k-anonymity below five."""
    shares = []
    for own, known in zip(codes.T, train.T, strict=True):
        shown = np.bincount(known, minlength=size)[own]
        shares.append(float(((shown > 0) & (shown < K)).mean()))
    return float(np.mean(shares))


def _closer(apart: Array, trained: int, rng: np.random.Generator) -> dict[str, float]:
    """The share nearer to training, and what it is where who was trained on is dealt out anew."""

    def share(order: Array) -> float:
        a, b = apart[:, order[:trained]], apart[:, order[trained:]]
        return float(chances(np.sort(a, axis=1), np.sort(b, axis=1)).mean())

    own = share(np.arange(apart.shape[1]))
    null = np.array([share(rng.permutation(apart.shape[1])) for _ in range(DIVISIONS // 2)])
    low, high = np.quantile(null, [0.025, 0.975])
    p = (1 + (null >= own - 1e-12).sum()) / (1 + len(null))
    return {"value": own, "low": float(low), "high": float(high), "p": float(p)}


def _attack(apart: Array, usual: Array, trained: int, rng: np.random.Generator) -> dict[str, float]:
    """The area under the attacker's curve, with a 95 % interval by drawing records anew; and the members he is sure of.

    Sure are those whom he suspects more than 99 of 100 held-out records.
    """
    said = suspicion(apart.T, usual)
    member, other = said[:trained], said[trained:]
    again = [area(rng.choice(member, len(member)), rng.choice(other, len(other))) for _ in range(DIVISIONS)]
    low, high = np.quantile(again, [0.025, 0.975])
    sure = float((member > np.quantile(other, 0.99)).mean())
    p = _p(said, trained)
    return {"value": area(member, other), "low": float(low), "high": float(high), "sure": sure, "p": p}


def _p(said: Array, trained: int) -> float:
    """That members are suspected so much by chance: suspicion knows no labels, so it is a test of ranks."""
    return float(mannwhitneyu(said[:trained], said[trained:], alternative="greater").pvalue)


def _quantiles(distance: Array) -> dict[str, float]:
    low, middle = np.quantile(distance, [0.05, 0.5])
    return {"low": float(low), "middle": float(middle)}


def _exact(x: Samples, train: Samples) -> float:
    """The share of records that are in the training set, cell by cell."""
    known = {row.tobytes() for row in np.nan_to_num(train.array + 0.0, nan=-1e300)}
    return float(np.mean([row.tobytes() in known for row in np.nan_to_num(x.array + 0.0, nan=-1e300)]))
