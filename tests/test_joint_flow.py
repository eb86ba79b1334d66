"""Atoms, bonds and places out of noise at once: rows and back, the dealing of atoms, the walk, the study."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.diffusion.bonded import BONDS, CHARGE, NUMBER, bond_kinds
from simulacra.diffusion.graph_features import GraphFeatures
from simulacra.domains.molecules.molecule_graphs import embedded, from_rdkit
from simulacra.models.base import Batch
from simulacra.models.joint_flow import JointFlow, dealt, example, kept, network_for
from simulacra.networks.joint_network import JointNetwork
from simulacra.studies.molecules import molecules_by_joint_flow
from simulacra.views.bonded_atoms import BondedAtoms

ELEMENTS = (1, 6, 7, 8)
TEXTS = ["CCO", "c1cn[nH]c1", "C[NH2+]CC(=O)[O-]", "C#N", "C1CC1", "O=C1CCC1"]


@pytest.fixture(scope="module")
def rows() -> Tensor:
    space = from_rdkit([embedded(text, 7) for text in TEXTS], 18)
    return BondedAtoms(18, ELEMENTS, kekule=True).fit(x := Samples.of(space, "molecule", "Å")).forward(x).x


@pytest.fixture(scope="module")
def model(rows: Tensor) -> JointFlow:
    torch.manual_seed(0)
    made = JointFlow(*network_for(ELEMENTS, 18, 16, 8, 2, 2), ELEMENTS, steps=4)
    made.count(Batch(rows))
    return made


def test_types_bonds_and_charges_come_back_from_the_state(model: JointFlow, rows: Tensor) -> None:
    back = model._rows(rows[..., :3], model._state(rows))
    torch.testing.assert_close(back[..., : CHARGE + 1], rows[..., : CHARGE + 1])
    assert torch.equal(bond_kinds(back), bond_kinds(rows))


def test_dealing_changes_the_order_and_the_turn_but_no_molecule(rows: Tensor) -> None:
    torch.manual_seed(1)
    mask = rows[..., NUMBER] > 0
    here = mask[..., None].float()
    rows = torch.cat([(rows[..., :3] - (rows[..., :3] * here).sum(1, keepdim=True) / here.sum(1, keepdim=True)) * here,
                      rows[..., 3:]], 2)  # fmt: skip
    began = 2 * torch.randn(*mask.shape, 3) * here
    after = dealt(rows, began, mask)
    for x, y, n in zip(rows, after, mask.sum(1).tolist(), strict=True):
        far = [torch.cdist(z[:n, :3], z[:n, :3]) for z in (x, y)]
        kinds = [bond_kinds(z[None])[0, :n, :n].float() for z in (x, y)]
        # what does not depend on the order: distances and bonds with the elements at both ends, sorted
        told = [
            torch.stack([f.flatten(), k.flatten(), (z[:n, None, NUMBER] * z[None, :n, NUMBER]).flatten()], 1)
            for f, k, z in zip(far, kinds, (x, y), strict=True)
        ]
        one, two = (np.array(sorted(t.round(decimals=3).tolist())) for t in told)
        np.testing.assert_allclose(one, two, atol=3e-3)
    nearer = [((z[..., :3] - began).square().sum(2) * mask).sum() for z in (rows, after)]
    assert nearer[1] < 0.7 * nearer[0]


def test_turns_pass_through_the_network_and_scores_do_not_change() -> None:
    torch.manual_seed(0)
    network = JointNetwork(4, 3, 2, 3, 2, width=8, narrow=8, blocks=2, heads=2, arrows=3, bumps=8).double()
    x, atoms, whole = (torch.randn(2, 5, d, dtype=torch.float64) for d in (3, 4, 2))
    pairs = torch.randn(2, 5, 5, 3, dtype=torch.float64)
    pairs = pairs + pairs.transpose(1, 2)
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))[0]
    plain, turned = (network(y, atoms, pairs, whole[:, 0]) for y in (x, x @ turn))
    torch.testing.assert_close(plain[:, :15].view(2, 5, 3) @ turn, turned[:, :15].view(2, 5, 3))
    torch.testing.assert_close(plain[:, 15:], turned[:, 15:])
    bonds = plain[:, 30:].view(2, 5, 5, 2)
    torch.testing.assert_close(bonds, bonds.transpose(1, 2))


def test_places_settle_before_bonds_and_bonds_before_types() -> None:
    s = torch.tensor([0.0, 0.3, 0.5, 0.7, 1.0])
    places, bonds, types = (kept(s, part) for part in ("places", "bonds", "types"))
    assert (places[1:4] > bonds[1:4]).all()
    assert (bonds[1:4] > types[1:4]).all()
    for share in (places, bonds, types):
        assert share[0] == 1
        assert share[-1] == 0


class Oracle(nn.Module):
    """Knows the one molecule that there is."""

    def __init__(self, model: JointFlow, rows: Tensor) -> None:
        super().__init__()
        state = model._state(rows)
        self.row = nn.Parameter(
            torch.cat(
                [
                    rows[..., :3].flatten(1),
                    20.0 * nn.functional.one_hot(state.nodes, len(model.node_law)).flatten(1),
                    20.0 * nn.functional.one_hot(state.edges(), 5).flatten(1),
                ],
                1,
            )
        )

    def forward(self, x: Tensor, *_: Tensor) -> Tensor:
        return self.row.expand(len(x), -1)


def test_a_network_that_knows_the_molecule_walks_to_it(rows: Tensor) -> None:
    one = rows[:1, :9].clone()  # ethanol
    features = GraphFeatures(12, 5, 9)
    model = JointFlow(nn.Identity(), features, ELEMENTS, steps=5)
    model.count(Batch(one))
    model.network = Oracle(model, one)
    drawn = model.sample(3).x
    torch.testing.assert_close(drawn[..., : CHARGE + 1], one[..., : CHARGE + 1].expand(3, -1, -1))
    assert torch.equal(bond_kinds(drawn), bond_kinds(one).expand(3, -1, -1))


def test_a_short_training_lowers_every_loss(rows: Tensor) -> None:
    torch.manual_seed(0)
    model, _ = example()
    model = JointFlow(*network_for(ELEMENTS, 18, 32, 16, 2, 4), ELEMENTS, steps=4)
    model.count(Batch(rows))
    adam = torch.optim.Adam(model.parameters(), 3e-3)
    lost = []
    for _ in range(60):
        parts = {name: value.mean() for name, value in model.loss(Batch(rows.repeat(2, 1, 1))).items()}
        loss = torch.stack(list(parts.values())).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
        lost.append([float(value.detach()) for value in parts.values()])
    first, last = np.mean(lost[:10], axis=0), np.mean(lost[-10:], axis=0)
    assert (last < 0.9 * first).all(), (first, last)


def test_features_of_other_types_are_refused() -> None:
    with pytest.raises(BadInput, match="three charges"):
        JointFlow(nn.Identity(), GraphFeatures(3, 5, 9), ELEMENTS)


def test_the_study_is_put_together() -> None:
    made = molecules_by_joint_flow.study(largest=9, width=16, blocks=1, walk=3, way="rates", steps=2)
    assert "strain" in made.judges
    assert made.model.lengths(Batch(torch.zeros(2, 3, BONDS.stop + 1))).tolist() == [0, 0]
