"""Controls: sets whose fault is known, put before the judges to see whether they speak up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from simulacra.comparison.reach import Reach
from simulacra.comparison.several import holm
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict, Word
from simulacra.judging.base import Judge, keys_of, statistics_of_sets
from simulacra.judging.copies import NAME as COPIES
from simulacra.judging.copies import Ground, check_copies
from simulacra.judging.design import same_design
from simulacra.judging.examine import examine
from simulacra.judging.independence import depends
from simulacra.judging.windows import windows
from simulacra.kinds.base import has_likeness, kind_of, kinds

MOST = 1000  # samples a control
COLLAPSED = 10  # samples of which a collapsed set has one
FEWEST = 40  # true samples, to be halved where there are no others: smaller halves would show little
BLOCKS = 10  # into which truth is cut where its rows are like the row before them
STRICT = 0.01  # level of all judges together at which truth is taken for false
FEWER = 199  # relabelings: gross faults need no more
TRUTH, COPYCAT = "truth", "copycat"
GROSS = ("collapsed", "blurred", "shifted")  # every judge promises to see one of these


@dataclass(frozen=True)
class Control:
    """What the judges said of a set whose fault is known.

    Args:
        name: of the control.
        fault: in words; empty for truth, which has none.
        caught: the judges that said *differs*.
        missed: whether a promise was broken: a fault that none saw (a copycat: that "copies" did not see), or truth
            that some judge took for false.
        broken: the judges that broke a promise of their own here: to see a copycat (those that look at the training
            set), to see one of the gross faults at least, or to leave truth alone.
    """

    name: str
    fault: str
    caught: tuple[str, ...]
    missed: bool
    broken: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def faults(kind: str) -> dict[str, str]:
    """The fault of each control of a kind, in words; truth has none."""
    of = kind_of(kind)
    return {
        TRUTH: "",
        "copycat": "training samples, drawn again",
        "collapsed": f"one true sample in {COLLAPSED}, each repeated",
        "blurred": f"true samples, {of.blur}",
        "shifted": f"true samples, {of.shift}",
    }


def has_controls(x: Samples) -> bool:
    """Whether the kind says what its controls are."""
    of = kind_of(x)
    return bool(of.blur and of.shift) and has_likeness(x)


def can_control(truth: Samples, other: Samples | None) -> bool:
    """Whether there are controls for samples of this kind, and true samples enough to make them of."""
    known = has_controls(truth)
    return known and (len(truth) >= FEWEST if other is None else min(len(truth), len(other)) >= COLLAPSED)


def halved(truth: Samples, seed: int = 0) -> tuple[Samples, Samples]:
    """Truth in two halves, whole groups and every condition in both, where there are no other true samples."""
    keys = np.unique([" ".join(row) for row in keys_of(truth, tuple(sorted(truth.given)))], return_inverse=True)[1]
    names, owner = np.unique(truth.group, return_inverse=True)
    first = np.zeros(len(names), dtype=int)
    first[owner[::-1]] = keys.ravel()[::-1]  # the condition of each group, by its first row
    order = stream(seed, "halves of the truth").permutation(len(names))
    side = np.zeros(len(names), dtype=bool)
    if depends(truth, TRUTH):  # by turns a block of rows: if they depend on each other, the control of truth notices
        shared = windows(truth)
        place = np.zeros(len(names), dtype=int)
        place[owner if shared is None else owner[shared.order]] = np.arange(len(truth))
        side = place * BLOCKS // len(truth) % 2 == 0
    else:
        order = order[np.argsort(first[order], kind="stable")]
        side[order[::2]] = True
    return truth[side[owner]], truth[~side[owner]]


def controls(true: Samples, train: Samples | None, seed: int = 0) -> dict[str, Samples]:
    """Sets with one known fault each, made of true samples that are not those of the comparison.

    Args:
        true: unseen true samples (validation); beyond 1,000 a random part.
        train: what the model was trained on; without it there is no copycat.
        seed: of all chance.
    """
    if not has_controls(true):
        known = ", ".join(name for name, kind in kinds().items() if kind.blur and kind.shift)
        raise BadInput("there are no controls for samples of this kind", repr(true), f"known: {known}")
    rng = stream(seed, "controls")
    if len(true) > MOST:
        true = true[np.sort(rng.choice(len(true), MOST, replace=False))]
    if len(true) < COLLAPSED or (train is not None and not len(train)):
        raise BadInput(
            "too few true samples for controls",
            f"{len(true)} of them{'' if train is None else f', {len(train)} to copy'}",
            f"give {COLLAPSED}",
        )
    names = np.arange(len(true)).astype(str)
    made = {
        **({} if train is None else {COPYCAT: _like(true, train, rng)}),
        "collapsed": _repeated(true, rng),
        "blurred": true.but(x=kind_of(true).blurred(true, rng)),
        "shifted": true.but(x=kind_of(true).shifted(true, rng)),
    }
    whole = {TRUTH: true, **{name: x.but(id=names) for name, x in made.items()}}
    stated = faults(true.kind)
    return {name: x.but(origin=stated[name] or true.origin) for name, x in whole.items()}


def _like(true: Samples, train: Samples, rng: np.random.Generator) -> Samples:
    """Training samples under the conditions of the true ones, where both have the same."""
    by = sorted(set(true.given) & set(train.given))
    label = [np.array(list(zip(*(x.given[k].astype(str) for k in by), strict=True))) for x in (true, train)]
    at = rng.integers(len(train), size=len(true))
    if by:
        for value in np.unique(label[0], axis=0):
            known = np.flatnonzero((label[1] == value).all(axis=1))
            wanted = np.flatnonzero((label[0] == value).all(axis=1))
            if len(known):
                at[wanted] = rng.choice(known, len(wanted))
    alone = np.arange(len(true)).astype(str)
    return train[at].but(given={k: train.given[k][at] for k in true.given if k in train.given}, group=alone)


def _repeated(true: Samples, rng: np.random.Generator) -> Samples:
    """One sample in ten of each condition, repeated: as a generator does that has lost its variety."""
    by = sorted(true.given)
    label = np.array(list(zip(*(true.given[k].astype(str) for k in by), strict=True))) if by else np.zeros(len(true))
    _, stratum = np.unique(label, axis=0, return_inverse=True)
    at = np.zeros(len(true), dtype=int)
    for s in np.unique(stratum):
        inside = np.flatnonzero(stratum.ravel() == s)
        kept = rng.permutation(inside)[: max(1, len(inside) // COLLAPSED)]
        at[inside] = kept[np.arange(len(inside)) % len(kept)]
    return true.but(x=true.array[at], group=np.arange(len(true)).astype(str))


def run_controls(
    judges: Mapping[str, Judge], truth: Samples, true: Samples, train: Samples | None, seed: int = 0
) -> dict[str, Control]:
    """What these judges, and the judge of copies where the training set is known, say of each control.

    Args:
        judges: by name.
        truth: what they compare with.
        true: unseen true samples that are not among the truth, of which the controls are made.
        train: what the model was trained on.
        seed: of all chance.
    """
    truth, true = _comparable(truth, true)
    ground = None if train is None else Ground.of(truth, train, seed)
    permutations = max(FEWER, 40 * len(judges) - 1)
    words: dict[str, dict[str, Word]] = {}
    for name, samples in controls(true, train, seed).items():
        unasked = {judge: Reach(None, {}, len(samples), len(truth)) for judge in judges}  # only the word is wanted
        heard = examine(judges, samples, truth, truth, seed, unasked, train, permutations)
        found = {k: f.verdict for k, f in heard.items()}
        if train is not None:
            found[COPIES] = check_copies(samples, truth, train, seed, ground=ground).verdict
        words[name] = {judge: verdict.word for judge, verdict in found.items()}
        if name == TRUTH and any(word == "differs" for word in words[name].values()):
            # believed by nothing, if true: so it is asked again, more strictly, before all judges at once
            heard = examine(judges, samples, truth, truth, seed, unasked, train)
            found |= {k: f.verdict for k, f in heard.items()}
            adjusted = holm([verdict.p_alone for verdict in found.values()])
            words[name] = {k: "differs" if p <= STRICT else "consistent" for k, p in zip(found, adjusted, strict=True)}
    stated = {name: tuple(judge for judge, word in row.items() if word == "differs") for name, row in words.items()}
    blunt = [judge for judge in judges if not any(judge in stated[name] for name in GROSS)]
    looking = [k for k, statistic in statistics_of_sets(judges).items() if statistic.needs_train]
    looking += [] if train is None else [COPIES]
    made = {}
    for name, caught in stated.items():
        if name == TRUTH:
            broken, missed = caught, bool(caught)
        elif name == COPYCAT:
            broken, missed = tuple(k for k in looking if k not in caught), COPIES not in caught
        else:
            broken, missed = tuple(k for k in blunt if k not in looking), not caught
        made[name] = Control(name, faults(true.kind)[name], caught, missed, broken)
    return made


def run_on_halves(
    judges: Mapping[str, Judge], truth: Samples, train: Samples | None, seed: int = 0
) -> dict[str, Control]:
    """The controls where there are no other true samples: one half of the truth is held against the other.

    Halves at random are of one law whatever the rows are, so that only ill luck makes a judge take one for false: then
    truth is halved once more. Blocks of rows that follow one another are halved in one way alone.

    Args:
        judges: by name.
        truth: true samples.
        train: what the model was trained on.
        seed: of all chance.
    """
    tried = run_controls(judges, *halved(truth, seed), train, seed)
    if tried[TRUTH].missed and not depends(truth, TRUTH):
        tried = run_controls(judges, *halved(truth, seed + 1), train, seed + 1)
    return tried


def _comparable(truth: Samples, true: Samples) -> tuple[Samples, Samples]:
    """Both sets; without their conditions where halves have too few samples to be compared within them."""
    try:
        same_design(true, truth)
    except BadInput:
        return truth.but(given={}, given_unit={}), true.but(given={}, given_unit={})
    return truth, true


def after_controls(verdicts: Mapping[str, Verdict], tried: Mapping[str, Control]) -> dict[str, Verdict]:
    """The verdicts, *unsure* where a judge broke a promise: it saw no gross fault, no copycat, or took truth for false.

    *differs* stays where the judge is only blunt: a blunt judge that sees a difference has seen one.
    """
    return {name: _after_controls(verdict, tried) for name, verdict in verdicts.items()}


def _after_controls(verdict: Verdict, tried: Mapping[str, Control]) -> Verdict:
    broken = [name for name, control in tried.items() if verdict.judge in control.broken]
    missed = [name for name in broken if name != TRUTH]
    why = []
    if missed:
        why.append(f"saw none of these controls, and one was promised: {', '.join(missed)}")
    if TRUTH in broken:
        why.append("took the control of true samples for false")
    unsure = TRUTH in broken or (bool(missed) and verdict.word == "consistent")
    if not why:
        return verdict
    note = "; ".join([part for part in (verdict.note, *why) if part])
    return replace(verdict, word="unsure" if unsure else verdict.word, note=note)
