"""Several runs on one page: their verdicts side by side, the settings in which they differ, their samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict
from simulacra.core.writing import replacing
from simulacra.pictures.mosaic import affordable
from simulacra.pictures.style import Panel, hand
from simulacra.reports import foretold, numbers, sentence, table
from simulacra.reports.figures.beside import beside
from simulacra.reports.figures.columns import named_columns
from simulacra.reports.markup import Drawer, Shown, spread_out, tiles
from simulacra.reports.page import HERE, environment, write_page
from simulacra.reports.sections import gallery
from simulacra.reports.sections.averages import averages, one_truth
from simulacra.runs import Run


@dataclass(frozen=True)
class Column:
    """One run: its label, how it stands, what it says."""

    label: str
    state: str
    headline: str
    name: str


def compare(runs: Sequence[Run]) -> str:
    """One page for several runs, as HTML: rows are judges, columns are runs."""
    if len(runs) < 2:
        raise BadInput("a comparison needs at least two runs", f"{len(runs)}", "name two or more runs")
    labels = names_of(runs)
    columns = [Column(label, run.state, headline(run), run.name) for label, run in zip(labels, runs, strict=True)]
    drawer = Drawer()
    groups = samples(runs, labels, drawer)
    return (
        environment()
        .get_template("compare.html")
        .render(
            style=Markup((HERE / "style.css").read_text(encoding="utf-8")),
            policy=drawer.space.policy,
            columns=columns,
            lead=lead(dict(zip(labels, (run.verdicts for run in runs), strict=True))),
            picture=drawer.curve(panel) if (panel := picture(runs)) else None,
            lines=table.lines([run.verdicts for run in runs]),
            settings=differing(runs),
            groups=groups,
            averages=averages(runs),
            one_truth=one_truth(runs),
            explanations=sentence.EXPLANATIONS,
        )
    )


def lead(verdicts: Mapping[str, Mapping[str, Verdict]]) -> str:
    """Who passes and who fails, in one sentence; empty where nobody has been judged.

    Args:
        verdicts: of each run, by its label and by judge.
    """
    parts = []
    for label, row in verdicts.items():
        n, differ = len(row), [v for v in row.values() if v.word == "differs"]
        unsure = [v.judge for v in row.values() if v.word == "unsure"]
        judges = "its judge" if n == 1 else f"all {n} judges"
        if differ:
            worst = max(differ, key=lambda v: v.ratio or 0)
            count = "its judge" if n == 1 else f"all {n} judges" if len(differ) == n else f"{len(differ)} of {n} judges"
            parts.append(f"{label} fails {count}, {worst.judge} at {numbers.times(worst.ratio)} the noise floor")
        elif unsure:
            parts.append(f"of {label} too little is known ({', '.join(unsure)} unsure)")
        elif n:
            parts.append(f"{label} passes {judges}")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def picture(runs: Sequence[Run]) -> Panel | None:
    """Truth, the models' samples and the judges' distances in one picture; the samples where all share one truth."""
    labels = names_of(runs)
    sets: dict[str, Samples] = {}
    if one_truth(runs):
        shown = [gallery.shown_sets(run) for run in runs]
        if (
            not named_columns(shown[0])
            and all("truth" in each and "model" in each for each in shown)
            and len({s["truth"].kind for s in shown}) == 1
        ):
            sets = {"truth": shown[0]["truth"]} | {
                label: each["model"] for label, each in zip(labels, shown, strict=True)
            }
    return beside(sets, dict(zip(labels, (run.verdicts for run in runs), strict=True)), chance(runs))


def chance(runs: Sequence[Run]) -> dict[str, tuple[float, float]]:
    """Of each judge, between which distances nineteen of twenty further true sets lie, in noise floors."""
    found: dict[str, tuple[float, float]] = {}
    for run in reversed(runs):
        for judge, arrays in run.judges.items():
            null = np.asarray(arrays.get("null", ()), dtype=float)
            middle = float(np.median(null)) if null.ndim == 1 and len(null) else 0.0
            if middle > 0 and np.isfinite(null).all():
                low, high = np.quantile(null / middle, [0.025, 0.975])
                found[judge] = (float(low), float(high))
    return found


def write_picture(runs: Sequence[Run], path: Path) -> bool:
    """The same picture as a PNG file; False where there is nothing to draw."""
    panel = picture(runs)
    if panel is None:
        return False
    with hand(), replacing(path) as file:
        panel.figure.savefig(file, format="png", dpi=150, facecolor="white")
    return True


def headline(run: Run) -> str:
    """What a run says in a sentence or two; of forecasts first whether to use them."""
    stated = foretold.sentences(foretold.table_of(run))
    return " ".join([*stated[:1], sentence.headline(run.verdicts, run.state)])


def write_comparison(runs: Sequence[Run], path: Path) -> Path:
    """The comparison as a file, whole or not at all."""
    return write_page(path, compare(runs))


def names_of(runs: Sequence[Run]) -> list[str]:
    """A short label for each run: the study, and what distinguishes it from others of the same study."""
    studies = [_title(run) for run in runs]
    labels = []
    for run, study in zip(runs, studies, strict=True):
        same = [other for other, name in zip(runs, studies, strict=True) if name == study]
        seeds = {other.record.get("seed") for other in same}
        labels.append(
            study
            if len(same) == 1
            else f"{study}, seed {run.record.get('seed')}"
            if len(seeds) == len(same)
            else run.name
        )
    return labels


def _title(run: Run) -> str:
    """The study; of samples from a file the file's name."""
    study = str(run.record.get("study", ""))
    return Path(str((run.record.get("settings") or {}).get("samples", study))).name if study == "judge" else study


def differing(runs: Sequence[Run]) -> list[tuple[str, list[str]]]:
    """The settings, the seed and a few facts that are not the same in all runs."""
    absent = object()
    records = [run.record for run in runs]
    rows: list[tuple[str, list[Any]]] = [("study", [r.get("study") for r in records])]
    names = dict.fromkeys(name for r in records for name in r.get("settings") or {})
    rows += [(str(name), [(r.get("settings") or {}).get(name, absent) for r in records]) for name in names]
    rows += [("seed", [r.get("seed") for r in records])]
    shown = [(name, values) for name, values in rows if any(v != values[0] for v in values)]
    table_ = [(name, [numbers.NONE if v is absent else numbers.setting(v) for v in values]) for name, values in shown]
    table_.append(("parameters", [numbers.number((r.get("model") or {}).get("parameters")) for r in records]))
    table_.append(("took", [numbers.seconds(r.get("seconds") or None) for r in records]))
    return table_


@dataclass(frozen=True)
class Group:
    """Runs whose samples share a kind and a truth, on one scale."""

    figures: list[Shown]
    scale: Any
    bar: Markup | None


def samples(runs: Sequence[Run], labels: Sequence[str], drawer: Drawer) -> list[Group]:
    """Truth once, then each run's model; runs of another source make a group of their own."""
    groups: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    for run, label in zip(runs, labels, strict=True):
        sets = gallery.shown_sets(run)
        if "model" in sets:
            groups.setdefault((sets["model"].kind, str(run.record.get("source") or "")), []).append((label, sets))
    found = []
    for members in groups.values():
        first = members[0][1]
        everything = {"truth": first["truth"]} if "truth" in first else {}
        everything |= {label: sets["model"] for label, sets in members}
        scale = gallery.scale_of(everything)
        if scale is not None:
            figures = [tiles(spread_out(s, affordable(s, 12)), scale, name, "", 12) for name, s in everything.items()]
            found.append(Group(figures, scale, drawer.bar(scale)))
    return found
