"""A model comes back from its file, and no file brings in code that is not ours."""

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from simulacra.core.errors import BadRun
from simulacra.core.files import plain
from simulacra.core.samples import Samples
from simulacra.core.shelf import import_file, shelf
from simulacra.keeping.recipes import build, whole, write
from simulacra.keeping.trained import Trained, load
from simulacra.models.base import Batch, Model
from simulacra.models.likelihoods import BernoulliLikelihood, GaussianLikelihood
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.runs import Run
from simulacra.views.flat import Flat

Thing = Any  # a model, a network, a view, or its recipe


def through_json(thing: Thing) -> Thing:
    return json.loads(json.dumps(plain(write(thing)), allow_nan=False))


def example(room: str, name: str) -> Thing:
    torch.manual_seed(0)
    return import_file(shelf(room).entry(name).path, room).example()


def draws(model: Model, batch: Batch) -> torch.Tensor:
    torch.manual_seed(1)
    return model.eval().sample(4, {name: value[:4] for name, value in batch.given.items()} or None).x


def kept(model: Model, folder: Path) -> Run:
    run = Run.create(folder, "mine", {}, 0)
    fitted = Flat().fit(Samples.of(np.zeros((3, 6), dtype=np.float32), "vector"))
    Trained(model, fitted, origin="a test").save(run)
    save_file(dict(model.state_dict()), run.folder / "model.safetensors")
    return run


@pytest.mark.parametrize("name", shelf("models").names())
def test_every_model_is_built_again(name: str) -> None:
    model, batch = example("models", name)
    recipe = through_json(model)
    assert whole(recipe)
    again = build(recipe)
    assert repr(again) == repr(model)
    assert through_json(again) == recipe
    again.load_state_dict(model.state_dict())
    torch.testing.assert_close(draws(again, batch), draws(model, batch), rtol=0, atol=0)


@pytest.mark.parametrize("name", shelf("networks").names())
def test_every_network_is_built_again(name: str) -> None:
    network, inputs = example("networks", name)
    again = build(through_json(network))
    assert repr(again) == repr(network)
    again.load_state_dict(network.state_dict())
    torch.testing.assert_close(again.eval()(*inputs), network.eval()(*inputs), rtol=0, atol=0)


@pytest.mark.parametrize("likelihood", [BernoulliLikelihood(), GaussianLikelihood(0.1)], ids=["bernoulli", "gaussian"])
def test_a_part_beside_the_shelf_is_built_again(likelihood: nn.Module, tmp_path: Path) -> None:
    model = VAE(MLP(6, 16, 4), MLP(2, 16, 6), 2, likelihood)
    again = load(kept(model, tmp_path)).model
    assert repr(again) == repr(model)


def test_plain_values_come_back_as_they_were() -> None:
    settings = {"shape": (2, (3, 4)), "name": None, "rates": {"a": 0.5}, "on": True, "count": np.int64(3)}
    assert build(json.loads(json.dumps(write(settings)))) == settings
    assert write(Path("a/b")) == "a/b"


