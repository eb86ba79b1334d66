"""A run's report: one page that says first in words, then in pictures, whether the model's samples are true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from simulacra.core.shelf import import_file, shelf
from simulacra.core.writing import write_text
from simulacra.reports import numbers, sentence
from simulacra.reports.sections import warned
from simulacra.reports.sections.base import STRANGE, Page, Part, alarms
from simulacra.runs import Run

HERE = Path(__file__).parent
BLANK: dict[str, Any] = {"title": "", "question": "", "study": "", "seed": None, "began": "", "versions": {}}
HEADED = re.compile(r'<section id="(?P<id>[\w-]+)"[^>]*>\s*<h2>(?P<title>.*?)</h2>')
ALARM = {"name": "alarm", "seen": "", "advice": "", "step": None}


def write_report(run: Run) -> Path:
    """Write report.html into the run's folder, whole or not at all, and return its path."""
    path = run.folder / "report.html"
    return write_page(path, page(run))


def write_page(path: Path, text: str) -> Path:
    """A page on disk, whole or not at all."""
    write_text(path, text, errors="replace")
    return path


def page(run: Run) -> str:
    """The report of one run as HTML: one file, nothing loaded from elsewhere."""
    here, templates = Page(run), environment()
    body = Markup("\n").join(written(here, templates))
    contents = [(found["id"], Markup(found["title"])) for found in HEADED.finditer(body)]
    return templates.get_template("page.html").render(
        style=Markup((HERE / "style.css").read_text(encoding="utf-8")),
        record=BLANK | here.record,
        alarms=[ALARM | a for a in [*here.listed("warnings", lambda: warned.banners(run)), *alarms(here.record)]],
        state=run.state,
        state_sentence=here.take("metrics.jsonl", lambda: sentence.state_sentence(run), ""),
        skipped=list(dict.fromkeys(here.skipped)),
        body=body,
        contents=contents,
        space=here.drawer.space,
    )


def written(here: Page, templates: jinja2.Environment) -> list[Markup]:
    """Every section of the shelf that the run has something for, in the order of their places."""
    found = []
    for module in sections():
        try:
            parts = module.section(here)
            for part in [parts] if isinstance(parts, Part) else parts or []:
                found.append(Markup(templates.get_template(part.template).render(part.values)))
                here.samples_shown |= part.shows_samples
        except (*STRANGE, jinja2.TemplateError) as error:
            here.skip(f"The section {module.__name__.rpartition('.')[2]!r} (of {module.OF})", error)
    return found


def sections() -> list[Any]:
    """The modules of the shelf, from the top of the page to its end."""
    room = "reports/sections"
    return sorted((import_file(path, room) for path in shelf(room).files().values()), key=lambda module: module.PLACE)


def environment() -> jinja2.Environment:
    """The templates, with every string from a run escaped."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader((HERE, HERE / "sections")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"number": numbers.number, "seconds": numbers.seconds}
    return found
