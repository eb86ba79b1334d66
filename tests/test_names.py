"""No code names what is not there. Ruff's own rule is off, for it takes jaxtyping's shapes in strings for names."""

from __future__ import annotations

import builtins
import symtable
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
FILES = sorted(
    path
    for room in ("src", "tests", "benchmarks")
    for path in (HOUSE / room).rglob("*.py")
    if "node_modules" not in path.parts
)
ALWAYS = {*dir(builtins), "__file__", "__name__", "__doc__", "__path__", "__spec__", "__package__", "__class__"}


def undefined(code: str, name: str = "code") -> list[str]:
    """Names that some line reads, and that neither the module nor Python defines.

    >>> undefined("def f(x: 'n k'): return x + y")
    ['y (in f)']
    """
    module = symtable.symtable(code, name, "exec")
    there = {s.get_name() for s in module.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    scopes, lost = [module], []
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        for symbol in scope.get_symbols():
            if scope is not module and symbol.is_declared_global() and symbol.is_assigned():
                there.add(symbol.get_name())
    scopes = [module]
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        for symbol in scope.get_symbols():
            free = symbol.is_global() or (scope is module and not symbol.is_assigned() and not symbol.is_imported())
            known = symbol.get_name() in there or symbol.get_name() in ALWAYS
            if symbol.is_referenced() and free and not known and not symbol.is_namespace():
                lost.append(f"{symbol.get_name()} (in {scope.get_name()})")
    return lost


def test_every_name_is_defined() -> None:
    assert len(FILES) > 1000
    lost = {str(p.relative_to(HOUSE)): undefined(p.read_text(encoding="utf-8"), p.name) for p in FILES}
    assert {path: names for path, names in lost.items() if names and "letters" not in path} == {}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("print(nowhere)", ["nowhere (in top)"]),
        ("def f():\n    def g():\n        return nowhere\n", ["nowhere (in g)"]),
        ("class A:\n    x = 1\n    def f(self): return x", ["x (in f)"]),
        ("y = [z for z in range(3)]\nprint(z)", ["z (in top)"]),
        ("def f():\n    global a\n    a = 1\nprint(a)", []),
        ("import os.path\nprint(os, __file__)", []),
        ("from __future__ import annotations\ndef f(x: Float[Array, 'n k']): return x", []),
    ],
)
def test_what_is_not_there_is_found(code: str, names: list[str]) -> None:
    assert undefined(code) == names
