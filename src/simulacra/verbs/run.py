"""Run a study from samples to verdicts, and write its report."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput, BadShelf, needs
from simulacra.core.setting import Setting
from simulacra.core.shelf import Entry, Shelf, check_settings, read_entry, shelf
from simulacra.core.threads import add_option, check, take


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """The study, its own settings, and where the run goes."""
    parser.add_argument(
        "study", metavar="STUDY", help="a study's name (simulacra list), or a file of your own with a function study()"
    )
    parser.add_argument("--seed", type=int, default=0, help="of all chance in the run (default: 0)")
    parser.add_argument(
        "--out", type=Path, default=Path("runs"), metavar="DIR", help="where run folders lie (default: runs)"
    )
    parser.add_argument("--no-report", action="store_true", help="leave out the report")
    add_option(parser, "default: what its own first steps are fastest with; equal numbers need equal threads")
    study = named(words, flags=("--no-report",))
    if study is None:
        return
    entry = find(study)
    taken = [
        s.option for s in entry.settings if f"--{s.option}" in ("--seed", "--out", "--no-report", "--json", "--help")
    ]
    if taken:
        raise BadShelf("a setting has the name of an option of run", taken[0], f"give it another name in {entry.path}")
    parser.usage = f"{parser.prog} {study} [--setting VALUE …] [--seed N] [--out DIR]".replace("%", "%%")
    parser.description = f"{entry.question}\n\n{entry.title}"
    add_settings(parser, f"settings of {entry.name}", entry.settings)


def add_settings(parser: argparse.ArgumentParser, title: str, settings: Sequence[Setting]) -> None:
    """An option for each setting of a thing on a shelf."""
    group = parser.add_argument_group(title)
    for setting in settings:
        told = f"{setting.help} " if setting.help else ""
        default = f"(default: {setting.default})" if setting.has_default else "(needed)"
        group.add_argument(
            f"--{setting.option}",
            dest=f"set_{setting.name}",
            metavar=setting.type.split(" ")[0].upper().split("[")[0],
            help=(told + default).replace("%", "%%"),
        )


def read_settings(entry: Entry, asked: argparse.Namespace) -> dict[str, Any]:
    """All settings of a thing, as they were asked for or by default."""
    given = {s.name: s.read(text) for s in entry.settings if (text := getattr(asked, f"set_{s.name}")) is not None}
    return check_settings(entry, given)


def named(words: Sequence[str], flags: Sequence[str]) -> str | None:
    """The first word that is neither an option nor an option's value; `flags` are the options without a value."""
    bare = (*flags, "-h", "--help")
    for before, word in zip(["", *words], words, strict=False):
        if not word.startswith("-") and (not before.startswith("-") or before in bare or "=" in before):
            return word
    return None


def find(name: str) -> Entry:
    """A study by its name or its file."""
    path = Path(name)
    if path.suffix == ".py":
        if not path.is_file():
            raise BadShelf(
                "there is no such file", name, "name a study (simulacra list) or a file with a function study()"
            )
        entry = read_entry(path, "study")
        if entry.error:
            raise BadShelf(f"{path.name} is broken", entry.error, "mend it")
        return entry
    return shelf("studies").entry(name)


def build(name: str, settings: dict[str, Any], seed: int) -> Any:  # noqa: ANN401 - a Study; its name would import torch
    """The study with these settings; the first weights of its model follow from the seed."""
    needs("make")
    import torch

    torch.manual_seed(seed)
    path = Path(name)
    home = Shelf(path.parent, "", "study") if path.suffix == ".py" else shelf("studies")
    return home.load(path.stem if path.suffix == ".py" else name)(**settings)


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Run it; the run's folder, its verdicts and its report."""
    entry = find(asked.study)
    settings = read_settings(entry, asked)
    if asked.seed < 0:
        raise BadInput("a seed is not negative", str(asked.seed), "give --seed 0 or more")
    check(asked.threads)
    study = build(asked.study, settings, asked.seed)
    take(asked.threads)
    helps = {s.name: s.help for s in entry.settings}
    about = {
        "title": entry.title,
        "settings_help": helps,
        "question": study.question or entry.question,
        "file": str(entry.path),
        **({"threads": asked.threads} if asked.threads else {}),
    }
    run = study.run(seed=asked.seed, out=asked.out, name=entry.name, settings=settings, about=about)
    return told(run, report=not asked.no_report)


def told(run: Any, report: bool) -> dict[str, Any]:  # noqa: ANN401 - a Run
    """What the command line says of a finished run."""
    from simulacra.reports.sections.classes import sentences
    from simulacra.reports.sentence import summary

    path = None
    if report:
        from simulacra.reports.page import write_report

        path = str(write_report(run))
    record = run.record
    return {
        "run": str(run.folder),
        "state": run.state,
        "seconds": record["seconds"],
        "threads": record.get("threads"),
        "verdicts": {name: verdict.to_dict() for name, verdict in run.verdicts.items()},
        "changed": record.get("changed", []),
        "alarms": record["alarms"],
        "summary": [*summary(run), *([" ".join(sentences(record))] if "classes" in record else [])],
        "report": path,
    }


def words(told: dict[str, Any]) -> str:
    """The three lines, the alarms, and where everything lies."""
    lines = list(told["summary"])
    lines += [f"alarm: {alarm['seen']}; {alarm['advice']}" for alarm in told["alarms"]]
    lines.append(f"run     {told['run']}")
    lines += [f"threads {told['threads']}; the same numbers need the same: --threads"] if told["threads"] else []
    lines += [f"report  {told['report']}"] if told["report"] else []
    return "\n".join(lines)
