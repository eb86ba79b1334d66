"""Say what mutations of a protein do, from its family's sequences alone."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.options import add_settings, read_settings
from simulacra.core.seeds import check_seed
from simulacra.core.shelf import shelf
from simulacra.core.terminal import plain_text
from simulacra.running.named import build

STUDY = "mutations_compared"
OURS = ("family", "scan", "column", "where", "worse", "shift")


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """The family, what was measured, and where the table goes."""
    parser.add_argument(
        "family", metavar="FAMILY", help="an alignment: a2m, a3m, FASTA, Stockholm or Clustal; the query first"
    )
    parser.add_argument("-o", dest="out", type=Path, required=True, metavar="EFFECTS", help=".csv, a row a variant")
    parser.add_argument("--scan", default="", metavar="MEASURED", help="a table of measured variants, looked at once")
    parser.add_argument("--column", default="", help="heading of the measurement in it")
    parser.add_argument("--where", default="", metavar="HEADING=VALUE", help="rows of the scan to keep")
    parser.add_argument("--worse", action="store_true", help="a higher measurement is a worse protein (1 is damaging)")
    parser.add_argument("--shift", type=int, default=0, help="added to the numbers of the scan's and list's variants")
    parser.add_argument(
        "--variants",
        type=Path,
        metavar="LIST",
        help="score these instead of all singles: A42G or A42G:T77M, one a line",
    )
    parser.add_argument(
        "--run", default="", metavar="RUN", help="score by a trained run, or go on with one; train none"
    )
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: 0)")
    parser.add_argument("--runs", type=Path, default=Path("runs"), metavar="DIR", help="where run folders lie")
    parser.add_argument("--no-report", action="store_true", help="leave out the report")
    entry = shelf("studies").entry(STUDY)
    add_settings(parser, f"settings of {STUDY}", [s for s in entry.settings if s.name not in OURS])


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Train or take up a run, score, write the table."""
    out: Path = asked.out
    if out.suffix != ".csv":
        raise BadInput("effects are written as a table", str(out), "end the name in .csv")
    check_seed(asked.seed)
    entry = shelf("studies").entry(STUDY)
    for name in OURS:
        setattr(asked, f"set_{name}", str(getattr(asked, name)) if name != "worse" else str(asked.worse).lower())
    settings = read_settings(entry, asked)
    from simulacra.core.writing import replacing_text
    from simulacra.domains.proteins.scans import read_variants
    from simulacra.domains.proteins.variants import place, shifted
    from simulacra.running.mutation_study import MutationStudy
    from simulacra.runs import find

    study = build(STUDY, settings, asked.seed)
    assert isinstance(study, MutationStudy)
    family = study.source.family()
    listed = shifted(read_variants(asked.variants), asked.shift) if asked.variants else []
    if listed:  # misfits before the training
        place(listed, family, str(asked.variants))
    study.measured(family)
    for warning in warnings(family):
        sys.stderr.write(plain_text(f"warning: {warning}\n"))
    if asked.run:
        run = find(asked.run)
        if run.state != "done":
            run = study.resume(run)
    else:
        helps = {s.name: s.help for s in entry.settings}
        about = {"title": entry.title, "settings_help": helps, "question": study.question, "file": str(entry.path)}
        run = study.run(asked.seed, asked.runs, entry.name, settings, about)
    table = rows(run, family, listed, str(asked.variants))
    try:
        with replacing_text(out) as file:
            csv.writer(file).writerows(table)
    except OSError as error:
        raise BadInput(
            "the file cannot be written", f"{out}: {error.strerror}", "choose another place with -o"
        ) from error
    path = None
    if not asked.no_report:
        from simulacra.reports.page import write_report

        path = str(write_report(run))
    from simulacra.core.files import read_json

    stated = read_json(run.folder / "mutations.json")
    return {"file": str(out), "variants": len(table) - 1, "run": str(run.folder), "report": path, **stated}


def warnings(family: Any) -> list[str]:  # noqa: ANN401 - a Family
    """What a reader must know before the scores."""
    from simulacra.domains.proteins.family import FEW

    found = []
    if family.effective < FEW:
        found.append(f"{family.effective:.0f} effective sequences are too few to be sure of anything (at least {FEW})")
    return found


def rows(run: Any, family: Any, listed: list[str], origin: str) -> list[list[Any]]:  # noqa: ANN401 - a Run, a Family
    """The table: all singles as the run kept them, or the variants of a list, scored now."""
    import numpy as np

    from simulacra.domains.proteins.variants import place
    from simulacra.keeping.trained import load
    from simulacra.running.mutation_study import score
    from simulacra.skill.mutations import Effects, best_of
    from simulacra.views.residues import Residues

    seen = run.exhibit("mutations")
    if seen is None:
        raise BadRun("this run holds no scores of mutations", run.name, "name one of mutations_compared")
    if str(seen["query"]) != family.query or not np.array_equal(seen["number"], family.number):
        raise BadInput(
            "the run is of another family", f"{seen['query']}, not {family.query}", "train one: leave out --run"
        )
    skipped: dict[int, str] = {}
    if listed:
        trained, placed = load(run), place(listed, family, origin)
        assert isinstance(trained.view, Residues)
        effects = score(trained.model, trained.view, family, placed)
        names, at, skipped = listed, placed.at, dict(placed.skipped)
    else:
        methods = [str(name) for name in seen["methods"]]
        effects = Effects(
            {m: seen[f"score.{i}"] for i, m in enumerate(methods)},
            {m: seen[f"error.{i}"] for i, m in enumerate(methods)},
        )
        names = [str(name) for name in seen["names"]]
        at = list(range(len(names)))
    best = best_of(list(effects.score))
    order = np.argsort(np.argsort(effects.score[best])) / max(len(at) - 1, 1)
    head = ["variant", "score", "sd", "rank", "note"]
    head += [f"{name}{part}" for name in effects.score if name != best for part in ("", " error")]
    place_of = {row: i for i, row in enumerate(at)}
    table: list[list[Any]] = [head]
    for row, name in enumerate(names):
        if row not in place_of:
            table.append([name, "", "", "", skipped[row], *[""] * (len(head) - 5)])
            continue
        i = place_of[row]
        numbers = [effects.score[best][i], effects.error[best][i], order[i]]
        others = [values[m][i] for m in effects.score if m != best for values in (effects.score, effects.error)]
        table.append([name, *(f"{v:.5g}" for v in numbers), "", *(f"{v:.5g}" for v in others)])
    return table


def words(stated: dict[str, Any]) -> str:
    """What was scored, what was not, how good it is, and where everything lies."""
    from simulacra.reports.sections.mutations import sentences

    lines = [
        *sentences(stated),
        f"effects {stated['file']} ({stated['variants']:,} variants)",
        f"run     {stated['run']}",
    ]
    lines += [f"report  {stated['report']}"] if stated["report"] else []
    return "\n".join(lines)
