"""A number of a whole set, held against what it is of true sets: p by relabeling, and the reach by planting."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from simulacra.comparison.crossing import find_crossing
from simulacra.comparison.reach import Reach
from simulacra.comparison.several import holm
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import shelf
from simulacra.core.verdict import LEVEL, Verdict
from simulacra.judging.base import Judge, Strata, check_pair, find_strata, keys_of, reach_words, say
from simulacra.judging.design import same_design
from simulacra.judging.divisions import Halves, is_bad, numbers_of, relabel
from simulacra.statistics.base import Counted, SetStatistic, Statistic, reads

POWER = 0.8
MOST = 1000  # samples a set: beyond, a random part is looked at
ALONE = 30_000  # the same, where the number is of one set alone and needs no distances between all
PERMUTATIONS = 399
COARSE, DRAWS = 50, 200  # planted pairs for each size on the grid, and for a refined one
EACH = 10  # relabelings of each planted pair: all pairs together tell the critical value


@dataclass(frozen=True)
class SetFinding:
    """What a statistic of sets saw.

    Args:
        verdict: in words.
        observed: the number.
        null: the number under relabeling, (permutations,).
        floor: the number of truth against truth, its median; None if truth is too small to be halved.
        reach: what would have been caught.
    """

    verdict: Verdict
    observed: float
    null: Float[np.ndarray, " permutations"]
    floor: float | None
    reach: Reach


def check_set(
    statistic: SetStatistic,
    model: Samples,
    truth: Samples,
    train: Samples | None = None,
    pool: Samples | None = None,
    seed: int = 0,
    asked: float | None = None,
    level: float = LEVEL,
    reach: Reach | None = None,
) -> SetFinding:
    """Whether a set's number is that of true sets.

    Model and truth are divided anew into sets of the same sizes, without replacement, by whole groups and within the
    values of the conditions: a bootstrap would repeat objects, and a repeated object is its own nearest neighbor. If
    both follow one law every division is as good as the actual one, so p is exact. The reach comes from disjoint true
    sets, with the defect planted in one.

    Args:
        statistic: of sets.
        model: the samples in question.
        truth: true samples that the training has not seen.
        train: what the model was trained on.
        pool: unseen true samples from which the reach is measured; the truth if None.
        seed: of the divisions.
        asked: the size of the defect that must be caught for *consistent* to be said.
        level: at which the reach is measured.
        reach: where it is known already.
    """
    name = re.sub("(?<=[a-z])(?=[A-Z])", " ", type(statistic).__name__).lower()
    check_pair(model, truth, {})
    check_set_statistic(name, statistic, truth.kind, train)
    rng = stream(seed, "set statistic")
    note = []
    sides = []
    alone = isinstance(statistic, Counted) and statistic.alone
    most = ALONE if alone else MOST
    for who, samples in (("model", model), ("truth", truth)):
        if len(samples) > most:
            note.append(f"judged on {most:,} of the {len(samples):,} samples of the {who}")
            samples = samples[np.sort(rng.choice(len(samples), most, replace=False))]
        sides.append(samples)
    model, truth = sides
    model, truth, said = same_design(model, truth)
    note += said
    strata, by = find_strata(model, truth)
    stratum = np.concatenate([_strata_of(side, strata, by) for side in (model, truth)])
    pool = truth if pool is None else pool
    of_pool = _strata_of(pool, strata, by)
    pool = _bare(pool)[of_pool >= 0]
    seen = _bare(truth if train is None else train)
    both = Samples.join([_bare(model).but(group=_marked("m", model)), _bare(truth).but(group=_marked("t", truth))])
    test = relabel(statistic, both, seen, np.arange(len(both)) < len(model), PERMUTATIONS, rng, stratum)
    halves = Halves.of(pool, of_pool[of_pool >= 0], (len(model), len(truth)), stream(seed, "halves of a set"))
    if reach is None:
        reach = _reach(statistic, halves, seen, level)
    floor, beside, stated = halves.floor(statistic, seen), "truth against truth", ".3g"
    if alone:  # a count grows with the samples: truth's own is of as many as the model has, or of all there are
        same = np.sort(rng.permutation(len(truth))[: len(model)])
        floor, beside = statistic(truth[same], truth, seen), f"{len(same):,} of truth"
        stated = ",.4g"
    if reach.amount is not None and reach.n_model + reach.n_truth < 0.95 * (len(model) + len(truth)):
        note.append(f"reach measured at {reach.n_model:,} against {reach.n_truth:,} samples")
    beside = "" if floor is None else f", of {beside} {floor:{stated}}"
    note.insert(0, f"{name} {test.observed:{stated}}{beside}")
    verdict = Verdict(
        judge=name,
        word=say(test.p, reach.amount, asked),
        p=test.p,
        p_alone=test.p,
        ratio=test.ratio,
        reach=reach.amount,
        reach_words=reach_words(statistic, reach),
        asked=asked,
        n_model=len(np.unique(model.group)),
        n_truth=len(np.unique(truth.group)),
        note="; ".join(note),
    )
    return SetFinding(verdict, test.observed, test.null, floor, reach)


def check_set_statistic(name: str, statistic: SetStatistic, kind: str, train: Samples | None) -> None:
    """A statistic of sets that cannot read this kind, or lacks the training set, is an error."""
    if not reads(statistic.accepts, kind):
        raise BadInput(
            f"{name} cannot read samples of kind {kind!r}",
            f"it reads {', '.join(statistic.accepts)}",
            "take another statistic",
        )
    if statistic.needs_train and train is None:
        raise BadInput(f"{name} looks at the training set", "none was given", "give train=…, or --train")


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
    level = LEVEL / max(1, len(statistics))
    found = {name: check_set(s, model, truth, train, seed=seed, level=level).verdict for name, s in statistics.items()}
    adjusted = holm([verdict.p for verdict in found.values()])
    return {
        name: replace(v, judge=name, p=p, word=say(p, v.reach, v.asked))
        for (name, v), p in zip(found.items(), adjusted, strict=True)
    }


def _bare(x: Samples) -> Samples:
    return x.but(given={}, given_unit={})


def _strata_of(x: Samples, strata: Strata, by: tuple[str, ...]) -> Array:
    """The stratum of each row, -1 where it has none; one for all without conditions, or with too many values."""
    if not strata:
        return np.zeros(len(x), dtype=int)
    return np.array([strata.get(key, -1) for key in keys_of(x, by)])


def _marked(mark: str, x: Samples) -> Array:
    return np.char.add(mark, x.group.astype(str))


def _reach(statistic: SetStatistic, halves: Halves, train: Samples, level: float) -> Reach:
    """The defect that is caught four times in five.

    All planted pairs are relabeled a few times; together their numbers tell the critical value.
    """
    sizes = sum(part[2] for part in halves.parts), sum(part[3] for part in halves.parts)
    if halves.few:
        return Reach(None, {}, *sizes)
    rng = halves.rng

    def measure(amount: float, refined: bool) -> tuple[int, int]:
        times = DRAWS if refined else COARSE
        found = []
        for _ in range(times):
            a, b, stratum = halves.draw()
            both = Samples.join([statistic.plant(halves.pool[a], train, amount, rng), halves.pool[b]])
            found.append(numbers_of(statistic, both, train, np.arange(len(both)) < len(a), stratum, EACH, rng))
        numbers = np.array(found)
        bad = is_bad(statistic, numbers - np.median(numbers[:, 1:]))
        null = np.sort(bad[:, 1:].ravel())
        larger = len(null) - np.searchsorted(null, bad[:, 0] - 1e-12, "left")
        return int(((1 + larger) / (1 + len(null)) <= level).sum()), times

    found = find_crossing(measure, statistic.amounts, POWER)
    return Reach(found.amount, found.power, *sizes, at_most=found.at_most)
