"""A question as it is searched for: its words, names, numbers, and the sort of answer that it wants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Float

from simulacra.assistant.words import content, names, negations, numbers, tokens

Wants = Literal["person", "time", "amount", "place", "reason", "definition", "other"]
_WANTS: tuple[tuple[str, Wants], ...] = (
    (r"\b(who|whom|whose|which (person|author|scientist|engineer)s?)\b", "person"),
    (r"\b(when|what year|which year|what century|which century|what decade|how long ago|what date)\b", "time"),
    (r"\bhow (many|much|large|big|high|low|long|fast|far|often|old|wide|deep|tall|small)\b", "amount"),
    (r"\b(what|which) (percentage|percent|share|number|amount|size|rate|fraction|proportion)\b", "amount"),
    (r"\b(where|(what|which) (country|city|place|town|region))\b", "place"),
    (r"\b(why|how come|what (causes?|caused|reason))\b", "reason"),
    (r"^\W*(what|who) (is|are|was|were) (an? |the )?[\w\- ]{2,40}\??\W*$", "definition"),
    (r"^\W*(define|explain|describe)\b|\bwhat does .+ mean\b", "definition"),
)
_YEAR = re.compile(
    r"\b(1[0-9]{3}|20[0-9]{2})s?\b|\bcentur|\b(january|february|march|april|june|july|august|september|october|november|december)\b",
    re.I,
)
_PLACE = re.compile(r"\b(in|at|from|near|of) (the )?[A-Z]\w+")
_REASON = re.compile(
    r"\b(because|since|therefore|thus|due to|so that|as a result|caus\w+|reasons?|owing to|leads? to|results? in)\b",
    re.I,
)
_MADE = re.compile(r"\b(propos|introduc|invent|author|wrote|develop|suggest|publish|devis|discover)", re.I)
_AUTHORS = re.compile(r"\([A-Z][^()]{2,60},? (19|20)\d\d\)")

ALIASES = {
    "wgan": "wasserstein gan",
    "gan": "generative adversarial network",
    "vae": "variational autoencoder",
    "gp": "gradient penalty",
    "mc": "monte carlo",
    "mcmc": "markov chain",
    "lstm": "long short term memory",
    "auc": "area under curve",
    "edm": "equivariant diffusion",
    "pca": "principal component analysis",
    "wasserstein": "wgan",
}
"""Short forms of the field, and what they are short for: either stands for the other."""


@dataclass(frozen=True)
class Question:
    """What was asked.

    Args:
        text: the question.
        vector: of its meaning, (384,); None without the sentence model.
    """

    text: str
    vector: Float[np.ndarray, "384"] | None = None

    @cached_property
    def stems(self) -> list[str]:
        """The stems of its content words, each once."""
        return list(dict.fromkeys(content(self.text)))

    @cached_property
    def aliases(self) -> dict[str, set[str]]:
        """Of those of its stems that are short forms the stems of the long ones; all of these stand for it."""
        return {s: set(content(ALIASES[s])) - {"gan"} or {s} for s in self.stems if s in ALIASES}

    @property
    def searched(self) -> list[str]:
        """Its stems, and those of the long forms."""
        return list(dict.fromkeys([*self.stems, *(a for s in self.aliases for a in sorted(self.aliases[s]))]))

    @cached_property
    def names(self) -> set[str]:
        """Its names; the first word counts where it is no question word."""
        return names(self.text) | names(f"x {self.text}") - {
            "what",
            "who",
            "which",
            "how",
            "when",
            "where",
            "why",
            "name",
        }

    @property
    def numbers(self) -> set[float]:
        """Its numbers."""
        return numbers(self.text)

    @cached_property
    def wants(self) -> Wants:
        """The sort of answer."""
        for pattern, sort in _WANTS:
            if re.search(pattern, self.text.lower()):
                return sort
        return "other"

    def answered_by(self, sentence: str) -> float:
        """1 where a sentence holds what is wanted beyond the question, 0 where not, ½ unknown, 4 for authors."""
        wants = self.wants
        if wants == "person":
            if _AUTHORS.search(sentence) and _MADE.search(self.text):
                return 4.0
            return float(bool(names(sentence) - self.names))
        if wants == "time":
            return float(bool({m[0] for m in _YEAR.finditer(sentence)} - {m[0] for m in _YEAR.finditer(self.text)}))
        if wants == "amount":
            return float(bool(numbers(sentence) - self.numbers))
        if wants == "place":
            return float(bool(_PLACE.search(sentence)))
        if wants == "reason":
            return float(bool(_REASON.search(sentence)))
        return 0.5

    @property
    def negated(self) -> bool:
        """Whether it asks for what is not so."""
        return negations(self.text) > 0

    @property
    def length(self) -> int:
        """Its words."""
        return len(tokens(self.text))
