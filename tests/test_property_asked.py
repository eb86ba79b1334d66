"""A property asked against the property obtained: oracles of the parts, and a study from nothing to a page."""

from pathlib import Path

import numpy as np
import pytest
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.exhibits.property_asked import among, estimate, nearest, resamples, typical
from simulacra.exhibits.property_regressor import PropertyRegressor
from simulacra.keeping.trained import load
from simulacra.networks.invariant_readout import InvariantReadout
from simulacra.reports.page import page
from simulacra.running.split import Split
from simulacra.sources.half import Half
from simulacra.sources.molecules.conformers import Conformers
from simulacra.studies.molecules.molecules_by_edm_conditional import study

SHAPES = Conformers(heavy=4, largest=12, labels="gyration")


@pytest.fixture(scope="module")
def shapes() -> Samples:
    return SHAPES.read()


# the regressor


def test_what_is_read_does_not_hang_on_turns_shifts_mirrors_or_order() -> None:
    torch.manual_seed(0)
    network = InvariantReadout(3, 16, numbers=2).double()
    x = torch.randn(4, 7, 6, dtype=torch.float64)
    mask = torch.arange(7) < torch.tensor([7, 4, 2, 1])[:, None]
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))[0]
    moved = torch.cat([x[..., :3] @ turn.T + 3.0, x[..., 3:]], 2)
    order = torch.randperm(7)
    with torch.no_grad():
        stated = network(x, mask)
        assert (network(moved, mask) - stated).abs().max() < 1e-10
        assert (network(x[:, order], mask[:, order]) - stated).abs().max() < 1e-10
        assert (network(x[1:2, :4]) - stated[1]).abs().max() < 1e-10  # empty seats say nothing
        x[1, 5] += 9.0
        assert (network(x, mask) - stated).abs().max() < 1e-10


def test_a_length_is_learned_from_one_half_and_read_in_the_other(shapes: Samples) -> None:
    """The radius of gyration is a plain function of the places: read far nearer than by the median of all."""
    first, second = (Half(SHAPES, which, "gyration").read() for which in ("first", "second"))
    assert not set(first.group) & set(second.group) and len(first) + len(second) == len(shapes)
    reads = PropertyRegressor.of(first, "gyration", (1, 6, 7, 8), seed=0, steps=400, width=24, blocks=2)
    truth = second.given["gyration"]
    off = np.abs(reads(second) - truth).mean()
    assert off < 0.5 * np.abs(truth - np.median(first.given["gyration"])).mean()
    assert reads.n == len(first)


class Spotty:
    """Records of which every third lacks its mass."""

    def read(self) -> Samples:
        mass = np.where(np.arange(3000) % 3 == 0, np.nan, 1.0)
        return Samples.of(np.zeros((3000, 1)), "vector", origin="spots", given={"mass": mass})


def test_a_half_is_told_and_what_is_not_known_is_left_aside() -> None:
    """Counts within four standard deviations of a fair coin's; halves and parts are shared out by different hashes."""
    first, second = (Half(Spotty(), which, "mass").read() for which in ("first", "second"))
    assert len(first) + len(second) == 2000 and not set(first.id) & set(second.id)
    assert "spots; 1,000 without mass left aside; the first half" in first.origin
    assert abs(len(first) - 1000) < 4 * 500**0.5
    parts = Split(50, 25, 25).share_out(second)
    assert abs(len(parts["train"]) - len(second) / 2) < 4 * (len(second) / 4) ** 0.5
    with pytest.raises(BadInput, match="does not state charge"):
        Half(Spotty(), "first", "charge").read()


# the table


def test_the_number_of_atoms_says_the_median_of_its_own(shapes: Samples) -> None:
    some = shapes[:4].but(given={"gyration": np.array([1.0, 2.0, 6.0, 9.0])})
    x = np.zeros((4, 3, 4), dtype=np.float32)
    x[:, :2, 0] = 6
    x[3, 2, 0] = 6
    some = some.but(x=x)
    assert typical(some, "gyration", np.array([2, 3, 7])).tolist() == [2.0, 9.0, 4.0]
    assert nearest(np.array([4.0, 4.0, 8.0]), np.array([5.0, 7.0, -1.0])).tolist() == [1, 2, 0]


def test_intervals_hold_the_mean_as_often_as_they_say() -> None:
    """Of 200 intervals of 95 %, fewer than 176 hold it with a chance below 1e-3 (binomial, n 200, p 0.94)."""
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        _, low, high = estimate(rng.normal(1.0, 1.0, 100), resamples(100, rng))
        held += low <= 1.0 <= high
    assert held >= 176


def test_good_draws_are_compared_on_their_own_values() -> None:
    """Where only values are met on which both are right, neither is better; and too few are told of at all."""
    beside = np.tile([0.0, 4.0], 50)
    error = np.stack([np.where(beside == 0, 0.5, 9.0)] * 2)
    good = np.stack([beside == 0] * 2)
    weights = resamples(100, np.random.default_rng(0))
    found = among(error, beside, good, weights)
    assert found == pytest.approx((0.5, 0.5, 0.5, 0.5, 0.5, 0.5))
    assert np.isnan(among(error, beside, np.zeros_like(good), weights)).all()


# the whole


def test_a_study_asks_and_shows_what_was_obtained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    torch.manual_seed(0)
    some = study(largest=8, width=8, blocks=1, walk=4, steps=4, lessons=6, stronger=2.0)
    run = some.run(seed=1, out=tmp_path)
    assert run.state == "done"
    seen = run.exhibit("asked")
    assert seen is not None
    ways, table = seen["ways"].tolist(), seen["table"]
    assert ways[0] == "model" and ways[1] == "model, guidance 2" and table.shape == (6, 20) and str(seen["unit"]) == "Å"
    truth = run.record["sizes"]["truth"]
    assert seen["obtained"].shape == (2, truth)
    np.testing.assert_allclose(table[1, 0], np.abs(seen["obtained"] - seen["values"]).mean())
    np.testing.assert_allclose(table[3, 0], np.abs(seen["truth"] - seen["values"]).mean())
    assert "nearest training molecule" in run.all_verdicts
    assert list(load(run).known) == ["gyration"]
    text = page(run)
    assert "The gyration asked for, and the gyration obtained" in text and "A ladder of asked values" in text
