"""False sentences and faithful ones for the writer's filter: what was changed is known, the source beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from questions import OWN, lines, quotesum
from simulacra.assistant.sentences import sentences
from simulacra.assistant.words import NEGATIONS, fold, names, tokens

_CAUSE = re.compile(
    r"^(.{15,}?),? (because|since|due to|causes|caused by|leads to|led to|results in|produces|so that) (.{15,})\.$"
)
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:\.\d+)?(?![\w,])")


@dataclass(frozen=True)
class Planted:
    """A sentence for the filter.

    Args:
        sort: what was changed, or how it was phrased anew.
        said: the sentence.
        span: the source that it cites.
        context: the sources' titles, as an answer's sources have them.
    """

    sort: str
    said: str
    span: str
    context: str = ""


def source_sentences() -> list[tuple[str, str]]:
    """Sentences of SQuAD's documents with their paragraph."""
    found = []
    for row in lines("squad2_science.jsonl.gz"):
        text = row["text"]
        found += [(fold(text[a:b]), fold(text)) for a, b in sentences(text) if 8 <= len(text[a:b].split()) <= 45]
    return found


def more_sentences() -> list[str]:
    """Sentences of QuoteSum's sources and of the project's own pages, for causes."""
    _, rows = quotesum()
    texts = [text for row in rows for text in row.texts]
    texts += [
        path.read_text(encoding="utf-8") for root in OWN for path in ([root] if root.is_file() else root.glob("*.md"))
    ]
    return [fold(text[a:b]) for text in texts for a, b in sentences(text) if "|" not in text[a:b]]


def false_sentences(rng: np.random.Generator, each: int = 50) -> list[Planted]:
    """A quarter each: number changed, name swapped, negation dropped or put in, cause reversed."""
    rows = source_sentences()
    rows = [rows[i] for i in rng.permutation(len(rows))]
    pool = sorted({name for text, _ in rows for name in names(text) if name.isalpha() and len(name) > 3})
    found: dict[str, list[Planted]] = {"number": [], "name": [], "negation": [], "cause": []}
    for text, paragraph in rows:
        if (hit := _NUMBER.search(text)) and len(found["number"]) < each:
            other = f"{float(hit[0]) * float(rng.choice([2, 10, 3])) + int(rng.integers(1, 5)):g}"
            found["number"].append(Planted("number", text[: hit.start()] + other + text[hit.end() :], text))
        own = [n for n in names(text) if n.isalpha() and n in pool]
        if own and len(found["name"]) < each:
            other = str(rng.choice([n for n in pool if n not in tokens(paragraph)]))
            said = re.sub(rf"\b{own[0]}\b", other.capitalize(), text, flags=re.I)
            found["name"].append(Planted("name", said, text))
        if len(found["negation"]) < each and (said := _negated(text)):
            found["negation"].append(Planted("negation", said, text))
    more = more_sentences()
    for text in [*(text for text, _ in rows), *more]:
        if (cause := _CAUSE.match(text)) and len(found["cause"]) < each:
            a, word, b = cause.groups()
            found["cause"].append(Planted("cause", f"{b[0].upper()}{b[1:]} {word} {a[0].lower()}{a[1:]}.", text))
    for text in [*(text for text, _ in rows), *more]:  # few name a cause in so plain a form: the rest compare
        if len(found["cause"]) >= each:
            break
        if turned := re.match(r"^(.{12,}?) (is|are|was|were) (more|less|\w+er) (.*?)than (.{8,})\.$", text):
            a, verb, more, rest, b = turned.groups()
            found["cause"].append(
                Planted("cause", f"{b[0].upper()}{b[1:]} {verb} {more} {rest}than {a[0].lower()}{a[1:]}.", text)
            )
    return [one for sort in found.values() for one in sort]


def _negated(text: str) -> str:
    """A sentence with its negation dropped; one without is given a "not"."""
    words = text.split()
    if sum(w.lower().strip(",.") in NEGATIONS for w in words) == 1:
        kept = [w for w in words if w.lower().strip(",.") not in NEGATIONS or w.lower() not in ("not", "never", "no")]
        return " ".join(kept) if len(kept) < len(words) else ""
    hit = re.search(r"\b(is|are|was|were|can|could|must|will|would|should|has been|have been)\b", text)
    return (
        f"{text[: hit.end()]} not{text[hit.end() :]}" if hit and not any(t in NEGATIONS for t in tokens(text)) else ""
    )


_SWAPS = (
    ("for example", "for instance"), ("however", "still"), ("many", "a lot of"), ("large", "big"), ("use ", "employ "),
    ("used", "employed"), ("such as", "like"), ("important", "significant"), ("because", "since"), ("so ", "thus "),
    ("usually", "mostly"), ("called", "named"), ("known as", "called"), ("does not", "doesn't"), ("is not", "isn't"),
    ("therefore", "so"), ("also ", ""), ("various", "different"), ("begin", "start"), ("often", "frequently"),
)  # fmt: skip


def faithful_sentences(rng: np.random.Generator, by_people: int = 120, by_rule: int = 80) -> list[Planted]:
    """Sentences of people's summaries (QuoteSum) with the sources they cite; and sentences with other words put in."""
    people = []
    _, rows = quotesum()
    for row in rows:
        for summary, _ in row.summaries:
            for part in re.split(r"(?<=[.!?])\s+(?=[A-Z\[])", summary):
                cited = sorted({int(n) for n in re.findall(r"\[\s*(\d)\s", part)})
                said = " ".join(re.sub(r"\[\s*\d\s+|\]", "", part).split())
                said = re.sub(r"\s+([.,;:!?])", r"\1", said)
                if cited and all(n <= len(row.texts) for n in cited) and len(said.split()) >= 6:
                    people.append(
                        Planted("people", said, " ".join(row.texts[n - 1] for n in cited), " ".join(row.titles))
                    )
    made = []
    for text, _ in source_sentences():
        said, changes = text, 0
        for one, other in _SWAPS:
            if re.search(rf"\b{one}", said) and changes < 3:
                said, changes = re.sub(rf"\b{one}", other, said, count=1), changes + 1
        said = re.sub(r"\b(\d)(\d{3})\b(?! )", r"\1,\2", said) if changes else said
        if changes >= 1 and not re.search(r"\d,\d{3}", said):
            made.append(Planted("rule", said, text))
    people = [people[i] for i in rng.permutation(len(people))[:by_people]]
    return people + [made[i] for i in rng.permutation(len(made))[:by_rule]]
