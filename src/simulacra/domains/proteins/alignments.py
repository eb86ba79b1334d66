"""Alignments as files: a2m, a3m, FASTA, Stockholm and Clustal, known by their content."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from simulacra.core.broken import unpacked
from simulacra.core.errors import BadInput
from simulacra.core.lines import lines as lines_of

ENDINGS = (".a2m", ".a3m", ".fasta", ".fa", ".fas", ".afa", ".sto", ".stockholm", ".sth", ".aln", ".clustal", ".clw")
SPAN = re.compile(r"/(\d+)-(\d+)\s*$")
LEGAL = re.compile(r"[A-Za-z.\-~*]*")


@dataclass(frozen=True)
class Alignment:
    """Rows of one length, as they stand in the file.

    Args:
        names: of the rows, as in the file.
        rows: the text of each; upper case and "-" are aligned, lower case and "." are insertions.
        form: of the file: "a2m", "a3m", "Stockholm" or "Clustal".
        insertions: of an a3m, each row with its insertions, which `rows` lacks; else the rows.
    """

    names: list[str]
    rows: list[str]
    form: str
    insertions: list[str]


def read_alignment(path: Path) -> Alignment:
    """The rows of an alignment; sequences that are not aligned are an error.

    A file is Stockholm or Clustal if its first line says so; else it is read as FASTA. Rows of one length are an a2m
    or an aligned FASTA file; rows that have one length only without their lower-case letters are an a3m.

    Args:
        path: of the file; may end in .gz.
    """
    lines = _lines(path)
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("# STOCKHOLM"):
        names, rows = _blocks(lines, path, stockholm=True)
        return Alignment(names, *_one_length(names, rows, path, "Stockholm"))
    if first.upper().startswith(("CLUSTAL", "MUSCLE", "PROBCONS", "MAFFT")):
        names, rows = _blocks(lines, path, stockholm=False)
        return Alignment(names, *_one_length(names, rows, path, "Clustal"))
    if not first.startswith(">"):
        raise BadInput(
            "this is no alignment that can be read",
            f"{path} begins with {first[:40]!r}",
            "save it as a2m, a3m, FASTA, Stockholm or Clustal",
        )
    names, rows = _fasta(lines)
    return Alignment(names, *_one_length(names, rows, path, "a2m"))


def holds_alignment(path: Path) -> bool:
    """Whether a file's name ends as those of alignments do."""
    return path.name.lower().removesuffix(".gz").endswith(ENDINGS)


def start_of(name: str, residues: int) -> int:
    """The number of a sequence's first residue, by its name: 24 of BLAT_ECOLX/24-286; 1 where the name says none.

    Args:
        name: of the sequence.
        residues: how many it has, insertions included.

    >>> start_of("BLAT_ECOLX/24-286", 263), start_of("BLAT_ECOLX", 263)
    (24, 1)
    """
    found = SPAN.search(name.split()[0] if name.split() else "")
    if not found:
        return 1
    start, end = int(found[1]), int(found[2])
    if end >= start and end - start + 1 != residues:
        raise BadInput(
            "the numbers in the query's name do not fit its length",
            f"{name}: {end - start + 1} residues by its name, {residues} in its row",
            "mend the name, or give the number of the first residue with --first",
        )
    return start if end >= start else 1


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        raise BadInput("there is no such file", str(path), "check the path")
    try:
        raw = path.read_bytes()
        text = (unpacked(raw) if path.name.lower().endswith(".gz") else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise BadInput("this file cannot be read", f"{path} ({error})", "save it as text") from error
    if not text.strip():
        raise BadInput("the file is empty", str(path), "name another file")
    return lines_of(text)


def _fasta(lines: list[str]) -> tuple[list[str], list[str]]:
    names: list[str] = []
    parts: list[list[str]] = []
    for line in lines:
        if line.startswith(">"):
            names.append(line[1:].strip())
            parts.append([])
        elif parts:
            parts[-1].append("".join(line.split()))
    return names, ["".join(part) for part in parts]


def _blocks(lines: list[str], path: Path, stockholm: bool) -> tuple[list[str], list[str]]:
    """Names and rows of a format in blocks; of Stockholm up to the first //."""
    found: dict[str, list[str]] = {}
    for line in lines[1:] if not stockholm else lines:
        if stockholm and line.strip() == "//":
            break
        words = line.split()
        if stockholm and line.startswith("#"):
            continue
        if len(words) < 2 or line[0].isspace():  # a blank line, or one of marks of conservation
            continue
        found.setdefault(words[0], []).append(words[1])
    if not found:
        raise BadInput("the file holds no sequences", str(path), "name another file")
    return list(found), ["".join(parts) for parts in found.values()]


def _one_length(names: list[str], rows: list[str], path: Path, form: str) -> tuple[list[str], str, list[str]]:
    """The rows, the form, and the rows with their insertions; an error where they are not aligned."""
    for name, row in zip(names, rows, strict=True):
        if not LEGAL.fullmatch(row):
            odd = next(c for c in row if not LEGAL.fullmatch(c))
            raise BadInput(
                "a sequence holds what is no letter", f"{path}: {odd!r} in {name}", "keep letters, '-' and '.' alone"
            )
    lengths = [len(row) for row in rows]
    if len(set(lengths)) == 1:
        return rows, form, rows
    matched = [re.sub(r"[a-z.]", "", row) for row in rows]
    if form == "a2m" and len({len(row) for row in matched}) == 1 and matched[0]:
        return matched, "a3m", rows
    odd_one = next(i for i, length in enumerate(lengths) if length != lengths[0])
    raise BadInput(
        "the sequences are not aligned: they have different lengths",
        f"{path}: {names[0]} has {lengths[0]} columns, {names[odd_one]} has {lengths[odd_one]}",
        "align them first (hhblits, jackhmmer, mafft), and save the alignment",
    )
