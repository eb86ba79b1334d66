"""Controls: sets whose fault is known, put before the judges to see whether they speak up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simulacra.comparison.reach import Reach
from simulacra.copying import NAME as COPIES
from simulacra.copying import can_check, check_copies
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.likeness import KINDS
from simulacra.judges import Judge
from simulacra.judging import examine

Array = NDArray[Any]
MOST = 1000  # samples a control
COLLAPSED = 10  # samples of which a collapsed set has one
TRUTH = "truth"


@dataclass(frozen=True)
class Control:
    """What the judges said of a set whose fault is known.

    Args:
        name: of the control.
        fault: in words; empty for truth, which has none.
        caught: the judges that said *differs*.
        missed: whether a promise was broken: a fault that none saw (a copycat: that "copies" did not see), or truth
            that some judge took for false.
    """

    name: str
    fault: str
    caught: tuple[str, ...]
    missed: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


BLURRED = {"lattice": "each spin as the majority of its three by three", "vector": "with noise of their own spread"}
SHIFTED = {"lattice": "one down-spin in ten turned up"}


def faults(kind: str) -> dict[str, str]:
    """The fault of each control of a kind, in words; truth has none."""
    return {
        TRUTH: "",
        "copycat": "training samples, drawn again",
        "collapsed": f"one true sample in {COLLAPSED}, each repeated",
        "blurred": f"true samples, {BLURRED.get(kind, 'smoothed by a pixel')}",
        "shifted": f"true samples, {SHIFTED.get(kind, 'half of their spread too high')}",
    }


def controls(true: Samples, train: Samples, seed: int = 0) -> dict[str, Samples]:
    """Sets with one known fault each, made of true samples that are not those of the comparison.

    Args:
        true: unseen true samples (validation); beyond 1,000 a random part.
        train: what the model was trained on.
        seed: of all chance.
    """
    if true.kind not in KINDS or not can_check(true):
        raise BadInput("there are no controls for samples of this kind", repr(true), f"known: {', '.join(KINDS)}")
    rng = np.random.default_rng([seed, 41])
    if len(true) > MOST:
        true = true[np.sort(rng.choice(len(true), MOST, replace=False))]
    if len(true) < COLLAPSED or not len(train):
        raise BadInput(
            "too few true samples for controls", f"{len(true)} of them, {len(train)} to copy", f"give {COLLAPSED}"
        )
    names = np.arange(len(true)).astype(str)
    made = {
        "copycat": _like(true, train, rng),
        "collapsed": _repeated(true, rng),
        "blurred": true.but(x=blurred(true, rng)),
        "shifted": true.but(x=shifted(true, rng)),
    }
    whole = {TRUTH: true, **{name: x.but(id=names) for name, x in made.items()}}
    told = faults(true.kind)
    return {name: x.but(origin=told[name] or true.origin) for name, x in whole.items()}


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


def blurred(x: Samples, rng: np.random.Generator) -> Array:
    """Smoothed by about a pixel; a lattice by the majority of three by three; rows of numbers by noise."""
    values = x.array
    if x.kind == "lattice":
        votes = ndimage.uniform_filter(values.astype(np.float64), (0, 3, 3), mode="wrap")
        return np.asarray(np.where(votes > 0, 1, -1).astype(values.dtype))
    if x.kind == "field":
        return np.asarray(ndimage.gaussian_filter(values, (0, 1, 1), mode="wrap"))
    if x.kind == "picture":
        return np.asarray(ndimage.gaussian_filter(values, (0, 1, 1, 0)))
    return np.asarray(values + values.std(axis=0) * rng.standard_normal(values.shape), dtype=float)


def shifted(x: Samples, rng: np.random.Generator) -> Array:
    """Half a standard deviation too high; of a lattice one down-spin in ten turned up."""
    values = x.array
    if x.kind == "lattice":
        return np.where((values < 0) & (rng.random(values.shape) < 0.1), -values, values)
    spread = values.std(axis=0) if x.kind == "vector" else values.std()
    return np.asarray(values + 0.5 * spread, dtype=values.dtype if values.dtype.kind == "f" else float)


def run_controls(
    judges: Mapping[str, Judge], truth: Samples, train: Samples, true: Samples, seed: int = 0
) -> dict[str, Control]:
    """What these judges, and the judge of copies, say of each control.

    Args:
        judges: by name.
        truth: what they compare with.
        train: what the model was trained on.
        true: unseen true samples that are not among the truth, of which the controls are made.
        seed: of all chance.
    """
    found = {}
    for name, samples in controls(true, train, seed).items():
        unasked = {judge: Reach(None, {}, len(samples), len(truth)) for judge in judges}  # only the word is wanted
        words = {k: f.verdict.word for k, f in examine(judges, samples, truth, truth, seed, unasked).items()}
        words[COPIES] = check_copies(samples, truth, train, seed).verdict.word
        caught = tuple(judge for judge, word in words.items() if word == "differs")
        promised = bool(caught) if name != "copycat" else COPIES in caught
        found[name] = Control(name, faults(true.kind)[name], caught, bool(caught) if name == TRUTH else not promised)
    return found
