"""Whole series that a forecaster simulates from nothing but what it learned, before the judges, against true years."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulacra.comparison.reach import Reach
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.series.panel import KIND, Panel, years_of
from simulacra.forecasters.base import Fitted
from simulacra.forecasting.holdout import Parts
from simulacra.judging.base import FEWEST, Judge
from simulacra.judging.evidence import evidence
from simulacra.judging.examine import Finding, examine
from simulacra.judging.trial import keep_some
from simulacra.runs import Run
from simulacra.skill.findings import Found

PIECES = (365, 182, 121, 91, 73, 60, 45, 30)  # days
MEASURED = 0.8  # of a piece's days, at least
ALONE = 0.2  # series whose departures correlate by more share their weather
SETS = 30  # simulated paths


def judge_simulated(
    run: Run, judges: Mapping[str, Judge], fitted: Mapping[str, Fitted], best: str, parts: Parts, seed: int
) -> dict[str, dict[str, Found]]:
    """Verdicts on what each forecaster simulates, by forecaster and judge; the run keeps what the judges saw."""
    whole = parts.whole.only(np.flatnonzero(parts.asked))
    held = whole.between(parts.first, int(whole.day[-1]))
    rng = stream(seed, "simulated series")
    length = next((n for n in PIECES if len(true_pieces(held, n)) >= FEWEST), PIECES[-1])
    truth = true_pieces(held, length)
    if len(truth) < FEWEST:
        raise BadInput(
            "too few days are held out to judge simulated series",
            f"{len(truth)} stretches of {length} days",
            "hold out more years, or give judges={}",
        )
    past = whole.between(int(whole.day[0]), parts.first - 1)
    pool = Samples.join([truth, true_pieces(past, length)])
    sets: dict[str, Samples] = {}
    left: dict[str, str] = {}
    order = [best, *(name for name in fitted if name != best)]
    with Progress("simulating", len(order)) as progress:
        for name in order:
            try:
                paths = fitted[name].simulate(SETS, held.day, rng)
            except BadInput as error:
                left[name] = f"{error.wrong}: {error.given}"
            else:
                sets[name] = _like(paths, held, length, rng)
            progress.step()
    if left:
        run.update(not_simulated=left)
    reaches: dict[str, Reach] = {}
    with Progress("judging", len(sets)) as progress:
        findings = {}
        for name, samples in sets.items():
            findings[name] = examine(judges, samples, truth, pool, seed, reaches)
            progress.step()
    if best in sets:
        shown = {"model" if name == best else name: samples for name, samples in sets.items()}
        for judge in judges:
            seen = {"model" if name == best else name: found[judge] for name, found in findings.items()}
            row = {name: finding for name, finding in seen.items() if isinstance(finding, Finding)}
            run.keep_judge(judge, evidence(row, {"truth": truth, **shown}))
        keep_some(run, {"truth": truth, **shown}, seed)
    return {
        name: {
            judge: Found(
                f.verdict.p_alone, f.verdict.ratio, f.verdict.reach, f.verdict.reach_words, f.verdict.n_truth,
                f.verdict.note, f.verdict.views, False, f.verdict.n_model,
            )
            for judge, f in row.items()
        }
        for name, row in findings.items()
    }  # fmt: skip


def true_pieces(panel: Panel, length: int) -> Samples:
    """Stretches of so many days within calendar years, one group a year.

    Series that share their weather would make a year of several count as more than it is, and a simulated year, which
    has one series, would not be its like: then each year is told by one series, in turn.
    """
    x, names, groups = [], [], []
    together = shared(panel)
    for i, year in enumerate(np.unique(years_of(panel.day))):
        inside = np.flatnonzero(years_of(panel.day) == year)
        for s in [i % len(panel)] if together else range(len(panel)):
            for k in range(len(inside) // length):
                piece = panel.value[s, inside[k * length : (k + 1) * length]]
                if np.isfinite(piece).mean() >= MEASURED:
                    x.append(piece)
                    names.append(f"{panel.name[s]} {year} {k}")
                    groups.append(f"{year}" if together else f"{panel.name[s]} {year}")
    array = np.array(x).reshape(-1, length)
    return Samples.of(array, KIND, panel.unit, panel.origin, id=names, group=groups)


def _like(paths: Array, held: Panel, length: int, rng: np.random.Generator) -> Samples:
    """The same stretches of simulated paths, with the gaps of true ones; one group a path and year."""
    lost = ~np.isfinite(held.value[rng.integers(len(held), size=len(paths))])
    value = np.where(lost, np.nan, paths)
    panel = Panel(value, held.day, tuple(f"path {i}" for i in range(len(paths))), held.unit, "simulated")
    parts = [true_pieces(panel.only([i]), length) for i in range(len(panel))]
    whole = Samples.join([p for p in parts if len(p)])
    names = np.array([" ".join(str(name).split(" ")[:3]) for name in whole.id])
    return whole.but(group=names)


def shared(panel: Panel) -> bool:
    """Whether the series of a panel share their weather: their departures from the running month go together."""
    if len(panel) < 2:
        return False
    change = np.diff(panel.value, axis=1)
    pairs = []
    for i in range(len(panel)):
        for j in range(i):
            both = np.isfinite(change[i]) & np.isfinite(change[j])
            if both.sum() > 30 and change[i, both].std() > 0 < change[j, both].std():
                pairs.append(float(np.corrcoef(change[i, both], change[j, both])[0, 1]))
    return bool(pairs) and float(np.mean(pairs)) > ALONE
