"""The recipes of docs/extending.md are tried as they stand: written into a copy of the package, found, run, tested."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import simulacra
from simulacra.core.shelf import read_entry, shelf

SOURCE = Path(simulacra.__file__).parent
DOCS, TESTS = SOURCE.parents[1] / "docs", Path(__file__).parent
RECIPES = dict(
    re.findall(r"```python\n# src/simulacra/(\S+)\n(.*?)```", (DOCS / "extending.md").read_text(), re.DOTALL)
)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the recipes' files in it; nothing else is changed."""
    at = tmp_path_factory.mktemp("extended")
    leave = shutil.ignore_patterns("__pycache__", "*.safetensors")
    shutil.copytree(SOURCE, at / "simulacra", ignore=leave)
    for name, text in RECIPES.items():
        path = at / "simulacra" / name
        assert not path.exists(), "a recipe adds, and replaces nothing"
        path.write_text(text)
    for name in ("model", "truth"):
        points = np.random.default_rng(len(name)).standard_normal((80, 2))
        np.save(at / f"{name}.npy", points * (1.5 if name == "model" else 1.0))
    return at


def run(package: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(package), str(TESTS)])},
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_there_is_a_recipe_for_a_statistic_a_model_a_science_and_a_verb() -> None:
    assert [name.partition("/")[0] for name in RECIPES] == ["statistics", "models", "sources", "studies", "verbs"]


@pytest.mark.parametrize("name", RECIPES)
def test_the_shelf_reads_each_file(name: str, package: Path) -> None:
    room = name.partition("/")[0]
    entry = read_entry(package / "simulacra" / name, shelf(room).wants)
    assert entry.error is None
    assert entry.question
    assert room == "verbs" or all(setting.help for setting in entry.settings)


def test_the_statistic_judges_files(package: Path) -> None:
    words = ("judge", "model.npy", "truth.npy", "--statistic", "radius_of_points", "--no-report", "--json")
    stated = json.loads(run(package, "-m", "simulacra", *words))
    assert stated["verdicts"]["radius of points"]["word"] == "differs"


def test_the_study_runs_and_the_verb_measures_its_folder(package: Path) -> None:
    stated = json.loads(
        run(package, "-m", "simulacra", "run", "spiral_by_plain_gaussian", "--steps", "60", "--no-report", "--json")
    )
    assert stated["verdicts"]["radius"]["word"] == "differs"
    assert "in all" in run(package, "-m", "simulacra", "space")
    assert json.loads(run(package, "-m", "simulacra", "space", "--json"))["bytes"] > 1000


def test_the_generic_tests_find_and_pass_what_was_added(package: Path) -> None:
    """No test is edited: they read the shelves."""
    files = ("statistic", "model", "source", "study", "shelf")
    out = run(
        *(package, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(TESTS)),
        *(f"{TESTS}/test_every_{what}.py" for what in files),
        *("-k", "radius_of_points or plain_gaussian or spiral"),
    )
    passed = re.search(r"(\d+) passed", out)
    assert passed, out[-500:]
    assert int(passed[1]) >= 40
    assert "failed" not in out


def test_the_glossary_has_its_words() -> None:
    words = re.findall(r"^\*\*(\w+)\.\*\*", (DOCS / "glossary.md").read_text(), re.MULTILINE)
    assert words == [
        "Judge",
        "Verdict",
        "Reach",
        "Floor",
        "Apart",
        "Control",
        "Exhibit",
        "Kind",
        "View",
        "Study",
        "Run",
    ]


@pytest.mark.parametrize("name", shelf("models").names())
def test_show_prints_the_example_of_every_model(name: str) -> None:
    from simulacra.verbs.show import example

    text = example(shelf("models").entry(name).path)
    assert text.startswith("def example() -> tuple[")
    assert "return" in text
    compile(text, name, "exec")
