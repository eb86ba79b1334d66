"""A trial: several sets before the judges, the judge of copies and the controls; kept in a run folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from simulacra.comparison.reach import Reach
from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict
from simulacra.judging.base import Judge
from simulacra.judging.controls import after_controls, can_control, run_controls, run_on_halves
from simulacra.judging.copies import NAME as COPIES
from simulacra.judging.copies import Ground, check_copies
from simulacra.judging.door import worded
from simulacra.judging.each_condition import under_each
from simulacra.judging.evidence import evidence, nearness, numbers
from simulacra.judging.examine import Finding, examine
from simulacra.judging.large import noted
from simulacra.judging.sets import SetFinding
from simulacra.judging.usable import to_dict, usable
from simulacra.kinds.base import has_likeness, kind_of
from simulacra.runs import Run

KEPT = 200  # samples of each set in samples.npz


def judge_sets(
    run: Run,
    judges: Mapping[str, Judge],
    sets: Mapping[str, Samples],
    truth: Samples,
    other: Samples | None,
    train: Samples | None,
    seed: int,
    apart: bool = False,
    door: bool = False,
    reaches: Mapping[str, Reach] | None = None,
) -> dict[str, dict[str, Verdict]]:
    """Verdicts on every set, kept in the run with what the judges saw.

    Args:
        run: where everything is kept.
        judges: by name.
        sets: what is judged: "model", and whatever stands beside it.
        truth: unseen true samples.
        other: further true samples, neither among the truth nor trained on.
        train: what the model was trained on.
        seed: of all chance.
        apart: whether each condition is judged alone as well.
        door: whether these are anybody's samples, and no study's: one more judge looks at all features together, and
            *no difference seen* is said where no reach was asked for.
        reaches: of judges whose reach is known already.

    Returns:
        Verdicts by set and by judge.
    """
    with Progress("judging", len(sets) + 3) as progress:
        known = dict(reaches or {})
        return _judged(run, judges, sets, truth, other, train, seed, apart, door, known, progress)


def _judged(
    run: Run,
    judges: Mapping[str, Judge],
    sets: Mapping[str, Samples],
    truth: Samples,
    other: Samples | None,
    train: Samples | None,
    seed: int,
    apart: bool,
    door: bool,
    reaches: dict[str, Reach],
    progress: Progress,
) -> dict[str, dict[str, Verdict]]:
    pool = Samples.join([some for some in (truth, other, train) if some is not None])
    found: dict[str, dict[str, Finding | SetFinding]] = {}
    for name, samples in sets.items():
        progress.note = name
        found[name] = examine(judges, samples, truth, pool, seed, reaches, train, together=door)
        progress.step()
    compared = {"truth": truth, **sets}
    for judge in judges:
        seen = {name: row[judge] for name, row in found.items()}
        single = {name: finding for name, finding in seen.items() if isinstance(finding, Finding)}
        whole = {name: finding for name, finding in seen.items() if isinstance(finding, SetFinding)}
        run.keep_judge(judge, evidence(single, compared) if single else numbers(whole))
    verdicts = {name: {judge: finding.verdict for judge, finding in row.items()} for name, row in found.items()}
    powers = {name: {"amounts": list(r.power), "power": list(r.power.values())} for name, r in reaches.items()}
    progress.note = "how many may be used"
    worth = to_dict(usable(judges, sets["model"], truth, train, seed))
    extra: dict[str, Any] = {"usable": worth}
    verdicts["model"] = {name: replace(v, usable=worth.get(name)) for name, v in verdicts["model"].items()}
    progress.step(note="copies")
    if train is not None and has_likeness(truth):
        ground = Ground.of(truth, train, seed, other)
        copies = {name: check_copies(x, truth, train, seed, other, ground=ground) for name, x in sets.items()}
        run.keep_judge(COPIES, nearness(copies, compared))
        verdicts = {name: {**row, COPIES: copies[name].verdict} for name, row in verdicts.items()}
        caught = copies["model"].caught.power
        powers[COPIES] = {"amounts": list(caught), "power": list(caught.values())}
    progress.step(note="sets of known fault")
    if can_control(truth, other):
        tried = (
            run_on_halves(judges, truth, train, seed)
            if other is None
            else run_controls(judges, truth, other, train, seed)
        )
        extra["controls"] = {name: control.to_dict() for name, control in tried.items()}
        verdicts = {name: after_controls(row, tried) for name, row in verdicts.items()}
    progress.step()
    if apart:
        each = under_each(judges, sets, truth, pool, seed)
        extra["apart"] = {
            condition: {name: {judge: v.to_dict() for judge, v in row.items()} for name, row in rows.items()}
            for condition, rows in each.items()
        }
    if door:
        verdicts = {name: noted(worded(row), sets[name], truth) for name, row in verdicts.items()}
    run.update(**kind_of(truth).tally(compared, train))
    run.keep_verdicts(verdicts, {"reaches": powers, **extra})
    return verdicts


def keep_some(run: Run, sets: Mapping[str, Samples], seed: int) -> None:
    """A few hundred of each set, to look at: the same random places of all, so that no condition is left out."""
    least = min(map(len, sets.values()))
    places = np.sort(stream(seed, "kept samples").permutation(least)[:KEPT])
    run.keep_samples({name: samples[places] for name, samples in sets.items()})
