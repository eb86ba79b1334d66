"""A run's report: one page that says first in words, then in pictures, whether the model's samples are true."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from simulacra.reports import foretold, numbers, sentence, table
from simulacra.reports.figures import columns, curves, null, plane, training
from simulacra.reports.figures.conditional import condition
from simulacra.reports.markup import Drawer, Shown
from simulacra.reports.sections import (
    anomalies,
    asked,
    classes,
    denoised,
    filled,
    forecast,
    gallery,
    molecules,
    mutations,
    scores,
    showers,
    usable,
    warned,
    wrongs,
)
from simulacra.runs import Run

HERE = Path(__file__).parent
LOOSE = re.compile(r"(arXiv:\d{4}\.\d{4,5}|arXiv:[a-z-]+/\d{7}|doi:10\.\d{4,}/[^\s,;<>\"]*[^\s,;<>\".])", re.IGNORECASE)
Record = Mapping[str, Any]
BLANK: dict[str, Any] = {"title": "", "question": "", "study": "", "seed": None, "began": "", "versions": {}}


def write_report(run: Run) -> Path:
    """Write report.html into the run's folder, whole or not at all, and return its path."""
    path = run.folder / "report.html"
    return write_page(path, page(run))


def write_page(path: Path, text: str) -> Path:
    """A page on disk, whole or not at all."""
    half = path.with_name(f".{path.name}.half")
    half.write_text(text, encoding="utf-8", errors="replace")
    half.replace(path)
    return path


def page(run: Run) -> str:
    """The report of one run as HTML: one file, nothing loaded from elsewhere."""
    record = run.record
    drawer = Drawer()
    everyone = run.all_verdicts
    verdicts = everyone.get("model", {})
    sets = gallery.shown_sets(run)
    tabled = columns.panels(gallery.in_order(run.samples))
    given = condition(sets) or ""
    sets = {} if tabled else sets  # a row of columns says nothing as a tile
    scale = gallery.scale_of(sets)
    conditional = gallery.by_condition(sets)
    known = set(conditional.sets) if conditional else set()
    left_out = (*known, *sentence.CEILING) if conditional else ()
    others = {name: s for name, s in sets.items() if name not in left_out}
    about = {str(k): str(v) for k, v in (record.get("baselines") or {}).items()}
    baselines = [name for name in everyone if name != "model"]
    kind = next(iter(sets.values())).kind if sets else ""
    told = forecast.section(run, drawer)
    scatter = plane.panel(sets)  # of two numbers, a dot says more than a tile
    in_space = molecules.section(sets, scale, about, drawer.space)
    return (
        environment()
        .get_template("page.html")
        .render(
            style=Markup((HERE / "style.css").read_text(encoding="utf-8")),
            record=BLANK | record,
            alarms=[
                {"name": "alarm", "seen": "", "advice": "", "step": None} | a
                for a in [*warned.banners(run), *alarms(record)]
            ],
            state=run.state,
            name=run.name,
            state_sentence=sentence.state_sentence(run),
            headline=mutations.headline(run) or sentence.headline(verdicts, run.state),
            against=" ".join(
                text
                for text in (
                    wrongs.sentence(verdicts),
                    "" if told else sentence.against(everyone),
                    warned.about_copies(run),
                )
                if text
            ),
            forecast=told,
            denoised=denoised.section(run, drawer),
            by_word=sentence.by_word(verdicts),
            lines=table.lines([verdicts], record.get("expect") or {}),
            beside=table.lines([verdicts, *(everyone[name] for name in baselines)]) if baselines else [],
            baselines=baselines,
            about=about,
            controls=table.controls(run.controls),
            apart=table.apart(run.apart),
            scale=scale,
            bar=drawer.bar(scale) if scale else None,
            space=drawer.space,  # which the exhibits below fill further
            molecules=in_space,
            scores=scores.scores(record) if in_space else None,
            grids=gallery.plain_grids(others, scale, about, 8 if conditional else 16)
            if scale and not scatter and not in_space
            else [],
            scatter=drawer.curve(scatter) if scatter else None,
            conditional=conditional,
            classes=classes.section(record),
            sheet=gallery.sheet_of_many(sets, scale),
            quiz=gallery.quiz(sets, scale, int(record.get("seed") or 0)) if scale and not scatter else None,
            columns=[drawer.curve(panel) for panel in tabled],
            judges=sections(run, drawer, given),
            further=[
                part
                for part in (
                    filled.section(run),
                    anomalies.section(run, drawer),
                    asked.section(run, drawer),
                    mutations.section(run, drawer),
                    *showers.sections(run, drawer),
                )
                if part
            ],
            exhibits=gallery.exhibits(run, drawer, scale, kind),
            training=training_figures(run, drawer),
            settings=settings(record),
            cost=cost(record),
            facts=facts(run),
            command=command(record),
            references=[cited(str(text)) for text in record.get("references") or []],
            explanations=sentence.EXPLANATIONS,
        )
    )


