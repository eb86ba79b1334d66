"""Equivariant graph network: atoms send messages by their distances, and push each other along what joins them."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network

BUNDLES = 4  # bundles of molecules of like size into which a batch falls: empty seats cost little then


class EGNN(Network):
    r"""Places $x_i$ and features $h_i$ of atoms; a block sends messages between all pairs of a molecule's atoms:

    $m_{ij} = \phi_e(h_i, h_j, d_{ij}^2, a_{ij})$, gated by $e_{ij} = \mathrm{sigmoid}(\phi_g(m_{ij}))$;
    $h_i \leftarrow h_i + \phi_h(h_i, \sum_{j \ne i} e_{ij} m_{ij})$;
    $x_i \leftarrow x_i + \sum_{j \ne i} \frac{x_i - x_j}{d_{ij} + 1}\, \phi_x(h_i, h_j, d_{ij}^2, a_{ij})$,
    where $a_{ij}$ is $d_{ij}^2$ as it came in, and all of a block starts from the h and x before it. Turns, reflections
    and shifts of x, and the order of the atoms, are passed on to what comes out: the shift of each atom, and new
    features. Letters: B molecules, N seats, F features, E numbers of conditioning, W features within.

    The first layers of $\phi_e$ and $\phi_x$ are linear in $h_i$, $h_j$ and the distances: they are computed once for
    each atom and added for each pair, which spares two thirds of the work. Molecules are worked on in bundles of like
    size.

    Args:
        features: of an atom beside its place: F.
        width: features within: W.
        conditioning: how many numbers the network is conditioned on: E.
        blocks: of the kind above.
        reach: of the pushes of all blocks together, Å for a pair: each is bent by tanh to its share of it.

    References:
        E(n) equivariant graph neural networks (Satorras, Hoogeboom & Welling, 2021), arXiv:2102.09844
        Equivariant diffusion for molecule generation in 3D (Hoogeboom et al., 2022), arXiv:2203.17003
    """

    def __init__(self, features: int, width: int, conditioning: int, blocks: int = 4, reach: float = 15.0) -> None:
        super().__init__()
        if features < 1 or blocks < 1:
            raise BadInput(
                "atoms have a feature at least, and the network a block",
                f"features={features}, blocks={blocks}",
                "give elements as features",
            )
        self.features = features
        self.embed = nn.Linear(features, width)
        self.tell = nn.Linear(conditioning, width, bias=False)
        self.blocks = nn.ModuleList(Block(width, reach / blocks) for _ in range(blocks))
        self.last = nn.Linear(width, features)

    def forward(
        self, x: Float[Tensor, "B N D"], conditioning: Float[Tensor, "B E"], mask: Bool[Tensor, "B N"] | None = None
    ) -> Float[Tensor, "B N D"]:
        """Places and features, side by side, to the shift of each atom and its new features.

        Args:
            x: places, then features: D = 3 + F.
            conditioning: what the network is conditioned on of each molecule.
            mask: which seats hold an atom, the first ones of each molecule; all if None. Zeros come out of the others.
        """
        if mask is None:
            return self._bundle(x, conditioning, None)
        sizes = mask.sum(1)
        order = torch.argsort(sizes)
        out = torch.zeros(x.shape, dtype=x.dtype, device=x.device)
        for some in torch.chunk(order, min(BUNDLES, len(set(sizes.tolist())))):
            n = int(sizes[some].max())
            if n:
                said = self._bundle(x[some, :n], conditioning[some], mask[some, :n])
                out = out.index_copy(0, some, functional.pad(said, (0, 0, 0, x.shape[1] - n)).to(out.dtype))
        return out

    def _bundle(self, x: Tensor, conditioning: Tensor, mask: Tensor | None) -> Tensor:
        """All molecules in as many seats as there are."""
        n = x.shape[1]
        pair = ~torch.eye(n, dtype=torch.bool, device=x.device)
        alike = pair.expand(len(x), n, n) if mask is None else pair & mask[:, :, None] & mask[:, None, :]
        pairs = alike.to(x.dtype)
        begin = x[..., :3]
        # what a block adds to is kept in full precision, also where its layers are not
        h = self.embed(x[..., 3:]).to(x.dtype) + self.tell(conditioning).to(x.dtype)[:, None]
        where, first = begin, None
        for block in self.blocks:
            h, where, first = block(h, where, first, pairs)
        said = torch.cat([where - begin, self.last(h).to(x.dtype)], 2)
        return said if mask is None else said * mask[..., None]


class Block(nn.Module):
    """One round of messages and pushes.

    Args:
        width: features of an atom.
        reach: of a push along the unit of what joins two atoms.
    """

    def __init__(self, width: int, reach: float) -> None:
        super().__init__()
        self.width, self.reach = width, reach
        self.receive = nn.Linear(width, 2 * width)  # of message and push, from the atom that is given
        self.send = nn.Linear(width, 2 * width, bias=False)  # from the atom that shows
        self.far = nn.Parameter(torch.empty(2, 2 * width))  # from the distances; this way round its gradient is cheap
        self.message, self.gate = nn.Linear(width, width), nn.Linear(width, 1)
        self.take, self.keep = nn.Linear(2 * width, width), nn.Linear(width, width)
        self.push, self.pull = nn.Linear(width, width), nn.Linear(width, 1, bias=False)
        for part in (self.receive.weight, self.send.weight, self.far):  # as one layer of all its inputs would begin
            nn.init.uniform_(part, -((2 * width + 2) ** -0.5), (2 * width + 2) ** -0.5)
        nn.init.xavier_uniform_(self.pull.weight, gain=0.001)

    def forward(
        self, h: Tensor, x: Float[Tensor, "B N 3"], first: Tensor | None, pairs: Float[Tensor, "B N N"]
    ) -> tuple[Tensor, Float[Tensor, "B N 3"], Tensor]:
        """Features, places and the squared distances at the beginning, to those after the round."""
        apart = x[:, :, None] - x[:, None]
        square = apart.square().sum(-1)
        first = square if first is None else first
        conditioning, tells = self.receive(h).split(self.width, -1), self.send(h).split(self.width, -1)
        far, hidden = torch.stack([square, first], -1), []
        for a, b, weight in zip(conditioning, tells, self.far.chunk(2, 1), strict=True):
            with torch.autocast(x.device.type, enabled=False):  # distances lose too much in half precision
                known = far @ weight
            hidden.append(functional.silu(known.add_(a[:, :, None]).add_(b[:, None])))
        message = functional.silu(self.message(hidden[0]))
        gate = torch.sigmoid(self.gate(message)).squeeze(-1) * pairs
        heard = (gate.to(message.dtype)[:, :, None] @ message).squeeze(2)
        pull = self.pull(functional.silu(self.push(hidden[1]))).squeeze(-1)
        strength = torch.tanh(pull.to(x.dtype)) * self.reach * pairs / ((square + 1e-8).sqrt() + 1)
        h = h + self.keep(functional.silu(self.take(torch.cat([h, heard.to(h.dtype)], -1))))
        return h, x + (apart * strength[..., None]).sum(2), first


def example() -> tuple[EGNN, tuple[Tensor, ...]]:
    """The smallest one."""
    return EGNN(3, 8, conditioning=4, blocks=2), (torch.randn(5, 4, 6), torch.randn(5, 4))
