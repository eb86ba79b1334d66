"""A run made before the rooms were moved still loads, draws, reports and is known to its study."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from simulacra.core.shelf import shelf
from simulacra.keeping.trained import load
from simulacra.reports.page import page
from simulacra.running.split import digest_of
from simulacra.running.study import Study
from simulacra.runs import Run

KEPT = Path(__file__).parent / "runs_kept" / "2026-11-30T1852-sky_by_vae-4843"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(shutil.copytree(KEPT, tmp_path / KEPT.name))


def test_its_model_draws_and_its_samples_are_read(run: Run) -> None:
    drawn = load(run).draw(5, np.random.default_rng(0))
    assert (drawn.kind, drawn.array.shape) == ("field", (5, 8, 8))
    assert np.isfinite(drawn.array).all()
    assert {"truth", "model", "decoder mean", "same spectrum"} <= set(run.samples)


def test_its_report_is_made(run: Run) -> None:
    text = page(run)
    assert "power spectrum" in text
    assert "differs" in text


def test_its_study_knows_it_again_and_would_resume_it(run: Run) -> None:
    settings = json.loads((run.folder / "run.json").read_text())["settings"]
    study = shelf("studies").load("sky_by_vae")(**settings)
    assert isinstance(study, Study)
    assert study.describe()["describes"] == run.record["describes"]
    assert digest_of(study.parts(run.record["seed"])) == run.record["data"]
