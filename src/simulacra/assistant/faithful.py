"""Whether a sentence is carried by spans of the sources: its numbers, names and negations, and its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulacra.assistant.encoder import encoder, home
from simulacra.assistant.words import content, names, negations, numbers, stem, tokens

NEAR = 0.4
"""The least nearness in meaning of a sentence to what carries it (cosine)."""
SHARED = 0.5
"""The least share of its content words that stand in what carries it."""

_OPENING = frozenset(
    [
        "finally",
        "though",
        "amidst",
        "other",
        "others",
        "another",
        "additionally",
        "moreover",
        "furthermore",
        "source",
        "sources",
        "according",
        "whereas",
        "while",
        "although",
        "some",
        "one",
        "however",
        "first",
        "second",
        "third",
        "many",
        "several",
        "overall",
        "similarly",
        "meanwhile",
        "thus",
        "therefore",
        "hence",
        "besides",
        "since",
        "given",
        "despite",
        "unlike",
        "consequently",
        "later",
        "today",
        "here",
        "there",
        "they",
        "it",
        "this",
        "that",
        "these",
        "those",
        "he",
        "she",
        "we",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "as",
    ]
)
"""Words that open a sentence with a capital and are no names."""

_CAUSE = re.compile(
    r"\b(because(?: of)?|due to|owing to|caused by|results? from|resulted from|thanks to|since)\b|"
    r"\b(causes?|caused|leads? to|led to|results? in|resulted in|produces?|produced|so that|therefore|thus|hence)\b",
    re.I,
)
_COMPARED = re.compile(
    r"\b(more|less|worse|[a-z]{3,}er) than\b|\b(above|below|beats|exceeds|outperforms)\b",
    re.I,
)
_OPPOSITE = [
    {"more", "less"}, {"better", "worse"}, {"higher", "lower"}, {"larger", "smaller"}, {"greater", "fewer"},
    {"faster", "slower"}, {"above", "below"}, {"increase", "decrease"}, {"increases", "decreases"}, {"rise", "fall"},
    {"before", "after"}, {"always", "never"}, {"all", "none"}, {"first", "last"}, {"best", "worst"}, {"true", "false"},
    {"most", "least"}, {"consistent", "differs"}, {"possible", "impossible"}, {"maximum", "minimum"}, {"hot", "cold"},
    {"inside", "outside"}, {"upper", "lower"}, {"gains", "loses"}, {"nearest", "farthest"}, {"with", "without"},
]  # fmt: skip
_OPPOSED: dict[str, set[str]] = {}
for _pair in _OPPOSITE:
    for _word in _pair:
        _OPPOSED.setdefault(_word, set()).update(_pair - {_word})


@dataclass(frozen=True)
class Carried:
    """Whether a sentence is carried, and why not."""

    holds: bool
    why: str = ""


def carried(sentence: str, span: str, context: str = "", near: float | None = None) -> Carried:
    """Whether a span of a source carries a sentence.

    Args:
        sentence: what a writer says.
        span: the quoted words of the sources that it cites.
        context: titles and headings of these sources, whose names may be used.
        near: cosine of sentence and span; computed where the sentence model is at hand and none is given.
    """
    around = f"{context} {span}"
    if extra := numbers(sentence) - numbers(around):
        return Carried(False, f"the number {min(extra):g} is not in the source")
    spoken = set(tokens(around))
    named = names(sentence) | (names(f"x {sentence}") - _OPENING)
    if extra_names := {n for n in named if not _known(n, spoken)}:
        return Carried(False, f"the name {min(extra_names)} is not in the source")
    part = clauses(sentence, span)
    if (negations(sentence) % 2) != (negations(part) % 2) and (negations(sentence) % 2) != (negations(span) % 2):
        return Carried(False, "its negation is not the source's")
    if turned := _turned(sentence, span):
        return Carried(False, f"{turned} turns the source round")
    if _reversed(sentence, part):
        return Carried(False, "cause and effect, or what is compared, stand the other way round")
    own = set(content(sentence))
    shared = len(own & set(content(around))) / max(len(own), 1)
    if shared < SHARED:
        return Carried(False, f"only {shared:.0%} of its words stand in the source")
    if near is None and home():
        vectors = encoder()([sentence, span, part, *_pieces(span, r"(?<=[.!?;])\s+")])
        near = float((vectors[1:] @ vectors[0]).max())
    if near is not None and near < NEAR:
        return Carried(False, f"it is far from the source in meaning ({near:.2f})")
    return Carried(True)


def _known(name: str, spoken: set[str]) -> bool:
    return all(piece in spoken or stem(piece) in {stem(s) for s in spoken} for piece in tokens(name))


def clauses(sentence: str, span: str) -> str:
    """The clauses of a span that a sentence speaks of, those that share most of its words: their negations count."""
    pieces = _pieces(span, r"(?<=[.!?;,])\s+")
    own = set(content(sentence))
    score = [len(own & set(content(p))) for p in pieces]
    top = max(score)
    return " ".join(p for p, s in zip(pieces, score, strict=True) if s >= 0.7 * top) if top else span


def _pieces(span: str, border: str) -> list[str]:
    return [p for p in re.split(border, span) if p.strip()] or [span]


def _turned(sentence: str, span: str) -> str:
    """A word whose opposite the span has, and which it has not itself."""
    said, there = set(tokens(sentence)), set(tokens(span))
    for word in sorted(said & set(_OPPOSED)):
        if word not in there and _OPPOSED[word] & there and not (_OPPOSED[word] & said):
            return word
    return ""


def _reversed(sentence: str, span: str) -> bool:
    """Whether what stands on either side of a word of cause or comparison has changed sides."""
    for pattern in (_CAUSE, _COMPARED):
        here, there = _sides(pattern, sentence), _sides(pattern, span)
        if here and there:
            (a, b), (c, d) = here, there
            straight, crossed = len(a & c) + len(b & d), len(a & d) + len(b & c)
            if crossed > straight or (crossed == straight and a & d and b & c):
                return True
    return False


def _sides(pattern: re.Pattern[str], text: str) -> tuple[set[str], set[str]] | None:
    """The words of cause and of effect; of a comparison those of its first and its second part."""
    found = pattern.search(text)
    if not found:
        return None
    left, right = set(content(text[: found.start()])), set(content(text[found.end() :]))
    if pattern is _CAUSE and found[1]:
        if not left:  # "Because of B, A": the comma parts them
            cause, _, effect = text[found.end() :].partition(",")
            return set(content(cause)), set(content(effect))
        return right, left
    if pattern is _COMPARED and found[0].lower() in ("above", "below"):
        return left, right
    return left, right
