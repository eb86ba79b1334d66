"""Polish: a denoiser's answer made better by a linear regression of the truth on it, place by place."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.recorded import Recorded

RINGS = (5.0, 9.0, 14.0, 20.0, 28.0)
"""Pixels from the middle at which a ring ends."""
STEPS = (-1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0)
"""Of the smoothed answer, in the units of the model, at which a step of brightness ends."""
TIMES = (1, 3, 7)
"""How often three pixels are averaged to smooth more and more; a band lies between two."""
RIDGE = 1e-4


class Polish(Recorded, nn.Module):
    r"""$D' = S D + \sum_b (a_b D_b + c_b x_b)$ with bands of the answer D and of the noisy picture x, and gains fitted.

    A small network that was trained for minutes denoises as a Wiener filter does, alike everywhere, where a picture is
    quiet in one place and noisy in another: so noise is left in bright cores. Here S smooths, the three bands are what
    smoothing more and more takes away, and the gains a and c are those of a linear regression of the
    training pictures on D and x: one for each level of noise, ring about the middle, step of brightness and channel. So
    the mean squared error on the training pictures falls by construction; with a gain of one for the answer's bands and
    none for the noisy picture's it is the network's own. Letters: B samples, C channels, L pixels a side.

    Args:
        channels: of the pictures.
        levels: logarithms of noise over signal at which the gains are fitted, ascending; between them they are
            interpolated, beyond them nothing is changed.
    """

    gains: Tensor

    def __init__(self, channels: int, levels: tuple[float, ...]) -> None:
        super().__init__()
        self.levels = tuple(levels)
        places = (len(RINGS) + 1) * (len(STEPS) + 1)
        gains = torch.zeros(len(levels), channels, places, 2 * len(TIMES))
        gains[..., : len(TIMES)] = 1.0
        self.register_buffer("gains", gains)

    def parts(
        self, answer: Float[Tensor, "B C L L"], x: Float[Tensor, "B C L L"]
    ) -> tuple[Float[Tensor, "B C L L"], Float[Tensor, "B C L L K"], Tensor]:
        """The smooth part of the answer, the bands, and the number of each pixel's place, (B, L, L)."""
        smooth, own = in_bands(answer)
        bands = torch.stack([*own, *in_bands(x)[1]], -1)
        rows, columns = (torch.arange(side, device=x.device) - (side - 1) / 2 for side in x.shape[2:])
        ring = torch.bucketize((rows[:, None].square() + columns.square()).sqrt(), torch.tensor(RINGS, device=x.device))
        step = torch.bucketize(smooth.mean(1), torch.tensor(STEPS, device=x.device))
        return smooth, bands, ring * (len(STEPS) + 1) + step

    def forward(
        self, answer: Float[Tensor, "B C L L"], x: Float[Tensor, "B C L L"], level: Float[Tensor, " B"]
    ) -> Float[Tensor, "B C L L"]:
        """The better answer.

        Args:
            answer: expected data.
            x: noisy data over their signal.
            level: logarithm of noise over signal.
        """
        smooth, bands, place = self.parts(answer, x)
        at = torch.as_tensor(self.levels, device=x.device)
        level = level.to(at).clamp(at[0], at[-1])
        above = torch.bucketize(level, at).clamp(1, len(at) - 1)
        share = ((level - at[above - 1]) / (at[above] - at[above - 1])).view(-1, 1, 1, 1)
        gains = (1 - share) * self.gains[above - 1] + share * self.gains[above]  # (B, C, places, bands)
        index = place.flatten(1)[:, None, :, None].expand(-1, gains.shape[1], -1, gains.shape[3])
        chosen = gains.gather(2, index).view(*bands.shape)
        return smooth + (chosen * bands).sum(-1)

    @torch.no_grad()
    def learn(self, at: int, answer: Tensor, x: Tensor, truth: Tensor) -> None:
        """The gains of one level, from answers, noisy pictures and true ones, (B, C, L, L) each.

        A ridge of one ten-thousandth of the bands' power draws them to the network's own.
        """
        smooth, bands, place = self.parts(answer, x)
        count = 2 * len(TIMES)
        own = (torch.arange(count, device=x.device) < len(TIMES)).double()
        flat = place.flatten()
        for c in range(bands.shape[1]):
            a, y = bands[:, c].reshape(-1, count).double(), (truth - smooth)[:, c].flatten().double()
            for k in range(self.gains.shape[2]):
                some = flat == k
                if int(some.sum()) < 50 * count:
                    continue
                left, right = a[some], y[some]
                square = left.T @ left
                ridge = RIDGE * square.diagonal().mean() * torch.eye(count, dtype=torch.float64, device=x.device)
                found = torch.linalg.solve(square + ridge, left.T @ (right - left @ own))
                self.gains[at, c, k] = (own + found).float()


def in_bands(x: Float[Tensor, "B C L L"]) -> tuple[Float[Tensor, "B C L L"], list[Float[Tensor, "B C L L"]]]:
    """What is left of pictures that are smoothed more and more, and what each smoothing takes away."""
    bands, before, done = [], x, 0
    for times in TIMES:
        after = before
        for _ in range(times - done):
            after = smoothed(after)
        bands.append(before - after)
        before, done = after, times
    return before, bands


def smoothed(x: Float[Tensor, "B C L L"]) -> Float[Tensor, "B C L L"]:
    """The mean over three by three pixels with binomial weights, edges repeated."""
    row = torch.tensor([0.25, 0.5, 0.25], device=x.device, dtype=x.dtype)
    weights = (row[:, None] * row).expand(x.shape[1], 1, 3, 3)
    return functional.conv2d(functional.pad(x, (1, 1, 1, 1), mode="replicate"), weights, groups=x.shape[1])


def levels(lowest: float, highest: float, count: int) -> tuple[float, ...]:
    """So many even levels between two noises.

    >>> [round(level, 2) for level in levels(0.1, 10.0, 3)]
    [-2.3, 0.0, 2.3]
    """
    low, high = math.log(lowest), math.log(highest)
    return tuple(low + (high - low) * i / (count - 1) for i in range(count))
