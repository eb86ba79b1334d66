"""Properties asked of a model of strings, on a page: how far off the draws are, each alone and all at once."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array
from simulacra.reports.figures import obtained
from simulacra.reports.markup import Shown
from simulacra.reports.sections.base import Page, Part

OF = "exhibit obtained"
PLACE = 57
HEAD = ("asked for", "unit", "the model is off by", "draws without a wish", "nearest training molecule", "valid, %")
NOTE = (
    "Off by: the mean absolute difference between what was asked and what RDKit computes of the draw, with its 95 % "
    "interval (of strings that are molecules; the last column says how many are). Alone: five values from the 2nd to "
    "the 98th hundredth of the training set, {each} draws each, with nothing else asked. At once: the four properties "
    "of {together:,} molecules of truth. Draws without a wish are held against the very same values: what anybody "
    "gets. The nearest training molecule is a look-up, which draws nothing new."
)


def section(page: Page) -> Part | None:
    """What is shown; None for a run that asked for no property of strings."""
    seen = page.run.exhibit("obtained")
    if seen is None:
        return None
    seen = {name: np.asarray(value) for name, value in seen.items()}
    panel = page.drawer.curve(obtained.rungs(seen))
    part = {
        "id": "obtained",
        "title": "Properties asked for, and obtained",
        "sentence": sentence(seen),
        "head": HEAD,
        "rows": rows(seen),
        "note": NOTE.format(each=seen["alone"].shape[2], together=len(seen["asked"])),
        "figures": [Shown(panel.body, panel.caption, "Each property alone", wide=True)],
    }
    return Part("further.html", {"part": part})


def errors(seen: dict[str, Array], k: int) -> dict[str, tuple[Array, Array, Array | None]]:
    """Of a property asked alone and with the others: errors of the model, of free draws, and of the look-up."""
    wished, free = np.repeat(seen["rungs"][k], seen["alone"].shape[2]), seen["free"][:, k]
    asked = seen["asked"][:, k]
    again = np.resize(free, len(asked))
    return {
        "alone": (seen["alone"][k].ravel() - wished, np.resize(free, len(wished)) - wished, None),
        "with the others": (seen["together"][:, k] - asked, again - asked, seen["nearest"][:, k] - asked),
    }


def rows(seen: dict[str, Array]) -> list[tuple[str, list[str]]]:
    """The lines of the table."""
    found = []
    for k, (name, unit) in enumerate(zip(seen["names"], seen["units"], strict=True)):
        for way, (model, free, looked) in errors(seen, k).items():
            valid = f"{100 * np.isfinite(model).mean():.1f}"
            cells = ["–" if str(unit) == "1" else str(unit), *(_error(one) for one in (model, free, looked)), valid]
            found.append((f"{name} {way}", cells))
    return found


def _error(off: Array | None) -> str:
    """The mean absolute error with its 95 % interval, of what there is.

    >>> _error(np.array([1.0, -1.0, np.nan, 1.0]))
    '1.0 (1.0–1.0)'
    """
    if off is None:
        return "–"
    size = np.abs(off[np.isfinite(off)])
    if len(size) < 2:
        return "–"
    mean, around = float(size.mean()), 1.96 * float(size.std(ddof=1)) / len(size) ** 0.5
    digits = max(2 - int(np.floor(np.log10(max(mean, 1e-9)))) - (mean >= 1), 0) if mean < 100 else 0
    digits = min(digits, 3)
    return f"{mean:.{digits}f} ({max(mean - around, 0):.{digits}f}–{mean + around:.{digits}f})"


def sentence(seen: dict[str, Array]) -> str:
    """How far off each property is, beside draws without a wish."""
    stated = []
    for k, (name, unit) in enumerate(zip(seen["names"], seen["units"], strict=True)):
        model, free, _ = errors(seen, k)["alone"]
        words = "" if str(unit) == "1" else f" {unit}"
        ours, anyones = (_error(one).split(" ")[0] for one in (model, free))
        stated.append(f"{name} off by {ours}{words} (without a wish {anyones})")
    valid, different, new, _ = (int(n) for n in seen["counts"])
    told = f"Of {len(seen['asked']):,} draws with all four asked {valid:,} are molecules"
    return f"Each asked alone: {', '.join(stated)}. {told}, {different:,} different, {new:,} new."
