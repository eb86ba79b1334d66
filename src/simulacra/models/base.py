"""What a generative model is: it names its losses, says whose turn it is, and draws."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from simulacra.core.recorded import Recorded

Losses = dict[str, Tensor]
"""Named parts, already weighted: (B,) where a part belongs to a sample, a scalar where it does not. The objective is
the sum of their means."""


@dataclass
class Noise:
    """Random numbers keyed by the sample, not by the process that holds it.

    Every process draws the numbers of the whole batch from one key and takes the rows of its own samples: one process
    and two see the same noise, at the price of drawing it twice.

    Args:
        key: the seed of this batch, a function of (run's seed, step, turn).
        start: place of our first sample in the whole batch.
        total: samples in the whole batch.
    """

    key: int
    start: int
    total: int
    _generators: dict[torch.device, torch.Generator] = field(default_factory=dict, repr=False)

    def _generator(self, device: torch.device) -> torch.Generator:
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self.key)
        return self._generators[device]

    def normal(self, n: int, shape: tuple[int, ...], device: torch.device) -> Tensor:
        """Standard normal numbers for our n samples, (n, *shape)."""
        whole = torch.randn(self.total, *shape, generator=self._generator(device), device=device)
        return whole[self.start : self.start + n]

    def uniform(self, n: int, shape: tuple[int, ...], device: torch.device) -> Tensor:
        """Uniform numbers in [0, 1) for our n samples, (n, *shape)."""
        whole = torch.rand(self.total, *shape, generator=self._generator(device), device=device)
        return whole[self.start : self.start + n]


@dataclass(frozen=True)
class Batch:
    """What goes into a model and comes out of it.

    Args:
        x: the objects as tensors, (B, …).
        given: what each is conditioned on, (B,) each.
        mask: which entries of x are real where sizes differ.
        noise: where keyed noise comes from; torch's global generator where there is none.
    """

    x: Tensor
    given: Mapping[str, Tensor] = field(default_factory=dict)
    mask: Tensor | None = None
    noise: Noise | None = None

    def __len__(self) -> int:
        return len(self.x)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers, (B, *shape); a second call gives fresh ones."""
        if self.noise is None:
            return torch.randn(len(self), *shape, device=self.x.device)
        return self.noise.normal(len(self), shape, self.x.device)

    def uniform(self, *shape: int) -> Tensor:
        """Uniform numbers in [0, 1), (B, *shape); a second call gives fresh ones."""
        if self.noise is None:
            return torch.rand(len(self), *shape, device=self.x.device)
        return self.noise.uniform(len(self), shape, self.x.device)

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        given = {name: value.to(device) for name, value in self.given.items()}
        mask = None if self.mask is None else self.mask.to(device)
        return Batch(self.x.to(device), given, mask, self.noise)

    def __getitem__(self, at: slice | Tensor) -> Batch:
        """Some of its samples (without the noise, which belongs to the whole)."""
        given = {name: value[at] for name, value in self.given.items()}
        return Batch(self.x[at], given, None if self.mask is None else self.mask[at])


@dataclass(frozen=True)
class Turn:
    """One player's move in a step.

    Args:
        name: of the player, as the log shows it.
        parameters: what this move changes; a tuple, since a generator would be empty at the second use.
        loss: a batch to named losses; a bound method of the model.
        times: repetitions in a step (a critic's), each on a fresh batch.
    """

    name: str
    parameters: tuple[nn.Parameter, ...]
    loss: Callable[[Batch], Losses]
    times: int = 1


class Model(Recorded, nn.Module, abc.ABC):
    """A generative model: losses to fall, samples to draw."""

    conditions: ClassVar[bool] = False
    """Whether `sample` needs `given`."""
    free: ClassVar[bool] = False
    """Whether any of its conditions may be left out of a draw (NaN), whatever training had."""

    @abc.abstractmethod
    def loss(self, batch: Batch) -> Losses:
        """The named parts of the objective."""

    @abc.abstractmethod
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws, by torch's global generator, on the device of the parameters."""

    def turns(self) -> list[Turn]:
        """Who moves in a step, in order."""
        return [Turn("model", tuple(self.parameters()), self.loss)]

    @property
    def device(self) -> torch.device:
        """Where the parameters lie."""
        return next(self.parameters()).device


@dataclass(frozen=True)
class Symmetry:
    """What a network should pass on, and samples to try it on. Rows are the objects in the model's own terms, (B, …).

    Args:
        x: rows that the network is given.
        answer: what the network makes of rows: rows in the same terms, not yet rounded to samples.
        moves: what may be done to rows before or after, by name.
        settle: rows as a batch that a view brings back to samples, to be seen.
    """

    x: Tensor
    answer: Callable[[Tensor], Tensor]
    moves: Mapping[str, Callable[[Tensor], Tensor]]
    settle: Callable[[Tensor], Batch]


@runtime_checkable
class Equivariant(Protocol):
    """A model that says: whatever of these moves is done to what my network is given is done to what it answers."""

    def moved(self, batch: Batch) -> Symmetry:
        """The network, its moves, and these samples as it meets them; by torch's global generator."""
        ...


@runtime_checkable
class Counting(Protocol):
    """A model that counts something in the training set before its first step: how many atoms molecules have."""

    def count(self, data: Batch) -> None:
        """Look at all training samples."""
        ...


@runtime_checkable
class Solving(Protocol):
    """A model that can find its best weights by itself: where it did, nothing is left to train step by step."""

    def solve(self, data: Batch, weight: Float[Tensor, " n"]) -> None:
        """From all training samples, each of which counts by its weight."""
        ...


@runtime_checkable
class Unequal(Protocol):
    """A model whose samples differ in size: its batches hold such of like size, since empty places cost time too."""

    def lengths(self, data: Batch) -> Int[Tensor, " n"]:
        """The size of each sample."""
        ...


@runtime_checkable
class Decoding(Protocol):
    """A model with a space behind its samples, whose draws there are standard normal."""

    latent: int

    def decode(self, z: Float[Tensor, "B L"], given: Mapping[str, Tensor] | None = None) -> Batch:
        """The expected sample at each place."""
        ...


@runtime_checkable
class Latent(Decoding, Protocol):
    """One that also knows the place of a sample: one can walk from one sample to another."""

    def encode(self, batch: Batch) -> Float[Tensor, "B L"]:
        """The place of each sample in the latent space (a mean where there is a posterior)."""
        ...


@runtime_checkable
class Walking(Protocol):
    """A model whose draws are the ends of walks: walks that begin near one another, without chance, end so."""

    def begin(self, n: int, given: Mapping[str, Tensor] | None = None) -> Float[Tensor, "n ..."]:
        """Where n walks begin: draws of a law about zero."""
        ...

    def end(self, x: Float[Tensor, "B ..."], given: Mapping[str, Tensor] | None = None) -> Batch:
        """The sample at which each walk ends."""
        ...


@runtime_checkable
class Chained(Protocol):
    """A model that makes its samples by degrees, from noise, and can show the way."""

    def chain(
        self, n: int, frames: int = 10, given: Mapping[str, Tensor] | None = None
    ) -> Float[Tensor, "frames n ..."]:
        """Frames from noise to sample of n draws; no more than the walk has places."""
        ...


@runtime_checkable
class Denoiser(Protocol):
    """A model that knows what lies beneath noise. Its batches hold what was recorded first, and what lay beneath next.

    Letters: B samples, K channels, the first of which is what was recorded.
    """

    def denoise(self, batch: Batch) -> Batch:
        """What lies beneath, (B, 1, …), from the first channel of x (B, K, …) alone."""
        ...
