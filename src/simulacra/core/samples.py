"""Samples: what was measured, simulated or generated, with its kind, units and origin."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz, write_npz
from simulacra.core.left import Left
from simulacra.core.shown import html

Array = NDArray[Any]


@dataclass(frozen=True)
class Column:
    """What one column of a table, or one named number of a vector, holds.

    Args:
        name: as the header has it.
        unit: of its numbers; "1" if none.
        levels: of a category, in order: the cells hold their places, from 0; empty for numbers.
        middle: truth's median, or its most frequent level: where a gap is put when a number is needed.
        gaps: whether any table of the comparison has a gap here.
        ordered: whether the levels of a category go up, as grades do.
    """

    name: str
    unit: str = "1"
    levels: tuple[str, ...] = ()
    middle: float = 0.0
    gaps: bool = False
    ordered: bool = False


@dataclass(frozen=True, repr=False, eq=False)
class Samples:
    """n objects of one kind, always one array whose first axis counts them.

    Objects of unequal size are padded, and their kind says how an empty place is marked: an atomic number of 0
    (molecules), 0 on the diagonal (graphs), NaN (gaps of a table), the end of a string.

    Args:
        x: the objects, (n, …).
        kind: what they are, a name of `kinds/`: "lattice", "field", "picture", "vector" …; or a user's own.
        unit: of x; "1" if it has none.
        origin: where they come from, so that a stranger could make or find them again.
        given: what each object is conditioned on (class, temperature, energy …), (n,) each.
        id: the name of each record, (n,).
        group: what must not be torn apart (a chain, a year, a region of the sky), (n,); by default each object alone.
        given_unit: of each condition that has one.
        columns: of a table, or of a vector whose numbers have names: one for each.
        left: what the reader left out, changed or noticed.
    """

    x: Array
    kind: str
    unit: str
    origin: str
    given: Mapping[str, Array] = field(default_factory=dict)
    id: Array = field(default_factory=lambda: np.empty(0, dtype="U1"))
    group: Array = field(default_factory=lambda: np.empty(0, dtype="U1"))
    given_unit: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    left: Left = field(default_factory=Left)

    @classmethod
    def of(
        cls,
        x: Array,
        kind: str,
        unit: str | Mapping[str, str] = "1",
        origin: str = "",
        given: Mapping[str, Array] | None = None,
        id: Array | Sequence[str] | None = None,
        group: Array | Sequence[str] | None = None,
        given_unit: Mapping[str, str] | None = None,
        columns: Sequence[Column] = (),
    ) -> Samples:
        """Samples with the usual defaults: records named by their place, each its own group.

        A mapping as the unit names the numbers of a vector: from each name to its own unit.
        """
        if isinstance(unit, Mapping):
            columns, unit = [Column(name, own) for name, own in unit.items()], "1"
        names = np.arange(len(x)).astype(str) if id is None else np.asarray(id).astype(str)
        groups = names if group is None else np.asarray(group).astype(str)
        return cls(x, kind, unit, origin, dict(given or {}), names, groups, dict(given_unit or {}), tuple(columns))

    def __post_init__(self) -> None:
        n = len(self)
        lengths = {f"given {key!r}": len(value) for key, value in self.given.items()}
        lengths |= {"id": len(self.id), "group": len(self.group)}
        for name, length in lengths.items():
            if length != n:
                raise BadInput(
                    f"{name} does not have one entry a sample",
                    f"{n} samples, {length} entries",
                    f"give {name} with length {n}",
                )
        if self.columns and (self.x.ndim != 2 or self.x.shape[1] != len(self.columns)):
            raise BadInput(
                "there is not one column for each number of a sample",
                f"{len(self.columns)} columns, samples of shape {self.x.shape[1:]}",
                "describe each number by one Column",
            )

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        given = f", given {', '.join(self.given)}" if self.given else ""
        return f"Samples({self.x.shape} of kind {self.kind!r}, unit {self.unit!r}{given}; {self.origin})"

    def _repr_html_(self) -> str | None:
        return html("samples", self)

    @property
    def array(self) -> Array:
        """x."""
        return self.x

    def __getitem__(self, index: slice | Array | Sequence[int]) -> Samples:
        """Some of the samples, by slice, by indices or by a Boolean mask."""
        at = index if isinstance(index, slice) else np.asarray(index)
        given = {k: v[at] for k, v in self.given.items()}
        return replace(self, x=self.x[at], given=given, id=self.id[at], group=self.group[at])

    def but(self, **changes: Any) -> Samples:  # noqa: ANN401 - any of the fields
        """The same samples with some fields changed."""
        return replace(self, **changes)

    @staticmethod
    def join(parts: Sequence[Samples]) -> Samples:
        """Samples of one kind, unit and set of conditions after one another; the origin is that of the first."""
        layouts = list(dict.fromkeys(part._layout() for part in parts))
        if len(layouts) != 1:
            raise BadInput(
                "samples of different kinds cannot be joined",
                " and ".join(layouts) or "none at all",
                "bring all to one kind, one unit and the same conditions",
            )
        first = parts[0]
        return first.but(
            x=np.concatenate([p.x for p in parts]),
            given={k: np.concatenate([p.given[k] for p in parts]) for k in first.given},
            id=np.concatenate([p.id for p in parts]),
            group=np.concatenate([p.group for p in parts]),
        )

    def _layout(self) -> str:
        units = {name: f" in {self.given_unit[name]}" if name in self.given_unit else "" for name in sorted(self.given)}
        given = f", given {', '.join(name + unit for name, unit in units.items())}" if units else ""
        named = f", columns {', '.join(column.name for column in self.columns)}" if self.columns else ""
        return f"{self.kind} in {self.unit}{named}{given}"

    def to_arrays(self, prefix: str = "") -> dict[str, Array]:
        """Plain arrays and one JSON text, ready for `np.savez`; `from_arrays` takes them back."""
        about: dict[str, Any] = {"kind": self.kind, "unit": self.unit, "origin": self.origin}
        about |= {"given_unit": dict(self.given_unit)} if self.given_unit else {}
        about |= {"columns": [asdict(column) for column in self.columns]} if self.columns else {}
        arrays: dict[str, Array] = {f"{prefix}about": np.array(json.dumps(about)), f"{prefix}x": self.x}
        arrays |= {f"{prefix}given.{k}": v for k, v in self.given.items()}
        return arrays | {f"{prefix}id": self.id, f"{prefix}group": self.group}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], prefix: str = "") -> Samples:
        """The samples that `to_arrays` laid out under this prefix, also in its first form (units by column)."""
        start = f"{prefix}given."
        given = {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}
        try:
            about = json.loads(str(arrays[f"{prefix}about"]))
            kind, unit, origin = (about[key] for key in ("kind", "unit", "origin"))
            x, id, group = (arrays[f"{prefix}{name}"] for name in ("x", "id", "group"))
            columns = [Column(**{**c, "levels": tuple(c["levels"])}) for c in about.get("columns", [])]
            return cls.of(x, kind, unit, origin, given, id, group, about.get("given_unit", {}), columns)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(
                "these arrays are not laid out as samples",
                f"{', '.join(arrays) or 'no arrays'} ({error})",
                "write them with Samples.write; plain arrays are read by the source Arrays",
            ) from error

    def write(self, path: Path) -> None:
        """One npz file, no pickle."""
        write_npz(path, self.to_arrays())

    @classmethod
    def read(cls, path: Path) -> Samples:
        """What `write` wrote; never runs code."""
        return cls.from_arrays(read_npz(path))
