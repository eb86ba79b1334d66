"""Loops as machine code."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from simulacra.core.errors import extra

with extra("compiled"):
    import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Machine code of a loop, which threads run side by side; kept on disk for the next process where it can be."""
    plain = inspect.unwrap(function)  # a type checker may have wrapped it; numba reads the bare bytecode
    try:
        machine: Callable[P, R] = numba.njit(cache=True, nogil=True)(plain)
    except RuntimeError:  # numba found no folder to write its cache to
        machine = numba.njit(nogil=True)(plain)
    return machine
