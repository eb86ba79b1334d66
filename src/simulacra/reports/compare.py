"""Several runs on one page: their verdicts side by side, the settings in which they differ, their samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from simulacra.core.errors import BadInput
from simulacra.pictures.mosaic import affordable
from simulacra.reports import foretold, numbers, sentence, table
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
            columns=columns,
            lines=table.lines([run.verdicts for run in runs]),
            settings=differing(runs),
            groups=groups,
            averages=averages(runs),
            one_truth=one_truth(runs),
            explanations=sentence.EXPLANATIONS,
        )
    )


def headline(run: Run) -> str:
    """What a run says in a sentence or two; of forecasts first whether to use them."""
    told = foretold.sentences(foretold.table_of(run))
    return " ".join([*told[:1], sentence.headline(run.verdicts, run.state)])


def write_comparison(runs: Sequence[Run], path: Path) -> Path:
    """The comparison as a file, whole or not at all."""
    return write_page(path, compare(runs))


def names_of(runs: Sequence[Run]) -> list[str]:
    """A short label for each run: the study, and what tells it from others of the same study."""
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
