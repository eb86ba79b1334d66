"""Equivariant diffusion of molecules: atoms drift from noise to their places, and to their elements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.diffusion.atom_moves import BLUR, moves
from simulacra.diffusion.atoms import MoleculeParts, bound, centered, freedom
from simulacra.diffusion.clock import FEATURES, clock
from simulacra.diffusion.noise import Denoise, Noise, Polynomial
from simulacra.diffusion.properties import Properties
from simulacra.diffusion.sizes_given import SizesGiven
from simulacra.diffusion.targets import PredictNoise, Target
from simulacra.diffusion.weighting import Simple, Weighting
from simulacra.models.base import Batch, Losses, Model, Symmetry
from simulacra.models.fragments import grown
from simulacra.networks.egnn import EGNN
from simulacra.samplers.base import Sampler
from simulacra.samplers.ddpm import DDPM

AGAIN = 20
"""Times that a walk which ends in no number is walked again, at most."""


class EDM(Model):
    r"""Molecules as rows $z_0$ of scaled places, marks of elements and atomic numbers, seen as
    $z_t = \alpha_t z_0 + \sigma_t \varepsilon$ with noise whose places have no mean; a network says what they were.

    How many atoms a molecule has is drawn first, as often as in the training set, which `count` looks at: of a model
    that is conditioned on properties, as often as among the training molecules with such properties. A walk that ends
    in no number is walked again, from fresh noise, and counted in `redrawn`. Letters: B molecules, N seats, K
    elements, E numbers of conditioning. A batch holds places in Å and marks side by side, (B, N, 3 + K);
    empty seats are zeros, and stand behind the atoms.

    Args:
        network: rows (B, N, 3 + K + 1), what it is conditioned on (B, E) and which seats are filled (B, N) to rows of
            that shape; equivariant in the places. E is 32 for the time, and the properties' width.
        elements: atomic numbers, in the order of the marks.
        seats: of a drawn molecule, at most: N.
        noise: how a molecule fades; `Polynomial` by default.
        target: what the network is asked for; `PredictNoise` by default.
        sampler: the walk from noise to molecules; `DDPM` of 1,000 steps by default, as published.
        weighting: `Simple` by default, the published squared error; `Bound` trains the variational bound.
        conditioning: properties; None for a model without.
        scales: what places, marks and atomic numbers are divided by. Left out, (1, 1, 1), elements freeze before the
            places do: published stability of molecules falls from 82 to 47 %.

    References:
        Equivariant diffusion for molecule generation in 3D (Hoogeboom et al., 2022), arXiv:2203.17003
    """

    counts: Tensor

    def __init__(
        self,
        network: nn.Module,
        elements: tuple[int, ...] = (1, 6, 7, 8, 9),
        seats: int = 29,
        noise: Noise | None = None,
        target: Target | None = None,
        sampler: Sampler | None = None,
        weighting: Weighting | None = None,
        conditioning: Properties | None = None,
        scales: tuple[float, float, float] = (1.0, 4.0, 10.0),
    ) -> None:
        super().__init__()
        if not elements or seats < 1 or min(scales) <= 0:
            raise BadInput(
                "molecules have an element, a seat and scales above 0",
                f"elements={elements}, seats={seats}, scales={scales}",
                "take elements=(1, 6, 7, 8, 9), seats=29, scales=(1.0, 4.0, 10.0)",
            )
        self.network, self.elements, self.seats, self.conditioning = network, tuple(elements), seats, conditioning
        self.noise = Polynomial() if noise is None else noise
        self.target = PredictNoise() if target is None else target
        self.sampler = DDPM(1000) if sampler is None else sampler
        self.weighting = Simple() if weighting is None else weighting
        self.scales = (scales[0], scales[1], scales[2])
        self.conditions = conditioning is not None  # of this model, not of its class
        self.register_buffer("counts", torch.ones(seats + 1))
        self.counts[0] = 0
        self.redrawn = 0
        self.sizes_given = SizesGiven(conditioning.names, seats) if conditioning else None

    def extra_repr(self) -> str:
        """The parts that are no networks, by their names."""
        parts = (self.noise, self.target, self.sampler, self.weighting)
        return ", ".join([str(self.elements), f"seats={self.seats}", *(type(part).__name__ for part in parts)])

    @torch.no_grad()
    def count(self, data: Batch) -> None:
        """Remember how many molecules of the training set have how many atoms."""
        atoms = self.mask_of(data.x).sum(1)
        if int(atoms.max()) > self.seats:
            raise BadInput(
                "a training molecule has more atoms than the model has seats",
                f"{int(atoms.max())} atoms, seats={self.seats}",
                f"take seats={int(atoms.max())}",
            )
        self.counts.copy_(torch.bincount(atoms.cpu(), minlength=self.seats + 1))
        if self.sizes_given is not None:
            self.sizes_given.count(atoms, data.given)

    @staticmethod
    def mask_of(x: Tensor) -> Tensor:
        """Which seats hold an atom."""
        return x[..., 3:].sum(2) > 0.5

    def _scaled(self, x: Float[Tensor, "B N D"], mask: Bool[Tensor, "B N"]) -> Float[Tensor, "B N E"]:
        """Rows as the diffusion sees them."""
        return centered(self._rows(x), mask)

    def _rows(self, x: Float[Tensor, "B N D"]) -> Float[Tensor, "B N E"]:
        """Scaled rows of molecules, wherever their middle is."""
        numbers = torch.tensor(self.elements, dtype=x.dtype, device=x.device)
        marks = x[..., 3:]
        parts = [x[..., :3], marks, (marks * numbers).sum(2, keepdim=True)]
        return torch.cat([part / s for part, s in zip(parts, self.scales, strict=True)], 2)

    def decoded(self, z: Float[Tensor, "B N E"], mask: Bool[Tensor, "B N"]) -> Float[Tensor, "B N D"]:
        """Places without center, and each atom's likeliest element."""
        z = centered(z, mask)
        marks = functional.one_hot(z[..., 3:-1].argmax(2), len(self.elements)).to(z)
        return torch.cat([z[..., :3] * self.scales[0], marks], 2) * mask[..., None]

    def loss(self, batch: Batch) -> Losses:
        """The network's squared error, over the numbers that are free, at a time of each molecule's own."""
        keyed, mask = batch.noise, self.mask_of(batch.x)
        z = self._scaled(batch.x, mask)
        first, total = (0, len(batch)) if keyed is None else (keyed.start, keyed.total)
        place = torch.arange(first, first + len(batch), device=z.device)
        t = self.weighting.times(self.noise, (place + batch.uniform().double()) / total)
        kept = torch.ones_like(t, dtype=torch.bool)
        if self.conditioning is not None and self.conditioning.dropped:
            kept = batch.uniform() >= self.conditioning.dropped
        alpha, sigma = self.noise.alpha(t), self.noise.sigma(t)
        eps = centered(batch.normal(*z.shape[1:]), mask)
        seen = _over(alpha, z) * z + _over(sigma, z) * eps
        skip, out = self.target.read(alpha, sigma)
        asked = _over((1 - skip * alpha) / out, z) * z - _over(skip * sigma / out, z) * eps
        said = self._network(seen, t, mask, batch.given, kept).float()
        error = (said - asked).square().sum((1, 2)) / freedom(mask, z.shape[2] - 3).to(z)
        return {"denoising": self.weighting.weight(self.noise, self.target, t).to(error) * error}

    def _network(
        self, z: Tensor, t: Tensor, mask: Tensor, given: Mapping[str, Tensor], kept: Bool[Tensor, " B"]
    ) -> Tensor:
        features = clock(self.noise.log_snr(t)).to(z)
        if self.conditioning is not None:
            features = torch.cat([features, self.conditioning.tell(given, kept).to(z)], 1)
        scale = self.target.scale(self.noise.alpha(t), self.noise.sigma(t))
        return centered(self.network(_over(scale, z) * z, features, mask), mask)

    def denoiser(self, mask: Bool[Tensor, "B N"], given: Mapping[str, Tensor] | None = None) -> Denoise:
        """The expected scaled rows of molecules of these sizes: what samplers and likelihoods walk with.

        What lies outside the places without center is not looked at. Samplers are linear in where they stand, in what
        is expected and in fresh noise; so any of them walks rightly within, whatever gathers outside.
        """
        conditioning = {name: value.to(mask.device) for name, value in (given or {}).items()}
        kept = torch.ones(len(mask), dtype=torch.bool, device=mask.device)

        def denoise(z: Tensor, t: Tensor) -> Tensor:
            z = centered(z, mask)
            t = t.to(z.device, torch.float64).expand(len(z))
            skip, out = (_over(part, z) for part in self.target.read(self.noise.alpha(t), self.noise.sigma(t)))
            said = self._network(z, t, mask, conditioning, kept)
            if self.conditioning is not None and self.conditioning.weight != 1:
                plain = self._network(z, t, mask, conditioning, ~kept)
                said = plain + self.conditioning.weight * (said - plain)
            return skip * z + out * said

        return denoise

    def sizes(self, n: int, least: int = 1, given: Mapping[str, Tensor] | None = None) -> Int[Tensor, " n"]:
        """n numbers of atoms, of at least so many, as often as the training set had them with such properties."""
        weights = self.counts[None].clone()
        if self.sizes_given is not None and given:
            weights = self.sizes_given.weights(self.counts, given)
        weights[:, :least] = 0
        if not weights.any(1).all():
            raise BadInput(
                "no training molecule has so many atoms",
                f"{least} or more",
                f"at most {int(self.counts.nonzero().max())}",
            )
        if len(weights) == 1:
            return torch.multinomial(weights[0], n, replacement=True)
        return torch.multinomial(weights, 1).squeeze(1)

    def seated(self, atoms: Int[Tensor, " n"]) -> tuple[Bool[Tensor, "n N"], Float[Tensor, "n N E"]]:
        """Which seats are filled, and standard normal rows without center."""
        mask = torch.arange(self.seats, device=self.device) < atoms.to(self.device)[:, None]
        z = torch.randn(len(atoms), self.seats, 3 + len(self.elements) + 1, device=self.device)
        return mask, self.sampler.start(self.noise, centered(z, mask))

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n molecules under the given properties, (n,) each."""
        return self.sample_sized(self.sizes(n, given=given), given)

    @torch.no_grad()
    def sample_sized(self, atoms: Int[Tensor, " n"], given: Mapping[str, Tensor] | None = None) -> Batch:
        """A molecule of each of these numbers of atoms."""
        if int(atoms.max()) > self.seats or int(atoms.min()) < 1:
            raise BadInput("the model has no such number of seats", str(atoms.tolist()[:9]), f"1 to {self.seats} atoms")
        x = self._walked(atoms, given)
        for _ in range(AGAIN):
            lost = torch.nonzero(~x.isfinite().all(2).all(1)).squeeze(1)
            if not len(lost):
                return Batch(x, dict(given or {}))
            self.redrawn += len(lost)
            x[lost] = self._walked(atoms[lost], {name: value[lost] for name, value in (given or {}).items()})
        raise BadInput(
            "walks of this model end in no number", f"some of {len(x)} draws, {AGAIN} times", "take more steps"
        )

    def _walked(self, atoms: Int[Tensor, " n"], given: Mapping[str, Tensor] | None) -> Float[Tensor, "n N D"]:
        mask, z = self.seated(atoms)
        return self.decoded(self.sampler.walk(self.denoiser(mask, given), self.noise, z), mask)

    @torch.no_grad()
    def grow(
        self,
        fragment: Float[Tensor, "M D"],
        n: int,
        atoms: Int[Tensor, " n"] | None = None,
        given: Mapping[str, Tensor] | None = None,
    ) -> Batch:
        """n molecules that hold a fragment, its atoms first and where they are to the last bit.

        The expected molecule has the fragment's atoms put in their places at every step, shifted as a whole to where it
        expects them: as `Replaced` fills, it binds what is missing too loosely to what is known.

        Args:
            fragment: places in Å and marks of M atoms.
            n: how many molecules.
            atoms: of each, with those of the fragment; drawn if None.
            given: properties, (n,) each.
        """
        return grown(self, fragment, n, atoms, given)

    @torch.no_grad()
    def chain(
        self, n: int, frames: int = 10, given: Mapping[str, Tensor] | None = None
    ) -> Float[Tensor, "frames n N D"]:
        """Frames from noise to molecules, each decoded: places over the spread of unit data, and likeliest elements."""
        if frames < 2:
            raise BadInput("a chain shows two frames or more", f"frames={frames}", "take frames=10")
        count = min(frames, self.sampler.steps + 1)  # few steps have no more frames than places
        places = torch.linspace(0, self.sampler.steps, count).round().long().tolist()
        alpha, sigma = self.noise.levels(self.sampler.times(self.noise))
        spread = (alpha**2 + sigma**2).sqrt().tolist()
        mask, z = self.seated(self.sizes(n, given=given))
        shown = [self.decoded(z / spread[0], mask)]

        def watch(step: int, z: Tensor) -> None:
            if step in places:
                shown.append(self.decoded(z / spread[step], mask))

        self.sampler.walk(self.denoiser(mask, given), self.noise, z, watch)
        return torch.stack(shown)

    @torch.no_grad()
    def moved(self, batch: Batch) -> Symmetry:
        """These molecules with their places blurred, and what the network takes them for, wherever their middle is."""
        mask = self.mask_of(batch.x)
        here, kept = mask[..., None].to(batch.x), torch.ones(len(batch), dtype=torch.bool, device=mask.device)
        blurred = centered(batch.x, mask)[..., :3] + BLUR * torch.randn_like(batch.x[..., :3])
        t = self.noise.when(torch.full((len(batch),), BLUR / self.scales[0], dtype=torch.float64, device=mask.device))
        alpha, (skip, out) = self.noise.alpha(t), self.target.read(self.noise.alpha(t), self.noise.sigma(t))

        def answer(x: Tensor) -> Tensor:
            z = self._rows(x)
            inner = centered(z, mask)
            said = self._network(_over(alpha, z) * z, t, mask, batch.given, kept)
            data = _over(skip * alpha, z) * inner + _over(out, z) * said + (z - inner)
            return torch.cat([data[..., :3] * self.scales[0], data[..., 3:-1] * self.scales[1]], 2) * here

        def settle(x: Tensor) -> Batch:
            return Batch(torch.cat([x[..., :3], functional.one_hot(x[..., 3:].argmax(2), x.shape[2] - 3)], 2) * here)

        return Symmetry(torch.cat([blurred, batch.x[..., 3:]], 2) * here, answer, moves(mask), settle)

    def bound(self, batch: Batch, points: int = 128) -> MoleculeParts:
        """The variational bound on minus the log-likelihood, nats a molecule, by parts; see `diffusion/atoms.py`."""
        mask = self.mask_of(batch.x)
        z = self._scaled(batch.x, mask)
        parts = bound(self.denoiser(mask, batch.given), self.noise, z, mask, self.scales, points)
        chance = self.counts.double() / self.counts.sum()
        return replace(parts, size=-chance[mask.sum(1)].log())


def _over(value: Float[Tensor, " B"], z: Tensor) -> Tensor:
    """One number a molecule, to be multiplied with rows."""
    return value.to(z).view(-1, 1, 1)


def example() -> tuple[EDM, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    conditioning = Properties(("gap",))
    model = EDM(
        EGNN(4, 8, FEATURES + conditioning.width, blocks=2),
        (1, 6, 8),
        seats=5,
        sampler=DDPM(5),
        conditioning=conditioning,
    )
    mask = torch.arange(5) < (torch.arange(32) % 5 + 1)[:, None]
    marks = functional.one_hot(torch.arange(160).view(32, 5) % 3, 3)
    x = torch.cat([torch.randn(32, 5, 3), marks], 2) * mask[..., None]
    gap = torch.where(torch.arange(32) % 4 == 0, float("nan"), torch.randn(32))
    return model, Batch(x, {"gap": gap})
