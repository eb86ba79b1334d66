"""A number of a whole set, held against what it is of true sets: p by relabeling, and the reach by planting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from simulacra.comparison.copied import relabeled
from simulacra.comparison.several import holm
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.core.verdict import Verdict, Word
from simulacra.judges import Judge, check_pair
from simulacra.statistics.base import SetStatistic, Statistic

Array = NDArray[Any]
LEVEL, POWER = 0.05, 0.8
MOST = 1000  # samples a set: beyond, a random part is looked at
PLANTED = 200  # samples a side for the reach
PERMUTATIONS, DRAWS = 199, 40
FEWER = 39  # relabelings of each planted pair: enough for one p of 0.025


@dataclass(frozen=True)
class SetFinding:
    """What a statistic of sets saw.

    Args:
        verdict: in words.
        observed: the number.
        null: the number under relabeling, (permutations,).
        floor: the number of truth against truth, its median; None if truth is too small to be halved.
    """

    verdict: Verdict
    observed: float
    null: Float[np.ndarray, " permutations"]
    floor: float | None


def check_set(
    statistic: SetStatistic,
    model: Samples,
    truth: Samples,
    train: Samples | None = None,
    others: Samples | None = None,
    seed: int = 0,
    asked: float | None = None,
) -> SetFinding:
    """Whether a set's number is that of true sets.

    Model and truth are divided anew into sets of the same sizes, without replacement and by whole groups: a bootstrap
    would repeat objects, and a repeated object is its own nearest neighbor. If both follow one law every division is as
    good as the actual one, so p is exact. The reach comes from disjoint true sets, with the defect planted in one.

    Args:
        statistic: of sets.
        model: the samples in question.
        truth: true samples that the training has not seen.
        train: what the model was trained on.
        others: further unseen true samples, for the reach.
        seed: of the divisions.
        asked: the size of the defect that must be caught for *consistent* to be said.
    """
    name = type(statistic).__name__.lower()
    check_pair(model, truth, {})
    if truth.kind not in statistic.accepts:
        raise BadInput(f"{name} cannot read samples of kind {truth.kind!r}", repr(truth), "take another statistic")
    if statistic.needs_train and train is None:
        raise BadInput(f"{name} looks at the training set", "none was given", "give train=…, or --train")
    rng = np.random.default_rng([seed, 31])
    note = []
    sides = []
    for who, samples in (("model", model), ("truth", truth)):
        if len(samples) > MOST:
            note.append(f"judged on {MOST:,} of the {len(samples):,} samples of the {who}")
            samples = samples[np.sort(rng.choice(len(samples), MOST, replace=False))]
        sides.append(samples.but(given={}, given_unit={}))
    model, truth = sides
    seen = truth if train is None else train
    both = Samples.join([model.but(group=_marked("m", model)), truth.but(group=_marked("t", truth))])
    test = _relabel(statistic, both, seen, np.arange(len(both)) < len(model), PERMUTATIONS, rng)
    pool = truth if others is None else Samples.join([truth, others.but(given={}, given_unit={})])
    reach, floor, size = _reach(statistic, pool, seen, (len(model), len(truth)), rng)
    if reach is not None and size[0] + size[1] < 0.95 * (len(model) + len(truth)):
        note.append(f"reach measured at {size[0]:,} against {size[1]:,} samples")
    told = statistic.defect.format(amount=statistic.amounts[-1] if reach is None else reach)
    note.insert(0, f"{name} {test.observed:.3g}" + ("" if floor is None else f", of truth against truth {floor:.3g}"))
    verdict = Verdict(
        judge=name,
        word=_word(test.p, reach, asked),
        p=test.p,
        p_alone=test.p,
        ratio=test.ratio,
        reach=reach,
        reach_words=f"would have missed even {told}" if reach is None else f"would have caught {told}",
        asked=asked,
        n_model=len(np.unique(model.group)),
        n_truth=len(np.unique(truth.group)),
        note="; ".join(note),
    )
    return SetFinding(verdict, test.observed, test.null, floor)


Asked = Sequence[str | Statistic | SetStatistic] | Mapping[str, Statistic | SetStatistic | Judge] | None
Rest = Sequence[str | Statistic] | Mapping[str, Statistic | Judge] | None


def of_sets(statistics: Asked) -> tuple[dict[str, SetStatistic], Rest]:
    """The statistics of sets among those that were asked for, by name; and the rest, as they came."""
    whole: dict[str, SetStatistic] = {}
    if statistics is None:
        return whole, None
    if isinstance(statistics, Mapping):
        single: dict[str, Statistic | Judge] = {}
        for name, given in statistics.items():
            if isinstance(given, SetStatistic):
                whole[name] = given
            else:
                single[name] = given
        return whole, single
    rest: list[str | Statistic] = []
    for s in statistics:
        thing = shelf("statistics").load(s)() if isinstance(s, str) else s
        if isinstance(thing, SetStatistic):
            whole[s if isinstance(s, str) else type(s).__name__.lower()] = thing
        elif isinstance(s, str | Statistic):
            rest.append(s)
    return whole, rest


def check_sets(
    statistics: Mapping[str, SetStatistic], model: Samples, truth: Samples, train: Samples | None, seed: int
) -> dict[str, Verdict]:
    """Verdicts of several statistics of sets, adjusted for their number."""
    found = {name: check_set(s, model, truth, train, seed=seed).verdict for name, s in statistics.items()}
    adjusted = holm([verdict.p for verdict in found.values()])
    return {
        name: replace(v, judge=name, p=p, word=_word(p, v.reach, v.asked))
        for (name, v), p in zip(found.items(), adjusted, strict=True)
    }


def _word(p: float, reach: float | None, asked: float | None) -> Word:
    if p <= LEVEL:
        return "differs"
    return "unsure" if reach is None or (asked is not None and reach > asked * (1 + 1e-9)) else "consistent"


def _marked(mark: str, x: Samples) -> Array:
    return np.char.add(mark, x.group.astype(str))


@dataclass(frozen=True)
class _Relabeled:
    observed: float
    null: Array
    p: float
    ratio: float


def _relabel(
    statistic: SetStatistic, both: Samples, train: Samples, is_model: Array, times: int, rng: np.random.Generator
) -> _Relabeled:
    """The number of the actual division and of others; p and ratio of how far it lies on the bad side."""
    number = statistic.of(both, train)
    labels = relabeled(is_model, np.zeros(len(both), dtype=int), both.group, rng, times)
    found = np.array([number(np.flatnonzero(row), np.flatnonzero(~row)) for row in [is_model, *labels]])
    gap = found - np.median(found)
    bad = {"lower": -gap, "higher": gap, "either": np.abs(gap)}[statistic.worse]
    usual = float(np.median(np.abs(gap[1:])))
    ratio = max(0.0, float(bad[0])) / usual if usual > 0 else 1.0 if bad[0] <= 0 else float("inf")
    return _Relabeled(float(found[0]), found[1:], float(np.mean(bad >= bad[0] - 1e-12)), ratio)


def _reach(
    statistic: SetStatistic, pool: Samples, train: Samples, sizes: tuple[int, int], rng: np.random.Generator
) -> tuple[float | None, float | None, tuple[int, int]]:
    """The smallest planted defect that is caught; the number of truth against truth; and the sizes of both sides."""
    shrink = min(1.0, len(pool) / sum(sizes), *(PLANTED / n for n in sizes))
    n, m = (int(shrink * size) for size in sizes)
    if min(n, m) < 10:
        return None, None, (n, m)
    names, owner = np.unique(pool.group, return_inverse=True)

    def divided() -> tuple[Array, Array]:
        order = np.argsort(rng.permutation(len(names))[owner], kind="stable")
        return order[:n], order[n : n + m]

    number = statistic.of(pool, train)
    floor = float(np.median([number(*divided()) for _ in range(100)]))
    is_model = np.arange(n + m) < n
    low, high = 0, len(statistic.amounts)
    while low < high:
        middle = (low + high) // 2
        caught = 0
        for _ in range(DRAWS):
            a, b = divided()
            both = Samples.join([statistic.plant(pool[a], train, statistic.amounts[middle], rng), pool[b]])
            caught += _relabel(statistic, both, train, is_model, FEWER, rng).p <= LEVEL
        low, high = (low, middle) if caught >= POWER * DRAWS else (middle + 1, high)
    reach = statistic.amounts[low] if low < len(statistic.amounts) else None
    return reach, floor, (n, m)
