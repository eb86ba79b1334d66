"""How wrong a model is comes in the field's units, with intervals that hold, the largest first."""

from __future__ import annotations

import numpy as np
import pytest

from simulacra import judge
from simulacra.comparison.rows import Rows
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict
from simulacra.judging.asked_reach import with_reach
from simulacra.judging.base import Judge
from simulacra.judging.effects import effects, named
from simulacra.judging.unseen import unseen
from simulacra.reports.sections import wrongs
from simulacra.statistics.base import Axis
from simulacra.statistics.lattice.lattice_energy import LatticeEnergy
from simulacra.statistics.tables.values import Values

TABLE = Axis("value", "column", "1", ("age, years", "LogP", "class = edge-on"))


def rows(x: np.ndarray, stratum: np.ndarray | None = None, group: np.ndarray | None = None) -> Rows:
    n = len(x)
    return Rows(x, np.zeros(n, dtype=int) if stratum is None else stratum, np.arange(n) if group is None else group)


def table(n: int, rng: np.random.Generator, older: float = 0.0, logp: float = 0.0, edge: float = 0.2) -> np.ndarray:
    return np.column_stack([rng.normal(60 + older, 10, n), rng.normal(logp, 1, n), rng.random(n) < edge]).astype(float)


def test_each_sort_is_said_as_its_field_says_it() -> None:
    rng = np.random.default_rng(0)
    found = effects(rows(table(4000, rng, 6, 0.5, 0.1)), rows(table(4000, rng)), TABLE)
    assert [effect.what for effect in found] == ["age", "LogP", "class = edge-on"]
    age, logp, edge = (effect.words for effect in found)
    assert age.startswith(("age 9", "age 10")) and " % too high (" in age
    assert logp.startswith("LogP 0.") and " too high (0." in logp and "%" not in logp
    assert edge.startswith(("class = edge-on 4", "class = edge-on 5")) and " % too few (" in edge


def test_a_curve_names_the_place_and_a_logarithm_becomes_a_share() -> None:
    rng = np.random.default_rng(1)
    axis = Axis("log10 P(k), (Mpc/h)²", "wavenumber", "h/Mpc", (0.1, 0.3, 1.0), log=True)
    x, y = rng.normal(2, 0.1, (2, 900, 3))
    x[:, 1] += np.log10(0.8)
    (first, *rest) = effects(rows(x), rows(y), axis)
    assert first.words.startswith("P(k) ") and " % too low at wavenumber 0.3 h/Mpc (" in first.words
    assert first.low < -20 < first.high and not rest


def test_the_condition_under_which_it_is_worst_is_named() -> None:
    rng = np.random.default_rng(2)
    hot = np.arange(2000) % 2
    x, y = rng.normal(-1.7, 0.1, (2, 2000, 1))
    x[hot == 1] += 0.05
    axis, under = Axis("energy per site, J"), {0: "temperature 1.8", 1: "temperature 2.2"}
    (effect,) = effects(rows(x, hot), rows(y, hot), axis, under)
    assert effect.words.startswith("energy per site ") and " too high at temperature 2.2 (" in effect.words
    assert (effect.under, effect.unit) == ("temperature 2.2", "%")


def test_a_spread_that_is_lost_is_named() -> None:
    rng = np.random.default_rng(3)
    (effect,) = effects(rows(0.7 * rng.normal(size=(2000, 1))), rows(rng.normal(size=(2000, 1))), Axis("m"))
    assert effect.words.startswith("spread of m ") and " % too small (" in effect.words
    assert effect.low < -30 < effect.high


@pytest.mark.parametrize("members", [1, 5])
def test_the_intervals_hold_together(members: int) -> None:
    """Where nothing differs an effect is named in at most one of twenty: of 200, 20 are left once in a thousand."""
    rng, named_ = np.random.default_rng(members), 0
    for _ in range(200):
        sides = []
        for _ in range(2):
            own = np.repeat(rng.normal(size=(60, 4)), members, axis=0)
            noise = rng.normal(size=own.shape)
            sides.append(rows(own + 0.3 * noise, group=np.repeat(np.arange(60), members)))
        named_ += bool(effects(*sides, Axis("value", "place", "1", (1.0, 2.0, 3.0, 4.0))))
    assert named_ <= 20


