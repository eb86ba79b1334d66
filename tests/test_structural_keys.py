"""Structural keys: what they are, the two autoencoders of them, and properties asked for."""

from pathlib import Path

import numpy as np
import pytest
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules.structural_keys import KEYS, keyed
from simulacra.exhibits.keys_asked import show_keys_asked
from simulacra.keeping.trained import Trained
from simulacra.models.aae import AAE
from simulacra.models.base import Batch
from simulacra.models.conditional_vae import ConditionalVAE
from simulacra.networks.mlp import MLP
from simulacra.reports.sections import keys_asked
from simulacra.reports.sections.base import Page
from simulacra.runs import Run
from simulacra.sources.molecules.structural_key_library import StructuralKeyLibrary
from simulacra.statistics.molecules.key_sums import KeySums
from simulacra.views.flat import Flat


def test_keys_and_properties_are_those_of_the_molecule() -> None:
    x, given, kept = keyed(["CCO", "C(", "c1ccccc1Br"])
    assert x.shape == (2, KEYS) and kept == [0, 2]
    assert x[0, 163] == 1  # oxygen
    assert x[1, 45] == 1 and x[0, 45] == 0  # bromine
    assert given["weight"][0] == pytest.approx(46.07, abs=0.01)


def test_a_library_takes_so_many_whatever_their_order(tmp_path: Path) -> None:
    texts = ["C" * n + "O" for n in range(1, 9)]
    (tmp_path / "a.smi").write_text("\n".join(texts))
    (tmp_path / "b.smi").write_text("\n".join(texts[::-1]))
    first, other = (StructuralKeyLibrary(tmp_path / f"{name}.smi", most=3).read() for name in "ab")
    assert len(first) == 3 and set(first.id) == set(other.id)
    with pytest.raises(BadInput, match="not negative"):
        StructuralKeyLibrary(tmp_path / "a.smi", most=-1)


def test_a_critic_learns_nothing_from_the_decoder_nor_moves_the_encoder() -> None:
    model = AAE(MLP(7, 8, 2), MLP(3, 8, 6), MLP(3, 8, 1), 2)
    batch = Batch(torch.randint(0, 2, (9, 6)).float(), {"a": torch.randn(9)})
    sum(part.mean() for part in model.critic_loss(batch).values()).backward()
    assert all(p.grad is None for name, p in model.named_parameters() if not name.startswith("critic"))
    assert all(p.grad is not None for p in model.critic.parameters())


def test_conditions_stand_in_the_order_of_their_names() -> None:
    torch.manual_seed(0)
    model = ConditionalVAE(MLP(3 + 2, 4), MLP(2 + 2, 3), 2)
    a, b = torch.ones(4), torch.zeros(4)
    draws = []
    for given in ({"a": a, "b": b}, {"b": b, "a": a}):
        torch.manual_seed(1)
        draws.append(model.sample(4, given).x)
    assert torch.equal(*draws)


def test_sums_see_keys_that_no_longer_go_together() -> None:
    rng = np.random.default_rng(0)
    x = Samples.of(np.repeat(rng.integers(0, 2, (400, 1)), 36, axis=1).astype(np.float32), "vector")
    moved = KeySums().perturb(x, 1.0)
    assert np.allclose(moved.array.mean(0), x.array.mean(0))
    assert KeySums()(moved)[:, 0].std() < 0.85 * KeySums()(x)[:, 0].std()


def test_what_is_asked_is_kept_and_shown(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    size = rng.normal(300, 50, 240)
    bits = (rng.random((240, 30)) < (size[:, None] - 150) / 300).astype(np.float32)
    given = {"weight": size, "logP": rng.normal(size=240)}
    x = Samples.of(bits, "vector", given=given, given_unit={"weight": "Da", "logP": "1"})
    parts = {"train": x[:120], "validation": x[120:180], "truth": x[180:]}
    view = Flat().fit(parts["train"])
    model = ConditionalVAE(MLP(32, 8, 4), MLP(4, 8, 30), 2)
    known = {name: (float(values.min()), float(values.max())) for name, values in given.items()}
    run = Run.create(tmp_path, "keys", {}, 1)
    show_keys_asked(Trained(model, view, known), parts, run, 1)
    seen = run.exhibit("keys asked")
    assert seen is not None
    table = dict(zip(seen["ways"].tolist(), seen["table"], strict=True))
    weight = seen["names"].tolist().index("weight")
    assert table["the true keys themselves"][0, weight] < table["true keys, values shuffled"][0, weight]
    page = Page(run)
    part = keys_asked.section(page)
    assert part is not None and len(part.values["part"]["figures"]) == 2
    assert page.skipped == []
