"""Strings of any list made into molecules that a model can learn from: by stated rules, with a count of what goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import Literal

from simulacra.core.errors import extra
from simulacra.core.progress import Progress
from simulacra.domains.molecules.failures import failure
from simulacra.domains.molecules.parsed import parsed

with extra("chemistry"):
    from rdkit import Chem, rdBase
    from rdkit.Chem.Scaffolds import MurckoScaffold

PORTION = 2000
DASHES = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u2011": "-"})
DASH, SALT, STEREO = "a typographic dash read as -", "the largest of several parts kept", "stereochemistry left out"
NUMBERED, WILD = "atoms' numbers of a reaction left out", "with a place that may be any atom (*)"
LARGE, TWICE = "with more than {largest} heavy atoms", "a molecule that was there before"


@dataclass(frozen=True)
class Rules:
    """How strings become molecules.

    Args:
        salts: "strip" keeps the part with most heavy atoms of a molecule in several; "keep" keeps all.
        stereo: whether the stereochemistry is kept.
        largest: heavy atoms at most; 0 for no limit.
        scaffolds: whether each molecule's Bemis–Murcko scaffold is found.
    """

    salts: Literal["strip", "keep"] = "strip"
    stereo: bool = True
    largest: int = 100
    scaffolds: bool = False


@dataclass
class Cleaned:
    """Canonical strings, each once, with their scaffolds where these were asked for; what was left out and changed."""

    texts: list[str] = field(default_factory=list)
    scaffolds: list[str] = field(default_factory=list)
    out: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)


def cleaned(texts: Sequence[str], rules: Rules, processes: int = 1) -> Cleaned:
    """The molecules of these strings, in their order.

    References:
        The properties of known drugs. 1. Molecular frameworks (Bemis & Murcko, 1996), doi:10.1021/jm9602928
    """
    done, seen = Cleaned(), set[str]()
    portions = [texts[i : i + PORTION] for i in range(0, len(texts), PORTION)]
    with Progress("reading molecules", len(texts)) as progress:
        for rows in _each(portions, rules, processes):
            for text, scaffold, out, changed in rows:
                done.changed.update(changed if not out else ())
                if out or text in seen:
                    done.out[out or TWICE] += 1
                    continue
                seen.add(text)
                done.texts.append(text)
                done.scaffolds.append(scaffold)
            progress.step(len(rows))
    return done


Row = tuple[str, str, str, tuple[str, ...]]


def _each(portions: Sequence[Sequence[str]], rules: Rules, processes: int) -> Iterator[list[Row]]:
    work = partial(_portion, rules=rules)
    if processes < 2 or len(portions) < 2:
        yield from map(work, portions)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, portions)


def _portion(texts: Sequence[str], rules: Rules) -> list[Row]:
    with rdBase.BlockLogs():
        return [_one(text, rules) for text in texts]


def _one(text: str, rules: Rules) -> Row:
    """A molecule's canonical string, its scaffold, why it is left out, and what was changed."""
    plain = text.strip().translate(DASHES)
    changed = [DASH] if plain != text.strip() else []
    found = parsed(plain)
    if found is None or not found.GetNumAtoms():
        return "", "", failure(plain), ()
    if any(atom.GetAtomicNum() == 0 for atom in found.GetAtoms()):
        return "", "", WILD, ()
    numbered = [atom for atom in found.GetAtoms() if atom.GetAtomMapNum()] if ":" in plain else []
    for atom in numbered:
        atom.SetAtomMapNum(0)
    if numbered:
        changed.append(NUMBERED)
        found = parsed(Chem.MolToSmiles(found))  # as it would be without them: [CH3] is C
    if rules.salts == "strip" and "." in plain:
        parts = Chem.GetMolFrags(found, asMols=True)
        if len(parts) > 1:
            found = max(parts, key=lambda part: (part.GetNumHeavyAtoms(), Chem.MolToSmiles(part)))
            changed.append(SALT)
    if rules.largest and found.GetNumHeavyAtoms() > rules.largest:
        return "", "", LARGE.format(largest=rules.largest), ()
    if not rules.stereo and ("@" in plain or "/" in plain or "\\" in plain):
        changed.append(STEREO)
        Chem.RemoveStereochemistry(found)
    if not found.GetNumHeavyAtoms():
        return "", "", "without a heavy atom", ()
    frame = MurckoScaffold.GetScaffoldForMol(found) if rules.scaffolds else None  # type: ignore[no-untyped-call]
    scaffold = "" if frame is None else str(Chem.MolToSmiles(frame))
    return Chem.MolToSmiles(found), scaffold, "", tuple(changed)
