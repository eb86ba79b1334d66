"""How many samples may be used, in words: n*, and what endless draws are worth, or why the data cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulacra.reports.numbers import number

ASIDE = True


def sentence(entry: Mapping[str, Any]) -> str:
    """What one judge knows of the number of samples; empty where nothing was measured."""
    if "why" not in entry:
        return ""
    return f"{_usable_words(entry)} {_worth(entry.get('amplification') or {})}".strip()


def _usable_words(entry: Mapping[str, Any]) -> str:
    star, low, high = (entry.get(key) for key in ("n_star", "low", "high"))
    why = str(entry.get("why") or "")
    if star is None:
        tried = (entry.get("power") or {}).get("n")
        if not tried:
            return f"At how many samples it would be distinguished from truth is unknown: {why}."
        return f"{why[:1].upper()}{why[1:]}."
    stated = f"Distinguished from truth at about {number(star)} samples of either"
    if low is not None and high is not None:
        return f"{stated} ({number(low)} to {number(high)})."
    ends = [f"at least {number(low)}" if low is not None else "", f"at most {number(high)}" if high is not None else ""]
    return f"{stated} ({'; '.join(text for text in [*ends, why] if text)})."


def _worth(found: Mapping[str, Any]) -> str:
    if not found:
        return ""
    factor, low, high, why = (found.get(key) for key in ("factor", "low", "high", "why"))
    if factor is None:
        least = f"; it is worth at least {number(low, 2)} × the training set" if low is not None else ""
        return f"Amplification: {why}{least}."
    luck = found.get("luck") or (None, None)
    beside = f"; a true set of the training size lies itself between {number(luck[0], 2)} and {number(luck[1], 2)}"
    return (
        f"In {number(found.get('bins'))} bins its errors are those of {number(factor, 2)} × the training set "
        f"({number(low, 2)} to {number(high, 2)}{beside})."
    )
