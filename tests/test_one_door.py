"""Python and the command line: the same verdicts, notes and words; and what is noticed before any of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import simulacra
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict
from simulacra.judging.design import same_design
from simulacra.judging.equal import equal_samples
from simulacra.judging.files import judge_files
from simulacra.judging.reading import How


def vectors(x: np.ndarray, **more: object) -> Samples:
    return Samples.of(x, "vector", **more)  # type: ignore[arg-type]


def visits(patients: int, rng: np.random.Generator) -> np.ndarray:
    own = np.repeat(rng.normal(size=(patients, 3)), 5, axis=0)
    return np.asarray(own + 0.2 * rng.normal(size=own.shape))


@pytest.mark.parametrize("reach", [(), ("mean 150 %",)])
def test_both_say_the_same_of_visits_that_nobody_grouped(reach: tuple[str, ...], tmp_path: Path) -> None:
    """*unsure* here and *differs* at p = 0.001 there, once: the control of truth is asked in both, and it notices."""
    rng = np.random.default_rng(0)
    arrays = {role: visits(24, rng) for role in ("model", "truth", "train")}
    for role, array in arrays.items():
        np.save(tmp_path / f"{role}.npy", array)
    paths = {role: tmp_path / f"{role}.npy" for role in arrays}
    run = judge_files(paths, How(), None, 3, tmp_path / "runs", {}, {}, reach=reach)
    here = simulacra.judge(arrays["model"], arrays["truth"], arrays["train"], seed=3, reach=reach)
    warned = "; ".join(run.record["warnings"])
    assert "truth's rows are like the row before them" in warned
    assert list(here) == list(run.verdicts) == ["values", "copies"]
    for name, verdict in run.verdicts.items():
        said = replace(verdict, usable=None, note="; ".join(filter(None, [verdict.note, warned])))
        assert replace(here[name], views=dict(here[name].views)) == said
    assert here["values"].word == "unsure"
    assert "took the control of true samples for false" in here["values"].note


def test_without_an_asked_reach_no_difference_was_seen_and_the_reach_comes_first() -> None:
    rng = np.random.default_rng(1)
    model, truth = rng.normal(size=(60, 2)), rng.normal(size=(60, 2))
    plain = simulacra.judge(model, truth)["values"]
    assert plain.word == "no difference seen"
    assert str(plain).startswith("values: no difference seen (would have caught every mean shifted")
    assert simulacra.judge(model, truth, reach="mean 128 %")["values"].word == "consistent"
    assert simulacra.judge(model, truth, reach="mean 2 %")["values"].word == "unsure"


def classes(sizes: list[int], words: bool, rng: np.random.Generator) -> Samples:
    grade = np.repeat(np.arange(len(sizes)), sizes)
    x = rng.normal(size=(len(grade), 2)) + 3 * grade[:, None]
    return vectors(x, given={"grade": grade.astype(str) if words else grade})


@pytest.mark.parametrize("words", [True, False])
def test_a_short_class_is_named_and_raises_no_false_alarm(words: bool) -> None:
    """60 of 60 false alarms before, of numbers; words were refused."""
    rng = np.random.default_rng(2)
    model, truth = classes([60, 60, 40, 30, 9], words, rng), classes([40] * 5, words, rng)
    found = simulacra.judge(model, truth)["values"]
    assert found.word == "no difference seen"
    assert "grade 4 (9 of the model's, 40 of truth's)" in found.note
    model = classes([60, 60, 40, 30, 2], words, rng)
    kept, _, said = same_design(model, truth)
    assert (len(kept), said) == (
        190,
        ["left aside, with too few samples to compare within: grade 4 (2 of the model's, 40 of truth's)"],
    )


def test_a_condition_of_another_law_is_matched_or_refused() -> None:
    rng = np.random.default_rng(3)

    def under(low: float, high: float) -> Samples:
        warmth = rng.uniform(low, high, 200)
        return vectors(warmth[:, None] ** 2 + rng.normal(size=(200, 1)), given={"warmth": warmth})

    found = simulacra.judge(under(0, 2), under(1, 3))["values"]
    assert found.word == "no difference seen"
    assert "warmth has another law on either side: compared in" in found.note
    with pytest.raises(BadInput, match="stand under different conditions"):
        simulacra.judge(under(0, 1), under(5, 6))


def test_equal_rows_are_named_whatever_p_says() -> None:
    """Four of 200: 'copies: consistent (p = 0.11)' before, with no word of them."""
    rng = np.random.default_rng(4)
    model, truth, train = (rng.normal(size=(n, 3)) for n in (200, 200, 400))
    model[:4], model[7] = train[10:14], truth[5]
    found = simulacra.judge(model, truth, train)
    assert found["copies"].word in ("differs", "unsure")
    assert "4 of the model's 200 samples equal a training sample to the bit, where chance makes none: 0 = 10" in (
        found["copies"].note
    )
    assert "1 of the model's 200 samples equal a true sample to the bit, where chance makes none: 7 = 5" in (
        found["values"].note
    )


def test_rows_of_few_levels_coincide_by_chance_and_are_not_refused() -> None:
    rng = np.random.default_rng(5)
    model, truth, train = (vectors(rng.choice([0.0, 1.0, 2.0], size=(200, 3))) for _ in range(3))
    seen = equal_samples(truth, train)
    assert len(seen.pairs) > 190
    assert not seen.beyond
    assert "bit" not in simulacra.judge(model, truth, train)["values"].note
    # a training set that repeats itself is no excuse
    free = rng.normal(size=(60, 2))
    assert equal_samples(vectors(free[:30]), vectors(np.concatenate([free, free]))).beyond


def test_a_record_number_is_named() -> None:
    rng = np.random.default_rng(6)
    model, truth = (np.column_stack([np.arange(first, first + 80), rng.normal(size=(80, 2))]) for first in (0, 80))
    found = simulacra.judge(model, truth)["values"]
    assert "number 1 looks like a number of the record" in found.note


def test_how_far_apart_two_laws_are_does_not_depend_on_n() -> None:
    rng = np.random.default_rng(7)
    found = {}
    for n in (100, 1600):
        pairs = [(rng.normal(0.5, 1, (n, 2)), rng.normal(size=(n, 2))) for _ in range(1 if n > 100 else 8)]
        judged = [simulacra.judge(*pair)["values"] for pair in pairs]
        found[n] = np.mean([v.apart for v in judged]), np.mean([v.ratio for v in judged])
    assert found[1600][1] > 8 * found[100][1]
    assert found[100][0] == pytest.approx(found[1600][0], rel=0.25)
    assert Verdict.from_dict(judged[0].to_dict()).apart == judged[0].apart
    assert f"{100 * (judged[0].apart or 0):.2g} % apart" in str(judged[0])


def test_correlations_and_the_direction_are_said_in_words() -> None:
    rng = np.random.default_rng(8)
    truth = rng.normal(size=(300, 4))
    model = rng.normal(size=(300, 4))
    model[:, 1] = 0.9 * model[:, 0] + np.sqrt(1 - 0.81) * model[:, 1]
    found = simulacra.judge(model, truth)["values"]
    (effect,) = [effect for effect in found.effects if effect.kind == "correlation"]
    assert effect.low < 0.9 < effect.high + 0.1
    assert effect.words.startswith("correlation of place 1 and place 2 0.9")
    assert "farthest along" in found.note


def test_all_judges_together_are_one_more_judge() -> None:
    rng = np.random.default_rng(9)
    x, y = (rng.normal(size=(80, 8, 8)).astype(np.float32) for _ in range(2))
    found = simulacra.judge(x, y)
    assert list(found)[-1] == "all together"
    assert len(found) > 2
    assert found["all together"].word == "no difference seen"
    far = simulacra.judge(1.5 * x, y, statistics=["pixel_histogram", "power_spectrum"])
    assert far["all together"].word == "differs"
    assert far["all together"].p == pytest.approx(3 * far["all together"].p_alone)
