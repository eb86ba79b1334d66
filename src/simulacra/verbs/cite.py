"""What to cite, as a list and as BibTeX, when the numbers of a run or of a shipped model are used."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A run."""
    parser.add_argument("run", metavar="RUN", help="a run folder, its name under runs/, or last; or a shipped model")
    parser.add_argument("--bibtex", action="store_true", help="the BibTeX alone, ready for a .bib file")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """The software, the data and the methods."""
    from simulacra.reports.bibtex import entries
    from simulacra.runs import find

    record = find(asked.run).record
    return {
        "software": f"Simulacra {record['versions'].get('simulacra', '')}: generative models for science",
        "study": f"{record['study']}, seed {record['seed']}, began {record['began']}",
        "data": record.get("origin", record.get("source", "")),
        "methods": record.get("references", []),
        "bibtex": entries(record.get("references", []), str(record["versions"].get("simulacra", ""))),
        "alone": asked.bibtex,
    }


def words(stated: dict[str, Any]) -> str:
    """A list, and the same as BibTeX."""
    if stated["alone"]:
        return str(stated["bibtex"])
    methods = [f"  - {reference}" for reference in stated["methods"]]
    return "\n".join(
        [
            f"software  {stated['software']}",
            f"run       {stated['study']}",
            f"data      {stated['data']}",
            "methods",
            *methods,
            "",
            stated["bibtex"],
        ]
    )
