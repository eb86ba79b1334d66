"""Radio traces: the pulse of an air shower under the noise of the sky, and the pulse alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.radio.radio_backgrounds import Background, Cosine, Measured, Uniform
from simulacra.domains.radio.radio_pulses import pulses

__all__ = ["Cosine", "Measured", "RadioTrace", "Uniform"]


@dataclass(frozen=True)
class RadioTrace:
    """Traces of one antenna, and the signal in each: arrays (n, 2, length), the trace first, in µV/m.

    A pulse is a bipolar field seen through the antenna and its band of 30 to 80 MHz (`domains/radio_pulses.py`);
    arrival, width and polarity are random. Its peak is the signal-to-noise ratio times the root mean square of the
    background of this very trace, and that ratio is drawn from a law that is fixed here: its logarithm is uniform.
    `given["snr"]` holds it; it is 0 where there is no pulse.

    Args:
        background: `Measured()`, `Uniform()` or `Cosine()`.
        length: samples of a trace.
        rate: of sampling, MHz.
        snr: least and largest ratio of the pulse's peak to the background's root mean square.
        noise_only: share of the traces without a pulse.
        width: shortest and longest σ of the field, ns; uniform.
        margin: share of the trace at each end in which no pulse arrives.

    References:
        Signal recognition and background suppression by matched filters and neural networks for Tunka-Rex
        (Shipilov et al., 2018), arXiv:1812.03347
        Enhancing the measurement of air-shower radio signals with deep learning: classification and denoising of
        radio signals (Erdmann, Schlüter & Šmída, 2019), arXiv:1901.04079
    """

    kind: ClassVar[str] = "trace"

    background: Background = field(default_factory=Measured)
    length: int = 500
    rate: float = 180.0
    snr: tuple[float, float] = (1.0, 10.0)
    noise_only: float = 0.2
    width: tuple[float, float] = (1.0, 6.0)
    margin: float = 0.1

    def __post_init__(self) -> None:
        if self.length < 64 or self.rate < 165:
            raise BadInput(
                "a trace has 64 samples or more, at 165 MHz or more (the band ends at 80 MHz)",
                f"length={self.length}, rate={self.rate}",
                "take length=500, rate=180",
            )
        if not 0 < self.snr[0] <= self.snr[1] or not 0 < self.width[0] <= self.width[1]:
            raise BadInput(
                "ranges go from a number above zero to a larger one",
                f"snr={self.snr}, width={self.width}",
                "take snr=(1, 10), width=(1, 6)",
            )
        if not 0 <= self.noise_only <= 1 or not 0 <= self.margin < 0.5:
            raise BadInput(
                "noise_only is a share, and margin less than half",
                f"noise_only={self.noise_only}, margin={self.margin}",
                "take noise_only=0.2, margin=0.1",
            )

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n independent traces, each with its signal, (n, 2, length), float32."""
        noise = self.background.draw(n, self.length, self.rate, rng)
        width = rng.uniform(*self.width, n)
        arrival = rng.uniform(self.margin, 1 - self.margin, n) * self.length
        polarity = rng.choice(np.array([-1.0, 1.0]), n)
        ratio = np.exp(rng.uniform(np.log(self.snr[0]), np.log(self.snr[1]), n)) * (rng.random(n) >= self.noise_only)
        height = polarity * ratio * np.sqrt(np.square(noise).mean(axis=1))
        signal = height[:, None] * pulses(width, arrival, self.length, self.rate)
        x = np.stack([noise + signal, signal], axis=1).astype(np.float32)
        return Samples.of(x, "trace", "µV/m", f"{self!r}", given={"snr": ratio})
