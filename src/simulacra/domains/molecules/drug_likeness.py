"""What a medicinal chemist asks of molecules: drug-likeness, alerts, scaffolds, fragments, and nearness to others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from simulacra.core.errors import extra
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.molecules.chemistry import molecule
from simulacra.domains.molecules.screened_alerts import Screened

with extra("chemistry"):
    from rdkit import Chem, rdBase
    from rdkit.Chem import QED, rdFingerprintGenerator
    from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams
    from rdkit.Chem.Scaffolds import MurckoScaffold

KEPT = 300_000
ALERTS = ("PAINS", "BRENK")
BITS = 1024


@lru_cache(maxsize=KEPT)
def qed(text: str) -> float:
    """Drug-likeness, 0 to 1; NaN where a string is no molecule.

    References:
        Quantifying the chemical beauty of drugs (Bickerton et al., 2012), doi:10.1038/nchem.1243
    """
    found = molecule(text)
    return math.nan if found is None else float(QED.qed(found))  # type: ignore[no-untyped-call]


@cache
def _catalog(name: str) -> Screened:
    chosen = FilterCatalogParams()
    chosen.AddCatalog(getattr(FilterCatalogParams.FilterCatalogs, name))
    return Screened.of(FilterCatalog(chosen))


@lru_cache(maxsize=KEPT)
def alerts(text: str) -> tuple[float, ...]:
    """How many parts of a molecule spoil assays (PAINS), and how many are reactive or toxic (Brenk).

    References:
        New substructure filters for removal of pan assay interference compounds (Baell & Holloway, 2010),
        doi:10.1021/jm901137j; Lessons learnt from assembling screening libraries (Brenk et al., 2008),
        doi:10.1002/cmdc.200700139
    """
    found = molecule(text)
    if found is None:
        return (math.nan,) * len(ALERTS)
    return tuple(float(_catalog(name).count(found)) for name in ALERTS)


@lru_cache(maxsize=KEPT)
def scaffold(text: str) -> str:
    """The rings and what links them, as canonical SMILES without stereochemistry; empty where there is no ring.

    References:
        The properties of known drugs. 1. Molecular frameworks (Bemis & Murcko, 1996), doi:10.1021/jm9602928
    """
    found = molecule(text)
    if found is None:
        return ""
    with rdBase.BlockLogs():
        frame = MurckoScaffold.GetScaffoldForMol(found)  # type: ignore[no-untyped-call]
        return str(Chem.MolToSmiles(frame, isomericSmiles=False)) if frame.GetNumAtoms() else ""


@lru_cache(maxsize=KEPT)
def fragments(text: str) -> tuple[str, ...]:
    """The parts that are left when the bonds are cut that chemists make.

    References:
        On the art of compiling and using drug-like chemical fragment spaces (Degen et al., 2008),
        doi:10.1002/cmdc.200800178
    """
    found = molecule(text)
    if found is None:
        return ()
    with rdBase.BlockLogs():
        return tuple(Chem.MolToSmiles(Chem.FragmentOnBRICSBonds(found)).split("."))


@lru_cache(maxsize=KEPT)
def bits(text: str) -> bytes:
    """The circular environments to two bonds, folded to 1,024 bits, packed; empty where a string is no molecule."""
    found = molecule(text)
    return b"" if found is None else np.packbits(_maker().GetFingerprintAsNumPy(found)).tobytes()


@cache
def _maker() -> Any:  # noqa: ANN401 - of RDKit
    return rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)


def tanimoto(a: Sequence[str], b: Sequence[str]) -> Float[np.ndarray, "n m"]:
    """The similarity of each molecule of the first to each of the second, 0 to 1; NaN where one is none."""
    one, other = _unpacked(a), _unpacked(b)
    shared = one @ other.T
    either = one.sum(axis=1)[:, None] + other.sum(axis=1)[None, :] - shared
    return np.asarray(np.divide(shared, either, out=np.full_like(shared, np.nan), where=either > 0))


def _unpacked(texts: Sequence[str]) -> Float[np.ndarray, "n bits"]:
    """Fingerprints as rows; NaN where a string is no molecule."""
    packed = [bits(text) for text in texts]
    known = np.array([bool(one) for one in packed], dtype=bool)
    rows = np.full((len(texts), BITS), np.nan, dtype=np.float32)
    rows[known] = np.unpackbits(np.frombuffer(b"".join(packed), dtype=np.uint8)).reshape(-1, BITS)
    return rows


def each(what: str, texts: Array, measure: Any) -> list[Any]:  # noqa: ANN401 - a function of a string
    """A number of each string, with progress."""
    found = []
    with Progress(what, len(texts)) as progress:
        for text in texts:
            found.append(measure(str(text)))
            progress.step()
    return found


def sane(texts: Array) -> dict[str, Bool[np.ndarray, " n"]]:
    """Ertl's cascade of sanity filters: which molecules pass each stage, whatever they do at the others.

    References:
        In silico generation of novel, drug-like chemical matter using the LSTM neural network (Ertl et al., 2017),
        arXiv:1712.07449
    """
    found = [molecule(str(text)) for text in texts]
    rings = [[] if m is None else [len(ring) for ring in m.GetRingInfo().AtomRings()] for m in found]
    return {
        "a molecule": np.array([m is not None for m in found]),
        "one piece": np.array(["." not in str(text) for text in texts]),
        "no charge in all": np.array([m is not None and Chem.GetFormalCharge(m) == 0 for m in found]),
        "rings of 3 to 8 atoms": np.array([all(3 <= size <= 8 for size in sizes) for sizes in rings]),
        "no PAINS": np.array([m is not None and not alerts(str(t))[0] for m, t in zip(found, texts, strict=True)]),
        "no alert of Brenk's": np.array(
            [m is not None and not alerts(str(t))[1] for m, t in zip(found, texts, strict=True)]
        ),
        "accessible (SA ≤ 6)": _accessible(texts) <= 6,
    }


def _accessible(texts: Array) -> Float[np.ndarray, " n"]:
    from simulacra.domains.molecules.accessibility import accessibility

    return accessibility(texts)
