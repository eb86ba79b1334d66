"""Strings under properties, and of another law than the model's own: what is asked is told, drawn, and shown."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.diffusion.properties import Properties
from simulacra.domains.molecules.stated_properties import PROPERTIES, stated_properties
from simulacra.exhibits.properties_obtained import PropertiesObtained, columns, nearest
from simulacra.keeping.strings_drawn import draw_strings, likeliest_strings
from simulacra.keeping.trained import Trained, load
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.token_reader import TokenReader
from simulacra.reports.sections.base import Page
from simulacra.reports.sections.obtained import rows, section
from simulacra.runs import Run
from simulacra.sources.molecules.joined_fragments import JoinedFragments
from simulacra.sources.molecules.measured_molecules import MeasuredMolecules
from simulacra.studies.molecules.smiles_by_lstm_conditional import informed
from simulacra.training.checkpoint import write_weights
from simulacra.views.strings import Strings

WORLD = JoinedFragments(rings=1).draw(120, np.random.default_rng(0))
TOLD = Properties(("logP", "rings"))


def test_the_properties_are_rdkits_of_known_molecules() -> None:
    """Aspirin: logP 1.31, QED 0.550, 180.16 Da, one ring; what is no molecule has none."""
    found = stated_properties(np.array(["CC(=O)Oc1ccccc1C(=O)O", "C("]))
    assert found[0] == pytest.approx([1.310, 0.550, 180.16, 1], abs=2e-3) and np.isnan(found[1]).all()


def test_some_molecules_are_taken_each_once_whatever_their_order() -> None:
    class Listed:
        def __init__(self, texts: list[str]) -> None:
            self.texts = np.array(texts)

        def read(self) -> Samples:
            return Samples.of(self.texts, "smiles", "1", "a list", None, self.texts)

    texts = ["C" * (k + 1) + "O" for k in range(30)]
    some, again = (MeasuredMolecules(Listed(t), 12).read() for t in (texts, texts[::-1]))
    assert sorted(some.array) == sorted(again.array) and len(some) == 12
    assert some.given["weight"] == pytest.approx([14.027 * (len(t) - 1) + 18.015 for t in some.array], abs=0.1)
    assert some.given_unit == {"weight": "Da"} and not some.given["rings"].any()
    drawn = MeasuredMolecules(JoinedFragments(1), 80).read()
    assert len(set(drawn.array.tolist())) == len(drawn) == len(set(drawn.id.tolist()))
    with pytest.raises(BadInput, match="stated number"):
        MeasuredMolecules(JoinedFragments(), 0)


def test_the_nearest_is_found_in_units_of_the_spread() -> None:
    known = np.array([[0.0, 0.0], [1.0, 500.0], [2.0, 0.0]])
    scaled = known / known.std(0)
    asked = np.array([[1.1, 400.0]])
    far = ((asked / known.std(0) - scaled) ** 2).sum(1)
    assert nearest(known, asked)[0] == far.argmin()


def taught(folder: Path, *, told: bool) -> tuple[Trained, Run]:
    """A model after a second of training: hardly any of its strings is a molecule."""
    torch.manual_seed(0)
    view = Strings().fit(WORLD.but(given={n: np.zeros(len(WORLD)) for n in TOLD.names} if told else {}))
    network = TokenReader(len(view.tokens), 16, 64, numbers=4 if told else 0)
    model = TokenSequence(network, view.length, conditioning=TOLD if told else None)
    known: dict[str, tuple[float | None, ...]] = dict.fromkeys(TOLD.names, (0.0, 5.0, None)) if told else {}
    if told:
        nn.init.normal_(network.tell.weight)
    trained = Trained(model.eval(), view, known, "a test", {})
    run = Run.create(folder, "strings", {}, 0, {})
    trained.save(run)
    write_weights(run.folder, model.state_dict())
    return trained, run


def test_a_model_without_properties_is_told_them_and_draws_as_before(tmp_path: Path) -> None:
    _, run = taught(tmp_path, told=False)
    view, model = informed(str(run.folder), Properties(tuple(PROPERTIES)))
    old = load(run).model
    x = view.forward(WORLD[:8]).x
    with torch.no_grad():
        plain = old.log_prob(x)  # type: ignore[operator]
        torch.testing.assert_close(model.log_prob(x, {"QED": torch.ones(8)}), plain)
    _, other = taught(tmp_path, told=True)
    with pytest.raises(BadInput, match="told none"):
        informed(str(other.folder), TOLD)


def test_what_was_asked_and_obtained_stands_on_the_page(tmp_path: Path) -> None:
    """A generator that obeys is off by what the nearest molecule is; one that does not, by the spread."""

    class Obeying(Trained):
        def draw(
            self, n: int, rng: np.random.Generator | None = None, given: Mapping[str, Any] | None = None
        ) -> Samples:
            measured, chance = columns(train), np.random.default_rng(1)
            if not given:
                return train[chance.integers(len(train), size=n)]
            at = [list(PROPERTIES).index(name) for name in given]
            asked = np.stack([given[name] for name in given], 1)
            return train[nearest(measured[:, at], asked)]

    train = MeasuredMolecules(JoinedFragments(), 150).read()
    truth = MeasuredMolecules(JoinedFragments(2), 40).read()
    trained, run = taught(tmp_path, told=False)
    obeying = Obeying(trained.model, trained.view)
    looked = PropertiesObtained(each=8, together=20)(obeying, {"train": train, "truth": truth}, run, 0)
    assert len(looked["nearest training molecule"]) == len(truth)
    seen = {name: np.asarray(value) for name, value in (run.exhibit("obtained") or {}).items()}
    alone = np.abs(seen["alone"] - seen["rungs"][:, :, None]).mean((1, 2))
    free = np.abs(seen["free"] - np.repeat(seen["rungs"], 8, 1).T).mean(0)
    assert bool((alone < free / 3).all())
    np.testing.assert_allclose(seen["together"], seen["nearest"])
    assert len(rows(seen)) == 8 and seen["counts"][2] == 0
    part = section(Page(run))
    assert part is not None and "Each asked alone: logP off by" in part.values["part"]["sentence"]


def test_a_cold_law_and_a_beam_draw_likely_strings(tmp_path: Path) -> None:
    trained, run = taught(tmp_path, told=True)
    model = trained.model
    assert isinstance(model, TokenSequence)
    rng = np.random.default_rng(0)
    nats = []
    for heat in (0.3, 1.0):
        x = trained.view.forward(draw_strings(trained, 300, rng, temperature=heat)).x
        x = x[x.any(1)]
        with torch.no_grad():
            nats.append(float((model.log_prob(x) / (1 + (x > 0).sum(1))).mean()))
    assert nats[0] > nats[1]
    found, worth = likeliest_strings(trained, 5, 8, {"logP": 2.0})
    assert bool((np.diff(worth) <= 0).all()) and len(set(found.array.tolist())) == len(found)
    out = tmp_path / "x.smi"
    main(["sample", str(run.folder), "-n", "5", "-o", str(out), "--beam", "8", "--logP", "2.0", "--json"])
    assert out.read_text().split() == found.array.tolist()
    for wrong in (["--top-p", "1.5"], ["--temperature", "0"], ["--beam", "8", "--top-p", "0.5"], ["--beam", "3"]):
        assert main(["sample", str(run.folder), "-n", "5", "-o", str(out), *wrong]) == 2
