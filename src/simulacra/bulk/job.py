"""What a set drawn in shards is a function of: the model, the seed, the sizes, the conditions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from simulacra.core.machine import versions
from simulacra.core.seal import hash_of
from simulacra.runs import find

FILES = ("model.safetensors", "model.json", "view.json")
MOST = 2**26  # bytes of a shard's numbers, where nobody says its size
LARGEST = 100_000  # samples of a shard, where nobody says


@dataclass(frozen=True)
class Job:
    """A set to be drawn. A shard is a pure function of all of this and of its place.

    Args:
        run: the folder of the run, as every worker sees it.
        weights: SHA-256 of each file that the draws depend on, by name.
        seed: of the draws.
        n: samples in all; of a model of strings, strings drawn.
        shard: samples of a shard; the last may have fewer.
        given: the value of each condition that was asked for.
        way: of a model with a decoder, its means or draws with noise.
        ending: of the files: ".zarr", ".parquet", or one to which the kind of sample is written.
        levels: the names of each condition that is a class.
        law: how draws of strings depart from the model's own law: "temperature", "top_p"; empty if they do not.
    """

    run: str
    weights: Mapping[str, str]
    seed: int
    n: int
    shard: int
    given: Mapping[str, Any] = field(default_factory=dict)
    way: Literal["mean", "noisy"] = "noisy"
    ending: str = ".parquet"
    levels: Mapping[str, list[str]] = field(default_factory=dict)
    law: Mapping[str, float] = field(default_factory=dict)

    @property
    def shards(self) -> int:
        """How many."""
        return math.ceil(self.n / self.shard)

    def rows(self, place: int) -> int:
        """Samples of a shard."""
        return min(self.shard, self.n - place * self.shard)

    def about(self) -> dict[str, Any]:
        """For the manifest and for each file: all but the place of the run, and the versions of the packages."""
        kept = {name: value for name, value in asdict(self).items() if name != "run" and (value or name != "law")}
        return {"run": Path(self.run).name, **kept, "versions": versions()}

    def same(self, about: Mapping[str, Any]) -> list[str]:
        """What is different in a set that was begun, in words; empty if it is this one."""
        mine = self.about()
        names = [
            name for name in {**mine, "law": {}} if name != "versions" and mine.get(name, {}) != about.get(name, {})
        ]
        return [f"{name}: {about.get(name)} there, {mine.get(name)} here" for name in names]


def weights_of(run: str) -> tuple[str, dict[str, str]]:
    """The folder of a run, and the hash of each file that its draws depend on."""
    folder = find(run).folder.resolve()
    return str(folder), {name: hash_of(folder / name) for name in FILES if (folder / name).is_file()}


def usual_shard(n: int, each: float) -> int:
    """Samples of a shard whose numbers take about 64 MiB, a round number.

    Args:
        n: samples in all.
        each: bytes of a sample.

    >>> usual_shard(10**9, 49_152.0), usual_shard(10**9, 80.0), usual_shard(300, 4.0)
    (1000, 100000, 300)
    """
    fits = max(min(LARGEST, int(MOST / max(each, 1.0))), 1)
    return min(n, int(10 ** math.floor(math.log10(fits))))
