"""Studies of filling in: cells are taken out of known tables, filled in, and held against what stood there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from simulacra.core.errors import BadInput
from simulacra.core.files import plain, write_json
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.core.writing import append
from simulacra.domains.tables.removal import REMOVALS
from simulacra.imputers.base import Imputer, check
from simulacra.imputing import contest, coverage
from simulacra.judging.base import Judge
from simulacra.running.base import AnyStudy, keep_digest
from simulacra.running.split import digest_of
from simulacra.running.stages import Stage
from simulacra.runs import Run
from simulacra.skill.imputations import expected
from simulacra.sources.base import Archive

ROWS, INTERVALS, FIGURES = "fillings.jsonl", "intervals.jsonl", "imputations.json"


@dataclass(frozen=True)
class ImputationStudy(AnyStudy):
    """A leader board of imputers by table, mechanism and share, and the coverage of intervals after filling in.

    The truth of a cell that is taken out is seen by the scores alone. Each task is written down as it ends, so that a
    run that was stopped goes on with the next.

    Args:
        tables: by name.
        imputers: that take part, by name.
        baselines: those that a careful scientist would have used instead; they take part as well.
        mechanisms: why cells are missing: MCAR, MAR, MNAR.
        shares: of the cells that are taken out.
        repeats: sets of cells taken out, each anew.
        draws: completed tables a filling.
        intervals: made tables on which coverage is counted; 0 leaves that out.
        rarely: imputers that cost minutes, and take part in the first sets of cells alone.
        rare: how many of these sets they meet.
        shifts: by how much what is filled in is moved where gaps depend on themselves (MNAR), in standard deviations.
        references: what to cite.
        question: what is asked.
        expect: there are no judges of samples here.
    """

    tables: Mapping[str, Archive]
    imputers: Mapping[str, Imputer]
    baselines: Mapping[str, Imputer]
    mechanisms: tuple[str, ...] = ("MCAR", "MAR", "MNAR")
    shares: tuple[float, ...] = (0.2,)
    repeats: int = 5
    draws: int = 20
    intervals: int = 0
    rarely: tuple[str, ...] = ()
    rare: int = 1
    shifts: tuple[float, ...] = ()
    world: coverage.World = field(default_factory=coverage.World)

    folder: ClassVar[str] = "imputations"

    def __post_init__(self) -> None:
        unknown = [name for name in self.mechanisms if name not in REMOVALS]
        if unknown or not self.mechanisms:
            raise BadInput("cells go missing in one of three ways", ", ".join(unknown) or "none", ", ".join(REMOVALS))
        if not self.shares or not all(0 < share < 0.9 for share in self.shares):
            raise BadInput("shares lie between 0 and 0.9", ", ".join(map(str, self.shares)), "for example 0.1,0.2,0.5")
        if "MAR" in self.mechanisms and max(self.shares) >= 0.6:
            raise BadInput("with three columns in ten whole, MAR takes out less than 0.6", str(max(self.shares)), "0.5")
        strange = [name for name in self.rarely if name not in self.everyone]
        if strange:
            raise BadInput("who takes part rarely takes part", ", ".join(strange), f"among: {', '.join(self.everyone)}")
        if self.repeats < 1 or self.rare < 1 or self.draws < 2:
            raise BadInput("a repeat and two draws are the least", f"{self.repeats}, {self.draws}", "5 and 20")
        twice = sorted(set(self.imputers) & set(self.baselines))
        if twice:
            raise BadInput("an imputer takes part twice", ", ".join(twice), "name it once")

    @property
    def everyone(self) -> dict[str, Imputer]:
        """All that take part."""
        return {**self.baselines, **self.imputers}

    @property
    def judges(self) -> Mapping[str, Judge]:
        """None: what is filled in is held against the cells themselves."""
        return {}

    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to be resumed."""
        return {
            "tables": {name: repr(table) for name, table in self.tables.items()},
            "imputers": {name: repr(imputer) for name, imputer in self.everyone.items()},
            "mechanisms": list(self.mechanisms),
            "shares": list(self.shares),
            "repeats": self.repeats,
            "draws": self.draws,
            "intervals": self.intervals,
            "rarely": [*self.rarely, self.rare],
            "shifts": list(self.shifts),
            "world": repr(self.world),
        }

    def about(self) -> dict[str, Any]:
        """The imputers and what they are."""
        stated = {name: str(type(one).__doc__ or "").split("\n")[0] for name, one in self.everyone.items()}
        return {
            "source": self.identity()["tables"],
            "model": {"class": ", ".join(self.imputers), "parameters": 0},
            "asked": {},
            "baselines": {name: stated[name] for name in self.baselines},
        }

    def stages(self, run: Run, stage: Stage, seed: int) -> None:
        """Read, fill in, count intervals, sum up."""
        with stage("data"):
            tables = {name: source.read() for name, source in self.tables.items()}
            for table in tables.values():
                check(table)
            keep_digest(run, digest_of(tables), sizes={name: len(table) for name, table in tables.items()})
        with stage("fill"):
            self._fill(run, tables, seed)
        with stage("intervals"):
            self._count(run, seed)
        with stage("compare"):
            write_json(run.folder / FIGURES, self._summed(run, tables))

    def _fill(self, run: Run, tables: Mapping[str, Samples], seed: int) -> None:
        tasks = contest.tasks(list(tables), self.mechanisms, self.shares, self.repeats, list(self.everyone))
        todo = [task for task in tasks if task.imputer not in self.rarely or task.repeat < self.rare]
        done = {json.dumps(row["task"], sort_keys=True) for row in _lines(run, ROWS)}
        with Progress("filling in", len(todo), len(done)) as progress:
            for task in todo:
                if json.dumps(task.key(), sort_keys=True) in done:
                    continue
                found = contest.held(task, tables[task.table], self.everyone[task.imputer], self.draws, seed)
                _append(run, ROWS, {"task": task.key(), "found": found})
                progress.step()

    def _count(self, run: Run, seed: int) -> None:
        """Complete cases, each proper imputer, and the first of them once, as if what it filled in were known."""
        done = {(row["way"], row["by"], row["repeat"]) for row in _lines(run, INTERVALS)}
        counted = self._counted()
        ways = [(way, by) for way in coverage.WAYS for by in counted if way == "MNAR" or not counted[by][2]]
        todo = [(way, by, k) for k in range(self.intervals) for way, by in ways]
        with Progress("counting intervals", len(todo), len(done)) as progress:
            for way, by, repeat in todo:
                if (way, by, repeat) in done:
                    continue
                imputer, draws, shift = counted[by]
                found = coverage.tried(self.world, way, imputer, draws, repeat, seed, shift)
                _append(run, INTERVALS, {"way": way, "by": by, "repeat": repeat, "found": asdict(found)})
                progress.step()

    def _counted(self) -> dict[str, tuple[Imputer | None, int, float]]:
        """By name: who fills in, how many tables, and by how much they are moved."""
        proper = {name: one for name, one in self.everyone.items() if one.carries and name not in self.rarely}
        found: dict[str, tuple[Imputer | None, int, float]] = {"complete rows alone": (None, 0, 0.0)}
        for name, one in proper.items():
            found |= {name: (one, self.draws, 0.0)}
        for name, one in list(proper.items())[:1]:
            found |= {f"{name}, once": (one, 1, 0.0)}
            found |= {f"{name}, moved by {shift:+g}": (one, self.draws, shift) for shift in self.shifts}
        return found

    def _summed(self, run: Run, tables: Mapping[str, Samples]) -> dict[str, Any]:
        rows = [{**row["task"], **row["found"]} for row in _lines(run, ROWS)]
        counted: dict[tuple[str, str], list[coverage.Tried]] = {}
        for row in _lines(run, INTERVALS):
            counted.setdefault((row["way"], row["by"]), []).append(coverage.Tried(**row["found"]))
        sizes = {n: {"rows": len(t), "columns": t.array.shape[1]} for n, t in tables.items()}
        intervals = [
            {"way": way, "by": by, **coverage.summed(tried, self.world)} for (way, by), tried in counted.items()
        ]
        return {
            "tables": sizes,
            "board": contest.board(rows),
            "intervals": intervals,
            "world": asdict(self.world),
            "draws": self.draws,
            "expected": expected(self.draws),
            "baselines": list(self.baselines),
        }


def _lines(run: Run, name: str) -> list[dict[str, Any]]:
    """What was written down so far; a line that was cut off is passed over, and its task done again."""
    path = run.folder / name
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:  # cut off, or broken: what it said is found anew
            continue
    return found


def _append(run: Run, name: str, row: Mapping[str, Any]) -> None:
    path = run.folder / name
    cut = path.exists() and path.stat().st_size and not path.read_bytes().endswith(b"\n")
    append(path, ("\n" if cut else "") + json.dumps(plain(row)) + "\n")
