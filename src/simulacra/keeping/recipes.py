"""How to build a thing again: its constructor tree as JSON, for classes from our own shelves alone."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.errors import BadRun
from simulacra.core.shelf import PACKAGE, import_file, shelf

ROOMS = ("networks", "models", "views", "diffusion", "samplers", "processes")
MOVED = {
    "models/gan.py:SpinDraw": "models/adversary.py:SpinDraw",
    "models/gan.py:Bounded": "models/adversary.py:Bounded",
    "models/graph_sequence.py:GraphSequence": "models/token_sequence.py:TokenSequence",
}
"""Where classes live now that older runs name elsewhere."""
RENAMED = {"told": "conditioning"}
"""Arguments that older runs know by another name."""
PROCESSES = (
    "evidence_search",
    "gpytorch_kernel",
    "grid_solver",
    "hyperparameters",
    "kernels",
    "solvers",
    "toeplitz",
)
"""Files of processes/ that older runs know in models/."""


_UNFIT = (KeyError, TypeError, ValueError, AttributeError, AssertionError, OverflowError, RuntimeError, MemoryError)
"""What a constructor raises when it is given what it was not made for."""


def write(thing: Any) -> Any:  # noqa: ANN401 - a model, a view, or a plain value within them
    """A model, network or view as plain values: its class and what it was constructed with.

    Returns None in the place of a class that is not from our shelves: such a thing cannot be built from a file.
    """
    if isinstance(thing, str | int | float | bool) or thing is None:
        return thing
    if isinstance(thing, np.generic):
        return thing.item()
    if isinstance(thing, Path):
        return str(thing)
    if isinstance(thing, list | tuple):
        return [write(item) for item in thing]
    if isinstance(thing, Mapping):
        return {"map": {str(key): write(value) for key, value in thing.items()}}
    home = type(thing).__module__.split(".")
    if len(home) != 3 or home[0] != PACKAGE or home[1] not in ROOMS:
        return {"class": None}
    place = f"{home[1]}/{home[2]}.py:{type(thing).__name__}"
    if dataclasses.is_dataclass(thing):
        named = {item.name: write(getattr(thing, item.name)) for item in dataclasses.fields(thing)}
        return {"class": place, "args": [], "kwargs": named}
    args, kwargs = thing.recipe
    return {"class": place, "args": [write(a) for a in args], "kwargs": {k: write(v) for k, v in kwargs.items()}}


def whole(recipe: Any) -> bool:  # noqa: ANN401 - what `write` gave
    """Whether everything in a recipe can be built from it."""
    if isinstance(recipe, list):
        return all(whole(item) for item in recipe)
    if isinstance(recipe, dict):
        return ("class" not in recipe or recipe["class"] is not None) and all(whole(v) for v in recipe.values())
    return True


def build(recipe: Any) -> Any:  # noqa: ANN401 - what was written
    """The thing that a recipe describes. Only files on our own shelves are imported, whatever the recipe says."""
    if isinstance(recipe, list):
        return tuple(build(item) for item in recipe)
    if not isinstance(recipe, dict):
        return recipe
    if isinstance(recipe.get("map"), dict):
        return {key: build(value) for key, value in recipe["map"].items()}
    if recipe.get("class") is None:
        raise BadRun(
            "part of this model is a class of the user's own", "model.json", "load it with load(run, model=MINE)"
        )
    made = _class(str(recipe["class"]))
    try:
        args, given = map(build, recipe["args"]), recipe["kwargs"].items()
        kwargs = {RENAMED.get(name, name): build(value) for name, value in given}
        return made(*args, **kwargs)
    except _UNFIT as error:
        raise BadRun(
            "model.json does not say how to construct this class",
            f"{recipe['class']}: {type(error).__name__} {error}",
            "was the run made by another version?",
        ) from error


def _class(place: str) -> Any:  # noqa: ANN401 - a class
    room, _, rest = MOVED.get(place, place).partition("/")
    file, _, name = rest.partition(".py:")
    room = "processes" if room == "models" and file in PROCESSES else room
    path = shelf(room).folder / f"{file}.py"
    if room not in ROOMS or not re.fullmatch(r"[a-z]\w*", file) or not path.is_file():
        raise BadRun(
            "model.json names a class that is on none of our shelves", place, "load it with load(run, model=MINE)"
        )
    module = import_file(path, room)
    found = getattr(module, name, None)
    if not isinstance(found, type) or found.__module__ != module.__name__:
        raise BadRun(
            "model.json names a class that its file does not hold", place, "was the run made by another version?"
        )
    return found
