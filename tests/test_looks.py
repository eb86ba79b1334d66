"""While training: looks call a perfect generator different in one run of twenty at most, and see what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor, nn

from copying_worlds import versions_of, world
from simulacra.comparison.rows import Rows
from simulacra.comparison.sequential import LEVEL, Spending, compare_all
from simulacra.comparison.several import holm
from simulacra.comparison.two_samples import compare
from simulacra.core.samples import Samples
from simulacra.domains.likeness.nearest import nearest
from simulacra.judging.base import Judge
from simulacra.judging.copies import is_twin
from simulacra.judging.lost import Reached
from simulacra.judging.score import Looker, Score
from simulacra.judging.twins import Watch
from simulacra.models.base import Batch, Losses, Model
from simulacra.running.look import looks_at
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.runs import Run
from simulacra.sources.laws.grid import Grid
from simulacra.sources.laws.stacked_digits import StackedDigits
from simulacra.sources.sky.gaussian_field import GaussianField
from simulacra.statistics.base import Axis
from simulacra.statistics.laws.digit_modes import DigitModes
from simulacra.statistics.laws.modes import Modes
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.sets.coverage import Coverage
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.tables.values import Values
from simulacra.training import loop
from simulacra.training.alarms import lost
from simulacra.training.budget import Budget
from simulacra.training.checkpoint import read_state
from simulacra.training.looks import Best
from simulacra.views.flat import Flat

REPEATS, LOOKS = 200, 5


def most(level: float, repeats: int) -> int:
    """So many of these repeats reject a true hypothesis at this level, or fewer, 999 times in 1,000."""
    return int(stats.binom.ppf(0.999, repeats, level))


def rows(x: np.ndarray[Any, Any]) -> Rows:
    return Rows(x, np.zeros(len(x)), np.arange(len(x)))


def wander(n: int, features: int, rng: np.random.Generator) -> list[Any]:
    """Draws of a perfect generator at several looks: each set is of the true law, and akin to the one before."""
    sets = [rng.standard_normal((n, features))]
    for _ in range(LOOKS - 1):
        sets.append(0.6 * sets[-1] + 0.8 * rng.standard_normal((n, features)))
    return sets


# -- the correction ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tests", [1, 2, 5])
@pytest.mark.parametrize("looks", [1, 3, 20, 37])
def test_relabelings_suffice_for_the_strictest_test_and_no_fewer_do(looks: int, tests: int) -> None:
    spending = Spending(looks, tests)
    others = dict.fromkeys("bcdef"[: tests - 1], 1.0)
    assert spending.rejecting({"a": 1 / (spending.permutations + 1), **others}) == ["a"]
    assert spending.rejecting({"a": 1 / (spending.permutations - 1), **others}) == []


def test_the_shared_relabelings_give_the_p_of_the_test_alone() -> None:
    rng = np.random.default_rng(0)
    model, truth = (rows(rng.standard_normal((40, 3)) + shift) for shift in (0.2, 0.0))
    seed = int(np.random.default_rng(7).integers(2**63))
    one, other = compare_all([(model, truth), (truth, truth)], np.random.default_rng(seed), 99)
    assert one == compare(model, truth, np.random.default_rng(7), 99).p
    assert other > 0.9


@pytest.mark.slow
def test_a_perfect_generator_is_called_different_in_one_run_of_twenty_at_most() -> None:
    """Two judges, five looks at draws that depend on each other, one validation set; new in each run."""
    spending = Spending(LOOKS, 2)
    ever = singly = 0
    for repeat in range(REPEATS):
        rng = np.random.default_rng([repeat, 31])
        validation = rng.standard_normal((40, 3))
        found = []
        for draws in wander(40, 3, rng):
            pairs = [(rows(draws[:, :k]), rows(validation[:, :k])) for k in (1, 3)]
            found.append(compare_all(pairs, np.random.default_rng([repeat, 32]), spending.permutations))
        ever += any(spending.rejecting({"a": a, "b": b}) for a, b in found)
        singly += any(min(holm(p)) <= LEVEL for p in found)
    assert ever <= most(LEVEL, REPEATS)
    assert singly > most(LEVEL, REPEATS)  # what the looks would say without a correction for their number


def test_a_shifted_generator_is_told_at_the_first_of_many_looks() -> None:
    def vectors(seed: int, shift: float = 0.0) -> Samples:
        return Samples.of(np.random.default_rng(seed).standard_normal((200, 2)) + shift, "vector")

    score = Score.against({"values": Judge(Values()), "again": Judge(Values())}, vectors(1), vectors(2), looks=20)
    true, shifted = score(vectors(3)), score(vectors(4, shift=1.0))
    assert (true["told"], shifted["told"]) == ([], ["values", "again"])
    assert shifted["p"]["values"] == 1 / (1 + 20 * 2 * 20)
    assert shifted["level"] == 0.05 / 20
    assert shifted["ratio"]["values"] > 20 > 3 > true["ratio"]["values"]


# -- copies ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["vector", "picture", "field", "lattice"])
def test_the_cheap_search_finds_the_twins_of_the_whole_one(kind: str) -> None:
    train, unseen, rng = world(kind, 300, 1), world(kind, 60, 2), np.random.default_rng(0)
    x = world(kind, 60, 3).array.copy()
    for i in range(20):
        versions = versions_of(train.array[rng.integers(300)], kind)
        x[i] = versions[rng.integers(len(versions))]
    if kind != "lattice":
        x[:10] += 0.02 * rng.standard_normal(x[:10].shape)
    model = Samples.of(x, kind)
    watch = Watch.of(train, unseen, 400, seed=0)
    like = watch.known.likeness
    np.testing.assert_array_equal(watch.find(model), is_twin(nearest(like, model, train), watch.scale, like))
    seen = watch(model)
    assert seen.twins >= 18
    assert seen.p <= 0.05 / 20
    assert watch(world(kind, 60, 4)).p > 0.05 / 20


def test_a_perfect_generator_is_taken_for_a_copycat_in_one_run_of_twenty_at_most() -> None:
    """In a world of one number, where truth itself has many twins."""
    spending = Spending(LOOKS)
    ever = singly = some = 0
    for repeat in range(REPEATS):
        rng = np.random.default_rng([repeat, 33])
        train, unseen = (Samples.of(rng.standard_normal((n, 1)), "vector") for n in (60, 80))
        watch = Watch.of(train, unseen, spending.permutations, repeat)
        p = [watch(Samples.of(draws, "vector")).p for draws in wander(80, 1, rng)]
        ever += any(spending.rejecting({"copies": value}) for value in p)
        singly += min(p) <= LEVEL
        some += bool(watch.twin.any())
    assert some > 0.9 * REPEATS
    assert ever <= most(LEVEL, REPEATS)
    assert singly > ever


def test_twins_of_dependent_rows_are_counted_by_groups() -> None:
    """Ten copies that are one chain say no more than one copy does."""
    train = Samples.of(np.random.default_rng(0).standard_normal((200, 6)), "vector")
    unseen = Samples.of(np.random.default_rng(1).standard_normal((100, 6)), "vector")
    x = np.random.default_rng(2).standard_normal((100, 6))
    x[:10] = train.array[:10]
    watch = Watch.of(train, unseen, 999, seed=0)
    chain = np.array(["one"] * 10 + [f"own {i}" for i in range(90)])
    assert watch(Samples.of(x, "vector")).p < 0.01
    assert watch(Samples.of(x, "vector", group=chain)).p > 0.2


# -- a training that is looked at --------------------------------------------------------------------------------------


class Drawer(Model):
    """It learns nothing that matters, and draws from what it was given.

    Args:
        pool: rows from which it draws, without repeating one.
    """

    def __init__(self, pool: Tensor) -> None:
        super().__init__()
        self.mu = nn.Parameter(torch.zeros(1))
        self.pool: Tensor
        self.register_buffer("pool", pool)

    def loss(self, batch: Batch) -> Losses:
        return {"far": (batch.x.mean(1) - self.mu).square()}

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        return Batch(self.pool[torch.randperm(len(self.pool))[:n]])


def trained(root: Path, pool: str, seed: int = 0) -> Run:
    """A run of skies in which the model draws from "train", from fresh "truth", or always "one" sky."""
    split = Split(240, 100, 50)
    study = Study(
        source=GaussianField(size=8),
        view=Flat(),
        model=Drawer(torch.zeros(0, 64)),
        judges={"power spectrum": Judge(PowerSpectrum(box=100.0)), "histogram": Judge(PixelHistogram())},
        budget=Budget(60, batch=20, looks=2),  # an epoch has twelve steps
        split=split,
    )
    parts = study.parts(seed)
    view = study.view.fit(parts["train"])
    fresh = GaussianField(size=8).draw(400, np.random.default_rng([seed, 34]))
    some = {"train": parts["train"], "truth": fresh, "one": fresh[np.zeros(400, dtype=int)]}[pool]
    study.model.pool = view.forward(some).x
    run = Run.create(root, "test", {}, seed)
    look, glance = looks_at(study.prepare(view, parts, run), study.judges, study.budget, parts, seed)
    train, validation = (view.forward(parts[name]) for name in ("train", "validation"))
    loop.train(study.model, train, validation, study.budget, seed, run, look, glance=glance)
    return run


def test_a_model_that_draws_training_samples_is_told_in_the_first_epoch_and_at_each_look(tmp_path: Path) -> None:
    run = trained(tmp_path, "train")
    assert [(alarm["name"], alarm["step"]) for alarm in run.record["alarms"]] == [("copying", 12)]
    looks = [row["look"] for row in run.metrics if "look" in row]
    assert [look["copies"]["twins"] for look in looks] == [100, 100]
    assert all("copies" in look["told"] for look in looks)
    glances = {row["step"]: row["glance"] for row in run.metrics if "glance" in row}
    assert list(glances) == [12, 24, 36, 48]


def test_a_collapsed_model_is_told_in_the_first_epoch(tmp_path: Path) -> None:
    run = trained(tmp_path, "one")
    assert ("collapse", 12) in [(alarm["name"], alarm["step"]) for alarm in run.record["alarms"]]
    assert {"power spectrum", "histogram"} <= set(run.metrics[-1]["look"]["told"])


def test_a_perfect_generator_trains_without_alarms(tmp_path: Path) -> None:
    """Each of two families of tests (judges; copies) speaks falsely in a run with probability 0.05 at most."""
    runs = [trained(tmp_path / str(seed), "truth", seed) for seed in range(8)]
    assert sum(bool(run.record["alarms"]) for run in runs) <= most(LEVEL, len(runs))
    stated = [any(row["look"]["told"] for row in run.metrics if "look" in row) for run in runs]
    assert sum(stated) <= most(2 * LEVEL, len(runs))
    for run in runs:
        state = read_state(run.folder)
        assert state is not None
        looks = [(row["step"], row["look"]) for row in run.metrics if "look" in row]
        best = state[1]["best"]
        clean = {step: look for step, look in looks if not (look["copies"] or {}).get("told")} or dict(looks)
        level = best["least"] + best["noise"]
        assert best["least"] == min(look["score"] for look in clean.values())
        kept = clean[best["step"]]
        # within the noise of the lowest score, and then one of those that the fewest judges distinguish
        assert kept["score"] <= level
        later = [look for step, look in clean.items() if step > best["step"] and look["score"] <= level]
        assert all((len(kept["told"]), kept["score"]) <= (len(look["told"]), look["score"]) for look in later)
        assert run.record["best"]["step"] == best["step"] and run.record["best"]["why"]


@pytest.mark.parametrize(
    ("looks", "kept", "why"),
    [
        ([(7.2, 3), (4.7, 5)], 1, "lowest score"),  # though more judges distinguish it
        ([(4.7, 5), (4.9, 3)], 1, "fewest judges"),  # within the noise, 0.5
        ([(4.7, 3), (4.9, 3)], 0, "only state"),
        ([(4.9, 3), (4.7, 3), (5.3, 1)], 1, "lowest score"),
        ([(5.0, 2), (4.8, 4), (4.0, 5)], 2, "lowest score"),  # what was kept for its count is no longer in the noise
    ],
)
def test_the_lowest_score_is_kept_and_the_count_breaks_ties_within_its_noise(
    looks: list[tuple[float, int]], kept: int, why: str
) -> None:
    best = Best()
    for step, (score, stated) in enumerate(looks):
        best.beaten_by(score, step, stated, noise=0.5)
    assert best.step == kept
    assert why in best.why


def test_a_state_that_copies_is_kept_only_while_there_is_no_other() -> None:
    best = Best()
    assert best.beaten_by(1.0, 0, 0, 0.1, copying=True)
    assert best.beaten_by(9.0, 1, 5, 0.1)
    assert not best.beaten_by(0.5, 2, 0, 0.1, copying=True)


def test_where_it_is_not_known_what_a_copy_is_the_log_says_so() -> None:
    fixed, other, model = (Samples.of(np.random.default_rng(i).standard_normal((60, 2)), "vector") for i in range(3))
    looker = Looker(Score.against({"values": Judge(Values())}, fixed, other), None, Spending(1))
    assert looker.look(model)["copies"] is None
    assert looker.glance(model)["copies"] is None


def test_copies_are_looked_for_within_each_condition() -> None:
    """Twenty copies in a class of twenty are told, though there are as many samples of each class as truth has."""
    rng = np.random.default_rng(0)

    def draw(n: int) -> Samples:
        label = np.repeat(["rare", "common"], [n // 10, n - n // 10])
        x = rng.standard_normal((n, 4))
        return Samples.of(x, "vector", given={"class": label})

    train = draw(400)
    watch = Watch.of(train, draw(200), 999, seed=0)
    copycat = draw(200)
    x = copycat.array.copy()
    x[:20] = train.array[:20]
    stated = watch(copycat.but(x=x))
    assert stated.twins >= 18
    assert stated.p < 0.01


def test_samples_that_a_judge_cannot_read_are_told_and_do_not_end_the_training() -> None:
    fixed, other, model = (Samples.of(np.random.default_rng(i).standard_normal((60, 2)), "vector") for i in range(3))
    score = Score.against({"values": Judge(Values()), "roots": Judge(Roots())}, fixed, other)
    assert score(model)["told"] == []
    seen = score(Samples.of(model.array - 100, "vector"))
    assert seen["told"] == ["values", "roots"]
    assert set(seen["p"]) == {"values"}
    assert not Best(score=9.0, rejecting=2, least=9.0).beaten_by(seen["score"], 1, rejecting=2)


def test_a_judge_that_leaves_out_samples_is_relabeled_on_its_own() -> None:
    rng = np.random.default_rng(0)
    model, truth = (rows(rng.standard_normal((40, 2))) for _ in range(2))
    fewer = Rows(model.features[5:] + 3, model.stratum[5:], model.group[5:])
    both = compare_all([(model, truth), (fewer, truth)], np.random.default_rng(1), 199)
    assert both[0] > 0.01
    assert both[1] == 1 / 200


class Roots:
    """The square root of each number, moved by fifty."""

    accepts = ("vector",)
    defect = "{amount:g} more"
    amounts = (1.0,)

    def __call__(self, x: Samples) -> Any:  # noqa: ANN401
        return np.sqrt(np.where(x.array > -50, x.array + 50, np.nan))

    def axis(self, x: Samples) -> Axis:
        return Axis("root")

    def perturb(self, x: Samples, amount: float) -> Samples:
        return x.but(x=x.array + amount)


# -- lost modes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kept", "sounds"), [(104, True), (250, True), (1000, False)])
def test_an_alarm_sounds_where_a_hundred_of_a_thousand_modes_are_drawn(kept: int, sounds: bool) -> None:
    """The samples themselves look right, and spread as far as real ones: nothing else would tell."""
    rng, source = np.random.default_rng(kept), StackedDigits()
    fixed, train, many = source.draw(500, rng), source.draw(1000, rng), source.draw(8000, rng)
    some = many[np.isin(many.given["number"], rng.permutation(1000)[:kept])]
    model = some[rng.integers(len(some), size=500)]
    judges = {"values": Judge(PixelHistogram()), "modes": Judge(DigitModes())}
    looker = Looker(Score.against(judges, fixed, train), None, Spending(1), Reached.of(judges, fixed, train))
    seen = looker.look(model)
    assert seen["spread"] > 0.8
    alarm = lost(seen["reached"])
    assert (alarm is not None) is sounds
    if alarm is not None:
        assert alarm.name == "lost modes" and "as many true ones" in alarm.seen


@pytest.mark.parametrize("statistic", [Modes("grid", 25, 0.05), Coverage()])
def test_a_lost_half_of_a_plane_is_told_by_count_and_by_neighborhoods(statistic: Modes | Coverage) -> None:
    rng, source = np.random.default_rng(4), Grid()
    fixed, train, many = source.draw(400, rng), source.draw(800, rng), source.draw(4000, rng)
    reached = Reached.of({"reach": Judge(statistic)}, fixed, train)
    corner = many[(many.array < -1).all(axis=1)]
    assert lost(reached(corner[:400])["reached"]) is not None
    assert lost(reached(many[:400])["reached"]) is None


def test_without_a_judge_of_modes_nothing_is_said_of_them() -> None:
    fixed, train, model = (Samples.of(np.random.default_rng(i).standard_normal((60, 2)), "vector") for i in range(3))
    assert Reached.of({"values": Judge(Values())}, fixed, train)(model) == {}
