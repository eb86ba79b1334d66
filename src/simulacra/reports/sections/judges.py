"""Judge by judge, on a page: its finding, the curves that it saw, and the null."""

from __future__ import annotations

from typing import Any

from simulacra.reports import foretold, sentence, table
from simulacra.reports.figures import curves, null
from simulacra.reports.markup import Shown
from simulacra.reports.sections import usable, wrongs
from simulacra.reports.sections.base import Page, Part

OF = "judges/*.npz and verdicts.json"
PLACE = 90


def section(page: Page) -> Part | None:
    """An article for each judge; None where none was asked."""
    foretells = page.take("verdicts.json", lambda: bool(foretold.table_of(page.run)), False)
    worth = page.take("usable in verdicts.json", lambda: page.run.usable, dict[str, dict[str, Any]]())
    names = dict.fromkeys([*page.verdicts, *page.judges])
    found = [_article(page, name, worth.get(name, {}), foretells) for name in names]
    return Part("judges.html", {"judges": found}) if found else None


def _article(page: Page, name: str, worth: dict[str, Any], foretells: bool) -> dict[str, Any]:
    verdict = page.verdicts.get(name)
    figures = page.listed(f"what judge {name!r} saw", lambda: _figures(page, name))
    stated: dict[str, Any] = {
        "name": name,
        "cell": None,
        "sentence": "This judge has not given its verdict.",
        "counts": "",
        "note": "",
    }
    stated |= {"usable": "", "figures": figures}
    if verdict is None:
        return stated
    stated["cell"] = table.cell(verdict)
    if foretells and name in foretold.JUDGES:
        pieces = f"About {verdict.n_truth:,} independent pieces of evidence."
        return stated | {"sentence": foretold.judge_sentence(verdict), "counts": pieces}
    return stated | {
        "sentence": f"{sentence.judge_sentence(verdict)} {wrongs.of_judge(verdict)}".strip(),
        "counts": f"{verdict.n_model:,} independent samples of the model, {verdict.n_truth:,} of the truth.",
        "note": verdict.note,
        "usable": page.take(f"how many samples {name!r} lets be used", lambda: usable.sentence(worth), ""),
    }


def _figures(page: Page, name: str) -> list[Shown]:
    arrays = page.judges.get(name, {})
    figures = [page.drawer.curve(panel) for panel in curves.panels(arrays, page.condition)]
    chance = null.panel(arrays)
    if chance is not None:
        figures.insert(1, page.drawer.curve(chance))
    return figures
