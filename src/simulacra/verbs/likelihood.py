"""How likely molecules of your own are under a trained model of strings."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput, needs


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A list, by which model, where to."""
    parser.add_argument("strings", type=Path, metavar="FILE", help="molecules: .smi, .csv, .tsv (.gz), .parquet, .sdf")
    parser.add_argument("-o", dest="out", type=Path, required=True, metavar="FILE", help=".csv: a line a string")
    parser.add_argument("--key", default="", help="the column of a table, where it is not headed SMILES")
    parser.add_argument("--run", default="smiles", help="by whom (default: the shipped smiles)")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Read, weigh, write."""
    if asked.out.suffix != ".csv":
        raise BadInput("likelihoods are written as a table", str(asked.out), "end the name in .csv")
    for name in ("make", "chemistry"):
        needs(name)
    import csv

    import numpy as np

    from simulacra.core.writing import replacing_text
    from simulacra.keeping.strings_opened import likelihood, opened
    from simulacra.keeping.trained import load
    from simulacra.sources.molecules.smiles_library import SmilesLibrary

    trained = load(asked.run)
    _, view = opened(trained)
    read = SmilesLibrary(asked.strings, asked.key).read()
    texts = read.array.tolist()
    nats, why = likelihood(trained, texts)
    tokens = [len(view.alphabet.split(text)) + 1 for text in texts]
    with replacing_text(asked.out) as file:
        table = csv.writer(file)
        table.writerow(["smiles", "log_likelihood_nats", "nats_per_token", "not_read"])
        for text, value, count, reason in zip(texts, nats, tokens, why, strict=True):
            numbers = ["", ""] if np.isnan(value) else [f"{value:.4f}", f"{value / count:.4f}"]
            table.writerow([text, *numbers, reason])
    here = np.isfinite(nats)
    return {
        "file": str(asked.out),
        "n": len(texts),
        "read": int(here.sum()),
        "median": float(np.median(nats[here])) if here.any() else None,
        "left": read.left.lines(),
    }


def words(answered: dict[str, Any]) -> str:
    """How many were weighed, and the median."""
    middle = "" if answered["median"] is None else f"; the median is {answered['median']:.1f} nats a molecule"
    head = (
        f"{answered['read']:,} of {answered['n']:,} molecules weighed, canonical forms, in {answered['file']}{middle}"
    )
    return "\n".join([head, *answered["left"]])
