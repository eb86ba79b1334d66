"""What an antenna records without a shower: the galaxy, transmitters and sparks; or noise for a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.radio.radio_pulses import BAND, antenna, band, frequencies, grid


@runtime_checkable
class Background(Protocol):
    """A law of traces without a pulse."""

    def draw(self, n: int, length: int, rate: float, rng: np.random.Generator) -> Float[np.ndarray, "n T"]:
        """n traces, µV/m; `rate` in MHz."""
        ...


@dataclass(frozen=True)
class Measured:
    r"""Galactic noise, a receiver's own, transmitters and sparks, as in a quiet place far from towns.

    The galaxy's brightness temperature falls as $f^{-\beta}$, and the power of its field as $f^2\,T \propto
    f^{2 - \beta}$. A transmitter is a sine for the time of a trace; a spark rings with a frequency of the band and
    dies away. All pass the antenna and its band of 30 to 80 MHz.

    Args:
        level: root mean square of galaxy and receiver together, µV/m; about what 35 K at 408 MHz give.
        index: spectral index β of the temperature.
        receiver: share of the power that is the receiver's own, equal at all frequencies.
        change: relative standard deviation of the level from trace to trace (the galaxy rises and sets).
        transmitters: mean number of them in a trace, anywhere in the band.
        strength: least and largest root mean square of a transmitter over the level; its logarithm is uniform.
        sparks: mean number of them in a trace.
        peak: least and largest peak of a spark over the level; its logarithm is uniform.
        decay: shortest and longest time in which a spark falls to 1/e, ns; its logarithm is uniform.

    References:
        All-sky Galactic radiation at 45 MHz and spectral index between 45 and 408 MHz (Guzmán et al., 2011),
        arXiv:1011.4298
    """

    level: float = 15.0
    index: float = 2.55
    receiver: float = 0.2
    change: float = 0.15
    transmitters: float = 1.5
    strength: tuple[float, float] = (0.1, 1.0)
    sparks: float = 0.25
    peak: tuple[float, float] = (1.0, 6.0)
    decay: tuple[float, float] = (20.0, 120.0)

    def __post_init__(self) -> None:
        _positive("level", self.level)
        if not 0 <= self.receiver <= 1 or min(self.transmitters, self.sparks, self.change) < 0:
            raise BadInput(
                "a background has shares of 0 to 1, and counts and changes that are not negative",
                repr(self),
                "take receiver=0.2, transmitters=1.5, sparks=0.25",
            )

    def draw(self, n: int, length: int, rate: float, rng: np.random.Generator) -> Float[np.ndarray, "n T"]:
        """n traces, µV/m."""
        level = self.level * np.exp(self.change * rng.standard_normal((n, 1)))
        x = level * self.galaxy(n, length, rate, rng)
        x += level * self.lines(n, length, rate, rng)
        x += level * self.ringing(n, length, rate, rng)
        return np.asarray(x)

    def galaxy(self, n: int, length: int, rate: float, rng: np.random.Generator) -> Float[np.ndarray, "n T"]:
        """Galaxy and receiver, of mean square 1."""
        whole = grid(length)
        f = frequencies(whole, rate)
        through = band(f) ** 2
        falling = np.maximum(f, BAND[0] / 3) ** (2 - self.index)
        power = (1 - self.receiver) * falling * through / (falling * through).mean()
        power += self.receiver * through / through.mean()
        white = np.fft.rfft(rng.standard_normal((n, whole)), axis=1)
        return np.asarray(np.fft.irfft(white * np.sqrt(power), n=whole, axis=1)[:, :length])

    def lines(self, n: int, length: int, rate: float, rng: np.random.Generator) -> Float[np.ndarray, "n T"]:
        """The transmitters, over the level."""
        count = rng.poisson(self.transmitters, n)
        most = int(count.max(initial=0))
        f = rng.uniform(*BAND, (n, most, 1))
        phase = rng.uniform(0, 2 * np.pi, (n, most, 1))
        height = np.sqrt(2) * _between(self.strength, (n, most, 1), rng)
        height *= (np.arange(most) < count[:, None])[..., None]
        x = np.zeros((n, length))
        for k in range(most):
            x += height[:, k] * np.cos(2 * np.pi * f[:, k] * np.arange(length) / rate + phase[:, k])
        return x

    def ringing(self, n: int, length: int, rate: float, rng: np.random.Generator) -> Float[np.ndarray, "n T"]:
        """The sparks, over the level."""
        owner = np.repeat(np.arange(n), rng.poisson(self.sparks, n))
        sparks = len(owner)
        whole = grid(length)
        time = np.arange(whole) - rng.uniform(0, length, (sparks, 1))
        f, phase = rng.uniform(*BAND, (sparks, 1)), rng.uniform(0, 2 * np.pi, (sparks, 1))
        fall = np.exp(-np.maximum(time, 0.0) * 1e3 / rate / _between(self.decay, (sparks, 1), rng))
        height = _between(self.peak, (sparks, 1), rng)
        x = np.zeros((n, length))
        if not sparks:
            return x
        bare = np.where(time >= 0, fall * np.cos(2 * np.pi * f * time / rate + phase), 0.0)
        heard = np.fft.irfft(np.fft.rfft(bare, axis=1) * antenna(frequencies(whole, rate)), n=whole, axis=1)
        np.add.at(x, owner, (height * heard / np.abs(heard).max(axis=1, keepdims=True))[:, :length])
        return x


@dataclass(frozen=True)
class Uniform:
    """Independent values, uniform about zero.

    Args:
        level: root mean square, µV/m.
    """

    level: float = 15.0

    def __post_init__(self) -> None:
        _positive("level", self.level)

    def draw(self, n: int, length: int, rate: float, rng: np.random.Generator) -> Float[np.ndarray, "n T"]:
        """n traces, µV/m."""
        return np.asarray(rng.uniform(-1, 1, (n, length)) * np.sqrt(3) * self.level)


@dataclass(frozen=True)
class Cosine:
    """One cosine, of any frequency in the band and any phase.

    Args:
        level: root mean square, µV/m.
    """

    level: float = 15.0

    def __post_init__(self) -> None:
        _positive("level", self.level)

    def draw(self, n: int, length: int, rate: float, rng: np.random.Generator) -> Float[np.ndarray, "n T"]:
        """n traces, µV/m."""
        f, phase = rng.uniform(*BAND, (n, 1)), rng.uniform(0, 2 * np.pi, (n, 1))
        return np.asarray(np.sqrt(2) * self.level * np.cos(2 * np.pi * f * np.arange(length) / rate + phase))


def _positive(name: str, value: float) -> None:
    if not value > 0:
        raise BadInput(f"the {name} of a background is above zero", f"{name}={value}", f"take {name}=15")


def _between(ends: tuple[float, float], shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Numbers whose logarithm is uniform between two ends."""
    return np.asarray(np.exp(rng.uniform(np.log(ends[0]), np.log(ends[1]), shape)))
