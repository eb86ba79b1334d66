"""Scores of mutations: several methods brought together, and all of them held against a measurement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import norm, rankdata

from simulacra.core.chance import stream
from simulacra.core.samples import Array
from simulacra.domains.proteins.scans import Scan
from simulacra.domains.proteins.variants import Placed, parsed
from simulacra.skill.ranking import correlations, ordering, position_means, skill_word
from simulacra.skill.roc import area, gain

COUNTS = "counting letters"
TOGETHER = "together"
ALONE = "nats: log-ratio to the query"


@dataclass(frozen=True, eq=False)
class Effects:
    """What methods say of variants.

    Args:
        score: by method, (n,); higher is more like the family. Nats, of "together" a mean of normal scores of ranks.
        error: the standard error of each by Monte Carlo; of "together" by how far the methods disagree.
    """

    score: Mapping[str, Array]
    error: Mapping[str, Array]


def kind_of(name: str) -> str:
    """A method's kind: its name without the number of its copy.

    >>> kind_of("VAE 2"), kind_of("Potts")
    ('VAE', 'Potts')
    """
    return re.sub(r" \d+$", "", name)


def combined(effects: Effects) -> Effects:
    """The methods and, where there are several kinds, all of them together: the mean of their normal scores.

    Copies of one kind are averaged first, as log-ratios, so that each kind has one voice. Counting letters has none.
    """
    kinds: dict[str, list[str]] = {}
    for name in effects.score:
        if name != COUNTS:
            kinds.setdefault(kind_of(name), []).append(name)
    score, error = dict(effects.score), dict(effects.error)
    for kind, names in kinds.items():
        if len(names) > 1:
            many = np.array([effects.score[n] for n in names])
            score[f"{kind}, all {len(names)}"] = many.mean(axis=0)
            error[f"{kind}, all {len(names)}"] = many.std(axis=0, ddof=1) / np.sqrt(len(names))
    if len(kinds) > 1:
        voices = np.array([normal(np.mean([effects.score[n] for n in names], axis=0)) for names in kinds.values()])
        score[TOGETHER] = voices.mean(axis=0)
        error[TOGETHER] = voices.std(axis=0, ddof=1) / np.sqrt(len(voices))
    return Effects(score, error)


def normal(x: Array) -> Array:
    """Normal scores of ranks: as if the values had been drawn from a standard normal law."""
    return np.asarray(norm.ppf((rankdata(x) - 0.5) / len(x)))


def best_of(methods: Mapping[str, Any] | list[str]) -> str:
    """The method whose score a table leads with: all together, else the first that is not counting."""
    names = list(methods)
    if TOGETHER in names:
        return TOGETHER
    groups = [name for name in names if ", all " in name]
    return groups[0] if groups else next((name for name in names if name != COUNTS), COUNTS)


def held(scan: Scan, placed: Placed, effects: Effects, worse: bool, seed: int) -> dict[str, Any]:
    """All methods against a measurement: correlations or areas, with intervals, and gains over counting letters.

    Args:
        scan: what was measured.
        placed: its variants that were scored.
        effects: of these.
        worse: whether a higher measurement is a worse protein.
        seed: of the bootstrap.
    """
    rng = stream(seed, "scan, intervals")
    measured = scan.measured[placed.at] * (-1 if worse else 1)
    position = np.array([":".join(str(n) for _, n, _ in parsed(name)) for name in placed.names])
    stated: dict[str, Any] = {
        "origin": scan.origin,
        "column": scan.column,
        "variants": len(scan.variants),
        "scored": len(placed.at),
        "no number": scan.left_out,
        "skipped": _counted(placed.skipped.values()),
        "labels": scan.labels,
        "best": best_of(effects.score),
        "methods": {},
    }
    if scan.labels:
        bad = measured < 0.5 if not worse else measured < -0.5
        for name, score in effects.score.items():
            found = area(-score[~bad], -score[bad])
            stated["methods"][name] = {"auc": asdict(found)}
            if name != COUNTS:
                counts = effects.score[COUNTS]
                more = gain((-score[~bad], -score[bad]), (-counts[~bad], -counts[bad]))
                stated["methods"][name]["gain"] = asdict(more)
        stated |= {"benign": int((~bad).sum()), "damaging": int(bad.sum())}
        return stated
    each, gains = correlations(dict(effects.score), measured, position, rng)
    for name, score in effects.score.items():
        row: dict[str, Any] = {"spearman": asdict(each[name]), "word": skill_word(each[name])}
        row["positions"] = position_means(score, measured, position)
        if name != COUNTS:
            row["gain"] = asdict(gains[name, COUNTS])
        stated["methods"][name] = row
    stated["ordering"] = asdict(ordering(effects.score[stated["best"]], measured, position, rng))
    return stated


def _counted(reasons: Any) -> dict[str, int]:  # noqa: ANN401 - texts
    found: dict[str, int] = {}
    for why in reasons:
        found[why] = found.get(why, 0) + 1
    return found
