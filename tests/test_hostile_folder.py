"""A stranger's folder overwrites nothing, is read by no link, and steers no terminal."""

from __future__ import annotations

import ast
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simulacra.cli import main
from simulacra.core import writing
from simulacra.core.files import write_json, write_npy, write_npz
from simulacra.core.samples import Column, Samples
from simulacra.core.terminal import plain_json, plain_line, plain_text
from simulacra.core.writing import CannotWrite, NoPlainFile, append, replacing, replacing_text, write_bytes, write_text
from simulacra.kinds.base import kinds
from simulacra.pictures.sheet import write_sheet
from simulacra.reports.page import write_page
from simulacra.runs import Run

KEPT = Path(__file__).parent / "runs_kept"
SECRET = "ssh-ed25519 the user's own key\n"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A file of the user's that nobody named."""
    path = tmp_path / "home" / "authorized_keys"
    path.parent.mkdir()
    path.write_text(SECRET)
    return path


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A run from a stranger."""
    folder = tmp_path / "got" / "2026-strange"
    shutil.copytree(next(KEPT.iterdir()), folder)
    return folder


def simple(n: int = 3) -> Samples:
    return Samples.of(np.arange(2.0 * n).reshape(n, 2), "vector", columns=(Column("a"), Column("b", "m")))


WRITERS: dict[str, Callable[[Path], object]] = {
    "a.json": lambda path: write_json(path, {"a": 1}),
    "a.npz": lambda path: write_npz(path, {"a": np.zeros(3)}),
    "a.npy": lambda path: write_npy(path, np.zeros(3)),
    "samples.npz": lambda path: simple().write(path),
    "a.html": lambda path: write_page(path, "<p>"),
    "a.csv": lambda path: kinds()["vector"].write(simple(), path),
    "log.jsonl": lambda path: append(path, "{}\n"),
    "a.txt": lambda path: write_text(path, "a"),
    "a.bin": lambda path: write_bytes(path, b"a"),
    "a.png": lambda path: write_sheet(kinds()["lattice"].example(4, np.random.default_rng(0)), path, "two\nlines"),
} | {
    f"{name}{ending}": lambda path, kind=kind: kind.write(  # type: ignore[misc]
        kind.example(4, np.random.default_rng(0)).but(given={"energy": np.full(4, 50.0)}), path
    )
    for name, kind in kinds().items()
    for ending in kind.written
}


@pytest.mark.parametrize("name", WRITERS)
def test_no_writer_goes_through_a_link(name: str, key: Path, tmp_path: Path) -> None:
    folder = tmp_path / "strange"
    folder.mkdir()
    for link in (name, f".{name}.half", f"{name}.half", f".{name}.tmp"):
        (folder / link).symlink_to(key)
    with pytest.raises(NoPlainFile, match="this is a link"):
        WRITERS[name](folder / name)
    (folder / name).unlink()
    WRITERS[name](folder / name)
    assert key.read_text() == SECRET
    assert (folder / name).stat().st_size and not (folder / name).is_symlink()
    left = [path.name for path in folder.iterdir() if not path.is_symlink()]
    assert left == [name]


def test_one_place_alone_opens_files_to_write() -> None:
    """Whatever a module calls to write is in `core/writing.py`, or on the list with its reason."""
    # a lock file is made anew by O_EXCL, which follows no link; the studio writes into folders of its own
    allowed = ("core/writing.py", "core/lock.py", "studio/jobs.py", "studio/judge_page.py")
    source, wrong = Path(writing.__file__).parents[1], []
    for path in sorted(source.rglob("*.py")):
        name, text = path.relative_to(source).as_posix(), path.read_text()
        if name in allowed or not any(word in text for word in ("open(", ".write_", "np.save")):
            continue
        for node in ast.walk(ast.parse(text)):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            short = called.rpartition(".")[2]
            if short not in ("open", "save", "savez", "savetxt", "write_bytes", "write_text"):
                continue
            words = [ast.unparse(word).strip("'") for word in (*node.args, *(k.value for k in node.keywords))]
            opens = short == "open" and {*words} & {"w", "wb", "a", "ab", "x", "xb", "r+b"} and called != "archive.open"
            saves = called.startswith("np.save") and words[0] != "file"
            if opens or saves or called.startswith(("path.write_", "out.write_")):
                wrong.append(f"{name}:{node.lineno} {called}")
    assert not wrong


def test_a_half_written_file_has_a_name_that_nobody_foresees(tmp_path: Path) -> None:
    seen = set()
    for _ in range(3):
        with replacing(tmp_path / "a.bin") as file:
            file.write(b"new")
            (half,) = (path.name for path in tmp_path.iterdir() if path.name.endswith(".half"))
            seen.add(half)
    assert len(seen) == 3 and writing.HALF.match(half)


def test_a_folder_on_the_way_that_is_a_link_is_refused(strange: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    run = Run(strange)
    shutil.rmtree(strange / "judges")
    (strange / "judges").symlink_to(outside)
    with pytest.raises(NoPlainFile, match="this is a link"):
        run.keep_judge("power", {"x": np.zeros(3)})
    assert not list(outside.iterdir())


@pytest.mark.parametrize("name", [".report.html.half", "report.html", ".run.json.half", "metrics.jsonl", "samples.npz"])
@pytest.mark.parametrize("verb", ["report", "resume", "sample", "list"])
def test_a_run_with_a_link_overwrites_nothing_and_is_refused(
    name: str, verb: str, strange: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = json.loads((strange / "run.json").read_text())
    (strange / "run.json").write_text(json.dumps({**record, "title": "\nssh-ed25519 the attacker's key\n"}))
    (strange / name).unlink(missing_ok=True)
    (strange / name).symlink_to(key)
    words = [verb, "--runs", str(strange.parent)] if verb == "list" else [verb, str(strange)]
    words += ["-o", str(strange / "x.npz")] if verb == "sample" else []
    code = main(words)
    out = capsys.readouterr()
    assert code == (0 if verb == "list" else 2)
    assert "broken" in out.out if verb == "list" else "this is a link" in out.err and "fix:" in out.err
    assert key.read_text() == SECRET and "own key" not in out.out + out.err


def test_a_pipe_in_a_run_is_refused_and_not_read_for_ever(strange: Path) -> None:
    (strange / "metrics.jsonl").unlink()
    os.mkfifo(strange / "metrics.jsonl")
    with pytest.raises(NoPlainFile, match="a pipe"):
        Run(strange)


def test_a_hard_link_is_neither_appended_to_nor_written_through(strange: Path, key: Path) -> None:
    (strange / "metrics.jsonl").unlink()
    os.link(key, strange / "metrics.jsonl")
    run = Run(strange)
    with pytest.raises(NoPlainFile, match="hard link"):
        run.log({"step": 1})
    run.forget_after(0)
    assert key.read_text() == SECRET


def test_what_a_killed_process_left_half_written_is_swept_away(strange: Path, key: Path) -> None:
    for name in (".run.json.half", f".run.json.{'ab' * 8}.half", f"judges/.x.npz.{'12' * 8}.half"):
        (strange / name).write_text("half")
    (strange / ".mine.txt").write_text("kept")
    writing.sweep(strange)
    assert not list(strange.rglob("*.half")) and (strange / ".mine.txt").exists()


# disks


def small_disk(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program in which no file can grow beyond 4 KiB, as on a disk that is full."""
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
    return subprocess.run([sys.executable, "-c", limit + code, *words], capture_output=True, text=True, check=False)


