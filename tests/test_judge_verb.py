"""Anybody's samples: judged into a run folder without a model, which every verb can read."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import simulacra
from command_line import WITHOUT_TORCH, start, stated
from simulacra.cli import main
from simulacra.core.errors import BadInput, BadRun
from simulacra.judging.files import judge_files
from simulacra.judging.reading import How
from simulacra.runs import Run
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.tables.cells import Cells
from simulacra.statistics.tables.values import Values


def table(path: Path, seed: int, shift: float = 0.0) -> Path:
    """Sixty rows: two numbers, a class, a condition and a group of four."""
    rng = np.random.default_rng([seed, 21])
    rows = [f"{rng.normal(shift)},{rng.normal()},{rng.choice(['red', 'blue'])},{i % 2},{i // 4}" for i in range(60)]
    path.write_text("\n".join(["mass [kg],age,color,hot,patient", *rows]) + "\n")
    return path


def pictures(folder: Path, seed: int) -> Path:
    folder.mkdir()
    rng = np.random.default_rng([seed, 22])
    for i in range(12):
        Image.fromarray(rng.integers(0, 255, (8, 8), dtype=np.uint8)).save(folder / f"{i}.png")
    return folder


def smiles(path: Path, seed: int) -> Path:
    rng = np.random.default_rng([seed, 23])
    groups = ["O", "N", "F", "Cl"]
    path.write_text("\n".join("C" * rng.integers(1, 9) + groups[rng.integers(4)] for _ in range(40)) + "\n")
    return path


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A table judged where torch is not installed, and again with another seed."""
    at = tmp_path_factory.mktemp("judged")
    for name, seed, shift in (("mine", 1, 2.0), ("truth", 2, 0.0), ("train", 3, 0.0)):
        table(at / f"{name}.csv", seed, shift)
    words = ("judge", "mine.csv", "truth.csv", "--train", "train.csv", "--json")
    runs = [stated(start(*words, "--seed", str(seed), at=at, before=WITHOUT_TORCH)) for seed in (0, 1)]
    return {"at": at, "first": runs[0], "second": runs[1]}


def test_a_judged_run_holds_everything_but_a_model(judged: dict[str, Any]) -> None:
    run = Run(judged["at"] / judged["first"]["run"])
    assert run.state == "done"
    assert set(run.judges) >= {"cells", "copies"}
    assert set(run.verdicts) == set(run.judges) | {"all together"}
    assert run.verdicts["cells"].word == "differs"
    assert list(run.samples) == ["truth", "model"]
    assert run.record["settings"] == {"samples": "mine.csv", "truth": "truth.csv", "train": "train.csv"}
    assert run.record["sizes"] == {"model": 60, "truth": 60, "train": 60}
    assert run.judges["cells"]["axis.at"].tolist() == ["mass, kg", "age", "color = blue", "hot", "patient"]


