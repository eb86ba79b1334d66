"""What is released is whole and agrees with itself: the wheel, the versions, and what describes the package."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def name_of(requirement: str) -> str:
    """A requirement without its version."""
    return re.split(r"[<>=!~\[; ]", requirement)[0].lower()


def test_codemeta_and_citation_agree_with_the_package() -> None:
    meta = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    for key in ("name", "version", "description", "keywords"):
        assert meta[key] == PROJECT[key], key
    assert meta["license"].endswith(f"/{PROJECT['license']}") and f"license: {PROJECT['license']}" in citation
    assert meta["programmingLanguage"]["version"] == PROJECT["requires-python"]
    assert sorted(meta["softwareRequirements"]) == sorted(name_of(one) for one in PROJECT["dependencies"])
    assert f"version: {PROJECT['version']}" in citation and f"date-released: {meta['dateModified']}" in citation


def test_the_changes_name_this_version() -> None:
    assert re.search(rf"^## {re.escape(PROJECT['version'])}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, made from a copy of what is released."""
    out, source = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    (source / "src").mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    assert any((source / "src").rglob("*.py")), "this test needs the files that git lists"
    how = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check", "--wheel-dir", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *how, "."], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return next(out.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wanted = {name.removeprefix("src/") for name in listed.split("\n") if name and (ROOT / name).is_file()}
    assert wanted and not wanted - inside, sorted(wanted - inside)[:10]
    assert sum(name.endswith("model.safetensors") for name in inside) >= 4


def test_the_wheel_works_outside_of_the_repository(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    (tmp_path / "work").mkdir()

    def said(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "simulacra", *words], cwd=tmp_path / "work", capture_output=True, text=True,
            check=False, env={**os.environ, "PYTHONPATH": str(tmp_path / "site"), "SIMULACRA_DATA": ""},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert said("--version").strip() == f"simulacra {PROJECT['version']}"
    drawn = json.loads(said("sample", "ising", "-n", "4", "--temperature", "2.3", "-o", "spins.npz", "--json"))
    assert drawn["n"] == 4 and (tmp_path / "work" / "spins.npz").is_file()
    assert "temperature" in said("show", "ising")