def test_a_full_disk_leaves_the_old_file_and_no_half(tmp_path: Path) -> None:
    names = ["a.npy", "a.npz", "a.csv", "a.json", "a.html"]
    for name in names:
        (tmp_path / name).write_text("the old file")
    code = """
import sys
from pathlib import Path
import numpy as np
from simulacra.core.errors import SimulacraError
from simulacra.core.files import write_json, write_npy, write_npz
from simulacra.core.samples import Samples
from simulacra.core.writing import write_text
from simulacra.kinds.base import kinds
x = np.random.default_rng(0).normal(size=(4000, 2))
here = Path(sys.argv[1])
for name, write in {
    "a.npy": lambda p: write_npy(p, x), "a.npz": lambda p: write_npz(p, {"x": x}),
    "a.csv": lambda p: kinds()["vector"].write(Samples.of(x, "vector"), p),
    "a.json": lambda p: write_json(p, x), "a.html": lambda p: write_text(p, "x" * 9999),
}.items():
    try:
        write(here / name)
    except SimulacraError as error:
        print(name, str(error).count(chr(10)), "make room" in error.fix)
"""
    done = small_disk(code, str(tmp_path))
    assert done.stdout.splitlines() == [f"{name} 2 True" for name in names], done.stderr
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(names, "the old file")


