"""From two sets of samples to verdicts: the test, the reach, and the word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulacra.comparison.reach import Reach, find_reach
from simulacra.comparison.rows import Rows
from simulacra.comparison.several import holm
from simulacra.comparison.two_samples import Test, compare
from simulacra.copying import NAME as COPIES
from simulacra.copying import can_check, check_copies
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.core.verdict import Verdict, Word
from simulacra.judges import Judge, Strata, check_groups, check_pair, default_judges, find_strata, rows_of
from simulacra.set_judging import check_sets, of_sets
from simulacra.sources.arrays import checked, guessed, shaped
from simulacra.statistics.base import Axis, SetStatistic, Statistic

Array = NDArray[Any]
LEVEL = 0.05
MOST = 100_000  # rows a set: beyond, a random part is judged
PLANTED = 3000  # rows a set from which the reach is measured, at most


@dataclass(frozen=True)
class Finding:
    """What a judge saw: features of both sets, the test and the verdict."""

    verdict: Verdict
    test: Test
    model: Array
    truth: Array
    axis: Axis


def measure_reach(
    name: str,
    judge: Judge,
    pool: Samples,
    sizes: tuple[int, int],
    strata: Strata,
    by: tuple[str, ...],
    level: float,
    seed: int,
) -> Reach:
    """The reach of one judge, from samples known to be true; see `find_reach`."""
    rng = np.random.default_rng([seed, 2])
    wanted = min(len(pool), 2 * PLANTED, sum(sizes))
    groups = np.unique(pool.group)
    if wanted < len(pool) and len(groups) == len(pool):  # more rows than needed: a random part will do
        pool = pool[np.sort(rng.choice(len(pool), wanted, replace=False))]
    base = rows_of(judge.statistic, name, pool, strata, by)
    inside = base.stratum >= 0
    statistic = judge.statistic

    def planted(amount: float) -> Rows:
        return rows_of(statistic, name, statistic.perturb(pool, amount), strata, by).take(inside)

    return find_reach(base.take(inside), planted, statistic.amounts, *sizes, rng, level=level)


def reach_words(judge: Judge, reach: Reach) -> str:
    """The reach as a sentence's end."""
    statistic = judge.statistic
    if reach.amount is None:
        largest = statistic.defect.format(amount=statistic.amounts[-1])
        return f"would have missed even {largest}"
    return f"would have caught {statistic.defect.format(amount=reach.amount)}"


def say(test_p: float, reach: Reach, asked: float | None) -> Word:
    """The word: *differs* by p; else *consistent*, unless the reach is worse than was asked."""
    if test_p <= LEVEL:
        return "differs"
    if reach.amount is None or (asked is not None and reach.amount > asked * (1 + 1e-9)):
        return "unsure"
    return "consistent"


def examine(
    judges: Mapping[str, Judge],
    model: Samples,
    truth: Samples,
    pool: Samples | None = None,
    seed: int = 0,
    reaches: dict[str, Reach] | None = None,
) -> dict[str, Finding]:
    """All judges on one pair of sets.

    Args:
        judges: by name.
        model: the samples in question.
        truth: samples of the true law that no training has seen.
        pool: samples of the true law from which the reach is measured (truth itself may be among them); the truth if
            None.
        seed: of the relabelings.
        reaches: filled as reaches are measured, and read where they are there, so that sets of one size share them.
    """
    check_pair(model, truth, judges)
    rng = np.random.default_rng([seed, 0])
    notes = []
    sides = []
    for name, samples in (("model", model), ("truth", truth)):
        if len(samples) > MOST:
            notes.append(f"judged on {MOST:,} of the {len(samples):,} samples of the {name}")
            samples = samples[np.sort(rng.choice(len(samples), MOST, replace=False))]
        sides.append(samples)
    model, truth = sides
    strata, by = find_strata(model, truth)
    shared = {} if reaches is None else reaches
    level = LEVEL / len(judges)  # the strictest that Holm's steps may ask
    seen: dict[str, tuple[Test, Rows, Rows, Axis]] = {}
    for index, (name, judge) in enumerate(judges.items()):
        m, t = (rows_of(judge.statistic, name, side, strata, by) for side in sides)
        check_groups(m, t)
        seen[name] = (compare(m, t, np.random.default_rng([seed, 1, index])), m, t, judge.statistic.axis(truth))
        if name not in shared:
            shared[name] = measure_reach(
                name, judge, truth if pool is None else pool, (len(m), len(t)), strata, by, level, seed
            )
    adjusted = dict(zip(seen, holm([test.p for test, *_ in seen.values()]), strict=True))
    findings = {}
    for name, (test, m, t, axis) in seen.items():
        reach, judge = shared[name], judges[name]
        note = list(notes)
        if reach.n_model + reach.n_truth < 0.95 * (len(m) + len(t)):
            note.append(f"reach measured at {reach.n_model:,} against {reach.n_truth:,} samples")
        if adjusted[name] <= LEVEL < test.views["energy"]:
            seeing = [view for view, p in test.views.items() if p <= LEVEL]
            note.append(f"seen by its {' and '.join(seeing) or 'views together'}, not by the energy distance")
        verdict = Verdict(
            judge=name,
            word=say(adjusted[name], reach, judge.reach),
            p=adjusted[name],
            p_alone=test.p,
            ratio=test.ratio,
            reach=reach.amount,
            reach_words=reach_words(judge, reach),
            asked=judge.reach,
            n_model=m.groups,
            n_truth=t.groups,
            note="; ".join(note),
            views=dict(test.views),
        )
        k = len(np.atleast_1d(np.asarray(axis.at)))
        findings[name] = Finding(verdict, test, m.features[:, :k], t.features[:, :k], axis)
    return findings


