"""A table of labels beside pictures: the class of each by its id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from simulacra.core.errors import BadInput
from simulacra.domains.tables.text import decoded, parsed

ASIDE = True

ID_COLUMNS = ("id", "objid", "name", "file", "filename", "image", "picture", "galaxy")
CLASS_COLUMNS = ("class", "label", "type", "category", "morphology")


def label_table(data: bytes, where: str, endings: Sequence[str]) -> dict[str, str]:
    """The class by id of a table with headers; an id may be written as a file name with one of these endings."""
    text, _ = decoded(data, Path(where))
    table = parsed(text, Path(where)) if text.strip() else None
    columns = [column.strip().lower() for column in table.header] if table else []
    ids = [columns.index(name) for name in ID_COLUMNS if name in columns]
    classes = [columns.index(name) for name in CLASS_COLUMNS if name in columns]
    if not ids or not classes or table is None:
        wanted = f"one of {', '.join(ID_COLUMNS)} and one of {', '.join(CLASS_COLUMNS)}"
        raise BadInput(
            "this table of labels has no id or no class column",
            f"{where}: {', '.join(columns) or 'nothing'}",
            f"head its columns with {wanted}, or pass over it with --ignore class",
        )
    found: dict[str, str] = {}
    for line, row in enumerate(table.rows, start=2):
        name, label = row[ids[0]], row[classes[0]]
        path = PurePosixPath(name)
        name = path.stem if path.suffix.lower() in endings else name
        if not name or not label or name in found:
            wrong = "names an id twice" if name in found else "has no id or no class"
            raise BadInput(
                f"a row of the table of labels {wrong}", f"{where}, row {line}: {','.join(row)}", "mend that row"
            )
        found[name] = label
    return found
