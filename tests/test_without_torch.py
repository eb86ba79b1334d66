"""Whoever judges, reads and reports needs no torch; whatever trains or draws says in one line what brings it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from simulacra.cli import main
from simulacra.core import errors
from simulacra.core.errors import EXTRAS, MissingExtra, needs
from simulacra.core.shelf import shelf

SOURCE = Path(errors.__file__).parents[1]
PROJECT = SOURCE.parents[1] / "pyproject.toml"
READERS = [
    *("core", "domains", "sources", "statistics", "baselines", "comparison", "judging", "skill", "pictures", "reports"),
    "verbs",
    "studio",
]
BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "lightning_fabric", "safetensors", "gpytorch", "numba"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
"""
"""The packages of the extra `make` cannot be imported after this, as where they are not installed."""

JUDGED = """
import json, pathlib, sys
from simulacra.cli import main
import contextlib, io
def say(*words):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = main([*words, "--json"])
    return code, json.loads(out.getvalue())
"""


def run_without(code: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCK + code], capture_output=True, text=True, check=False, cwd=at, timeout=300
    )


def test_every_module_that_reads_imports_without_torch(tmp_path: Path) -> None:
    modules = [path for room in READERS for path in sorted(SOURCE.glob(f"{room}/**/*.py"))]
    names = [
        ".".join(("simulacra", *path.relative_to(SOURCE).with_suffix("").parts))
        for path in (SOURCE / "cli.py", SOURCE / "runs.py", *modules)
    ]
    assert len(names) > 150
    code = f"""
import importlib
from simulacra.core.errors import MissingExtra
compiled = []
for name in {names!r}:
    try:
        importlib.import_module(name)
    except MissingExtra as missing:
        assert "'compiled'" in missing.wrong, (name, missing)
        compiled.append(name)
    for heavy in ("torch", "lightning_fabric", "safetensors"):
        assert heavy not in sys.modules, name
assert 0 < len(compiled) < 30, compiled  # volumes, light of stars, and simulators of spins, spheres and showers
"""
    done = run_without(code, tmp_path)
    assert done.returncode == 0, done.stderr


def test_judging_reading_and_reporting_are_whole_without_torch(tmp_path: Path) -> None:
    """judge, report, list, show, cite and compare, from files to pages, where torch cannot be imported."""
    rng = np.random.default_rng(0)
    for name in ("model", "truth"):
        np.save(tmp_path / f"{name}.npy", rng.standard_normal((60, 3)))
    code = (
        JUDGED
        + """
runs = []
for seed in ("1", "2"):
    code, told = say("judge", "model.npy", "truth.npy", "--seed", seed)
    assert code == 0, told
    runs.append(told["run"])
    assert pathlib.Path(told["report"]).stat().st_size > 10_000
for words in (["report", runs[0]], ["list"], ["list", "models"], ["list", "--runs"], ["show", "ising_by_gan"],
              ["show", "galaxies"], ["cite", runs[0]], ["compare", *runs], ["doctor"]):
    code, told = say(*words)
    assert code == 0 and "error" not in told, (words, told)
assert len(say("list", "--runs")[1]["runs"]) == 2
assert pathlib.Path("comparison.html").stat().st_size > 5_000
"""
    )
    done = run_without(code, tmp_path)
    assert done.returncode == 0, done.stderr


WORDS = [
    ["run", "ising_by_gan"],
    ["sample", "ising", "-o", "x.npz"],
    ["denoise", "DENOISER", "traces.npy", "-o", "x.npy"],
    ["ship", "ising", "-o", "mine", "--license", "MIT"],
    ["resume", "STOPPED"],
]
"""Verbs that train or draw."""


@pytest.mark.parametrize("words", WORDS, ids=[words[0] for words in WORDS])
def test_a_verb_that_trains_or_draws_says_which_extra_it_needs(words: list[str], tmp_path: Path) -> None:
    np.save(tmp_path / "traces.npy", np.zeros((2, 500)))
    from simulacra.core.shelf import SHIPPED
    from simulacra.runs import Run

    stopped = Run.create(tmp_path / "runs", "ising_by_gan", {}, 0)
    stopped.close("interrupted", "by hand")
    denoiser = Run.create(tmp_path / "runs", "radio_by_denoiser", {}, 0)
    (denoiser.folder / "model.json").write_text((SHIPPED / "ising" / "model.json").read_text())
    (denoiser.folder / "denoising.json").write_text("{}")
    asked = [{"STOPPED": str(stopped.folder), "DENOISER": str(denoiser.folder)}.get(word, word) for word in words]
    done = run_without(JUDGED + f"print(json.dumps(say(*{asked!r})))", tmp_path)
    assert done.returncode == 0, done.stderr
    code, stated = json.loads(done.stdout)
    assert code == 2
    assert "the optional extra 'make'" in stated["error"]["wrong"]
    assert stated["error"]["fix"] == "pip install 'simulacra[make]'"
    assert not (tmp_path / words[-1]).exists()


def test_every_verb_is_known_to_need_torch_or_not() -> None:
    """A new verb says on which side it stands."""
    reading = {"judge", "report", "list", "show", "cite", "compare", "doctor"}
    assert set(shelf("verbs").names()) >= {words[0] for words in WORDS} | reading


def test_the_face_says_what_it_needs(tmp_path: Path) -> None:
    code = """
import simulacra
from simulacra.core.errors import MissingExtra
assert simulacra.judge and simulacra.Samples and simulacra.Run and simulacra.Judge and simulacra.Verdict
for name in ("Study", "load"):
    try:
        getattr(simulacra, name)
    except MissingExtra as missing:
        assert "pip install 'simulacra[make]'" in str(missing), missing
    else:
        raise SystemExit(f"{name} needs no torch: say so in the README")
"""
    done = run_without(code, tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_core_asks_for_nothing_that_makes() -> None:
    project = tomllib.loads(PROJECT.read_text())["project"]
    heavy = ("torch", "lightning", "safetensors", "gpytorch", "numba")
    assert not [need for need in project["dependencies"] if need.startswith(heavy)]
    assert sorted(need.partition(">")[0] for need in project["optional-dependencies"]["make"]) == [
        "lightning-fabric",
        "numba",
        "safetensors",
        "torch",
    ]


def test_every_extra_that_errors_name_can_be_installed() -> None:
    offered = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    assert set(EXTRAS) <= set(offered)
    assert set(offered) - set(EXTRAS) <= {"dev", "bench", "docs"}


def test_an_extra_that_is_there_is_not_asked_for() -> None:
    needs("make")
    with pytest.raises(MissingExtra, match="'make'"), pytest.MonkeyPatch.context() as patch:
        patch.setitem(EXTRAS, "make", (("torch", "no_such_package"), "training"))
        needs("make")


def test_help_and_lists_are_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "extra     make" in capsys.readouterr().out
