"""A family of sequences about a query: which columns are scored, how they are numbered, what was left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int, UInt8

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.proteins.alignments import Alignment, read_alignment, start_of
from simulacra.domains.proteins.residues import ALPHABETS, GAP, UNKNOWN, encoded
from simulacra.domains.proteins.weights import weights

FEW = 100
"""Effective sequences below which a family says too little to be trusted."""


@dataclass(frozen=True, eq=False)
class Family:
    """Sequences in the query's columns, each with its weight.

    Args:
        query: its name, as in the file.
        unit: the alphabet, "amino acid" or "nucleotide".
        codes: the sequences, the query first, (n, columns).
        weight: of each, (n,).
        names: of each, each once.
        number: of the query's residue in each column, (columns,).
        unscored: the query's other residues, by number, and why they are not scored.
        notes: what was read, left out and chosen, in words.
    """

    query: str
    unit: str
    codes: UInt8[np.ndarray, "n columns"]
    weight: Float[np.ndarray, " n"]
    names: Array
    number: Int[np.ndarray, " columns"]
    unscored: Mapping[int, str]
    notes: tuple[str, ...]

    @property
    def effective(self) -> float:
        """The effective number of sequences."""
        return float(self.weight.sum())

    @property
    def wild(self) -> UInt8[np.ndarray, " columns"]:
        """The query's own residues."""
        return np.asarray(self.codes[0])

    def letter(self, column: int) -> str:
        """The query's letter in a column."""
        return ALPHABETS[self.unit][int(self.wild[column])]


def family_of(
    path: Path, query: str = "", identity: float = 0.8, coverage: float = 0.5, occupancy: float = 0.3, first: int = 0
) -> Family:
    """A family from its alignment.

    Scored are the columns where the query has an upper-case letter and enough sequences have any. Left out are
    sequences that fill too few of these columns, and those with a letter there that is no residue (B, J, O, U, X, Z).

    Args:
        path: of the alignment.
        query: a name, or its beginning; the first sequence if empty.
        identity: share of residues above which two sequences count as alike; 0.8 for most families, 0.99 for viruses.
        coverage: least share of the scored columns that a sequence fills.
        occupancy: least share of the sequences (by weight) that have a residue in a scored column.
        first: number of the query's first residue; 0 takes it from the name (`/24-286`), or 1.
    """
    for name, value in (("identity", identity), ("coverage", coverage), ("occupancy", occupancy)):
        if not 0 <= value <= 1:
            raise BadInput(f"{name} is a share, from 0 to 1", f"{name}={value:g}", "take the default")
    found = read_alignment(path)
    at = _place_of(query, found, path)
    row, unit = found.rows[at], _unit_of(found.rows)
    raw = found.insertions[at]
    columns = np.array([i for i, c in enumerate(row) if c.isupper()], dtype=int)
    if not len(columns):
        raise BadInput(
            "no column can be scored: the query has no upper-case letter",
            f"{path}: {found.names[at]}",
            "write aligned residues in upper case and insertions in lower case",
        )
    number, unscored = _numbered(raw, found.form, first or start_of(found.names[at], sum(map(str.isalpha, raw))))
    order = [at, *(i for i in range(len(found.rows)) if i != at)]
    texts = np.array([found.rows[i].upper() for i in order])
    picked = np.ascontiguousarray(texts).view(np.uint32).reshape(len(texts), -1)[:, columns]
    codes = encoded(np.ascontiguousarray(picked).view(f"<U{len(columns)}")[:, 0], unit)
    _check_query(codes[0], number, row, columns, found.names[at])
    odd = (codes == UNKNOWN).any(axis=1)
    filled = np.where(codes == GAP, 0, 1).mean(axis=1)
    short = ~odd & (filled < coverage)
    kept = ~odd & ~short
    kept[0] = True
    codes, names = codes[kept], _once([found.names[i] for i, k in zip(order, kept, strict=True) if k])
    if len(codes) < 2 or (codes == codes[0]).all():
        raise BadInput(
            "all sequences of the family are equal: they say nothing of what may change",
            f"{path}: {len(codes)} sequences",
            "search a wider database, or loosen the search",
        )
    weight = weights(codes, identity)
    full = weight @ (codes != GAP) / weight.sum()
    for column in np.flatnonzero(full < occupancy):
        unscored[int(number[column])] = f"a gap in {1 - full[column]:.0%} of the sequences"
    scored = full >= occupancy
    if not scored.any():
        raise BadInput("no column has residues enough to be scored", f"{path}", f"lower occupancy={occupancy:g}")
    notes = (
        f"{len(found.rows):,} sequences in a file of form {found.form}",
        f"{int(odd.sum()):,} left out with letters that are no residue, {int(short.sum()):,} that fill less than "
        f"{coverage:.0%} of the scored columns",
        f"{len(codes):,} kept; {weight.sum():,.0f} effective at {identity:.0%} identity",
        f"{int(scored.sum())} columns scored, {len(unscored)} residues of the query not",
    )
    return Family(
        found.names[at], unit, codes[:, scored], weight, names, number[scored], dict(sorted(unscored.items())), notes
    )


def _place_of(query: str, found: Alignment, path: Path) -> int:
    if not query:
        return 0
    hits = [i for i, name in enumerate(found.names) if name == query or name.split("/")[0].split()[:1] == [query]]
    hits = hits or [i for i, name in enumerate(found.names) if query in name]
    if not hits:
        raise BadInput(
            f"the query {query!r} is not in the alignment",
            f"{path}: {len(found.names)} sequences, the first is {found.names[0]}",
            "name another with --query, or leave it out to take the first",
        )
    return hits[0]


def _unit_of(rows: list[str]) -> str:
    letters = set(re.sub(r"[-.~*]", "", "".join(rows[:50])).upper())
    return "nucleotide" if letters <= set("ACGTUNRYSWKMBDHV") and letters & set("TU") else "amino acid"


def _numbered(raw: str, form: str, start: int) -> tuple[Int[np.ndarray, " columns"], dict[int, str]]:
    """The number of each upper-case residue of the query, and the others with the reason why they are not scored."""
    number, unscored, at = [], {}, start
    for letter in raw:
        if letter.isupper():
            number.append(at)
        elif letter.islower():
            unscored[at] = "lower case in the query: not aligned" if form != "a3m" else "an insertion of the query"
        at += letter.isalpha()
    return np.array(number, dtype=int), unscored


def _check_query(codes: Array, number: Array, row: str, columns: Array, name: str) -> None:
    bad = np.flatnonzero(codes == UNKNOWN)
    if len(bad):
        raise BadInput(
            "the query holds a letter that is no residue",
            f"{row[columns[bad[0]]]} at {number[bad[0]]} of {name}",
            "replace it in the query by the residue, or write it in lower case to leave it unscored",
        )


def _once(names: list[str]) -> Array:
    """The names, one that comes again with a number."""
    seen: dict[str, int] = {}
    found = []
    for name in (name.split()[0] if name.split() else "unnamed" for name in names):
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return np.array(found)
