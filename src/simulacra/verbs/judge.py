"""Whether samples, whoever made them, agree with the truth."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput, BadShelf
from simulacra.core.options import add_settings, read_settings
from simulacra.core.seeds import check_seed
from simulacra.core.setting import Setting
from simulacra.core.shelf import Entry, shelf
from simulacra.core.threads import add_option, check, take

HELPS = {
    "samples": "what was judged",
    "truth": "what it was judged against",
    "train": "what the generator was trained on",
    "statistic": "the statistics that were asked for; otherwise all that read this kind and need no setting",
    "key": "name of the array, or of the column of a table",
    "kind": "of the samples, where the file does not state",
    "given": "columns within whose values samples are compared",
    "group": "column that names which rows depend on each other",
    "reach": "the defects that had to be caught",
    "columns": "columns that were compared",
    "types": "what columns are, where that was overruled",
    "ignore": "conditions that were passed over",
    "block": "so many rows in a row depend on each other",
    "size": "pixels along a side of pictures",
    "most": "samples of each file that were taken, at random, at most",
}

LISTED = ("statistic", "given", "types", "ignore", "reach")  # options that may be repeated
ONCE = ("train", "key", "kind", "group", "columns")


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Two or three files, and the statistics with their settings."""
    parser.add_argument(
        "samples",
        metavar="SAMPLES",
        type=Path,
        help=".npy, .npz, .zarr, .h5 or .fits; a table (.csv, .parquet); SMILES (.smi, or a table with such a "
        "column); molecules in space (.sdf, .xyz, .extxyz, .npz of Z, R and n_atoms); a folder or archive of pictures; "
        "a folder that `sample` drew into, or of tar shards; what does not fit into memory is read in blocks",
    )
    parser.add_argument("truth", metavar="TRUTH", type=Path, help="true samples that the generator has not seen")
    parser.add_argument(
        "--train",
        metavar="TRAIN",
        type=Path,
        help="what the generator was trained on: copies of it are looked for, and it widens the pool for the reach",
    )
    parser.add_argument(
        "--statistic",
        action="append",
        metavar="NAME",
        help="a statistic (simulacra list statistics), with its settings as options: --statistic power_spectrum "
        "--box 100; may be repeated (default: all that read this kind of samples and need no setting)",
    )
    parser.add_argument(
        "--key", default="", help="name of the array in .npz, .h5 or FITS files, or of a table's column"
    )
    parser.add_argument(
        "--kind", default="", help=f"{', '.join(shelf('kinds').names())}; known from the file if left out"
    )
    parser.add_argument(
        "--given",
        action="append",
        metavar="COLUMN",
        help="a table's column within whose values samples are compared (temperature, class); may be repeated",
    )
    parser.add_argument(
        "--group", default="", metavar="COLUMN", help="a table's column that names which rows depend on each other"
    )
    parser.add_argument(
        "--reach",
        action="append",
        metavar="DEFECT",
        help='the defect that matters to you, in the judge\'s words, as in "mean 10 %%": who would have missed it is '
        "unsure; may be repeated",
    )
    parser.add_argument(
        "--block",
        type=int,
        default=1,
        metavar="N",
        help="so many rows in a row depend on each other, in each file: a Markov chain's states, a film's frames",
    )
    parser.add_argument("--columns", default="", metavar="A,B", help="columns of tables to compare (default: all)")
    parser.add_argument(
        "--as",
        dest="types",
        action="append",
        metavar="COLUMN=TYPE",
        help="what a column is, where it is taken for something else: number, category, aside, or levels "
        "that go up ('low<middle<high'); may be repeated",
    )
    parser.add_argument(
        "--ignore", action="append", metavar="NAME", help="a condition found beside samples that is to be passed over"
    )
    parser.add_argument("--size", type=int, default=64, help="side to which pictures are brought, pixels (default: 64)")
    parser.add_argument(
        "--most",
        type=int,
        default=0,
        metavar="N",
        help="judge N samples of each file at most, at random (default: all; 10,000 of a file of more than 512 MiB)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the relabelings (default: 0)")
    parser.add_argument(
        "--out", type=Path, default=Path("runs"), metavar="DIR", help="where run folders lie (default: runs)"
    )
    parser.add_argument("--no-report", action="store_true", help="leave out the report")
    add_option(parser, "default: as the libraries below choose")
    many = parser.add_argument_group(
        "sets that do not fit into memory", "their blocks may be read by others; the numbers are the same"
    )
    many.add_argument("--engine", choices=("here", "dask"), default=None, help="who reads (default: this process)")
    many.add_argument("--processes", type=int, default=1, metavar="N", help="of this machine that read (default: 1)")
    many.add_argument("--scheduler", default="", metavar="ADDRESS", help="of Dask, tcp://…; its workers see the files")
    many.add_argument(
        "--slurm", type=Path, default=None, metavar="FILE", help="JSON: arguments of SLURMCluster, and jobs"
    )
    taken = set(parser._option_string_actions)
    entries = named(words)
    settings = shared(entries)
    clash = [s.option for s in settings if f"--{s.option}" in taken]
    if clash:
        raise BadShelf("a setting has the name of an option of judge", clash[0], "give it another name in its file")
    if settings:
        add_settings(parser, f"settings of {', '.join(entry.name for entry in entries)}", settings)


