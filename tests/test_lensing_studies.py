"""Lensing studies in small: they run to verdicts and reports, and hold cosmologies out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import shelf
from simulacra.judging.base import Judge
from simulacra.judging.each_condition import under_each
from simulacra.reports.page import page
from simulacra.reports.table import apart
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.runs import Run
from simulacra.sources.sky.gaussian_field import GaussianField
from simulacra.sources.sky.lensing_planes import LensingPlanes
from simulacra.sources.sky.lognormal_cosmologies import LognormalCosmologies
from simulacra.statistics.base import Axis
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.subjects import lensing
from simulacra.training.budget import Budget
from simulacra.views.compressed import Compressed

TINY = {"size": 16, "width": 2, "latent": 4, "steps": 4}


def built(name: str, **settings: object) -> Study:
    torch.manual_seed(0)
    study = shelf("studies").load(name)(**{**TINY, **settings})
    assert isinstance(study, Study)
    return study


@pytest.mark.parametrize("name", ["lensing_by_gan", "lensing_by_wgan_gp"])
def test_a_lensing_study_runs_without_data_and_says_so(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    study = built(name)
    assert "these are lognormal fields instead" in study.question
    few = {"power spectrum": study.judges["power spectrum"]}
    small = replace(study, split=Split(60, 12, 12), budget=replace(study.budget, batch=8, looks=1), judges=few)
    run = small.run(out=tmp_path, name=name)
    assert run.state == "done"
    assert set(run.all_verdicts) == {"model", "same spectrum", "lognormal", "copycat"}
    assert "these are lognormal fields instead" in page(run)


def test_planes_are_taken_where_they_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lensing").mkdir()
    (tmp_path / "lensing" / "lens_planes.npz").touch()
    monkeypatch.setenv("SIMULACRA_DATA", str(tmp_path))
    for size in (128, 256):  # 16 regions and four, of which truth would have five and one
        with pytest.raises(BadInput, match="too few regions"):
            lensing.sky("found", size, 2.05, 4)
    for size, regions in ((16, 16), (32, 16), (48, 8), (64, 8)):
        found = lensing.sky("found", size, 2.05, 4)
        assert isinstance(found.source, LensingPlanes)
        assert (found.source.regions, found.sides, found.stated) == (regions, 2, "")
        assert found.box == pytest.approx(np.deg2rad(3.5) * size / 512)
    assert lensing.sky("lognormal", 32, 2.05, 4).sides == 1


def test_a_conditional_study_is_judged_at_cosmologies_that_it_was_not_shown(tmp_path: Path) -> None:
    study = built("lensing_by_wgan_gp_conditional", cosmologies=3, train=90, unseen=12)
    study = replace(study, judges={"pixel distribution": study.judges["pixel distribution"]}, expect={})
    parts = study.parts(0)
    shown, held = (
        {tuple(row) for row in np.column_stack([parts[name].given[k] for k in ("amplitude", "slope")]).tolist()}
        for name in ("train", "truth")
    )
    assert len(shown) == 9
    assert held == {(0.625, -1.75), (0.875, -2.25)} or held == {(0.625, -2.25), (0.875, -1.75)}
    assert not shown & held
    assert study.budget.looks == 1
    run = replace(study, budget=Budget(4, batch=16, looks=1)).run(out=tmp_path, name="conditional")
    assert len(run.apart) == 2
    for rows in run.apart.values():
        assert set(rows) == {"model", "nearest cosmology", "interpolated"}
        assert rows["model"]["pixel distribution"].word == "differs"  # after four steps
        assert rows["model"]["pixel distribution"].n_truth == 12
    text = page(run)
    assert "Under each condition alone" in text
    assert all(condition in text for condition in run.apart)
    assert Run(run.folder).apart == run.apart


class Level:
    """The mean of a map: a judge whose blindness and sight can be known."""

    accepts = ("field",)
    defect = "{amount:.0%} of a spread too high"
    amounts = (0.1, 0.3, 1.0, 3.0)

    def __call__(self, x: Samples) -> Array:
        return np.asarray(x.array.mean(axis=(1, 2), dtype=float))[:, None]

    def axis(self, x: Samples) -> Axis:
        return Axis("mean")

    def perturb(self, x: Samples, amount: float) -> Samples:
        return x.but(x=x.array + amount * x.array.mean(axis=(1, 2)).std())


def conditioned(means: tuple[float, ...], seed: int) -> Samples:
    rng = np.random.default_rng(seed)
    which = np.arange(60 * len(means)) % len(means)
    x = rng.standard_normal((len(which), 4, 4)) + np.array(means)[which, None, None]
    return Samples.of(x, "field", given={"temperature": which * 1.0}, given_unit={"temperature": "K"})


def test_a_fault_under_one_condition_is_found_there_and_only_there() -> None:
    truth, made = conditioned((0, 0, 0), 0), conditioned((0, 1, 0), 1)
    bare = made.but(given={}, given_unit={})
    found = under_each({"level": Judge(Level())}, {"model": made, "blind": bare}, truth, truth, 0)
    assert list(found) == ["temperature 0 K", "temperature 1 K", "temperature 2 K"]
    assert all(set(row) == {"model"} for row in found.values())  # the other knows no temperature
    words = [row["model"]["level"].word for row in found.values()]
    # a shift of four standard deviations of a map's mean is told; p of the others is uniform: 1 in 20 each
    assert words[1] == "differs"
    assert [row["model"]["level"].p > 0.001 for row in found.values()] == [True, False, True]
    names, lines = apart(found)
    assert names == ["model"]
    assert lines[1].cells[0] is not None
    assert lines[1].cells[0][0] == "differs"
    assert lines[1].cells[0][2].startswith("1 of 1: level; farthest level")


def test_an_archive_has_no_unseen_part() -> None:
    study = built("lensing_by_gan", source="lognormal")
    with pytest.raises(BadInput, match="no unseen part"):
        replace(study, source=LensingPlanes(), unseen=GaussianField())


def test_cosmologies_come_in_turn_with_what_they_were_made_of() -> None:
    drawn = LognormalCosmologies((0.3, 0.9), (-1.0, -2.0), size=32).draw(200, np.random.default_rng(0))
    assert drawn.given["amplitude"].tolist() == [0.3, 0.9] * 100
    assert drawn.given["slope"].tolist() == [-1.0, -2.0] * 100
    spread = np.log1p(drawn.array.astype(float)).std(axis=(1, 2))
    assert spread[::2].mean() == pytest.approx(0.3, rel=0.02)
    assert spread[1::2].mean() == pytest.approx(0.9, rel=0.1)
    with pytest.raises(BadInput, match="an amplitude and a slope"):
        LognormalCosmologies((0.3,), (-1.0, -2.0))


def test_rare_high_values_come_closer_and_a_straight_view_leaves_them() -> None:
    x = np.zeros((2, 16, 16), dtype=np.float32)
    x[0, 0, :8], x[0, 1, 1], x[1] = 1.0, 9.0, np.random.default_rng(0).standard_normal((16, 16))
    field = Samples.of(x, "field", "κ")
    bent, straight = (Compressed(bend).fit(field) for bend in (1.0, 0.0))
    for view in (bent, straight):
        y = view.forward(field).x
        assert float(y.abs().max()) == pytest.approx(0.9, rel=1e-5)
        assert view.inverse(view.forward(field)).unit == "κ"
    assert float(straight.forward(field).x[0, 0, 0, 0]) == pytest.approx(0.1, rel=1e-5)
    spread = np.sqrt(np.square(x.astype(float)).mean())
    wanted = 0.9 * np.arcsinh(1 / spread) / np.arcsinh(9 / spread)
    assert float(bent.forward(field).x[0, 0, 0, 0]) == pytest.approx(wanted, rel=1e-5)
    with pytest.raises(BadInput, match="not negative"):
        Compressed(-1.0)


def test_the_covariance_of_power_is_seen_by_its_judge() -> None:
    """Each ring of modes from another map: mean and variance of the power as they were, its covariance gone.

    999 relabelings: one chance in a thousand that a blind test says so too.
    """
    rng = np.random.default_rng(5)
    sky = LognormalCosmologies((0.9,), (-2.0,), size=16)
    truth, other = sky.draw(400, rng), sky.draw(400, rng)
    statistic = PowerSpectrum(rings=4)
    mixed = torn(other, 4, rng)
    rows = [statistic(x) for x in (truth, other, mixed)]
    together = [np.corrcoef(r.T)[np.triu_indices(4, 1)].mean() for r in rows]
    assert together[1] > 0.2
    assert abs(together[2]) < 4 / np.sqrt(400)
    found = under_each_view(mixed, truth, statistic)
    assert found.views["covariance"] <= 0.001
    assert under_each_view(other, truth, statistic).views["covariance"] > 0.001


def torn(x: Samples, rings: int, rng: np.random.Generator) -> Samples:
    """Maps whose rings of modes come from different maps."""
    from simulacra.domains.sky.fields import ring_of

    ring, waves = ring_of(x.array.shape[1], rings), np.fft.fft2(x.array.astype(float))
    made = waves.copy()
    for j in range(rings):
        made[:, ring == j] = waves[rng.permutation(len(waves))][:, ring == j]
    return x.but(x=np.fft.ifft2(made).real.astype(np.float32))


def under_each_view(model: Samples, truth: Samples, statistic: PowerSpectrum) -> object:
    from simulacra.judging.verdicts import judge

    bare = [x.but(given={}) for x in (model, truth)]
    return judge(*bare, statistics={"power": Judge(statistic)})["power"]


def test_a_lensing_sky_is_judged_by_pixels_power_peaks_topology_and_triangles() -> None:
    assert [type(judge.statistic).__name__ for judge in lensing.judges(1.0, "rad").values()] == [
        "PixelHistogram",
        "PowerSpectrum",
        "PeakCounts",
        "MinkowskiFunctionals",
        "Bispectrum",
        "CoarseMap",
    ]
    assert isinstance(lensing.judges(1.0, "rad")["pixel distribution"].statistic, PixelHistogram)
