"""Grow molecules from a core of your own: a trained model of strings writes on where you mark it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput, needs
from simulacra.core.seeds import check_seed

SHOWN = 10


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A core, how many, by which model, where to."""
    parser.add_argument(
        "core", metavar="SMILES", help='marked where it grows: "c1ccc(cc1)[*]", "[*]CC[*]", "CC[*].[*]CN"'
    )
    parser.add_argument("-n", type=int, default=100, help="different molecules (default: 100)")
    parser.add_argument("-o", dest="out", type=Path, default=None, metavar="FILE", help=".smi; the screen if left out")
    parser.add_argument("--run", default="smiles", help="whose strings (default: the shipped smiles)")
    parser.add_argument("--suffix", action="store_true", help="write a core with one mark last, and grow before it")
    parser.add_argument("--seed", type=int, default=None, help="of the draws; fresh chance if left out")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Draw, check, write."""
    if asked.n < 1:
        raise BadInput("at least one molecule must be grown", f"-n {asked.n}", "give -n 1 or more")
    if asked.out is not None and asked.out.suffix != ".smi":
        raise BadInput("grown molecules are written as a list", str(asked.out), "end the name in .smi")
    check_seed(asked.seed or 0)
    for name in ("make", "chemistry"):
        needs(name)
    import numpy as np

    from simulacra.core.writing import write_text
    from simulacra.domains.molecules.drug_likeness import tanimoto
    from simulacra.keeping.strings_between import grow_between, needs_gap
    from simulacra.keeping.strings_opened import grow
    from simulacra.keeping.trained import load

    rng = np.random.default_rng(asked.seed)
    if needs_gap(asked.core, asked.suffix):
        grown = grow_between(load(asked.run), asked.core, asked.n, rng, asked.suffix)
    else:
        grown = grow(load(asked.run), asked.core, asked.n, rng)
    texts = grown.texts
    alike = tanimoto(texts, texts)
    if asked.out is not None:
        write_text(asked.out, "".join(f"{text}\n" for text in texts))
    return {
        "core": asked.core,
        "spelled": grown.spelled,
        "n": len(texts),
        "drawn": grown.drawn,
        "lost": dict(grown.lost.most_common()),
        "diversity": float(1 - alike[np.triu_indices(len(texts), 1)].mean()) if len(texts) > 1 else 0.0,
        "molecules": texts,
        "file": str(asked.out) if asked.out is not None else None,
    }


def words(answered: dict[str, Any]) -> str:
    """The molecules, or their file; and what became of the strings."""
    texts, lost = answered["molecules"], answered["lost"]
    place = [f"in {answered['file']}"] if answered["file"] else ["", *texts[:SHOWN]]
    place += (
        [f"… and {len(texts) - SHOWN} more; -o FILE.smi writes all"] if place[0] == "" and len(texts) > SHOWN else []
    )
    gone = ", ".join(f"{count:,} {why}" for why, count in lost.items()) or "none"
    head = f"{len(texts)} different molecules that hold the core, of {answered['drawn']:,} strings (others: {gone});"
    return "\n".join([f"{head} internal diversity {answered['diversity']:.2f} {place[0]}".rstrip(), *place[1:]])
