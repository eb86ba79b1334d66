"""What models of showers promise: energy is kept, no cell lies below the threshold, chance follows the law."""

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from torch.nn import functional

from simulacra.comparison.boosted import boosted
from simulacra.comparison.frechet import frechet, kernel, standardized
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.exhibits.shower_classifiers import HUMPS, PATCH, CellClassifier, Looked, by_cells, spoiled
from simulacra.exhibits.shower_means import curve, observables
from simulacra.models import shower_cascade, split_law
from simulacra.models.base import Batch
from simulacra.models.shower_cascade import ShowerCascade
from simulacra.models.shower_gan import ShowerGAN
from simulacra.models.shower_gan import example as example_gan
from simulacra.networks.halving import Halving
from simulacra.sources.showers.calorimeter_shower import CalorimeterShower
from simulacra.views.showers import Showers

SMALL = CalorimeterShower(layers=8, size=9)


@pytest.mark.parametrize("side", [2, 3, 4, 7, 25])
def test_halving_ends_in_every_cell_once(side: int) -> None:
    h = Halving.of(side)
    assert sorted(h.order.tolist()) == list(range(side**2))
    assert len(h.first) == side**2 - 1  # so many cuts make so many pieces
    parts = {(0, side**2)}
    for i in np.argsort(h.depth, kind="stable"):
        whole = (int(h.first[i]), int(h.last[i]))
        parts.remove(whole)
        parts |= {(whole[0], int(h.middle[i])), (int(h.middle[i]), whole[1])}
    assert parts == {(i, i + 1) for i in range(side**2)}


def test_splits_of_one_sort_are_turns_of_one_another() -> None:
    side = 7
    h = Halving.of(side)
    places = np.stack(np.divmod(h.order, side), axis=1) - side // 2
    for sort in range(h.sorts):
        first = [places[h.first[i] : h.middle[i]] for i in np.flatnonzero(h.sort == sort)]
        radii = [np.sort(np.abs(part).max(axis=1)).tolist() for part in first]
        assert all(r == radii[0] for r in radii)


def law(e: float) -> tuple[torch.Tensor, ...]:
    """Three humps of a split of a part with the energy e."""
    one = torch.ones(1, 1, dtype=torch.double)
    weight, place, wide = ([[0.2, -0.5, 1.0]], [[-1.0, 0.3, 4.0]], [[0.5, 0.2, 1.5]])
    return (*tuple(one * torch.tensor(v, dtype=torch.double) for v in (weight, place, wide)), torch.tensor([e]))


@pytest.mark.parametrize("e", [2.5, 5.0, 300.0])
def test_the_law_of_a_split_holds_all_probability_where_both_halves_are_lit(e: float) -> None:
    weight, place, wide, energy = law(e)
    edge = float(np.log(e - 1))

    def density(v: float) -> float:
        f = torch.sigmoid(torch.tensor([v], dtype=torch.double))
        return float(split_law.log_density(f, energy.double(), weight, place, wide).exp())

    assert integrate.quad(density, -edge, edge, limit=200)[0] == pytest.approx(1.0, abs=2e-3)


def cascade() -> tuple[ShowerCascade, Batch]:
    torch.manual_seed(0)
    model, batch = shower_cascade.example()
    return model.eval(), batch


def test_splits_are_drawn_by_their_law(monkeypatch: pytest.MonkeyPatch) -> None:
    model, n, e = cascade()[0], 4000, 30.0
    weight, place, wide, _ = law(e)
    fixed = (torch.tensor([[-30.0, -30.0, 0.0]]), weight.float(), place.float(), wide.float())
    monkeypatch.setattr(model, "_law", lambda *_: tuple(part.expand(n, -1) for part in fixed))
    nothing = torch.zeros(n, dtype=torch.long)
    torch.manual_seed(1)
    a, b = model._split(torch.zeros(1), torch.full((n,), e), nothing, nothing, nothing)
    torch.testing.assert_close(a + b, torch.full((n,), e))
    grid = np.linspace(-np.log(e - 1), np.log(e - 1), 4001)
    f = torch.sigmoid(torch.tensor(grid))
    wides = [part.expand(len(grid), -1) for part in (weight, place, wide)]
    density = split_law.log_density(f, torch.full((len(grid),), e).double(), *wides).exp().numpy()
    whole = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(grid))])
    found = torch.log(a / b).double().numpy()
    assert stats.kstest(found, lambda v: np.interp(v, grid, whole / whole[-1])).pvalue > 1e-4


def test_a_cascade_keeps_its_layers_energies_and_the_threshold() -> None:
    model, batch = cascade()
    stated = {"energy": batch.given["energy"]}
    torch.manual_seed(3)
    sums = model._energies(
        model.layers.sample(32, model._conditioning(Batch(batch.x, stated))).x, Batch(batch.x, stated)
    )
    torch.manual_seed(3)
    u = model.sample(32, stated).x
    energy = torch.where(u > 0, u.exp(), 0.0).sum((1, 3, 4))
    torch.testing.assert_close(energy, sums, rtol=1e-4, atol=1e-3)
    assert (u >= 0).all()


