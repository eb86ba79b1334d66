"""Air-shower pulses that the balloon ANITA-4 measured, slowed down to the band of 30 to 80 MHz."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz
from simulacra.core.samples import Array, Samples
from simulacra.domains.radio.radio_pulses import band

NAME = "radio/anita_cosmic_rays.npz"
SHA256 = "a99682b140bf06f0f2f66df9bc3d9fe1a6b86753ac842b795e9caf95868c8abe"
FIX = "the set comes from rprechelt/anitacosmicrays on GitHub; name your own file with path=FILE"
SLOWER = 20 / 3
"""Frequencies are divided by that: 200 to 533 MHz, where these pulses have most of their power, become 30 to 80."""


@dataclass(frozen=True)
class AnitaPulses:
    """Fifty pulses without the instrument's response, each of peak 1; and 29 coherent sums with it, by `events`.

    ANITA hears 180 to 1,200 MHz from far above and samples at 2.6 GHz; stations on the ground hear 30 to 80 MHz. So
    time is stretched by 20/3, the band of 200 to 533 MHz is cut out, and what is left is resampled: 1.2 GHz of
    ANITA's time is 180 MHz here. The shapes are real, their being radio pulses of this band is not: a test of transfer
    and no more.

    Args:
        path: the npz of the data card; None takes it from the data folder.
        length: samples of a trace.
        rate: of sampling after the stretch, MHz.

    References:
        Unusual near-horizon cosmic-ray-like events observed by ANITA-IV (Gorham et al., 2021), arXiv:2008.05690
    """

    kind: ClassVar[str] = "pulse"

    path: Path | None = None
    length: int = 500
    rate: float = 180.0

    def read(self) -> Samples:
        """The deconvolved pulses, (50, length), kind "pulse": each alone, its peak of height 1 in the middle."""
        found = self._file()
        rows = [self._slowed(row[:, 0], row[:, 1]) for row in found["deconvolved_ns_mV_m"]]
        x = np.zeros((len(rows), self.length))
        for row, slow in zip(x, rows, strict=True):
            top = int(np.abs(slow).argmax())
            first = self.length // 2 - top  # where the first of the slow samples falls
            at = np.arange(len(slow)) + first
            inside = (at >= 0) & (at < self.length)
            row[at[inside]] = slow[inside] / slow[top]
        names = np.array([f"{event}-{i}" for i, event in enumerate(found["deconvolved_id"])])
        return Samples.of(x, "pulse", "1", f"{self!r}", id=names, group=found["deconvolved_id"])

    def events(self) -> Samples:
        """The coherent sums of the stronger polarization, (29, 1, length), kind "trace", mV; zeros after their end."""
        found = self._file()
        x = np.zeros((len(found["coherent"]), 1, self.length))
        for out, event in zip(x, found["coherent"], strict=True):
            both = [self._slowed(event[:, 0], event[:, k])[: self.length] for k in (1, 2)]
            slow = max(both, key=lambda one: float(np.abs(one).max()))
            out[0, : len(slow)] = slow
        return Samples.of(x, "trace", "mV", f"{self!r}, coherent sums", id=found["coherent_id"].astype(str))

    def _slowed(self, time: Array, x: Array) -> Array:
        """A waveform cut to the band, at this rate of the stretched time; `time` in ns."""
        step = (time[-1] - time[0]) / (len(time) - 1)
        even = np.interp(time[0] + step * np.arange(len(time)), time, x)
        whole = 1 << (2 * len(even) - 1).bit_length()
        f = np.fft.rfftfreq(whole, step * 1e-3 * SLOWER)  # MHz, after the stretch
        cut = np.fft.irfft(np.fft.rfft(even - even.mean(), n=whole) * band(f), n=whole)[: len(even)]
        lasts = len(even) * step * SLOWER  # ns
        at = np.arange(int(lasts * 1e-3 * self.rate)) / (self.rate * 1e-3)
        return np.asarray(np.interp(at, np.arange(len(even)) * step * SLOWER, cut))

    def _file(self) -> dict[str, Array]:
        path = self.path or data.find(NAME, SHA256, fix=FIX)
        found = read_npz(path)
        missing = sorted({"coherent", "coherent_id", "deconvolved_ns_mV_m", "deconvolved_id"} - set(found))
        if missing:
            raise BadInput("these are no events of ANITA", f"{path}: no {', '.join(missing)}", FIX)
        return found
