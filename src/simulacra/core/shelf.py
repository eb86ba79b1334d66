"""Shelves: folders in which one file is one thing, read through their syntax tree, without importing anything."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from simulacra.core.errors import BadInput, BadShelf
from simulacra.core.hints import meant
from simulacra.core.setting import Setting

PACKAGE = "simulacra"
ASIDE = re.compile(r"^ASIDE = True$", re.MULTILINE)
"""How a file says that it is no thing on its shelf, but serves others there; no base.py is a thing."""


SHIPPED = Path(__file__).parent.parent / "shipped"
"""Where the trained models lie that come with the package, a folder each."""


def shipped() -> list[str]:
    """Their names."""
    return sorted(path.parent.name for path in SHIPPED.glob("*/card.json"))


@dataclass(frozen=True)
class Entry:
    """One thing on a shelf, as its file describes it.

    Args:
        name: of the file.
        path: of the file.
        question: the first line of the file.
        title: the first line of the thing's docstring.
        help: the rest of it.
        thing: the name of the function or class.
        settings: its arguments.
        constants: literal class variables (`accepts`, `defect` …).
        error: what is wrong with the file; None if nothing is.
    """

    name: str
    path: Path
    question: str = ""
    title: str = ""
    help: str = ""
    thing: str = ""
    settings: tuple[Setting, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True)
class Shelf:
    """A folder of the package (or a user's own) in which one file is one thing.

    A room of the package may have a folder for each science; names are unique over all of them.

    Args:
        folder: where it lies.
        room: the package's room that it is; empty for a user's own folder.
        wants: name of the function that a file must hold, "{file}" for one named as the file is; empty where that may
            be a class.
    """

    folder: Path
    room: str = ""
    wants: str = ""

    def files(self) -> dict[str, Path]:
        """All files by their names, broken ones too; those that say ASIDE = True are left out."""
        deep = self.folder.glob("*/*.py") if self.room else ()
        found: dict[str, Path] = {}
        for path in sorted([*self.folder.glob("*.py"), *deep], key=lambda path: path.stem):
            if path.stem.startswith("_") or path.stem == "base" or _is_aside(path):
                continue
            if path.stem in found:
                raise BadShelf(
                    f"two files of {self.room} have one name", f"{found[path.stem]}, {path}", "rename one of them"
                )
            found[path.stem] = path
        return found

    def names(self) -> list[str]:
        """The names of all files, in order."""
        return list(self.files())

    def entries(self) -> list[Entry]:
        """All things, in order of name; a broken file is an entry with its error."""
        return [read_entry(path, self.wants) for path in self.files().values()]

    def entry(self, name: str) -> Entry:
        """One thing; a clear error where it is missing or broken."""
        asked, name, files = name, name.replace("-", "_"), self.files()
        if name not in files:
            raise BadShelf(f"there is no {asked!r} in {self.room or self.folder}", asked, _nearest(name, list(files)))
        entry = read_entry(files[name], self.wants)
        if entry.error:
            raise BadShelf(
                f"{entry.path.name} in {self.room or self.folder} is broken", entry.error, f"mend {entry.path}"
            )
        return entry

    def load(self, name: str) -> Any:  # noqa: ANN401 - a function or a class
        """Import the file and return its thing."""
        entry = self.entry(name)
        return getattr(import_file(entry.path, self.room), entry.thing)


def import_file(path: Path, room: str) -> ModuleType:
    """The module of a file: by its dotted name within the package, by its path elsewhere."""
    if room:
        inner = path.relative_to(Path(__file__).parent.parent / room).with_suffix("")
        return importlib.import_module(".".join((PACKAGE, *Path(room).parts, *inner.parts)))
    spec = importlib.util.spec_from_file_location(f"own_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise BadShelf("this file cannot be imported", str(path), "name a .py file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their annotations up there
    spec.loader.exec_module(module)
    return module


_THINGS = {
    "studies": "study",
    "verbs": "answer",
    "pictures": "tiles",
    "baselines": "{file}",
    "reports/sections": "section",
}


def shelf(room: str) -> Shelf:
    """A room of the package as a shelf."""
    return Shelf(Path(__file__).parent.parent / room, room, _THINGS.get(room, ""))


def _is_aside(path: Path) -> bool:
    try:
        return ASIDE.search(path.read_text(encoding="utf-8")) is not None
    except (OSError, ValueError):
        return False  # a broken file: reading it as an entry says what is wrong


def _nearest(name: str, names: list[str]) -> str:
    close = meant(name, names, 0.6)
    return (
        f"did you mean {close!r}? " if close else ""
    ) + f"there {'is' if len(names) == 1 else 'are'}: {', '.join(names) or 'none'}"


def read_entry(path: Path, wants: str = "") -> Entry:
    """What a file says of itself. Nothing of it is run."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as error:
        return Entry(path.stem, path, error=f"{path}: {error or type(error).__name__}")
    question = _first_line(ast.get_docstring(tree))
    wants = wants.format(file=path.stem)
    node = _function(tree, wants) if wants else _find(tree, path.stem)
    if node is None:
        expected = f"a function {wants!r}" if wants else f"a class or function named after the file ({path.stem})"
        return Entry(path.stem, path, question, error=f"{path}: it holds no {expected.removeprefix('a ')}")
    try:
        settings = _arguments(node) if isinstance(node, ast.FunctionDef) else _fields(node)
    except ValueError as error:
        return Entry(path.stem, path, question, error=f"{path}: {error}")
    doc = ast.get_docstring(node) or ""
    helps = _argument_helps(doc)
    settings = tuple(Setting(s.name, s.type, s.default, s.has_default, helps.get(s.name, "")) for s in settings)
    constants = _constants(node) if isinstance(node, ast.ClassDef) else {}
    return Entry(path.stem, path, question, _first_line(doc), doc, node.name, settings, constants)


def _function(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    return next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)


def _find(tree: ast.Module, name: str) -> ast.FunctionDef | ast.ClassDef | None:
    plain = name.replace("_", "").lower()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
        if isinstance(node, ast.ClassDef) and node.name.lower() == plain:
            return node
    # a file of two that belong together (an encoder and its decoder): the first stands for both
    first = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name.lower().startswith(plain))
    return next(first, None)


