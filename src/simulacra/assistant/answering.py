"""From candidates to an answer of three to six quoted sentences, or to a refusal that says what was looked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from pathlib import Path

import numpy as np
from jaxtyping import Float

from simulacra.assistant.answers import Answer, Near, Sentence, Source
from simulacra.assistant.encoder import encoder, home
from simulacra.assistant.question import Question
from simulacra.assistant.retrieve import FEATURES, Candidate, Retriever
from simulacra.assistant.words import STOP, tokens

SENTENCES = 6
"""The most sentences of an answer."""
FEW, ENOUGH, LEAST = 3, 0.72, 0.5
"""Beyond the first few a sentence is quoted where its score is this share of the best one's; none below the last."""
_AT = {name: i for i, name in enumerate(FEATURES)}


@dataclass(frozen=True)
class Answerability:
    """Whether the library says it: a logistic law over the best sentences' features, learnt from questions.

    Args:
        mean: of each feature.
        scale: of each feature.
        weight: of each feature.
        bias: of the law.
        threshold: probabilities below it are refused.
    """

    mean: Float[np.ndarray, "f"]
    scale: Float[np.ndarray, "f"]
    weight: Float[np.ndarray, "f"]
    bias: float
    threshold: float

    def __call__(self, features: Float[np.ndarray, "f"]) -> float:
        """The probability that the library holds an answer."""
        z = float(((features - self.mean) / self.scale) @ self.weight + self.bias)
        return 1 / (1 + exp(-max(-60.0, min(60.0, z))))


@lru_cache(maxsize=4)
def learnt(name: str) -> Answerability:
    """The law that ships: "meaning" with the sentence model, "words" without."""
    told = json.loads((Path(__file__).parent / "answerability.json").read_text(encoding="utf-8"))[name]
    mean, scale, weight = (np.array(told[part], np.float32) for part in ("mean", "scale", "weight"))
    return Answerability(mean, scale, weight, told["bias"], told["threshold"])


def score(candidate: Candidate) -> float:
    """How well a sentence fits: meaning of the sentence and half that of its passage, and the share of shared words.

    Without the sentence model: shared words, and a little of the passage's. A question says nothing, a row of a table
    little; what holds a thing of the sort that is asked for (a person, a time, an amount) goes before what does not.
    """
    f = candidate.features
    manner = 0.15 * f[_AT["sort of answer"]] - 0.3 * f[_AT["is a table"]]
    manner -= 0.6 * candidate.text.endswith("?") + 0.3 * (len(candidate.text.split()) < 5)
    if f[_AT["best cosine"]] == 0:
        return float(f[_AT["words"]] + 0.3 * f[_AT["words of the passage"]] + 0.3 * f[_AT["bm25 of the best"]] + manner)
    return float(f[_AT["cosine"]] + 0.5 * f[_AT["cosine of the passage"]] + f[_AT["words"]] + manner)


def ranked(candidates: list[Candidate]) -> list[Candidate]:
    """Best first; of sentences with the same words only the first."""
    found: dict[str, Candidate] = {}
    for candidate in sorted(candidates, key=lambda c: (-score(c), c.document, c.sentence)):
        found.setdefault(" ".join(tokens(candidate.text)), candidate)
    return list(found.values())


def summary(best: list[Candidate]) -> Float[np.ndarray, "f"]:
    """Of the three best sentences what answerability is told by: the first, the largest of each feature, the second."""
    rows = np.stack([c.features for c in best[:3]])
    return np.concatenate([rows[0], rows.max(0), rows[min(1, len(rows) - 1)]])


def understood(text: str) -> Question:
    """A question with its meaning, where the sentence model is at hand."""
    return Question(text, encoder()([text])[0] if home() and text.strip() else None)


def answer(retriever: Retriever, text: str, most: int = SENTENCES, within: set[int] | None = None) -> Answer:
    """The sentences of the library that answer a question best, or a refusal."""
    question = understood(text)
    best = ranked(retriever.candidates(question, within))
    spoken = [word for word in tokens(text) if word not in STOP]
    looked_for = tuple(dict.fromkeys(spoken))
    missing = tuple(word for word in looked_for if not retriever.known(word))
    notes = [] if home() else ["found by words alone; pip install 'simulacra[assistant]' adds nearness of meaning"]
    if not best:
        return Answer(text, (), looked_for=looked_for, missing=missing, notes=tuple(notes))
    law = learnt("meaning" if best[0].features[_AT["best cosine"]] else "words")
    probability = law(summary(best))
    strangers = sorted(name for name in question.names if name in missing)
    authors = [c for c in best if c.features[_AT["sort of answer"]] > 1 and c.shared >= 0.4]
    if authors and not strangers:
        best, probability = authors, max(probability, law.threshold)  # a reference answers who proposed it
    if probability < law.threshold or strangers:
        near = nearest(retriever, question, best)
        if strangers:
            notes.append(f"no source knows {', '.join(strangers)}, so that nothing is said of it")
        return Answer(text, (), tuple(near), looked_for, missing, tuple(notes), probability=probability)
    top = score(best[0])
    said = [c for c in best if not c.text.endswith("?")] or best  # a question says nothing
    chosen = [c for i, c in enumerate(said[:most]) if score(c) >= (LEAST if i < FEW else ENOUGH) * top]
    sentences = tuple(quoted(retriever, candidate) for candidate in chosen)
    return Answer(text, sentences, (), looked_for, missing, tuple(notes), probability=probability)


def quoted(retriever: Retriever, candidate: Candidate, side: str = "") -> Sentence:
    """A candidate as a sentence with its source."""
    indexed = retriever.document(candidate.document)
    source = Source.of(indexed.document, indexed.spans[candidate.sentence])
    return Sentence(candidate.text, (source,), round(score(candidate), 4), side)


def nearest(retriever: Retriever, question: Question, best: list[Candidate], most: int = 3) -> list[Near]:
    """The nearest passages, one sentence each, of as many names of the question as there are; and their distance.

    The distance is one less the cosine, or less the share of common words where there is no sentence model.
    """
    chosen: list[Candidate] = []
    for name in sorted(question.names):
        chosen += [c for c in best if name in tokens(c.text) and c not in chosen][:1]
    chosen += [c for c in best if c not in chosen]
    found = []
    for candidate in chosen[:most]:
        far = 1 - (candidate.cosine or candidate.shared)
        found.append(Near(quoted(retriever, candidate).sources[0], round(far, 3)))
    return sorted(found, key=lambda near: near.distance)
