"""Imputers on the same tables with the same cells taken out, again and again: who errs least, and at what cost."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from simulacra.core.chance import stream
from simulacra.core.samples import Samples
from simulacra.domains.tables.removal import REMOVALS, removed
from simulacra.imputers.base import Imputer, impute
from simulacra.skill.imputations import scored

SCORES = ("rmse", "wrong", "crps", "log_score", "covers", "seconds")


@dataclass(frozen=True)
class Task:
    """One imputer on one table with one set of cells taken out.

    Args:
        table: its name.
        mechanism: MCAR, MAR or MNAR.
        share: of the cells that are taken out.
        repeat: which of the repetitions.
        imputer: its name.
    """

    table: str
    mechanism: str
    share: float
    repeat: int
    imputer: str

    def key(self) -> dict[str, Any]:
        """As it stands in a record."""
        return dict(vars(self))


def tasks(
    tables: Sequence[str], mechanisms: Sequence[str], shares: Sequence[float], repeats: int, imputers: Sequence[str]
) -> Iterator[Task]:
    """All of them; each repetition of everything before the next."""
    for repeat in range(repeats):
        for table in tables:
            for mechanism in mechanisms:
                for share in shares:
                    for imputer in imputers:
                        yield Task(table, mechanism, share, repeat, imputer)


def held(task: Task, table: Samples, imputer: Imputer, draws: int, seed: int) -> dict[str, float]:
    """Scores of one task. The imputer sees the table without the cells that are asked for, and nothing else.

    All imputers meet the same gaps; processor seconds are those of fit, guess and draws together.
    """
    place = [sum(map(ord, task.table)), list(REMOVALS).index(task.mechanism), round(1000 * task.share), task.repeat]
    out = removed(table.array, REMOVALS[task.mechanism], task.share, stream(seed, "removed cells", *place))
    gapped = table.but(x=np.where(out, np.nan, table.array))
    began = time.process_time()
    filled = impute(imputer, gapped, draws, seed + task.repeat)
    cost = time.process_time() - began
    return {**scored(filled, table, out), "seconds": cost}


def board(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Means over repetitions by table, mechanism, share and imputer, each with a 95 % interval; the best one first.

    The best is that with the least mean error among those that met all sets of cells; who met a few may have met the
    easy ones. `behind` is the difference of a repetition's error to that of the best, with its interval: pairs on the
    same gaps. The others follow by that difference.
    """
    groups: dict[tuple[str, str, float], dict[str, list[Mapping[str, Any]]]] = {}
    for row in rows:
        place = groups.setdefault((row["table"], row["mechanism"], row["share"]), {})
        place.setdefault(row["imputer"], []).append(row)
    found = []
    for (table, mechanism, share), by in groups.items():
        most = max(map(len, by.values()))
        whole = [name for name, ours in by.items() if len(ours) == most]
        lead = min(whole, key=lambda name: float(np.mean([_error(r) for r in by[name]])))
        best = {r["repeat"]: _error(r) for r in by[lead]}
        apart = {n: [_error(r) - best[r["repeat"]] for r in ours if r["repeat"] in best] for n, ours in by.items()}
        for name in sorted(by, key=lambda n: (n != lead, float(np.mean(apart[n])))):
            ours = by[name]
            line: dict[str, Any] = {"table": table, "mechanism": mechanism, "share": share, "imputer": name}
            line["repeats"] = len(ours)
            for score in SCORES:
                values = [float(r[score]) for r in ours if r.get(score) is not None]
                if values:
                    line[score] = interval(values)
            line["behind"] = interval(apart[name])
            found.append(line)
    return found


def _error(row: Mapping[str, Any]) -> float:
    """What imputers are ranked by: the RMSE of numbers; where there are none, the share of wrong levels."""
    return float(row["rmse"] if row.get("rmse") is not None else row["wrong"])


def interval(values: Sequence[float], level: float = 0.95) -> list[float]:
    """Mean, and the ends of its interval by Student's law; the mean alone, thrice, where there is one value."""
    x = np.asarray(values, dtype=np.float64)
    mean = float(x.mean())
    if len(x) < 2:
        return [mean, mean, mean]
    half = float(stats.t.ppf((1 + level) / 2, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x)))
    return [mean, mean - half, mean + half]
