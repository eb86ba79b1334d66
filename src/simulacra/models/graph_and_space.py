"""Graph and space, one after the other: a string spells the molecule, and a flow brings its atoms to their places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded
from simulacra.diffusion.bonded import NUMBER, TOKEN
from simulacra.models.base import Batch, Losses, Model, Turn
from simulacra.models.shape_flow import ShapeFlow, chains
from simulacra.models.shape_flow import example as shapes_example
from simulacra.models.token_sequence import TokenSequence
from simulacra.models.token_sequence import example as strings_example

TRIES = 50
"""Rounds of drawing strings for those that spell no molecule, at most."""


@runtime_checkable
class Spells(Protocol):
    """How tokens spell molecules."""

    def rows(self, tokens: Float[Tensor, "B L"]) -> tuple[Float[Tensor, "B N D"], Bool[Tensor, " B"]]:
        """The molecules that tokens spell, without places; and which are any."""
        ...


class GraphAndSpace(Model):
    r"""Density $p(G)\,p(x \mid G)$: the graph of a molecule as a string, then the places of its atoms.

    A string may spell no molecule: such a draw has failed. It is counted in `failed` (of `tried`), and drawn again:
    who compares models counts failures among the draws. Rows as in `diffusion/bonded.py`, (B, N, 14), with tokens in
    the last column.

    Args:
        strings: draws tokens.
        shapes: gives places to the atoms of a graph.
        spelling: from tokens to graphs.

    References:
        MiDi: mixed graph and 3D denoising diffusion for molecule generation (Vignac et al., 2023), arXiv:2302.09048
    """

    def __init__(self, strings: TokenSequence, shapes: ShapeFlow, spelling: Spells) -> None:
        super().__init__()
        self.strings, self.shapes, self.spelling = strings, shapes, spelling
        self.tried = self.failed = 0

    @torch.no_grad()
    def chain(
        self, n: int, frames: int = 10, given: Mapping[str, Tensor] | None = None
    ) -> Float[Tensor, "frames n ..."]:
        """Frames from springs in disorder to shapes of n draws; no more than the flow has steps, and its beginning."""
        rows = self.sample(n).x
        ways = self.shapes.way(rows)
        at = torch.linspace(0, len(ways) - 1, min(frames, len(ways))).round().long()
        return torch.stack([torch.cat([ways[int(k)], rows[..., NUMBER:]], 2) for k in at])

    def turns(self) -> list[Turn]:
        """Strings and shapes learn side by side, and share nothing."""
        return [
            Turn("strings", tuple(self.strings.parameters()), self.strings_loss),
            Turn("shapes", tuple(self.shapes.parameters()), self.shapes.loss),
        ]

    def loss(self, batch: Batch) -> Losses:
        """The parts of both."""
        return {**self.strings_loss(batch), **self.shapes.loss(batch)}

    def strings_loss(self, batch: Batch) -> Losses:
        """Nats a string."""
        return self.strings.loss(Batch(batch.x[..., TOKEN], noise=batch.noise))

    def count(self, data: Batch) -> None:
        """As the shapes want it."""
        self.shapes.count(data)

    @torch.no_grad()
    def attempt(self, n: int) -> tuple[Float[Tensor, "B N D"], Bool[Tensor, " B"]]:
        """n strings, drawn once: the graphs that they spell, without places; and which spell one."""
        rows, good = self.spelling.rows(self.strings.sample(n).x)
        self.tried += n
        self.failed += n - int(good.sum())
        return rows, good

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n molecules; strings that spell none are drawn again."""
        rows, good = self.attempt(n)
        for _ in range(TRIES):
            bad = torch.nonzero(~good)[:, 0]
            if not len(bad):
                break
            rows[bad], good[bad] = self.attempt(len(bad))
        if not good.all():
            raise BadInput(
                "the strings of this model spell no molecules",
                f"{int((~good).sum())} of {n} draws failed {TRIES + 1} times",
                "train it longer",
            )
        return self.shaped(rows)

    @torch.no_grad()
    def shaped(self, rows: Float[Tensor, "B N D"], steps: int | None = None) -> Batch:
        """The same molecules with places."""
        return Batch(torch.cat([self.shapes.shape(rows, steps), rows[..., NUMBER:]], 2))


class Chains(Recorded):
    """Each string spells a chain of as many atoms as it has tokens, two at least."""

    def rows(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Chains without places; a string without tokens spells none."""
        length = (tokens > 0).sum(1).clamp(min=2)
        rows = chains(tokens.shape[1] - 1, tokens.shape[1]).to(tokens.device)[length - 2]
        rows = torch.cat([torch.zeros_like(rows[..., :NUMBER]), rows[..., NUMBER:TOKEN], tokens[..., None]], 2)
        return rows, (tokens > 0).any(1)


def example() -> tuple[GraphAndSpace, Batch]:
    """The smallest one, and chains that strings spell."""
    strings, tokens = strings_example()
    shapes, _ = shapes_example()
    x = chains(12, 5)
    x[..., TOKEN] = tokens.x
    return GraphAndSpace(strings, shapes, Chains()), Batch(x)
