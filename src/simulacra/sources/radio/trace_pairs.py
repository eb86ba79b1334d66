"""One's own traces with their signals: an npz with the arrays `traces` and `signals`, as published sets have it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples


@dataclass(frozen=True)
class TracePairs:
    """Noisy traces and the signals in them, row by row; a signal that is zero throughout says that there is none.

    `given["snr"]` is the signal's peak over the root mean square of the background, as `RadioTrace` gives it. Nothing
    in the file is ever run.

    Args:
        path: npz with `traces` and `signals`, both (n, length) or (n, length, 1); 500 samples in the published sets.
        unit: of both.
        length: samples that a trace must have; 0 takes any.
    """

    kind: ClassVar[str] = "trace"

    path: Path
    unit: str = "µV/m"
    length: int = 500

    def __post_init__(self) -> None:
        as_path(self, "path")

    def read(self) -> Samples:
        """All pairs, (n, 2, length), float32; a row's name is its place."""
        if not self.path.name.lower().endswith(".npz"):
            raise BadInput(
                "pairs of traces and signals are read from an npz",
                str(self.path),
                "save them as np.savez(path, traces=…, signals=…), both (n, length)",
            )
        found = read_npz(self.path)
        missing = [name for name in ("traces", "signals") if name not in found]
        if missing:
            raise BadInput(
                f"the file holds no {' and no '.join(missing)}",
                f"{self.path}: {', '.join(found) or 'nothing'}",
                "name the arrays traces (noisy) and signals (clean)",
            )
        traces, signals = (_rows(found[name], name) for name in ("traces", "signals"))
        if traces.shape != signals.shape:
            raise BadInput(
                "traces and signals are not pairs", f"{traces.shape} and {signals.shape}", "give one signal a trace"
            )
        if self.length and traces.shape[1] != self.length:
            raise BadInput(
                "these traces have another length", f"{traces.shape[1]} samples", f"bring them to {self.length} samples"
            )
        noise = np.sqrt(np.square(traces - signals).mean(axis=1))
        snr = np.abs(signals).max(axis=1) / np.maximum(noise, 1e-30)
        x = np.stack([traces, signals], axis=1).astype(np.float32)
        return Samples.of(x, "trace", self.unit, f"{self!r}", given={"snr": snr})


def _rows(x: Array, name: str) -> Array:
    """(n, length) of finite numbers, or a clear error."""
    x = x[..., 0] if x.ndim == 3 and x.shape[2] == 1 else x
    if x.ndim != 2 or x.dtype.kind not in "fiu":
        raise BadInput(f"{name} are rows of numbers", f"{x.dtype}, shape {x.shape}", "save them as (n, length)")
    bad = ~np.isfinite(x)
    if bad.any():
        row, place = (int(i) for i in np.argwhere(bad)[0])
        raise BadInput(
            f"some numbers of {name} are NaN or infinite",
            f"{int(bad.sum())} of {x.size}, the first in row {row}, sample {place}",
            "take those rows out",
        )
    return x.astype(np.float64)
