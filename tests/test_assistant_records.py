"""Questions about runs are computed from their records, and each number is cited where it stands."""

import json
from pathlib import Path

import pytest

from simulacra.assistant.record_source import Record, place
from simulacra.assistant.records import computed, judged, mentioned
from simulacra.core.verdict import Verdict
from simulacra.runs import Run


def verdict(judge: str, word: str, ratio: float) -> Verdict:
    return Verdict(judge, word, 0.01, 0.01, ratio, 0.1, "would have caught 10% less", 0.1, 100, 100)  # type: ignore[arg-type]


@pytest.fixture
def runs(tmp_path: Path) -> list[Run]:
    """Two runs: the second is nearer in the spectrum, farther in energy, and copies."""
    made = []
    rows = ((4.0, 1.5, "consistent", {"size": 32, "steps": 100}), (2.0, 9.0, "differs", {"size": 16, "steps": 100}))
    for i, (spectrum, energy, copies, settings) in enumerate(rows):
        run = Run.create(tmp_path, f"sky_by_{'vae' if i == 0 else 'gan'}", settings, seed=i)
        verdicts = [
            verdict("power spectrum", "differs", spectrum),
            verdict("energy", "unsure", energy),
            verdict("copies", copies, 1.0),
        ]
        usable = {"power spectrum": {"n_star": 40 - 20 * i, "low": 12, "high": 60, "why": ""}}
        run.keep_verdicts({"model": {v.judge: v for v in verdicts}}, {"usable": usable})
        run.close("done")
        made.append(Run(run.folder))
    return made


def stated(question: str, runs: list[Run]) -> list[str]:
    found = computed(question, runs)
    assert found is not None, "it is a question about runs"
    for sentence in found.answer.sentences:
        assert sentence.sources and all(source.holds() for source in sentence.sources)
    return [sentence.text for sentence in found.answer.sentences]


def test_the_nearest_run_is_computed(runs: list[Run]) -> None:
    first, second = stated("Which of my runs comes nearest to truth in the power spectrum?", runs)
    assert "sky_by_gan" in first and "2 ×" in first and "sky_by_vae" in second and "4 ×" in second
    assert "sky_by_vae" in stated("Which of my runs is farthest from truth in the power spectrum?", runs)[0]
    assert "sky_by_vae" in stated("Which run is the best?", runs)[0], "by the judge that each fares worst with"


def test_how_many_samples_may_be_used(runs: list[Run]) -> None:
    (answer,) = stated("How many samples of sky_by_gan may I use?", runs)
    assert "20 (12 to 60)" in answer and "power spectrum" in answer


def test_what_changed_between_two_runs(runs: list[Run]) -> None:
    lines = stated(f"What changed between {runs[0].name} and {runs[1].name}?", runs)
    assert any("setting size: 32" in line and "16" in line for line in lines)
    assert any("seed: 0" in line for line in lines) and not any("steps" in line for line in lines)
    assert any("verdict on copies" in line for line in lines)


def test_who_copies(runs: list[Run]) -> None:
    clean, copier = stated("Did any model copy its training set?", runs)
    assert "was not seen to copy" in clean and "copies its training set" in copier


def test_a_question_about_others_is_mixed(runs: list[Run]) -> None:
    found = computed("Is the energy of our runs better than published?", runs)
    assert found is not None and found.mixed and len(found.answer.sentences) == 2


@pytest.mark.parametrize(
    "question",
    ["Why do spins flip?", "What is a verdict?", "How many clusters does Wolff flip?", "Who solved the lattice?"],
)
def test_questions_for_documents_are_left_to_them(runs: list[Run], question: str) -> None:
    assert computed(question, runs) is None


def test_without_runs_it_is_said() -> None:
    found = computed("Which of my runs comes nearest to truth?", [])
    assert found is not None and found.answer.refused and "no run" in found.answer.notes[0]


def test_names_and_judges_are_found_in_questions(runs: list[Run]) -> None:
    records = [Record(run) for run in runs]
    assert [r.name for r in mentioned(f"{runs[1].name} against {runs[0].name[-4:]}", records)] == [
        runs[1].name,
        runs[0].name,
    ]
    assert judged("the Power Spectrum of it", records) == "power spectrum"
    assert judged("nothing of the sort", records) == ""


def test_a_broken_record_is_left_out(runs: list[Run]) -> None:
    (runs[0].folder / "verdicts.json").write_text("{")
    assert len(stated("Did any model copy its training set?", runs)) == 1


@pytest.mark.parametrize("value", [1.5, 'a "b" \\ c', [1, {"x": 2}], None, {"a": {"b": []}}, "π"])
def test_the_place_of_an_entry_holds_it(value: object) -> None:
    text = json.dumps({"x": {"y": 1, "deep": value}, "deep": 0}, indent=1, ensure_ascii=False)
    found = place(text, ["x", "deep"])
    assert found is not None
    assert json.loads("{" + text[found[0] : found[1]] + "}") == {"deep": value}
    assert place(text, ["x", "none"]) is None and place(text, ["x", "y", "z"]) is None
