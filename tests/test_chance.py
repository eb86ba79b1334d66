"""Every use of a seed has a name, and its numbers are those that runs on record were made with."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import simulacra
from simulacra.core.chance import STREAMS, stream

SOURCES = sorted(Path(simulacra.__file__).parent.rglob("*.py"))
HOME = "chance.py"
SHARED = {"draw", "baseline", "judge", "kept samples", "filled cells", "imputer"}
"""Streams that several files read on purpose: the same latents drawn again; the next place of a row of judges; one use
in several kinds of study, of which a run has one; imputers, of which one is at work."""


def calls(path: Path, name: str) -> list[ast.Call]:
    """All calls of a function or method of this name in a file."""
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    found = [node for node in tree if isinstance(node, ast.Call)]
    return [node for node in found if getattr(node.func, "attr", getattr(node.func, "id", "")) == name]


@pytest.mark.parametrize(
    ("name", "number"),
    [("data", 11), ("draw", 13), ("baseline", 14), ("glance", 15), ("kept samples", 15), ("judge", 1), ("copies", 21)],
)
def test_runs_on_record_repeat(name: str, number: int) -> None:
    for places in ((), (2,)):
        expected = np.random.default_rng([5, number, *places]).random(3)
        assert np.array_equal(stream(5, name, *places).random(3), expected)


def test_no_bare_numbers_are_left() -> None:
    bare = [
        f"{path}:{call.lineno}"
        for path in SOURCES
        for call in calls(path, "default_rng")
        if path.name != HOME and call.args and isinstance(call.args[0], ast.List | ast.Tuple)
    ]
    assert bare == []


def test_every_use_has_a_name_of_its_own() -> None:
    users: dict[str, set[str]] = defaultdict(set)
    for path in SOURCES:
        for call in calls(path, "stream"):
            if len(call.args) > 1 and path.name != HOME:
                assert isinstance(call.args[1], ast.Constant), f"{path}:{call.lineno}: a stream is named by a literal"
                users[str(call.args[1].value)].add(str(path))
    assert set(users) == set(STREAMS)
    assert {name for name, paths in users.items() if len(paths) > 1} == SHARED


def test_an_unknown_stream_is_an_error() -> None:
    with pytest.raises(KeyError):
        stream(0, "nobody's")
