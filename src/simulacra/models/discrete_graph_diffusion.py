"""Discrete diffusion of graphs: nodes' types and pairs' edges fade on their own, and a network says what was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.diffusion.clock import FEATURES, clock
from simulacra.diffusion.fading import Fading, Wave
from simulacra.diffusion.graph_features import GraphFeatures
from simulacra.diffusion.graph_state import GraphState, read, seated
from simulacra.diffusion.transitions import Transitions
from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.graph_transformer import GraphTransformer
from simulacra.samplers.graph_walks import Ancestral, GraphWalk, Rates

LEAST = 1e-3  # of the share kept, and of the share lost, as the network is conditioned on it
RARE = 1e-6  # share of a type that the data never show, so that no site is impossible
PAIRS = 100_000  # pairs of nodes that are reckoned at once: larger graphs travel in smaller company
OF_GRAPHS = FEATURES


class DiscreteGraphDiffusion(Model):
    r"""Graphs seen through noise that takes nodes' and edges' types away one by one, and a network that says both.

    At a share $\kappa$ kept, each node keeps its type with chance $\kappa$ and else gets one of a law $\pi$, and so
    does each pair. Trained by cross-entropy of the true types, at any share. The same network serves two walks back:
    `Ancestral`, the posterior steps of the article, and `Rates`, discrete flow matching. How many nodes a graph has is
    drawn as the training set has it, and the law of noise lies between uniform and the types' own shares.

    A batch's x is (B, N, N): a node's type, counted from 1 (0: no node), on the diagonal, an edge's (0: none) off it;
    nodes come first, then empty seats. Letters: B graphs, N seats, P pairs, K node types, L edge types.

    Args:
        network: numbers of nodes, pairs and the whole, and which seats hold a node, to the scores of all types, in a
            row; the whole's numbers are those of `features` and 32 of the clock.
        features: what it is given of a noisy graph.
        fading: the schedule of training and walk; `Wave` by default.
        walk: from noise to graphs; `Ancestral` of 50 steps by default.
        edges: what the pairs' cross-entropy counts beside the nodes', both means over sites.
        own: 1 draws what fades by the types' own shares, 0 evenly.

    References:
        DiGress: discrete denoising diffusion for graph generation (Vignac et al., 2023), arXiv:2209.14734
        DeFoG: discrete flow matching for graph generation (Qin et al., 2024), arXiv:2410.04263
    """

    size_law: Tensor
    node_law: Tensor
    edge_law: Tensor

    def __init__(
        self,
        network: nn.Module,
        features: GraphFeatures,
        fading: Fading | None = None,
        walk: GraphWalk | None = None,
        edges: float = 5.0,
        own: float = 1.0,
    ) -> None:
        super().__init__()
        if edges <= 0 or not 0 <= own <= 1:
            raise BadInput(
                "edges count for something, and noise lies between even (0) and the data's own (1)",
                f"edges={edges}, own={own}",
                "take edges=5.0, own=1.0",
            )
        self.network, self.features, self.edges, self.own = network, features, edges, own
        self.fading, self.walk = fading or Wave(), walk or Ancestral(50)
        nodes, pairs, n = features.node_types, features.edge_types, features.seats
        self.register_buffer("size_law", functional.one_hot(torch.tensor(n), n + 1).double())
        self.register_buffer("node_law", torch.full((nodes,), 1 / nodes, dtype=torch.float64))
        self.register_buffer("edge_law", torch.full((pairs,), 1 / pairs, dtype=torch.float64))

    def extra_repr(self) -> str:
        """The parts that are no networks, by their names."""
        return f"{type(self.walk).__name__}({self.walk.steps}), {type(self.fading).__name__}, own={self.own}"

    def count(self, data: Batch) -> None:
        """The sizes of the training graphs, and how often they show each type."""
        state = read(data.x)
        sizes = state.mask.sum(1)
        if not bool((sizes > 0).all()):
            raise BadInput("a graph has a node at least", "a graph without nodes", "leave it out")
        self.size_law = torch.bincount(sizes, minlength=self.features.seats + 1).to(self.size_law)
        nodes, pairs = state.nodes[state.mask], state.pairs[state.linked]
        self.node_law = self._law(nodes, self.features.node_types)
        self.edge_law = self._law(pairs, self.features.edge_types)

    def _law(self, types: Int64[Tensor, " sites"], count: int) -> Float[Tensor, " types"]:
        found = torch.bincount(types, minlength=count).double().clamp(min=RARE * max(1, len(types)))
        return self.own * found / found.sum() + (1 - self.own) / count

    def lengths(self, data: Batch) -> Int64[Tensor, " n"]:
        """Nodes of each graph."""
        return (data.x.diagonal(dim1=1, dim2=2) > 0).sum(1)

    def laws(self) -> tuple[Transitions, Transitions]:
        """The noise of nodes and of pairs."""
        return Transitions(max(2, len(self.node_law)), _two(self.node_law)), Transitions(
            len(self.edge_law), self.edge_law
        )

    def loss(self, batch: Batch) -> Losses:
        """The cross-entropies of nodes and of pairs, nats a site; shares kept are even over the batch."""
        keyed = batch.noise
        first, total = (0, len(batch)) if keyed is None else (keyed.start, keyed.total)
        place = torch.arange(first, first + len(batch), device=batch.x.device)
        kept = self.fading.kept((place + batch.uniform().double()) / total)
        seats = batch.x.shape[1]
        u = batch.uniform(2, seats), batch.uniform(2, seats * (seats - 1) // 2)
        whole = read(batch.x)
        laws = self.laws()
        states = [
            law.noised(sites, kept, chance.transpose(0, 1))
            for law, sites, chance in zip(laws, (whole.nodes, whole.pairs), u, strict=True)
        ]
        noisy = whole.settled(*states)
        costs = whole.mask.new_zeros(2, len(batch), dtype=torch.float32)
        for some, n in self._companies(whole.mask.sum(1)):
            true = whole.cut(some, n)
            nodes, pairs = self._scores(noisy.cut(some, n), kept[some])
            costs[0, some] = _mean_cost(nodes, true.nodes, true.mask)
            costs[1, some] = _mean_cost(pairs, true.pairs, true.linked)
        return {"nodes": costs[0], "edges": self.edges * costs[1]}

    def _companies(self, sizes: Int64[Tensor, " B"]) -> Iterator[tuple[Int64[Tensor, " some"], int]]:
        """Graphs of like size, with the seats that they need: padding costs pairs, and pairs cost time."""
        order = sizes.argsort(stable=True)
        pairs = (sizes * (sizes - 1) // 2)[order].tolist()
        start = 0
        while start < len(order):
            end = start + 1
            while (
                end < len(order)
                and pairs[end] * (end + 1 - start) <= max(PAIRS, pairs[start])
                and (pairs[end] <= 1.5 * pairs[start] + 50)
            ):
                end += 1
            yield order[start:end], max(2, int(sizes[order[end - 1]]))
            start = end

    def _scores(self, state: GraphState, kept: Float[Tensor, " B"]) -> tuple[Tensor, Tensor]:
        """What the network says of the types of nodes (B, N, K) and of pairs (B, P, L)."""
        given = self.features.read(state)
        time = clock(torch.logit(kept.double().clamp(LEAST, 1 - LEAST))).to(given.whole)
        row = self.network(given.nodes, given.pairs, torch.cat([given.whole, time], 1), state.mask)
        cut = state.seats * self.features.node_types
        nodes = row[:, :cut].view(len(state), state.seats, -1)
        return nodes.float(), row[:, cut:].reshape(*state.pairs.shape, self.features.edge_types).float()

    def said(self, state: GraphState, kept: Float[Tensor, " B"]) -> tuple[Tensor, Tensor]:
        """The chances of each node's and each pair's type in the graph that became this one."""
        nodes, pairs = (scores.softmax(-1) for scores in self._scores(state, kept))
        return functional.pad(nodes, (0, max(0, 2 - nodes.shape[-1]))), pairs

    @torch.no_grad()
    def begin(self, sizes: Int64[Tensor, " B"], seats: int) -> GraphState:
        """Graphs of which nothing is left but their sizes."""
        state = seated(sizes, seats)
        nodes, pairs = (
            law.start(GraphWalk.chance(sites))
            for law, sites in zip(self.laws(), (state.nodes, state.pairs), strict=True)
        )
        return state.settled(nodes, pairs)

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n graphs."""
        sizes = torch.multinomial(self.size_law, n, replacement=True)
        seats = self.features.seats
        x = torch.zeros(n, seats, seats, device=self.device)
        with Progress("drawing graphs", n) as progress:
            for some, wide in self._companies(sizes):
                state = self.walk.walk(self.said, self.laws(), self.fading, self.begin(sizes[some], wide))
                x[some, :wide, :wide] = state.matrix().to(x)
                progress.step(len(some))
        return Batch(x)

    @torch.no_grad()
    def chain(
        self, n: int, frames: int = 10, given: Mapping[str, Tensor] | None = None
    ) -> Float[Tensor, "frames n N N"]:
        """Frames from noise to graphs of n draws; no more than the walk has places."""
        if frames < 2:
            raise BadInput("a chain shows two frames or more", f"frames={frames}", "take frames=10")
        count = min(frames, self.walk.steps + 1)
        at = torch.linspace(0, self.walk.steps, count).round().long().tolist()
        state = self.begin(torch.multinomial(self.size_law, n, replacement=True), self.features.seats)
        shown = [state.matrix()]

        def see(step: int, state: GraphState) -> None:
            if step in at:
                shown.append(state.matrix())

        self.walk.walk(self.said, self.laws(), self.fading, state, see)
        return torch.stack(shown)


