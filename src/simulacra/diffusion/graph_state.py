"""Graphs as categories on two sorts of sites: nodes, and unordered pairs of nodes, each pair once.

Letters: B graphs, N seats, P = N (N - 1) / 2 pairs in the order of `ends`, K node types, L edge types (0: no edge).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor


def ends(seats: int, device: torch.device | str = "cpu") -> Int64[Tensor, "two P"]:
    """The first and the second seat of each pair, row after row above the diagonal."""
    return torch.triu_indices(seats, seats, 1, device=device)


@dataclass(frozen=True)
class GraphState:
    """Some graphs, in the course of noise or not.

    Args:
        nodes: each node's type, counted from 0; 0 in empty seats too.
        pairs: each pair's edge type; 0 for no edge, and where a seat is empty.
        mask: which seats hold a node.
    """

    nodes: Int64[Tensor, "B N"]
    pairs: Int64[Tensor, "B P"]
    mask: Bool[Tensor, "B N"]

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def seats(self) -> int:
        """N."""
        return self.nodes.shape[1]

    @property
    def linked(self) -> Bool[Tensor, "B P"]:
        """Which pairs lie between two nodes."""
        first, second = ends(self.seats, self.nodes.device)
        return self.mask[:, first] & self.mask[:, second]

    def settled(self, nodes: Tensor, pairs: Tensor) -> GraphState:
        """Other types in the same seats; 0 where a seat is empty."""
        return GraphState(torch.where(self.mask, nodes, 0), torch.where(self.linked, pairs, 0), self.mask)

    def cut(self, some: Int64[Tensor, " some"], seats: int) -> GraphState:
        """Some of the graphs, in as many seats."""
        mask = self.mask[some, :seats]
        if seats == self.seats:
            return GraphState(self.nodes[some], self.pairs[some], mask)
        row = torch.arange(seats, device=mask.device)
        # the pairs of the first seats, in the order of both
        first = row * self.seats - row * (row + 1) // 2 - row - 1
        at = torch.cat([first[i] + torch.arange(i + 1, seats, device=mask.device) for i in range(seats)])
        return GraphState(self.nodes[some, :seats], self.pairs[some][:, at], mask)

    def edges(self) -> Int64[Tensor, "B N N"]:
        """Edge types as square matrices, 0 on the diagonal."""
        first, second = ends(self.seats, self.mask.device)
        wide = torch.zeros(len(self), self.seats, self.seats, dtype=torch.long, device=self.mask.device)
        wide[:, first, second] = self.pairs
        wide[:, second, first] = self.pairs
        return wide

    def matrix(self) -> Float[Tensor, "B N N"]:
        """As a batch holds graphs: a node's type, counted from 1 (0: no node), on the diagonal, an edge's off it."""
        nodes = torch.diag_embed(torch.where(self.mask, self.nodes + 1, 0))
        return (self.edges() + nodes).to(torch.get_default_dtype())


def read(x: Float[Tensor, "B N N"]) -> GraphState:
    """The graphs of a batch; occupied seats stand before empty ones."""
    types = x.diagonal(dim1=1, dim2=2).long()
    first, second = ends(x.shape[1], x.device)
    return GraphState((types - 1).clamp(min=0), x[:, first, second].long(), types > 0)


def seated(sizes: Int64[Tensor, " B"], seats: int) -> GraphState:
    """Graphs of these sizes whose nodes and pairs are all of type 0."""
    mask = torch.arange(seats, device=sizes.device) < sizes[:, None]
    pairs = seats * (seats - 1) // 2
    nothing = torch.zeros(len(sizes), seats, dtype=torch.long, device=sizes.device)
    return GraphState(nothing, torch.zeros(len(sizes), pairs, dtype=torch.long, device=sizes.device), mask)
