"""The run folder: plain files that any later version, on any machine, can read without running code."""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from simulacra.core import journal, model_file, record_file, verdict_file
from simulacra.core.errors import BadRun, SimulacraError
from simulacra.core.files import plain, read_npz, slug, write_json, write_npz
from simulacra.core.lock import standing
from simulacra.core.machine import alive, boot, machine, versions
from simulacra.core.report_process import in_own_process
from simulacra.core.samples import Samples
from simulacra.core.seal import broken_seal, changed, check, hash_of, seal_of, sealed
from simulacra.core.shelf import SHIPPED, shipped
from simulacra.core.shown import html
from simulacra.core.verdict import Verdict
from simulacra.core.writing import check_plain

FORMAT = 1
State = Literal["running", "done", "failed", "interrupted"]
RECORDED: Mapping[str, type | tuple[type, ...]] = {
    "study": str,
    "settings": dict,
    "seed": int,
    "state": str,
    "began": str,
    "seconds": (int, float),
    "process": int,
    "versions": dict,
    "machine": dict,
    "alarms": list,
}
"""What every run.json holds, whatever else it does."""
AT_TIMES: Mapping[str, tuple[type, ...]] = {"threads": (int, type(None)), "cost": (dict,), "computing": (dict,)}
"""What some hold, and others do not."""


