"""Which classes and functions may come out of a parcel.

Those of this package's rooms for models, of torch's layers, and of the user's files that this process has loaded.
"""

from __future__ import annotations

import importlib
import re
import site
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from simulacra.core.shelf import PACKAGE, import_file

ROOMS = ("networks", "models", "views", "diffusion", "samplers", "processes", "sources.streams")
FILES = ("core.samples", "core.left", "core.part", "running.streaming", "training.budget")
"""What else of the package a training is made of."""
LAYERS = re.compile(r"torch\.nn\.(modules|utils)\.[a-z_.0-9]+")
MATHS = {"torch.nn.functional": torch.nn.functional, "torch": torch}
PURE = frozenset({
    "abs", "celu", "cos", "elu", "erf", "exp", "expm1", "gelu", "glu", "hardtanh", "leaky_relu", "log", "log1p",
    "logsigmoid", "mish", "neg", "relu", "relu6", "selu", "sigmoid", "silu", "sin", "softmax", "softplus", "softsign",
    "sqrt", "square", "tan", "tanh", "mse_loss", "l1_loss", "smooth_l1_loss", "cross_entropy",
})  # fmt: skip
"""Functions of torch that models keep: of numbers, to numbers."""
MADE_IN_PYTHON = 1 << 9
"""The mark of such a class (`Py_TPFLAGS_HEAPTYPE`)."""


class Stranger(Exception):
    """Something that is not at home here."""


@dataclass
class Homes:
    """Where classes and functions may come from.

    Args:
        own: modules of the user's own, by name, with the file of each.
        learns: whether further modules are taken for the user's own: for one who packs for processes that it starts
            itself, and for nobody else.
    """

    own: dict[str, str] = field(default_factory=dict)
    learns: bool = False

    @classmethod
    def users(cls) -> Homes:
        """With the modules that this process has loaded from outside of where packages are installed."""
        installed = {sysconfig.get_path(n) for n in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")}
        installed |= {*site.getsitepackages(), site.getusersitepackages(), str(Path(__file__).parent.parent)}
        places = [Path(place).resolve() for place in installed if place]
        found = {}
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file and not any(place in Path(file).resolve().parents for place in places):
                found[name] = str(file)
        return cls(found)

    def load(self) -> None:
        """Load the user's modules, as one does who was started with them."""
        for name, file in self.own.items():
            if name.startswith("own_") and name not in sys.modules:
                import_file(Path(file), "")
            elif name not in sys.modules:
                importlib.import_module(name)

    def name(self, thing: Any) -> tuple[str, str]:  # noqa: ANN401 - a class or a function
        """The module and the name by which another process finds it; Stranger where it has none, or must not."""
        name = str(getattr(thing, "__name__", ""))
        for maths, holder in MATHS.items():
            if name in PURE and getattr(holder, name, None) is thing:
                return maths, name
        module, name = str(getattr(thing, "__module__", None)), str(getattr(thing, "__qualname__", name))
        if _walk(sys.modules.get(module), name) is not thing:
            raise Stranger(f"{module}: {name} has no name that another process knows")
        if not self._at_home(module, name):
            if not self.learns:
                raise Stranger(f"{module}: {name} is of no file that all processes were started with")
            self.own[module] = str(getattr(sys.modules[module], "__file__", "") or "")
        return module, name

    def find(self, module: str, name: str) -> Any:  # noqa: ANN401 - a class or a function
        """What stands at a name; Stranger where it is not at home here, and then nothing is imported."""
        if not isinstance(module, str) or not isinstance(name, str) or not self._at_home(module, name):
            raise Stranger(f"{module}: {name}"[:200])
        try:
            loaded = sys.modules[module] if module in self.own else importlib.import_module(module)
        except (ImportError, KeyError) as error:
            raise Stranger(f"{module}: {name}"[:200]) from error
        found = _walk(loaded, name)
        if found is None or (module not in MATHS and found.__module__ not in (module, loaded.__name__)):
            raise Stranger(f"{module}: {name}, which it does not define"[:200])
        return found

    def makes(self, sort: type) -> bool:
        """Whether an object may be made without its constructor: of a class in Python that does nothing at its end."""
        return bool(sort.__flags__ & MADE_IN_PYTHON) and not hasattr(sort, "__del__")

    def _at_home(self, module: str, name: str) -> bool:
        if module in self.own:
            return True
        if module in MATHS:
            return name in PURE
        if LAYERS.fullmatch(module):
            return True
        within = module.removeprefix(f"{PACKAGE}.")
        return (
            within != module
            and re.fullmatch(r"[a-z_0-9.]+", within) is not None
            and (within in FILES or within.startswith(tuple(f"{room}." for room in ROOMS)))
        )


def _walk(module: Any, name: str) -> Any:  # noqa: ANN401
    """The class or function at a dotted name of a module; None where there is none, or one comes by other things."""
    found = module
    for part in name.split("."):
        if found is None or not part.isidentifier() or not (found is module or isinstance(found, type)):
            return None
        found = vars(found).get(part)
    return found if isinstance(found, type) or callable(found) else None
