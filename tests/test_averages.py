"""Averages of runs side by side: the means of named features, truth's once where it is one."""

from pathlib import Path

import numpy as np
import pytest

from simulacra.core.samples import Samples
from simulacra.judging.files import judge_files
from simulacra.judging.reading import How
from simulacra.reports.compare import compare, names_of
from simulacra.reports.sections.averages import averages, one_truth
from simulacra.runs import Run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    folder = tmp_path_factory.mktemp("judged")
    rng = np.random.default_rng(0)
    for name, shift, n in (("truth", 0.0, 60), ("a", 0.0, 40), ("b", 1.0, 40)):
        x = rng.normal(shift, 1, (n, 2))
        Samples.of(x, "vector", {"height": "m", "weight": "kg"}).write(folder / f"{name}.npz")
    return [
        judge_files(
            {"model": folder / f"{name}.npz", "truth": folder / "truth.npz"},
            How(),
            None,
            0,
            folder,
            {"samples": str(folder / f"{name}.npz"), "truth": str(folder / "truth.npz")},
            {},
        )
        for name in ("a", "b")
    ]


def test_means_are_those_of_the_samples(runs: list[Run]) -> None:
    table = next(each for each in averages(runs) if each.judge == "values")
    assert one_truth(runs) and len(table.rows) == 2
    for i, (_, cells) in enumerate(table.rows):
        truth, a, b = (float(cell.split(" ± ")[0].replace("−", "-")) for cell in cells)
        assert truth == pytest.approx(runs[0].judges["values"]["features.truth"][:, i].mean(), abs=0.005)
        assert a == pytest.approx(runs[0].judges["values"]["features.model"][:, i].mean(), abs=0.005)
        assert b > a and float(cells[2].split(" ± ")[1]) == pytest.approx(1 / np.sqrt(40), rel=0.5)


def test_the_page_names_the_files_and_shows_the_means(runs: list[Run]) -> None:
    assert names_of(runs) == ["a.npz", "b.npz"]
    page = compare(runs)
    assert "In numbers" in page and "± " in page and page.count("a.npz") >= 3


def test_each_run_has_its_own_truth_beside_it_where_truths_differ(runs: list[Run], tmp_path: Path) -> None:
    other = Samples.of(np.random.default_rng(5).normal(0, 1, (50, 2)), "vector", {"height": "m", "weight": "kg"})
    other.write(tmp_path / "other.npz")
    paths = {"model": Path(str(runs[0].record["settings"]["samples"])), "truth": tmp_path / "other.npz"}
    third = judge_files(paths, How(), None, 0, tmp_path, {"samples": str(paths["model"])}, {})
    both = [runs[1], third]
    assert not one_truth(both)
    assert all("(truth " in cell for each in averages(both) for _, cells in each.rows for cell in cells)
