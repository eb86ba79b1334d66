"""Make a finished run ready to hand on: weights in half precision, the recipe, and a card with its verdicts."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A run, where to, and what the run itself cannot know."""
    parser.add_argument("run", metavar="RUN", help="a run folder, its name under runs/, or last")
    parser.add_argument(
        "-o", dest="out", type=Path, required=True, metavar="FOLDER", help="to be made; its name is the model's"
    )
    parser.add_argument(
        "--license", required=True, metavar="TEXT", help="under which terms the training data may be used"
    )
    parser.add_argument(
        "--fault", action="append", default=[], metavar="TEXT", help="a known one, beside the judges'; may be repeated"
    )


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Write the folder."""
    from simulacra.core.errors import BadInput, needs
    from simulacra.core.files import read_json

    needs("make")
    from simulacra.keeping.shipping import ship

    try:
        folder = ship(asked.run, asked.out, asked.license, asked.fault)
    except OSError as error:
        raise BadInput(
            "the folder cannot be written", f"{asked.out}: {error.strerror}", "choose another place with -o"
        ) from error
    return {"folder": str(folder), "card": read_json(folder / "card.json")}


def words(stated: dict[str, Any]) -> str:
    """Two lines."""
    weights, folder = stated["card"]["weights"], stated["folder"]
    return (
        f"{folder}: {weights['parameters']:,} parameters in {weights['bytes'] / 2**20:.2g} MiB; in half precision a "
        f"draw changes by {weights['mean_change']:.2g} in the mean\n"
        f"read {folder}/card.md; draw with simulacra sample {folder} -o sheet.png"
    )