def judge(
    model: Samples | Any,  # noqa: ANN401 - arrays, frames
    truth: Samples | Any,  # noqa: ANN401
    train: Samples | Any | None = None,  # noqa: ANN401
    statistics: Sequence[str | Statistic | SetStatistic] | Mapping[str, Statistic | SetStatistic | Judge] | None = None,
    seed: int = 0,
) -> dict[str, Verdict]:
    """Whether samples, whoever made them, agree with the truth.

    Args:
        model: the samples in question: Samples, an array (n, …), or a frame of numbers.
        truth: true samples that the generator has not seen.
        train: what the generator was trained on, if known; it widens the pool from which the reach is measured, and
            the judge "copies" says whether the generator repeats it.
        statistics: names on the shelf, or statistics; by default all that read this kind of samples and need no
            setting.
        seed: of the relabelings.

    Returns:
        A verdict a judge, by name.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> verdicts = judge(rng.normal(1, 1, (200, 3)), rng.normal(0, 1, (200, 3)))
    >>> verdicts["values"].word
    'differs'
    """
    m, t = _samples(model), _samples(truth)
    if train is None:
        pool = t
    else:
        seen = _samples(train)
        if seen.kind != t.kind or set(seen.given) != set(t.given):
            raise BadInput(
                "train and truth are of different kinds",
                f"{seen.kind!r} and {t.kind!r}",
                "give the same kind of samples",
            )
        _check_unseen(seen, t)
        pool = Samples.join([t, seen])
    whole, statistics = of_sets(statistics)
    judges = {} if whole and not statistics else _chosen(statistics, t)
    verdicts = {name: f.verdict for name, f in examine(judges, m, t, pool, seed).items()} if judges else {}
    if whole:
        verdicts |= check_sets(whole, m, t, None if train is None else seen, seed)
    if train is not None and can_check(t):
        verdicts[COPIES] = check_copies(m, t, seen, seed).verdict
    return verdicts


def _samples(x: Samples | Any) -> Samples:  # noqa: ANN401 - arrays, frames
    if isinstance(x, Samples):
        return x
    numbers = checked(np.asarray(x), "the array")
    kind = guessed(numbers, "the array")
    return Samples.of(shaped(numbers, kind, "the array"), kind, origin="an array")


def _chosen(
    statistics: Sequence[str | Statistic] | Mapping[str, Statistic | Judge] | None, truth: Samples
) -> dict[str, Judge]:
    if statistics is None:
        judges = default_judges(truth)
        if not judges:
            raise BadInput(
                f"no statistic reads samples of kind {truth.kind!r} by default", repr(truth), "name one: statistics=[…]"
            )
        return judges
    if isinstance(statistics, Mapping):
        return {name: s if isinstance(s, Judge) else Judge(s) for name, s in statistics.items()}
    chosen = {}
    for s in statistics:
        statistic = shelf("statistics").load(s)() if isinstance(s, str) else s
        name = s if isinstance(s, str) else type(s).__name__
        chosen[name.replace("_", " ")] = Judge(statistic)
    return chosen


def _check_unseen(train: Samples, truth: Samples) -> None:
    """Truth that the generator was trained on is no truth."""
    seen = {row.tobytes() for row in np.ascontiguousarray(train.array)}
    twice = sum(row.tobytes() in seen for row in np.ascontiguousarray(truth.array))
    if twice:
        raise BadInput(
            "train and truth overlap: the verdict would flatter a model that copies",
            f"{twice} of {len(truth)} true samples are in train",
            "hold the truth out of the training",
        )
