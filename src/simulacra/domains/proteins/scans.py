"""Measured variants from a table: a deep mutational scan, or labels such as ClinVar's."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from simulacra.core.broken import unpacked
from simulacra.core.errors import BadInput
from simulacra.core.lines import lines as lines_of
from simulacra.domains.proteins.variants import parsed

NAMES = ("mutant", "mutation", "mutations", "variant", "variants", "hgvs_pro", "name")
VALUES = ("dms_score", "score", "fitness", "effect", "measured", "value", "label", "labels", "clinvar_labels")


@dataclass(frozen=True, eq=False)
class Scan:
    """Variants with one number each.

    Args:
        variants: as they are written.
        measured: (n,).
        column: the heading of the numbers.
        labels: whether they are labels, 0 and 1.
        left_out: rows without a number.
        origin: the file.
    """

    variants: tuple[str, ...]
    measured: Float[np.ndarray, " n"]
    column: str
    labels: bool
    left_out: int
    origin: str


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """The headings and rows of a text table, separated by commas, semicolons or tabs; may end in .gz."""
    if not path.is_file():
        raise BadInput("there is no such file", str(path), "check the path")
    try:
        raw = path.read_bytes()
        text = (unpacked(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise BadInput("this table cannot be read", f"{path} ({error})", "save it as CSV in UTF-8") from error
    lines = lines_of(text)
    first = lines[0] if lines else ""
    mark = max(",;\t", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark) if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise BadInput("the table holds no rows", str(path), "give a heading and a row a variant")
    return [cell.strip() for cell in rows[0]], rows[1:]


def read_variants(path: Path) -> list[str]:
    """A list of variants: one a line, or a table's column of them."""
    if not path.is_file():
        raise BadInput("there is no such file", str(path), "check the path")
    if path.suffix in (".txt", ".list", ""):
        return [line.strip() for line in lines_of(path.read_text(encoding="utf-8-sig")) if line.strip()]
    lines = [line.strip() for line in lines_of(path.read_text(encoding="utf-8-sig")) if line.strip()]
    if lines and parsed(lines[0].split(",")[0].strip('"')):  # no heading
        return [line.split(",")[0].strip('"') for line in lines]
    heads, rows = read_table(path)
    at = _column(heads, "", NAMES, "variants", path)
    return [row[at].strip() for row in rows if len(row) > at and row[at].strip()]


def read_scan(path: Path, column: str = "", where: Sequence[str] = ()) -> Scan:
    """Variants and what was measured of each; rows without a number are left out and counted.

    Args:
        path: the table.
        column: heading of the measurement; the first known one if empty.
        where: rows to keep, as "heading=value".
    """
    heads, rows = read_table(path)
    for rule in where:
        name, _, value = rule.partition("=")
        if name not in heads:
            raise BadInput(
                f"the table has no column {name!r}", f"{path}: {', '.join(heads)}", "name another in --where"
            )
        rows = [row for row in rows if len(row) > heads.index(name) and row[heads.index(name)].strip() == value]
    names = _column(heads, "", NAMES, "variants", path)
    at = _column(heads, column, VALUES, "measurements", path)
    variants, measured, missing = [], [], 0
    for row in rows:
        text = row[at].strip() if len(row) > at else ""
        try:
            number = float(text)
        except ValueError:
            number = np.nan
        if np.isfinite(number) and row[names].strip():
            variants.append(row[names].strip())
            measured.append(number)
        else:
            missing += 1
    if not variants:
        raise BadInput("no row has a number", f"{path}, column {heads[at]!r}", "name another column with --column")
    numbers = np.array(measured)
    labels = set(np.unique(numbers).tolist()) <= {0.0, 1.0}
    return Scan(tuple(variants), numbers, heads[at], labels, missing, str(path))


def _column(heads: list[str], asked: str, known: tuple[str, ...], what: str, path: Path) -> int:
    if asked:
        if asked not in heads:
            raise BadInput(
                f"the table has no column {asked!r}", f"{path}: {', '.join(heads)}", "name one with --column"
            )
        return heads.index(asked)
    lower = [head.lower() for head in heads]
    found = next((lower.index(name) for name in known if name in lower), None)
    if found is None:
        raise BadInput(
            f"it is not known which column holds the {what}",
            f"{path}: {', '.join(heads)}",
            "name it with --column" if what == "measurements" else f"head it {known[0]}",
        )
    return found
