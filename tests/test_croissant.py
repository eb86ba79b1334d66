"""Metadata beside a file of samples are Croissant, as mlcroissant reads it, and hold the file's digest."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulacra.core.samples import Samples
from simulacra.keeping import croissant
from simulacra.kinds.base import kinds
from simulacra.runs import Run, find

CHECK = """
import json, sys
import mlcroissant
metadata = mlcroissant.Dataset(jsonld=json.load(open(sys.argv[1]))).metadata
print(json.dumps({"errors": sorted(metadata.issues.errors), "name": metadata.name, "sets": len(metadata.record_sets)}))
"""


@pytest.fixture
def samples() -> Samples:
    return kinds()["vector"].example(5, np.random.default_rng(0))


def checked(path: Path) -> dict[str, object]:
    """What mlcroissant finds; in its own process, since what it imports warns."""
    pytest.importorskip("mlcroissant")
    run = [sys.executable, "-W", "ignore", "-c", CHECK, str(path)]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-800:]
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_table_is_described_with_its_columns(samples: Samples, tmp_path: Path) -> None:
    path = tmp_path / "drawn.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    beside = croissant.write(samples, path, "toy", "none of 3 judges distinguish it from truth", "CC-BY-4.0")
    found = checked(beside)
    assert found == {"errors": [], "name": "toy_samples", "sets": 1}
    stated = json.loads(beside.read_text(encoding="utf-8"))
    assert stated["distribution"][0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert "none of 3 judges" in stated["description"]
    assert stated["license"] == "CC-BY-4.0"


def test_the_license_is_that_of_the_models_data_and_none_is_made_up(tmp_path: Path) -> None:
    assert "simulated by this package" in croissant.license_of(find("ising"))
    assert "none is stated for this set of pictures" in croissant.license_of(find("galaxies"))
    assert croissant.license_of(Run.create(tmp_path, "bare", {}, 1)).startswith("not stated")


def test_metadata_that_lack_their_columns_file_are_found_out(samples: Samples, tmp_path: Path) -> None:
    path = tmp_path / "drawn.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    about = croissant.describe(samples, path, "toy", "", "CC0-1.0")
    about["distribution"] = []
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(AssertionError):
        assert checked(bad)["errors"] == []
