"""A new science is at most eight files and no edit elsewhere, and is served in full: letters by a Markov chain."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import simulacra

HERE = Path(__file__).parent
NEW = HERE / "letters"
GENERIC = ("kind", "statistic", "source", "view", "model", "study")

MADE = """
import sys, pathlib
import numpy as np
from simulacra.kinds.base import kinds
kind = kinds()["letters"]
kind.write(kind.example(80, np.random.default_rng(int(sys.argv[2]))), pathlib.Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the new files on its shelves."""
    folder = tmp_path_factory.mktemp("science")
    ignored = shutil.ignore_patterns("__pycache__", "*.safetensors")
    shutil.copytree(Path(simulacra.__file__).parent, folder / "src" / "simulacra", ignore=ignored)
    shutil.copytree(NEW, folder / "src" / "simulacra", dirs_exist_ok=True)
    return folder


def call(folder: Path, *words: str) -> Any:  # noqa: ANN401 - JSON
    """A command on that copy, its answer as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "simulacra", *words, "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_it_takes_at_most_eight_files() -> None:
    files = [path for path in NEW.rglob("*.py") if "__pycache__" not in path.parts]
    assert len(files) <= 8


def test_it_runs_from_the_shelf_and_is_served_in_full(package: Path) -> None:
    assert "letters" in [entry["name"] for entry in call(package, "list", "kinds")["entries"]]
    stated = call(
        package,
        "run",
        "letters_by_chain",
        "--seed",
        "1",
        "--steps",
        "150",
        "--length",
        "24",
        "--out",
        str(package / "runs"),
    )
    run = Path(stated["run"])
    words = json.loads((run / "verdicts.json").read_text())
    assert {"letter pairs", "coverage", "copies"} <= set(words["verdicts"]["model"])
    assert {"copycat", "collapsed", "blurred", "shifted"} <= set(words["controls"])
    page = (run / "report.html").read_text()
    assert "A square a letter" in page  # its pictures
    assert "one letter in two drawn anew" in page  # its controls
    drawn = package / "drawn.letters"
    call(package, "sample", str(run), "-n", "60", "-o", str(drawn), "--seed", "3")
    assert len(drawn.read_text().split()) == 60
    call(package, "sample", str(run), "-n", "16", "-o", str(package / "sheet.png"), "--seed", "3")
    truth, train = package / "truth.letters", package / "train.letters"
    for path, seed in ((truth, 1), (train, 2)):
        subprocess.run(
            [sys.executable, "-c", MADE, str(path), str(seed)],
            env={**os.environ, "PYTHONPATH": str(package / "src")},
            check=True,
        )
    judged = call(package, "judge", str(drawn), str(truth), "--train", str(train), "--out", str(package / "runs"))
    assert {"letter pairs", "copies"} <= set(judged["verdicts"])


def test_it_inherits_the_generic_tests(package: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-k",
            "letter",
            *(str(HERE / f"test_every_{shelf}.py") for shelf in GENERIC),
        ],
        cwd=HERE.parent,
        env={**os.environ, "PYTHONPATH": str(package / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    for shelf in GENERIC:
        assert f"test_every_{shelf}" not in done.stdout  # -q names only those with failures
    counted = done.stdout.rsplit("\n", 2)[-2]
    assert "passed" in counted or done.stdout.count(".") > 40
