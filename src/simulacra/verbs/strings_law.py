"""`sample` of a model of strings: temperature, nucleus and beam, the options that only such a model has."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from simulacra.core.errors import BadInput

ASIDE = True
SPELLS = "TokenSequence"


def spells(run: str) -> bool:
    """Whether a run's model spells strings of learned tokens; its weights are not read."""
    from simulacra.core.files import read_json
    from simulacra.runs import find

    found = find(run)
    view = read_json(found.folder / "view.json") if (found.folder / "view.json").is_file() else {}
    classes = [str(about.get("recipe", {}).get("class", "")) for about in (found.model, view)]
    return [name.rpartition(":")[2] for name in classes] == [SPELLS, "Strings"]


def add_options(parser: argparse.ArgumentParser, run: str, conditions: Mapping[str, Any]) -> None:
    """Options for a run that spells strings; none for others, and none that is one of its conditions."""
    if not spells(run) or "temperature" in conditions:
        return
    law = parser.add_argument_group(
        "a model of strings", "another law than the model's own, whose verdicts do not hold"
    )
    law.add_argument(
        "--temperature", type=float, default=None, metavar="T", help="below 1 likelier strings (default: 1)"
    )
    law.add_argument(
        "--top-p",
        type=float,
        default=None,
        metavar="P",
        help="each token from the likeliest of this share (default: 1)",
    )
    law.add_argument(
        "--beam", type=int, default=None, metavar="W", help="the n likeliest strings that a beam of W finds, no chance"
    )


def law_asked(asked: argparse.Namespace) -> dict[str, float]:
    """How draws are to depart from the model's law; empty if they are not."""
    law = {name: getattr(asked, name, None) for name in ("temperature", "top_p")}
    found = {name: float(value) for name, value in law.items() if value is not None}
    if not 0 < found.get("temperature", 1.0) < float("inf"):
        raise BadInput("draws have a temperature above 0", f"--temperature {law['temperature']}", "--temperature 1.1")
    if not 0 < found.get("top_p", 1.0) <= 1:
        raise BadInput("the likeliest tokens hold a share of the chance", f"--top-p {law['top_p']}", "--top-p 0.9")
    if getattr(asked, "beam", None) is not None:
        if found:
            raise BadInput("a beam knows no chance", "--beam beside --temperature or --top-p", "leave one of them out")
        if asked.out.suffix not in (".smi", ".npz"):
            raise BadInput("the likeliest strings are a short list", str(asked.out), "end the name in .smi or .npz")
    return {name: value for name, value in found.items() if value != 1}