class Mine(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(6, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layer(x)
        return out


@pytest.mark.parametrize("own", [Mine, lambda: nn.Linear(6, 4)], ids=["my class", "a class of torch"])
def test_a_class_of_ones_own_comes_back_by_hand(own: Callable[[], nn.Module], tmp_path: Path) -> None:
    model = VAE(own(), MLP(2, 16, 6), 2)
    run = kept(model, tmp_path)
    assert not json.loads((run.folder / "model.json").read_text())["whole"]
    with pytest.raises(BadRun, match="class of the user's own") as caught:
        load(run)
    assert "model=MINE" in caught.value.fix
    again = load(run, model=VAE(own(), MLP(2, 16, 6), 2))
    np.testing.assert_array_equal(
        again.draw(5, np.random.default_rng(0)).array,
        Trained(model, again.view).draw(5, np.random.default_rng(0)).array,
    )
    with pytest.raises(BadRun, match="do not fit"):
        load(run, model=VAE(MLP(6, 16, 4), MLP(2, 16, 6), 2))


def test_a_copy_of_a_model_remembers_its_own_parts() -> None:
    model, batch = example("models", "vae")
    twin = copy.deepcopy(model)
    assert through_json(twin) == through_json(model)
    torch.testing.assert_close(draws(twin, batch), draws(model, batch), rtol=0, atol=0)
    parts = [part for part in twin.recipe[0] if isinstance(part, nn.Module)]
    assert parts
    assert all(any(part is own for own in twin.modules()) for part in parts)
    with torch.no_grad():
        next(twin.parameters()).add_(1)
    assert not torch.equal(next(twin.parameters()), next(model.parameters()))


# what a stranger's file may ask for

EVIL = '''"""A file that must never be imported."""
raise SystemExit("imported!")
class Evil: ...
'''
PLACES = [
    "os.py:system",
    "os:system",
    "/os.py:system",
    "networks/os.py:system",
    "../evil.py:Evil",
    "networks/../evil.py:Evil",
    "models/../../evil.py:Evil",
    "models/vae.py:torch",
    "models/vae.py:nn.Linear",
    "models/vae.py:Model",
    "models/vae.py:MLP",
    "models/vae.py:example",
    "models/vae.py:VAE.loss",
    "models/vae.py:VAE.__init__",
    "models/vae.py:__class__",
    "models/vae.py:__builtins__",
    "models/vae.py:",
    "models/base.py:Model",
    "models/__init__.py:x",
    "models/_hidden.py:X",
    "simulacra.models.vae:VAE",
    "simulacra.models.vae.VAE",
    "verbs/doctor.py:answer",
    "studies/sky_by_vae.py:study",
    "core/shelf.py:Shelf",
    "runs.py:Run",
    "",
    "models",
    "models/vae.py",
    "evil.py:Evil",
    "./evil.py:Evil",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_strangers_file_imports_nothing(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "evil.py").write_text(EVIL)
    run = kept(example("models", "vae")[0], tmp_path / "runs")
    example("models", "gan")
    before = set(sys.modules)
    for file in ("model.json", "view.json"):
        whole_file = json.loads((run.folder / file).read_text())
        spoiled = {**whole_file, "recipe": {"class": place, "args": ["echo"], "kwargs": {}}}
        (run.folder / file).write_text(json.dumps(spoiled))
        with pytest.raises(BadRun):
            load(run)
        (run.folder / file).write_text(json.dumps(whole_file))
    assert set(sys.modules) == before
    load(run)


ODD = [
    None,
    3,
    "models/vae.py:VAE",
    [],
    {},
    {"class": "models/vae.py:VAE"},
    {"class": "models/vae.py:VAE", "args": 3, "kwargs": {}},
    {"class": "models/vae.py:VAE", "args": [], "kwargs": {}},
    {"class": "models/vae.py:VAE", "args": [], "kwargs": {"hidden": 3}},
    {"class": "models/vae.py:VAE", "args": ["a", "b", "c"], "kwargs": []},
    {"class": ["models/vae.py:VAE"], "args": [], "kwargs": {}},
    {"class": "networks/mlp.py:MLP", "args": [3, 4], "kwargs": {}},
    {"class": "networks/mlp.py:MLP", "args": [3, -4], "kwargs": {}},
    {"class": "networks/mlp.py:MLP", "args": ["x", "y"], "kwargs": {}},
    {"class": "views/flat.py:Flat", "args": [], "kwargs": {}},
    {"map": {"class": "os"}},
    {"map": 3},
]


@pytest.mark.parametrize("recipe", ODD, ids=json.dumps)
def test_a_recipe_that_makes_no_model_is_told(recipe: Thing, tmp_path: Path) -> None:
    run = kept(example("models", "vae")[0], tmp_path)
    about = json.loads((run.folder / "model.json").read_text())
    (run.folder / "model.json").write_text(json.dumps({**about, "recipe": recipe}))
    with pytest.raises(BadRun):
        load(run)


def test_lost_and_broken_weights_are_told(tmp_path: Path) -> None:
    run = kept(example("models", "vae")[0], tmp_path)
    path = run.folder / "model.safetensors"
    whole_file = path.read_bytes()
    path.write_bytes(whole_file[:-10])
    with pytest.raises(BadRun, match="is broken"):
        load(run)
    path.unlink()
    with pytest.raises(BadRun, match="no weights yet"):
        load(run)
    (run.folder / "model.json").unlink()
    with pytest.raises(BadRun, match="lacks a file"):
        load(run)
