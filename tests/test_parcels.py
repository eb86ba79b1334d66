"""What processes of a training hand each other comes out as it went in; what a stranger hands them runs nothing."""

from __future__ import annotations

import functools
import json
import os
import pickle
import sys
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from simulacra.core.errors import BadInput
from simulacra.core.shelf import import_file, shelf
from simulacra.training.budget import Budget
from simulacra.training.helping import on_this_machine
from simulacra.training.homes import Homes
from simulacra.training.loop import help_along
from simulacra.training.opening import Refused, opened
from simulacra.training.packing import MARK, packed
from simulacra.training.team import Lost
from trainings import Coder, one_thread, vectors

__all__ = ["one_thread"]  # a fixture for every test here


def back(*things: Any) -> tuple[Any, ...]:  # noqa: ANN401
    return opened(packed(things, Homes()), Homes())


@pytest.mark.parametrize("name", ["gan", "vae", "edm", "graph_and_space", "token_sequence"])
def test_a_model_comes_back_with_its_losses(name: str) -> None:
    model, batch = import_file(shelf("models").entry(name).path, "models").example()
    other, same = back(model, batch)
    assert [n for n, _ in other.named_parameters()] == [n for n, _ in model.named_parameters()]
    for turn, again in zip(model.turns(), other.turns(), strict=True):
        found = []
        for one, data in ((turn, batch), (again, same)):
            torch.manual_seed(1)
            found.append(one.loss(data))
        assert list(found[0]) == list(found[1])
        assert all(torch.equal(found[0][k], found[1][k]) for k in found[0])


def test_values_come_back_as_they_were() -> None:
    shared = torch.arange(6.0)
    things = {
        "plain": [None, True, 3, -(2**70), 2.5, float("inf"), "ü", (1, (2,)), {3}, frozenset({4}), 1 + 2j, b"\x00\xff"],
        "keys": {1: "a", (2, 3): "b"},
        "ordered": OrderedDict(b=1, a=2),
        "kinds": [torch.float16, np.dtype("<i4"), torch.Size([2, 3]), slice(1, None), range(3), Path("a/b")],
        "arrays": [np.float32(2.5), np.arange(6).reshape(2, 3)[:, ::2], np.array(["a", "bcd"]), np.array(3, ">i4")],
        "tensors": [shared, shared[2:4], shared, torch.ones(2, 0), torch.tensor([1, 2], dtype=torch.bfloat16)],
        "learning": nn.Parameter(torch.ones(2), requires_grad=False),
        "function": torch.tanh,
        "part": functools.partial(torch.nn.functional.softplus, beta=2.0),
        "budget": Budget(3, batch=8, rate={"a": 1e-3}),
    }
    things["itself"] = things["keys"]
    (found,) = back(things)
    assert found["plain"] == things["plain"] and found["keys"] == things["keys"] and found["kinds"] == things["kinds"]
    assert list(found["ordered"].items()) == [("b", 1), ("a", 2)] and type(found["ordered"]) is OrderedDict
    for one, other in zip(found["arrays"], things["arrays"], strict=True):  # type: ignore[call-overload]
        assert type(one) is type(other) and one.shape == other.shape and (one == other).all()
    for one, other in zip(found["tensors"], things["tensors"], strict=True):  # type: ignore[call-overload]
        assert one.dtype == other.dtype and torch.equal(one, other)
    assert found["tensors"][0] is found["tensors"][2] and found["itself"] is found["keys"]
    assert isinstance(found["learning"], nn.Parameter) and not found["learning"].requires_grad
    assert found["function"] is torch.tanh and float(found["part"](torch.zeros(()))) == pytest.approx(np.log(2) / 2)
    assert found["budget"] == things["budget"]


def test_what_has_no_name_elsewhere_is_refused_by_its_place() -> None:
    for thing in (lambda x: x, open, torch.Generator(), sys.stderr, np.array([object()]), json):
        with pytest.raises(BadInput, match=r"it\[0\]\.bad"):
            packed(({"bad": thing},), Homes())
    with pytest.raises(BadInput, match="no file that all processes were started with"):
        packed((Coder(),), Homes())
    homes = Homes(learns=True)
    packed((Coder(),), homes)
    assert set(homes.own) == {"trainings"}


