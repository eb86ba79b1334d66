"""Settings are tried on validation alone, chosen there, and the truth is seen once."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from bulk_worlds import Serial
from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.core.lock import Holder
from simulacra.core.setting import Setting
from simulacra.running.named import find
from simulacra.runs import Run
from simulacra.sweeping import sweep as sweeping
from simulacra.sweeping.space import Over, over
from simulacra.sweeping.sweep import Sweep, run_chosen, run_sweep

STUDY = '''"""Does a small one learn?"""

from simulacra import Study
from small_studies import small
from simulacra.training.budget import Budget


def study(rate: float = 1e-3, width: int = 8) -> Study:
    """A small study.

    Args:
        rate: of learning.
        width: not used but for the choice.
    """
    return small(budget=Budget(20, batch=32, rate=rate, looks=3))
'''
SETTINGS = [Setting("rate", "float", 1e-3), Setting("width", "int", 8), Setting("way", 'Literal["a", "b"]', "a")]


@pytest.fixture
def study(tmp_path: Path) -> str:
    path = tmp_path / "tiny_by_vae.py"
    path.write_text(STUDY)
    return str(path)


def swept(study: str, tmp_path: Path, low: float = 1e-6) -> Sweep:
    spread = Over("rate", (), low, 1e-2, log=True)
    return Sweep(study, (spread,), {"width": 8}, 0, str(tmp_path / "runs"), f"sqlite:///{tmp_path / 's.db'}")


def test_ranges_and_choices_are_read_as_their_settings_are() -> None:
    assert over("rate=log(1e-4,1e-2)", SETTINGS) == Over("rate", (), 1e-4, 1e-2, log=True)
    assert over("width=16,32,64", SETTINGS).choices == (16, 32, 64)
    assert over("width=from(4, 8)", SETTINGS) == Over("width", (), 4.0, 8.0, whole=True)
    assert over("way=a,b", SETTINGS).choices == ("a", "b")
    for wrong in (
        "rat=1,2",
        "rate",
        "rate=log(0,1)",
        "rate=from(2,1)",
        "width=8",
        "rate=exp(1,2)",
        "width=a,b",
        "way=a,c",
    ):
        with pytest.raises(BadInput):
            over(wrong, SETTINGS)


def test_trials_go_on_where_they_stopped_and_the_best_score_is_chosen(study: str, tmp_path: Path) -> None:
    sweep = swept(study, tmp_path)
    found = run_sweep(sweep, 2, Serial())
    again = run_sweep(sweep, 4, Serial())
    assert [row["settings"] for row in again["trials"][:2]] == [row["settings"] for row in found["trials"]]
    assert len(again["trials"]) == 4
    done = [row for row in again["trials"] if row["state"] == "done"]
    assert again["best"]["score"] == min(row["score"] for row in done)
    # the score is that of the run's own log, and a learning rate of nothing is not the best
    rows = [r["look"]["score"] for r in Run(again["best"]["run"]).metrics if "look" in r]
    assert again["best"]["score"] == pytest.approx(min(rows))
    assert len(run_sweep(sweep, 4, Serial())["trials"]) == 4


def test_no_trial_sees_the_truth(study: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulacra.running.study import Study

    parts, spoiled = Study.parts, []

    def without_truth(self: Study, seed: int) -> dict[str, object]:
        found = parts(self, seed)
        found["truth"] = found["truth"].but(x=np.full_like(found["truth"].x, np.nan))
        spoiled.append(seed)
        return found

    sweep = swept(study, tmp_path)
    expected = run_sweep(sweep, 1, Serial())["best"]["score"]
    monkeypatch.setattr(Study, "parts", without_truth)
    other = Sweep(sweep.study, sweep.over, sweep.fixed, 0, sweep.out, f"sqlite:///{tmp_path / 'other.db'}")
    assert run_sweep(other, 1, Serial())["best"]["score"] == expected
    assert spoiled == [0]
    assert not Run(Path(expected and run_sweep(other, 1, Serial())["best"]["run"])).verdicts


def test_truth_is_seen_once(study: str, tmp_path: Path) -> None:
    sweep = swept(study, tmp_path)
    found = run_sweep(sweep, 1, Serial())
    run, before = run_chosen(sweep, found["best"])
    assert (bool(run.verdicts), before) == (True, False)
    assert run_chosen(sweep, found["best"]) == (run, True) or run_chosen(sweep, found["best"])[0].folder == run.folder
    with pytest.raises(BadInput, match="seen already"):
        run_chosen(sweep, {"settings": {"rate": 0.5}})


def test_a_trial_that_is_worse_at_a_look_is_pruned(study: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import optuna

    monkeypatch.setattr(optuna.trial.Trial, "should_prune", lambda self: self.number == 1)
    found = run_sweep(swept(study, tmp_path), 2, Serial())
    assert [row["state"] for row in found["trials"]] == ["done", "pruned"]
    pruned = Run(found["trials"][1]["run"])
    assert (pruned.state, len([r for r in pruned.metrics if "look" in r])) == ("failed", 0)
    assert "pruned" in pruned.record["why"]


def test_a_killed_trial_is_not_counted(study: str, tmp_path: Path) -> None:
    sweep = swept(study, tmp_path)
    here = Holder.here()
    for who in (replace(here, started="another process"), here, replace(here, place="elsewhere", kernel="")):
        sweep.opened().ask().set_user_attr(sweeping.WHO, asdict(who))
    found = run_sweep(sweep, 1, Serial())
    # of its process it is known that it is gone; the others' go on
    assert [row["state"] for row in found["trials"]] == ["failed", "running", "running", "done"]


def test_the_command_line_sweeps(
    study: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulacra.bulk.engines.Here", lambda processes: Serial())
    out = tmp_path / "runs"
    words = ["sweep", study, "--over", "rate=log(1e-4,1e-2)", "--trials", "2", "--out", str(out), "--choose-only"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    page = Path(told["page"]).read_text()
    assert (len(told["trials"]), "chosen" in told) == (2, False)
    assert "no trial saw the truth" in page
    assert "<img" in page
    assert main(["sweep", study, "--trials", "2", "--out", str(out)]) == 2
    assert main([*words, "--rate", "0.1"]) == 2
    assert "given twice" in capsys.readouterr().err
    assert find(study).name == "tiny_by_vae"
    assert sweeping.STARTUP > 1