def test_numbers_of_layers_go_there_and_back() -> None:
    model, batch = cascade()
    sums = model._sums(batch.x)
    rows = model._standard(model._logarithms(sums, model._log_energy(batch)), batch)
    torch.testing.assert_close(model._energies(rows, batch), sums, rtol=1e-3, atol=1e-3)


def test_a_mean_shower_is_what_the_gan_begins_with() -> None:
    x = SMALL.draw(600, np.random.default_rng(0))
    view = Showers().fit(x)
    data = view.forward(x)
    model = ShowerGAN(example_gan()[0].generator, example_gan()[0].critic)
    with pytest.raises(RuntimeError):
        model.count(data)  # networks of other cells
    torch.manual_seed(0)
    generator = type(model.generator)((8, 9, 9), 2, latent=3, conditioning=1)
    critic = type(model.critic)((8, 9, 9), 2, conditioning=1)
    model = ShowerGAN(generator, critic)
    model.count(data)
    mean = torch.einsum("bp,pnhw->bnhw", model._polynomial(data), model.course[0]).mean(0)
    torch.testing.assert_close(mean, data.x[:, 0].mean(0), rtol=1e-3, atol=1e-3)


def test_showers_without_energy_are_refused_by_name() -> None:
    model, batch = cascade()
    with pytest.raises(BadInput, match="energy of its particle"):
        model.loss(Batch(batch.x, {"mass": batch.given["energy"]}))


def test_the_classifier_of_lit_cells_is_a_convolution() -> None:
    """The oracle: PyTorch's own, over all cells, silent ones too."""
    x = SMALL.draw(6, np.random.default_rng(1))
    seen = Looked.at(x)
    torch.manual_seed(0)
    net = CellClassifier(seen.grid, seen.beside.shape[1])
    found = net.patched(*seen.lit(np.arange(6)), 6)
    cells = torch.log1p(torch.as_tensor(x.array) / 5)[:, None]
    cells = functional.pad(cells, [0, 1, 0, 1, 0, 2])
    ramps = torch.cat([(cells - h).clamp(min=0) for h in HUMPS], 1)
    kernel_ = net.weight.view(PATCH, PATCH, PATCH, len(HUMPS), -1).permute(4, 3, 0, 1, 2)
    h = functional.conv3d(ramps, kernel_, None, PATCH).flatten(2).transpose(1, 2).flatten(0, 1)
    torch.testing.assert_close(found, h, rtol=1e-4, atol=1e-4)


def test_classifiers_see_a_gross_defect_and_not_truth_itself() -> None:
    """Of 300 showers a side 60 are scored: chance alone gives an area above 0.5 + 4 standard errors once in 30,000."""
    source = CalorimeterShower(size=13)
    true, other = (Looked.at(source.draw(300, np.random.default_rng(i))) for i in (0, 1))
    wrong = Looked.at(spoiled(source.draw(300, np.random.default_rng(1)), None, 1.2))
    chance = 4 * np.sqrt((60 + 60 + 1) / (12 * 60 * 60))
    assert boosted(wrong.rows, true.rows).area > 0.5 + chance
    assert by_cells(wrong, true, epochs=8).area > 0.5 + chance
    assert abs(boosted(other.rows, true.rows).area - 0.5) < chance
    assert abs(by_cells(other, true, epochs=2).area - 0.5) < chance


def test_distances_of_normal_sets_are_known() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((20_000, 3)), 2 * rng.standard_normal((20_000, 3)) + [1, 0, 0]
    # |shift|² + sum over axes of (2 - 1)²
    assert frechet(a, b) == pytest.approx(4.0, rel=0.05)
    same = rng.standard_normal((20_000, 3))
    assert frechet(a, same) < 0.01
    assert abs(kernel(a, same, rng)) < 0.1 * kernel(a, b, rng)
    x, y = standardized(np.column_stack([a, np.ones(len(a))]), np.column_stack([same, np.ones(len(a))]))
    assert x.shape[1] == y.shape[1] == 3


def test_linearity_and_resolution_are_read_off_a_calorimeter_that_is_known() -> None:
    rng, n = np.random.default_rng(0), 4000
    energy = np.repeat([10_000.0, 100_000.0], n)  # MeV
    read = energy * (0.9 + 0.16 / np.sqrt(energy / 1000) * rng.standard_normal(2 * n))
    for row, e in zip(curve(read, energy, np.array([9e3, 5e4, 2e5])), (10.0, 100.0), strict=True):
        spread = 0.16 / np.sqrt(e)
        assert row[0] == pytest.approx(e)
        assert abs(row[1] - 0.9) < 4 * spread / np.sqrt(n)
        assert abs(row[3] / (spread / 0.9) - 1) < 4 / np.sqrt(2 * n)


def test_observables_of_a_single_cell_are_its_place() -> None:
    x = np.zeros((1, 4, 3, 3), dtype=np.float32)
    x[0, 2, 1, 1] = 500.0
    seen = observables(Samples.of(x, "shower", "MeV", given={"energy": np.array([1.0])}))
    assert {name: float(v[0]) for name, v in seen.items()} == pytest.approx(
        {
            "response": 0.5,
            "depth of the center, layers": 2.5,
            "length, layers": 0.0,
            "width, cells": 0.0,
            "lit cells": 1.0,
            "mean energy of a lit cell, MeV": 500.0,
            "brightest cell's share": 1.0,
        }
    )
