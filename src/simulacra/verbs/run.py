"""Run a study from samples to verdicts, and write its report."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulacra.core import computing
from simulacra.core.errors import BadShelf, needs
from simulacra.core.options import add_settings, named, read_settings
from simulacra.core.seeds import check_seed
from simulacra.core.threads import add_option, check, take
from simulacra.reports.finished import answer_of, words
from simulacra.running.named import build, find

__all__ = ["answer", "arguments", "words"]


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
    computing.add_options(parser, precision=True)
    study = named(words, flags=("--no-report", *computing.FLAGS))
    if study is None:
        return
    entry = find(study)
    own = {"seed", "out", "no-report", "json", "help", *computing.NAMES}
    taken = [s.option for s in entry.settings if s.option in own]
    if taken:
        raise BadShelf("a setting has the name of an option of run", taken[0], f"give it another name in {entry.path}")
    parser.usage = f"{parser.prog} {study} [--setting VALUE …] [--seed N] [--out DIR]".replace("%", "%%")
    parser.description = f"{entry.question}\n\n{entry.title}"
    add_settings(parser, f"settings of {entry.name}", entry.settings)


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Run it; the run's folder, its verdicts and its report."""
    needs("make")
    from simulacra.running.sharing import computed, shared

    means = computing.means_of(asked)
    with shared(asked.devices, asked.nodes, asked.study) as processes:
        run = _run(asked, lambda study: computed(study, {**means, "processes": processes}), means)
    return answer_of(run, report=not asked.no_report)


def _run(asked: argparse.Namespace, computed: Callable[[Any], Any], means: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """From the study to its finished run."""
    entry = find(asked.study)
    settings = read_settings(entry, asked)
    check_seed(asked.seed)
    check(asked.threads)
    study = computed(build(asked.study, settings, asked.seed))
    take(asked.threads)
    helps = {s.name: s.help for s in entry.settings}
    about = {
        "title": entry.title,
        "settings_help": helps,
        "question": study.question or entry.question,
        "file": str(entry.path),
        **({"threads": asked.threads} if asked.threads else {}),
        **({"computing": dict(means)} if means else {}),
    }
    return study.run(seed=asked.seed, out=asked.out, name=entry.name, settings=settings, about=about)
