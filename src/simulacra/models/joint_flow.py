"""Graph and space at once: atoms' types, bonds and places come out of noise together, each at its own pace."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float, Int64
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.diffusion.bonded import BONDS, CHARGE, COLUMNS, KINDS, NUMBER, bond_kinds, read_graph, turned_onto
from simulacra.diffusion.graph_features import GraphFeatures
from simulacra.diffusion.graph_state import GraphState, ends, seated
from simulacra.diffusion.transitions import Transitions, pick
from simulacra.models.base import Batch, Losses, Model
from simulacra.models.shape_flow import FLOOR, bundles, chains, errors, part_of
from simulacra.networks.graph_transformer import places as pair_places
from simulacra.networks.joint_network import JointNetwork
from simulacra.samplers.graph_walks import Ancestral, GraphWalk

CHARGES = (-1, 0, 1)
PACE = {"places": 2.5, "bonds": 1.5, "types": 1.0}
"""Powers of the time: in the way back, places settle before bonds, and bonds before the types of atoms."""
RARE = 1e-4  # share of a type that the data never show
SLOTS = (BONDS.stop - BONDS.start) // 2  # bonds of an atom in a row
OF_TIME = 4


class JointFlow(Model):
    r"""Places by a flow, types of atoms and kinds of bonds by discrete diffusion, with one network for all three.

    At a time s between 0 (data) and 1 (noise) a share $\cos^2(\pi s^\nu / 2)$ is left of each, with a $\nu$ of its
    own. Places lie on the straight line to normal noise as wide as molecules of their size are; each molecule is
    turned, or mirrored and turned, onto its noise, and its atoms are dealt to it so that the ways are short. A type or
    a bond keeps its own with that chance, else it is drawn from the law that the data have. The network says the clean
    places (squared errors, and errors of the distances between atoms that up to three bonds join) and the true types
    (cross-entropies). How many atoms a molecule has is drawn as the training set has it.

    Letters: B molecules, N seats, K types of atoms (element and charge), L kinds of bonds; rows as in
    `diffusion/bonded.py`, without the string. An atom of more than four bonds shows four of them in its row.

    Args:
        network: places, atoms, pairs, the whole and the mask to places and scores.
        features: what it is given of the noisy graph.
        elements: atomic numbers that it knows, in their order.
        steps: from noise to molecule.
        walk: how types and bonds come back; `Ancestral` by default.

    References:
        MiDi: mixed graph and 3D denoising diffusion for molecule generation (Vignac et al., 2023), arXiv:2302.09048
        Equivariant flow matching with hybrid probability transport for 3D molecule generation (Song et al., 2023),
        arXiv:2312.07168
    """

    size_law: Tensor
    spread: Tensor
    node_law: Tensor
    edge_law: Tensor

    def __init__(
        self,
        network: nn.Module,
        features: GraphFeatures,
        elements: tuple[int, ...] = (1, 6, 7, 8),
        steps: int = 50,
        walk: GraphWalk | None = None,
    ) -> None:
        super().__init__()
        types = len(elements) * len(CHARGES)
        if steps < 1 or features.node_types != types or features.edge_types != KINDS:
            raise BadInput(
                "a walk has a step, and features know every element in three charges and every kind of bond",
                f"steps={steps}, node_types={features.node_types}, edge_types={features.edge_types}",
                f"take steps=50, GraphFeatures({types}, {KINDS}, seats)",
            )
        self.network, self.features, self.elements, self.steps = network, features, tuple(elements), steps
        self.walk = walk or Ancestral(steps)
        n = features.seats
        self.register_buffer("size_law", functional.one_hot(torch.tensor(n), n + 1).double())
        self.register_buffer("spread", torch.ones(n + 1))
        self.register_buffer("node_law", torch.full((types,), 1 / types, dtype=torch.float64))
        self.register_buffer("edge_law", torch.full((KINDS,), 1 / KINDS, dtype=torch.float64))

    def extra_repr(self) -> str:
        """What is no network."""
        return f"{self.elements}, steps={self.steps}, {type(self.walk).__name__}"

    def lengths(self, data: Batch) -> Int64[Tensor, " n"]:
        """Atoms of each molecule."""
        return (data.x[..., NUMBER] > 0).sum(1)

    def count(self, data: Batch) -> None:
        """Sizes, how wide molecules of each size are (Å, one axis), and how often each type and bond occurs."""
        state, seats = self._state(data.x), self.features.seats
        sizes = state.mask.sum(1)
        self.size_law = torch.bincount(sizes, minlength=seats + 1).to(self.size_law)
        here = state.mask[..., None].to(data.x.dtype)
        square = _centered(data.x[..., :NUMBER], here).square().sum((1, 2)) / (3 * sizes.clamp(min=1))
        counted = torch.zeros(2, seats + 1, dtype=torch.float64, device=data.x.device)
        counted[0].index_add_(0, sizes, square.double())
        counted[1].index_add_(0, sizes, torch.ones_like(square).double())
        common = counted[0].sum() / counted[1].sum().clamp(min=1)
        found = torch.where(counted[1] > 0, counted[0] / counted[1].clamp(min=1), common)
        self.spread = found.clamp(min=1e-2).sqrt().to(self.spread)
        self.node_law = _law(state.nodes[state.mask], len(self.node_law))
        self.edge_law = _law(state.pairs[state.linked], KINDS)

    def laws(self) -> tuple[Transitions, Transitions]:
        """The noise of types and of bonds."""
        return Transitions(len(self.node_law), self.node_law), Transitions(KINDS, self.edge_law)

    def _state(self, rows: Float[Tensor, "B N D"]) -> GraphState:
        """Types and bonds of rows."""
        numbers = torch.tensor(self.elements, dtype=rows.dtype, device=rows.device)
        element = (rows[..., NUMBER, None] == numbers).to(torch.uint8).argmax(2)
        charge = rows[..., CHARGE].round().long().clamp(CHARGES[0], CHARGES[-1]) - CHARGES[0]
        first, second = ends(rows.shape[1], rows.device)
        mask = rows[..., NUMBER] > 0
        nodes = torch.where(mask, element * len(CHARGES) + charge, 0)
        return GraphState(nodes, bond_kinds(rows)[:, first, second], mask)

    def loss(self, batch: Batch) -> Losses:
        """Errors of places, distances, types and bonds, each molecule at a time of its own."""
        keyed = batch.noise
        start, total = (0, len(batch)) if keyed is None else (keyed.start, keyed.total)
        place = torch.arange(start, start + len(batch), device=batch.x.device)
        s = (place + batch.uniform()) / total
        seats, rows = batch.x.shape[1], batch.x
        noise = batch.normal(seats, 3)
        u = [batch.uniform(2, n).transpose(0, 1) for n in (seats, seats * (seats - 1) // 2)]
        mask = rows[..., NUMBER] > 0
        here = mask[..., None].to(rows.dtype)
        began = _centered(noise * self.spread[mask.sum(1)][:, None, None], here)
        rows = torch.cat([_centered(rows[..., :NUMBER], here), rows[..., NUMBER:]], 2)
        rows = dealt(rows, began, mask)
        x, whole, graph = rows[..., :NUMBER], self._state(rows), read_graph(rows, self.elements)
        left = (1 - kept(s, "places")).to(x)
        seen = left[:, None, None] * began + (1 - left[:, None, None]) * x
        shares = kept(s, "types"), kept(s, "bonds")
        sites = (whole.nodes, whole.pairs)
        noisy = whole.settled(
            *(law.noised(site, k, v) for law, site, k, v in zip(self.laws(), sites, shares, u, strict=True))
        )
        costs = x.new_zeros(4, len(batch))
        for some, n in bundles(mask):
            part, true = part_of(graph, some, n), whole.cut(some, n)
            said, nodes, pairs = self._said(seen[some, :n], noisy.cut(some, n), s[some])
            a, b = errors(said, x[some, :n], part)
            c = _cost(nodes, true.nodes, true.mask)
            d = _cost(pairs, true.pairs, true.linked)
            costs = costs.index_copy(1, some, torch.stack([a, b, c, d]).to(costs))
        return {
            "places": costs[0] / (left.square() + FLOOR**2),
            "distances": 10 * costs[1] / (left + FLOOR),
            "types": costs[2],
            "bonds": 5 * costs[3],
        }

    def _said(self, x: Tensor, state: GraphState, s: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Clean places, and the scores of types (B, N, K) and of bonds (B, P, L)."""
        given, n = self.features.read(state), state.seats
        between = functional.pad(given.pairs, (0, 0, 0, 1))[:, pair_places(n, x.device).flatten()]
        time = torch.stack([s, (1 - kept(s, "places")).sqrt(), kept(s, "bonds"), kept(s, "types")], 1)
        row = self.network(
            x, given.nodes, between.view(len(x), n, n, -1), torch.cat([given.whole, time.to(x)], 1), state.mask
        ).float()
        first, second = ends(n, x.device)
        at = 3 * n + n * len(self.node_law)
        pairs = row[:, at:].view(len(x), n, n, KINDS)[:, first, second]
        return row[:, : 3 * n].view(len(x), n, 3), row[:, 3 * n : at].view(len(x), n, -1), pairs

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n molecules; whether their bonds and places agree is for the judges to see."""
        sizes = torch.multinomial(self.size_law, n, replacement=True)
        seats = self.features.seats
        out = torch.zeros(n, seats, COLUMNS, device=self.device)
        mask = torch.arange(seats, device=sizes.device) < sizes[:, None]
        with Progress("drawing molecules", n) as progress:
            for some, wide in bundles(mask, most=64):
                out[some, :wide] = self._walked(sizes[some], wide)
                progress.step(len(some))
        return Batch(out)

    def _walked(self, sizes: Tensor, seats: int) -> Float[Tensor, "B N D"]:
        state = seated(sizes, seats)
        here = state.mask[..., None].to(self.spread)
        sites = (state.nodes, state.pairs)
        state = state.settled(*(law.start(GraphWalk.chance(v)) for law, v in zip(self.laws(), sites, strict=True)))
        x = _centered(torch.randn(*state.mask.shape, 3, device=self.device) * self.spread[sizes][:, None, None], here)
        times = torch.linspace(1, 0, self.steps + 1, device=self.device)
        for now, then in itertools.pairwise(times):
            s, after = now.expand(len(x)), then.expand(len(x))
            said, *scores = self._said(x, state, s)
            left, next_left = 1 - kept(s, "places"), 1 - kept(after, "places")
            x = said + (x - said) * (next_left / left).to(x)[:, None, None]
            fresh = []
            for score, site, part, law in zip(
                scores, (state.nodes, state.pairs), ("types", "bonds"), self.laws(), strict=True
            ):
                chances = self.walk.law(score.softmax(-1), site, kept(s, part), kept(after, part), law)
                fresh.append(pick(chances, self.walk.chance(site)))
            state = state.settled(*fresh)
        return self._rows(x, state)

    def _rows(self, x: Tensor, state: GraphState) -> Float[Tensor, "B N D"]:
        rows = x.new_zeros(*x.shape[:2], COLUMNS)
        rows[..., :NUMBER] = x * state.mask[..., None]
        numbers = torch.tensor(self.elements, dtype=x.dtype, device=x.device)
        rows[..., NUMBER] = torch.where(state.mask, numbers[state.nodes // len(CHARGES)], 0)
        rows[..., CHARGE] = torch.where(state.mask, state.nodes % len(CHARGES) + CHARGES[0], 0)
        kinds, at = state.edges().sort(dim=2, descending=True, stable=True)
        slots = min(SLOTS, kinds.shape[2])
        bound = kinds[..., :slots] > 0
        pairs = torch.stack([torch.where(bound, at[..., :slots] + 1, 0), kinds[..., :slots]], 3)
        rows[..., BONDS.start : BONDS.start + 2 * slots] = pairs.flatten(2).to(x)
        return rows


def kept(s: Float[Tensor, " B"], part: str) -> Float[Tensor, " B"]:
    """The share that is left of the places, the bonds or the types at a time; float64."""
    share = torch.cos(math.pi / 2 * s.double() ** PACE[part]).square()
    return torch.where(s >= 1, 0.0, share)


def dealt(rows: Float[Tensor, "B N D"], began: Float[Tensor, "B N 3"], mask: Tensor) -> Float[Tensor, "B N D"]:
    """The same molecules, their atoms in the order and turned so that each begins near where it belongs.

    Args:
        rows: molecules whose places have no center.
        began: where the seats' noise lies.
        mask: which seats hold an atom.
    """
    out = rows.clone()
    far = torch.cdist(began.double(), rows[..., :NUMBER].double()).square().cpu().numpy()
    for i, n in enumerate(mask.sum(1).tolist()):
        to = linear_sum_assignment(far[i, :n, :n])[1]
        back = np.empty(n + 1)
        back[0], back[to + 1] = 0, np.arange(1, n + 1)
        order = torch.from_numpy(to).to(rows.device)
        mine = rows[i, order]
        slots = torch.from_numpy(back).to(rows)
        mine[:, BONDS.start : BONDS.stop : 2] = slots[mine[:, BONDS.start : BONDS.stop : 2].long()]
        out[i, :n] = mine
    out[..., :NUMBER] = turned_onto(out[..., :NUMBER], began)
    return out


def _centered(x: Tensor, here: Tensor) -> Tensor:
    return (x - (x * here).sum(1, keepdim=True) / here.sum(1, keepdim=True).clamp(min=1)) * here


def _law(types: Tensor, count: int) -> Tensor:
    found = torch.bincount(types, minlength=count).double().clamp(min=RARE * max(1, len(types)))
    return found / found.sum()


def _cost(scores: Tensor, types: Tensor, counted: Tensor) -> Tensor:
    """The mean cross-entropy over the sites that count, nats."""
    each = functional.cross_entropy(scores.transpose(1, 2), types, reduction="none") * counted
    return each.sum(1) / counted.sum(1).clamp(min=1)


def network_for(
    elements: tuple[int, ...], seats: int, width: int = 96, narrow: int = 48, blocks: int = 6, heads: int = 6
) -> tuple[JointNetwork, GraphFeatures]:
    """A network that reads the noisy graph's features and the times, and the features.

    Args:
        elements: atomic numbers.
        seats: atoms at most.
        width: features of an atom.
        narrow: features of a pair.
        blocks: rounds.
        heads: of the attention.
    """
    types = len(elements) * len(CHARGES)
    features = GraphFeatures(types, KINDS, seats)
    whole = features.of_graphs + OF_TIME
    network = JointNetwork(features.of_nodes, features.of_pairs, whole, types, KINDS, width, narrow, blocks, heads)
    return network, features


def example() -> tuple[JointFlow, Batch]:
    """The smallest one, and chains of atoms."""
    features = GraphFeatures(6, KINDS, 5, walks=3, eigenvalues=2)
    whole = features.of_graphs + OF_TIME
    network = JointNetwork(features.of_nodes, features.of_pairs, whole, 6, KINDS, 8, 8, 2, 2, 3, 8)
    model = JointFlow(network, features, (1, 6), steps=3)
    batch = Batch(chains(16, 5))
    model.count(batch)
    return model, batch
