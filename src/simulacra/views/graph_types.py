"""Graphs as types by number, for models of graphs: nodes first, then empty seats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.models.base import Batch
from simulacra.views.base import check_kind
from simulacra.views.conditions import learn, to_arrays, to_tensors


@dataclass(frozen=True)
class GraphTypes:
    """Graphs (n, seats, seats) to matrices (n, N, N) whose types are numbered without gaps, and back.

    On the diagonal stands a node's type from 1 (0: no node), off it an edge's type from 1 (0: none).

    Args:
        nodes: the types of nodes in the data (of molecules: element and charge in one number); filled by `fit`.
        edges: the types of edges; filled by `fit`.
        seats: nodes at most: N; filled by `fit`.
        kind: of the samples; filled by `fit`.
        unit: of the samples; filled by `fit`.
        given: what is known of the conditions; filled by `fit`.
    """

    accepts: ClassVar[tuple[str, ...]] = ("graph", "molecule_graph")

    nodes: tuple[int, ...] = ()
    edges: tuple[int, ...] = ()
    seats: int = 0
    kind: str = "graph"
    unit: str = "1"
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def fit(self, train: Samples) -> GraphTypes:
        """Remember seats and types; types that were named beforehand are kept, and must hold all of the data's."""
        check_kind(self, train.kind)
        x = train.array
        seats = np.arange(x.shape[1])
        nodes, edges = (tuple(int(v) for v in np.unique(part) if v) for part in (x[:, seats, seats], _edges(x)))
        made = replace(
            self,
            nodes=self.nodes or nodes,
            edges=self.edges or edges or (1,),
            seats=max(self.seats, x.shape[1]),
            kind=train.kind,
            unit=str(train.unit),
            given=learn(train.given),
        )
        made._check(x)
        return made

    def _check(self, x: Array) -> None:
        seats = np.arange(x.shape[1])
        for what, part, known in (("node", x[:, seats, seats], self.nodes), ("edge", _edges(x), self.edges)):
            unknown = sorted({int(v) for v in np.unique(part) if v} - set(known))
            if unknown:
                raise BadInput(
                    f"some graphs have a type of {what} that this view does not know",
                    f"{', '.join(map(str, unknown))}; it knows {', '.join(map(str, known))}",
                    f"name all types of the data: {what}s=(1, 2, …)",
                )
        if x.shape[1] > self.seats and (x[:, seats, seats] > 0).sum(1).max(initial=0) > self.seats:
            raise BadInput("some graphs have more nodes than there are seats", f"seats={self.seats}", "take more")

    def forward(self, x: Samples) -> Batch:
        """Types by number, in N seats."""
        self._check(x.array)
        rows = nodes_first(x.array)
        here = min(self.seats, rows.shape[1])
        seats = np.arange(here)
        rows = rows[:, :here, :here]
        found = np.searchsorted((0, *self.edges), rows)
        found[:, seats, seats] = np.searchsorted((0, *self.nodes), rows[:, seats, seats])
        whole = np.zeros((len(x), self.seats, self.seats), dtype=np.float32)
        whole[:, :here, :here] = found
        return Batch(torch.from_numpy(whole), to_tensors(x.given, self.given))

    def inverse(self, batch: Batch) -> Samples:
        """The types' own numbers; a number that is no type goes to the nearest, and edges to no node are none."""
        rows = np.rint(batch.x.detach().float().cpu().numpy()).astype(np.int64)
        seats = np.arange(rows.shape[1])
        nodes = np.array((0, *self.nodes))[rows[:, seats, seats].clip(0, len(self.nodes))]
        upper = np.triu(np.array((0, *self.edges))[rows.clip(0, len(self.edges))], 1)
        here = nodes > 0
        x = (upper + upper.swapaxes(1, 2)) * (here[:, :, None] & here[:, None, :])
        x[:, seats, seats] = nodes
        return Samples.of(x.astype(np.int16), self.kind, self.unit, given=to_arrays(batch.given, self.given))


def _edges(x: Array) -> Array:
    """Edge types alone."""
    return np.asarray(x[:, ~np.eye(x.shape[1], dtype=bool)])


def nodes_first(x: Array) -> Array:
    """The same graphs, empty seats behind; the order of the nodes stays."""
    empty = np.diagonal(x, axis1=1, axis2=2) == 0
    if not (empty[:, :-1] & ~empty[:, 1:]).any():
        return x
    order = np.argsort(empty, axis=1, kind="stable")
    return np.asarray(np.take_along_axis(np.take_along_axis(x, order[:, :, None], 1), order[:, None, :], 2))
