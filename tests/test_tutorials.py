"""The tutorials run as they stand, in their short form, and were committed with the outputs of a full one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

TUTORIALS = sorted((Path(__file__).parent.parent / "docs" / "tutorials").glob("*.ipynb"))


def test_there_are_tutorials_and_their_links_lead_somewhere() -> None:
    assert len(TUTORIALS) >= 6
    for path in TUTORIALS:
        for cell in nbformat.read(path, 4).cells:
            for part in cell.source.split("](")[1:]:
                target = part.partition(")")[0].partition("#")[0]
                assert target.startswith("http") or (path.parent / target).exists(), (path.name, target)


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_each_was_committed_with_its_outputs_and_without_errors(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells), "run it whole before it is committed"
    kinds = [output.output_type for cell in cells for output in cell.outputs]
    assert "error" not in kinds and kinds
    text = path.read_text(encoding="utf-8")
    assert len(text) < 3 * 2**20 and "/tmp/" not in text and "/root/" not in text


@pytest.mark.slow
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_each_runs_in_its_short_form(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMULACRA_TUTORIALS", "short")
    monkeypatch.setenv("PYTHONWARNINGS", os.environ.get("PYTHONWARNINGS", ""))
    notebook = nbformat.read(path, 4)
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
