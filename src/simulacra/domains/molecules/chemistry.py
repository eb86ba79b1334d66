"""Molecules written as SMILES: whether they are any, their canonical form, descriptors, fingerprint and drawing."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from simulacra.core.errors import extra
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.molecules.parsed import parsed

with extra("chemistry"):
    from rdkit import Chem
    from rdkit.Chem import Descriptors, rdFingerprintGenerator
    from rdkit.Chem import rdMolDescriptors as of_molecule
    from rdkit.Chem.Draw import rdMolDraw2D

KEPT = 300_000  # molecules whose numbers are remembered: planting defects only changes which of them are there
BITS, RADIUS = 256, 2  # of the fingerprint
_MAKER = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS, includeChirality=True)

DESCRIPTORS: dict[str, Callable[[Any], float]] = {
    "molecular weight, Da": Descriptors.MolWt,  # type: ignore[attr-defined]
    "logP": lambda found: float(of_molecule.CalcCrippenDescriptors(found)[0]),
    "polar surface area, Å²": of_molecule.CalcTPSA,
    "hydrogen-bond donors": of_molecule.CalcNumHBD,
    "hydrogen-bond acceptors": of_molecule.CalcNumHBA,
    "rings": of_molecule.CalcNumRings,
    "aromatic rings": of_molecule.CalcNumAromaticRings,
    "rotatable bonds": of_molecule.CalcNumRotatableBonds,
    "sp³ share of carbons": of_molecule.CalcFractionCSP3,
}
"""What a chemist knows a molecule by; logP after Wildman & Crippen (1999), doi:10.1021/ci990307l."""


def molecule(text: str) -> Any:  # noqa: ANN401 - an rdkit molecule
    """The molecule of a SMILES, with rdkit's checks of valence and aromaticity; None if it is none.

    A string without an atom is none.
    """
    found = parsed(text)
    return found if found is not None and found.GetNumAtoms() else None


@lru_cache(maxsize=KEPT)
def _canonical(text: str) -> str:
    found = molecule(text)
    return "" if found is None else str(Chem.MolToSmiles(found))


@lru_cache(maxsize=KEPT)
def _descriptors(text: str) -> tuple[float, ...]:
    found = molecule(text)
    if found is None:
        return (float("nan"),) * len(DESCRIPTORS)
    return tuple(float(measure(found)) for measure in DESCRIPTORS.values())


@lru_cache(maxsize=KEPT)
def _fingerprint(text: str) -> bytes:
    found = molecule(text)
    if found is None:
        return np.unpackbits(np.frombuffer(hashlib.sha256(text.encode()).digest(), dtype=np.uint8)).tobytes()
    counts = _MAKER.GetCountFingerprintAsNumPy(found)
    return bytes(np.minimum(counts, 255).astype(np.uint8).tobytes())


def _each(what: str, texts: Array, measure: Callable[[str], Any]) -> list[Any]:
    found = []
    with Progress(what, len(texts)) as progress:
        for text in texts:
            found.append(measure(str(text)))
            progress.step()
    return found


def canonical(texts: Array) -> list[str]:
    """The one spelling of each molecule, stereochemistry kept; empty where there is none.

    >>> canonical(np.array(["OCC", "C(C)O", "C(", ""]))
    ['CCO', 'CCO', '', '']
    """
    return _each("reading molecules", texts, _canonical)


def valid(texts: Array) -> Bool[np.ndarray, " n"]:
    """Whether each string is a molecule."""
    return np.array([bool(text) for text in canonical(texts)], dtype=bool)


def descriptors(texts: Array) -> Float[np.ndarray, "n descriptors"]:
    """The descriptors of each molecule; NaN throughout where there is none."""
    rows = _each("measuring molecules", texts, _descriptors)
    return np.array(rows, dtype=np.float64).reshape(len(texts), len(DESCRIPTORS))


def fingerprints(texts: Array) -> Float[np.ndarray, "n bits"]:
    """Counts of the circular environments of all atoms to two bonds, folded to 256 numbers, float32.

    A string that is no molecule has bits of chance that follow from its letters, so that it is far from all others.

    References:
        Extended-connectivity fingerprints (Rogers & Hahn, 2010), doi:10.1021/ci100050t
    """
    rows = _each("comparing molecules", texts, _fingerprint)
    return np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(texts), BITS).astype(np.float32)


def broken(text: str) -> str:
    """The string with one mistake that makes it no molecule: its last ring left open, or a branch left open.

    >>> broken("c1ccccc1"), broken("CCO")
    ('c1ccccc', 'CC(')
    """
    outside = [i for i, c in enumerate(text) if c.isdigit() and text.rfind("[", 0, i) <= text.rfind("]", 0, i)]
    opened = [text[:i] + text[i + 1 :] for i in outside[-1:]]
    return next((t for t in [*opened, f"{text[:-1]}("] if t and molecule(t) is None), "(")


def drawing(text: str, side: int) -> Array:
    """The structural formula, (side, side, 3), uint8; a string that is no molecule is written out in red."""
    from PIL import Image, ImageDraw

    found = molecule(text)
    if found is None:
        paper = Image.new("RGB", (side, side), (255, 255, 255))
        across = max(1, (side - 12) // 6)
        lines = [text[i : i + across] for i in range(0, len(text), across)] or ["(empty)"]
        ImageDraw.Draw(paper).multiline_text((6, 6), "\n".join(["no molecule:", *lines]), fill=(178, 24, 43))
        return np.asarray(paper)
    pen = rdMolDraw2D.MolDraw2DCairo(side, side)
    rdMolDraw2D.PrepareAndDrawMolecule(pen, found)
    pen.FinishDrawing()
    return np.asarray(Image.open(io.BytesIO(pen.GetDrawingText())).convert("RGB"))
