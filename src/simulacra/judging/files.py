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
from simulacra.judging.asked_reach import with_reach
from simulacra.judging.base import Judge, check_judge, check_pair, default_judges
from simulacra.judging.door import noticed, worded
from simulacra.judging.left_out import NAME, compare_left
from simulacra.judging.reading import How, fingerprint, read_alike
from simulacra.judging.sets import check_set_statistic
from simulacra.judging.trial import judge_sets, keep_some
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
        reach: the defects that must be caught for *consistent* to be said, in the judges' words.
    """
    began = time.monotonic()
    # truth first: it decides the order of a table's columns
    _check_paths(paths)
    parts = read_alike({role: paths[role] for role in ("truth", "model", "train") if role in paths}, how)
    model, truth, train = parts["model"], parts["truth"], parts.get("train")
    judges = with_reach(_chosen(statistics, truth), reach)
    check_pair(model, truth, {})
    for name, judge in judges.items():
        if isinstance(judge.statistic, SetStatistic):
            check_set_statistic(name, judge.statistic, truth.kind, train)
        else:
            check_judge(name, judge, truth.kind)
    _check_train(truth, train)
    held = noticed(parts, block)
    model, truth, train = held.sets["model"], held.sets["truth"], held.sets.get("train")
    files = {role: fingerprint(path) for role, path in paths.items()}
    digest = hashlib.sha256("".join(f"{role} {file['sha256']}\n" for role, file in files.items()).encode()).hexdigest()
    record = {
        "title": f"{paths['model'].name} against {paths['truth'].name}",
        "question": f"Do the samples of {paths['model'].name} agree with the truth of {paths['truth'].name}?",
        "source": f"{paths['truth']}, sha256 {files['truth']['sha256'][:12]}",
        "origin": truth.origin,
        "files": files,
        "data": digest,
        "sizes": {role: len(parts[role]) for role in files},
        "warnings": list(held.warnings),
        "left": {role: x.left.to_dict() for role, x in parts.items()},
        **about,
    }
    run = Run.create(out, "judge", settings, seed, record)
    read = time.monotonic()
    with ending(run, "stopped by hand; judge again", "judge again"):
        keep_some(run, {"truth": truth, "model": model}, seed)
        verdicts = judge_sets(run, judges, {"model": model}, truth, None, train, seed, door=True)
        beside = compare_left(parts["model"].left, parts["truth"].left, seed)
        if beside is not None:
            stated = read_json(run.folder / "verdicts.json")
            rest = {name: part for name, part in stated.items() if name != "verdicts"}
            run.keep_verdicts({**verdicts, "model": {**verdicts["model"], **worded({NAME: beside})}}, rest)
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


def _check_paths(paths: Mapping[str, Path]) -> None:
    """One file in two roles, whatever it is called."""
    roles = list(paths)
    for i, role in enumerate(roles):
        for other in roles[:i]:
            a, b = paths[role], paths[other]
            if not (a.exists() and b.exists()):
                continue
            same = a.samefile(b)
            if same or (a.is_file() and b.is_file() and a.stat().st_size == b.stat().st_size and _equal(a, b)):
                raise BadInput(
                    f"{other} and {role} are one and the same file" + ("" if same else " under two names"),
                    f"{b} and {a}",
                    "name another file for one of them",
                )


def _equal(a: Path, b: Path) -> bool:
    return bool(fingerprint(a)["sha256"] == fingerprint(b)["sha256"])


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