class Run:
    """One run, as its folder describes it. Everything is read from disk when it is asked for.

    Args:
        folder: the run folder; it must hold a `run.json`, and no link, whose aim might be any file of the user's.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        if not (self.folder / "run.json").is_file():
            raise BadRun(
                "this is not a run folder (it has no run.json)",
                str(folder),
                "name a folder under runs/, or see `simulacra list --runs`",
            )
        with suppress(FileNotFoundError):  # a file that went while we looked: another process works here
            check_plain(self.folder)
        record = self.record
        found = record.get("format")
        if found != FORMAT:
            raise BadRun(
                "this run folder has another format",
                f"format {found}, this version reads {FORMAT}",
                "use the version that wrote it",
            )
        missing = [name for name, kind in RECORDED.items() if not isinstance(record.get(name), kind)]
        missing += [name for name, kind in AT_TIMES.items() if name in record and not isinstance(record[name], kind)]
        if not missing and not all(isinstance(seconds, int | float) for seconds in record.get("cost", {}).values()):
            missing = ["cost"]
        if missing or record["state"] not in get_args(State):
            raise BadRun(
                "run.json is not the record of a run",
                f"{self.folder}: {', '.join(missing) or 'state'} missing or of the wrong sort",
                "restore it, or run again",
            )

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}, {self.state})"

    def _repr_html_(self) -> str | None:
        return html("run", self)

    @classmethod
    def create(
        cls, root: Path | str, study: str, settings: Mapping[str, Any], seed: int, more: Mapping[str, Any] | None = None
    ) -> Run:
        """A fresh folder under `root`, named by time, study and chance, in state *running*."""
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H%M")
        folder = Path(root) / f"{stamp}-{study}-{secrets.token_hex(2)}"
        try:
            record = {
                "format": FORMAT,
                "study": study,
                "settings": dict(settings),
                "seed": seed,
                "state": "running",
                "why": "",
                "began": now(),
                "ended": None,
                "seconds": 0.0,
                "process": os.getpid(),
                "boot": boot(),
                "versions": versions(),
                "machine": machine(),
                "alarms": [],
                **(more or {}),
            }
            record = plain(record)
            record_file.begin(folder, {**record, "seal": seal_of(record)})
        except OSError as error:
            raise BadRun(
                "the run folder cannot be written", f"{folder}: {error.strerror}", "choose another place with --out DIR"
            ) from error
        return cls(folder)

    @property
    def record(self) -> dict[str, Any]:
        """run.json; its copy at the last checkpoint where it is broken."""
        return record_file.read(self.folder)

    def update(self, **changes: Any) -> None:  # noqa: ANN401 - any entry of the record
        """Change entries of run.json."""
        before = self.record
        record = plain({**before, **changes})
        if "seal" in record and before.get("seal", "") == seal_of(before):  # a broken seal stays broken
            record["seal"] = seal_of(record)
        write_json(self.folder / "run.json", record)

    def keep_copy(self) -> None:
        """A copy of run.json beside the checkpoint that was just written."""
        record_file.keep_copy(self.folder)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def state(self) -> State:
        """How the run stands; a run whose process is gone without a word was interrupted.

        Whose process it is, and whether it lives, is asked of the lock and its heartbeat (`core.lock`).
        """
        record = self.record
        state: State = record["state"]
        if state != "running":
            return state
        stands = standing(self.folder)
        if stands is not None:
            return "running" if stands == "alive" else "interrupted"
        if "boot" in record:  # kept since there are locks: who works would hold one, or is about to take it
            return state if (record["boot"], record["process"]) == (boot(), os.getpid()) else "interrupted"
        here = record["machine"].get("host") == platform.node()
        return "interrupted" if here and not alive(record["process"]) else state

    def close(self, state: State, why: str = "") -> None:
        """Say how the run ended; of one that is done, each file's hash is kept."""
        self.update(state=state, why=why, ended=now())
        if state == "done":
            before = self.record
            record = {**before, "files sealed": sealed(self.folder)}
            seal = before["seal"] if broken_seal(before) else seal_of(record)  # a broken seal stays broken
            write_json(self.folder / "run.json", {**record, "seal": seal})

    def broken_seals(self, most: int | None = None) -> list[str]:
        """What has changed since the run was done, a line each; nothing of a run that keeps no hashes.

        Args:
            most: bytes of a file, beyond which it is not read.
        """
        record = self.record
        if (self.folder / "card.json").exists():  # a model that was shipped, of which its card speaks
            return []
        seals = self._seals(record)
        own = ["run.json has changed"] if broken_seal(record) or (seals and "seal" not in record) else []
        return own + changed(self.folder, seals, most)

    def doubts(self, most: int | None = None) -> list[str]:
        """All that a reader must know of this folder before he believes it, a line each: seals, record, log."""
        since = "the run was done" if self.record["state"] == "done" else "it was written"
        found = [f"{line} since {since}" for line in self.broken_seals(most)]
        if record_file.from_copy(self.folder):
            found.append("run.json is broken: what is said here is its copy at the last checkpoint")
        return found + journal.doubts(self.folder / "metrics.jsonl")

    def check_seals(self, *names: str) -> None:
        """Compare files with the hashes that the run ended with, before they are used.

        Raises:
            BadRun: naming the one that has changed. Runs that keep no hashes are taken as they are.
        """
        check(self.folder, self._seals(self.record), names)

    def _seals(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The hashes by file; none of a model that was shipped, of which its card speaks."""
        seals = record.get("files sealed")
        return seals if isinstance(seals, dict) and not (self.folder / "card.json").exists() else {}

    def _kept(self, path: Path) -> None:
        """A file that is written once the run is done is sealed anew."""
        seals = self.record.get("files sealed")
        if isinstance(seals, dict):
            self.update(**{"files sealed": {**seals, path.relative_to(self.folder).as_posix(): hash_of(path)}})

    def log(self, values: Mapping[str, Any]) -> None:
        """One line to metrics.jsonl."""
        journal.add(self.folder / "metrics.jsonl", values)

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The lines of metrics.jsonl; those that are broken or were cut off are left out, and `doubts` names them."""
        return journal.rows(self.folder / "metrics.jsonl")

    def forget_after(self, step: int) -> None:
        """Drop the log lines after a step, as a resumed run writes them anew."""
        journal.forget_after(self.folder / "metrics.jsonl", step)

    def alarm(self, name: str, seen: str, advice: str, step: int) -> None:
        """Record an alarm: what was seen, and what to do about it."""
        self.update(alarms=[*self.record["alarms"], {"name": name, "seen": seen, "advice": advice, "step": step}])

    def keep_samples(self, sets: Mapping[str, Samples]) -> None:
        """samples.npz: a few hundred of each set (model, truth, each baseline)."""
        arrays: dict[str, NDArray[Any]] = {"sets": np.array(list(sets))}
        for name, samples in sets.items():
            arrays |= samples.to_arrays(f"{name}/")
        write_npz(self.folder / "samples.npz", arrays)
        self._kept(self.folder / "samples.npz")

    @property
    def samples(self) -> dict[str, Samples]:
        """What samples.npz holds, by name: "model", "truth", and each baseline."""
        path = self.folder / "samples.npz"
        if not path.exists():
            return {}
        arrays = read_npz(path)
        return {str(name): Samples.from_arrays(arrays, f"{name}/") for name in arrays.get("sets", ())}

    def keep_exhibit(self, name: str, arrays: Mapping[str, Any]) -> None:
        """exhibits/NAME.npz: something to show beside the samples (reconstructions, a latent path)."""
        write_npz(self.folder / "exhibits" / f"{name}.npz", dict(arrays), below=self.folder)
        self._kept(self.folder / "exhibits" / f"{name}.npz")

    def exhibit(self, name: str) -> dict[str, NDArray[Any]] | None:
        """One exhibit, or None where the run has no such."""
        path = self.folder / "exhibits" / f"{name}.npz"
        return read_npz(path) if path.exists() else None

    def keep_judge(self, name: str, arrays: Mapping[str, Any]) -> None:
        """judges/NAME.npz: features of each set, with the axis along which they are drawn."""
        path = self.folder / "judges" / f"{slug(name)}.npz"
        write_npz(path, {"name": np.array(name), **arrays}, below=self.folder)
        self._kept(path)

    @property
    def judges(self) -> dict[str, dict[str, NDArray[Any]]]:
        """What the judges saw, by the judge's name."""
        paths = sorted(path for path in (self.folder / "judges").glob("*.npz") if not path.name.startswith("."))
        found = {path: read_npz(path) for path in paths}
        return {str(arrays.get("name", path.stem)): arrays for path, arrays in found.items()}

    def keep_verdicts(
        self, verdicts: Mapping[str, Mapping[str, Verdict]], extra: Mapping[str, Any] | None = None
    ) -> None:
        """verdicts.json: of the model and of each baseline."""
        table = {who: {judge: verdict.to_dict() for judge, verdict in row.items()} for who, row in verdicts.items()}
        write_json(self.folder / "verdicts.json", {"verdicts": table, **(extra or {})})
        self._kept(self.folder / "verdicts.json")

    @property
    def all_verdicts(self) -> dict[str, dict[str, Verdict]]:
        """Verdicts by set ("model", each baseline) and by judge."""
        return verdict_file.all_verdicts(self.folder / "verdicts.json")

    @property
    def controls(self) -> dict[str, dict[str, Any]]:
        """What the judges said of sets with a known fault, by the control's name: fault, caught, missed."""
        return verdict_file.controls(self.folder / "verdicts.json")

    @property
    def apart(self) -> dict[str, dict[str, dict[str, Verdict]]]:
        """Verdicts under each condition alone, by condition, by set and by judge; empty where none were asked for."""
        return verdict_file.apart(self.folder / "verdicts.json")

    @property
    def usable(self) -> dict[str, dict[str, Any]]:
        """How many of the model's samples may be used, by judge: n_star with its ends, and the amplification."""
        return verdict_file.usable(self.folder / "verdicts.json")

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """Verdicts on the model, by judge."""
        return self.all_verdicts.get("model", {})

    @property
    def model(self) -> dict[str, Any]:
        """model.json: how to build the model again ("recipe"), and the values of each condition in training."""
        return model_file.description(self.folder, judged_files="files" in self.record)

    def report(self) -> Path:
        """Write report.html from the folder alone, in a process of its own, and return its path."""
        return in_own_process(self.folder)


def find(name: str, root: Path | str = "runs") -> Run:
    """A run by its folder, or by its name (or the beginning or end of it) under `root`; or a shipped model by its name.

    "last" is the newest run, and a study's name the newest run of that study.
    """
    for folder in (Path(name), Path(root) / name):
        if name and (folder / "run.json").is_file():
            return Run(folder)
    names = [run.name for run in every(root)]
    if name == "last" and names:
        return Run(Path(root) / names[-1])
    fits = [n for n in names if n.startswith(name) or n.endswith(name)] if name else []
    if len(fits) == 1:
        return Run(Path(root) / fits[0])
    if fits:
        raise BadRun(f"{len(fits)} runs fit this name", f"{name}: {', '.join(fits)}", "give more of the name")
    if name in shipped():
        return Run(SHIPPED / name)
    of_study = [run for run, record in _readable(Path(root)) if record["study"] == name]
    if of_study:
        return of_study[-1]
    near = ", ".join(names[-3:])
    raise BadRun(
        "there is no such run, nor a shipped model of this name",
        name,
        f"`simulacra list --runs` shows the runs under {root}/{f' (the last: {near})' if near else ''}; shipped are "
        f"{', '.join(shipped()) or 'none'}; or give the path of a run folder",
    )


def every(root: Path | str = "runs") -> list[Run]:
    """All readable runs under a folder, oldest first; a run that goes while one looks is left out."""
    return [run for run, _ in _readable(Path(root))]


def _readable(root: Path) -> list[tuple[Run, dict[str, Any]]]:
    found = []
    for path in sorted(root.glob("*/run.json")):
        with suppress(SimulacraError, OSError):
            run = Run(path.parent)
            found.append((run, run.record))
    return sorted(found, key=lambda pair: (pair[1]["began"], pair[0].name))


def now() -> str:
    """The time, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
