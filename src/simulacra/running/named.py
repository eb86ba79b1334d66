"""A study by its name on the shelf, or by its file; torch is imported once it is built, and no sooner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simulacra.core.errors import BadShelf, needs
from simulacra.core.shelf import Entry, Shelf, read_entry, shelf


def find(name: str) -> Entry:
    """A study by its name or its file."""
    path = Path(name)
    if path.suffix == ".py":
        if not path.is_file():
            raise BadShelf(
                "there is no such file", name, "name a study (simulacra list) or a file with a function study()"
            )
        entry = read_entry(path, "study")
        if entry.error:
            raise BadShelf(f"{path.name} is broken", entry.error, "mend it")
        return entry
    return shelf("studies").entry(name)


def build(name: str, settings: dict[str, Any], seed: int) -> Any:  # noqa: ANN401 - a Study; its name would import torch
    """The study with these settings; the first weights of its model follow from the seed."""
    needs("make")
    import torch

    torch.manual_seed(seed)
    path = Path(name)
    home = Shelf(path.parent, "", "study") if path.suffix == ".py" else shelf("studies")
    return home.load(path.stem if path.suffix == ".py" else name)(**settings)
