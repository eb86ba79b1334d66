"""The equivariant network: exact in its symmetries, and the paper's equations edge by edge."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.egnn import BUNDLES, EGNN, Block

COUNTS = torch.tensor([5, 1, 7, 3, 6, 2, 7, 4, 5, 3])


def world(seed: int = 0, double: bool = True, push: float = 0.3) -> tuple[EGNN, Tensor, Tensor, Tensor]:
    """A network whose pushes are as large as its messages, and molecules of many sizes."""
    torch.manual_seed(seed)
    network = EGNN(4, 16, conditioning=3, blocks=3)
    with torch.no_grad():
        for block in network.blocks:
            assert isinstance(block, Block)
            block.pull.weight.normal_(0, push)  # as drawn they are near zero, where nothing could be seen
    mask = torch.arange(8) < COUNTS[:, None]
    x, stated = torch.randn(len(COUNTS), 8, 7) * mask[..., None], torch.randn(len(COUNTS), 3)
    return (network.double(), x.double(), stated.double(), mask) if double else (network, x, stated, mask)


def turned(x: Tensor, turn: Tensor) -> Tensor:
    return torch.cat([x[..., :3] @ turn.T, x[..., 3:]], -1)


def orthogonal(seed: int, reflect: bool) -> Tensor:
    q = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)))[0]
    q = q * torch.linalg.det(q).sign()
    return -q if reflect else q


def edge_by_edge(network: EGNN, x: Tensor, stated: Tensor) -> Tensor:
    """One molecule, its atoms and pairs one after another, as the equations stand in the paper; (N, 3 + F)."""
    n = len(x)
    places = [x[i, :3] for i in range(n)]
    begin = list(places)
    h = [network.embed.weight @ x[i, 3:] + network.embed.bias + network.tell.weight @ stated for i in range(n)]
    first = {(i, j): ((places[i] - places[j]) ** 2).sum() for i in range(n) for j in range(n)}
    for block in network.blocks:
        assert isinstance(block, Block)
        w = block.width
        one = torch.cat([block.receive.weight, block.send.weight, block.far.T], 1)  # a layer of all inputs
        heard, moved = [torch.zeros(w, dtype=x.dtype) for _ in range(n)], [p.clone() for p in places]
        for i in range(n):
            for j in range(n):
                if i == j:
                    continue
                square = ((places[i] - places[j]) ** 2).sum()
                inputs = torch.cat([h[i], h[j], torch.stack([square, first[i, j]])])
                hidden = one @ inputs + block.receive.bias
                message = functional.silu(block.message(functional.silu(hidden[:w])))
                heard[i] = heard[i] + torch.sigmoid(block.gate(message)) * message
                pull = block.pull(functional.silu(block.push(functional.silu(hidden[w:]))))
                push = block.reach * torch.tanh(pull)
                moved[i] = moved[i] + (places[i] - places[j]) / (torch.sqrt(square + 1e-8) + 1) * push
        h = [h[i] + block.keep(functional.silu(block.take(torch.cat([h[i], heard[i]])))) for i in range(n)]
        places = moved
    return torch.stack([torch.cat([places[i] - begin[i], network.last(h[i])]) for i in range(n)])


@torch.no_grad()
def test_the_network_is_that_of_the_papers_equations() -> None:
    network, x, stated, mask = world()
    out = network(x, stated, mask)
    for i, n in enumerate(COUNTS.tolist()):
        torch.testing.assert_close(out[i, :n], edge_by_edge(network, x[i, :n], stated[i]), rtol=1e-10, atol=1e-11)
        assert not out[i, n:].any()
    assert out[:, :, :3].abs().max() > 0.1 and len(COUNTS) > BUNDLES


@torch.no_grad()
@pytest.mark.parametrize("reflect", [False, True])
def test_turns_reflections_and_shifts_are_passed_on(reflect: bool) -> None:
    for seed in range(3):
        network, x, stated, mask = world(seed)
        turn = orthogonal(seed, reflect)
        there = turned(x, turn)
        there[..., :3] += torch.randn(len(x), 1, 3, dtype=torch.float64) * mask[..., None]
        out, moved = network(x, stated, mask), network(there, stated, mask)
        assert (moved - turned(out, turn)).abs().max() < 1e-10


@torch.no_grad()
def test_the_order_of_the_atoms_is_passed_on() -> None:
    network, x, stated, mask = world()
    out, shuffled, expected = network(x, stated, mask), x.clone(), x.clone()
    for i, n in enumerate(COUNTS.tolist()):
        order = torch.randperm(n, generator=torch.Generator().manual_seed(i))
        shuffled[i, :n], expected[i, :n] = x[i, order], out[i, order]
        expected[i, n:] = 0
    assert (network(shuffled, stated, mask) - expected).abs().max() < 1e-10


@torch.no_grad()
def test_what_is_in_empty_seats_is_not_looked_at() -> None:
    network, x, stated, mask = world()
    spoiled = torch.where(mask[..., None], x, torch.full_like(x, 7.0))
    assert torch.equal(network(spoiled, stated, mask), network(x, stated, mask))
    wide, seats = functional.pad(x, (0, 0, 0, 5)), functional.pad(mask, (0, 5))
    torch.testing.assert_close(network(wide, stated, seats)[:, :8], network(x, stated, mask), rtol=0, atol=1e-12)


@torch.no_grad()
def test_a_mask_of_full_seats_is_as_none() -> None:
    network, x, stated, _ = world()
    full = torch.ones(len(x), 8, dtype=torch.bool)
    torch.testing.assert_close(network(x, stated, full), network(x, stated), rtol=1e-12, atol=1e-12)


@torch.no_grad()
@pytest.mark.parametrize("seed", range(4))
def test_symmetries_hold_to_a_hundredth_in_half_precision(seed: int) -> None:
    """Root mean square over all that comes out, of a network whose atoms move by some tenths and more."""
    network, x, stated, mask = world(seed, double=False, push=0.05)
    turn = orthogonal(seed, True).float()
    with torch.autocast("cpu", torch.bfloat16):
        out, moved = network(x, stated, mask), network(turned(x, turn), stated, mask)
    exact = network(x, stated, mask)[mask]
    assert out.dtype == torch.float32 and exact[:, :3].square().mean().sqrt() > 0.1
    assert (moved - turned(out, turn))[mask].square().mean().sqrt() < 1e-2 * exact.square().mean().sqrt()
    assert (out[mask] - exact).square().mean().sqrt() < 1e-2 * exact.square().mean().sqrt()


def test_gradients_are_those_of_the_equations() -> None:
    network, x, stated, mask = world()
    weight = torch.randn_like(x) * mask[..., None]
    (network(x, stated, mask) * weight).sum().backward()
    ours = {name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None}
    network.zero_grad()
    total = sum(
        ((edge_by_edge(network, x[i, :n], stated[i]) * weight[i, :n]).sum() for i, n in enumerate(COUNTS.tolist())),
        torch.zeros((), dtype=torch.float64),
    )
    total.backward()
    for name, p in network.named_parameters():
        assert p.grad is not None
        torch.testing.assert_close(ours[name], p.grad, rtol=1e-8, atol=1e-9, msg=name)


def test_a_network_without_features_is_told() -> None:
    with pytest.raises(BadInput, match="a feature at least"):
        EGNN(0, 8, 1)
