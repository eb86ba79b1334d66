"""What a network is given of a noisy graph beside its types: cycles, random walks, spectrum, degrees.

None of it depends on the order of the nodes, so that a network which reads it passes every permutation on. Nothing is
learned here, and nothing is differentiated.

References:
    DiGress: discrete denoising diffusion for graph generation (Vignac et al., 2023), arXiv:2209.14734, section 4
    Graph inductive biases in transformers without message passing (Ma et al., 2023), arXiv:2305.17589 (random walks)
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded
from simulacra.diffusion.graph_state import GraphState, ends

CYCLES = 3
"""Lengths of cycles that are counted: three, four and five nodes."""
NOTHING = 1e-4
"""An eigenvalue of the Laplacian below it is 0."""


@dataclass(frozen=True)
class Given:
    """What a network reads.

    Args:
        nodes: of each node.
        pairs: of each pair, the same from both ends.
        whole: of the graph.
    """

    nodes: Float[Tensor, "B N F"]
    pairs: Float[Tensor, "B P E"]
    whole: Float[Tensor, "B G"]


class GraphFeatures(Recorded):
    """Numbers of nodes, pairs and graphs, from their types in a state of noise.

    Args:
        node_types: K.
        edge_types: L, no edge counted.
        seats: nodes at most, by which sizes are measured.
        walks: longest random walk whose chance to return, and to go from node to node, is given; 0 gives none.
        eigenvalues: of the Laplacian that are given, least first; 0 gives none.
        cycles: 1 gives counts of cycles of three, four and five nodes; 0 none.
    """

    def __init__(
        self, node_types: int, edge_types: int, seats: int, walks: int = 8, eigenvalues: int = 5, cycles: int = 1
    ) -> None:
        if min(node_types, seats) < 1 or edge_types < 2 or min(walks, eigenvalues) < 0 or cycles not in (0, 1):
            raise BadInput(
                "graphs have a node type, two edge types (none is one) and seats",
                f"node_types={node_types}, edge_types={edge_types}, seats={seats}, walks={walks}, "
                f"eigenvalues={eigenvalues}, cycles={cycles}",
                "take node_types=1, edge_types=2, and walks and eigenvalues of 0 or more",
            )
        self.node_types, self.edge_types, self.seats = node_types, edge_types, seats
        self.walks, self.eigenvalues, self.cycles = walks, eigenvalues, cycles

    @property
    def of_nodes(self) -> int:
        """Numbers of a node: F."""
        return self.node_types + self.edge_types + self.walks + self.cycles * CYCLES

    @property
    def of_pairs(self) -> int:
        """Numbers of a pair: E."""
        return self.edge_types + self.walks

    @property
    def of_graphs(self) -> int:
        """Numbers of a graph: G."""
        return 1 + (self.eigenvalues + 1) * (self.eigenvalues > 0) + self.cycles * CYCLES

    @torch.no_grad()
    def read(self, state: GraphState) -> Given:
        """The numbers of noisy graphs; zeros in empty seats."""
        here, dtype = state.mask.to(torch.get_default_dtype()), torch.get_default_dtype()
        first, second = ends(state.seats, state.mask.device)
        marks = functional.one_hot(state.pairs, self.edge_types).to(dtype) * state.linked[..., None]
        wide = state.edges()
        linked = (wide > 0).to(dtype)
        types = functional.one_hot(state.nodes, self.node_types).to(dtype) * here[..., None]
        by_type = functional.one_hot(wide, self.edge_types).to(dtype)[..., 1:].sum(2)
        degree = linked.sum(2)
        nodes, pairs = [types, by_type, torch.log1p(degree)[..., None]], [marks]
        whole = [here.sum(1, keepdim=True) / self.seats]
        if self.walks:
            steps = torch.stack(walked(linked, degree, self.walks), 3)
            nodes.append(steps.diagonal(dim1=1, dim2=2).transpose(1, 2))
            pairs.append(steps[:, first, second])
        if self.cycles:
            found = cycles_through(linked)
            nodes.append(torch.log1p(found))
            whole.append(torch.log1p(found.sum(1) / torch.tensor([3.0, 4.0, 5.0], device=found.device)))
        if self.eigenvalues:
            whole.append(spectrum(linked, degree, state.mask, self.eigenvalues))
        return Given(torch.cat(nodes, 2), torch.cat(pairs, 2), torch.cat(whole, 1))


def walked(linked: Float[Tensor, "B N N"], degree: Float[Tensor, "B N"], longest: int) -> list[Tensor]:
    r"""Powers 1 … of $D^{-1/2} A D^{-1/2}$: walks of chance, weighed so that both ends see the same number."""
    root = torch.rsqrt(degree.clamp(min=1))
    one = linked * root[:, :, None] * root[:, None, :]
    found = [one]
    for _ in range(longest - 1):
        found.append(found[-1] @ one)
    return found


def cycles_through(linked: Float[Tensor, "B N N"]) -> Float[Tensor, "B N three"]:
    """How many cycles of three, four and five nodes run through each node.

    Closed walks of so many steps, less those that turn back on the way.

    References:
        On the number of cycles in a graph (Harary & Manvel, 1971), doi:10.21136/MC.1971.100648
    """
    two = linked @ linked
    three = two @ linked
    degree = two.diagonal(dim1=1, dim2=2)
    back = three.diagonal(dim1=1, dim2=2)
    four = (three @ linked).diagonal(dim1=1, dim2=2)
    five = (three @ two).diagonal(dim1=1, dim2=2)
    beside = (linked @ degree[..., None])[..., 0]
    around = (linked @ back[..., None])[..., 0]
    squares = (four - degree * (degree - 1) - beside) / 2
    # of five steps: around a triangle with a step aside and back at one of its nodes, or on the way to it
    aside = ((linked * two) @ degree[..., None])[..., 0]
    pentagons = (five - 2 * back * degree - around - 2 * aside + 5 * back) / 2
    return torch.stack([back / 2, squares, pentagons], 2)


def spectrum(linked: Tensor, degree: Tensor, mask: Tensor, count: int) -> Float[Tensor, "B values"]:
    """The logarithm of the number of connected parts, and the least eigenvalues of the normalized Laplacian above 0.

    Eigenvalues of empty seats are set to 2, the largest that there is.
    """
    root = torch.rsqrt(degree.clamp(min=1))
    laplacian = torch.diag_embed((degree > 0).to(linked)) - linked * root[:, :, None] * root[:, None, :]
    laplacian = laplacian + torch.diag_embed(2.0 * (~mask).to(linked))
    values = torch.linalg.eigvalsh(laplacian.float()).to(linked)
    parts = (values < NOTHING).sum(1, keepdim=True).to(linked)
    above = torch.where(values < NOTHING, 2.0, values).sort(1).values[:, :count]
    if above.shape[1] < count:
        above = functional.pad(above, (0, count - above.shape[1]), value=2.0)
    return torch.cat([torch.log(parts.clamp(min=1)), above], 1)
