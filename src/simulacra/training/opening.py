"""What processes hand each other, opened: nothing is called that a parcel chooses, whoever packed it."""

from __future__ import annotations

import functools
import json
import types
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from simulacra.core.errors import BadRun
from simulacra.training.homes import Homes, Stranger
from simulacra.training.packing import CONTAINERS, MARK

Plain = str | int | float | bool | None
_ODD = (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError, OverflowError, RuntimeError)
"""What a table raises that no packing has written."""


class Refused(BadRun):
    """A parcel that is not opened."""


def opened(data: bytes, homes: Homes) -> tuple[Any, ...]:
    """What was packed. No code is called that the parcel chooses.

    Args:
        data: of a parcel, from anybody.
        homes: where classes may come from.

    Raises:
        Refused: it is none, or it names something that is not at home here.
    """
    try:
        words, tensors = _parts(data)
        stated = json.loads(words)
        if stated["mark"] != MARK:
            raise ValueError("it is of another version")
        found = _Reader(stated["table"], tensors, homes).value(stated["first"])
        if not isinstance(found, tuple):
            raise ValueError("it holds no tuple of things")
    except Stranger as error:
        raise Refused(
            "a parcel names what this process was not started with",
            str(error),
            "start all processes by the same command; is the port open to strangers?",
        ) from error
    except (*_ODD, SafetensorError) as error:
        said = f"{type(error).__name__}: {error}"[:300]
        raise Refused("this is no parcel of ours", said, "is the port open to strangers?") from error
    return found


