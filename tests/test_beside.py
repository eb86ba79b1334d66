"""A comparison says in words who passes, then shows truth, models and distances in one picture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simulacra.cli import main
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict, Word
from simulacra.pictures.style import svg
from simulacra.reports.compare import chance, compare, lead, picture
from simulacra.runs import Run, find


def verdict(judge: str, word: Word, ratio: float) -> Verdict:
    return Verdict(
        judge, word, 0.001 if word == "differs" else 0.6, 0.1, ratio, 0.1, "would have caught 1 %", 0.1, 9, 9
    )


def spins(n: int, seed: int, temperatures: int = 3) -> Samples:
    rng = np.random.default_rng(seed)
    given = {"temperature": np.arange(n) % temperatures + 1.8}
    x = rng.choice(np.array([-1, 1], dtype=np.int8), (n, 8, 8))
    return Samples.of(x, "lattice", "1", "coins", given, given_unit={"temperature": "J/k"})


def made(at: Path, study: str, words: dict[str, tuple[Word, float]], truth: Samples | None = None) -> Run:
    run = Run.create(at, study, {}, 0, {"source": "Ising(8)"})
    run.keep_samples({"truth": spins(24, 0) if truth is None else truth, "model": spins(24, len(study))})
    run.keep_verdicts({"model": {judge: verdict(judge, *said) for judge, said in words.items()}})
    for judge in words:
        run.keep_judge(judge, {"null": np.linspace(1.0, 3.0, 101), "observed": np.array(4.0)})
    run.close("done")
    return run


@pytest.fixture
def runs(tmp_path: Path) -> list[Run]:
    return [
        made(tmp_path, "spins_by_a", {"energy": ("consistent", 1.1), "clusters": ("consistent", 0.9)}),
        made(tmp_path, "spins_by_b", {"energy": ("differs", 8.0), "clusters": ("differs", 17.6)}),
    ]


def table(*runs: Run) -> dict[str, dict[str, Verdict]]:
    return {run.record["study"]: run.verdicts for run in runs}


def test_the_first_sentence_says_who_passes_and_who_fails(runs: list[Run]) -> None:
    assert lead(table(*runs)) == (
        "Spins_by_a passes all 2 judges; spins_by_b fails all 2 judges, clusters at 18 × the noise floor."
    )
    mixed = {"c": {"energy": verdict("energy", "differs", 3.0), "clusters": verdict("clusters", "consistent", 1.0)}}
    assert lead(mixed) == "C fails 1 of 2 judges, energy at 3.0 × the noise floor."
    blunt = {"d": {"energy": verdict("energy", "unsure", 1.0)}}
    assert lead(blunt) == "Of d too little is known (energy unsure)."
    assert lead({"e": {}}) == ""


def test_words_come_first_then_the_picture_then_the_verdicts(runs: list[Run]) -> None:
    text = compare(runs)
    places = [text.index(part) for part in ("Spins_by_a passes", '<section id="picture">', '<section id="verdict">')]
    assert places == sorted(places)


def test_the_picture_holds_samples_under_each_condition_and_every_distance(runs: list[Run]) -> None:
    panel = picture(runs)
    assert panel is not None
    drawn = svg(panel.figure)
    assert drawn.count("<image") == 9  # three temperatures of truth and of each model
    for text in ("truth", "spins_by_a", "spins_by_b", "energy", "clusters", "further true sets, 19 of 20"):
        assert f">{text}" in drawn, text
    assert "spins_by_b: energy differs, 8 noise floors" in panel.alt


def test_the_gray_is_where_nineteen_of_twenty_true_sets_lie(runs: list[Run]) -> None:
    low, high = chance(runs)["energy"]
    assert low == pytest.approx((1.0 + 0.025 * 2) / 2)
    assert high == pytest.approx((1.0 + 0.975 * 2) / 2)


def test_runs_of_different_truths_show_distances_alone(tmp_path: Path, runs: list[Run]) -> None:
    other = made(tmp_path, "spins_by_c", {"energy": ("unsure", 1.0)})
    other.update(source="Ising(16)")
    panel = picture([runs[0], other])
    assert panel is not None
    assert "<image" not in svg(panel.figure)
    assert panel.caption.startswith("How far")


def test_runs_without_verdicts_have_no_picture(tmp_path: Path) -> None:
    nothing = [Run.create(tmp_path, f"spins_by_{i}", {}, 0) for i in "xy"]
    assert picture(nothing) is None
    assert '<section id="picture">' not in compare(nothing)


def test_samples_without_conditions_are_shown_as_they_came(tmp_path: Path) -> None:
    plain = spins(24, 0).but(given={}, given_unit={})
    runs = [made(tmp_path, f"spins_by_{i}", {"energy": ("consistent", 1.0)}, plain) for i in "pq"]
    panel = picture(runs)
    assert panel is not None
    assert svg(panel.figure).count("<image") == 9


def test_a_study_stands_for_its_newest_run_and_the_picture_is_written(
    tmp_path: Path, runs: list[Run], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find("spins_by_a", tmp_path).folder == runs[0].folder
    words = ["compare", "spins_by_a", "spins_by_b", "--runs", ".", "-o", "c.html", "--picture", "p.png", "--json"]
    assert main(words) == 0
    stated = json.loads(capsys.readouterr().out)
    assert list(stated["runs"]) == [run.name for run in runs]
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "c.html").stat().st_size > 10_000
    assert main([*words[:-2], "p.jpg"]) == 2
    assert "end its name in .png" in capsys.readouterr().err


def test_the_makefile_runs_the_same_spins_for_both() -> None:
    text = (Path(__file__).parents[1] / "Makefile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "simulacra run" in line]
    assert [line.split()[2] for line in lines] == ["ising_by_diffusion", "ising_by_gan"]
    assert all("$(SPINS)" in line for line in lines)
