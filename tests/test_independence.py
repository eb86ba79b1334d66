"""Samples that are no draws of their own are found: repeated truth, truth against itself, rows like the one before."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from simulacra import judge
from simulacra.cli import main
from simulacra.comparison.two_samples import compare
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.judging.base import rows_of
from simulacra.judging.independence import blocked, independent, repeated
from simulacra.judging.scales import units
from simulacra.sources.files.image_folder import ImageFolder
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.tables.values import Values

RNG = np.random.default_rng(1)


def cases() -> Path:
    """The folder of small inputs that failed once, or a skip that says why."""
    for folder in os.environ.get("SIMULACRA_DATA", "").split(os.pathsep):
        path = Path(folder).parent / "cases"
        if folder and path.is_dir():
            return path
    pytest.skip("there is no folder cases beside those of SIMULACRA_DATA")


def vector(x: np.ndarray) -> Samples:
    return Samples.of(x, "vector")


# what is repeated, and what is equal by chance


def bootstrapped(x: np.ndarray) -> np.ndarray:
    return x[RNG.integers(0, len(x), len(x))]


EQUAL_BY_CHANCE = {
    "free numbers": RNG.normal(size=(300, 3)),
    "two decimals": np.round(RNG.normal(size=(300, 1)), 2),
    "classes": RNG.integers(0, 4, (300, 3)).astype(float),
    "spins": RNG.choice([-1.0, 1.0], p=[0.002, 0.998], size=(300, 8, 8)),
    "zeros": np.where(RNG.random((300, 1)) < 0.5, 0.0, RNG.normal(size=(300, 1))),
    "empty frames": np.zeros((40, 8, 8)),
}
REPEATED = {
    "one free number": RNG.normal(size=(300, 1)),
    "many": RNG.normal(size=(300, 200)),
    "classes beside one free number": np.column_stack([RNG.integers(0, 4, (300, 3)), RNG.normal(size=300)]),
    "pictures of bytes": RNG.integers(0, 256, (100, 16, 16)).astype(float),
}


@pytest.mark.parametrize("name", EQUAL_BY_CHANCE)
def test_what_chance_makes_equal_is_left_alone(name: str) -> None:
    kind = "vector" if EQUAL_BY_CHANCE[name].ndim == 2 else "field"
    assert not repeated(Samples.of(EQUAL_BY_CHANCE[name], kind)).any()


@pytest.mark.parametrize("name", REPEATED)
def test_what_was_drawn_with_replacement_counts_once(name: str) -> None:
    x = REPEATED[name]
    assert not repeated(Samples.of(x, "vector")).any()
    again = bootstrapped(x)
    distinct = len(np.unique(again.reshape(len(x), -1), axis=0))
    truth = Samples.of(again, "vector" if x.ndim == 2 else "field")
    assert len(x) - repeated(truth).sum() == distinct
    model = truth.but(x=RNG.permuted(x.ravel()).reshape(x.shape))
    found = independent(model, truth)
    assert len(found.sets["truth"]) == distinct
    assert found.warnings == (
        f"{len(x) - distinct} of {len(x)} samples of truth repeat one before them: each counts once",
    )


def test_bootstrapped_truth_of_many_features_raises_no_false_alarm() -> None:
    """Of 200 features, 81 of 100 such truths were taken to differ; 12 pairs, one chance in a thousand above 4."""
    alarms = 0
    for repeat in range(12):
        rng = np.random.default_rng(repeat)
        x, y = rng.normal(size=(60, 200)), rng.normal(size=(60, 200))
        sets = independent(vector(x), vector(y[rng.integers(0, 60, 60)])).sets
        sides = [rows_of(Values(), "values", sets[role], {}, ()) for role in ("model", "truth")]
        alarms += compare(*sides, rng, 199).p <= 0.05
    assert alarms <= 4


def test_after_what_is_repeated_is_set_aside_enough_must_be_left() -> None:
    x = RNG.normal(size=(100, 3))
    with pytest.raises(BadInput, match=r"too few different samples in truth\n.*4 of 40"):
        independent(vector(x), vector(np.repeat(x[:4], 10, axis=0)))


def test_a_model_that_repeats_itself_is_judged_on_all_its_draws() -> None:
    """37 of 40 pictures are equal, and a reader made them one group: four groups would leave nothing to judge."""
    truth = RNG.integers(0, 256, (40, 16, 16, 3)) / 255
    model = RNG.integers(0, 256, (40, 16, 16, 3)) / 255
    model[3:] = model[3]
    group = np.array(["0", "1", "2", *["3"] * 37])
    sets = Samples.of(model, "picture", group=group), Samples.of(truth, "picture")
    found = independent(*sets)
    assert len(np.unique(found.sets["model"].group)) == 40
    assert found.warnings == ("36 of the model's 40 samples repeat one before them (4 different)",)
    assert judge(*sets, statistics=["pixel_histogram"])["pixel histogram"].word == "differs"


# the same samples on both sides


@pytest.mark.parametrize(
    "as_model",
    [
        lambda x: x,
        lambda x: x[::-1],
        lambda x: x.astype(np.float32),
        lambda x: x.astype(np.float16),
        lambda x: x[RNG.integers(0, len(x), len(x))],
    ],
    ids=["as it is", "turned over", "float32", "float16", "resampled"],
)
def test_truth_is_not_judged_against_itself(as_model) -> None:  # noqa: ANN001
    truth = RNG.normal(size=(300, 3))
    with pytest.raises(BadInput, match="the same samples"):
        independent(vector(np.asarray(as_model(truth), dtype=float)), vector(truth))


def test_truth_in_another_precision_does_not_leak_into_train() -> None:
    train, model = RNG.normal(size=(300, 3)), RNG.normal(size=(200, 3))
    with pytest.raises(BadInput, match="train and truth overlap"):
        judge(model, train[:150].astype(np.float32), train=train)


@pytest.mark.parametrize(
    "draw", [lambda n: RNG.normal(size=(n, 1)), lambda n: RNG.integers(0, 5, (n, 2)).astype(float)]
)
def test_what_is_near_by_chance_is_not_taken_for_the_same(draw) -> None:  # noqa: ANN001
    assert independent(vector(draw(3000)), vector(draw(3000))).warnings == ()


def test_one_file_in_two_roles_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "a.npy", tmp_path / "b.npy"
    np.save(one, RNG.normal(size=(60, 3)))
    shutil.copy(one, two)
    for other, said in ((one, "one and the same file\n"), (two, "one and the same file under two names\n")):
        assert main(["judge", str(one), str(other), "--out", str(tmp_path)]) == 2
        assert said in capsys.readouterr().err


# rows that follow one another


def chain(n: int, memory: float, k: int = 2) -> np.ndarray:
    x = RNG.normal(size=(n, k))
    for i in range(1, n):
        x[i] = memory * x[i - 1] + np.sqrt(1 - memory**2) * x[i]
    return x


def test_a_chain_is_seen_and_the_number_of_its_independent_states_told() -> None:
    found = independent(vector(chain(2000, 0.95)), vector(RNG.normal(size=(2000, 2))))
    (said,) = found.warnings
    assert said.startswith("the model's rows are like the row before them")
    length = int(said.partition("--block ")[2].split()[0])
    assert 40 <= length <= 150  # twice (1 + 0.95) / (1 - 0.95) = 78
    assert len(np.unique(blocked(found.sets["model"], length).group)) == -(-2000 // length)


def test_independent_and_sorted_rows_raise_no_warning() -> None:
    x = RNG.normal(size=(400, 5))
    for y in (x, x[np.argsort(x[:, 0])], RNG.normal(size=(400, 5))):
        assert independent(vector(RNG.normal(size=(400, 5))), vector(y)).warnings == ()
    by_class = np.sort(RNG.integers(0, 3, 400))
    conditioned = Samples.of(x + 3 * by_class[:, None], "vector", given={"class": by_class})
    other = Samples.of(RNG.normal(size=(400, 5)) + 3 * by_class[:, None], "vector", given={"class": by_class})
    assert independent(other, conditioned).warnings == ()


def test_blocks_hold_at_least_one_row_and_there_are_ten() -> None:
    for length in (0, 50):
        with pytest.raises(BadInput):
            blocked(vector(RNG.normal(size=(100, 2))), length)


# cases from outside


def test_a_markov_chain_of_the_right_law_is_warned_of() -> None:
    model, truth = (vector(np.load(cases() / name)) for name in ("z7_m.npy", "z7_t.npy"))
    (said,) = independent(model, truth).warnings
    assert said.startswith("the model's rows are like the row before them (correlation 0.99")


def test_twelve_pictures_four_times_each_do_not_pass() -> None:
    model, truth = (ImageFolder(cases() / name, size=32).read() for name in ("i20d_m", "i10_t"))
    found = independent(model, truth)
    assert found.warnings[0] == "36 of the model's 48 samples repeat one before them (12 different)"
    sides = [rows_of(PixelHistogram(), "pixels", found.sets[role], {}, ()) for role in ("model", "truth")]
    assert compare(*sides, np.random.default_rng(0), 199).p <= 0.05


# other units


@pytest.mark.parametrize("factor", [1e-3, 1e3, 1e6, 100.0])
def test_numbers_in_another_unit_are_named(factor: float) -> None:
    x, y = RNG.lognormal(size=(2, 300, 3))
    one = x * np.where(np.arange(3) == 1, factor, 1.0)
    assert units(vector(one), vector(y))[0].startswith(f"the model's number 2 is {factor:,g} × truth's: other units?")
    assert units(vector(factor * x), vector(y))[0].startswith("all of the model's numbers are")
    pictures = [Samples.of(RNG.lognormal(size=(40, 16, 16)), "field") for _ in range(2)]
    assert len(units(pictures[0].but(x=factor * pictures[0].array), pictures[1])) == 1


def test_numbers_that_are_only_far_off_are_no_other_unit() -> None:
    x, y = RNG.normal(size=(2, 300, 3))
    for other in (x, x + 1000, 7 * x, 1000 * x + 9000, np.zeros((300, 3))):
        assert units(vector(other), vector(y)) == []
