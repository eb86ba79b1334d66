"""Flow matching from a molecule's bonds to its shape: atoms leave disorder for their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.diffusion.bonded import (
    COLUMNS,
    NUMBER,
    BondGraph,
    atom_features,
    pair_features,
    read_graph,
    scattered,
    turned_onto,
)
from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.shape_network import ShapeNetwork

BUNDLES = 4  # bundles of like size that a batch is worked on in
FLOOR = 0.1  # the nearness to the end, 1 - t, below which errors weigh no more
PATHS = (3.0, 2.0, 1.0)  # weight of the distances of atoms that one, two, three bonds join
BEND = 0.02  # Å: errors of distances count by their square below, by themselves above


class ShapeFlow(Model):
    r"""Places $x_1$ of atoms whose bonds are known, at the end of a flow that begins with $x_0$, springs in disorder.

    A network sees $x_t = (1 - t)\,x_0 + t\,x_1$, slightly blurred, and says $x_1$; the flow goes towards what it says.
    The prior is `scattered`: who is bound begins near; each molecule is turned, or mirrored and turned, onto its
    beginning. Late times are seen more often: $1 - t = u^2$ with u uniform. The loss is the squared error of the
    places, and the error of the distances between atoms that up to three bonds join: lengths, angles and torsions.

    Ten steps suffice. Mirror images are drawn alike: a shape's handedness is chance. Letters: B molecules, N
    seats; rows as in `diffusion/bonded.py`.

    Args:
        network: places, atoms, pairs, time and mask to places.
        elements: atomic numbers that it knows, in their order.
        steps: from disorder to shape.
        blur: Å: of the noise that the network learns to see through, at most; its own errors look like this.
        remembered: graphs of the training set that `sample` gives shapes to.

    References:
        Flow matching for generative modeling (Lipman et al., 2023), arXiv:2210.02747
        Equivariant flow matching with hybrid probability transport for 3D molecule generation (Song et al., 2023),
        arXiv:2312.07168
    """

    graphs: Tensor

    def __init__(
        self,
        network: nn.Module,
        elements: tuple[int, ...] = (1, 6, 7, 8),
        steps: int = 10,
        blur: float = 0.06,
        remembered: int = 0,
        seats: int = 29,
    ) -> None:
        super().__init__()
        if steps < 1 or blur < 0 or not elements:
            raise BadInput(
                "a flow has a step, a blur of 0 Å or more, and elements",
                f"steps={steps}, blur={blur}, elements={elements}",
                "take steps=10, blur=0.06",
            )
        self.network, self.elements, self.steps, self.blur = network, tuple(elements), steps, blur
        self.register_buffer("graphs", torch.zeros(remembered, seats, COLUMNS - NUMBER))

    def extra_repr(self) -> str:
        """What is no network."""
        return f"{self.elements}, steps={self.steps}, blur={self.blur} Å"

    def loss(self, batch: Batch) -> Losses:
        """Errors of places and of distances, each molecule at a time of its own."""
        x = batch.x[..., :3]
        graph = read_graph(batch.x, self.elements)
        here = graph.mask[..., None].to(x.dtype)
        x = (x - (x * here).sum(1, keepdim=True) / here.sum(1, keepdim=True).clamp(min=1)) * here
        began = scattered(graph.bound, graph.mask, batch.normal(*x.shape[1:]))
        x = turned_onto(x, began)
        u, amount = batch.uniform(2).unbind(1)
        left = u.square()  # 1 - t
        seen = left[:, None, None] * began + (1 - left[:, None, None]) * x
        seen = seen + (self.blur * amount)[:, None, None] * batch.normal(*x.shape[1:]) * here
        places, paths = torch.zeros_like(left), torch.zeros_like(left)
        for some, n in bundles(graph.mask):
            part = part_of(graph, some, n)
            said = self.network(seen[some, :n], part.atoms, part.pairs, 1 - left[some], part.mask)
            a, b = errors(said, x[some, :n], part)
            places, paths = places.index_copy(0, some, a.to(left)), paths.index_copy(0, some, b.to(left))
        return {"places": places / (left.square() + FLOOR**2), "distances": 10 * paths / (left + FLOOR)}

    @torch.no_grad()
    def shape(self, rows: Float[Tensor, "B N D"], steps: int | None = None) -> Float[Tensor, "B N 3"]:
        """Places, Å, of molecules whose elements, charges and bonds are given; by torch's global generator."""
        graph = read_graph(rows, self.elements)
        noise = torch.randn(*rows.shape[:2], 3, device=rows.device)
        out = torch.zeros_like(noise)
        for some, n in bundles(graph.mask, most=64):
            for x in self._walk(part_of(graph, some, n), noise[some, :n], self.steps if steps is None else steps):
                out[some, :n] = x
        return out

    @torch.no_grad()
    def way(self, rows: Float[Tensor, "B N D"]) -> list[Float[Tensor, "B N 3"]]:
        """As `shape`, with the places after each step; the first are the beginning."""
        graph = read_graph(rows, self.elements)
        return list(self._walk(graph, torch.randn(*rows.shape[:2], 3, device=rows.device), self.steps))

    def _walk(self, graph: BondGraph, noise: Tensor, steps: int) -> Iterator[Tensor]:
        x = scattered(graph.bound, graph.mask, noise)
        yield x
        for k in range(steps):
            left, then = ((steps - k) / steps) ** 2, ((steps - k - 1) / steps) ** 2
            time = torch.full((len(x),), 1 - left, device=x.device)
            said = self.network(x, graph.atoms, graph.pairs, time, graph.mask)
            x = said + (x - said) * (then / left)
            yield x

    @torch.no_grad()
    def count(self, data: Batch) -> None:
        """Remember graphs of the training set, spread evenly over it."""
        if len(self.graphs):
            at = torch.linspace(0, len(data) - 1, len(self.graphs)).round().long()
            rows = data.x[at, :, NUMBER:]
            n = min(rows.shape[1], self.graphs.shape[1])
            self.graphs.zero_()
            self.graphs[:, :n].copy_(rows[:, :n])

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """Shapes of n of the remembered graphs, at random."""
        if not len(self.graphs):
            raise BadInput("no graphs are remembered to give shapes to", "remembered=0", "call shape(rows)")
        rows = self.graphs[torch.randint(len(self.graphs), (n,), device=self.device)]
        rows = torch.cat([rows.new_zeros(*rows.shape[:2], NUMBER), rows], 2)
        rows[..., :3] = self.shape(rows)
        return Batch(rows)


