"""Bring your own SMILES into shape: places of all atoms, several shapes of each molecule, by a trained model."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput
from simulacra.core.seeds import check_seed
from simulacra.core.terminal import plain_text

SHOWN = 5  # reasons that are told on the screen


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A list, how many shapes, where to."""
    parser.add_argument("strings", type=Path, metavar="FILE", help="SMILES: .smi, .txt, or a table with that column")
    parser.add_argument("-o", dest="out", type=Path, required=True, metavar="FILE", help=".sdf: a record a shape")
    parser.add_argument("-n", dest="each", type=int, default=1, help="shapes of each molecule (default: 1)")
    parser.add_argument("--run", default="molecules", help="whose shapes (default: the shipped molecules)")
    parser.add_argument("--seed", type=int, default=None, help="of the shapes; fresh chance if left out")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Read, shape, write."""
    out: Path = asked.out
    if out.suffix.lower() != ".sdf":
        raise BadInput("shapes with bonds are written as .sdf alone", str(out), "end the name in .sdf")
    if asked.each < 1:
        raise BadInput("a molecule has one shape at least", f"-n {asked.each}", "give -n 1 or more")
    check_seed(asked.seed or 0)
    from simulacra.sources.molecules.smiles_file import SmilesFile

    read = SmilesFile(asked.strings).read()
    import numpy as np

    from simulacra.keeping.string_shapes import shaped
    from simulacra.keeping.trained import load

    trained = load(asked.run)
    texts = [str(text) for text in read.array]
    began = time.perf_counter()
    found = shaped(trained, texts, asked.each, np.random.default_rng(asked.seed))
    seconds = time.perf_counter() - began
    done = [(str(name), one) for name, one in zip(read.id, found, strict=True) if one.shapes]
    if not done:
        raise BadInput(
            "no string of this file can be brought into shape",
            "; ".join(f"{one.text or '(empty)'}: {one.wrong}" for one in found[:SHOWN]),
            "see what the model knows: simulacra show " + asked.run,
        )
    try:
        _write(done, out)
    except OSError as error:
        raise BadInput(
            "the file cannot be written", f"{out}: {error.strerror}", "choose another place with -o"
        ) from error
    wrong = [{"smiles": one.text, "why": one.wrong} for one in found if one.wrong]
    for one in wrong[:SHOWN]:
        sys.stderr.write(plain_text(f"warning: {one['smiles'] or '(empty)'}: {one['why']}\n"))
    if len(wrong) > SHOWN:
        sys.stderr.write(f"warning: and {len(wrong) - SHOWN} more\n")
    shapes = sum(len(one.shapes) for _, one in done)
    return {
        "file": str(out),
        "molecules": len(done),
        "shapes": shapes,
        "left_out": wrong,
        "milliseconds": round(1e3 * seconds / max(shapes, 1), 2),
    }


def _write(done: Sequence[tuple[str, Any]], out: Path) -> None:
    from rdkit import Chem

    from simulacra.core.writing import replacing_text

    with replacing_text(out) as file:
        writer = Chem.SDWriter(file)
        for name, one in done:
            for k in range(len(one.shapes)):
                one.molecule.SetProp("_Name", name)
                one.molecule.SetProp("SMILES", one.text)
                one.molecule.SetIntProp("shape", k)
                writer.write(one.molecule, confId=k)
        writer.close()


def words(stated: dict[str, Any]) -> str:
    """One line."""
    left = f"; {len(stated['left_out'])} strings not as asked" if stated["left_out"] else ""
    return (
        f"{stated['shapes']} shapes of {stated['molecules']} molecules in {stated['file']}, "
        f"{stated['milliseconds']:.3g} ms each{left}"
    )
