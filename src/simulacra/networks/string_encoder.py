"""Where a string lies: convolutions over its tokens, to a mean and a log-variance."""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor, nn

from simulacra.networks.base import Network

ASIDE = True
KERNEL, STRIDE = 5, 2


class StringEncoder(Network):
    """Tokens, embedded, through convolutions that halve the length, to numbers of the whole string.

    Letters: B strings, L places, K tokens, D latent features.

    Args:
        tokens: how many there are: K.
        length: places of a string: L.
        latent: D.
        embedding: features of a token.
        channels: of each convolution.
    """

    def __init__(
        self, tokens: int, length: int, latent: int, embedding: int = 32, channels: tuple[int, ...] = (96, 128, 128)
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(tokens, embedding)
        halved, before, layers = length, embedding, list[nn.Module]()
        for features in channels:
            layers += [nn.Conv1d(before, features, KERNEL, STRIDE, KERNEL // 2), nn.GELU()]
            before, halved = features, (halved - 1) // STRIDE + 1
        self.halve = nn.Sequential(*layers)
        self.readout = nn.Linear(before * halved, 2 * latent)

    def forward(self, x: Int[Tensor, "B L"]) -> Float[Tensor, "B M"]:
        """Mean and log-variance side by side, (B, 2 D)."""
        rows = self.halve(self.embed(x).transpose(1, 2))
        said: Tensor = self.readout(rows.flatten(1))
        return said