def forged(*table: list[Any]) -> bytes:
    """A parcel as nobody's packing writes it: a tuple of all rows."""
    rows = [*table, ["tuple", [{"at": place} for place in range(len(table))]]]
    words = json.dumps({"mark": MARK, "first": {"at": len(table)}, "table": rows})
    return safetensors.torch.save({"0": torch.ones(2)}, {"parcel": words})


class Bomb:
    """A pickle that touches a file."""

    def __init__(self, trap: Path) -> None:
        self.trap = trap

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trap),)


class Ending:
    """Does something when it goes."""

    gone = 0

    def __del__(self) -> None:
        Ending.gone += 1


HERE = {__name__: __file__}
HOSTILE = {
    "a function": [["function", "os", "mkdir"]],
    "a builtin": [["function", "builtins", "eval"]],
    "a loader of torch's": [["function", "torch", "load"]],
    "a library's function": [["function", "torch.nn.functional", "torch.load"]],
    "a function met on the way": [["function", "simulacra.models.base", "abc.os.mkdir"]],
    "another's name in a model's file": [["class", "simulacra.models.base", "Recorded"]],
    "a process": [["thing", "subprocess", "Popen", [], []]],
    "a class of the shelf of files": [["thing", "simulacra.core.writing", "Whole", [], []]],
    "a module that nobody loaded": [["thing", "trapped_module", "Trap", [], []]],
    "a name that climbs": [["class", "simulacra.models..core.files", "x"]],
    "a builtin's object": [["thing", "torch.nn.modules.module", "OrderedDict", [], []]],
    "what does something at its end": [["thing", __name__, "Ending", [], []]],
    "a method of a module": [["method", {"at": 1}, "__init__"], ["class", "simulacra.models.base", "Batch"]],
    "a partial of a stranger": [["partial", {"at": 1}, {"at": 2}, {"at": 3}], ["function", "os", "mkdir"],
                                ["tuple", ["x"]], ["dict", []]],
    "a missing place": [["list", [{"at": 99}]]],
    "a place before the first": [["list", [{"at": -1}]]],
    "a missing tensor": [["tensor", "7", False, False]],
    "an unknown sort": [["pickle", "gASVCgAAAA=="]],
    "a sort that is a reader's own": [["_thing", "os", "mkdir"]],
    "no row": [[]],
    "a thing in slots it has not": [["thing", "simulacra.models.base", "Batch", [], [["__class__", 1]]]],
    "a tuple within itself": [["tuple", [{"at": 0}]]],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_parcel_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "trapped_module.py").write_text(
        f"import os; os.mkdir({str(tmp_path / 'sprung')!r})\nclass Trap: pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(Refused):
        opened(forged(*HOSTILE[name]), Homes(dict(HERE)))
    assert not (tmp_path / "sprung").exists() and "trapped_module" not in sys.modules and Ending.gone == 0


def test_damaged_parcels_are_refused_or_mean_something_plain() -> None:
    whole = packed((vectors(3, 2), Budget(2), {"step": 1, "of": [1.5, "a"]}), Homes())
    rng = np.random.default_rng(0)
    refused = 0
    for k in range(400):
        bad = bytearray(whole)
        if k % 4 == 0:
            bad = bad[: rng.integers(len(bad))]
        else:
            for place in rng.integers(8 if k % 2 else 0, len(bad), 1 + k % 3):
                bad[place] = rng.integers(256)
        try:
            opened(bytes(bad), Homes())
        except Refused:
            refused += 1
    assert refused > 200


def test_a_helper_that_gets_a_strangers_parcel_runs_nothing_and_says_so(tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    with on_this_machine(2, help_along, {}) as team:
        team.hand_out(pickle.dumps(Bomb(trap)))
        until = time.monotonic() + 20
        while not team.store.check(["word/1"]) and time.monotonic() < until:
            time.sleep(0.02)
        assert "this is no parcel of ours" in team.store.get("word/1").decode()
        with pytest.raises(Lost, match="process 1 of 2"):
            team.average(torch.ones(1))
    assert not trap.exists()
    team_of_none: Any = None
    with pytest.raises((BadInput, TypeError)):
        help_along(team_of_none, *opened(packed((Path("x"), vectors(3, 2), Budget(1), 0, None), Homes()), Homes()))
