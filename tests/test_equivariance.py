"""Whether what is done to a network's input is done to its output: one of which it is true, and two that cheat."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from simulacra.diffusion.atom_moves import moves, orthogonal
from simulacra.diffusion.clock import FEATURES
from simulacra.domains.molecules.atoms import Array, molecules, seated
from simulacra.exhibits.equivariance import TRIED, show_symmetry
from simulacra.models.base import Equivariant
from simulacra.models.edm import EDM
from simulacra.networks.egnn import EGNN
from simulacra.reports.markup import Drawer
from simulacra.reports.sections.equivariance import ROUNDING, equivariance, power
from simulacra.runs import Run
from simulacra.samplers.ddpm import DDPM
from simulacra.views.atoms import Atoms

SEATS, ELEMENTS = 6, (1, 6, 8)
MOVES = ["turned", "reflected", "shifted", "in another order"]


class Flat(nn.Module):
    """A network that looks at places as they are, row after row."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(SEATS * 7 + FEATURES, SEATS * 7)

    def forward(self, x: Tensor, stated: Tensor, mask: Tensor) -> Tensor:
        out = self.layer(torch.cat([x.flatten(1), stated], 1)).view_as(x)
        return torch.tanh(out) * mask[..., None]


class Leaning(nn.Module):
    """One that knows places only by their differences, but pulls all atoms a little along one axis of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.within = EGNN(4, 8, FEATURES, blocks=1)

    def forward(self, x: Tensor, stated: Tensor, mask: Tensor) -> Tensor:
        out: Tensor = self.within(x, stated, mask)
        lean = torch.zeros_like(x)
        lean[..., 0] = 0.01 * (x[..., 0] - x[..., :1].mean(1)) * mask
        return out + lean


def kept(network: nn.Module, folder: Path) -> tuple[dict[str, Array], Run]:
    rng = np.random.default_rng(0)
    count = rng.integers(2, SEATS + 1, 30)
    kinds = rng.choice(ELEMENTS, count.sum())
    truth = molecules(seated(kinds, 2 + rng.standard_normal((count.sum(), 3)), count, SEATS))
    model = EDM(network, ELEMENTS, SEATS, sampler=DDPM(5))
    run = Run.create(folder, "molecules", {}, 1)
    before = torch.random.get_rng_state()
    show_symmetry(model, Atoms(ELEMENTS).fit(truth), truth, run, 3)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert next(model.parameters()).dtype == torch.float32 and model.training  # the model itself is left alone
    found = run.exhibit("equivariance")
    assert found is not None
    return found, run


def test_a_graph_network_passes_on_turns_reflections_shifts_and_orders(tmp_path: Path) -> None:
    torch.manual_seed(0)
    found, run = kept(EGNN(4, 16, FEATURES, blocks=3), tmp_path)
    assert isinstance(EDM(EGNN(4, 8, FEATURES), ELEMENTS, SEATS), Equivariant)
    assert found["moves"].tolist() == MOVES
    assert int(found["tried"]) == TRIED
    # numbers of a few units through some hundreds of roundings, at either precision
    assert (found["double"] < 1e3 * np.finfo(np.float64).eps).all()
    assert (found["single"] < 1e3 * np.finfo(np.float32).eps).all()
    assert (found["single"] > found["double"]).all()
    assert float(found["change"]) > 0.01  # it does something
    # the second picture of a row is the third
    np.testing.assert_allclose(found["output"], found["carried"], atol=1e-5)
    assert np.abs(found["input"][1:4] - found["input"][0]).max(axis=(1, 2)).min() > 0.1  # and each row another
    shown = equivariance(run, Drawer())
    assert shown is not None
    assert "It holds to rounding" in shown.caption and shown.body.count("data-molecule") == 14
    assert shown.body.count("<tr>") == 6 and power(float(found["single"].max())) in shown.body


def test_a_network_of_absolute_places_is_caught(tmp_path: Path) -> None:
    torch.manual_seed(0)
    found, run = kept(Flat(), tmp_path)
    assert (found["double"] > 0.01 * found["change"]).all()  # by each move
    shown = equivariance(run, Drawer())
    assert shown is not None and "It does not hold" in shown.caption


def test_a_small_lean_is_caught_by_the_move_that_it_breaks(tmp_path: Path) -> None:
    torch.manual_seed(0)
    found, _ = kept(Leaning(), tmp_path)
    stated = dict(zip(found["moves"].tolist(), found["double"] > ROUNDING * found["change"], strict=True))
    assert stated["turned"] and stated["reflected"] and not stated["in another order"]


def test_moves_are_what_they_are_called() -> None:
    torch.manual_seed(1)
    mask = torch.arange(5) < torch.tensor([[5], [3]])
    x = torch.randn(2, 5, 6, dtype=torch.float64) * mask[..., None]
    some = moves(mask)
    assert list(some) == MOVES
    for name, move in some.items():
        moved = move(x)
        assert (moved[1, 3:] == 0).all(), name  # empty seats stay empty
        apart, before = (torch.cdist(rows[..., :3], rows[..., :3]) for rows in (moved, x))
        for i, n in enumerate((5, 3)):
            torch.testing.assert_close(*(d[i, :n, :n].flatten().sort().values for d in (apart, before)))
    torch.testing.assert_close(some["in another order"](x).sum(1), x.sum(1))  # none is lost, none comes twice
    assert not torch.equal(some["in another order"](x), x)
    for proper in (True, False):
        q = orthogonal(proper)
        torch.testing.assert_close(q @ q.T, torch.eye(3, dtype=torch.float64))
        assert float(torch.linalg.det(q)) == pytest.approx(1.0 if proper else -1.0)


@pytest.mark.parametrize(("value", "text"), [(2.2e-15, "2 × 10⁻¹⁵"), (0.31, "0.31"), (0.0, "0"), (9.6e-3, "1 × 10⁻²")])
def test_small_numbers_are_written_as_powers(value: float, text: str) -> None:
    assert power(value).replace("\u00a0", " ") == text


def test_a_model_that_claims_no_symmetry_shows_none(tmp_path: Path) -> None:
    class Plain(nn.Module):
        pass

    assert not isinstance(Plain(), Equivariant)
    run = Run.create(tmp_path, "plain", {}, 1)
    assert equivariance(run, Drawer()) is None
    run.keep_exhibit("equivariance", {"input": np.zeros(3)})  # of a stranger
    assert equivariance(run, Drawer()) is None
