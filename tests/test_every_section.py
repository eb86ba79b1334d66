"""What holds for every section of a report: it says of what it is and where it stands, and spoils no page."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.core.verdict import Verdict
from simulacra.reports.page import page, sections
from simulacra.reports.sections.base import Page
from simulacra.runs import Run

ROOM = "reports/sections"


def judged(root: Path, kind: str = "field") -> Run:
    """A small run with a verdict and samples of a kind."""
    rng = np.random.default_rng(1)
    run = Run.create(root, "judged", {"size": 8}, 1, {"title": "Judged", "cost": {"draw": 1.0}})
    run.keep_samples({who: Samples.of(rng.standard_normal((12, 8, 8)), kind) for who in ("truth", "model")})
    given = Verdict("power", "unsure", 0.4, 0.4, 1.1, None, "would have missed even twice the power", 0.1, 12, 12)
    run.keep_verdicts({"model": {"power": given}})
    run.log({"step": 1, "seconds": 0.1, "losses": {"vae/kl": 1.0}, "gradient": {}})
    run.close("done")
    return run


def test_every_section_says_of_what_it_is_and_where_it_stands() -> None:
    found = sections()
    assert len(found) == len(shelf(ROOM).names())
    assert [entry.error for entry in shelf(ROOM).entries() if entry.error] == []
    places = [module.PLACE for module in found]
    assert places == sorted(set(places)), "two sections stand in one place"
    assert all(module.OF for module in found)


def test_page_names_no_section() -> None:
    text = (Path(__file__).parent.parent / "src/simulacra/reports/page.py").read_text(encoding="utf-8")
    for name in shelf(ROOM).names():
        assert f"import {name}" not in text
        assert f"sections.{name}" not in text


@pytest.mark.parametrize("name", shelf(ROOM).names())
def test_a_run_without_anything_of_it_has_no_such_section_or_a_whole_one(name: str, tmp_path: Path) -> None:
    bare = Page(Run.create(tmp_path, "bare", {}, 1))
    module = next(m for m in sections() if m.__name__.endswith(f".{name}"))
    module.section(bare)
    assert bare.skipped == []


SPOILED = {
    "verdicts.json": (b"[1, 2]", "verdicts.json"),
    "samples.npz": (b"PK\x03\x04 rubbish", "samples.npz"),
    "metrics.jsonl": (b"[1, 2]\n", "metrics.jsonl"),
    "judges/power.npz": (b"rubbish", "what the judges saw"),
    "exhibits/path.npz": (b"rubbish", "exhibit path"),
    "exhibits/anomalies.npz": (b"rubbish", "exhibit anomalies"),
    "denoising.json": (b'{"methods": {"model": 1}, "beside": 2}', "denoising.json"),
}


@pytest.mark.parametrize("file", SPOILED)
def test_a_spoiled_part_is_skipped_with_a_line_and_the_rest_is_shown(file: str, tmp_path: Path) -> None:
    run = judged(tmp_path)
    content, said = SPOILED[file]
    (run.folder / file).parent.mkdir(exist_ok=True)
    (run.folder / file).write_bytes(content)
    text = page(run)
    if file == "metrics.jsonl":  # a line that says nothing is passed over, and the rest of the log is shown
        assert "of metrics.jsonl line 1 cannot be read: passed over, and kept" in text
        return
    assert "could not be shown" in text
    assert f"{said}" in text.partition("could not be shown")[2].partition("</section>")[0]
    assert "To make it again" in text


@pytest.mark.parametrize(
    "entry", ["cost", "settings", "expect", "baselines", "references", "alarms", "classes", "model"]
)
def test_a_strange_entry_of_the_record_spoils_no_page(entry: str, tmp_path: Path) -> None:
    run = judged(tmp_path)
    path = run.folder / "run.json"
    strange: dict[str, object] = {"alarms": [3, "x"], "settings": {"a": [1, {"b": 2}]}}
    record = json.loads(path.read_text(encoding="utf-8")) | {entry: strange.get(entry, {"x": {"y": 1}})}
    path.write_text(json.dumps(record), encoding="utf-8")
    assert "Verdict" in page(run)


def test_what_a_kind_does_not_offer_is_said(tmp_path: Path) -> None:
    text = page(judged(tmp_path / "own", kind="knots"))
    for words in ("none are known for samples of kind knots", "Copying was not looked for", "are not pictured here"):
        assert words in text
    text = page(judged(tmp_path / "field"))
    for words in ("none are known for samples", "are not pictured here"):
        assert words not in text


def test_truth_that_a_user_gave_is_not_said_to_be_unseen(tmp_path: Path) -> None:
    study = judged(tmp_path / "study")
    given = judged(tmp_path / "given")
    given.update(study="judge")
    assert "Samples that no training has seen." in page(study) and "true samples that were given" not in page(study)
    assert "The true samples that were given." in page(given)
    assert "Samples that no training has seen." not in page(given)
