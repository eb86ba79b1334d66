"""The blows of an attack: on runs that are done, on runs that were killed, on files, and on disks that are full."""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import shutil
import sqlite3
from pathlib import Path

import numpy as np

from attack_watch import Watch, old_is_gone, warned
from file_worlds import WORLD
from simulacra.cli import main
from simulacra.judging.reading import How, read
from simulacra.runs import Run
from traps import bomb, outside

HERE = Path(__file__).parent
EVIL = (
    *("\x1b]0;owned\x07", "a\nssh-ed25519 AAAA", "\u202egnp.exe", "</script><script>alert(1)</script>"),
    *("../../x", "\u2028"),
)
HOWS = ("flip", "flip", "flip", "cut", "empty", "gone", "json", "json", "link", "half", "hard", "pipe", "folder")
ENDINGS = (".db", ".traj", ".pdb", ".gjf", ".fits", ".h5", ".npz", ".parquet")
STUDY = '''"""A small study for the attack."""
import sys
sys.path.insert(0, {here!r})
from small_studies import small
def study(steps: int = 30):
    """Can a small study be resumed?"""
    return small(steps)
'''


class Stop(BaseException):
    """A process that is killed."""


class Attack(Watch):
    """All blows, at random.

    Args:
        folder: an empty one, for the user's home and the stranger's files.
        seed: of all chance.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(folder, seed)
        self.kept = self._kept()
        self.begun, self.whole = self._begun()
        self.drawn: bytes | None = None

    def blow(self) -> None:
        """One of the kinds, at random."""
        kinds = {"a run": 10, "a file": 10, "a killed run": 3, "a full disk": 3, "a trap": 2}
        (kind,) = self.chance.choices(list(kinds), list(kinds.values()))
        getattr(self, f"on_{kind.replace(' ', '_')}")()
        self.blows[f"on {kind}"] += 1

    # what is attacked

    def _kept(self) -> Path:
        """A run that is done and sealed."""
        kept = shutil.copytree(next((HERE / "runs_kept").iterdir()), self.folder / "kept")
        Run(kept).close("done")
        return Path(kept)

    def _begun(self) -> tuple[Path, dict[str, bytes]]:
        """A run that was killed in training; and the files of one that was not."""
        from simulacra.training import checkpoint

        study = self.folder / "study.py"
        study.write_text(STUDY.format(here=str(HERE)))
        quiet = io.StringIO()
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            words = ["run", str(study), "--seed", "1", "--no-report", "--threads", "1"]
            assert main([*words, "--out", str(self.folder / "whole")]) == 0, quiet.getvalue()
            saved, steps = checkpoint.write_state, []

            def cut(*args: object) -> None:
                saved(*args)  # type: ignore[arg-type]
                steps.append(1)
                if len(steps) == 3:
                    raise Stop

            checkpoint.write_state = cut  # type: ignore[assignment]
            try:
                with contextlib.suppress(Stop):
                    main([*words, "--out", str(self.folder / "begun")])
            finally:
                checkpoint.write_state = saved
        (begun,), (whole,) = ((self.folder / name).iterdir() for name in ("begun", "whole"))
        Run(begun).update(state="running", why="", ended=None, process=2**22 + 1)  # as a kill leaves it
        names = ("model.safetensors", "verdicts.json")  # the samples name their run
        return begun, {name: (whole / name).read_bytes() for name in names}

    # the blows

    def damage(self, folder: Path) -> str:
        """Damage a file of a folder, or lay a trap; what was done."""
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        path, pick = self.chance.choice(files), self.chance
        name, data = path.relative_to(folder).as_posix(), bytearray(path.read_bytes())
        how = pick.choice(HOWS)
        if how == "json" and path.suffix not in (".json", ".jsonl"):
            how = "flip"
        if how == "flip":
            for _ in range(pick.choice([1, 1, 1, 8])):
                if data:
                    data[pick.randrange(len(data))] ^= 1 << pick.randrange(8)
            path.write_bytes(data)
        elif how == "cut":
            path.write_bytes(data[: pick.randrange(len(data) + 1)])
        elif how == "empty":
            path.write_bytes(b"")
        elif how == "json":
            self._twist(path)
        elif how == "half":
            name = f"{name} (its half-written one)"
            for half in (f".{path.name}.half", f".{path.name}.tmp"):
                path.with_name(half).symlink_to(pick.choice(list(self.keys.values())))
        else:
            path.unlink()
            aim = pick.choice(list(self.keys.values()))
            if how == "link":
                path.symlink_to(aim)
            elif how == "hard":
                os.link(aim, path)
            elif how == "pipe":
                os.mkfifo(path)
            elif how == "folder":
                path.mkdir()
        return f"{how} {name}"

    def _twist(self, path: Path) -> None:
        """Another value, of whatever type, somewhere in a file of JSON."""
        lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
        place = self.chance.randrange(len(lines))
        whole = json.loads(lines[place])
        at = whole
        while True:
            keys: list[object] = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = self.chance.choice(keys)
            if isinstance(at[key], dict | list) and at[key] and self.chance.random() < 0.7:
                at = at[key]
                continue
            at[key] = self.chance.choice([None, 0, -1, 10**30, 1.5, True, [], {}, [[]], "", *EVIL])
            break
        lines[place] = json.dumps(whole)
        path.write_text("\n".join(lines) + "\n")

    def on_a_run(self) -> None:
        """A verb on a damaged run."""
        folder = self.folder / "got" / "2026-strange"
        shutil.rmtree(self.folder / "got", ignore_errors=True)
        shutil.copytree(self.kept, folder)
        did = self.damage(folder)
        out = self.folder / "out"
        verb = self.chance.choice(["report", "list", "sample", "compare", "cite", "ship", "show", "resume"])
        words = {
            "report": [str(folder)],
            "list": ["--runs", str(folder.parent)],
            "sample": [str(folder), "-n", "4", "--seed", "0", "-o", str(out / "x.npy")],
            "compare": [str(folder), str(self.kept), "-o", str(out / "both.html")],
            "cite": [str(folder)],
            "ship": [str(folder), "-o", str(out / "model"), "--license", "CC0"],
            "show": [str(folder)],
            "resume": [str(folder)],
        }[verb]
        code, said = self.called([verb, *words], f"{verb} after: {did}")
        changed = [line for line in self._changed(folder) if not line.startswith("report.html")]
        if verb == "sample" and code == 0:
            drawn = (out / "x.npy").read_bytes()
            self.drawn = self.drawn or self._drawn(out)
            if drawn != self.drawn:
                self.note("silent wrong answers", f"sample drew other numbers after: {did}")
        if verb in ("report", "list", "sample") and code == 0 and changed and not warned(said):
            self.note("silent wrong answers", f"{verb} said nothing after: {did}: {said[-200:]!r}")

    def _drawn(self, out: Path) -> bytes:
        self.called(["sample", str(self.kept), "-n", "4", "--seed", "0", "-o", str(out / "whole.npy")], "sample")
        return (out / "whole.npy").read_bytes()

    def _changed(self, folder: Path) -> list[str]:
        """Files that are not as in the run that was kept."""
        names = {path.relative_to(self.kept).as_posix() for path in self.kept.rglob("*") if path.is_file()}
        return [
            name
            for name in sorted(names)
            if not (folder / name).is_file()
            or (folder / name).is_symlink()
            or (folder / name).read_bytes() != (self.kept / name).read_bytes()
        ]

    def on_a_killed_run(self) -> None:
        """A run that was killed, damaged, and is resumed: to the same files, or to a clear error, or with a warning."""
        folder = self.folder / "got" / self.begun.name
        shutil.rmtree(self.folder / "got", ignore_errors=True)
        shutil.copytree(self.begun, folder)
        did = self.damage(folder) if self.chance.random() < 0.9 else "nothing"
        words = ["resume", str(folder), "--study", str(self.folder / "study.py"), "--no-report"]
        code, said = self.called(words, f"resume after: {did}")
        if code == 0:
            other = [name for name, data in self.whole.items() if (folder / name).read_bytes() != data]
            if other and not warned(said):
                self.note("silent wrong answers", f"resume ended with another {other[0]} after: {did}")
        elif did == "nothing":
            self.note("silent wrong answers", f"a killed run was not resumed: {said[-300:]}")

    def on_a_full_disk(self) -> None:
        """A verb whose files cannot grow beyond so many bytes; what was there before is there still."""
        folder = self.folder / "got" / "2026-strange"
        shutil.rmtree(self.folder / "got", ignore_errors=True)
        shutil.copytree(self.kept, folder)
        (folder / "report.html").write_text("the old page")
        out = self.folder / "out"
        ending = self.chance.choice([".npy", ".npz", ".png"])
        out.mkdir(exist_ok=True)
        (out / f"old{ending}").write_text("the old file")
        verb = self.chance.choice(["report", "sample", "ship", "judge"])
        words = {
            "report": [str(folder)],
            "sample": [str(folder), "-n", "64", "-o", str(out / f"old{ending}")],
            "ship": [str(folder), "-o", str(out / "model"), "--license", "CC0"],
            "judge": [str(self._csv("a")), str(self._csv("b")), "--out", str(out / "runs")],
        }[verb]
        most = self.chance.choice([0, 1, 100, 2000, 8000])
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
        try:
            code, _ = self.called([verb, *words], f"{verb} on a disk with {most} bytes left")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        if code and verb == "sample" and old_is_gone(out / f"old{ending}", b"the old file"):
            self.note("overwritten", f"the old file is gone: {verb} -o old{ending} with {most} bytes left")
        if code and verb == "report" and old_is_gone(folder / "report.html", b"the old page"):
            self.note("overwritten", f"the old page is gone with {most} bytes left")
        if left := [*folder.rglob("*.half"), *out.rglob("*.half")]:
            self.note("halves left", f"{left[0].name} after {verb} with {most} bytes left")

    def _csv(self, name: str) -> Path:
        path = self.folder / f"{name}.csv"
        if not path.exists():
            rows = np.random.default_rng(ord(name)).normal(size=(40, 2))
            path.write_text("x,y\n" + "".join(f"{a:.4f},{b:.4f}\n" for a, b in rows))
        return path

    def on_a_file(self) -> None:
        """A reader on a damaged file, or on one that is a trap."""
        name = self.chance.choice(sorted(WORLD))
        whole, reader = WORLD[name]
        folder = self.folder / "data"
        shutil.rmtree(folder, ignore_errors=True)
        path = folder / name
        path.parent.mkdir(parents=True)
        data = bytearray(whole)
        for _ in range(self.chance.choice([0, 1, 1, 4, 16])):
            data[self.chance.randrange(len(data))] = self.chance.randrange(256)
        if self.chance.random() < 0.3:
            del data[self.chance.randrange(len(data)) :]
        path.write_bytes(data)
        self.read(path, reader, f"{name}, damaged")

    def on_a_trap(self) -> None:
        """A file that is a trap by design."""
        folder = self.folder / "data"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        how = self.chance.choice(["hdf5", "sqlite", "bomb", "smiles", "linked pictures", "ending"])
        if how == "hdf5":
            path = folder / "a.h5"
            sort = self.chance.choice(["external link", "link behind a link", "external storage", "virtual dataset"])
            outside(path, sort, self.keys["private.npz"])
        elif how == "sqlite":
            path = folder / "places.db"
            with contextlib.closing(sqlite3.connect(path)) as base:
                base.execute("CREATE TABLE places (id INTEGER)")
        elif how == "bomb":
            sort = self.chance.choice(["npz", "h5"])
            path = folder / f"a.{sort}"
            bomb(path, sort)
        elif how == "smiles":
            path = folder / "a.smi"
            path.write_text("\n".join(["C" * 20_000, "[" * 30_000, "C(" * 5_000, *["CCO"] * 20]))
        elif how == "linked pictures":
            path = folder / "p"
            path.mkdir()
            (path / "a.png").symlink_to(self.keys["private.npz"])
        else:
            path = folder / f"a{self.chance.choice(ENDINGS)}"
            path.write_bytes(self.chance.choice([b"%!PS\n", b"\x1f\x8b\x08", b"PK\x03\x04", b"3\n\nO 0 0 0\n", b""]))
        self.read(path, lambda at: read(at, How()), f"a trap: {how}, {path.name}")
