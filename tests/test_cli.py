"""The command line as a stranger meets it: quick to answer, kind when mistaken, and readable by machines."""

import json
import re
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from command_line import WITHOUT_TORCH, start, stated
from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.keeping.trained import Trained, load
from simulacra.models import gan
from simulacra.runs import Run
from simulacra.views.spins import Spins

VERBS = shelf("verbs").names()


MINE = '''"""Does a study of my own run?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra import Budget, Judge, Samples, Split, Study
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.statistics.tables.values import Values
from simulacra.views.flat import Flat


@dataclass(frozen=True)
class Pairs:
    """Two correlated numbers."""

    correlation: float = 0.5

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        x, y = rng.standard_normal((2, n))
        both = np.stack([x, self.correlation * x + np.sqrt(1 - self.correlation**2) * y], 1)
        return Samples.of(both, "vector", "m", repr(self))


def study(correlation: float = 0.5, steps: int = 5) -> Study:
    """A hundred pairs.

    Args:
        correlation: of the two, in 100 % of all cases.
        steps: training steps.
    """
    return Study(
        Pairs(correlation),
        Flat(),
        VAE(MLP(2, 8, 2), MLP(1, 8, 2), 1),
        {"values": Judge(Values())},
        Budget(steps, looks=2),
        split=Split(100, 50, 50),
    )
'''


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A folder with a run of a study of ours and one of a user's own, and what the command line said of them."""
    at = tmp_path_factory.mktemp("made")
    (at / "my_study.py").write_text(MINE)
    ours = stated(start("run", "--seed", "1", "sky_by_vae", "--size", "8", "--steps", "20", "--json", at=at))
    mine = stated(start("run", "my_study.py", "--correlation", "0.9", "--no-report", "--json", at=at))
    return {"at": at, "ours": ours, "mine": mine}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Numbers in every plain format, and a run that has failed before its model was there."""
    rng = np.random.default_rng(0)
    for name, shift in (("truth", 0.0), ("model", 0.0), ("shifted", 3.0)):
        x = rng.standard_normal((60, 3)) + shift
        np.save(tmp_path / f"{name}.npy", x)
        np.savez(tmp_path / f"{name}.npz", x=x)
        np.savetxt(tmp_path / f"{name}.csv", x, delimiter=",")
    np.save(tmp_path / "few.npy", rng.standard_normal((4, 3)))
    np.save(tmp_path / "fields.npy", rng.standard_normal((60, 8, 8)))
    Run.create(tmp_path / "runs", "sky_by_vae", {"size": 8}, 0).close("failed", "the sky fell")
    return tmp_path


# quick


def test_whoever_only_asks_does_not_wait_for_torch(tmp_path: Path) -> None:
    asked = [["list"], *(["list", room] for room in ("models", "sources", "statistics", "views")), ["list", "--json"]]
    asked += [["show", "sky_by_vae"], ["show", "vae"], ["show", "power-spectrum"], ["--help"], []]
    asked += [[verb, "--help"] for verb in VERBS] + [["run", name, "--help"] for name in shelf("studies").names()]
    code = f"""
import contextlib, io, sys
from simulacra.cli import main
for words in {asked!r}:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            main(words)
        except SystemExit as stop:
            assert stop.code == 0, words
    assert out.getvalue().strip(), words
    for heavy in ("torch", "numpy", "scipy", "matplotlib"):
        assert heavy not in sys.modules, (heavy, words)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_list_is_there_at_once(tmp_path: Path) -> None:
    """Half a second of processor time, whatever else the machine does."""
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "simulacra", "list"], check=True, capture_output=True, cwd=tmp_path)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < 0.5


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulacra", "--version"], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert re.fullmatch(r"simulacra \d+\.\d+\.\d+\S*\n", done.stdout)