def _literal(node: ast.expr, where: str) -> Any:  # noqa: ANN401 - any literal
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError) as error:
        raise ValueError(f"the default of {where!r} is not a literal ({ast.unparse(node)})") from error


def _arguments(node: ast.FunctionDef) -> tuple[Setting, ...]:
    placed = node.args.posonlyargs + node.args.args
    given = placed + node.args.kwonlyargs
    defaults: list[ast.expr | None] = [None] * (len(placed) - len(node.args.defaults))
    defaults += [*node.args.defaults, *node.args.kw_defaults]
    found = []
    for argument, default in zip(given, defaults, strict=True):
        if argument.arg in ("self", "cls"):
            continue
        kind = ast.unparse(argument.annotation) if argument.annotation else "str"
        value = None if default is None else _literal(default, argument.arg)
        found.append(Setting(argument.arg, kind.replace("'", '"'), value, default is not None))
    return tuple(found)


def _fields(node: ast.ClassDef) -> tuple[Setting, ...]:
    """The arguments of `__init__`, or a dataclass's fields."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            try:
                return _arguments(item)
            except ValueError:  # a class may default to an object; only functions are called from the command line
                return ()
    found = []
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            kind = ast.unparse(item.annotation).replace("'", '"')
            if not kind.startswith("ClassVar"):
                try:
                    value = None if item.value is None else _literal(item.value, item.target.id)
                except ValueError:
                    value = ast.unparse(item.value) if item.value is not None else None
                found.append(Setting(item.target.id, kind, value, item.value is not None))
    return tuple(found)


def _constants(node: ast.ClassDef) -> dict[str, Any]:
    found = {}
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.value is not None:
            try:
                found[item.target.id] = ast.literal_eval(item.value)
            except (ValueError, TypeError):
                continue
    return found


def _first_line(doc: str | None) -> str:
    return (doc or "").strip().split("\n")[0]


def _argument_helps(doc: str) -> dict[str, str]:
    """The lines under "Args:" by the argument's name."""
    lines = doc.split("\n")
    starts = [i for i, line in enumerate(lines) if line.strip() == "Args:"]
    if not starts:
        return {}
    helps: dict[str, str] = {}
    current = ""
    for line in lines[starts[0] + 1 :]:
        if line.strip() and not line.startswith(" "):
            break
        found = re.match(r" {4}(\w+): (.*)", line)
        if found:
            current = found[1]
            helps[current] = found[2].strip()
        elif line.strip() and current:
            helps[current] += " " + line.strip()
        elif not line.strip():
            break
    return helps


def check_settings(entry: Entry, values: Mapping[str, Any]) -> dict[str, Any]:
    """All settings of a thing with the given ones in place; an unknown one is an error that names the nearest."""
    names = [setting.name for setting in entry.settings]
    for name in values:
        if name not in names:
            raise BadInput(f"{entry.name} has no setting {name!r}", name, _nearest(name, names))
    missing = [s.name for s in entry.settings if not s.has_default and s.name not in values]
    if missing:
        raise BadInput(f"{entry.name} needs {', '.join(missing)}", "nothing", f"give --{missing[0]}")
    return {s.name: values.get(s.name, s.default) for s in entry.settings}
