"""Training, validation and truth: three parts of which no record is in two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.core.seeds import check_seed
from simulacra.sources.base import Simulator

FEWEST = 10
"""Samples of a part, below which no judge speaks."""


@dataclass(frozen=True)
class Split:
    """How many samples are for training, for choosing (validation) and for the judges alone (truth).

    A simulator is asked for so many; an archive is shared out in this proportion, by a hash of each record's group, so
    that a record keeps its part when others are added, and what belongs together stays together.

    Args:
        train: samples for training.
        validation: samples for choosing.
        truth: samples for the judges alone.
        seed: another one shares an archive out anew.
    """

    train: int = 2000
    validation: int = 500
    truth: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("train", "validation", "truth"):
            if getattr(self, name) < 1:
                raise BadInput(f"the {name} part is empty", str(getattr(self, name)), "give at least 1")
        check_seed(self.seed, "seed")

    def check_drawn(self) -> None:
        """An error where a simulator is asked for parts so small that they are refused once they are drawn."""
        for name in ("train", "validation", "truth"):
            n = getattr(self, name)
            if n < FEWEST:
                raise BadInput(f"too few samples for the {name} part", f"{n}", f"ask for {FEWEST} or more")

    def simulate(
        self, source: Simulator, seed: int, progress: Progress, unseen: Simulator | None = None
    ) -> dict[str, Samples]:
        """Three parts from three seeds; validation and truth of another source where one is given."""
        parts = {}
        for place, name in enumerate(("train", "validation", "truth")):
            n = getattr(self, name)
            whence = source if unseen is None or name == "train" else unseen
            drawn = whence.draw(n, stream(seed, "data", place))
            # three simulators count their records alike; the part's name keeps them apart
            mark = np.char.add(f"{name}-", drawn.id.astype(str))
            parts[name] = drawn.but(id=mark, group=np.char.add(f"{name}-", drawn.group.astype(str)))
            progress.step(n)
        return parts

    def share_out(self, whole: Samples) -> dict[str, Samples]:
        """Three parts by a hash of each record's group."""
        return {name: whole[places] for name, places in self.places(whole.id, whole.group).items()}

    def places(self, id: Array, group: Array) -> dict[str, NDArray[np.bool_]]:
        """Which records are of which part, by a hash of each one's group; no record need be read for it."""
        if len(np.unique(id)) < len(id):
            raise BadInput(
                "two records have one name", f"{len(id)} records, {len(np.unique(id))} names", "name each once"
            )
        names, inverse = np.unique(group, return_inverse=True)
        salt = self.seed.to_bytes(8, "big") if self.seed else b""
        digests = [hashlib.blake2b(str(name).encode(), digest_size=8, salt=salt).digest() for name in names]
        u = np.array([int.from_bytes(d, "big") / 2**64 for d in digests])[inverse]
        total = self.train + self.validation + self.truth
        a, b = self.train / total, (self.train + self.validation) / total
        parts = {"train": u < a, "validation": (u >= a) & (u < b), "truth": u >= b}
        for name, part in parts.items():
            if part.sum() < FEWEST:
                raise BadInput(f"too few records for the {name} part", f"{part.sum()} of {len(id)}", "bring more data")
        return parts


def digest_of(parts: Mapping[str, Samples]) -> str:
    """A hash of all parts, by which a resumed run knows its data again; laid out as the first runs had it."""
    whole = hashlib.sha256()
    for name, part in parts.items():
        whole.update(name.encode())
        unit = {column.name: column.unit for column in part.columns} if part.columns else part.unit
        about: dict[str, object] = {"kind": part.kind, "unit": unit, "origin": part.origin, "parts": [""]}
        about |= {"given_unit": dict(part.given_unit)} if part.given_unit else {}
        levels = [[column.name, *column.levels] for column in part.columns if column.levels]
        about |= {"levels": levels} if levels else {}
        arrays = {"about": np.array(json.dumps(about)), "x": part.x}
        arrays |= {f"given.{key}": value for key, value in part.given.items()}
        arrays |= {"id": part.id, "group": part.group}
        for key, value in arrays.items():
            whole.update(key.encode())
            whole.update(np.ascontiguousarray(value).tobytes())
    return whole.hexdigest()
