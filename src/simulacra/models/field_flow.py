"""Flow of fields: from a bent Gaussian field of the right power and pixels to what such a field misses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.diffusion.clock import FEATURES, clock
from simulacra.diffusion.gaussian_beneath import GaussianBeneath
from simulacra.diffusion.turns import Turns
from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.folded import Folded
from simulacra.networks.unet import UNet

SEEN = FEATURES + 1
"""Numbers by which the network is conditioned: the place on the way, and the logarithm of the condition."""
FIRST = 1e-3  # of a right angle: the clock's logarithm is finite there


class FieldFlow(Model):
    r"""A field's Gaussian form u, and noise g of the very power of u: $x_\theta = u \cos\theta + g \sin\theta$.

    Were u Gaussian, $x_\theta$ would have one law at all angles, and the expected velocity
    $E[g\cos\theta - u\sin\theta \mid x_\theta]$ would be nothing. So a network that says nothing draws the bent
    Gaussian field, of which a lognormal one is a case, and all that it learns is what such a field misses. It sees the
    field as it is and with all its waves made equally strong, and its answer is in terms of the latter: an error is
    small where the field's power is. Mean and power of $x_\theta$ are known at all angles: what a trained network
    strays from them is measured once, and taken back step by step (`settle`). Draws are above the lowest value that can
    be, whatever the network says. Letters: B fields, L pixels along a side.

    Args:
        network: fields (B, 2, L, L), as they are and whitened, and what it is conditioned on (B, 33), to two channels,
            of which the first is the whitened velocity.
        size: pixels along a side, L.
        at: values of the condition at which the Gaussian beneath is learned; all are in the training set.
        floor: pairs of a value of the condition and how far below 0 a field may be.
        condition: its name; a positive number.
        sides: width of the sky of which fields are windows, in sides of a field.
        steps: from noise to field, each one call of the network.
        symmetry: ways in which a field may as well be turned; None for none.

    References:
        Stochastic interpolants, and their trigonometric one: Building normalizing flows with stochastic interpolants
        (Albergo & Vanden-Eijnden, 2023), arXiv:2209.15571
        Flow matching for generative modeling (Lipman et al., 2023), arXiv:2210.02747
        A lognormal model for the cosmological mass distribution (Coles & Jones, 1991), MNRAS 248, 1
    """

    conditions: ClassVar[bool] = True
    scale: Tensor
    gain: Tensor
    drift: Tensor
    wave: Tensor

    def __init__(
        self,
        network: nn.Module,
        size: int,
        at: tuple[float, ...],
        floor: tuple[tuple[float, float], ...],
        condition: str = "redshift",
        sides: int = 2,
        steps: int = 20,
        symmetry: Turns | None = None,
    ) -> None:
        super().__init__()
        if steps < 2:
            raise BadInput("a way has two steps or more", f"steps={steps}", "take steps=20")
        self.network, self.size, self.condition, self.steps, self.symmetry = network, size, condition, steps, symmetry
        self.at = tuple(at)
        self.register_buffer("scale", torch.tensor([0.0, 1.0]))  # of the condition: middle and spread
        wave = torch.arange(size).float()
        self.register_buffer("wave", torch.hypot(wave[:, None], wave[None]), persistent=False)
        self.register_buffer("gain", torch.zeros(steps, len(at), int(self.wave.max()) + 2))  # logarithms, by waves
        self.register_buffer("drift", torch.zeros(steps, len(at)))
        self.beneath = GaussianBeneath(size, tuple(at), tuple((a, b) for a, b in floor), sides)

    def extra_repr(self) -> str:
        """The condition and the steps."""
        return f"{self.size}, given {self.condition}, {self.steps} steps"

    def count(self, data: Batch) -> None:
        """Before the first step: the law of a pixel and the power of the training fields.

        The condition comes in a scale of its own; as its values are those of `at`, that is found too.
        """
        values = torch.unique(data.given.get(self.condition, torch.zeros(0)))
        if len(values) != len(self.at):
            raise BadInput(
                f"the training fields have other values of {self.condition} than the law is to be learned at",
                f"{len(values)} values; {len(self.at)}: {', '.join(f'{v:g}' for v in self.at)}",
                "name in `at` all that the training set has, and no other",
            )
        spread = (self.at[-1] - self.at[0]) / float(values[-1] - values[0]) if len(values) > 1 else 1.0
        self.scale.copy_(torch.tensor([self.at[0] - spread * float(values[0]), spread]))
        self.beneath.learn(data.x[:, 0], self._of(data.given))

    def loss(self, batch: Batch) -> Losses:
        """Mean squared error of the whitened velocity, at angles spread evenly over the batch."""
        given = self._of(batch.given)
        keyed = batch.noise
        first, total = (0, len(batch)) if keyed is None else (keyed.start, keyed.total)
        place = torch.arange(first, first + len(batch), device=batch.x.device)
        angle = ((place + batch.uniform()) / total * (math.pi / 2))[:, None, None]
        data = batch.x if self.symmetry is None else self.symmetry.moved(batch.x, batch.uniform())
        with torch.autocast(batch.x.device.type, enabled=False):
            u = self.beneath.normal(data[:, 0], given)
            g = self.beneath.draw(batch.normal(self.beneath.sky, self.beneath.sky), given)
            x, velocity = angle.cos() * u + angle.sin() * g, angle.cos() * g - angle.sin() * u
            asked = self.beneath.whitened(velocity)
        said = self._said(x, angle[:, 0, 0], given)
        return {"velocity": (said.float() - asked).square().flatten(1).mean(1)}

    def _said(self, x: Float[Tensor, "B L L"], angle: Float[Tensor, " B"], given: Float[Tensor, " B"]) -> Tensor:
        """The network's answer: a whitened velocity."""
        with torch.autocast(x.device.type, enabled=False):
            seen = torch.stack([x, self.beneath.whitened(x)], 1)
            inside = angle.clamp(FIRST, math.pi / 2 - FIRST)
            features = torch.cat([clock(-2 * inside.tan().log()), given.log()[:, None]], 1)
        out: Tensor = self.network(seen, features)[:, 0]
        return out

    def velocity(self, x: Float[Tensor, "B L L"], angle: float, given: Float[Tensor, " B"]) -> Float[Tensor, "B L L"]:
        """The expected change of a Gaussian form by the angle."""
        return self.beneath.colored(self._said(x, torch.full((len(x),), angle, device=x.device), given).float())

    def _of(self, given: Mapping[str, Tensor] | None) -> Float[Tensor, " B"]:
        if not given or self.condition not in given:
            raise BadInput("a condition is missing", ", ".join(given or ()) or "none", f"give {self.condition} too")
        value = self.scale[0] + self.scale[1] * given[self.condition].float()
        if not (value > 0).all():
            raise BadInput(f"{self.condition} is positive", f"{float(value.min()):g}", "take one of the training set's")
        return value

    @torch.no_grad()
    def start(self, n: int, given: Mapping[str, Tensor] | None) -> Float[Tensor, "n L L"]:
        """Gaussian forms of fields of which nothing is known but power and pixels; by torch's global generator."""
        white = torch.randn(n, self.beneath.sky, self.beneath.sky, device=self.device)
        return self.beneath.draw(white, self._of(given))

    @torch.no_grad()
    def way(self, g: Float[Tensor, "n L L"], given: Mapping[str, Tensor] | None) -> list[Float[Tensor, "n L L"]]:
        """All places of the walk, (steps + 1).

        A step goes by $-h v$, with the v of half a step on, by that of the step before (Adams & Bashforth): a field
        whose v is nothing stays where it is.
        """
        condition, h = self._of(given), math.pi / 2 / self.steps
        places, before = [g], None
        for i in range(self.steps):
            x = places[-1]
            v = self.velocity(x, math.pi / 2 - i * h, condition)
            used = v if before is None else 1.5 * v - 0.5 * before
            places.append(self._settled(x - h * used, i, condition))
            before = v
        return places

    def _settled(self, x: Float[Tensor, "n L L"], step: int, condition: Float[Tensor, " n"]) -> Tensor:
        """Forms after a step, with what the network strays taken back."""
        if step >= len(self.gain) or not bool(self.gain.any() | self.drift.any()):
            return x
        gain, low = self.beneath.row(self.gain[step], condition), self.wave.long()
        factor = torch.lerp(gain[:, low], gain[:, low + 1], self.wave - low).exp()
        cosine = self.beneath.cosine
        settled: Tensor = cosine.T @ (factor * (cosine @ x @ cosine.T)) @ cosine
        return settled - self.beneath.row(self.drift[step, :, None], condition)[:, :, None]

    @torch.no_grad()
    def settle(self, n: int) -> None:
        """After the training: how mean and power change along n ways under each condition, where they should not.

        By torch's global generator. Each step is measured from where the one before, put right, has led to.
        """
        self.gain.zero_()
        self.drift.zero_()
        h, cosine, low = math.pi / 2 / self.steps, self.beneath.cosine, self.wave.long().flatten()
        share = (self.wave.flatten() - low).double()

        def power(x: Tensor) -> Tensor:
            """By the length of waves, each ring with its neighbors."""
            seen = (cosine @ x @ cosine.T).square().mean(0).double().flatten()
            rings = torch.zeros(self.gain.shape[2], dtype=torch.float64)
            for at, part in ((low, 1 - share), (low + 1, share)):
                rings.index_add_(0, at, part * seen)
            return functional.conv1d(
                functional.pad(rings, (1, 1))[None, None], torch.ones(1, 1, 3, dtype=torch.float64)
            )[0, 0].clamp(min=1e-12)

        for k, value in enumerate(self.at):
            condition, before = torch.full((n,), value), None
            given = {self.condition: (condition - self.scale[0]) / self.scale[1]}
            x = self.start(n, given)
            for i in range(self.steps):
                v = self.velocity(x, math.pi / 2 - i * h, condition)
                moved = x - h * (v if before is None else 1.5 * v - 0.5 * before)
                before = v
                self.gain[i, k] = (0.5 * (power(x) / power(moved)).log()).float()
                there = self._settled(moved, i, condition)
                self.drift[i, k] = there.mean() - x.mean()
                x = there - self.drift[i, k]

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws under the given conditions, (n,) each."""
        form = self.way(self.start(n, given), given)[-1]
        return Batch(self.beneath.field(form, self._of(given))[:, None], dict(given or {}))

    @torch.no_grad()
    def untaught(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws of the bent Gaussian field, where the way begins."""
        return Batch(self.beneath.field(self.start(n, given), self._of(given))[:, None], dict(given or {}))

    @torch.no_grad()
    def chain(
        self, n: int, frames: int = 10, given: Mapping[str, Tensor] | None = None
    ) -> Float[Tensor, "frames n ..."]:
        """Frames from the bent Gaussian field to the sample, of n draws."""
        if frames < 2:
            raise BadInput("a chain shows two frames or more", f"frames={frames}", "take frames=10")
        places = self.way(self.start(n, given), given)
        shown = torch.linspace(0, self.steps, min(frames, self.steps + 1)).round().long().tolist()
        return torch.stack([self.beneath.field(places[i], self._of(given))[:, None] for i in shown])


def example() -> tuple[FieldFlow, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    model = FieldFlow(
        Folded(UNet(2, 8, 8, SEEN, growth=(1,), attention=0), 2), 8, (0.5, 1.0), ((0.5, 2.0), (1.0, 3.0)), steps=4
    )
    x = torch.expm1(0.3 * torch.randn(32, 1, 8, 8))
    batch = Batch(x, {"redshift": torch.tensor([0.5, 1.0]).repeat(16)})
    model.count(batch)
    return model, batch
