"""Galaxies by adversaries: pictures from anywhere, classes seen by one who did not train, and collapse caught."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy import stats
from torch import Tensor, nn

from simulacra.comparison.reach import Reach
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.domains.pictures.oriented_gradients import oriented_gradients
from simulacra.exhibits.seen_classes import Classifier, can_see, see_classes
from simulacra.judging.base import Judge
from simulacra.judging.sets import check_set
from simulacra.models.adversary import UnitInterval
from simulacra.models.base import Batch
from simulacra.models.gan import GAN
from simulacra.models.wgan_gp import WGANGP
from simulacra.networks.base import Network
from simulacra.networks.channels_last import ChannelsLast
from simulacra.networks.dcgan import DCGANCritic
from simulacra.networks.transposed_generator import TransposedGenerator
from simulacra.reports.sections.classes import seen_in, sentences
from simulacra.running.study import Study
from simulacra.runs import Run
from simulacra.sources.sky.galaxy_simulator import GalaxySimulator
from simulacra.statistics.pictures.color import Color
from simulacra.statistics.sets.coverage import Coverage
from simulacra.subjects.galaxies import pictures
from simulacra.training.budget import Budget

NAMES = ("galaxies_by_gan", "galaxies_by_acgan", "galaxies_by_wgan_gp", "galaxies_by_wgan_div")


@cache
def made(n: int, seed: int) -> Samples:
    return GalaxySimulator(size=16).draw(n, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 pictures in folders named by class."""
    root = tmp_path_factory.mktemp("own")
    few = made(300, 1)
    for i, (x, label) in enumerate(zip(few.array, few.given["class"], strict=True)):
        place = root / str(label)
        place.mkdir(exist_ok=True)
        Image.fromarray(np.round(x * 255).astype(np.uint8)).save(place / f"g{i:03}.png")
    return root


