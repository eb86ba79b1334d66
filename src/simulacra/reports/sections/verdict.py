"""The verdict, on a page: in a sentence, judge by judge, beside the baselines, and what the judges catch."""

from __future__ import annotations

from typing import Any

from simulacra.kinds.base import Kind, kind_of
from simulacra.reports import foretold, sentence, table
from simulacra.reports.sections import imputed, mutations, prediction, warned, wrongs
from simulacra.reports.sections.base import Page, Part

OF = "verdicts.json"
PLACE = 30


def section(page: Page) -> Part:
    """Always there, with or without a verdict."""
    run, everyone, verdicts = page.run, page.everyone, page.verdicts
    baselines = [name for name in everyone if name != "model"]
    foretells = page.take("verdicts.json", lambda: bool(foretold.table_of(run)), False)
    against = page.take("the baselines' verdicts", lambda: "" if foretells else sentence.against(everyone), "")
    controls = page.listed("controls in verdicts.json", lambda: table.controls(run.controls))
    values: dict[str, Any] = {
        "headline": page.take("mutations.json", lambda: mutations.headline(run), "")
        or page.take("imputations.json", lambda: imputed.headline(run), "")
        or page.take("predictions.json", lambda: prediction.headline(run), "")
        or sentence.headline(verdicts, run.state),
        "against": " ".join(text for text in (against, warned.about_copies(run)) if text),
        "wrongs": page.listed("effects in verdicts.json", lambda: wrongs.largest(verdicts)),
        "lines": table.lines([verdicts], page.mapping("expect")),
        "beside": table.lines([verdicts, *(everyone[name] for name in baselines)]) if baselines else [],
        "baselines": baselines,
        "about": page.about,
        "controls": controls,
        "apart": page.take("verdicts under each condition", lambda: table.apart(run.apart), table.apart({})),
        "missing": not_offered(page, bool(controls)),
        "explanations": sentence.EXPLANATIONS,
    }
    return Part("verdict.html", values)


def not_offered(page: Page, controlled: bool) -> list[str]:
    """What could not be done because samples of this kind do not offer it, or because there were too few."""
    if (
        not page.verdicts
        or not page.kind
        or page.take("verdicts.json", lambda: bool(foretold.table_of(page.run)), False)
    ):
        return []
    kind, found = kind_of(page.kind), []
    if not controlled and not (kind.blur and kind.shift):
        found.append(
            f"No sets of known fault were made: none are known for samples of kind {page.kind}. What these judges "
            "catch is said by their reach alone."
        )
    elif not controlled:
        found.append("No sets of known fault were made: there were too few true samples to make them of.")
    if "copies" not in page.verdicts and type(kind).likeness is Kind.likeness:
        found.append(
            f"Copying was not looked for: it is not known when two samples of kind {page.kind} are one and the same."
        )
    return found