def named(words: Sequence[str]) -> list[Entry]:
    """The statistics that the words ask for, once each."""
    found = [
        word.removeprefix("--statistic=")
        for before, word in pairwise(["", *words])
        if before == "--statistic" or word.startswith("--statistic=")
    ]
    return [shelf("statistics").entry(name) for name in dict.fromkeys(found) if not name.startswith("-")]


def shared(entries: Sequence[Entry]) -> list[Setting]:
    """The settings of several statistics; one that two have by the same name is one option, for both."""
    owners: dict[str, list[str]] = {}
    for entry in entries:
        for setting in entry.settings:
            owners.setdefault(setting.name, []).append(entry.name)
    first = {setting.name: setting for entry in reversed(entries) for setting in entry.settings}
    needed = {s.name for entry in entries for s in entry.settings if not s.has_default}
    return [
        replace(
            first[name],
            help=first[name].help + (f" (of {' and '.join(of)} alike)" if len(of) > 1 else ""),
            has_default=name not in needed,
        )
        for name, of in owners.items()
    ]


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """The run, its verdicts and its report."""
    from simulacra.judging.files import judge_files
    from simulacra.judging.reading import How
    from simulacra.sources.files.shared_blocks import shared_among

    check_seed(asked.seed)
    if asked.most < 0:
        raise BadInput("a number of samples is not negative", str(asked.most), "give --most 1000, or leave it out")
    check(asked.threads)
    entries = [shelf("statistics").entry(name) for name in dict.fromkeys(asked.statistic or ())]
    chosen = {entry.name: read_settings(entry, asked) for entry in entries}
    statistics = {name.replace("_", " "): shelf("statistics").load(name)(**s) for name, s in chosen.items()}
    paths = {"model": asked.samples, "truth": asked.truth, **({"train": asked.train} if asked.train else {})}
    how = How(
        asked.key,
        asked.kind,
        asked.size,
        tuple(asked.given or ()),
        asked.group,
        asked.most,
        *_columns(asked),
        seed=asked.seed,
    )
    settings = _settings(asked, [setting for values in chosen.values() for setting in values.items()])
    about = {
        "settings_help": {**HELPS, **{s.name: s.help for s in shared(entries)}},
        "command": _command(asked, settings),
    }
    take(asked.threads)
    reach = tuple(asked.reach or ())
    paths = {role: path.absolute() for role, path in paths.items()} if asked.scheduler or asked.slurm else paths
    with shared_among(_engine(asked)):
        run = judge_files(paths, how, statistics or None, asked.seed, asked.out, settings, about, asked.block, reach)
    path = None
    if not asked.no_report:
        from simulacra.reports.page import write_report

        path = str(write_report(run))
    return {
        "samples": str(asked.samples),
        "truth": str(asked.truth),
        "sizes": run.record["sizes"],
        "warnings": run.record["warnings"],
        "unseen": run.record["unseen"],
        "left": run.record["left"],
        **({"large": run.record["large"]} if "large" in run.record else {}),
        "counted": _counted(run.record),
        "run": str(run.folder),
        "state": run.state,
        "seconds": run.record["seconds"],
        "verdicts": {name: v.to_dict() for name, v in run.verdicts.items()},
        "report": path,
    }