@pytest.mark.parametrize("name", NAMES)
def test_a_study_on_300_pictures_runs_without_special_care(name: str, folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    study = shelf("studies").load(name)(images=folder, size=16, crop=16, width=4, latent=8, steps=4)
    assert isinstance(study, Study)
    quick = replace(study, judges={"color": Judge(Color())}, budget=replace(study.budget, looks=2))
    run = quick.run(0, tmp_path, name)
    assert run.state == "done"
    assert sum(run.record["sizes"].values()) == 300
    seen = run.record["classes"]["sets"]["model"]
    assert (seen["agreement"] is not None) == (name == "galaxies_by_acgan")
    text = run.report().read_text(encoding="utf-8")
    assert "An independent classifier" in text
    assert "many draws" in text
    if name == "galaxies_by_acgan":
        assert all(f"class {label}" in text for label in np.unique(made(300, 1).given["class"]))


def test_where_galaxy_zoo_is_absent_made_galaxies_are_drawn_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    study = shelf("studies").load("galaxies_by_gan")()
    assert isinstance(study.source, GalaxySimulator)
    assert "made galaxies" in study.question
    assert shelf("studies").load("galaxies_by_gan")(source="simulator").question.endswith("some?")
    with pytest.raises(BadInput, match=r"galaxy_zoo_128\.tar is not there"):
        shelf("studies").load("galaxies_by_gan")(source="galaxy_zoo").source.read()


def test_where_galaxy_zoo_is_at_hand_it_is_read(galaxies: Path) -> None:
    study = shelf("studies").load("galaxies_by_acgan")()
    assert repr(study.source).startswith("GalaxyZoo")
    found = study.source.read()
    assert tuple(np.unique(found.given["class"])) == pictures("galaxy_zoo", None, None, "", 32, 64).classes


def test_pictures_that_do_not_suit_are_told_before_any_work(folder: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "own.npy", made(300, 1).array)
    with pytest.raises(BadInput, match="given the class of each picture"):
        shelf("studies").load("galaxies_by_acgan")(images=tmp_path / "own.npy")
    with pytest.raises(BadInput, match="made ones asked for"):
        pictures("simulator", folder, None, "", 16, 16)
    with pytest.raises(BadInput, match="no pictures"):
        pictures("any", None, None, "x", 16, 16)
    np.save(tmp_path / "wide.npy", np.zeros((20, 16, 32, 3), dtype=np.float32))
    with pytest.raises(BadInput, match="not square"):
        pictures("any", tmp_path / "wide.npy", None, "", 16, 16)


def parts() -> dict[str, Samples]:
    return {"train": made(300, 1), "validation": made(200, 2), "truth": made(150, 3)}


@cache
def findings() -> dict[str, Any]:
    """What is seen in another true set, in one whose labels are dealt out anew, and in one without ellipticals."""
    true = made(150, 4)
    shuffled = true.but(given={"class": np.random.default_rng(0).permutation(true.given["class"])})
    without = true[true.given["class"] != "elliptical"].but(given={})
    return see_classes(parts(), {"model": true, "shuffled": shuffled, "without": without})


def test_the_classifier_knows_made_galaxies_that_it_has_not_seen() -> None:
    """Chance would be right on as many as the largest class at most; a thousandth part of chance is left."""
    found = findings()
    largest = max(sum(row) for row in found["truth"]) / found["n"]
    assert found["score"] * found["n"] > stats.binom.ppf(0.999, found["n"], largest)
    assert found["interval"][0] < found["score"] < found["interval"][1]
    assert sum(map(sum, found["truth"])) == found["n"] == 150


def test_true_galaxies_are_seen_as_asked_and_dealt_out_labels_are_not() -> None:
    sets = findings()["sets"]
    low, high = sets["model"]["difference_interval"]
    assert low < 0 < high
    assert sets["shuffled"]["difference_interval"][1] < 0
    assert sets["shuffled"]["word"] == "beyond"
    assert sets["model"]["agreement"] - findings()["score"] == pytest.approx(sets["model"]["difference"])


def test_a_lost_class_is_told_by_its_share() -> None:
    sets = findings()["sets"]
    assert sets["without"]["p"] < 1e-4 < sets["model"]["p"]
    assert sets["without"]["agreement"] is None
    place = findings()["labels"].index("elliptical")
    assert sets["without"]["shares"][place] < sets["model"]["shares"][place]


def test_turned_and_mirrored_pictures_are_seen_alike() -> None:
    sees, x = Classifier.of(made(200, 2)), made(150, 3)
    turned = x.but(x=np.ascontiguousarray(x.array.swapaxes(1, 2)[:, ::-1]))
    # the search for the center of asymmetry goes by steps along the rows first: one near a border may change sides
    assert (sees(x) != sees(turned)).sum() <= 1


@pytest.mark.parametrize(
    "spoil", [{"kind": "field"}, {"given": {}}, {"given": {"class": np.arange(200) % 3 * 1.0}}], ids=str
)
def test_no_classifier_looks_where_there_is_nothing_to_learn(spoil: dict[str, Any]) -> None:
    all_parts = parts()
    assert can_see(all_parts)
    known = all_parts["validation"]
    changed = (
        Samples.of(known.array[..., 0], "field", "1", given=known.given) if "kind" in spoil else known.but(**spoil)
    )
    assert not can_see({**all_parts, "validation": changed})


def test_the_report_says_whether_the_agreement_is_near_the_score() -> None:
    found = findings()
    text = " ".join(sentences({"classes": found}))
    word = found["sets"]["model"]["word"]
    assert ("not within 3 points" in text) == (word == "beyond")
    other = {"classes": {**found, "sets": {"model": found["sets"]["shuffled"]}}}
    assert "not within 3 points" in " ".join(sentences(other))
    alone = {"classes": {**found, "sets": {"model": found["sets"]["without"]}}}
    assert "others than truth's" in " ".join(sentences(alone))
    page = seen_in({"classes": found})
    assert page is not None
    assert [line.who for line in page.lines] == ["truth", "model", "shuffled", "without"]
    assert len(page.asked) == len(page.labels) == 3
    assert seen_in({}) is None


def stripes(angle: float, size: int = 32) -> NDArray[Any]:
    y, x = np.mgrid[:size, :size]
    return np.sin(0.5 * (x * np.cos(angle) + y * np.sin(angle)))[None]


@pytest.mark.parametrize("step", range(8))
def test_stripes_have_one_direction(step: int) -> None:
    share = oriented_gradients(stripes(step * np.pi / 8)).reshape(4, 4, 8) ** 2
    assert share.sum() == pytest.approx(1.0)
    assert share.sum(axis=(0, 1)).argmax() == step
    assert share.sum(axis=(0, 1))[step] > 0.9


def test_a_blank_picture_has_no_direction() -> None:
    assert not oriented_gradients(np.ones((2, 16, 16))).any()


@pytest.mark.parametrize("penalized", [False, True])
def test_channels_last_gives_the_same_numbers_and_gradients(penalized: bool) -> None:
    torch.manual_seed(0)
    generator, critic = TransposedGenerator(16, 3, 4, 8), DCGANCritic(16, 3, 4)
    kind = WGANGP if penalized else GAN
    batch = Batch(torch.rand(8, 3, 16, 16))

    def pulled(g: nn.Module, c: nn.Module) -> list[Tensor]:
        model = kind(g, c, 8, UnitInterval(), conditional=False)
        found: list[Tensor] = []
        for turn in model.turns():
            torch.manual_seed(1)
            objective = torch.stack([part.mean() for part in turn.loss(batch).values()]).sum()
            found += [objective.detach(), *torch.autograd.grad(objective, turn.parameters)]
        return found

    plain, laid = pulled(generator, critic), pulled(ChannelsLast(generator), ChannelsLast(critic))
    assert len(plain) == len(laid)
    for a, b in zip(plain, laid, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)
        assert a.shape == b.shape


class Same(Network):
    """A generator that has lost its latent vector: one picture, whatever it is given."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(3, size, size))

    def forward(self, z: Tensor, given: Tensor) -> Tensor:
        return self.logits.expand(len(z), -1, -1, -1)


def test_a_collapsed_generator_is_caught_by_the_alarm_and_by_coverage(folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    study = shelf("studies").load("galaxies_by_gan")(images=folder, size=16, crop=16, width=4, steps=10)
    model = GAN(Same(16), DCGANCritic(16, 3, 4), 8, UnitInterval(), conditional=False)
    quick = replace(study, model=model, judges={"color": Judge(Color())}, baselines={}, budget=Budget(10, 32, looks=5))
    run: Run = quick.run(0, tmp_path, "collapsed")
    alarms = [(alarm["name"], alarm["step"]) for alarm in run.record["alarms"]]
    assert alarms == [("collapse", 2)]  # as soon as a fifth of the training is over
    truth = run.samples["truth"].but(given={})
    found = check_set(Coverage(), run.samples["model"], truth, reach=Reach(None, {}, len(truth), len(truth)))
    assert found.verdict.word == "differs"
    assert found.observed < 0.2 < found.null.min()
