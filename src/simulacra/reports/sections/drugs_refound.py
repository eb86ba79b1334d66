"""Drugs found again from other drugs, on a page: by the model, and by plain edits with as many strings."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array
from simulacra.reports.sections.base import Page, Part
from simulacra.reports.sections.scores import share

OF = "exhibit drugs refound"
PLACE = 59
HEAD = (
    "",
    "strings",
    "valid, %",
    "different",
    "drugs found",
    "of all, %",
    "of those with kin",
    "model alone · it alone, p",
)
NOTE = (
    "Each drug is a prototype, and every other drug is looked for near it; the charges and the stereochemistry do not "
    "count. Neither the drugs nor their kin (Tanimoto ≥ 0.6) were learned. Shares of drugs with their 95 % intervals "
    "(Wilson). Last: drugs that the model alone finds, and that this way alone finds, with the exact p of McNemar's "
    "test. The list states no years: a drug may be found from a younger one, so this is not the published count of "
    "35 drugs, which were found from older ones."
)


def section(page: Page) -> Part | None:
    """The table; None for a run that looked for no drugs."""
    seen = page.run.exhibit("drugs refound")
    if seen is None:
        return None
    ways, drugs = [str(way) for way in seen["ways"]], [str(drug) for drug in seen["drugs"]]
    found, kin, draws = (
        np.asarray(seen["found from"]) >= 0,
        np.asarray(seen["with kin"], dtype=bool),
        int(seen["draws"]),
    )
    strings = draws * len(drugs)
    rows = [
        (
            way,
            [
                f"{strings:,}",
                share(int(seen["valid"][k]), strings)[0],
                f"{int(seen['different'][k]):,}",
                str(int(found[k].sum())),
                "{} ({})".format(*share(int(found[k].sum()), len(drugs))),
                f"{int((found[k] & kin).sum())} of {int(kin.sum())}",
                "–" if k == 0 else _beside(found[0], found[k]),
            ],
        )
        for k, way in enumerate(ways)
    ]
    pairs = [(drugs[int(at)], drugs[k]) for k, at in enumerate(np.asarray(seen["found from"])[0]) if at >= 0]
    told = "; ".join(f"{a} → {b}" for a, b in pairs[:12])
    part = {
        "id": "drugs-refound",
        "title": "Drugs found from other drugs",
        "sentence": f"Of {len(drugs):,} drugs the model finds {int(found[0].sum())} from others, "
        + ", ".join(f"{way} {int(found[k + 1].sum())}" for k, way in enumerate(ways[1:]))
        + f", with {strings:,} strings each (noise × {float(seen['scale']):g}).",
        "head": HEAD,
        "rows": rows,
        "note": NOTE + (f" Some that the model found: {told}." if told else ""),
        "figures": [],
    }
    return Part("further.html", {"part": part})


def _beside(model: Array, other: Array) -> str:
    """Discordant drugs and the exact p.

    >>> _beside(np.array([True, False, False]), np.array([False, True, True]))
    '1 · 2, p = 1.0'
    """
    from scipy.stats import binomtest

    ours, theirs = int((model & ~other).sum()), int((other & ~model).sum())
    if not ours + theirs:
        return "0 · 0"
    p = binomtest(ours, ours + theirs, 0.5).pvalue
    return f"{ours} · {theirs}, p = {p:.2g}" if p < 1 else f"{ours} · {theirs}, p = 1.0"
