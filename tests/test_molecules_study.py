"""The study of molecules from SMILES to a page, as small as it can be."""

from pathlib import Path

import numpy as np
import pytest
import torch

from simulacra.core.samples import Samples
from simulacra.domains.molecules import molecule_files
from simulacra.domains.molecules.atoms import check, numbers, sizes
from simulacra.keeping.trained import load
from simulacra.models.edm import EDM
from simulacra.reports.page import page
from simulacra.sources.molecules.conformers import Conformers
from simulacra.sources.molecules.molecule_file import MoleculeFile
from simulacra.studies.molecules.molecules_by_edm import study


def test_molecules_are_drawn_judged_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    torch.manual_seed(0)
    some = study(largest=8, width=8, blocks=1, walk=9, steps=4)
    assert isinstance(some.source, Conformers)
    run = some.run(seed=1, out=tmp_path)
    assert run.state == "done"
    assert set(run.verdicts) == {*some.judges, "copies"}
    truth = run.samples["truth"]
    assert truth.kind == "molecule" and sizes(truth.array).max() <= 8
    assert run.exhibit("chain")["frames"].shape == (10, 4, 8, 4)
    shown = run.exhibit("equivariance")
    assert shown is not None and (shown["double"] < 1e-9 * shown["change"]).all()
    assert set(run.record["molecules"]["sets"]) == {"truth", "model", *some.baselines}
    trained = load(run)
    assert isinstance(trained.model, EDM)
    assert float(trained.model.counts.sum()) == run.record["sizes"]["train"]
    drawn = trained.draw(50, np.random.default_rng(0))
    check(drawn.array)
    seen = np.flatnonzero(trained.model.counts.numpy())
    assert set(sizes(drawn.array)) <= set(seen.tolist())
    again = trained.draw(50, np.random.default_rng(0))
    np.testing.assert_array_equal(drawn.array, again.array)
    text = page(run)
    assert "In space" in text and "as structural formulas" in text and "From noise to sample, moving" in text


def test_a_users_own_molecules_tell_their_elements(tmp_path: Path) -> None:
    x = Conformers(heavy=2).read()
    x = x[[i for i, text in enumerate(x.group) if text in ("CC", "C", "C=C")]]
    path = tmp_path / "own.xyz"
    path.write_text(molecule_files.to_xyz(x.array, list(x.id)))
    some = study(molecules=path, steps=2)
    assert isinstance(some.source, MoleculeFile)
    assert isinstance(some.model, EDM)
    assert some.model.elements == (1, 6) and some.model.seats == 8
    batch = some.view.fit(some.source.read()).forward(some.source.read())
    assert batch.x.shape == (3, 8, 5)
    assert some.model.loss(batch)["denoising"].isfinite().all()


def test_what_is_drawn_is_written_and_read_again(tmp_path: Path) -> None:
    x = Conformers(heavy=2).read()
    x.write(tmp_path / "some.npz")
    back = Samples.read(tmp_path / "some.npz")
    np.testing.assert_array_equal(numbers(back.array), numbers(x.array))
    assert back.kind == "molecule" and back.unit == "Å"
