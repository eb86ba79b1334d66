"""Showers on a page: pictures of lit cells, mean observables, what classifiers tell; and baselines beside it."""

from pathlib import Path

import numpy as np
import pytest

from simulacra.baselines.mean_shower import mean_shower
from simulacra.baselines.nearest_shower import nearest_shower
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.exhibits.shower_classifiers import ShowerClassifiers
from simulacra.exhibits.shower_means import ShowerMeans
from simulacra.keeping.trained import Trained
from simulacra.models.shower_gan import ShowerGAN
from simulacra.networks.shower_critic import ShowerCritic
from simulacra.networks.shower_generator import ShowerGenerator
from simulacra.pictures import shower
from simulacra.reports.page import page
from simulacra.reports.sections.base import Page
from simulacra.reports.sections.showers import section
from simulacra.runs import Run
from simulacra.sources.showers.calorimeter_shower import CalorimeterShower
from simulacra.views.showers import Showers

SOURCE = CalorimeterShower(layers=6, size=7)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of an untrained GAN, with all that is looked at further."""
    folder = tmp_path_factory.mktemp("runs")
    parts = {
        name: SOURCE.draw(n, np.random.default_rng(i))
        for i, (name, n) in enumerate({"train": 200, "truth": 80}.items())
    }
    view = Showers().fit(parts["train"])
    model = ShowerGAN(ShowerGenerator((6, 7, 7), 2, 3, conditioning=1), ShowerCritic((6, 7, 7), 2, conditioning=1))
    model.count(view.forward(parts["train"]))
    known = {"energy": tuple(parts["train"].given["energy"].tolist())}
    trained = Trained(model, view, known, units={"energy": "GeV"})
    run = Run.create(folder, "calorimeter_by_gan", {}, 1)
    run.keep_samples(
        {"truth": parts["truth"], "model": trained.draw(80, np.random.default_rng(3), parts["truth"].given)}
    )
    ShowerMeans()(trained, parts, run, 1)
    ShowerClassifiers(SOURCE, n=60)(trained, parts, run, 1)
    return run


def test_the_page_holds_observables_and_areas(run: Run) -> None:
    text = page(run)
    for words in (
        "Mean observables",
        "lit cells",
        "Distinguished by classifiers",
        "truth against truth",
        "all energies 2 % higher",
    ):
        assert words in text
    assert "nan" not in [cell for part in section(Page(run)) for _, row in part.values["part"]["rows"] for cell in row]


def test_means_are_those_of_the_same_particles(run: Run) -> None:
    seen = run.exhibit("shower-means")
    assert seen is not None
    truth = SOURCE.draw(80, np.random.default_rng(1))
    names = seen["names"].tolist()
    read = truth.array.reshape(80, -1).sum(axis=1) / 1000 / truth.given["energy"]
    assert seen["table"][names.index("response"), 0] == pytest.approx(read.mean(), rel=1e-5)
    assert seen["curves.truth"].shape == (8, 5)


def test_a_spoiled_exhibit_leaves_the_page_whole(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "calorimeter_by_gan", {}, 1)
    run.keep_exhibit("shower-means", {"names": np.array(["response"])})
    assert section(Page(run)) == []
    text = page(run)
    assert "Mean observables" not in text
    assert "exhibit shower-means cannot be shown, and is left out" in text


def test_a_shower_is_drawn_where_it_is_lit() -> None:
    x = np.zeros((2, 4, 5, 5), dtype=np.float32)
    x[1, 1, 2, 2] = 100.0
    dark, lit = shower.tiles(x, shower.scale(Samples.of(x, "shower", "MeV")))
    differ = np.argwhere((dark != lit).any(axis=-1))
    assert 0 < len(differ) < 0.02 * dark[..., 0].size
    assert np.ptp(differ, axis=0).max() < dark.shape[0] / 4


def test_a_mean_shower_has_the_means_and_no_other_chance_than_its_sum() -> None:
    train = SOURCE.draw(600, np.random.default_rng(0))
    made = mean_shower(train).draw(600, np.random.default_rng(1))
    whole = made.array.sum(axis=(1, 2, 3))
    for axis in ((0, 2, 3), (0, 1, 3)):
        np.testing.assert_allclose(
            made.array.sum(axis=axis) / whole.sum(), train.array.sum(axis=axis) / train.array.sum(), atol=0.02
        )
    assert (made.array > 0).mean() > 2 * (train.array > 0).mean()
    with pytest.raises(BadInput, match="energy is known"):
        mean_shower(train.but(given={}, given_unit={}))


def test_a_library_gives_training_showers_scaled() -> None:
    train = SOURCE.draw(100, np.random.default_rng(0))
    made = nearest_shower(train).draw(30, np.random.default_rng(1))
    known = train.array.reshape(100, -1) / train.given["energy"][:, None]
    for x, energy in zip(made.array.reshape(30, -1), made.given["energy"], strict=True):
        gap = np.abs(known - x / energy).max(axis=1)
        i = int(gap.argmin())
        assert gap[i] < 1e-3
        away = np.abs(train.given["energy"] - energy)
        assert away[i] == away.min()
