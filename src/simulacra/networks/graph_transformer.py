"""Attention among the nodes of a graph, heeding what lies between each two of them: nodes, pairs and the whole."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network


def places(seats: int, device: torch.device | str = "cpu") -> Int64[Tensor, "N N"]:
    """The number of the pair of two seats, the same from both ends; P on the diagonal, which is no pair."""
    first, second = torch.triu_indices(seats, seats, 1, device=device)
    at = torch.full((seats, seats), len(first), dtype=torch.long, device=device)
    number = torch.arange(len(first), device=device)
    at[first, second] = number
    at[second, first] = number
    return at


class GraphTransformer(Network):
    r"""Numbers of nodes, of pairs and of the whole to scores of the nodes' and the pairs' types.

    In a block each pair of nodes has a state, which knows both nodes and how much they heed each other; it weighs the
    attention, tells the nodes what lies between them, and remembers. The whole is heard by all and hears of all. A pair
    is unordered and reckoned once, which halves the work. A permutation of the nodes is passed on.

    Letters: B graphs, N seats, P pairs in the order of `diffusion/graph_state.py`, F, E and G numbers given.

    Args:
        nodes: numbers of a node: F.
        pairs: numbers of a pair: E.
        whole: numbers of a graph: G.
        node_types: scores of a node: K.
        edge_types: scores of a pair: L.
        width: features of a node.
        narrow: features of a pair, and of the whole.
        blocks: rounds.
        heads: of the attention.

    References:
        A generalization of transformer networks to graphs (Dwivedi & Bresson, 2021), arXiv:2012.09699
        DiGress: discrete denoising diffusion for graph generation (Vignac et al., 2023), arXiv:2209.14734
    """

    def __init__(
        self,
        nodes: int,
        pairs: int,
        whole: int,
        node_types: int,
        edge_types: int,
        width: int = 96,
        narrow: int = 48,
        blocks: int = 6,
        heads: int = 6,
    ) -> None:
        super().__init__()
        if width % heads or blocks < 1:
            raise BadInput("heads share the width evenly", f"width={width}, heads={heads}", "take width=96, heads=6")
        self.embed, self.embed_pair = nn.Linear(nodes, width), nn.Linear(pairs, narrow)
        self.embed_whole = nn.Sequential(nn.Linear(whole, narrow), nn.SiLU(), nn.Linear(narrow, narrow))
        self.blocks = nn.ModuleList(Block(width, narrow, heads, last=i == blocks - 1) for i in range(blocks))
        self.end = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, node_types))
        self.end_pair = nn.Sequential(
            nn.LayerNorm(narrow), nn.Linear(narrow, narrow), nn.SiLU(), nn.Linear(narrow, edge_types)
        )

    def forward(
        self,
        nodes: Float[Tensor, "B N F"],
        pairs: Float[Tensor, "B P E"],
        whole: Float[Tensor, "B G"],
        mask: Bool[Tensor, "B N"] | None = None,
    ) -> Float[Tensor, "B scores"]:
        """Scores of the nodes' types, then of the pairs', in one row: N K + P L.

        Args:
            nodes: of each node.
            pairs: of each pair, the same from both ends.
            whole: of the graph, and how noisy it is.
            mask: which seats hold a node; all if None.
        """
        seats = nodes.shape[1]
        first, second = torch.triu_indices(seats, seats, 1, device=nodes.device)
        between = places(seats, nodes.device).flatten()
        here = torch.ones_like(nodes[..., 0]) if mask is None else mask.to(nodes.dtype)
        both = here[:, first] * here[:, second]
        h, z, y = self.embed(nodes), self.embed_pair(pairs), self.embed_whole(whole)
        for block in self.blocks:
            h, z, y = block(h, z, y, here, both, first, second, between)
        return torch.cat([self.end(h).flatten(1), self.end_pair(z).flatten(1)], 1)


class Block(nn.Module):
    """One round.

    Args:
        width: features of a node.
        narrow: of a pair and of the whole.
        heads: of the attention.
        last: whether nobody hears the whole afterwards, so that it need not remember.
    """

    def __init__(self, width: int, narrow: int, heads: int, last: bool) -> None:
        super().__init__()
        self.heads, self.narrow = heads, narrow
        self.norm, self.norm_pair, self.norm_heard = nn.LayerNorm(width), nn.LayerNorm(narrow), nn.LayerNorm(narrow)
        self.ask = nn.Linear(width, 3 * width + narrow)  # query, key, value; what a pair hears of each end
        self.tell = nn.Linear(narrow, width + narrow)  # the whole, to nodes and pairs
        self.recall = nn.Linear(narrow, narrow, bias=False)
        self.heed_seen = nn.Linear(heads, narrow, bias=False)
        self.say = nn.Linear(narrow, heads + 1)  # how much the ends heed each other; how much they hear
        self.alone = nn.Parameter(torch.zeros(heads))  # how much a node heeds itself
        self.think = nn.Sequential(nn.Linear(2 * width + narrow, 2 * width), nn.SiLU(), nn.Linear(2 * width, width))
        self.remember = nn.Linear(narrow, narrow)
        self.gather = None if last else nn.Linear(width + 2 * narrow, narrow)

    def forward(
        self, h: Tensor, z: Tensor, y: Tensor, here: Tensor, both: Tensor, first: Tensor, second: Tensor,
        between: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        """Nodes, pairs and the whole to those after the round."""
        batch, n, width = h.shape
        to_nodes, to_pairs = self.tell(functional.silu(y)).split([width, self.narrow], 1)
        calm = self.norm(h) + to_nodes[:, None]
        query, key, value, end = self.ask(calm).split([width, width, width, self.narrow], 2)
        query, key, value = (part.view(batch, n, self.heads, -1).transpose(1, 2) for part in (query, key, value))
        score = query @ key.mT * (width // self.heads) ** -0.5  # B, H, N, N
        flat = score.flatten(2)
        mutual = (flat[:, :, first * n + second] + flat[:, :, second * n + first]).transpose(1, 2)
        known = self.recall(self.norm_pair(z)) + end[:, first] + end[:, second] + self.heed_seen(mutual)
        state = functional.silu(known + to_pairs[:, None])
        heed, gate = self.say(state).split([self.heads, 1], 2)
        bias = torch.cat([heed, self.alone.to(heed).expand(batch, 1, -1)], 1)[:, between].view(batch, n, n, -1)
        weight = score + bias.permute(0, 3, 1, 2)
        weight = (weight - 1e4 * (1 - here[:, None, None, :])).softmax(-1)
        attended = (weight @ value).transpose(1, 2).reshape(batch, n, width)
        told = torch.sigmoid(gate) * state * both[..., None]
        heard = torch.cat([told, torch.zeros_like(told[:, :1])], 1)[:, between].view(batch, n, n, -1).sum(2)
        h = h + self.think(torch.cat([calm, attended, self.norm_heard(heard)], 2))
        z = z + self.remember(state)
        if self.gather is not None:
            of_nodes = (h * here[..., None]).sum(1) / here.sum(1, keepdim=True).clamp(min=1)
            of_pairs = (told * both[..., None]).sum(1) / both.sum(1, keepdim=True).clamp(min=1)
            y = y + self.gather(torch.cat([of_nodes, of_pairs, functional.silu(y)], 1))
        return h, z, y


def example() -> tuple[GraphTransformer, tuple[Tensor, ...]]:
    """The smallest one, for graphs of four nodes."""
    made = GraphTransformer(3, 2, 2, 2, 3, width=8, narrow=6, blocks=2, heads=2)
    return made, (torch.randn(3, 4, 3), torch.randn(3, 6, 2), torch.randn(3, 2))
