"""Molecules under a property: how large they are, what a run keeps of it, and what conditions it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from scipy import stats

from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.properties import Properties
from simulacra.diffusion.sizes_given import BINS, SizesGiven
from simulacra.domains.molecules.atoms import molecules
from simulacra.keeping.known import STANDING, seen
from simulacra.keeping.trained import Trained, load
from simulacra.models.base import Batch
from simulacra.models.edm import EDM
from simulacra.networks.egnn import EGNN
from simulacra.runs import Run
from simulacra.samplers.ddpm import DDPM
from simulacra.views.atoms import Atoms

GAPS = np.linspace(2.0, 10.0, 400)


def chains(sizes: np.ndarray, seats: int = 6) -> Samples:
    """Atoms in a row."""
    x = np.zeros((len(sizes), seats, 4), dtype=np.float32)
    x[..., 0], x[..., 1] = 6, 1.5 * np.arange(seats)
    x[np.arange(seats) >= sizes[:, None]] = 0
    return molecules(x).but(given={"gap": np.resize(GAPS, len(sizes))}, given_unit={"gap": "eV"})


def untrained(data: Samples) -> tuple[EDM, Atoms]:
    torch.manual_seed(0)
    view = Atoms((1, 6)).fit(data)
    stated = Properties(("gap",))
    model = EDM(EGNN(3, 8, FEATURES + stated.width, blocks=1), (1, 6), 6, conditioning=stated, sampler=DDPM(3))
    model.count(view.forward(data))
    return model, view


# how large they are


def test_sizes_follow_the_property_that_was_asked_for() -> None:
    """Small gaps have three atoms, large ones five in three cases of four: the draws have the counts' law."""
    small = GAPS < 6
    sizes = np.where(small, 3, np.where(np.arange(400) % 4 == 0, 4, 5))
    data = chains(np.tile(sizes, 5))
    model, view = untrained(data)
    asked = view.forward(data[:400]).given["gap"]
    torch.manual_seed(0)
    drawn = np.stack([model.sizes(400, given={"gap": asked}).numpy() for _ in range(10)])
    assert (drawn[:, GAPS < 5.5] == 3).mean() > 0.98  # of a bin's 100 molecules one comes from the law of all
    far = drawn[:, GAPS > 6.5].ravel()
    expected = np.array([0.25, 0.75]) * np.isin(far, (4, 5)).sum()
    assert stats.chisquare(np.bincount(far, minlength=6)[[4, 5]], expected).pvalue > 1e-3
    unknown = model.sizes(4000, given={"gap": torch.full((4000,), float("nan"))}).numpy()
    share = np.bincount(sizes, minlength=6)[[3, 4, 5]] / 400
    assert stats.chisquare(np.bincount(unknown, minlength=6)[[3, 4, 5]], 4000 * share).pvalue > 1e-3
    assert set(model.sizes(50, least=4, given={"gap": asked[:50]}).tolist()) <= {4, 5}
    assert (model.sample(9, {"gap": asked[:9]}).x[..., 3:].sum((1, 2)) <= 5).all()


def test_two_properties_that_hang_together_by_size_alone_are_told_rightly() -> None:
    """The product of histograms over p(N) is Bayes' rule there: held against counts of both at once."""
    chance = torch.Generator().manual_seed(0)
    n = 200_000
    atoms = torch.randint(1, 4, (n,), generator=chance)
    a = (torch.rand(n, generator=chance) < atoms / 4).float()
    b = (torch.rand(n, generator=chance) < 1 / atoms).float()
    law = SizesGiven(("a", "b"), 3)
    law.count(atoms, {"a": a + torch.linspace(0, 1e-3, n), "b": b + torch.linspace(0, 1e-3, n)})
    given = {"a": torch.tensor([0.0005, 1.0005]), "b": torch.tensor([0.0005, 1.0005])}
    found = law.weights(torch.bincount(atoms, minlength=4).float(), given)
    found = found / found.sum(1, keepdim=True)
    for row, (low, high) in enumerate(((0, 0), (1, 1))):
        here = atoms[(a == low) & (b == high)]
        counted = torch.bincount(here, minlength=4) / len(here)
        # a bin may straddle both values of a coin: its law is then of both, by at most a bin's share of them
        assert (found[row] - counted).abs().max() < 4 * (0.25 / (len(here) / BINS)) ** 0.5 + 0.01


# what a run keeps, and what it is conditioned on where it is asked for


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run whose model, untrained, is told a gap."""
    data = chains(np.resize([3, 4], 400))
    model, view = untrained(data)
    made = Run.create(tmp_path / "runs", "mine", {}, 0)
    Trained(model, view, {"gap": seen(GAPS)}, units={"gap": "eV"}).save(made)
    save_file(dict(model.state_dict()), made.folder / "model.safetensors")
    return made


def test_draws_without_an_asked_value_have_values_of_the_training_set(run: Run) -> None:
    assert len(run.model["conditions"]["gap"]) == STANDING
    drawn = load(run).draw(30, np.random.default_rng(0))
    assert drawn.given_unit == {"gap": "eV"} and drawn.given["gap"].min() >= 2 and drawn.given["gap"].max() <= 10
    assert len(np.unique(drawn.given["gap"])) > 5


def test_a_gap_is_asked_for_and_stands_in_the_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["sample", "last", "-n", "7", "--gap", "7.0", "-o", "mols.sdf"]) == 0
    stated = capsys.readouterr()
    assert "7 samples of kind molecule with gap = 7.0" in stated.out
    assert "not trained to the end" in stated.err  # this run was never closed
    text = (tmp_path / "mols.sdf").read_text()
    assert text.count("$$$$") == 7 and text.count(">  <asked_gap_eV>\n7.0\n") == 7
    assert ">  <note>\nnot stable" in text  # of an untrained model something is broken, and kept
    with pytest.raises(SystemExit):
        main(["sample", "last", "--help"])
    assert "training had 2 to 10" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["nan", "inf", "wide", "100", "-7"])
def test_a_gap_that_makes_no_sense_is_an_error(
    text: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["sample", "last", "-n", "3", f"--gap={text}", "-o", "mols.sdf"]) == 2
    assert "--gap" in capsys.readouterr().err and not (tmp_path / "mols.sdf").exists()


def test_a_gap_beyond_the_trained_ones_is_a_warning(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["sample", "last", "-n", "3", "--gap", "12", "-o", "mols.sdf"]) == 0
    assert "warning: --gap 12 lies outside of what training had (2 to 10)" in capsys.readouterr().err


def test_a_batch_without_its_property_is_an_error() -> None:
    model, view = untrained(chains(np.resize([3, 4], 400)))
    with pytest.raises(BadInput, match="a condition is missing"):
        model.loss(Batch(view.forward(chains(np.array([3]))).x))
