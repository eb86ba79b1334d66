"""How many molecules of each set hold together, on a page: shares with their intervals, and published ones beside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ASIDE = True

Record = Mapping[str, Any]
HEAD = ("atoms stable, %", "molecules stable, %", "valid, %", "of one piece, %", "valid and different, %", "novel, %")
PUBLISHED = (
    ("QM9 whole, with fluorine", "–", ("99.0", "95.2", "97.7", "–", "97.7", "–"), "as published with EDM"),
    ("G-SchNet", "10,000", ("95.7", "68.1", "85.5", "–", "80.3", "–"), "Gebauer et al., 2019; scored by EDM's authors"),
    (
        "EDM, 1,000 steps",
        "10,000",
        ("98.7", "82.0", "91.9", "–", "90.7", "–"),
        "Hoogeboom et al., 2022, arXiv:2203.17003",
    ),
    ("GeoLDM, 1,000 steps", "10,000", ("98.9", "89.4", "93.8", "–", "92.7", "–"), "Xu et al., 2023, arXiv:2305.01140"),
)
"""Scores of models of all of QM9 (up to 29 atoms), 10,000 draws each, by the same rules."""


@dataclass(frozen=True)
class Scores:
    """The table.

    Args:
        head: what is counted.
        rows: the set's name, how many molecules, and for each count its share and how well that is known.
        published: a model's name, how many draws, its cells, and where they come from; empty where the data are others.
        note: what the words mean.
    """

    head: tuple[str, ...]
    rows: list[tuple[str, int, list[tuple[str, str]]]]
    published: list[tuple[str, str, tuple[str, ...], str]]
    note: str


def scores(record: Record) -> Scores | None:
    """The table of a run of molecules; None where it kept none."""
    stated = record.get("molecules")
    if not isinstance(stated, Mapping) or not isinstance(stated.get("sets"), Mapping):
        return None
    rows = [_row(str(name), one) for name, one in stated["sets"].items() if isinstance(one, Mapping) and one.get("n")]
    ours = str(record.get("source", "")).startswith("QM9(")
    return Scores(HEAD, rows, list(PUBLISHED) if ours else [], _note(stated, ours))


def _row(name: str, one: Record) -> tuple[str, int, list[tuple[str, str]]]:
    n, different = int(one["n"]), one.get("different")
    atoms = (f"{100 * float(one['atoms']):.1f}", f"± {100 * float(one['error']):.1f}")
    apart = (
        "–" if different is None else f"{100 * int(different) / n:.1f}",
        "",
    )  # repetitions are no independent draws
    counts = [share(one.get(key), n) for key in ("stable", "valid", "whole")]
    return name, n, [atoms, *counts, apart, share(one.get("novel"), int(different or 0))]


def share(k: Any, n: int) -> tuple[str, str]:  # noqa: ANN401 - a count, or None
    """A share in percent and its 95 % interval."""
    if k is None or not n:
        return "–", ""
    low, high = wilson(int(k), n)
    return f"{100 * int(k) / n:.1f}", f"{100 * low:.1f} to {100 * high:.1f}"


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share.

    References:
        Probable inference, the law of succession, and statistical inference (Wilson, 1927),
        doi:10.1080/01621459.1927.10502953
    """
    z, p = 1.959964, k / n
    middle, wide = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (middle - wide) / (1 + z * z / n)), min(1.0, (middle + wide) / (1 + z * z / n))


def _note(stated: Record, ours: bool) -> str:
    trained = stated.get("trained")
    text = (
        "By the rule by distance, truth included: the data's own score is the ceiling. Atoms: standard error over "
        "molecules; others: 95 % intervals (Wilson). Valid: RDKit, on bonds by distance, of the largest piece. Novel: "
        "of the different valid ones, what is not among the "
        + (f"{int(trained):,} training molecules" if trained else "training molecules, which are not known here")
        + ", and a share of 100 % is no aim: truth has its own."
    )
    beside = " Below, as context and no contest: published scores of models of all of QM9 (up to 29 atoms)."
    return text + (beside if ours else "")
