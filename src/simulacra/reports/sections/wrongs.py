"""How wrong, in the field's own units: the largest effects of all judges that distinguish the model from truth."""

from __future__ import annotations

from collections.abc import Mapping

from simulacra.core.verdict import Verdict

ASIDE = True

MOST = 3


def largest(verdicts: Mapping[str, Verdict]) -> list[str]:
    """The first effect of each of the judges whose distance is largest, three at most; empty where none is known."""
    telling = [v for v in verdicts.values() if v.word == "differs" and v.effects]
    telling.sort(key=lambda v: -(v.ratio or 0))
    found = [v.effects[0].words for v in telling[:MOST]]
    if len(telling) == 1:
        found = [effect.words for effect in telling[0].effects[:MOST]]
    return list(dict.fromkeys(found))


def of_judge(verdict: Verdict) -> str:
    """All effects of one judge, with their intervals; empty where none is sure."""
    return f"How wrong: {'; '.join(effect.words for effect in verdict.effects)}." if verdict.effects else ""
