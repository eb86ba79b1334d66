"""Every fix line of every error that a test meets is followed, then and there, on the input that caused the error.

With SIMULACRA_HINTS=FILE, as `make hints` sets it, `pytest.raises` and the command line are watched. Once an error of
ours has come out of one, the call is made again as it was (the same error must come, or it is no call that can be
followed), then with what the fix asks for: a setting, an option, a command, an ending, another of the names that it
lists. That must end well or in another error; who is told the same thing again was sent nowhere, and the test fails. A
fix that asks for another input altogether ("name another file") can only be read, and is counted as such. What was done
is written to FILE, a JSON line each; `python tests/hints.py FILE` counts it against all places that raise.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

PACKAGE = Path(__file__).parents[1] / "src" / "simulacra"
MOST = 10 * 2**20  # bytes of a folder that is copied before a command line is followed in it
KEPT = os.environ.get("SIMULACRA_HINTS", "")
following = [bool(KEPT)]
"""Whether fixes are followed: in the run that `make hints` makes, for each is one call or two more."""

found: list[dict[str, str]] = []
"""What was followed in this process."""
nowhere: list[str] = []
"""Of the test at hand: the fixes that led nowhere."""
_done: set[tuple[str, str]] = set()
_busy: list[bool] = []


def install() -> None:
    """Watch errors, `pytest.raises` and the command line."""
    from _pytest.raises import RaisesExc

    from simulacra import cli
    from simulacra.core import errors

    plain, leave, main, said = errors.SimulacraError.__init__, RaisesExc.__exit__, cli.main, cli.said
    told: list[errors.SimulacraError] = []

    def marked(self: errors.SimulacraError, *args: Any, **named: Any) -> None:  # noqa: ANN401
        frame: Any = sys._getframe(1)
        self.__dict__["site"] = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        plain(self, *args, **named)

    def left(
        self: Any,  # noqa: ANN401
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        held = bool(leave(self, kind, error, trace))
        if held and following[0] and isinstance(error, errors.BadInput) and not _busy:
            from hint_doors import of_traceback

            consider(error, of_traceback(trace))
        return held

    def heard(error: errors.SimulacraError, as_json: bool) -> int:
        told[:] = [error]
        return said(error, as_json)

    def watched(argv: Sequence[str] | None = None) -> int:
        told.clear()
        code = main(argv)
        if (
            code == 2
            and following[0]
            and told
            and argv is not None
            and not _busy
            and isinstance(told[0], errors.BadInput)
        ):
            from hint_doors import Door

            with _elsewhere(argv) as words:
                if words:
                    consider(told[0], Door(lambda given: cli.answered(given), words=words))
        return code

    errors.SimulacraError.__init__ = marked  # type: ignore[method-assign, assignment]
    RaisesExc.__exit__ = left  # type: ignore[method-assign, assignment]
    cli.said, cli.main = heard, watched


@contextlib.contextmanager
def _elsewhere(argv: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The same words in a copy of the folder, so that the test's own stays as it is; none where that is large."""
    here = Path.cwd()
    size = 0
    if here.is_relative_to(tempfile.gettempdir()):
        for file in here.rglob("*"):
            size += file.lstat().st_size if file.is_file() and not file.is_symlink() else 0
            if size > MOST:
                break
    if not here.is_relative_to(tempfile.gettempdir()) or size > MOST:
        yield ()
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        try:
            shutil.copytree(here, copy, symlinks=True)
            os.chdir(copy)
            yield tuple(str(word).replace(str(here), str(copy)) for word in argv if word != "--json")
        except shutil.Error:
            yield ()
        finally:
            os.chdir(here)