@pytest.mark.parametrize("verb", ["report", "ship", "sample", "compare"])
def test_a_full_disk_is_said_in_three_lines_by_every_verb(verb: str, strange: Path, tmp_path: Path) -> None:
    other = strange.with_name("2026-another")
    shutil.copytree(strange, other)
    words = {
        "report": [str(strange)],
        "ship": [str(strange), "-o", str(tmp_path / "model"), "--license", "CC0"],
        "sample": [str(strange), "-n", "512", "-o", str(tmp_path / "old.npy")],
        "compare": [str(strange), str(other), "-o", str(tmp_path / "both.html")],
    }[verb]
    (tmp_path / "old.npy").write_text("the old file")
    done = small_disk("import sys\nfrom simulacra.cli import main\nsys.exit(main(sys.argv[1:]))", verb, *words)
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    assert [line.split(":")[0].strip() for line in done.stderr.splitlines()[-2:]] == ["given", "fix"]
    assert "File too large" in done.stderr
    assert (tmp_path / "old.npy").read_text() == "the old file" and not list(tmp_path.rglob("*.half"))


def test_an_error_of_the_system_has_its_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a.json").write_text("1")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="No space left") as caught:
        write_json(tmp_path / "a.json", 2)
    assert isinstance(caught.value, OSError) and caught.value.errno == 28
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"] and (tmp_path / "a.json").read_text() == "1"


def test_a_file_keeps_its_permissions_when_it_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("private")
    path.chmod(0o600)
    write_text(path, "private still")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_everything_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    synced, replaced = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda n: (order.append("fsync"), synced(n))[1])
    monkeypatch.setattr(os, "replace", lambda *a, **k: (order.append("replace"), replaced(*a, **k))[1])
    for name in ("a.json", "a.npz", "a.html"):
        order.clear()
        WRITERS[name](tmp_path / name)
        assert order == ["fsync", "replace", "fsync"], name
    order.clear()
    append(tmp_path / "log.jsonl", "{}\n")
    append(tmp_path / "log.jsonl", "{}\n")
    assert order == ["fsync", "fsync", "fsync"]  # the first made the name, too


def test_line_ends_and_text_are_written_as_given(tmp_path: Path) -> None:
    with replacing_text(tmp_path / "a.csv") as file:
        file.write("a\r\nπ\n")
    assert (tmp_path / "a.csv").read_bytes() == "a\r\nπ\n".encode()


# the terminal


def test_signs_that_steer_a_terminal_are_spelled_out(strange: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads((strange / "run.json").read_text())
    evil = "\x1b]0;owned\x07\x9b2J\u202egnp\u2028line"
    record["alarms"] = [{"name": "a", "seen": evil, "advice": evil, "step": 1}]
    record |= {"why": evil, "title": evil, "state": "failed"}
    (strange / "run.json").write_text(json.dumps(record))
    evil_name = strange.rename(strange.with_name("2026-\x1b[31mred\nline"))
    for words in (["report", str(evil_name)], ["list", "--runs", str(evil_name.parent)], ["cite", str(evil_name)]):
        for more in ([], ["--json"]):
            main([*words, *more])
            out = capsys.readouterr()
            found = set(out.out + out.err) & {
                *map(chr, [*range(9), *range(11, 32), *range(127, 160)]),
                "\u202e",
                "\u2028",
            }
            assert not found, (words, found)
    assert json.loads(plain_json(json.dumps(evil, ensure_ascii=False))) == evil
    assert plain_line(f"a\n{evil}") == plain_text(f"a\\n{evil}")
