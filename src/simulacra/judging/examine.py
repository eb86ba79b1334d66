"""From two sets of samples to verdicts: the test, the reach, and the word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulacra.comparison.reach import Reach, find_reach
from simulacra.comparison.rows import Rows
from simulacra.comparison.several import holm
from simulacra.comparison.two_samples import Test, compare
from simulacra.core.chance import stream
from simulacra.core.samples import Array, Samples
from simulacra.core.verdict import UNASKED, Verdict, Word
from simulacra.judging.base import (
    LEVEL,
    Judge,
    Strata,
    check_groups,
    check_pair,
    find_strata,
    one_of_each_group,
    reach_words,
    rows_of,
    say,
    statistics_of_rows,
    statistics_of_sets,
)
from simulacra.judging.bindings import bindings, direction
from simulacra.judging.design import same_design
from simulacra.judging.effects import MOST as MOST_EFFECTS
from simulacra.judging.effects import condition_words, effects, named
from simulacra.judging.sets import SetFinding, check_set, check_set_statistic
from simulacra.judging.together import NAME as TOGETHER
from simulacra.judging.together import all_together
from simulacra.statistics.base import Axis, Skipping, Statistic

MOST = 100_000  # rows a set: beyond, a random part is judged
PERMUTATIONS = 999
PLANTED = 3000  # rows a set from which the reach is measured, at most


@dataclass(frozen=True)
class Finding:
    """What a judge saw: features of both sets, the test and the verdict."""

    verdict: Verdict
    test: Test
    model: Array
    truth: Array
    axis: Axis
    direction: str = ""


def measure_reach(
    name: str,
    statistic: Statistic,
    pool: Samples,
    sizes: tuple[int, int],
    strata: Strata,
    by: tuple[str, ...],
    level: float,
    seed: int,
    most: int = 2 * PLANTED,
) -> Reach:
    """The reach of one judge, from samples known to be true, so many at most; see `find_reach`."""
    rng = stream(seed, "pool of the reach")
    wanted = min(len(pool), 2 * sum(sizes), most)
    groups = np.unique(pool.group)
    if wanted < len(pool) and len(groups) == len(pool):  # more rows than needed: a random part will do
        pool = pool[np.sort(rng.choice(len(pool), wanted, replace=False))]
    if isinstance(statistic, Skipping):  # what it cannot read is no part of the pool
        pool = pool[~np.isnan(np.asarray(statistic(pool), dtype=float)).all(axis=1)]
    base = rows_of(statistic, name, pool, strata, by)
    inside = base.stratum >= 0

    def planted(amount: float) -> Rows:
        return rows_of(statistic, name, statistic.perturb(pool, amount), strata, by).take(inside)

    return find_reach(base.take(inside), planted, statistic.amounts, *sizes, rng, level=level)


def examine(
    judges: Mapping[str, Judge],
    model: Samples,
    truth: Samples,
    pool: Samples | None = None,
    seed: int = 0,
    reaches: dict[str, Reach] | None = None,
    train: Samples | None = None,
    permutations: int = PERMUTATIONS,
    together: bool = False,
) -> dict[str, Finding | SetFinding]:
    """All judges on one pair of sets; their p-values are adjusted for their number together.

    Args:
        judges: by name.
        model: the samples in question.
        truth: samples of the true law that no training has seen.
        pool: samples of the true law from which the reach is measured (truth itself may be among them); the truth if
            None.
        seed: of the relabelings.
        reaches: filled as reaches are measured, and read where they are there, so that sets of one size share them.
        train: what the model was trained on; some statistics of sets need it.
        permutations: relabelings of each test.
        together: whether one more judge looks at the features of all at once, where there are two and more.
    """
    check_pair(model, truth, judges)
    for name, whole in statistics_of_sets(judges).items():
        check_set_statistic(name, whole, truth.kind, train)
    shared = {} if reaches is None else reaches
    together = together and len(statistics_of_rows(judges)) > 1
    level = LEVEL / max(1, len(judges) + together)  # the strictest that Holm's steps may ask
    pool = truth if pool is None else pool
    found: dict[str, Finding | SetFinding] = {}
    found |= _by_rows(judges, model, truth, pool, seed, shared, level, permutations, together)
    for name, whole in statistics_of_sets(judges).items():
        asked, known = judges[name].reach, shared.get(name)
        unseen = truth if whole.needs_train else pool  # training samples may be in the pool
        seen = check_set(whole, model, truth, train, unseen, seed, asked, level, known)
        found[name] = replace(seen, verdict=replace(seen.verdict, judge=name))
        shared[name] = seen.reach
    found = {name: found[name] for name in (*judges, TOGETHER) if name in found}
    adjusted = dict(zip(found, holm([finding.verdict.p_alone for finding in found.values()]), strict=True))
    return {name: _adjusted(finding, adjusted[name]) for name, finding in found.items()}


def _adjusted(finding: Finding | SetFinding, p: float) -> Finding | SetFinding:
    """The finding with its p adjusted, and what follows from it."""
    v = finding.verdict
    note = [v.note] if v.note else []
    if v.views and p <= LEVEL < v.views["energy"]:
        seeing = [view for view, alone in v.views.items() if alone <= LEVEL]
        note.append(f"seen by its {' and '.join(seeing) or 'views together'}, not by the energy distance")
    if isinstance(finding, Finding) and finding.direction and p <= LEVEL >= v.views["directions"]:
        note.append(finding.direction)
    word: Word = say(p, v.reach, v.asked)
    if v.judge == TOGETHER and word == "unsure":
        word = UNASKED
    return replace(finding, verdict=replace(v, p=p, word=word, note="; ".join(note)))


def _by_rows(
    judges: Mapping[str, Judge],
    model: Samples,
    truth: Samples,
    pool: Samples,
    seed: int,
    shared: dict[str, Reach],
    level: float,
    permutations: int,
    together: bool,
) -> dict[str, Finding]:
    """What the judges find that are given one row a sample; p is not adjusted yet."""
    statistics = statistics_of_rows(judges)
    if not statistics:
        return {}
    (model, truth), pool, notes = _chosen_rows(model, truth, pool, seed)
    model, truth, said = same_design(model, truth)
    notes += said
    strata, by = find_strata(model, truth)
    rows: dict[str, tuple[Rows, Rows]] = {}
    for name, statistic in statistics.items():  # all of them before any work: a judge that cannot go on says so now
        m, t = (rows_of(statistic, name, side, strata, by) for side in (model, truth))
        check_groups(m, t)
        rows[name] = m, t
    findings = {}
    for index, (name, statistic) in enumerate(statistics.items()):
        m, t = rows[name]
        test, axis = compare(m, t, stream(seed, "judge", index), permutations), statistic.axis(truth)
        if name not in shared:
            shared[name] = measure_reach(name, statistic, pool, (len(m), len(t)), strata, by, level, seed)
        reach, judge = shared[name], judges[name]
        note = [*notes, *_left_out(judge, (model, truth), (m, t))]
        if reach.n_model + reach.n_truth < 0.95 * (len(m) + len(t)):
            note.append(f"reach measured at {reach.n_model:,} against {reach.n_truth:,} samples")
        note += _constant(np.concatenate([m.features, t.features])) + _shares(m, t, axis)
        wrong = effects(m, t, axis, condition_words(strata, by, truth.given_unit))
        wrong += bindings(m, t, axis, MOST_EFFECTS - len(wrong))
        verdict = Verdict(
            judge=name,
            word=say(test.p, reach.amount, judge.reach),
            p=test.p,
            p_alone=test.p,
            ratio=test.ratio,
            reach=reach.amount,
            reach_words=reach_words(statistic, reach),
            asked=judge.reach,
            n_model=m.groups,
            n_truth=t.groups,
            note="; ".join(note),
            views=dict(test.views),
            effects=wrong,
            apart=test.apart,
            apart_interval=test.apart_interval,
        )
        k = len(np.atleast_1d(np.asarray(axis.at)))
        far = direction(m, t, axis) if test.views["directions"] <= LEVEL else ""
        findings[name] = Finding(verdict, test, m.features[:, :k], t.features[:, :k], axis, far)
    if together and (seen := all_together(rows, seed, permutations)):
        verdict, test, (m, t) = seen
        places = Axis("features of all judges", at=tuple(float(i) for i in range(m.features.shape[1])))
        findings[TOGETHER] = Finding(verdict, test, m.features, t.features, places)
    return findings


def _chosen_rows(
    model: Samples, truth: Samples, pool: Samples, seed: int
) -> tuple[tuple[Samples, Samples], Samples, list[str]]:
    """The samples of both sides that are judged, the pool for the reach, and what a reader must know of the choice."""
    rng = stream(seed, "judged samples")
    notes: list[str] = []
    sides: list[Samples] = []
    for name, samples in (("model", model), ("truth", truth)):
        if len(samples) > MOST:
            notes.append(f"judged on {MOST:,} of the {len(samples):,} samples of the {name}")
            samples = samples[np.sort(rng.choice(len(samples), MOST, replace=False))]
        sides.append(samples)
    if len({len(np.unique(side.group)) < len(side) for side in sides}) == 2:
        # labels can be dealt out among groups of one sort: a chain of states is no match for a single draw
        kept = [one_of_each_group(side, rng) for side in sides]
        short = next(i for i, (a, b) in enumerate(zip(kept, sides, strict=True)) if len(a) < len(b))
        notes.append(f"of the {('model', 'truth')[short]}, one sample of each of its {len(kept[short]):,} groups")
        sides, pool = kept, one_of_each_group(pool, rng)
        # the reach can be measured at no more samples than the pool has; draws far beyond that sharpen the test little
        fewer = min(map(len, kept))
        most = max(2 * fewer, len(pool) - fewer)
        sides = [s if len(s) <= most else s[np.sort(rng.choice(len(s), most, replace=False))] for s in kept]
    return (sides[0], sides[1]), pool, notes


def _constant(features: Array) -> list[str]:
    """How many features are the same in all samples of both sets."""
    n, k = int((np.ptp(features, axis=0) == 0).sum()), features.shape[1]
    if not n:
        return []
    verbs = "is constant and says" if n == 1 else "are constant and say"
    return [f"{'all' if n == k else n} of its {k} features {verbs} nothing"]


def _shares(model: Rows, truth: Rows, axis: Axis) -> list[str]:
    """Of a yes or no of each sample (a string is a molecule or none) the shares on both sides."""
    x, y = model.features, truth.features
    if len(axis.at) != 1 or not (np.isin(x[:, 0], (0.0, 1.0)).all() and np.isin(y[:, 0], (0.0, 1.0)).all()):
        return []
    return [f"{named(axis, 0)[0]}: {x[:, 0].mean():.2%} of the model's, {y[:, 0].mean():.2%} of truth's"]


def _left_out(judge: Judge, sets: tuple[Samples, Samples], rows: tuple[Rows, Rows]) -> list[str]:
    """How many samples a judge could not read, where it says of which sort they are."""
    gone = [len(samples) - len(found) for samples, found in zip(sets, rows, strict=True)]
    if not any(gone):
        return []
    skips = judge.statistic.skips if isinstance(judge.statistic, Skipping) else "samples that it cannot read"
    return [f"left out {skips}: {gone[0]:,} of the model's, {gone[1]:,} of the truth's"]