def consider(error: Any, door: Any) -> None:  # noqa: ANN401 - SimulacraError, Door or None
    """Follow the fix of an error, once for each place and form."""
    site, fix = error.__dict__.get("site", ""), error.fix
    if not following[-1]:
        return
    form = re.sub(r"'[^']*'|/\S+|\d+", "_", fix)
    if not fix or (site, form) in _done:
        return
    _busy.append(True)
    try:
        how, more = follow(error, door)
    finally:
        _busy.pop()
    if how != "not called again":
        _done.add((site, form))
    line = {"site": site.rpartition("/simulacra/")[2], "fix": fix, "how": how, "more": more, "wrong": error.wrong}
    line["test"] = os.environ.get("PYTEST_CURRENT_TEST", "")
    found.append(line)
    if how == "nowhere":
        nowhere.append(f"{error.wrong}\n  given: {error.given}\n  fix:   {fix}\n  leads to: {more}")
    if KEPT:
        with Path(KEPT).open("a") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def follow(error: Any, door: Any) -> tuple[str, str]:  # noqa: ANN401
    """How it went, as `main` counts it, and a word more."""
    from hint_doors import End, tried
    from hint_forms import mends, pip_extra

    extra = pip_extra(error.fix)
    if extra:
        return ("success", f"{extra} is an extra") if extra in _extras() else ("nowhere", f"there is no extra {extra}")
    if door is None:
        return "not called again", "no call from the test"
    last = ("asks for another input", "")
    for number, changed in enumerate(mends(error, door)):
        if not number and not tried(replace(door)).same(End.of(error)):
            return "not called again", "the call as it was ends otherwise now"
        if number > 6:
            break
        end = tried(changed)
        if end.how != "error":
            return end.how, ""
        if end.same(End.of(error)):
            last = last if last[0] == "further" else ("nowhere", end.text)
        elif end.ours:
            last = ("further", f"{end.kind}: {end.text}")
    return last


def _extras() -> set[str]:
    import tomllib

    with (PACKAGE.parents[1] / "pyproject.toml").open("rb") as file:
        return set(tomllib.load(file)["project"]["optional-dependencies"])


MARKS = re.compile(r"raises\(|BadInput|SimulacraError|== 2\b|\"fix\"|returncode|\.err\b|exits?\b")
"""What a test that expects an error has in its text."""


def expects(item: Any) -> bool:  # noqa: ANN401 - pytest's
    """Whether a test, or a function of its module that it names, speaks of errors; unknown ones may."""
    function, module = getattr(item, "function", None), getattr(item, "module", None)
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError):
        return False
    if MARKS.search(text):
        return True
    near = [getattr(module, name, None) for name in set(re.findall(r"\b(\w+)\(", text))]
    own = [one for one in near if inspect.isfunction(one) and one.__module__ == module.__name__]
    return any(MARKS.search(inspect.getsource(one)) for one in own)


def sites() -> dict[str, tuple[str, str]]:
    """Every place in the package that makes a BadInput with a fix: file and line, to what is wrong and the fix."""
    made = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "BadInput":
                named = {word.arg: word.value for word in node.keywords}
                fix = node.args[2] if len(node.args) > 2 else named.get("fix")
                if fix is not None:
                    wrong = node.args[0] if node.args else named["wrong"]
                    made[f"{path.relative_to(PACKAGE)}:{node.lineno}"] = (words(wrong), words(fix))
    return made


def words(node: ast.expr) -> str:
    """A text in the source, with what is filled in in braces."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else f"{{{ast.unparse(v)}}}" for v in node.values)
    return f"{{{ast.unparse(node)}}}"


def main(path: str) -> None:
    """Count what was followed against all places that raise."""
    lines = [json.loads(line) for line in Path(path).read_text().splitlines()]
    best = ("nowhere", "success", "works on", "further", "asks for another input", "not called again")
    of: dict[str, str] = {}
    for line in lines:
        now = of.get(line["site"], best[-1])
        of[line["site"]] = min(now, line["how"], key=best.index)
    every = sites()
    counted = Counter(of.get(site, "met by no test that was run") for site in every)
    print(  # noqa: T201
        f"{len(every)} places make a BadInput with a fix: "
        + ", ".join(f"{n} {how}" for how, n in counted.most_common())
    )
    for line in lines:
        if line["how"] == "nowhere":
            print(  # noqa: T201
                f"nowhere: {line['site']} | {line['wrong']} | {line['fix']} | {line['more']} | {line['test']}"
            )


if __name__ == "__main__":
    main(sys.argv[1])