def test_features_that_go_together_are_named_once() -> None:
    rng = np.random.default_rng(4)
    one = rng.normal(size=(2, 500, 1))
    x, y = (np.hstack([side, side + 0.01 * rng.normal(size=side.shape)]) for side in one)
    found = effects(rows(x + 1), rows(y), Axis("value", "place", "1", (1.0, 2.0)))
    assert [effect.kind for effect in found] == ["mean"]


def test_a_name_comes_from_the_axis() -> None:
    assert named(Axis("valid (1) or not (0)"), 0) == ("valid", "1")
    assert named(Axis("rings in a molecule", "ring", "1", ("aromatic",)), 0) == ("rings in a molecule: aromatic", "1")
    assert named(Axis("size", "size", "1", ("atoms", "radius of gyration, Å")), 1) == ("radius of gyration", "Å")


def test_verdicts_carry_their_effects_through_json_and_say_them() -> None:
    rng = np.random.default_rng(5)
    verdict = judge(table(200, rng, 8), table(200, rng), statistics=["values"])["values"]
    assert verdict.word == "differs" and verdict.effects
    assert Verdict.from_dict(verdict.to_dict()) == verdict
    assert str(verdict).endswith("; ".join(effect.words for effect in verdict.effects))
    assert verdict.effects[0].words in wrongs.largest({"values": verdict})
    old = {key: value for key, value in verdict.to_dict().items() if key != "effects"}
    assert Verdict.from_dict(old).effects == ()


# the defect that the user cares about


JUDGES = {"values": Judge(Values()), "energy": Judge(LatticeEnergy())}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("mean 10 %", {"values": 0.1}),
        ("values 0,25", {"values": 0.25}),
        ("energy 5%", {"energy": 0.05}),
        ("2 %", {"values": 0.02, "energy": 0.02}),
    ],
)
def test_a_reach_is_asked_in_the_judges_words(asked: str, found: dict[str, float]) -> None:
    given = {name: judge.reach for name, judge in with_reach(JUDGES, [asked]).items() if judge.reach is not None}
    assert given == pytest.approx(found)


@pytest.mark.parametrize("asked", ["brightness 10 %", "mean", "mean 0 %"])
def test_a_reach_that_no_judge_knows_is_an_error_whose_example_works(asked: str) -> None:
    with pytest.raises(BadInput) as error:
        with_reach(JUDGES, [asked])
    example = error.value.fix.partition('--reach "')[2].partition('"')[0]
    assert any(judge.reach for judge in with_reach(JUDGES, [example]).values())


def test_what_no_judge_looks_at_is_said_of_a_reach_and_of_a_condition() -> None:
    rng = np.random.default_rng(8)
    label = np.repeat(["calm", "wild"], 60)
    seen = np.repeat([0.0, 3.0], 60)[:, None]

    def rooms(shift: np.ndarray | float) -> Samples:
        return Samples.of(rng.normal(size=(120, 3)) + shift, "vector", given={"mood": label})

    sides = rooms(0.0), rooms(0.0)
    note = judge(*sides, statistics=["values"], reach="dust lanes 10 %")["values"].note
    assert "no judge looks at 'dust lanes 10 %'" in note and "no judge sees 'mood'" in note
    assert "no judge" not in judge(rooms(seen), rooms(seen), statistics=["values"], reach="mean 10 %")["values"].note


def test_conditions_that_judges_see_are_rarely_called_unseen_and_others_often() -> None:
    rng, judges, said = np.random.default_rng(9), {"values": Judge(Values())}, [0, 0]
    for repeat in range(20):
        x, value = rng.normal(size=(100, 2)), rng.uniform(0, 1, 100)
        for strength in (0, 1):
            truth = Samples.of(x + 2 * strength * value[:, None], "vector", given={"dose": value})
            said[strength] += bool(unseen(judges, truth, repeat))
    assert said[0] >= 16 and said[1] <= 2


def test_who_would_have_missed_it_is_unsure() -> None:
    rng = np.random.default_rng(6)
    x, y = Samples.of(rng.normal(size=(60, 3)), "vector"), Samples.of(rng.normal(size=(60, 3)), "vector")
    judges = with_reach({"values": Judge(Values())}, ["mean 1 %"])
    assert judge(x, y, statistics=judges)["values"].word in ("unsure", "differs")