def _parts(data: bytes) -> tuple[str, dict[str, Tensor]]:
    """The table and the tensors of a safetensors file."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length]) if 8 + length <= len(data) else {}
    words = header["__metadata__"]["parcel"]
    return words, safetensors.torch.load(data)


class _Reader:
    """Makes things from a table again, each once."""

    def __init__(self, table: list[list[Any]], tensors: Mapping[str, Tensor], homes: Homes) -> None:
        self.table, self.tensors, self.homes = table, tensors, homes
        self._made: dict[int, Any] = {}

    def value(self, x: Any) -> Any:  # noqa: ANN401
        """What stands for a value."""
        if not isinstance(x, dict):
            if not isinstance(x, Plain):
                raise TypeError(f"{type(x).__name__} in the place of a value")
            return x
        place = x["at"]
        if not isinstance(place, int) or place < 0:
            raise ValueError("a place is none")
        if place not in self._made:
            sort, *rest = self.table[place]
            self._made[place] = self._whole(place, sort, rest)
        return self._made[place]

    def _all(self, items: Iterable[Any]) -> list[Any]:
        return [self.value(item) for item in items]

    def _whole(self, place: int, sort: str, rest: list[Any]) -> Any:  # noqa: ANN401
        if sort in ("list", "dict", "OrderedDict"):  # registered before it is filled: it may hold itself
            made: Any = {"list": list, "dict": dict, "OrderedDict": OrderedDict}[sort]()
            self._made[place] = made
            if sort == "list":
                made.extend(self._all(rest[0]))
            else:
                made.update(self._pairs(rest[0]))
            return made
        if sort == "thing":
            return self._thing(place, *rest)
        if sort in CONTAINERS:
            return CONTAINERS[sort](self._all(rest[0]))
        return getattr(self, f"_{_SORTS[sort]}")(*rest)

    def _pairs(self, pairs: list[Any]) -> dict[Any, Any]:
        return {self.value(k): self.value(v) for k, v in pairs}

    def _thing(self, place: int, module: str, name: str, own: list[Any], slots: list[Any]) -> Any:  # noqa: ANN401
        found = self.homes.find(module, name)
        if not isinstance(found, type) or not self.homes.makes(found):
            raise Stranger(f"{module}: {name}")
        made: Any = object.__new__(found)
        self._made[place] = made
        for key, value in self._pairs(slots).items():
            if not isinstance(getattr(found, key), types.MemberDescriptorType):
                raise ValueError(f"{name} has no place for {key}")
            object.__setattr__(made, key, value)
        state = self._pairs(own)
        if isinstance(made, nn.Module):  # a layer of torch may keep what it finds again by itself
            made.__setstate__(state)  # type: ignore[no-untyped-call]
        elif state:
            made.__dict__.update(state)
        return made

    def _mapping(self, pairs: list[Any]) -> Any:  # noqa: ANN401
        return types.MappingProxyType(self._pairs(pairs))

    def _tensor(self, name: str, parameter: bool, learns: bool) -> Tensor:
        tensor = self.tensors[name]
        return nn.Parameter(tensor, bool(learns)) if parameter else tensor.requires_grad_(bool(learns))

    def _array(self, name: str, scalar: bool) -> Any:  # noqa: ANN401
        array = self.tensors[name].numpy()
        return array[()] if scalar else array

    def _words(self, dtype: str, shape: list[int], words: list[str], scalar: bool) -> Any:  # noqa: ANN401
        kind = np.dtype(dtype)
        if kind.kind not in "US":
            raise ValueError("words of no words")
        array = np.array([w.encode("latin-1") for w in words] if kind.kind == "S" else words, kind).reshape(shape)
        return array[()] if scalar else array

    def _class(self, module: str, name: str) -> type:
        found = self.homes.find(module, name)
        if not isinstance(found, type):
            raise Stranger(f"{module}: {name}")
        return found

    def _function(self, module: str, name: str) -> Any:  # noqa: ANN401
        found = self.homes.find(module, name)
        if not isinstance(found, types.FunctionType | types.BuiltinFunctionType):
            raise Stranger(f"{module}: {name}")
        return found

    def _method(self, of: Any, name: str) -> Any:  # noqa: ANN401
        owner = self.value(of)
        found = next((vars(c)[name] for c in type(owner).__mro__ if name in vars(c)), None)
        if not isinstance(found, types.FunctionType):
            raise Stranger(f"{type(owner).__qualname__}.{name}")
        return types.MethodType(found, owner)

    def _partial(self, what: Any, args: Any, keywords: Any) -> Any:  # noqa: ANN401
        return functools.partial(self.value(what), *self.value(args), **self.value(keywords))

    def _enum(self, module: str, name: str, member: str) -> Any:  # noqa: ANN401
        sort = self._class(module, name)
        if not issubclass(sort, Enum):
            raise Stranger(f"{module}: {name}")
        return sort.__members__[member]

    def _named(self, module: str, name: str, items: list[Any]) -> Any:  # noqa: ANN401
        sort = self._class(module, name)
        if not (issubclass(sort, tuple) and hasattr(sort, "_fields")):
            raise Stranger(f"{module}: {name}")
        return tuple.__new__(sort, self._all(items))

    def _dtype(self, name: str) -> torch.dtype:
        found = getattr(torch, name)
        if not isinstance(found, torch.dtype):
            raise ValueError(f"{name} is no type of numbers")
        return found

    def _device(self, name: str) -> torch.device:
        return torch.device(name)

    def _size(self, sides: list[int]) -> torch.Size:
        return torch.Size(sides)

    def _kind(self, name: str) -> np.dtype[Any]:
        return np.dtype(name)

    def _path(self, name: str) -> Path:
        return Path(name)

    def _bytes(self, digits: str) -> bytes:
        return bytes.fromhex(digits)

    def _complex(self, real: float, imaginary: float) -> complex:
        return complex(real, imaginary)

    def _slice(self, *ends: int | None) -> slice:
        return slice(*ends)

    def _range(self, *ends: int) -> range:
        return range(*ends)


_SORTS = {
    "tensor": "tensor", "array": "array", "words": "words", "mappingproxy": "mapping", "class": "class",
    "function": "function", "method": "method", "partial": "partial", "enum": "enum", "named": "named",
    "dtype": "dtype", "device": "device", "size": "size", "numpy dtype": "kind", "path": "path", "bytes": "bytes",
    "complex": "complex", "slice": "slice", "range": "range",
}  # fmt: skip
