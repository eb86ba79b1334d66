"""What processes hand each other, as bytes: numbers, words, tensors, and objects of known classes. Nothing is run.

A parcel is one safetensors file: its tensors, and as JSON a table of everything else. An object is its class by name
and the values that it holds; whoever opens the parcel makes it anew without its constructor, and only where the class
is known: of this package's rooms for models, of torch's layers, or of files that the process itself was started with.
"""

from __future__ import annotations

import functools
import json
import types
from collections import OrderedDict
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.training.homes import Homes, Stranger

MARK = "simulacra parcel 1"
CONTAINERS: dict[str, type] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


def packed(things: tuple[Any, ...], homes: Homes) -> bytes:
    """Things as bytes.

    Args:
        things: models, batches, settings …; tensors are copied, gradients stay.
        homes: learns which modules of the user's own are met.

    Raises:
        BadInput: something in it has no name that another process knows: a lambda, a local class, an open file.
    """
    writer = _Writer(homes)
    try:
        first = writer.value(things, "it")
        words = json.dumps({"mark": MARK, "first": first, "table": writer.table})
    except RecursionError as error:
        raise _unsendable("it", "is nested too deeply") from error
    return safetensors.torch.save(writer.tensors, {"parcel": words})


class _Writer:
    """Puts things into a table, each once, so that what is shared stays shared."""

    def __init__(self, homes: Homes) -> None:
        self.homes = homes
        self.table: list[list[Any]] = []
        self.tensors: dict[str, Tensor] = {}
        self._places: dict[int, int] = {}
        self._taken: set[int] = set()
        self._kept: list[Any] = []  # so that no two things have one id

    def value(self, x: Any, where: str) -> Any:  # noqa: ANN401 - anything
        """A plain value as it is; the place in the table of anything else."""
        if type(x) in (str, int, float, bool) or x is None:
            return x
        if id(x) not in self._places:
            self._places[id(x)] = len(self.table)
            self._kept.append(x)
            row: list[Any] = []
            self.table.append(row)
            row += self._row(x, where)
        return {"at": self._places[id(x)]}

    def _row(self, x: Any, where: str) -> list[Any]:  # noqa: ANN401
        sort: Any
        if isinstance(x, Tensor):
            sorts = isinstance(x, nn.Parameter), bool(x.requires_grad and x.is_leaf)
            return ["tensor", self._tensor(x.detach()), *sorts]
        if isinstance(x, np.ndarray | np.generic):
            return self._array(x, where)
        for name, sort in CONTAINERS.items():
            if type(x) is sort:
                return [name, [self.value(item, f"{where}[{i}]") for i, item in enumerate(x)]]
        if type(x) in (dict, OrderedDict, types.MappingProxyType):
            return ["dict" if type(x) is dict else type(x).__name__, self._pairs(x, where)]
        simple = _simple(x)
        if simple is not None:
            return simple
        if isinstance(x, type):
            return ["class", *self._home(x, where)]
        if isinstance(x, types.FunctionType | types.BuiltinFunctionType):
            return ["function", *self._home(x, where)]
        if isinstance(x, types.MethodType):
            return ["method", self.value(x.__self__, where), x.__func__.__name__]
        if type(x) is functools.partial:
            return ["partial", *(self.value(part, where) for part in (x.func, x.args, x.keywords))]
        return self._object(x, where)

    def _object(self, x: Any, where: str) -> list[Any]:  # noqa: ANN401
        sort = type(x)
        if isinstance(x, Enum):
            return ["enum", *self._home(sort, where), x.name]
        if isinstance(x, tuple) and hasattr(sort, "_fields"):
            return ["named", *self._home(sort, where), [self.value(item, where) for item in x]]
        if any("__reduce__" in vars(c) or "__reduce_ex__" in vars(c) for c in sort.__mro__[:-1]):
            raise _unsendable(where, f"is a {sort.__qualname__}")
        home = self._home(sort, where)
        if not self.homes.makes(sort):
            raise _unsendable(where, f"is a {sort.__qualname__}")
        state = x.__getstate__()
        own, slots = state if isinstance(state, tuple) else (state, None)
        return ["thing", *home, self._pairs(own or {}, where), self._pairs(slots or {}, where)]

    def _pairs(self, x: Mapping[Any, Any], where: str) -> list[Any]:
        return [[self.value(k, where), self.value(v, f"{where}.{k}")] for k, v in x.items()]

    def _home(self, x: Any, where: str) -> tuple[str, str]:  # noqa: ANN401 - a class or a function
        try:
            return self.homes.name(x)
        except Stranger as error:
            raise _unsendable(where, str(error)) from error

    def _tensor(self, x: Tensor) -> str:
        """The name of a tensor that lies alone in its memory, as safetensors wants it."""
        name = str(len(self.tensors))
        x = x.cpu().contiguous()
        alone = x.untyped_storage().nbytes() == x.nbytes and x.data_ptr() not in self._taken
        self.tensors[name] = x = x if alone else x.clone()
        self._taken.add(x.data_ptr())
        return name

    def _array(self, x: np.ndarray | np.generic, where: str) -> list[Any]:
        array = np.asarray(x)
        scalar = isinstance(x, np.generic)
        if array.dtype.kind in "US":
            words = [item.decode("latin-1") if isinstance(item, bytes) else str(item) for item in array.ravel()]
            return ["words", array.dtype.str, list(array.shape), words, scalar]
        try:
            native = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="))).reshape(array.shape)
            return [
                "array",
                self._tensor(torch.from_numpy(native.copy() if not native.flags.writeable else native)),
                scalar,
            ]
        except TypeError as error:
            raise _unsendable(where, f"is an array of {array.dtype}") from error


def _simple(x: Any) -> list[Any] | None:  # noqa: ANN401
    """Values that a word or two describe."""
    if isinstance(x, torch.dtype):
        return ["dtype", str(x).removeprefix("torch.")]
    if isinstance(x, torch.device):
        return ["device", str(x)]
    if isinstance(x, torch.Size):
        return ["size", list(x)]
    if isinstance(x, np.dtype):
        return ["numpy dtype", x.str]
    if isinstance(x, Path):
        return ["path", str(x)]
    if type(x) is bytes:
        return ["bytes", x.hex()]
    if type(x) is complex:
        return ["complex", x.real, x.imag]
    if type(x) is slice and all(isinstance(end, int | None) for end in (x.start, x.stop, x.step)):
        return ["slice", x.start, x.stop, x.step]
    if type(x) is range:
        return ["range", x.start, x.stop, x.step]
    return None


def _unsendable(where: str, why: str) -> BadInput:
    return BadInput(
        "this model cannot be sent to another process",
        f"{where[:200]}: {why}",
        "use no lambdas and no local classes in it, or set processes=1",
    )