def bundles(mask: Tensor, most: int | None = None) -> Iterator[tuple[Int[Tensor, " b"], int]]:
    """Molecules of like size together: which, and the atoms of the largest; of at most so many each."""
    sizes = mask.sum(1)
    order = torch.argsort(sizes, stable=True)
    count = BUNDLES if most is None else -(-len(order) // most)
    for some in torch.chunk(order, max(1, min(count, len(order)))):
        yield some, max(1, int(sizes[some].max()))


def part_of(graph: BondGraph, some: Tensor, n: int) -> BondGraph:
    """Some of the molecules, in their first n seats."""
    return BondGraph(
        graph.atoms[some, :n],
        graph.pairs[some, :n, :n],
        graph.apart[some, :n, :n],
        graph.bound[some, :n, :n],
        graph.mask[some, :n],
    )


def errors(said: Tensor, x: Tensor, graph: BondGraph) -> tuple[Tensor, Tensor]:
    """The mean squared error of a molecule's places, and the weighted mean error of its distances along bonds."""
    here = graph.mask.to(x.dtype)
    places = ((said - x).square().sum(2) * here).sum(1) / here.sum(1).clamp(min=1)
    weight = torch.zeros_like(graph.bound)
    for bonds, amount in enumerate(PATHS, 1):
        weight = weight + amount * ((graph.apart == bonds) & graph.mask[:, :, None] & graph.mask[:, None, :])
    seen, true = (((y[:, :, None] - y[:, None]).square().sum(3) + 1e-6).sqrt() for y in (said, x))
    error = nn.functional.smooth_l1_loss(seen, true, reduction="none", beta=BEND)
    return places, (error * weight).sum((1, 2)) / weight.sum((1, 2)).clamp(min=1)


def example() -> tuple[ShapeFlow, Batch]:
    """The smallest one, and chains of atoms."""
    network = ShapeNetwork(atom_features(2), pair_features(), 8, 8, 2, 2, 3, 8)
    model = ShapeFlow(network, (1, 6), steps=3, remembered=6, seats=5)
    batch = Batch(chains(16, 5))
    model.count(batch)
    return model, batch


def chains(n: int, seats: int) -> Float[Tensor, "n seats D"]:
    """Rows of bent chains of two to `seats` carbons and hydrogens, for trying things out."""
    rows = torch.zeros(n, seats, COLUMNS)
    for i in range(n):
        size = 2 + i % (seats - 1)
        step = torch.arange(size)
        rows[i, :size, 0] = 1.2 * step
        rows[i, :size, 1] = 0.4 * (step % 2)
        rows[i, :size, 2] = 0.1 * torch.randn(size)
        rows[i, :size, NUMBER] = torch.where(step % 3 == 0, 6.0, 1.0)
        for j in range(size - 1):
            rows[i, j, 5:7] = torch.tensor([j + 2.0, 1.0 + (j % 2)])
            rows[i, j + 1, 7:9] = torch.tensor([j + 1.0, 1.0 + (j % 2)])
    return rows