def test_the_help_of_a_study_tells_its_settings(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "my_study.py").write_text(MINE)
    for words in (["sky_by_vae", "--help"], ["--seed", "3", "sky_by_vae", "--help"], ["--help", "sky_by_vae"]):
        with pytest.raises(SystemExit):
            main(["run", *words])
        help = capsys.readouterr().out
        assert "Can a small autoencoder" in help
        assert "--latent INT" in help
        assert "(default: 32)" in help
    with pytest.raises(SystemExit):
        main(["run", str(tmp_path / "my_study.py"), "--help"])
    assert "100 % of all cases" in capsys.readouterr().out


# kind

WRONG: list[tuple[str, str, str]] = [
    ("rnu sky_by_vae", "no verb 'rnu'", "did you mean 'run'?"),
    ("--runs", "the verb comes first", "--help"),
    ("run", "required: STUDY", "run --help"),
    ("run sky_by_vea", "no 'sky_by_vea' in studies", "did you mean 'sky_by_vae'?"),
    ("run ../studies/sky_by_vae", "in studies", "sky_by_vae"),
    ("run nowhere.py", "no such file", "name a study"),
    ("run broken.py", "broken.py is broken", "mend it"),
    ("run clash.py --help", "name of an option of run", "another name"),
    ("run sky_by_vae --size big", "--size takes a whole number", "--size 16"),
    ("run sky_by_vae --size 1.5", "--size takes a whole number", "--size 16"),
    ("run sky_by_vae --size inf", "--size takes a whole number", "--size 16"),
    ("run sky_by_vae --slope steep", "--slope takes a number", "--slope -2.0"),
    ("run galaxies_by_vae --prior deep", "no choice 'deep'", "learned, normal"),
    ("run galaxies_by_vae --network deep", "no choice 'deep'", "dense, convolutional"),
    ("run galaxies_by_vae", "galaxy_zoo_128.tar is not there", "SIMULACRA_DATA"),
    ("run sky_by_vae --latnet 3", "no option --latnet", "did you mean --latent?"),
    ("run sky_by_vae --lat 3", "no option --lat", "--latent"),
    ("run sky_by_vae more", "a word too many", "--help"),
    ("run sky_by_vae --size", "expected one argument", "--help"),
    ("run sky_by_vae --size 1", "two pixels a side", "size=16"),
    ("run sky_by_vae --steps 0", "steps of at least 1", "steps=1"),
    ("run sky_by_vae --seed -1", "a seed is not negative", "--seed 0"),
    ("run sky_by_vae --seed one", "whole number, not 'one'", "--help"),
    ("run sky_by_vae --out truth.npy", "run folder cannot be written", "--out"),
    ("list studys", "invalid choice: 'studys'", "list --help"),
    ("list --runs nowhere", "no such folder of runs", "--runs DIR"),
    ("show vea", "nothing is called 'vea'", "did you mean 'vae'?"),
    ("show", "required: STUDY", "show --help"),
    ("report mars", "no such run", "list --runs"),
    ("cite mars", "no such run", "list --runs"),
    ("resume mars", "no such run", "list --runs"),
    ("compare last", "two runs or more", "another RUN"),
    ("compare last last", "two of the runs are one", "different"),
    ("sample", "required: RUN, -o", "sample --help"),
    ("sample mars -o x.npz", "no such run", "list --runs"),
    ("sample last -o x.npz", "lacks a file", "cut off"),
    ("sample truth.npy -o x.npz", "no such run", "list --runs"),
    ("judge truth.npy", "required: TRUTH", "judge --help"),
    ("judge truth.npy nowhere.npy", "no such file or folder", "check the path"),
    ("judge truth.npy broken.py", "not read from such a file", ".npy"),
    ("judge few.npy truth.npy", "too few samples to judge (model)", "at least 10"),
    ("judge fields.npy truth.npy", "different kinds", "kind"),
    ("judge model.npy truth.npy --statistic valeus", "no 'valeus' in statistics", "did you mean 'values'?"),
    ("judge model.npy truth.npy --statistic color", "cannot read samples of kind 'vector'", "values"),
    ("judge model.npy truth.npy --seed -1", "a seed is not negative", "--seed 0"),
    ("judge model.npy truth.npy --train truth.npy", "one and the same file", "another file"),
    ("judge model.npz truth.npz --key y", "no 'y'", "--key x"),
    ("doctor --cure", "no option --cure", "doctor --help"),
]


