"""Mutations as people write them, A42G or A42G:T77M, on a family's columns and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from simulacra.core.errors import BadInput
from simulacra.domains.proteins.family import Family
from simulacra.domains.proteins.residues import ALPHABETS

ONE = re.compile(r"^(?:p\.)?([A-Za-z*])(\d+)([A-Za-z*=\-])$")
SPLIT = re.compile(r"[:,;/ +]+")
SHIFTS = 2000  # how far a numbering may be off to be found


@dataclass(frozen=True, eq=False)
class Placed:
    """Variants on a family.

    Args:
        names: as they were written, of those that can be scored.
        codes: their sequences, (variants, columns).
        at: their places in the list that was given.
        skipped: the others, by their place, and why they are not scored.
    """

    names: list[str]
    codes: UInt8[np.ndarray, "variants columns"]
    at: list[int]
    skipped: Mapping[int, str]


def parsed(text: str) -> list[tuple[str, int, str]]:
    """Wild type, number and new letter of each mutation; an empty list where it is not written as one.

    >>> parsed("A42G:T77M"), parsed("hello")
    ([('A', 42, 'G'), ('T', 77, 'M')], [])
    """
    found = [ONE.match(part) for part in SPLIT.split(text.strip())]
    return [] if not all(found) else [(m[1].upper(), int(m[2]), m[3].upper()) for m in found if m]


def singles(family: Family) -> Placed:
    """Every substitution of one residue in every scored column, by column and letter."""
    letters = ALPHABETS[family.unit][1:]
    names, rows = [], []
    for column, number in enumerate(family.number.tolist()):
        for code, letter in enumerate(letters, start=1):
            if code != family.wild[column]:
                names.append(f"{family.letter(column)}{number}{letter}")
                rows.append((column, code))
    codes = np.repeat(family.wild[None], len(rows), axis=0)
    codes[np.arange(len(rows)), [r[0] for r in rows]] = [r[1] for r in rows]
    return Placed(names, codes, list(range(len(names))), {})


def place(texts: Sequence[str], family: Family, origin: str) -> Placed:
    """Variants from a list, on a family; a numbering that does not fit the query is an error that proposes the shift.

    Args:
        texts: the variants.
        family: whose query they change.
        origin: where the list comes from, for errors.
    """
    mutations = [parsed(text) for text in texts]
    if not any(mutations):
        raise BadInput(
            "no variant can be read",
            f"{origin}: {texts[0] if texts else 'nothing'!r} …",
            "write them as A42G or A42G:T77M",
        )
    check_numbering(mutations, family, origin)
    column = {int(number): i for i, number in enumerate(family.number)}
    letters = ALPHABETS[family.unit]
    names, rows, at, skipped = [], [], [], dict[int, str]()
    for i, (text, changes) in enumerate(zip(texts, mutations, strict=True)):
        row = family.wild.copy()
        why = "" if changes else "not written as a mutation"
        for _, number, new in changes:
            if new == "=":
                continue
            if number not in column:
                why = family.unscored.get(number, "outside the alignment")
            elif new not in letters[1:]:
                why = "a stop" if new == "*" else f"{new} is no residue"
            else:
                row[column[number]] = letters.index(new)
        if why:
            skipped[i] = why
        else:
            names.append(text)
            rows.append(row)
            at.append(i)
    if not rows:
        first = next(iter(skipped.values()))
        raise BadInput("none of the variants can be scored", f"{origin}: {texts[0]}: {first}", "check the numbering")
    return Placed(names, np.stack(rows), at, skipped)


def check_numbering(mutations: Sequence[Sequence[tuple[str, int, str]]], family: Family, origin: str) -> None:
    """An error where the wild types are not those of the query: it names the first, and the shift that would fit."""
    known = {int(n): family.letter(i) for i, n in enumerate(family.number)}
    asked = sorted({(number, wild) for changes in mutations for wild, number, _ in changes})
    wrong = [(number, wild) for number, wild in asked if number in known and known[number] != wild]
    outside = [pair for pair in asked if pair[0] not in known and pair[0] not in family.unscored]
    if not wrong and len(outside) < len(asked):
        return
    number, wild = (wrong or outside)[0]
    fits = {
        shift: sum(known.get(n + shift) == w for n, w in asked)
        for shift in range(-SHIFTS, SHIFTS + 1)
        if shift and any(n + shift in known for n, _ in asked[:1] + asked[-1:])
    }
    shift = max(fits, key=lambda s: (fits[s], -abs(s)), default=0)
    good = fits.get(shift, 0)
    there = f"the query has {known[number]}" if number in known else "the query has no such residue"
    fix = "check that list and alignment are of one protein"
    if good >= 0.8 * len(asked) and good > 1:
        fix = f"numbers are off by {abs(shift)}: give --shift {shift:+d} ({good} of {len(asked)} wild types then fit)"
    raise BadInput(
        f"{len(wrong) or len(outside)} of {len(asked)} wild types are not those of the query",
        f"{origin}: {wild}{number}, where {there} ({family.query})",
        fix,
    )


def shifted(texts: Sequence[str], shift: int) -> list[str]:
    """The variants with all numbers moved.

    >>> shifted(["A42G:T77M"], -2)
    ['A40G:T75M']
    """
    if not shift:
        return list(texts)
    moved = []
    for text in texts:
        changes = parsed(text)
        moved.append(":".join(f"{a}{n + shift}{b}" for a, n, b in changes) if changes else text)
    return moved
