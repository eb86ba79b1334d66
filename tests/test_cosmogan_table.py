"""cosmoGAN's table: what passes is what a test of its level lets pass, of truth as well, with groups kept whole."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
from scipy import stats

from simulacra.core.samples import Array, Samples
from simulacra.sources.sky.gaussian_field import GaussianField


def load() -> ModuleType:
    """The benchmark, which is not part of the package."""
    folder = str(Path(__file__).parents[1] / "benchmarks")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module("cosmogan")


cosmogan = load()
N, M = 90, 60


# Distances of 90 and 60 samples come in steps of 1/180; about the level, a step lowers p by the factor
# exp(-4 d n m / (n + m) / 180) with d = 0.225: so much lower than 0.05 may the chance of p <= 0.05 be.
LOWEST, LEVEL = 0.05 * np.exp(-4 * 0.225 * N * M / (N + M) / 180), 0.05


def test_bins_of_one_law_pass_as_often_as_the_level_says() -> None:
    rng, bins, repeats = np.random.default_rng(0), 40, 50
    passed = sum(
        cosmogan.passing(rng.standard_normal((N, bins)), rng.standard_normal((M, bins))) for _ in range(repeats)
    )
    low, high = stats.binom(bins * repeats, LOWEST).ppf(1e-4), stats.binom(bins * repeats, LEVEL).ppf(1 - 1e-4)
    assert low <= bins * repeats - passed <= high


def grouped(groups: int, members: int, bins: int, rng: np.random.Generator) -> tuple[object, Array]:
    """Rows that are nearly alike within their group."""
    own = rng.standard_normal((groups, 1, bins)) + 0.01 * rng.standard_normal((groups, members, bins))
    x = own.reshape(-1, bins)
    return cosmogan.Rows(dict.fromkeys(("Fourier", "V0", "V1", "V2"), x)), np.repeat(np.arange(groups), members).astype(
        str
    )


def test_truth_against_truth_passes_though_its_maps_are_alike_within_a_region() -> None:
    rng = np.random.default_rng(1)
    rows, groups = grouped(150, 8, 20, rng)
    deals = cosmogan.floor(rows, groups, (N, M), rng, 40)
    assert {len(deals), *(set(deal) == set(cosmogan.COLUMNS) for deal in deals)} == {40, True}
    failed = sum(20 - deal["V1"] for deal in deals)
    # deals of one set of regions are exchangeable, so each bin fails with the level's chance; bins are independent,
    # deals are not quite: 40 of them are worth 10 at least
    assert failed / 800 < stats.binom(200, LEVEL).ppf(1 - 1e-4) / 200
    torn = rng.permutation(1200)  # rows dealt without regard to their regions pass too easily: the two sides share them
    shared = cosmogan.passing(rows.bins["V1"][torn[:600]], rows.bins["V1"][torn[600:]])
    assert shared == 20


def test_missing_power_and_missing_correlation_are_in_the_table() -> None:
    rng = np.random.default_rng(2)
    field = GaussianField(16, slope=-1.0)
    truth, made = (cosmogan.Rows.of(field.draw(n, rng), 1.0) for n in (M, N))
    weak = field.draw(N, rng)
    weak = cosmogan.Rows.of(weak.but(x=0.5 * weak.array), 1.0)  # a quarter of the power
    assert cosmogan.measured(weak, truth)["Fourier"] < 2
    assert cosmogan.measured(made, truth)["Fourier"] > 2
    assert truth.sizes == {"Fourier": 8, "V0": 19, "V1": 19, "V2": 19}
    loud = field.draw(400, rng)
    loud = loud.but(x=loud.array * rng.lognormal(0, 1, (400, 1, 1)))  # maps that are bright at all scales, or at none
    assert cosmogan.together(cosmogan.Rows.of(loud, 1.0).bins["Fourier"]) > 0.8


def test_a_row_that_is_below_truths_band_wears_a_star() -> None:
    low = dict.fromkeys(cosmogan.COLUMNS, 10.0) | {"spread": 0.9, "correlation": 0.1}
    high = dict.fromkeys(cosmogan.COLUMNS, 16.0) | {"spread": 1.1, "correlation": 0.3}
    rows = {
        "truth": dict.fromkeys(cosmogan.COLUMNS, 15.0),
        "lognormal field": dict.fromkeys(cosmogan.COLUMNS, 9.0) | {"spread": 1.0, "correlation": 0.4},
        "DCGAN, seed 1": dict.fromkeys(cosmogan.COLUMNS, 12.0) | {"spread": 1.0, "correlation": 0.2},
    }
    sizes = {"Fourier": 16, "V0": 19, "V1": 19, "V2": 19}
    lines = cosmogan.text(rows, {"DCGAN, seed 1": "5 differs"}, low, high, sizes).splitlines()
    assert lines[4] == "| lognormal field | 9.0* | 9.0* | 9.0* | 9.0* | 1.00 | 0.40* |  |"
    assert lines[5] == "| DCGAN, seed 1 | 12.0 | 12.0 | 12.0 | 12.0 | 1.00 | 0.20 | 5 differs |"
    (said,) = cosmogan.judged(rows, low)
    assert "more bins pass than of the lognormal field in Fourier, V0, V1, V2" in said
    assert "for 1 of them" in said


def test_maps_of_one_group_stand_once_on_a_side() -> None:
    names = [name for name in "abcdef" for _ in range(3)]
    x = Samples.of(np.random.default_rng(3).standard_normal((18, 2)), "vector", group=names)
    rows = cosmogan.Rows(dict.fromkeys(("Fourier", "V0", "V1", "V2"), x.array))
    seen = []

    class Spy(cosmogan.Rows):  # type: ignore[misc, name-defined]
        def take(self, at: Array) -> object:
            seen.append(np.asarray(at))
            return cosmogan.Rows.take(self, at)

    cosmogan.floor(Spy(rows.bins), x.group, (3, 3), np.random.default_rng(0), 5)
    for a, b in zip(seen[::2], seen[1::2], strict=True):
        assert sorted(x.group[np.concatenate([a, b])].tolist()) == list("abcdef")