def wrong_files(at: Path) -> None:
    (at / "broken.py").write_text("def study(")
    (at / "clash.py").write_text('"""Mine?"""\ndef study(seed: int = 3) -> None: ...\n')


@pytest.mark.parametrize(("line", "wrong", "fix"), WRONG, ids=[line for line, *_ in WRONG])
def test_a_mistake_is_told_in_words_with_its_fix(
    line: str, wrong: str, fix: str, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong_files(files)
    monkeypatch.chdir(files)
    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    assert main(line.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert wrong in err
    assert fix in err.partition("  fix:   ")[2]
    assert "Traceback" not in err
    assert main([*line.split(), "--json"]) == 2
    out, err = capsys.readouterr()
    assert err == ""
    error = json.loads(out)["error"]
    assert set(error) == {"wrong", "given", "fix"}
    assert fix in error["fix"]


def test_a_mistake_ends_with_two_and_no_traceback_in_a_fresh_process(tmp_path: Path) -> None:
    done = start("run", "sky_by_vea", at=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("there is no 'sky_by_vea'")
    assert "Traceback" not in done.stderr


def test_a_broken_run_does_not_hide_the_others(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(files)
    for name, file in (("lost", "run.json"), ("half", "verdicts.json")):
        run = Run.create(files / "runs", name, {}, 0)
        (run.folder / file).write_text("{")
    assert main(["list", "--runs", "--json"]) == 0
    rows = {row["name"].split("-")[3]: row for row in json.loads(capsys.readouterr().out)["runs"]}
    assert {name: row["state"] for name, row in rows.items()} == {
        "sky_by_vae": "failed",
        "half": "running",
        "lost": "broken",
    }
    assert "verdicts.json" in rows["half"]["error"]
    assert "run.json" in rows["lost"]["error"]
    assert main(["list", "--runs"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_failed_run_is_not_drawn_from_and_can_be_read(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(files)
    assert main(["report", "last"]) == 0
    assert "report  runs" in capsys.readouterr().out
    assert main(["cite", "last"]) == 0


# judging anybody's samples, where torch is not installed


@pytest.mark.parametrize("ending", ["npy", "npz", "csv"])
def test_files_are_judged_without_torch(ending: str, files: Path) -> None:
    words = {}
    for name in ("model", "shifted"):
        done = start("judge", f"{name}.{ending}", f"truth.{ending}", "--json", at=files, before=WITHOUT_TORCH)
        words[name] = stated(done)["verdicts"]["cells" if ending == "csv" else "values"]["word"]
    assert words["shifted"] == "differs"
    assert words["model"] != "differs"  # a law of chance, but the seed is fixed


def test_the_words_of_a_judge_are_a_line_each(files: Path) -> None:
    done = start("judge", "shifted.npy", "truth.npy", "--statistic", "values", at=files, before=WITHOUT_TORCH)
    head, line, copies, run, report = done.stdout.splitlines()
    assert copies.startswith("copies: not looked for")
    assert head == "shifted.npy against truth.npy: 60 against 60 samples"
    assert re.fullmatch(r"run     runs/[\dT-]+-judge-[0-9a-f]{4}", run)
    assert report == f"report  {run.removeprefix('run').strip()}/report.html"
    apart = r"[\d.]+ % apart \([\d.]+ to [\d.]+\)"
    assert re.match(rf"values: differs \(p [<=] [\d.e-]+, [\d.]+ × the noise floor, {apart}; would have ", line)


def test_the_doctor_sees_what_is_there_and_what_is_missing(tmp_path: Path) -> None:
    found = stated(start("doctor", "--json", at=tmp_path))
    assert found["broken"] == []
    assert "threads" in found["torch"]
    missing = start("doctor", at=tmp_path, before=WITHOUT_TORCH)
    assert missing.returncode == 0
    assert "torch     missing" in missing.stdout
    assert "SIMULACRA_DATA is not set" in missing.stdout


# a run from end to end


def test_a_run_answers_with_its_folder_verdicts_and_report(made: dict[str, Any]) -> None:
    ours, at = made["ours"], made["at"]
    assert ours["state"] == "done"
    assert (at / ours["report"]).is_file()
    assert set(ours["verdicts"]) == {"power spectrum", "pixel histogram", "copies"}
    assert ours["verdicts"]["power spectrum"]["word"] == "differs"  # after twenty steps
    assert len(ours["summary"]) == 3
    record = Run(at / ours["run"]).record
    assert record["settings"] == {"size": 8, "slope": -2.0, "latent": 32, "steps": 20}
    assert record["seed"] == 1
    assert record["question"].startswith("Can a small autoencoder")
    assert set(record["settings_help"]) == set(record["settings"])


def test_a_study_of_ones_own_runs_from_its_file(made: dict[str, Any]) -> None:
    mine, at = made["mine"], made["at"]
    assert mine["state"] == "done"
    assert mine["report"] is None
    record = Run(at / mine["run"]).record
    assert record["settings"] == {"correlation": 0.9, "steps": 5}
    assert record["source"] == "Pairs(correlation=0.9)"


def here(made: dict[str, Any], monkeypatch: pytest.MonkeyPatch, words: Sequence[str]) -> int:
    monkeypatch.chdir(made["at"])
    return main(list(words))


def test_runs_are_listed_with_their_verdicts(
    made: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert here(made, monkeypatch, ["list", "--runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert re.search(r"sky_by_vae-\w{4}  done  .*differs", lines[0])
    assert "my_study" in lines[1]


def test_a_report_is_written_anew_without_torch(made: dict[str, Any]) -> None:
    at, ours = made["at"], made["ours"]
    page = at / ours["report"]
    page.unlink()
    done = start("report", ours["run"], "--json", at=at, before=WITHOUT_TORCH)
    assert stated(done)["report"] == ours["report"]
    assert page.stat().st_size > 10_000
    assert stated(done)["summary"] == ours["summary"]


@pytest.mark.parametrize("name", ["a.npz", "a.npy", "deep/a.png"])
def test_samples_are_drawn_to_a_file(
    name: str, made: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / name
    words = ["sample", "-n", "7", made["ours"]["run"], "-o", str(out), "--seed", "3", "--json"]
    assert here(made, monkeypatch, words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert "distinguish" in answer.pop("verdict")
    assert answer == {"file": str(out), "n": 7, "kind": "field", "unit": "1", "given": {}, "draw": "noisy"}
    first = out.read_bytes()
    if name.endswith("npz"):
        drawn = Samples.read(out)
        assert (drawn.array.shape, drawn.kind) == ((7, 8, 8), "field")
        assert "VAE of run" in drawn.origin
    elif name.endswith("npy"):
        assert np.load(out, allow_pickle=False).shape == (7, 8, 8)
        assert here(made, monkeypatch, words) == 0
        assert out.read_bytes() == first
    else:
        assert first.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["-o", "a.npz", "--temperature", "2.3"], "no option --temperature"),
        (["-o", "a.npz", "-n", "0"], "at least one sample"),
        (["-o", "a.npz", "-n", "many"], "whole number, not 'many'"),
        (["-o", "a.npz", "--seed", "-1"], "not negative"),
        (["-o", "a.pkl"], "this kind of file is not written"),
        (["-o", "a.csv"], "fields are not written to such a file"),
        (["-o", "my_study.py/a.npz"], "cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    words: list[str],
    wrong: str,
    made: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert here(made, monkeypatch, ["sample", made["ours"]["run"], *words]) == 2
    assert wrong in capsys.readouterr().err
    assert not list(made["at"].glob("a.*"))


def test_vectors_are_drawn_to_a_table(
    made: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert here(made, monkeypatch, ["sample", made["mine"]["run"], "-n", "5", "-o", str(tmp_path / "a.csv")]) == 0
    assert np.loadtxt(tmp_path / "a.csv", delimiter=",").shape == (5, 2)
    assert capsys.readouterr().out.startswith(f"5 samples of kind vector in {tmp_path / 'a.csv'}\n")


def test_a_run_says_what_to_cite(
    made: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert here(made, monkeypatch, ["cite", made["ours"]["run"], "--json"]) == 0
    cited = json.loads(capsys.readouterr().out)
    assert cited["data"] == "GaussianField(size=8, box=100.0, slope=-2.0)"
    assert any("1312.6114" in method for method in cited["methods"])


def test_two_runs_are_compared_on_one_page(
    made: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", made["ours"]["run"], made["mine"]["run"], "-o", str(tmp_path / "both.html")]
    assert here(made, monkeypatch, [*words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {len(row) for row in answer["runs"].values()} == {2, 3}
    assert (tmp_path / "both.html").read_text().lstrip().lower().startswith("<!doctype html")
    assert here(made, monkeypatch, words) == 0
    assert "power spectrum" in capsys.readouterr().out


@pytest.mark.parametrize("which", ["ours", "mine"])
def test_there_is_nothing_to_resume_in_a_run_that_is_done(
    which: str, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert here(made, monkeypatch, ["resume", made[which]["run"]]) == 2
    assert "nothing to resume" in capsys.readouterr().err


def test_a_run_of_ones_own_study_is_resumed_with_its_file(
    made: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(made["at"] / made["mine"]["run"])
    weights = (run.folder / "model.safetensors").read_bytes()
    verdicts = run.verdicts
    run.close("interrupted")
    assert here(made, monkeypatch, ["resume", str(run.folder)]) == 2
    assert "--study FILE" in capsys.readouterr().err
    stated(start("resume", str(run.folder), "--study", "my_study.py", "--no-report", "--json", at=made["at"]))
    assert run.state == "done"
    assert (run.folder / "model.safetensors").read_bytes() == weights
    assert run.verdicts == verdicts


@pytest.fixture
def conditional(tmp_path: Path) -> Run:
    """A run whose model, untrained, is conditioned on a temperature."""
    torch.manual_seed(0)
    model, batch = gan.example()
    spins = batch.x[:, 0].numpy().astype(np.int8)
    x = Samples.of(spins, "lattice", given={"temperature": np.linspace(2, 3, len(spins))})
    run = Run.create(tmp_path / "runs", "mine", {}, 0)
    known, units = {"temperature": (2.0, 2.5, 3.0)}, {"temperature": "J/k"}
    Trained(model, Spins().fit(x), known, units=units).save(run)
    save_file(dict(model.state_dict()), run.folder / "model.safetensors")
    return run


def test_a_condition_is_an_option_of_sample(
    conditional: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["last", "--temperature", "2.5"], ["--temperature=2.5", "last"]):
        assert main(["sample", *words, "-n", "9", "-o", "a.npz"]) == 0
        assert "9 samples of kind lattice with temperature = 2.5" in capsys.readouterr().out
        drawn = Samples.read(tmp_path / "a.npz")
        np.testing.assert_array_equal(drawn.given["temperature"], np.full(9, 2.5))
        assert drawn.given_unit == {"temperature": "J/k"}
    assert main(["sample", "last", "-n", "30", "-o", "a.npz"]) == 0
    assert set(Samples.read(tmp_path / "a.npz").given["temperature"]) == {2.0, 2.5, 3.0}
    capsys.readouterr()
    assert main(["sample", "last", "-o", "a.npz", "--temperature", "hot"]) == 2
    assert "--temperature takes a number" in capsys.readouterr().err
    assert main(["sample", "last", "-o", "a.npz", "--temprature", "2"]) == 2
    assert "did you mean --temperature?" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["sample", "last", "--help"])
    assert "training had 2.0, 2.5, 3.0" in capsys.readouterr().out


@pytest.mark.parametrize("given", [np.ones(4), np.ones((3, 2)), "hot"], ids=["too many", "a table", "a word"])
def test_conditions_that_do_not_fit_are_told(conditional: Run, given: object) -> None:
    with pytest.raises(BadInput, match=r"^temperature "):
        load(conditional).draw(3, np.random.default_rng(0), {"temperature": given})