def _engine(asked: argparse.Namespace) -> Any:  # noqa: ANN401 - an Engine; its name would import its room
    """Who reads the blocks of sets that do not fit; None for this process alone."""
    from simulacra.verbs.in_shards import engine_of

    if (asked.scheduler or asked.slurm) and asked.engine == "here":
        raise BadInput("schedulers and SLURM are Dask's", "--engine here", "give --engine dask")
    if asked.processes == 1 and not (asked.engine == "dask" or asked.scheduler or asked.slurm):
        return None
    engine = engine_of(asked)
    engine.check()
    return engine


def _counted(record: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """How many samples of each set are valid, where the kind of sample says so."""
    found = [part["sets"] for part in record.values() if isinstance(part, dict) and isinstance(part.get("sets"), dict)]
    rows = {name: row for sets in found for name, row in sets.items() if isinstance(row, dict)}
    return {name: {"n": row["n"], "valid": row["valid"]} for name, row in rows.items() if {"n", "valid"} <= set(row)}


def _columns(asked: argparse.Namespace) -> tuple[tuple[str, ...], ...]:
    """The columns, what they are, and the conditions that are ignored."""
    named = tuple(name.strip() for name in asked.columns.split(",") if name.strip())
    return named, tuple(asked.types or ()), tuple(asked.ignore or ())


def _settings(asked: argparse.Namespace, chosen: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """What was asked for, beyond what is so by default."""
    said = {name: getattr(asked, name) for name in LISTED + ONCE}
    stated: dict[str, Any] = {"samples": asked.samples, "truth": asked.truth}
    stated |= {name: value for name, value in said.items() if value}
    stated |= {"size": asked.size} if asked.size != 64 else {}
    stated |= {"most": asked.most} if asked.most else {}
    stated |= {"block": asked.block} if asked.block != 1 else {}
    stated |= dict(chosen)
    return {k: ", ".join(v) if isinstance(v, list) else str(v) if isinstance(v, Path) else v for k, v in stated.items()}


def _command(asked: argparse.Namespace, settings: Mapping[str, Any]) -> str:
    """The command line that judges this again."""
    words = ["simulacra", "judge", str(asked.samples), str(asked.truth)]
    for name, value in settings.items():
        if name not in ("samples", "truth") and value is not None:
            for one in getattr(asked, name) if name in LISTED else [value]:
                words += ["--as" if name == "types" else f"--{name.replace('_', '-')}", str(one)]
    return shlex.join([*words, "--seed", str(asked.seed)])


def words(stated: dict[str, Any]) -> str:
    """A line a judge, and where everything lies."""
    from simulacra.core.verdict import Verdict

    found = [Verdict.from_dict(values) for values in stated["verdicts"].values()]
    sizes = stated["sizes"]
    lines = [f"{stated['samples']} against {stated['truth']}: {sizes['model']:,} against {sizes['truth']:,} samples"]
    if (found[0].n_model, found[0].n_truth) < (sizes["model"], sizes["truth"]) and not found[0].note:
        lines[0] += f", of which {found[0].n_model:,} and {found[0].n_truth:,} are independent"
    lines += [f"warning: {text}" for text in stated["warnings"]]
    lines += _read_lines(stated["left"])
    valid = [
        f"{name} {r['valid']:,} of {r['n']:,} ({r['valid'] / r['n']:.1%})"
        for name, r in stated.get("counted", {}).items()
    ]
    lines += [f"valid: {', '.join(valid)}"] if valid else []
    lines += [str(verdict) + (f" [{verdict.note}]" if verdict.note else "") for verdict in found]
    large = stated.get("large", {})
    lines += [large["over_all"]["words"]] if "over_all" in large else []
    lines += [f"{name}: {one['words']}" for name, one in large.get("by_size", {}).items()]
    if "train" not in sizes:
        lines.append("copies: not looked for (give what the generator was trained on: --train FILE)")
    lines.append(f"run     {stated['run']}")
    lines += [f"report  {stated['report']}"] if stated["report"] else []
    return "\n".join(lines)


def _read_lines(left: Mapping[str, Any]) -> list[str]:
    """What was left out, changed and set aside of each file; once where it is the same of all."""
    from simulacra.core.left import Left

    lines = {role: Left.from_dict({**part, "warned": ()}).lines() for role, part in left.items()}
    shared = [line for line in next(iter(lines.values()), []) if all(line in other for other in lines.values())]
    found = [f"all: {line}" if len(lines) > 1 else line for line in shared]
    return found + [f"{role}: {line}" for role, some in lines.items() for line in some if line not in shared]
