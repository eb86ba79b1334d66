"""Fields as Gaussian ones bent pixel by pixel: lognormal fields, with the law of a pixel mended."""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float
from scipy.fft import dct
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded

WIDEST, POINTS = 4.0, 33  # the law of a pixel is known at so many normal scores, up to so many deviations
ROUNDS = 60  # of the iteration from windows to their sky
LEAST = 1e-4  # of the mean power of a wave: a weaker one counts less
FEWEST = 10  # fields under one value of the condition
TINY = 1e-12


class GaussianBeneath(Recorded, nn.Module):
    r"""A field $\kappa = f\,(e^{y} - 1)$ whose y is an increasing function of a Gaussian field u of unit variance.

    f is the depth of the lowest value that can be, which the condition sets: whatever u is, $\kappa > -f$. The function
    makes the law of a pixel that of the training fields; the power of u is that of theirs, seen through the function.
    Both are learned at some values of the condition and interpolated in its logarithm. A lognormal field is the case of
    a straight function. Fields are windows of a periodic sky of `sides` sides of theirs. Letters: B fields, L pixels
    along a side, K values of the condition.

    Args:
        size: pixels along a side, L.
        at: values of the condition at which the law is learned, ascending.
        floor: pairs of a value of the condition and f there, ascending; in between, a power law.
        sides: width of the sky in sides of a field: 1 where fields are periodic.

    References:
        A lognormal model for the cosmological mass distribution (Coles & Jones, 1991), MNRAS 248, 1
        Sklar's theorem, by which any law has such a function: Fonctions de répartition à n dimensions et leurs marges
        (Sklar, 1959), https://hal.science/hal-04094463
    """

    place: Tensor
    depth: Tensor
    value: Tensor
    power: Tensor
    strength: Tensor
    cosine: Tensor
    ring: Tensor

    def __init__(
        self, size: int, at: tuple[float, ...], floor: tuple[tuple[float, float], ...], sides: int = 2
    ) -> None:
        super().__init__()
        if size < 2 or sides < 1 or not at or not floor:
            raise BadInput(
                "a field has pixels, a sky sides, and a law values at which it is known",
                f"size={size}, sides={sides}, at={at}, floor={floor}",
                "take size=64, sides=2, at=(1.0,), floor=((1.0, 0.06),)",
            )
        knots, depths = torch.tensor(at, dtype=torch.float64), torch.tensor(floor, dtype=torch.float64)
        if (
            not (knots > 0).all()
            or not (depths > 0).all()
            or (knots.diff() <= 0).any()
            or (depths[:, 0].diff() <= 0).any()
        ):
            raise BadInput("conditions and floors are positive, and ascend", f"{at}, {floor}", "put them in order")
        self.size, self.sky = size, sides * size
        self.register_buffer("place", knots.log().float(), persistent=False)
        self.register_buffer("depth", depths.log().float(), persistent=False)
        score = torch.linspace(-WIDEST, WIDEST, POINTS)
        self.register_buffer("value", score.repeat(len(at), 1))
        far = torch.fft.fftfreq(self.sky, 1 / self.sky)
        distance = torch.hypot(far[:, None], far[None])
        self.register_buffer("ring", distance, persistent=False)
        self.register_buffer("power", torch.zeros(len(at), int(distance.max()) + 2))  # logarithms, by waves a side
        self.register_buffer("strength", torch.zeros(size, size))  # logarithm, of each cosine wave
        waves = dct(np.eye(size), axis=0, norm="ortho")  # one a row
        self.register_buffer("cosine", torch.from_numpy(waves).float(), persistent=False)

    def lowest(self, condition: Float[Tensor, " B"]) -> Float[Tensor, " B"]:
        """f under each condition."""
        low, share = _between(condition.log().to(self.depth), self.depth[:, 0])
        return (
            torch.lerp(self.depth[low, 1], self.depth[low + 1, 1], share).exp()
            if len(self.depth) > 1
            else (self.depth[0, 1].exp().expand(len(condition)))
        )

    def normal(self, x: Float[Tensor, "B L L"], condition: Float[Tensor, " B"]) -> Float[Tensor, "B L L"]:
        """The Gaussian fields beneath."""
        y = torch.log1p(x / self.lowest(condition)[:, None, None])
        value = self.row(self.value, condition)
        low = (torch.searchsorted(value, y.flatten(1).contiguous()) - 1).clamp(0, POINTS - 2)
        below, above = value.gather(1, low), value.gather(1, low + 1)
        share = (y.flatten(1) - below) / (above - below)
        return ((low + share) * (2 * WIDEST / (POINTS - 1)) - WIDEST).view_as(x)

    def field(self, u: Float[Tensor, "B L L"], condition: Float[Tensor, " B"]) -> Float[Tensor, "B L L"]:
        """The fields above: never below their lowest value."""
        at = (u.flatten(1) + WIDEST) * ((POINTS - 1) / (2 * WIDEST))
        low = at.floor().long().clamp(0, POINTS - 2)
        value = self.row(self.value, condition)
        below, above = value.gather(1, low), value.gather(1, low + 1)
        y = below + (at - low) * (above - below)
        return (torch.expm1(y) * self.lowest(condition)[:, None]).view_as(u)

    def draw(self, white: Float[Tensor, "B S S"], condition: Float[Tensor, " B"]) -> Float[Tensor, "B L L"]:
        """Gaussian fields of the power beneath: corners of skies made of white noise of unit variance."""
        power = self.row(self.power, condition)
        amplitude = (self._on_sky(power) / 2).exp()
        amplitude = amplitude / amplitude.square().mean((1, 2), keepdim=True).sqrt()
        sky: Tensor = torch.fft.ifft2(torch.fft.fft2(white) * amplitude).real
        return sky[:, : self.size, : self.size]

    def whitened(self, u: Float[Tensor, "B L L"]) -> Float[Tensor, "B L L"]:
        """Fields whose cosine waves have unit variance, but for those that hardly have any."""
        return self._waves(u, -0.5)

    def colored(self, w: Float[Tensor, "B L L"]) -> Float[Tensor, "B L L"]:
        """The reverse."""
        return self._waves(w, 0.5)

    def _waves(self, u: Tensor, power: float) -> Tensor:
        gain = (self.strength.exp() + LEAST) ** power
        return self.cosine.T @ (gain * (self.cosine @ u @ self.cosine.T)) @ self.cosine

    def row(self, table: Float[Tensor, "K P"], condition: Float[Tensor, " B"]) -> Float[Tensor, "B P"]:
        """A table's row under each condition; beyond its ends, the last."""
        if len(table) == 1:
            return table.repeat(len(condition), 1)
        low, share = _between(condition.log().to(self.place), self.place)
        return torch.lerp(table[low], table[low + 1], share.clamp(0, 1)[:, None])

    @torch.no_grad()
    def learn(self, x: Float[Tensor, "N L L"], condition: Float[Tensor, " N"]) -> None:
        """The law of a pixel and the power beneath, at each value of the condition at which they are to be known."""
        score = torch.linspace(-WIDEST, WIDEST, POINTS, dtype=torch.float64)
        strength = torch.zeros(self.size, self.size, dtype=torch.float64)
        near = (condition.log().to(self.place)[:, None] - self.place).abs()
        for i in range(len(self.place)):
            rows = near[:, i] < 1e-3
            if rows.sum() < FEWEST:
                raise BadInput(
                    "a law is learned of ten fields or more under each value of the condition",
                    f"{int(rows.sum())} at {math.exp(self.place[i]):.4g}",
                    "bring more, or learn at fewer values",
                )
            some, value = x[rows], condition[rows]
            y = torch.log1p(some / self.lowest(value)[:, None, None]).double().flatten().sort().values
            rank = torch.special.ndtr(score) * len(y) - 0.5
            low = rank.floor().long().clamp(0, len(y) - 2)
            quantile = torch.lerp(y[low], y[low + 1], (rank - low).clamp(0, 1))
            step = 1e-4 * float(y.std())  # a function that increases, whatever the few farthest pixels say
            quantile = (quantile - step * torch.arange(POINTS)).cummax(0).values + step * torch.arange(POINTS)
            self.value[i] = quantile.float()
            u = self.normal(some, value).double()
            cosine = self.cosine.double()
            seen = (cosine @ u @ cosine.T).square().mean(0)
            seen = (seen + seen.T) / 2
            self.power[i] = self._rings(seen).log().float()
            strength += seen / len(self.place)
        self.strength.copy_(strength.clamp(min=TINY).log())

    def _rings(self, seen: Float[Tensor, "L L"]) -> Float[Tensor, " rings"]:
        r"""Power of the sky by its waves a side, whose windows have cosine waves of this mean square.

        A cosine wave of a window is hardly reached by sky waves of other lengths: its edges join no far pixels. What
        is expected of it is linear in the power; rings are scaled by the ratio of both until these agree.
        """
        cosine, shift = self.cosine.double(), torch.arange(self.size)
        lag = (shift[None] - shift[:, None]) % self.sky
        paired = torch.zeros(self.size, self.sky, dtype=torch.float64)  # products of a wave with itself, by the shift
        paired.index_add_(1, lag.flatten(), (cosine[:, :, None] * cosine[:, None]).flatten(1))
        wave = shift * (self.sky / self.size / 2)
        distance = torch.hypot(wave[:, None], wave[None])
        power = self._smeared(seen, distance)
        for _ in range(ROUNDS):
            expected = paired @ torch.fft.ifft2(self._on_sky(power.log()).exp()).real @ paired.T
            power = power * self._smeared(seen / expected, distance)
        return power

    def _on_sky(self, power: Float[Tensor, "*K rings"]) -> Float[Tensor, "*K S S"]:
        """Rings to waves, by straight lines."""
        low = self.ring.floor().long()
        return torch.lerp(power[..., low], power[..., low + 1], (self.ring - low).to(power))

    def _smeared(self, value: Float[Tensor, "L L"], distance: Float[Tensor, "L L"]) -> Float[Tensor, " rings"]:
        """Means over waves by rings; a ring without waves has that of the last one that has some."""
        low, share = distance.floor().long().flatten(), (distance - distance.floor()).flatten().double()
        total, weight = (torch.zeros(self.power.shape[1] + 1, dtype=torch.float64) for _ in range(2))
        for at, part in ((low, 1 - share), (low + 1, share)):
            at = at.clamp(max=len(total) - 1)
            total.index_add_(0, at, part * value.flatten())
            weight.index_add_(0, at, part)
        last = int((weight > 1e-6).nonzero().max())
        mean = total / weight.clamp(min=1e-9)
        mean[last + 1 :] = mean[last]
        return mean[: self.power.shape[1]].clamp(min=TINY)


def _between(x: Float[Tensor, " B"], knots: Float[Tensor, " K"]) -> tuple[Tensor, Tensor]:
    """The knot below each x (the last but one at most) and the share of the way to the next."""
    low = (torch.searchsorted(knots.contiguous(), x.contiguous()) - 1).clamp(0, max(len(knots) - 2, 0))
    above = knots[(low + 1).clamp(max=len(knots) - 1)]
    return low, (x - knots[low]) / (above - knots[low]).clamp(min=1e-12)
