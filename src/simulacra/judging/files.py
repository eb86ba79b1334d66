"""A run without a model: samples from files before the judges, kept in a run folder."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simulacra.core.ending import ending
from simulacra.core.errors import BadInput
from simulacra.core.files import read_json
from simulacra.core.samples import Samples
from simulacra.judging.asked_reach import unknown_reaches, with_reach
from simulacra.judging.base import Judge, check_judge, check_pair, default_judges
from simulacra.judging.by_size import by_size, last_reaches
from simulacra.judging.door import noticed, worded
from simulacra.judging.large import divided, noted, unread
from simulacra.judging.large import words as said
from simulacra.judging.left_out import NAME, compare_left
from simulacra.judging.over_all import over_all
from simulacra.judging.reading import How, check_paths, fingerprint, read_alike
from simulacra.judging.sets import check_set_statistic
from simulacra.judging.trial import judge_sets, keep_some
from simulacra.judging.unseen import unseen
from simulacra.judging.verdicts import check_unseen
from simulacra.runs import Run
from simulacra.statistics.base import SetStatistic, Statistic

Settings = Mapping[str, Any]


def judge_files(
    paths: Mapping[str, Path],
    how: How,
    statistics: Mapping[str, Statistic | SetStatistic] | None,
    seed: int,
    out: Path,
    settings: Settings,
    about: Mapping[str, Any],
    block: int = 1,
    reach: Sequence[str] = (),
) -> Run:
    """Read, judge, and keep everything in a fresh run under `out`; what does not fit is found before there is a run.

    Args:
        paths: "model", "truth", and "train" where it is known.
        how: the files are read.
        statistics: by name; None takes all that read this kind and need no setting.
        seed: of all chance.
        out: where run folders lie.
        settings: to be recorded.
        about: further entries of the record.
        block: so many rows in a row depend on each other.
        reach: the defects that must be caught for *consistent* to be said, in the judges' words; one that no judge
            knows is said to be looked at by none.
    """
    began = time.monotonic()
    # truth first: it decides the order of a table's columns
    check_paths(paths)
    parts = read_alike({role: paths[role] for role in ("truth", "model", "train") if role in paths}, how)
    model, truth, train = parts["model"], parts["truth"], parts.get("train")
    judges = _chosen(statistics, truth)
    lost = unknown_reaches(judges, reach)
    judges = with_reach(judges, [text for text in reach if text not in lost])
    check_pair(model, truth, {})
    for name, judge in judges.items():
        if isinstance(judge.statistic, SetStatistic):
            check_set_statistic(name, judge.statistic, truth.kind, train)
        else:
            check_judge(name, judge, truth.kind)
    _check_train(truth, train)
    held = noticed(parts, block)
    sets, spare = divided(held.sets, seed)
    model, truth, train = sets["model"], sets["truth"], sets.get("train")
    beyond, blind = over_all(model, truth), unseen(judges, truth, seed, lost)
    files = {role: fingerprint(path) for role, path in paths.items()}
    digest = hashlib.sha256("".join(f"{role} {file['sha256']}\n" for role, file in files.items()).encode()).hexdigest()
    record = {
        "title": f"{paths['model'].name} against {paths['truth'].name}",
        "question": f"Do the samples of {paths['model'].name} agree with the truth of {paths['truth'].name}?",
        "source": f"{paths['truth']}, sha256 {files['truth']['sha256'][:12]}",
        "origin": truth.origin,
        "files": files,
        "data": digest,
        "sizes": {role: x.left.taken.of if x.left.taken else len(x) for role, x in parts.items()},
        "warnings": [*blind, *held.warnings, *unread(train)],
        "unseen": blind,
        "left": {role: sets[role].left.to_dict() for role in parts},
        **about,
    }
    run = Run.create(out, "judge", settings, seed, record)
    read = time.monotonic()
    with ending(run, "stopped by hand; judge again", "judge again"):
        keep_some(run, {"truth": truth, "model": model}, seed)
        reaches = {}
        if said(model, truth):
            pool = Samples.join([truth] if spare is None else [truth, spare])
            sizes = by_size(judges, model, truth, pool, seed)
            reaches = last_reaches(sizes)
            large: dict[str, Any] = {"by_size": {name: one.to_dict() for name, one in sizes.items()}}
            run.update(large=large | ({} if beyond is None else {"over_all": beyond.to_dict()}))
        verdicts = judge_sets(run, judges, {"model": model}, truth, spare, train, seed, door=True, reaches=reaches)
        beside = compare_left(parts["model"].left, parts["truth"].left, seed)
        if beside is not None:
            stated = read_json(run.folder / "verdicts.json")
            rest = {name: part for name, part in stated.items() if name != "verdicts"}
            more = noted(worded({NAME: beside}), model, truth)
            run.keep_verdicts({**verdicts, "model": {**verdicts["model"], **more}}, rest)
        ended = time.monotonic()
        run.update(seconds=ended - began, cost={"reading": read - began, "judging": ended - read})
        run.close("done")
    return run


def _chosen(statistics: Mapping[str, Statistic | SetStatistic] | None, truth: Samples) -> dict[str, Judge]:
    if statistics is not None:
        return {name: Judge(statistic) for name, statistic in statistics.items()}
    judges = default_judges(truth)
    if not judges:
        raise BadInput(
            f"no statistic reads samples of kind {truth.kind!r} by default",
            repr(truth),
            "name one with --statistic, or the kind with --kind",
        )
    return judges


def _check_train(truth: Samples, train: Samples | None) -> None:
    """A training set of another sort, or that overlaps truth."""
    if train is None:
        return
    layouts = [(x.kind, x.unit, x.array.shape[1:], sorted(x.given)) for x in (train, truth)]
    if layouts[0] != layouts[1]:
        raise BadInput(
            "train and truth are not of one sort",
            " and ".join(f"{kind} in {unit} {shape}" for kind, unit, shape, _ in layouts),
            "give what the generator was trained on in the form of the truth",
        )
    check_unseen(train, truth)