def _two(law: Float[Tensor, " K"]) -> Tensor:
    """A law of two types at least: transitions want a choice, and graphs may have one sort of node."""
    return functional.pad(law, (0, max(0, 2 - len(law))))


def _mean_cost(scores: Float[Tensor, "B S T"], types: Int64[Tensor, "B S"], counted: Tensor) -> Float[Tensor, " B"]:
    """The mean cross-entropy over the sites that count, nats."""
    each = functional.cross_entropy(scores.transpose(1, 2), types, reduction="none") * counted
    return each.sum(1) / counted.sum(1).clamp(min=1)


def network_for(
    node_types: int, edge_types: int, seats: int, width: int, narrow: int, blocks: int
) -> tuple[GraphTransformer, GraphFeatures]:
    """A graph transformer that reads all features and the clock, and the features.

    Args:
        node_types: K.
        edge_types: L, no edge counted.
        seats: nodes at most.
        width: features of a node.
        narrow: features of a pair.
        blocks: rounds.
    """
    features = GraphFeatures(node_types, edge_types, seats)
    heads = max(k for k in (1, 2, 3, 4, 6, 8) if width % k == 0)
    return GraphTransformer(
        features.of_nodes,
        features.of_pairs,
        features.of_graphs + OF_GRAPHS,
        node_types,
        edge_types,
        width,
        narrow,
        blocks,
        heads,
    ), features


def example() -> tuple[DiscreteGraphDiffusion, Batch]:
    """The smallest one, and rings of three to five nodes."""
    features = GraphFeatures(2, 3, 5, walks=3, eigenvalues=2)
    network = GraphTransformer(
        features.of_nodes, features.of_pairs, features.of_graphs + OF_GRAPHS, 2, 3, width=8, narrow=6, blocks=1, heads=2
    )
    x = torch.zeros(12, 5, 5)
    for i, graph in enumerate(x):
        ring = torch.arange(3 + i % 3)
        beside = ring.roll(1)
        graph[ring, beside] = graph[beside, ring] = float(1 + i % 2)
        graph[ring, ring] = (1 + ring % 2).float()
    return DiscreteGraphDiffusion(network, features, walk=Rates(4, stir=0.5)), Batch(x)
