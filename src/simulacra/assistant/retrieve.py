"""From a question to the sentences that may answer it: words and meaning, passages first, sentences then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from math import log

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from simulacra.assistant.question import Question
from simulacra.assistant.store import Indexed, Store
from simulacra.assistant.words import content, fold, negations, numbers, stem, tokens

PASSAGES = 12
"""Passages whose sentences are looked at."""

FEATURES = (
    *(
        "cosine",
        "cosine of the passage",
        "cosine of the neighbors",
        "words",
        "words of the passage",
        "words of the heading",
    ),
    *("bm25", "bm25 of the best", "pairs of words", "names", "names in the passage", "numbers", "sort of answer"),
    *("length", "new words", "begins so", "is a table", "negation differs", "best cosine", "words of neighbors"),
)


@dataclass(frozen=True)
class Candidate:
    """A sentence that may answer.

    Args:
        document: number of its document.
        sentence: its number there.
        text: the sentence, its white space folded.
        features: what `FEATURES` names.
        cosine: nearness in meaning; 0 without the sentence model.
        shared: share of the question's words (weighted by rarity) that the sentence or its heading holds.
    """

    document: int
    sentence: int
    text: str
    features: Float[np.ndarray, "f"]
    cosine: float
    shared: float


@dataclass
class Retriever:
    """Finds sentences. What is read of the library is kept until the file changes.

    Args:
        store: the library.
    """

    store: Store
    version: int = -1
    places: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    vectors: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 384), np.float32))
    documents: dict[int, Indexed] = field(default_factory=dict)
    meanings: dict[int, NDArray[np.float32] | None] = field(default_factory=dict)

    def refresh(self) -> None:
        """Forget what is no longer so."""
        if (version := self.store.version()) != self.version:
            self.places, small = self.store.passage_vectors()
            self.vectors = small.astype(np.float32) / np.float32(400)
            self.documents, self.meanings, self.version = {}, {}, version

    def document(self, number: int) -> Indexed:
        """A document by its number."""
        if number not in self.documents:
            self.documents[number] = self.store.indexed(number)
        return self.documents[number]

    def meaning(self, number: int) -> NDArray[np.float32] | None:
        """Its sentences' vectors."""
        if number not in self.meanings:
            self.meanings[number] = self.store.sentence_vectors(number)
        return self.meanings[number]

    def known(self, word: str) -> bool:
        """Whether a word, or another form of it, stands anywhere in the library."""
        return self.store.counts([stem(word)])[1][stem(word)] > 0

    def rarity(self, stems: Sequence[str]) -> dict[str, float]:
        """How much each stem tells: the logarithm of one over the share of passages that hold it."""
        total, counts = self.store.counts(stems)
        return {s: log(1 + total / (1 + n)) for s, n in counts.items()}

    def passages(self, question: Question, within: set[int] | None = None) -> list[tuple[int, int, float, float]]:
        """The best passages: document, passage, BM25, cosine."""
        most = 60 if within is None else 600
        by_words = {
            (d, p): s for d, p, s in self.store.search(question.searched, most) if within is None or d in within
        }
        by_words = dict(list(by_words.items())[:60])
        near: dict[tuple[int, int], float] = {}
        if question.vector is not None and len(self.vectors):
            cosines = self.vectors @ question.vector
            if within is not None:
                cosines = np.where(np.isin(self.places[:, 0], list(within)), cosines, -1)
            best = np.argsort(-cosines)[:60]
            near = {
                (int(self.places[i, 0]), int(self.places[i, 1])): float(cosines[i]) for i in best if cosines[i] > -1
            }
        rank_words = {key: i for i, key in enumerate(by_words)}
        rank_near = {key: i for i, key in enumerate(near)}
        score = {
            key: 1 / (10 + rank_words.get(key, 200)) + 1 / (10 + rank_near.get(key, 200))
            for key in {**by_words, **near}
        }
        best_keys = sorted(score, key=lambda key: (-score[key], key))[:PASSAGES]
        return [(*key, by_words.get(key, 0.0), near.get(key, 0.0)) for key in best_keys]

    def candidates(self, question: Question, within: set[int] | None = None) -> list[Candidate]:
        """The sentences of the best passages, with all that is to be judged by."""
        self.refresh()
        rarity = self.rarity(question.stems)
        found = []
        passages = self.passages(question, within)
        top = max((bm25 for _, _, bm25, _ in passages), default=0.0)
        for number, passage, bm25, _ in passages:
            found += self._sentences(question, rarity, number, passage, bm25, top)
        if found:
            table = np.stack([c.features for c in found])
            best = table[:, FEATURES.index("cosine")].max()
            for candidate in found:
                candidate.features[FEATURES.index("best cosine")] = best
        return found

    def _sentences(
        self, question: Question, rarity: Mapping[str, float], number: int, passage: int, bm25: float, top: float
    ) -> list[Candidate]:
        indexed, vectors = self.document(number), self.meaning(number)
        document = indexed.document
        first, last = indexed.passages[passage]
        texts = [fold(document.text[a:b]) for a, b in indexed.spans[first:last]]
        stemmed = [content(text) for text in texts]
        heading = set(content(document.section(indexed.spans[first].start)) + content(document.title))
        whole = {s for row in stemmed for s in row}
        total, asked = sum(rarity.values()) or 1.0, question.stems
        told = partial(share, rarity=rarity, aliases=question.aliases)
        pairs = set(pairwise(asked))

        cosines = vectors[first:last] @ question.vector if vectors is not None and question.vector is not None else None
        near = np.zeros(len(texts)) if cosines is None else cosines
        mean = float(near.mean()) if len(near) else 0.0
        named, numbered = question.names, question.numbers
        spoken = {w for text in texts for w in tokens(text)}
        found = []
        for i, text in enumerate(texts):
            own, around = set(stemmed[i]), set().union(*stemmed[max(0, i - 1) : i + 2])
            said = set(tokens(text))
            row = stemmed[i]
            features = np.array(
                [
                    near[i],
                    mean,
                    float(near[max(0, i - 1) : i + 2].mean()),
                    told(own),
                    told(whole),
                    told(heading),
                    bm25 / total,
                    bm25 / top if top else 0.0,
                    len(pairs & set(pairwise(row))) / max(len(pairs), 1),
                    len(named & said) / len(named) if named else 0.5,
                    len(named & spoken) / len(named) if named else 0.5,
                    len(numbered & numbers(text)) / len(numbered) if numbered else 0.5,
                    question.answered_by(text),
                    log(1 + len(said)),
                    log(1 + len(own - set(asked))),
                    float(bool(row) and bool(asked) and row[0] in asked[:2]),
                    float(text.startswith("|")),
                    float((negations(text) > 0) != question.negated),
                    0.0,
                    told(around),
                ],
                np.float32,
            )
            found.append(Candidate(number, first + i, text, features, float(near[i]), told(own | heading)))
        return found


def share(of: set[str], rarity: Mapping[str, float], aliases: Mapping[str, set[str]]) -> float:
    """What share of a question's stems, weighted by rarity, is among some stems, as such or in its long form."""
    total = sum(rarity.values()) or 1.0
    return sum(rarity[s] for s in rarity if s in of or (s in aliases and aliases[s] <= of)) / total