def test_the_files_are_known_again_by_their_hash(judged: dict[str, Any]) -> None:
    files = Run(judged["at"] / judged["first"]["run"]).record["files"]
    for role, name in (("model", "mine.csv"), ("truth", "truth.csv"), ("train", "train.csv")):
        data = (judged["at"] / name).read_bytes()
        assert files[role] == {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_the_report_tells_files_and_command(judged: dict[str, Any]) -> None:
    page = (judged["at"] / judged["first"]["report"]).read_text()
    assert "mine.csv against truth.csv" in page
    assert "simulacra judge mine.csv truth.csv --train train.csv --seed 0" in page
    assert hashlib.sha256((judged["at"] / "mine.csv").read_bytes()).hexdigest() in page
    assert "Training</h2>" not in page


def test_every_verb_reads_a_judged_run(
    judged: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(judged["at"])
    first, second = (judged[name]["run"] for name in ("first", "second"))
    assert main(["list", "--runs"]) == 0
    assert main(["cite", first]) == 0
    assert main(["report", first]) == 0
    assert main(["compare", first, second]) == 0
    assert "differs" in capsys.readouterr().out
    for words, wrong in (
        (["sample", first, "-o", "x.npz"], "holds no model"),
        (["resume", first], "nothing to resume"),
    ):
        assert main(words) == 2
        assert wrong in capsys.readouterr().err
    with pytest.raises(BadRun, match="holds no model"):
        simulacra.load(Run(first))


def test_the_recorded_command_judges_the_same_again(
    judged: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(judged["at"])
    command = Run(judged["first"]["run"]).record["command"].split()
    assert main([*command[1:], "--no-report", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdicts"] == judged["first"]["verdicts"]


def test_conditions_and_groups_of_a_table_are_heeded(tmp_path: Path) -> None:
    paths = {"model": table(tmp_path / "mine.csv", 1), "truth": table(tmp_path / "truth.csv", 2)}
    how = How(given=("hot",), kind="vector")
    run = judge_files(paths, how, {"values": Values()}, 0, tmp_path / "runs", {}, {})
    assert run.samples["model"].given["hot"].tolist() == [i % 2 for i in range(60)]
    run = judge_files(paths, How(group="patient"), {"cells": Cells()}, 0, tmp_path / "runs", {}, {})
    assert run.verdicts["cells"].n_model == 15


def test_a_statistics_settings_are_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, seed in (("mine", 1), ("truth", 2)):
        np.save(f"{name}.npy", np.random.default_rng(seed).normal(size=(30, 8, 8)))
    words = ["judge", "mine.npy", "truth.npy", "--statistic", "power_spectrum", "--box", "50", "--rings=3"]
    assert main([*words, "--statistic", "uniqueness", "--close", "0.1", "--no-report", "--json"]) == 0
    run = Run(json.loads(capsys.readouterr().out)["run"])
    assert set(run.verdicts) == {"power spectrum", "uniqueness"}
    expected = PowerSpectrum(50.0, 3).axis(run.samples["truth"]).at
    np.testing.assert_allclose(run.judges["power spectrum"]["axis.at"], expected)
    assert run.record["settings"]["box"] == 50.0
    assert run.record["settings"]["close"] == 0.1


def test_a_setting_that_two_statistics_share_is_one_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["judge", "--statistic", "power_spectrum", "--statistic=radial_profile", "--help"])
    helped = " ".join(capsys.readouterr().out.split())
    assert helped.count("--rings INT how many") == 1
    assert "(of power_spectrum and radial_profile alike)" in helped


@pytest.mark.parametrize(("make", "kind"), [(pictures, "picture"), (smiles, "smiles")])
def test_pictures_and_molecules_are_judged_and_drawn(
    make: Any,  # noqa: ANN401 - one of two functions
    kind: str,
    tmp_path: Path,
) -> None:
    ending = "" if kind == "picture" else ".smi"
    names = [make(tmp_path / f"{name}{ending}", seed).name for name, seed in (("mine", 1), ("truth", 2))]
    chosen = ["--statistic", {"picture": "pixel_histogram", "smiles": "validity"}[kind]]
    answer = stated(start("judge", *names, *chosen, "--size", "8", "--json", at=tmp_path, before=WITHOUT_TORCH))
    run = Run(tmp_path / answer["run"])
    assert run.samples["truth"].kind == kind
    page = (tmp_path / answer["report"]).read_text()
    assert page.count('<img src="data:image/png') >= 3  # truth, model, and which are real
    assert len(run.record["files"]["model"]["sha256"]) == 64


def test_a_missing_extra_says_how_to_get_it(tmp_path: Path) -> None:
    names = [smiles(tmp_path / f"{name}.smi", seed).name for name, seed in (("mine", 1), ("truth", 2))]
    done = start("judge", *names, at=tmp_path, before=WITHOUT_TORCH.replace("torch", "rdkit"))
    assert done.returncode == 2
    assert "pip install 'simulacra[chemistry]'" in done.stderr
    for name in ("a", "b"):
        (tmp_path / f"{name}.parquet").write_bytes(b"PAR1" + name.encode())
    done = start("judge", "a.parquet", "b.parquet", at=tmp_path, before=WITHOUT_TORCH.replace("torch", "pandas"))
    assert "pip install 'simulacra[tables]'" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_run_that_fails_keeps_its_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = {"model": table(tmp_path / "mine.csv", 1), "truth": table(tmp_path / "truth.csv", 2)}

    def no_room(*_: object, **__: object) -> None:
        raise BadInput("no room", "here", "there")

    monkeypatch.setattr("simulacra.judging.files.judge_sets", no_room)
    with pytest.raises(BadInput, match="no room"):
        judge_files(paths, How(), None, 0, tmp_path / "runs", {}, {})
    (folder,) = (tmp_path / "runs").iterdir()
    assert Run(folder).state == "failed"
    assert "no room" in Run(folder).record["why"]


@pytest.mark.parametrize(
    ("words", "wrong", "fix"),
    [
        ("mine.csv mine.csv", "one and the same file", "another file"),
        ("mine.csv truth.csv --train part.csv", "overlap", "hold the truth out"),
        ("mine.csv truth.csv --given colour", "no column 'colour'", "name one of them"),
        ("mine.csv truth.npy --group patient", "only tables have columns", "tables"),
        ("mine.csv truth.csv --statistic novelty", "looks at the training set", "--train"),
        ("mine.csv truth.csv --statistic validity", "cannot read samples of kind 'table'", "cells"),
        ("mine.csv truth.csv --statistic uniqueness --clse 3", "no option --clse", "did you mean --close?"),
        ("mine.csv truth.csv --statistic uniqueness --close much", "--close takes a number", "--close 0.05"),
        ("mine.csv mine.smi", "different kinds", "--kind"),
        ("mine.smi other.smi --statistic values", "cannot read samples of kind 'smiles'", "validity"),
        ("mine.txt truth.csv", "no such file or folder", "check the path"),
        ("mine.doc truth.csv", "not read from such a file", ".parquet"),
    ],
)
def test_mistakes_are_told_before_there_is_a_run(
    words: str,
    wrong: str,
    fix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, seed in (("mine", 1), ("truth", 2)):
        table(tmp_path / f"{name}.csv", seed)
    lines = (tmp_path / "truth.csv").read_text().splitlines()
    (tmp_path / "part.csv").write_text("\n".join([lines[0], *lines[40:20:-1]]) + "\n")
    for name, seed in (("mine", 1), ("other", 2)):
        smiles(tmp_path / f"{name}.smi", seed)
    np.save("truth.npy", np.zeros((60, 5)))
    (tmp_path / "mine.doc").write_text("words")
    assert main(["judge", *words.split()]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert wrong in lines[0]
    assert fix in lines[-1]
    assert not (tmp_path / "runs").exists()
