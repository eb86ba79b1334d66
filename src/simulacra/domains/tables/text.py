"""The one reader of text tables: encoding, separator, quotes, lines that are no rows, and whether there is a header."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simulacra.core.broken import reading, unpacked
from simulacra.core.errors import BadInput
from simulacra.core.lines import lines as lines_of
from simulacra.domains.tables.cells import read_numbers
from simulacra.domains.tables.headers import SEEN, is_header, units_of

FIX = "save it as CSV in UTF-8"
SEPARATORS = ("\t", ";", "|", ",")
NAMES = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas", " ": "spaces"}
ABOVE = 12  # lines that may stand above a header
BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    *((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32")),
    *((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")),
)
PACKED = {b"PK\x03\x04": "an Excel or zip file", b"\xd0\xcf\x11\xe0": "an old Excel file", b"PAR1": "a Parquet file"}
INSTEAD = (
    (
        re.compile(rb"\s*<(!doctype html|html|\?xml)", re.I),
        "this is a web page or XML, not the file itself",
        "fetch it again",
    ),
    (
        re.compile(rb"version https://git-lfs"),
        "this is a pointer of Git LFS, not the file itself",
        "fetch it: git lfs pull",
    ),
)
"""What stands in the place of a file that was not fetched."""
TOTAL = re.compile(r"(grand |sub)?totals?|sum|mean|average|summe|gesamt|somme", re.I)
PACKED |= {b"\x89HDF": "an HDF5 file", b"\x93NUM": "an npy file", b"SIMP": "a FITS file", b"%PDF": "a PDF"}


@dataclass
class TextTable:
    """The cells of a text table.

    Args:
        header: the names of the columns; empty if the first row is data.
        rows: the cells, stripped; every row as long as the first.
        units: from a row of units under the header; empty if there is none.
        said: what was passed over, or taken for what.
        separator: of the columns.
    """

    header: list[str]
    rows: list[list[str]]
    units: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    separator: str = ","

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.header or self.rows[0])

    def column(self, place: int) -> list[str]:
        """The cells of one column."""
        return [row[place] for row in self.rows]


def read_text(path: Path, blank: bool = False) -> TextTable:
    """A text table, whatever its dialect.

    Read are UTF-8, UTF-16 and UTF-32 with their marks and, said, Windows-1252; tabs, semicolons, bars, commas or spaces
    between columns (a .tsv is split at tabs); quotes; the line `sep=;` of Excel; comments (#) and up to a dozen lines
    above the header, said; a header that is commented out (NumPy's); a row of units under the header, said.

    Args:
        path: of the file; its end, or its first bytes, tell whether it is packed by gzip.
        blank: whether an empty line within a table of one column is a row with an empty cell.
    """
    text, said = text_of(path)
    return parsed(text, path, said, blank)


def parsed(text: str, path: Path, said: Sequence[str] = (), blank: bool = False) -> TextTable:
    """The table in a text that came from this path; see `read_text`."""
    said = list(said)
    separator, text = _separator(path, text)
    lines, head, more = _lines(text, separator)
    rows = _rows(lines, separator, path, blank)
    said += more
    if blank and rows and len(rows[0]) == 1:
        while rows and not any(rows[-1]):
            rows.pop()
    rows, above = _below(rows)
    said += [f"{above} line{'s' * (above > 1)} above the header passed over"] if above else []
    header: list[str] = []
    if rows and is_header(rows):
        header, *rows = rows
    elif rows and head and (named := _split(head, separator)) and len(named) == len(rows[0]):
        header = named
        said.append("the header is taken from a comment")
    if not rows:
        raise BadInput("the file is empty" if not header else "the table has no rows", str(path), "name another file")
    _check_lengths(rows, len(header or rows[0]), header, path, separator)
    found = TextTable(header, rows, [], said, separator)
    if header:
        _without_last(found)
        found.units = units_of(found.rows)
        if found.units:
            found.said.append(f"the row under the header is read as units: {', '.join(found.rows[0])}")
            found.rows = found.rows[1:]
    said += _without_total(found)
    if not found.rows:
        raise BadInput("the table has no rows", str(path), "name another file")
    return found


def text_of(path: Path) -> tuple[str, list[str]]:
    """The text of a file, and what was decided about its encoding."""
    with reading("table", path, FIX, "this table cannot be read"):
        raw = path.read_bytes()
    return decoded(raw, path)


def decoded(raw: bytes, path: Path) -> tuple[str, list[str]]:
    """The text in these bytes of a file, and what was decided about its encoding."""
    with reading("table", path, FIX, "this table cannot be read"):
        packed = raw[:2] == b"\x1f\x8b" or path.suffix.lower() == ".gz"
        raw = unpacked(raw) if packed and raw else raw
        for pattern, wrong, fix in INSTEAD:
            if pattern.match(raw[:200]):
                raise BadInput(wrong, str(path), fix)
        for mark, what in PACKED.items():
            if raw.startswith(mark):
                raise ValueError(f"it is {what}, not text")
        for mark, encoding in BOMS:
            if raw.startswith(mark):
                return raw.decode(encoding), []
        if b"\0" in raw[:4096]:
            raise ValueError("it holds zero bytes: no text, or UTF-16 without its mark")
        try:
            return raw.decode("utf-8"), []
        except UnicodeDecodeError:
            if path.suffix.lower() == ".gz" or any(byte in raw for byte in b"\x81\x8d\x8f\x90\x9d\xff"):
                raise
        return raw.decode("cp1252"), ["it is no UTF-8: read as Windows-1252"]


def header_of(path: Path) -> list[str]:
    """The first line of a text table, whatever it holds; empty where it cannot be read."""
    try:
        text, _ = text_of(path)
        separator, text = _separator(path, text)
    except BadInput:
        return []  # who reads the rest will say
    lines, _, _ = _lines(text, separator)
    return _split(lines[0], separator) if lines else []


def all_numbers(path: Path) -> bool:
    """Whether the first lines of a list are rows of numbers: a table, not words."""
    try:
        text, _ = text_of(path)
    except BadInput:
        return False
    lines = [line for line in lines_of(text[:20_000]) if line.strip() and not line.startswith("#")][:SEEN]
    cells = [re.split(r"[\s,;|]+", line.strip()) for line in lines[: -1 if len(lines) > 1 else None]]
    return (
        bool(cells)
        and any(any("." in cell or len(row) > 1 for cell in row) for row in cells)
        and all(read_numbers(row).numeric for row in cells)
    )


def _separator(path: Path, text: str) -> tuple[str, str]:
    """What stands between the columns, and the text without Excel's line about it."""
    found = re.match(r"\s*\"?sep=(.)\"?[^\n]*(\n|$)", text, re.IGNORECASE)
    if found:
        return found[1], text[found.end() :]
    if path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")) and "\t" in text:
        return "\t", text
    lines = [line for line in lines_of(text[:200_000]) if line.strip() and not line.startswith("#")][:SEEN]
    if text[200_000:] and len(lines) < SEEN:
        lines = lines[:-1] or lines
    best, most = ",", -1.0
    for separator in SEPARATORS:
        counts = Counter(len(row) for row in _cells(lines, separator))
        width, often = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
        if width > 1 and often / len(lines) > most + 1e-9:
            best, most = separator, often / len(lines)
    if most < 0 and lines and (split := [line.split() for line in lines]):
        inside = [cells for cells in split[1:] or split if read_numbers(cells).numeric]
        if len(split[-1]) > 1 and len(inside) >= 0.9 * len(split[1:] or split):
            return " ", text
        if len(split) > 2 and len(split[0]) > 1 and {len(cells) for cells in split} == {len(split[0])}:
            columns = list(zip(*split, strict=True))  # words among aligned numbers
            if any(read_numbers(list(c[1:])).numeric and not read_numbers([c[0]]).numeric for c in columns):
                return " ", text
    return best, text


def _cells(lines: Sequence[str], separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
    except csv.Error:
        return []


def _lines(text: str, separator: str) -> tuple[list[str], str, list[str]]:
    """Lines without comments; the last comment above the data; what was passed over.

    A line that begins with # below the first row is a row all the same if it has as many cells (#ff0000, 3).
    """
    if "#" not in text:
        return lines_of(text, ends=True), "", []
    kept: list[str] = []
    comment, count, width = "", 0, 0
    quoted = False
    for line in lines_of(text, ends=True):
        if line.startswith("#") and not quoted and not 1 < width == len(_split(line, separator)):
            comment = comment if width else line.lstrip("#").strip()
            count += 1
            continue
        if not width and line.strip():
            width = len(_split(line, separator))
        kept.append(line)
        quoted ^= line.count('"') % 2 == 1
    return kept, comment, [f"{count} line{'s' * (count > 1)} of comments (#) passed over"] if count else []


def _split(line: str, separator: str) -> list[str]:
    cells = line.split() if separator == " " else next(iter(_cells([line], separator)), [])
    return [cell.strip() for cell in cells]


def _rows(lines: Sequence[str], separator: str, path: Path, blank: bool) -> list[list[str]]:
    if separator == " ":
        return [line.split() for line in lines if line.strip()]
    csv.field_size_limit(2**27)
    with reading("table", path, FIX, "this table cannot be read"):
        try:
            rows = list(csv.reader(io.StringIO("".join(lines), newline=""), delimiter=separator, strict=False))
        except csv.Error as error:
            raise ValueError(str(error)) from error
    if blank and rows and len(rows[0]) == 1:
        rows = [row or [""] for row in rows]
    else:
        rows = [row for row in rows if any(cell.strip() for cell in row)]
    return [[cell.strip() for cell in row] for row in rows]


def _below(rows: list[list[str]]) -> tuple[list[list[str]], int]:
    """The rows from the header on: lines above it are shorter than all the others."""
    lengths = [len(row) for row in rows]
    width = Counter(lengths[: 20 * SEEN]).most_common(1)[0][0] if rows else 0
    above = next((i for i, n in enumerate(lengths[: ABOVE + 1]) if n == width), 0)
    if width < 2 or len(rows) - above < 2 or any(n >= width for n in lengths[:above]):
        return rows, 0
    return rows[above:], above


def _check_lengths(
    rows: Sequence[Sequence[str]], width: int, header: Sequence[str], path: Path, separator: str
) -> None:
    for line, row in enumerate(rows, start=1):
        if len(row) != width:
            said = f"the {'header' if header else 'first row'} has {width}"
            raise BadInput(
                "a row has another length than the first",
                f"{path}, row {line}: {len(row)} cells, {said}, split at {NAMES.get(separator, repr(separator))}",
                f"give it {width}; cells that hold the separator stand in quotes",
            )


def _without_total(table: TextTable) -> list[str]:
    """Drop a last row of totals under numbers, and say so: "Total" stands in its first cell and in no other row's."""
    if len(table.rows) < 3 or table.width < 2:
        return []
    first, last = [row[0] for row in table.rows], table.rows[-1]
    if not TOTAL.fullmatch(last[0].rstrip(": ")) or last[0] in first[:-1]:
        return []
    table.rows.pop()
    return [f"the last row is passed over: it begins with {last[0]!r}"]


def _without_last(table: TextTable) -> None:
    """Drop a last column that has neither header nor cells: each line ends in a separator."""
    if len(table.header) > 1 and not table.header[-1] and not any(row[-1] for row in table.rows):
        table.header.pop()
        for row in table.rows:
            row.pop()
