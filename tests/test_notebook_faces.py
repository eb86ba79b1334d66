"""Things show themselves in notebooks: what they are, without script, with every string escaped."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from simulacra.core.samples import Samples
from simulacra.kinds.base import kinds
from simulacra.runs import Run
from small_studies import small

KEPT = Path(__file__).parent / "runs_kept" / "2026-11-30T1852-sky_by_vae-4843"
EVIL = "<script>alert(1)</script>"


def test_a_run_shows_its_verdicts_and_pictures() -> None:
    shown = Run(KEPT)._repr_html_()
    assert shown is not None and shown.count("data:image/png;base64,") == 2
    for verdict in Run(KEPT).verdicts.values():
        assert verdict.judge in shown and verdict.word in shown


def test_a_verdict_shows_its_word_and_its_reach() -> None:
    verdict = next(iter(Run(KEPT).verdicts.values()))
    shown = verdict._repr_html_()
    assert shown is not None and verdict.word in shown and (verdict.effects or verdict.reach_words in shown)


@pytest.mark.parametrize("name", sorted(kinds()))
def test_samples_of_every_kind_show_themselves(name: str) -> None:
    x = kinds()[name].example(20, np.random.default_rng(0))
    shown = x._repr_html_()
    assert shown is not None and f"20 samples of kind {name}" in shown and "<script" not in shown
    assert "<img" in shown or "<table" in shown or x.array.ndim > 2, name


def test_a_study_shows_what_it_asks_and_of_what_it_is_made() -> None:
    shown = small()._repr_html_()
    assert shown is not None and "GaussianField(size=8" in shown and "power spectrum" in shown


def test_strings_of_strangers_are_text(tmp_path: Path) -> None:
    x = Samples.of(np.array([EVIL, "b"]), EVIL, EVIL, EVIL, {EVIL: np.array([1.0, 2.0])})
    folder = tmp_path / KEPT.name
    shutil.copytree(KEPT, folder)
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {"question": EVIL, "title": EVIL}))
    for shown in (x._repr_html_(), Run(folder)._repr_html_()):
        assert shown is not None and "<script" not in shown and "&lt;script&gt;" in shown
