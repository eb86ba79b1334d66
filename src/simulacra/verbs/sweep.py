"""Try settings of a study, choose by its validation score, and run the chosen ones once on truth."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput, needs
from simulacra.core.options import add_settings, named, read_settings
from simulacra.core.seeds import check_seed


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """The study, what is tried of it, and its other settings."""
    parser.add_argument("study", metavar="STUDY", help="a study's name (simulacra list), or a file of your own")
    parser.add_argument("--trials", type=int, default=20, help="in all, those of earlier calls counted (default: 20)")
    parser.add_argument(
        "--over",
        action="append",
        default=[],
        metavar="NAME=…",
        help="a setting that is tried: rate=log(1e-4,1e-2), steps=from(200,800), width=16,32,64; once for each",
    )
    parser.add_argument(
        "--storage", default="", metavar="URL", help="of Optuna (default: sqlite in the folder of runs)"
    )
    parser.add_argument("--processes", type=int, default=1, help="trials at a time (default: 1)")
    parser.add_argument("--scheduler", default="", metavar="ADDRESS", help="of Dask, tcp://…, whose workers run trials")
    parser.add_argument("--seed", type=int, default=0, help="of data and training, the same in each trial (default: 0)")
    parser.add_argument("--out", type=Path, default=Path("runs"), metavar="DIR", help="where runs lie (default: runs)")
    parser.add_argument("--choose-only", action="store_true", help="leave out the run of the chosen settings on truth")
    study = named(words, flags=("--choose-only",))
    if study is not None:
        from simulacra.running.named import find

        entry = find(study)
        taken = {"trials", "over", "storage", "processes", "scheduler", "seed", "out", "choose-only", "json", "help"}
        own = [setting for setting in entry.settings if setting.option not in taken]
        add_settings(parser, f"settings of {entry.name}, the same in each trial", own)


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Try, choose, run."""
    from simulacra.running.named import find
    from simulacra.sweeping.space import EXAMPLE, over

    needs("scale")
    check_seed(asked.seed)
    entry = find(asked.study)
    tried = tuple(over(text, entry.settings) for text in asked.over)
    if not tried or asked.trials < 1:
        given = f"{len(tried)} --over, --trials {asked.trials}"
        raise BadInput("a sweep tries at least one setting, at least once", given, f"for example {EXAMPLE}")
    for setting in entry.settings:
        if not hasattr(asked, f"set_{setting.name}"):
            setattr(asked, f"set_{setting.name}", None)
    twice = [one.name for one in tried if getattr(asked, f"set_{one.name}") is not None]
    if twice or len({one.name for one in tried}) < len(tried):
        raise BadInput("a setting is given twice", ", ".join(twice or asked.over), "give each once")
    names = {one.name for one in tried}
    fixed = {name: value for name, value in read_settings(entry, asked).items() if name not in names}
    return _swept(asked, tried, fixed)


def _swept(asked: argparse.Namespace, tried: tuple[Any, ...], fixed: dict[str, Any]) -> dict[str, Any]:
    from simulacra.bulk.dask_engine import DaskEngine
    from simulacra.bulk.engines import Here
    from simulacra.reports.finished import answer_of
    from simulacra.sweeping.page import write_page
    from simulacra.sweeping.sweep import Sweep, run_chosen, run_sweep

    out: Path = asked.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    storage = asked.storage or f"sqlite:///{out / 'sweeps.db'}"
    study = str(Path(asked.study).absolute()) if asked.study.endswith(".py") else asked.study
    sweep = Sweep(study, tried, fixed, asked.seed, str(out), storage)
    engine = DaskEngine(asked.processes, asked.scheduler) if asked.scheduler else Here(asked.processes)
    found = run_sweep(sweep, asked.trials, engine)
    if not asked.choose_only:
        run, before = run_chosen(sweep, found["best"])
        found |= {"chosen": answer_of(run, report=not before), "before": before}
    found["page"] = str(write_page(out / f"{sweep.name}.html", sweep, found))
    return found


def words(answered: dict[str, Any]) -> str:
    """The best trials, which settings matter, and the verdicts on the chosen ones."""
    states = [row["state"] for row in answered["trials"]]
    counts = ", ".join(f"{states.count(word)} {word}" for word in ("done", "pruned", "failed") if word in states)
    lines = [f"{len(states)} trials: {counts}; score on validation, lower is better"]
    done = sorted((row for row in answered["trials"] if row["state"] == "done"), key=lambda row: row["score"])
    for row in done[:5]:
        stated = ", ".join(
            f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in row["settings"].items()
        )
        lines.append(f"  {row['score']:10.4g}  {stated}")
    if answered["matter"]:
        shares = ", ".join(f"{name} {value:.0%}" for name, value in answered["matter"].items())
        lines.append(f"of what differs among the scores: {shares}")
    if "chosen" in answered:
        from simulacra.reports.finished import words as said

        lines += ["the chosen settings on truth" + (", as they were run before" if answered["before"] else "") + ":"]
        lines.append(said(answered["chosen"]))
    return "\n".join([*lines, f"page: {answered['page']}"])
