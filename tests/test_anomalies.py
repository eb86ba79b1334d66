"""Scores of oddness: each is what it says, the table holds what the areas say, and the page shows who is better."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.exhibits.anomalies import BOUND, DRAWS, ERROR, Anomalies, autoencoder_scores
from simulacra.exhibits.outliers import isolation_forest, nearest_neighbors, pca_reconstruction
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch
from simulacra.models.likelihoods import GaussianLikelihood
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.reports.page import page
from simulacra.reports.sections.anomalies import sentence
from simulacra.running.split import Split
from simulacra.runs import Run
from simulacra.skill.roc import area
from simulacra.sources.sky.galaxy_zoo import GalaxyZoo
from simulacra.statistics.sky.radial_profile import RadialProfile
from simulacra.views.flat import Flat

Array = NDArray[Any]


@dataclass(frozen=True)
class Shelf:
    """An archive of some pictures of two classes."""

    odd: int = 30

    def read(self) -> Samples:
        """The normal ones dim, the odd ones bright."""
        rng = np.random.default_rng(0)
        x = 0.5 * rng.random((50 + self.odd, 4, 4, 3)).astype(np.float32)
        x[50:] += 0.3
        names = [f"{'odd' if i >= 50 else 'usual'}-{i}" for i in range(len(x))]
        return Samples.of(x, "picture", "1", given={"class": np.repeat(["usual", "odd"], [50, self.odd])}, id=names)


def test_pca_scores_what_lies_beyond_its_directions() -> None:
    rng = np.random.default_rng(1)
    train = rng.standard_normal((200, 1)) * np.array([[1.0, 1.0, 0.0]])
    score = pca_reconstruction(train, components=1)
    along, beyond = np.array([[5.0, 5.0, 0.0]]), np.array([[0.0, 0.0, 3.0]]) + train.mean(axis=0)
    assert score(along)[0] == pytest.approx(0, abs=1e-9)
    assert score(beyond)[0] == pytest.approx(9 / 3)


def test_neighbors_score_their_mean_distance() -> None:
    train = np.array([[0.0], [1.0], [3.0], [100.0]])
    np.testing.assert_allclose(nearest_neighbors(train, 2)(np.array([[0.0], [4.0]])), [0.5, 2.0])


def test_the_forest_finds_what_lies_far_off() -> None:
    rng = np.random.default_rng(2)
    score = isolation_forest(rng.standard_normal((300, 2)), trees=50)
    assert score(np.array([[8.0, 8.0]]))[0] > score(rng.standard_normal((100, 2))).max()


def model() -> Trained:
    torch.manual_seed(0)
    vae = VAE(MLP(48, 16, 8), MLP(4, 16, 48), 4, GaussianLikelihood(0.2))
    return Trained(vae.eval(), Flat().fit(Shelf().read()[slice(50)]))  # a view that knows no odd class


def test_the_autoencoders_scores_are_its_error_and_its_bound() -> None:
    trained, x = model(), Shelf().read()
    x = x.but(given={"class": np.repeat(["usual"], len(x))})
    found = autoencoder_scores(trained, x, seed=0)
    assert isinstance(trained.model, VAE)
    flat = torch.as_tensor(x.array.reshape(len(x), -1))
    with torch.no_grad():
        back = trained.model.decode(trained.model.encode(Batch(flat))).x
        np.testing.assert_allclose(found[ERROR], (back - flat).square().mean(1).numpy(), rtol=1e-4)
        many = torch.stack([sum(trained.model.loss(Batch(flat)).values()) for _ in range(400)])
    # a mean of DRAWS draws: within five of its standard errors of the mean of many
    assert (np.abs(found[BOUND] - many.mean(0).numpy()) < 5 * many.std(0).numpy() * (1 / DRAWS + 1 / 400) ** 0.5).all()
    np.testing.assert_array_equal(autoencoder_scores(trained, x, seed=0)[BOUND], found[BOUND])


def scored(folder: Path) -> tuple[Run, dict[str, Samples]]:
    rng = np.random.default_rng(3)
    parts = {
        name: Samples.of(
            0.5 * rng.random((n, 4, 4, 3)).astype(np.float32),
            "picture",
            given={"class": np.repeat(["usual"], n)},
            id=[f"{name}-{i}" for i in range(n)],
        )
        for name, n in (("train", 60), ("validation", 20), ("truth", 40))
    }
    run = Run.create(folder, "odd", {}, 1)
    look = Anomalies(Shelf(), "odd", {"brightness": RadialProfile(rings=1)}, components=3, trees=20)
    assert look(model(), parts, run, 1) == {}
    return run, parts


def test_a_run_keeps_the_areas_and_the_page_shows_them(tmp_path: Path) -> None:
    run, parts = scored(tmp_path)
    seen = run.exhibit("anomalies")
    assert seen is not None
    names = [str(name) for name in seen["scores"]]
    assert (int(seen["normal"]), int(seen["odd"])) == (40, 30)
    bright = area(parts["truth"].array.mean(axis=(1, 2, 3)), Shelf().read().array[50:].mean(axis=(1, 2, 3)))
    np.testing.assert_allclose(seen["table"][names.index("brightness"), :3], [bright.value, bright.low, bright.high])
    assert seen["table"][int(seen["reference"]), 3] == 0
    assert seen["table"][: int(seen["own"]), 0].max() == seen["table"][int(seen["reference"]), 0]
    found = page(run)
    assert "Odd ones among normal ones" in found and "isolation forest" in found
    assert found.count("<section") == found.count("</section>")


def test_the_words_follow_the_interval() -> None:
    names = ["autoencoder, error", "autoencoder, bound", "PCA"]
    table = np.array([[0.7, 0, 0, 0, 0, 0, 0], [0.6, 0, 0, -0.1, 0, 0, 0], [0.8, 0, 0, 0.1, 0.05, 0.15, 0]])
    assert sentence(names, table, 0, 2, (40, 30), "odd").endswith("The simple score is better.")
    table[2, 3:6] = [-0.1, -0.2, -0.05]
    assert sentence(names, table, 0, 2, (40, 30), "odd").endswith("The model's is better.")
    table[2, 3:6] = [0.1, -0.1, 0.3]
    assert sentence(names, table, 0, 2, (40, 30), "odd").endswith("Neither is better.")


def test_odd_samples_that_were_trained_on_are_left_out(tmp_path: Path) -> None:
    run, parts = scored(tmp_path)
    twin = Shelf().read()[slice(50, 51)]
    train = Samples.join([parts["train"], twin])
    Anomalies(Shelf(), "odd", trees=20, components=3)(model(), {**parts, "train": train}, run, 1)
    seen = run.exhibit("anomalies")
    assert seen is not None and int(seen["odd"]) == 29


def test_a_class_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no odd samples"):
        Anomalies(Shelf(), "merger").odd_ones(1)


def test_no_merger_is_among_the_normal_galaxies(galaxies: Path) -> None:
    normal = GalaxyZoo(size=16).read()
    odd = Anomalies(GalaxyZoo(size=16, mergers=True), "merger").odd_ones(1)
    assert len(odd) == 115
    assert not set(odd.id) & set(normal.id)
    assert not set(odd.group) & set(normal.group)
    parts = Split(train=60, validation=15, truth=25).share_out(normal)
    assert len(parts["truth"]) > 500
