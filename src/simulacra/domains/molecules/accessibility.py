"""Synthetic accessibility: how hard a molecule is to make, 1 (easy) to 10, from how common its parts are.

The table of parts comes with RDKit as a pickle of lists of numbers. It is read here without running it: every
instruction but those that make numbers and lists is refused.
"""

from __future__ import annotations

import gzip
import math
import pickletools
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput, extra
from simulacra.core.files import read_npz, write_npz
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.molecules.chemistry import molecule

with extra("chemistry"):
    from rdkit import Chem, RDConfig, rdBase
    from rdkit.Chem import rdFingerprintGenerator
    from rdkit.Chem import rdMolDescriptors as of_molecule

RARE = -4.0  # the score of a part that the table lacks
LOW, HIGH = -4.0, 2.5  # of the raw score
NUMBERS = frozenset(("BININT", "BININT1", "BININT2", "LONG1", "INT", "LONG", "BINFLOAT", "FLOAT"))
PASSED = frozenset(("PROTO", "FRAME", "STOP", "PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"))


def lists_in(data: bytes) -> list[Any]:
    """The lists of numbers in a pickle, which is not run; an error where it holds anything else.

    >>> import pickle
    >>> lists_in(pickle.dumps([[1.5, 2, 3], [-4.0, 5]]))
    [[1.5, 2, 3], [-4.0, 5]]
    """
    stack: list[Any] = []
    for code, value, _ in pickletools.genops(data):
        if code.name in NUMBERS:
            stack.append(value)
        elif code.name in ("EMPTY_LIST", "MARK"):
            stack.append([] if code.name == "EMPTY_LIST" else None)
        elif code.name == "APPEND":
            last = stack.pop()
            stack[-1].append(last)
        elif code.name in ("APPENDS", "LIST"):
            begin = len(stack) - 1 - stack[::-1].index(None)
            items = stack[begin + 1 :]
            del stack[begin:]
            stack[-1].extend(items) if code.name == "APPENDS" else stack.append(items)
        elif code.name not in PASSED:
            raise BadInput("a table of numbers holds something else", code.name, "install RDKit again")
    return list(stack[0])


@cache
def _table() -> dict[int, float]:
    """The score of each part by its number; kept as plain arrays in the user's cache."""
    import pooch

    kept = Path(pooch.os_cache("simulacra")) / "molecules" / f"accessibility-{rdBase.rdkitVersion}.npz"
    if kept.is_file():
        arrays = read_npz(kept)
    else:
        with Progress("reading how common parts of molecules are", 1):
            rows = lists_in(
                gzip.decompress((Path(RDConfig.RDContribDir) / "SA_Score" / "fpscores.pkl.gz").read_bytes())
            )
        parts = np.array([part for row in rows for part in row[1:]], dtype=np.int64)
        arrays = {"parts": parts, "scores": np.repeat([float(row[0]) for row in rows], [len(row) - 1 for row in rows])}
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_npz(kept, arrays)
    return dict(zip(arrays["parts"].tolist(), arrays["scores"].tolist(), strict=True))


@lru_cache(maxsize=300_000)
def _score(text: str) -> float:
    found = molecule(text)
    if found is None:
        return math.nan
    table = _table()
    parts = rdFingerprintGenerator.GetMorganGenerator(radius=2).GetSparseCountFingerprint(found).GetNonzeroElements()
    common = sum(table.get(part, RARE) * n for part, n in parts.items()) / sum(parts.values())
    atoms = found.GetNumAtoms()
    rings = found.GetRingInfo().AtomRings()
    odd = atoms**1.005 - atoms
    chiral = Chem.FindMolChiralCenters(found, includeUnassigned=True)  # type: ignore[no-untyped-call]
    odd += math.log10(len(chiral) + 1)
    odd += math.log10(of_molecule.CalcNumSpiroAtoms(found) + 1)
    odd += math.log10(of_molecule.CalcNumBridgeheadAtoms(found) + 1)
    odd += math.log10(2) if any(len(ring) > 8 for ring in rings) else 0.0
    alike = math.log(atoms / len(parts)) / 2 if atoms > len(parts) else 0.0
    score = 11 - 9 * (common - odd + alike - LOW + 1) / (HIGH - LOW)
    return min(10.0, max(1.0, 8 + math.log(score - 8) if score > 8 else score))


def accessibility(texts: Array) -> Float[np.ndarray, " n"]:
    """The score of each molecule; NaN where a string is none.

    References:
        Estimation of synthetic accessibility score of drug-like molecules (Ertl & Schuffenhauer, 2009),
        doi:10.1186/1758-2946-1-8
    """
    return np.array([_score(str(text)) for text in texts], dtype=np.float64)
