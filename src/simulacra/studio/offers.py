"""What a model offers beside its draws, read from its class without importing it: the pages know no torch."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from simulacra.core.shelf import SHIPPED


def offers(recipe: Mapping[str, Any] | None) -> frozenset[str]:
    """The names of the methods of a model's class; empty for a class that is no file of ours.

    Args:
        recipe: of the model, as model.json has it.
    """
    named = recipe.get("class") if isinstance(recipe, Mapping) else None
    place, _, name = named.partition(":") if isinstance(named, str) else ("", "", "")
    root = SHIPPED.parent
    path = (root / place).resolve()
    if not place.endswith(".py") or not path.is_relative_to(root / "models") or not path.is_file():
        return frozenset()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return frozenset(part.name for part in node.body if isinstance(part, ast.FunctionDef))
    return frozenset()


def by_degrees(recipe: Mapping[str, Any] | None) -> bool:
    """Whether the model draws by degrees, and can show the way."""
    return "chain" in offers(recipe)


def has_places(recipe: Mapping[str, Any] | None) -> bool:
    """Whether the model knows the place of a sample in a latent space."""
    return {"encode", "decode"} <= offers(recipe)
