"""Samples: what was measured, simulated or generated, with its kind, units and origin."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz, write_npz
from simulacra.core.left import Left

Array = NDArray[Any]


@dataclass(frozen=True, repr=False, eq=False)
class Samples:
    """n objects of one kind.

    Args:
        x: the objects, (n, …); a mapping of such arrays where an object has several parts; padded where sizes differ.
        kind: what they are: "lattice", "field", "picture", "vector" …
        unit: of x ("1" if it has none); a mapping where x is one, or is a table: from each column's name to its own.
        origin: where they come from, so that a stranger could make or find them again.
        given: what each object is conditioned on (class, temperature, energy …), (n,) each.
        id: the name of each record, (n,).
        group: what must not be torn apart (a chain, a year, a region of the sky), (n,); by default each object alone.
        mask: which entries of x are real where sizes differ.
        given_unit: of each condition that has one.
        left: what the reader left out, changed or noticed.
    """

    x: Array | Mapping[str, Array]
    kind: str
    unit: str | Mapping[str, str]
    origin: str
    given: Mapping[str, Array] = field(default_factory=dict)
    id: Array = field(default_factory=lambda: np.empty(0, dtype="U1"))
    group: Array = field(default_factory=lambda: np.empty(0, dtype="U1"))
    mask: Array | None = None
    given_unit: Mapping[str, str] = field(default_factory=dict)
    left: Left = field(default_factory=Left)

    @classmethod
    def of(
        cls,
        x: Array | Mapping[str, Array],
        kind: str,
        unit: str | Mapping[str, str] = "1",
        origin: str = "",
        given: Mapping[str, Array] | None = None,
        id: Array | Sequence[str] | None = None,
        group: Array | Sequence[str] | None = None,
        mask: Array | None = None,
        given_unit: Mapping[str, str] | None = None,
    ) -> Samples:
        """Samples with the usual defaults: records named by their place, each its own group."""
        n = len(next(iter(x.values()))) if isinstance(x, Mapping) else len(x)
        names = np.arange(n).astype(str) if id is None else np.asarray(id).astype(str)
        groups = names if group is None else np.asarray(group).astype(str)
        return cls(x, kind, unit, origin, dict(given or {}), names, groups, mask, dict(given_unit or {}))

    def __post_init__(self) -> None:
        n = len(self)
        lengths = {f"given {key!r}": len(value) for key, value in self.given.items()}
        lengths |= {"id": len(self.id), "group": len(self.group)}
        if self.mask is not None:
            lengths["mask"] = len(self.mask)
        if isinstance(self.x, Mapping):
            lengths |= {f"x {key!r}": len(value) for key, value in self.x.items()}
        for name, length in lengths.items():
            if length != n:
                raise BadInput(
                    f"{name} does not have one entry a sample",
                    f"{n} samples, {length} entries",
                    f"give {name} with length {n}",
                )

    def __len__(self) -> int:
        return len(next(iter(self.x.values()))) if isinstance(self.x, Mapping) else len(self.x)

    def __repr__(self) -> str:
        shape = {k: v.shape for k, v in self.x.items()} if isinstance(self.x, Mapping) else self.x.shape
        given = f", given {', '.join(self.given)}" if self.given else ""
        return f"Samples({shape} of kind {self.kind!r}, unit {self.unit!r}{given}; {self.origin})"

    @property
    def array(self) -> Array:
        """x where it is one array; a clear error where it is a mapping."""
        if isinstance(self.x, Mapping):
            raise BadInput(f"samples of kind {self.kind!r} have several parts", ", ".join(self.x), "read .x by name")
        return self.x

    def __getitem__(self, index: slice | Array | Sequence[int]) -> Samples:
        """Some of the samples, by slice, by indices or by a Boolean mask."""
        at = index if isinstance(index, slice) else np.asarray(index)
        return replace(
            self,
            x={k: v[at] for k, v in self.x.items()} if isinstance(self.x, Mapping) else self.x[at],
            given={k: v[at] for k, v in self.given.items()},
            id=self.id[at],
            group=self.group[at],
            mask=None if self.mask is None else self.mask[at],
        )

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

        def stack(arrays: Sequence[Array]) -> Array:
            return np.concatenate(arrays)

        x: Array | dict[str, Array]
        if isinstance(first.x, Mapping):
            x = {k: stack([p.x[k] for p in parts if isinstance(p.x, Mapping)]) for k in first.x}
        else:
            x = stack([p.array for p in parts])
        return first.but(
            x=x,
            given={k: stack([p.given[k] for p in parts]) for k in first.given},
            id=stack([p.id for p in parts]),
            group=stack([p.group for p in parts]),
            mask=None if first.mask is None else stack([p.mask for p in parts if p.mask is not None]),
        )

    def _layout(self) -> str:
        parts = f", {', '.join(sorted(self.x))}" if isinstance(self.x, Mapping) else ""
        units = {name: f" in {self.given_unit[name]}" if name in self.given_unit else "" for name in sorted(self.given)}
        given = f", given {', '.join(name + unit for name, unit in units.items())}" if units else ""
        return f"{self.kind} in {self.unit}{parts}{given}{', with a mask' if self.mask is not None else ''}"

    def to_arrays(self, prefix: str = "") -> dict[str, Array]:
        """Plain arrays and one JSON text, ready for `np.savez`; `from_arrays` takes them back."""
        parts = dict(self.x) if isinstance(self.x, Mapping) else {"": self.x}
        about = {"kind": self.kind, "unit": self.unit, "origin": self.origin, "parts": list(parts)}
        about |= {"given_unit": dict(self.given_unit)} if self.given_unit else {}
        arrays: dict[str, Array] = {f"{prefix}about": np.array(json.dumps(about))}
        arrays |= {f"{prefix}x{'.' if k else ''}{k}": v for k, v in parts.items()}
        arrays |= {f"{prefix}given.{k}": v for k, v in self.given.items()}
        arrays |= {f"{prefix}id": self.id, f"{prefix}group": self.group}
        if self.mask is not None:
            arrays[f"{prefix}mask"] = self.mask
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], prefix: str = "") -> Samples:
        """The samples that `to_arrays` laid out under this prefix."""
        start = f"{prefix}given."
        given = {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}
        try:
            about = json.loads(str(arrays[f"{prefix}about"]))
            kind, unit, origin, names = (about[key] for key in ("kind", "unit", "origin", "parts"))
            x = arrays[f"{prefix}x"] if names == [""] else {k: arrays[f"{prefix}x.{k}"] for k in names}
            id, group, mask = arrays[f"{prefix}id"], arrays[f"{prefix}group"], arrays.get(f"{prefix}mask")
            return cls(x, kind, unit, origin, given, id, group, mask, about.get("given_unit", {}))
        except (KeyError, TypeError, ValueError) as error:
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