def environment() -> jinja2.Environment:
    """The templates, with every string from a run escaped."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"number": numbers.number, "seconds": numbers.seconds}
    return found


def sections(run: Run, drawer: Drawer, condition: str) -> list[dict[str, Any]]:
    """A section for each judge: its finding, the curves and the null."""
    verdicts, seen, worth = run.verdicts, run.judges, run.usable
    foretells = bool(foretold.table_of(run))
    found = []
    for name in dict.fromkeys([*verdicts, *seen]):
        arrays = seen.get(name, {})
        figures = [drawer.curve(panel) for panel in curves.panels(arrays, condition)]
        chance = null.panel(arrays)
        if chance is not None:
            figures.insert(1, drawer.curve(chance))
        verdict = verdicts.get(name)
        if verdict and foretells and name in foretold.JUDGES:
            told, counts = (
                foretold.judge_sentence(verdict),
                f"About {verdict.n_truth:,} independent pieces of evidence.",
            )
            found.append(
                {"name": name, "cell": table.cell(verdict), "sentence": told, "counts": counts, "note": "",
                 "usable": "", "figures": figures}
            )  # fmt: skip
            continue
        found.append(
            {
                "name": name,
                "cell": table.cell(verdict) if verdict else None,
                "sentence": f"{sentence.judge_sentence(verdict)} {wrongs.of_judge(verdict)}".strip()
                if verdict
                else "This judge has not given its verdict.",
                "counts": f"{verdict.n_model:,} independent samples of the model, {verdict.n_truth:,} of the truth."
                if verdict
                else "",
                "note": verdict.note if verdict else "",
                "usable": usable.sentence(worth.get(name, {})),
                "figures": figures,
            }
        )
    return found


def training_figures(run: Run, drawer: Drawer) -> list[Shown]:
    """Losses, validation and score over the steps."""
    record = run.record
    best = record.get("best", {}).get("step") if isinstance(record.get("best"), dict) else record.get("best_step")
    panels = training.panels(run.metrics, alarms(record), best if isinstance(best, int) else None)
    return [drawer.curve(panel) for panel in panels]


def alarms(record: Record) -> list[dict[str, Any]]:
    """The alarms of a run."""
    return [alarm for alarm in record.get("alarms") or [] if isinstance(alarm, dict)]


def settings(record: Record) -> list[tuple[str, str, str]]:
    """Name, value and meaning of each setting, and the seed."""
    told = record.get("settings_help") or {}
    rows = [(str(k), numbers.setting(v), str(told.get(k, ""))) for k, v in (record.get("settings") or {}).items()]
    return [*rows, ("seed", numbers.setting(record.get("seed")), "of all random numbers of this run")]


def cost(record: Record) -> list[tuple[str, str, float]]:
    """Part, seconds and share of the whole."""
    parts = {str(k): float(v) for k, v in (record.get("cost") or {}).items() if isinstance(v, int | float)}
    total = sum(parts.values())
    return [(k, numbers.seconds(v), 100 * v / total if total else 0.0) for k, v in parts.items()]


def facts(run: Run) -> list[tuple[str, str]]:
    """What the run was made of, in the order in which a reader asks."""
    record = run.record
    model, sizes, machine = (record.get(key) or {} for key in ("model", "sizes", "machine"))
    versions = ", ".join(f"{k} {v}" for k, v in (record.get("versions") or {}).items())
    parameters = model.get("parameters")
    host = ", ".join(str(machine[k]) for k in ("system", "host") if machine.get(k))
    rows = [
        ("source", str(record.get("source") or "")),
        *files(record),
        ("samples", ", ".join(f"{numbers.number(v)} for {k}" for k, v in sizes.items())),
        ("model", f"{model.get('class', '')}{f', {numbers.number(parameters)} parameters' if parameters else ''}"),
        ("view", str(record.get("view") or "")),
        ("state kept", kept(record)),
        *(
            (f"{k} days", " … ".join(map(str, v)))
            for k, v in (record.get("split") or {}).items()
            if isinstance(v, list)
        ),
        ("began", str(record.get("began") or "")),
        ("ended", str(record.get("ended") or "")),
        ("took", numbers.seconds(record["seconds"]) if record.get("seconds") else ""),
        ("machine", f"{host}, {machine['cores']} cores" if machine.get("cores") else host),
        ("versions", versions),
        ("run", run.name),
    ]
    return [(name, value) for name, value in rows if value]


def kept(record: Record) -> str:
    """Which state of the training was kept, and why."""
    best = record.get("best")
    if not isinstance(best, Mapping) or not best.get("why"):
        return ""
    score = best.get("score")
    return f"step {numbers.number(best.get('step'))}{f', score {score:.3g}' if score else ''}: {best['why']}"


def files(record: Record) -> list[tuple[str, str]]:
    """What a run without a model judged: each file with its size and checksum."""
    told = record.get("files")
    if not isinstance(told, Mapping):
        return []
    return [
        (f"file of {role}", f"{f.get('name')}, {numbers.number(f.get('bytes'))} bytes, sha256 {f.get('sha256')}")
        for role, f in told.items()
        if isinstance(f, Mapping)
    ]


def command(record: Record) -> str:
    """The command line that makes this run again; a run without a model keeps its own."""
    if record.get("command"):
        return str(record["command"])
    options = [
        f"--{str(name).replace('_', '-')} {shlex.quote(numbers.setting(value))}"
        for name, value in (record.get("settings") or {}).items()
    ]
    return " ".join(
        ["simulacra run", shlex.quote(str(record.get("study", ""))), *options, f"--seed {record.get('seed')}"]
    )


def cited(text: str) -> Markup:
    """A reference whose identifier can be followed."""
    parts = []
    for part in LOOSE.split(text):
        if LOOSE.fullmatch(part):
            kind, _, key = part.partition(":")
            home = "https://arxiv.org/abs/" if kind.lower() == "arxiv" else "https://doi.org/"
            parts.append(Markup('<a href="{}{}" rel="noreferrer">{}</a>').format(home, key, part))
        else:
            parts.append(escape(part))
    return Markup("").join(parts)
