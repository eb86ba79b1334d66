"""`simulacra.judge`: verdicts on anybody's samples in Python, from arrays, frames or Samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.part import Part
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.core.verdict import Verdict
from simulacra.judging.asked_reach import unknown_reaches, with_reach
from simulacra.judging.base import Judge, check_pair, default_judges
from simulacra.judging.controls import after_controls, can_control, run_on_halves
from simulacra.judging.copies import NAME as COPIES
from simulacra.judging.copies import check_copies, check_train
from simulacra.judging.door import noticed, worded
from simulacra.judging.equal import equal_samples
from simulacra.judging.examine import examine
from simulacra.judging.large import divided, noted, unread
from simulacra.judging.left_out import NAME as LEFT_OUT
from simulacra.judging.left_out import compare_left
from simulacra.judging.matched import matched
from simulacra.judging.over_all import over_all
from simulacra.judging.reading import from_files
from simulacra.judging.sets import of_sets
from simulacra.judging.unseen import unseen
from simulacra.judging.usable import to_dict
from simulacra.judging.usable import usable as how_many
from simulacra.kinds.base import has_likeness
from simulacra.sources.base import Stream
from simulacra.sources.files.columns import by_place
from simulacra.sources.files.shapes import checked, doubtful, guessed, prepared, shaped
from simulacra.sources.files.stored import StoredArray, taken
from simulacra.sources.files.stream_rows import read_part
from simulacra.sources.files.table import frames_alike
from simulacra.statistics.base import SetStatistic, Statistic


def judge(
    model: Samples | Any,  # noqa: ANN401 - arrays, frames
    truth: Samples | Any,  # noqa: ANN401
    train: Samples | Any | None = None,  # noqa: ANN401
    statistics: Sequence[str | Statistic | SetStatistic] | Mapping[str, Statistic | SetStatistic | Judge] | None = None,
    seed: int = 0,
    block: int = 1,
    reach: str | Sequence[str] = (),
    usable: bool = False,
) -> dict[str, Verdict]:
    """Whether samples, whoever made them, agree with the truth.

    Args:
        model: the samples in question: Samples, an array (n, …), a pandas frame, a list of SMILES, a stream, or the
            path of a file or folder as the command line reads it. Of what does not fit into memory, also a memory map
            or an array of Zarr or HDF5, a random part is judged, as every note then says.
        truth: true samples that the generator has not seen.
        train: what the generator was trained on, if known; it widens the pool from which the reach is measured, and
            the judge "copies" says whether the generator repeats it.
        statistics: names on the shelf, or statistics; by default all that read this kind of samples and need no
            setting.
        seed: of the relabelings.
        block: so many rows in a row depend on each other (a Markov chain's states, a film's frames).
        reach: the defects that must be caught for *consistent* to be said, in the judges' words ("mean 10 %"); without
            one the word is *no difference seen*. Of one that no judge knows the notes say that none looks at it.
        usable: whether to find how many of the samples may be used, and what they are worth; this takes a while.

    Returns:
        A verdict a judge, by name, as the command line has it, after the same sets of known fault. Where there are two
        judges and more, "all together" looks at the features of all. What was noticed of the samples (rows that depend
        on each other, equal samples, units) stands in the notes.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> verdicts = judge(rng.normal(1, 1, (200, 3)), rng.normal(0, 1, (200, 3)))
    >>> verdicts["values"].word
    'differs'
    """
    model, truth, train = frames_alike(*from_files({"model": model, "truth": truth, "train": train}, seed))
    part = Part(seed=seed)
    read = {"truth": _samples(truth, part), "model": _samples(model, part)}
    read |= {} if train is None else {"train": _samples(train, part)}
    kinds = {x.kind for x in read.values()}
    if len(kinds) > 1 and kinds <= {"field", "lattice", "picture"}:
        read = matched(read)
    check_pair(read["model"], read["truth"], {})
    if "train" in read:
        _check_seen(read["train"], read["truth"])
    read = matched(read)
    held = noticed(read, block)
    sets, spare = divided(held.sets, seed)
    m, t, seen = sets["model"], sets["truth"], sets.get("train")
    beyond = over_all(m, t)
    pool = Samples.join([x for x in (t, spare, seen) if x is not None])
    whole, statistics = of_sets(statistics)
    judges = {} if whole and not statistics else _chosen(statistics, t)
    judges |= {name: Judge(statistic) for name, statistic in whole.items()}
    asked = [reach] if isinstance(reach, str) else reach
    lost = unknown_reaches(judges, asked)
    judges = with_reach(judges, [text for text in asked if text not in lost])
    blind = unseen(judges, t, seed, lost)
    found = examine(judges, m, t, pool, seed, train=seen, together=True)
    verdicts = {name: f.verdict for name, f in found.items()}
    if usable:
        worth = to_dict(how_many(judges, m, t, seen, seed))
        verdicts = {name: replace(v, usable=worth.get(name)) for name, v in verdicts.items()}
    if seen is not None and has_likeness(t):
        verdicts[COPIES] = check_copies(m, t, seen, seed, spare).verdict
    if can_control(t, None):
        verdicts = after_controls(verdicts, run_on_halves(judges, t, seen, seed))
    beside = compare_left(read["model"].left, read["truth"].left, seed)
    verdicts |= {} if beside is None else {LEFT_OUT: beside}
    verdicts = noted(worded(verdicts), m, t)
    warnings = [*blind, *held.warnings, *unread(seen), *([beyond.words()] if beyond else [])]
    if warnings:
        notes = {name: "; ".join(filter(None, [v.note, *warnings])) for name, v in verdicts.items()}
        verdicts = {name: replace(v, note=notes[name]) for name, v in verdicts.items()}
    return verdicts


def _check_seen(seen: Samples, truth: Samples) -> None:
    """A training set of another sort than the truth, or one that holds some of it."""
    if seen.kind != truth.kind or set(seen.given) != set(truth.given):
        raise BadInput(
            "train and truth are of different kinds",
            f"{seen.kind!r} and {truth.kind!r}",
            "give the same kind of samples",
        )
    if has_likeness(truth):
        check_train(seen, truth)
    check_unseen(seen, truth)


def _samples(x: Samples | Any, part: Part) -> Samples:  # noqa: ANN401 - arrays, frames
    if isinstance(x, Samples):
        return x
    if isinstance(x, Stream):
        return read_part(x, part)
    sliced = isinstance(getattr(x, "dtype", None), np.dtype) and hasattr(x, "__getitem__") and np.ndim(x) > 0
    array, known = taken(StoredArray(x), part) if sliced else (np.asarray(x), None)
    if array.dtype.kind == "U" and array.ndim == 1:
        return Samples.of(array, "smiles", origin="a list of SMILES")
    numbers, _ = prepared(checked(array, "the array"))
    kind = guessed(numbers, "the array")
    ready = shaped(numbers, kind, "the array")
    left = Left(of=len(ready), warned=tuple(doubtful(ready, kind)), taken=known)
    return by_place(replace(Samples.of(ready, kind, origin="an array"), left=left), known)


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


def check_unseen(train: Samples, truth: Samples) -> None:
    """Truth that the generator was trained on is no truth; rows of few levels coincide by chance."""
    seen = equal_samples(truth, train)
    if seen.beyond:
        raise BadInput(
            "train and truth overlap: the verdict would flatter a model that copies",
            f"{len(seen.pairs)} of {len(truth)} true samples are in train",
            "hold the truth out of the training",
        )
