"""Several runs side by side on one page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Two runs or more."""
    parser.add_argument(
        "runs", metavar="RUN", nargs="+", help="run folders, or their names; a study's newest run by the study's name"
    )
    parser.add_argument(
        "-o",
        dest="out",
        type=Path,
        default=Path("comparison.html"),
        metavar="FILE",
        help="the page (default: comparison.html)",
    )
    parser.add_argument(
        "--runs", dest="root", default="runs", metavar="DIR", help="where the runs that are named lie (default: runs)"
    )
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="also the picture at its head, as a .png (default: none)"
    )


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Verdicts by run and judge, and the page."""
    from simulacra.core.errors import BadInput
    from simulacra.reports.compare import write_comparison, write_picture
    from simulacra.runs import find

    if len(asked.runs) < 2:
        raise BadInput("a comparison needs two runs or more", str(len(asked.runs)), "name another RUN")
    runs = [find(name, asked.root) for name in asked.runs]
    if len({run.name for run in runs}) < len(runs):
        raise BadInput("two of the runs are one", ", ".join(run.name for run in runs), "name different runs")
    if asked.picture is not None and asked.picture.suffix != ".png":
        raise BadInput("the picture is a .png file", str(asked.picture), "end its name in .png")
    try:
        write_comparison(runs, asked.out)
        drawn = asked.picture is not None and write_picture(runs, asked.picture)
    except OSError as error:
        raise BadInput(
            "the page cannot be written", f"{asked.out}: {error.strerror}", "choose another place with -o"
        ) from error
    table = {run.name: {name: verdict.to_dict() for name, verdict in run.verdicts.items()} for run in runs}
    found: dict[str, Any] = {"runs": table, "page": str(asked.out)}
    return {**found, "picture": str(asked.picture)} if drawn else found


def words(stated: dict[str, Any]) -> str:
    """A table: judges down, runs across."""
    runs = list(stated["runs"])
    judges = list(dict.fromkeys(judge for row in stated["runs"].values() for judge in row))
    wide = max((len(judge) for judge in judges), default=5)
    lines = [f"{chr(65 + i)}  {name}" for i, name in enumerate(runs)] + [""]
    lines.append(" " * wide + "".join(f"  {chr(65 + i):<20}" for i in range(len(runs))))
    for judge in judges:
        cells = []
        for name in runs:
            verdict = stated["runs"][name].get(judge)
            cells.append(f"{verdict['word']} ({verdict['ratio']:.3g} × floor)" if verdict else "–")
        lines.append(f"{judge:<{wide}}" + "".join(f"  {cell:<20}" for cell in cells))
    lines += ["", f"page  {stated['page']}"]
    return "\n".join([*lines, f"picture  {stated['picture']}"] if "picture" in stated else lines)
