"""A molecule model told a property that most molecules lack: kept, shipped, and drawn from with it and without."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.core.files import read_json
from simulacra.core.samples import Array
from simulacra.core.verdict import Verdict
from simulacra.domains.molecules import molecule_files
from simulacra.keeping.card import markdown
from simulacra.keeping.known import STANDING, choose, seen, span
from simulacra.keeping.shipping import ship
from simulacra.keeping.trained import Trained, load
from simulacra.models.edm import example
from simulacra.runs import Run
from simulacra.studies.molecules.molecules_by_edm import study
from simulacra.views.atoms import Atoms


def gaps() -> Array:
    """Of a thousand molecules, of which a fifth has one."""
    rng = np.random.default_rng(0)
    return np.where(rng.random(1000) < 0.2, rng.normal(7.0, 1.0, 1000), np.nan)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    model, batch = example()
    model.count(batch)
    view = Atoms((1, 6, 8), {"gap": {"center": 7.0, "scale": 1.0}})
    run = Run.create(tmp_path / "runs", "molecules", {}, 3, {"title": "A test.", "references": ["A (2020), arXiv:1"]})
    run.update(sizes={"train": 1000}, describes={"budget": "Budget(2)"}, seconds=90.0, data="ab12", origin="some")
    Trained(model, view, {"gap": seen(gaps())}, "EDM of a run", {"gap": "eV"}).save(run)
    save_file(dict(model.state_dict()), run.folder / "model.safetensors")
    run.keep_verdicts({"model": {"size": Verdict("size", "differs", 0.01, 0.01, 4.2, 0.02, "2%", 0.04, 9, 9)}})
    run.close("done")
    return ship(run, tmp_path / "molecules", "free to use")


def test_what_a_model_has_seen_of_a_property_is_a_few_numbers_and_that_it_may_be_missing(shipped: Path) -> None:
    values = read_json(shipped / "model.json")["conditions"]["gap"]
    assert values[-1] is None
    some = np.array(values[:-1])
    known = gaps()[np.isfinite(gaps())]
    assert len(known) > len(some) or len(some) == len(np.unique(known))
    assert (some.min(), some.max()) == pytest.approx((known.min(), known.max()))
    assert "eV" in markdown(read_json(shipped / "card.json")) and "or none" in (shipped / "card.md").read_text()


def test_many_numbers_are_told_by_some_of_their_law() -> None:
    values = np.random.default_rng(1).normal(size=26_075)
    some = seen(values)
    assert len(some) == STANDING and None not in some
    below = [(values <= value).mean() for value in some]  # as many between each two, but for rounding to one of them
    np.testing.assert_allclose(below, np.linspace(0, 1, STANDING), atol=2 / len(values))
    assert span(some) == f"{min(some):g} to {max(some):g}"
    assert seen(np.array(["E", "S", "E"])) == ("E", "S")
    assert set(choose((1.0, 2.0), 50, np.random.default_rng(0))) == {1.0, 2.0}
    assert np.isnan(choose((1.0, None), 5, np.random.default_rng(0))).all()


def test_without_the_property_it_draws_as_if_it_were_hidden(shipped: Path) -> None:
    trained = load(shipped)
    plain = trained.draw(8, np.random.default_rng(1))
    hidden = trained.draw(8, np.random.default_rng(1), {"gap": np.full(8, np.nan)})
    asked = trained.draw(8, np.random.default_rng(1), {"gap": 9.0})
    assert np.isnan(plain.given["gap"]).all() and (asked.given["gap"] == 9.0).all()
    np.testing.assert_array_equal(plain.array, hidden.array)
    assert not np.array_equal(plain.array, asked.array)
    with pytest.raises(BadInput, match="must be a number"):
        trained.draw(2, np.random.default_rng(1), {"gap": "wide"})


def test_a_study_draws_without_what_some_of_its_molecules_lack(shipped: Path) -> None:
    trained = load(shipped)
    some = replace(study(steps=2), model=trained.model, baselines={})
    truth = trained.draw(40, np.random.default_rng(2))
    known, parts = truth.but(given={"gap": np.full(40, 7.0)}), {"truth": truth.but(given={"gap": gaps()[:40]})}
    assert np.isnan(parts["truth"].given["gap"]).any()
    assert np.isnan(some.draw(trained, parts, 0)["model"].given["gap"]).all()
    asked = some.draw(trained, {"truth": known}, 0)["model"]
    assert (asked.given["gap"] == 7.0).all()


def test_molecules_of_a_gap_are_written_from_the_command_line(
    shipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in (["--gap", "7.0"], []):
        out = tmp_path / "mols.sdf"
        assert main(["sample", str(shipped), "-n", "9", "--seed", "3", "-o", str(out), "--json", *more]) == 0
        stated = json.loads(capsys.readouterr().out)
        assert stated["n"] == 9 and stated["given"] == ({"gap": 7.0} if more else {})
        assert len(molecule_files.read(out, generated=True).x) == 9
