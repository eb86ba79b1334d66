"""The words of a text as they are compared: stems, numbers, names, negations."""

from __future__ import annotations

import re
from functools import lru_cache

STOP = frozenset(
    [
        "a",
        "about",
        "above",
        "after",
        "again",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "doing",
        "down",
        "during",
        "each",
        "else",
        "ever",
        "few",
        "for",
        "from",
        "further",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "here",
        "hers",
        "him",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "just",
        "let",
        "like",
        "may",
        "me",
        "might",
        "more",
        "most",
        "my",
        "no",
        "nor",
        "not",
        "now",
        "of",
        "off",
        "on",
        "once",
        "one",
        "only",
        "or",
        "other",
        "our",
        "ours",
        "out",
        "over",
        "own",
        "per",
        "same",
        "shall",
        "she",
        "should",
        "so",
        "some",
        "such",
        "tell",
        "than",
        "that",
        "the",
        "their",
        "theirs",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "too",
        "under",
        "until",
        "up",
        "upon",
        "us",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "whether",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "yours",
    ]
)
"""Words that say nothing of what a text is about."""

NEGATIONS = frozenset(
    [
        "no",
        "not",
        "never",
        "none",
        "nor",
        "neither",
        "cannot",
        "without",
        "nobody",
        "nothing",
        "hardly",
        "scarcely",
        "fails",
        "fail",
        "failed",
        "lacks",
        "lack",
        "unable",
        "except",
        "unlike",
        "rather",
        "instead",
    ]
)
"""Words that turn a statement round."""

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_PART = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_NUMBER = re.compile(r"(?<![\w.])[-+−]?\d+(?:[ ,\u202f]\d{3})*(?:\.\d+)?(?:[eE][-+−]?\d+)?")
_SPELLED = dict(
    zip(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(13),
        strict=True,
    )
) | {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100, "thousand": 1000, "million": 10**6}


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A word without its English ending: a light form of Porter's stemmer.

    >>> [stem(w) for w in ("samples", "sampling", "sampled", "families", "energies", "is", "loss")]
    ['sampl', 'sampl', 'sampl', 'famili', 'energi', 'is', 'loss']
    """
    if len(word) < 4 or not word.isascii():
        return word
    for ending, put in (("ies", "i"), ("sses", "ss"), ("ss", "ss"), ("us", "us"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            word = word[: len(word) - len(ending)] + put
            break
    for ending in ("edly", "ingly", "ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and re.search("[aeiouy]", word[: -len(ending)]):
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    for ending, put in (
        ("ational", "ate"),
        ("ization", "ize"),
        ("ation", "ate"),
        ("fulness", "ful"),
        ("ness", ""),
        ("ment", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: len(word) - len(ending)] + put
            break
    if word.endswith("y") and len(word) > 3:
        word = word[:-1] + "i"
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def tokens(text: str) -> list[str]:
    """All words, in lower case, hyphens parted."""
    return [part for word in _WORD.findall(text.lower()) for part in _PART.findall(word)]


def content(text: str) -> list[str]:
    """The stems of the words that a text is about, in order."""
    return [stem(token) for token in tokens(text) if token not in STOP]


def numbers(text: str) -> set[float]:
    """All numbers, those in words too (up to twelve, tens, hundred, thousand, million).

    >>> sorted(numbers("Eight of 1,000 maps at −2.5, 3e4 draws"))
    [-2.5, 8.0, 1000.0, 30000.0]
    """
    found = {float(re.sub(r"[ ,\u202f]", "", n).replace("−", "-")) for n in _NUMBER.findall(text)}
    return found | {float(_SPELLED[t]) for t in tokens(text) if t in _SPELLED and t != "one"}


def names(text: str) -> set[str]:
    """Words that are written as names: capitals within a sentence, acronyms, words with digits; in lower case.

    >>> sorted(names("The plain GAN by Odena beats WGAN-GP. It was trained in Boston on QM9."))
    ['boston', 'gan', 'gp', 'odena', 'qm9', 'wgan']
    """
    found, start = set(), True
    for match in re.finditer(r"[^\W_]+|[.!?:;]", text):
        word = match[0]
        if word in ".!?:;":
            start = True
            continue
        mixed = any(c.isupper() for c in word[1:]) or (
            any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
        )
        if (mixed or (word[0].isupper() and not start)) and word.lower() not in STOP and len(word) > 1:
            found.add(word.lower())
        start = False
    return found


def negations(text: str) -> int:
    """How many words turn its statement round ("not", "n't", "never", "without" …)."""
    return sum(token in NEGATIONS for token in tokens(text)) + len(re.findall(r"n['’]t\b", text.lower()))


def fold(text: str) -> str:
    """A text with its white space as one space each, and words that a line end parts put together."""
    return " ".join(re.sub(r"(?<=[^\W\d_])-\s*\n\s*(?=[a-z])", "-", text).split())
