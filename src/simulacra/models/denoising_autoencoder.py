"""Denoising autoencoder: learns from pairs, noisy and clean, what lies beneath the noise of a trace."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.trace_autoencoder import TraceAutoencoder

FLOOR = 1e-12
WEAK = 0.02  # energy over the background's below which all signals weigh alike: a pulse of ratio 1.5 in 500 samples


class DenoisingAutoencoder(Model):
    r"""The mean of the signal given the trace, $\hat s(x) \approx \mathbb{E}[s \mid x]$, which least squares give.

    The network sees each trace divided by its own root mean square, and its answer is multiplied by it: a trace in
    other units gives the same signal in those units. The loss of a trace is the energy of $\hat s - s$ over that of the
    background, $e$, divided by $\sqrt{0.02 + E}$, where E is the energy of s over that of the background: half-way
    between the absolute and the relative error, so that pulses near the noise count as well as those far above it.
    (With the weights the mean becomes one in which weak signals are commoner; where the trace shows how strong its
    signal is, that changes nothing.) In training each signal is laid upon the background of
    another trace of the batch, brought to the root mean square of its own one, and all is turned upside down at random:
    what is learned is the law of signal plus noise, and not the pairs.

    *What sampling means here.* It is made to denoise, and has no law of traces. `sample` walks, as a denoising
    autoencoder can: from white noise, again and again, to what it takes for the signal plus fresh white noise of the
    size of the last; it gives the last trace and the signal seen in it.

    Letters: B samples, T their length; of a pair, the trace is first and the signal second.

    Args:
        network: traces (B, 1, T) of root mean square 1 to signals (B, 1, T).
        length: of a trace, T.
        rounds: steps of the walk.

    References:
        Extracting and composing robust features with denoising autoencoders (Vincent et al., 2008),
        doi:10.1145/1390156.1390294
        Generalized denoising auto-encoders as generative models (Bengio et al., 2013), arXiv:1305.6663
    """

    def __init__(self, network: nn.Module, length: int = 500, rounds: int = 4) -> None:
        super().__init__()
        self.network, self.length, self.rounds = network, length, rounds

    def recovered(self, trace: Float[Tensor, "B 1 T"]) -> Float[Tensor, "B 1 T"]:
        """The signals of these traces."""
        scale = size(trace)
        out: Tensor = scale * self.network(trace / scale)
        return out

    def loss(self, batch: Batch) -> Losses:
        """The weighted error, one number a sample."""
        signal = batch.x[:, 1:2]
        background = batch.x[:, :1] - signal
        level = size(background)
        keys = batch.uniform(2)
        other = keys[:, 0].argsort()
        turn = torch.where(keys[:, 1] < 0.5, -1.0, 1.0)[:, None, None]
        mixed = background[other] * (level / level[other])
        error = self.recovered(turn * (signal + mixed)) - turn * signal
        weight = (WEAK + (signal / level).square().mean((1, 2))).rsqrt()
        return {"error": weight * (error / level).square().mean((1, 2))}

    @torch.no_grad()
    def denoise(self, batch: Batch) -> Batch:
        """The signals, (B, 1, T)."""
        return Batch(self.recovered(batch.x[:, :1]))

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n traces with their signals at the end of a walk; see above."""
        trace = torch.randn(n, 1, self.length, device=self.device)
        for _ in range(self.rounds):
            trace = self.recovered(trace) + torch.randn_like(trace)
        return Batch(torch.cat([trace, self.recovered(trace)], 1))


def size(x: Float[Tensor, "B 1 T"]) -> Float[Tensor, "B 1 1"]:
    """The root mean square of each."""
    return x.square().mean(2, keepdim=True).sqrt().clamp(min=FLOOR)


def example() -> tuple[DenoisingAutoencoder, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    return DenoisingAutoencoder(TraceAutoencoder(35, 8, 4, halvings=2), 35), Batch(torch.randn(32, 2, 35))
