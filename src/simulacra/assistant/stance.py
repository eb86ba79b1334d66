"""Both sides of a claim: what speaks for it and what against it, told apart by words of stance and negation."""

from __future__ import annotations

import re
from typing import Literal

from simulacra.assistant.answering import learnt, nearest, quoted, ranked, score, summary, understood
from simulacra.assistant.answers import Answer
from simulacra.assistant.retrieve import FEATURES, Candidate, Retriever
from simulacra.assistant.words import NEGATIONS, STOP, stem, tokens

Side = Literal["for", "against", "neither"]
FOR = (
    "improve better best outperform succeed success beat confirm support agree prove show demonstrate enable cure help "
    "prevent solve reduce effective reliable robust stable accurate consistent faster advantage benefit gain superior "
    "reach higher reproduce recover exact correct significant indeed works capture increase cause causes good useful"
)
AGAINST = (
    "worse worst failure beaten contradict refute dispute disagree reject doubt deny question limit limitation poor "
    "ineffective unreliable unstable inaccurate differ drawback problem harm hurt loss lose suffer collapse wrong miss "
    "missed error artifact criticism criticize challenge however although despite insufficient inferior decrease bad "
    "useless overestimate underestimate dropped nothing hardly neither told"
)
_FAILING = frozenset(("fails", "fail", "failed", "unable", "lacks", "lack"))
_TURNING = NEGATIONS - _FAILING - {"except", "unlike", "rather", "instead"}
_FOR, _AGAINST = ({stem(word) for word in words.split()} for words in (FOR, AGAINST))


def stance(text: str, claim: str = "") -> float:
    """Above 0 where a sentence speaks for, below where against, 0 where neither can be told.

    Each word of stance counts once, turned round by a negation or a failing among the three words before it. Of those
    that turn no word of stance an odd number counts against, an even number for. Words of the claim count for it.

    >>> stance("It is not better.") < 0 < stance("It clearly improves the coverage.")
    True
    """
    own = {stem(word) for word in tokens(claim)}
    words = tokens(re.sub(r"n['’]t\b", " not", text))
    total, used = 0.0, set()
    for i, word in enumerate(words):
        s = stem(word)
        weight = 1.0 if s in _FOR else -1.0 if s in _AGAINST else 0.0
        turned = [j for j in range(max(0, i - 3), i) if words[j] in _TURNING | _FAILING]
        if s in own and word not in STOP:
            weight = 1.0 if weight else (0.5 if turned else 0.0)
        if weight and word not in _FAILING:
            total += -weight if len(turned) % 2 else weight
            used.update(turned)
    left = [i for i, word in enumerate(words) if word in _TURNING | _FAILING and i not in used]
    return total + (-1.0) ** len(left) * min(len(left), 1)


def side(text: str, claim: str) -> Side:
    """The side of a claim that a sentence is on; a claim that is itself negative turns it round."""
    found = stance(text, claim)
    if stance(claim, "") < 0 and re.search(r"\b(not|never|no|cannot|fails?)\b|n['’]t\b", claim.lower()):
        found = -found
    return "for" if found > 0 else "against" if found < 0 else "neither"


def both_sides(retriever: Retriever, text: str, most: int) -> Answer:
    """The sentences nearest to a claim on each side; it is said where one side has none."""
    question = understood(text)
    best = ranked(retriever.candidates(question))
    law = learnt("meaning" if best and best[0].features[FEATURES.index("best cosine")] else "words")
    if not best or law(summary(best)) < law.threshold:
        return Answer(text, (), tuple(nearest(retriever, question, best)), tuple(question.stems))
    near = [c for c in best if score(c) >= 0.5 * score(best[0]) and not c.text.startswith("|")]
    sides: dict[Side, list[Candidate]] = {"for": [], "against": [], "neither": []}
    for candidate in near:
        sides[side(candidate.text, text)].append(candidate)
    sentences = tuple(quoted(retriever, c, s) for s in ("for", "against") for c in sides[s][:most])
    notes = ["sides are told by words of stance and negation, not by understanding: read the quotes"]
    empty = [s for s in ("for", "against") if not sides[s]]
    if len(empty) == 1:
        notes.insert(0, f"the library holds one side only: nothing {empty[0]} it was found")
    if len(empty) == 2:
        sentences = tuple(quoted(retriever, c, "neither") for c in near[:most])
        notes.insert(0, "the library speaks of it, and takes no side that could be told")
    return Answer(text, sentences, notes=tuple(notes))
