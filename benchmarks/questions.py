"""The sets of questions that the assistant is measured on, as the benchmarks use them."""

from __future__ import annotations

import gzip
import json
import os
import re
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from simulacra.assistant.answering import ranked, summary
from simulacra.assistant.bulk_encoder import bulk_encoder
from simulacra.assistant.indexing import bring_in
from simulacra.assistant.question import Question
from simulacra.assistant.retrieve import FEATURES, Retriever
from simulacra.assistant.store import Store

ROOT = Path(__file__).parents[1]
OWN = tuple(ROOT / name for name in ("README.md", "LOG.md", "docs", "src/simulacra/shipped"))
"""The project's own documents."""


def data(name: str) -> Path:
    """A file of questions, from the folders of SIMULACRA_DATA."""
    for folder in os.environ.get("SIMULACRA_DATA", "").split(os.pathsep):
        if folder and (path := Path(folder) / "questions" / name).exists():
            return path
    raise SystemExit(f"questions/{name} is in no folder of SIMULACRA_DATA")


def lines(name: str) -> list[dict[str, Any]]:
    """The records of a file, a line each."""
    path = data(name)
    data_ = path.read_bytes()
    text = (gzip.decompress(data_) if path.suffix == ".gz" else data_).decode("utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


@dataclass(frozen=True)
class Asked:
    """A question put to the library.

    Args:
        document: that it belongs to.
        question: its words.
        answers: that people gave; none where it has no answer.
        present: whether its document was in the library.
        summary: what answerability is told by.
        bm25: of the best passage.
        texts: the sentences, best first.
        own: whether each stands in the paragraph that the question was asked of.
    """

    document: str
    question: str
    answers: tuple[str, ...]
    present: bool
    summary: Float[np.ndarray, "f"]
    bm25: float
    texts: list[str]
    own: list[bool]

    @property
    def answerable(self) -> bool:
        """Whether people found an answer."""
        return bool(self.answers)


@lru_cache(maxsize=1)
def squad_library() -> Store:
    """The three documents beside the project's own."""
    folder = Path(tempfile.mkdtemp(prefix="questions-"))
    texts: dict[str, list[str]] = {}
    for row in lines("squad2_science.jsonl.gz"):
        texts.setdefault(row["document"], []).append(row["text"])
    for name, paragraphs in texts.items():
        whole = f"# {name.replace('_', ' ')}\n\n" + "\n\n".join(paragraphs) + "\n"
        (folder / f"{name}.md").write_text(whole, encoding="utf-8")
    store = Store(folder / "library.sqlite")
    bring_in(store, [*sorted(folder.glob("*.md")), *OWN])
    return store


def squad(meaning: bool) -> list[Asked]:
    """Every question of SQuAD 2.0's three documents, asked with its document in the library and without."""
    store = squad_library()
    numbers = {Path(e.path).stem: e.id for e in store.entries()}
    everything = {e.id for e in store.entries() if e.sentences}
    rows = [(r["document"], r["text"], q) for r in lines("squad2_science.jsonl.gz") for q in r["questions"]]
    vectors = bulk_encoder()([q["question"] for _, _, q in rows]) if meaning else [None] * len(rows)
    retriever, found = Retriever(store), []
    for (name, text, asked), vector in zip(rows, vectors, strict=True):
        folded = " ".join(text.split())
        for present in (True, False):
            within = None if present else everything - {numbers[name]}
            best = ranked(retriever.candidates(Question(asked["question"], vector), within))
            if not best:
                continue
            bm25 = max(float(c.features[FEATURES.index("bm25")]) for c in best)
            own = [present and c.document == numbers[name] and c.text in folded for c in best]
            stated = (name, asked["question"], tuple(asked["answers"]), present)
            found.append(Asked(*stated, summary(best), bm25, [c.text for c in best], own))
    return found


@dataclass(frozen=True)
class Many:
    """A question of QuoteSum with its sources.

    Args:
        question: its words.
        numbers: of its sources in the library, in their order.
        texts: the sources.
        titles: of the sources' pages.
        summaries: that people wrote, quotes in brackets, with the short answers that each covers.
    """

    question: str
    numbers: list[int]
    texts: list[str]
    titles: list[str]
    summaries: list[tuple[str, list[str]]]


@lru_cache(maxsize=1)
def quotesum() -> tuple[Store, list[Many]]:
    """QuoteSum's questions and a library of all their sources."""
    folder = Path(tempfile.mkdtemp(prefix="quotesum-"))
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in lines("quotesum_dev.jsonl.gz"):
        groups.setdefault(row["qid"], []).append(row)
    places: dict[str, list[tuple[Path, str]]] = {}
    titles: dict[str, list[str]] = {}
    for name, rows in groups.items():
        for i in range(1, 9):
            title, text = rows[0][f"title{i}"], rows[0][f"source{i}"]
            if text.strip():
                path = folder / f"{name}_{i}.md"
                path.write_text(f"# {title}\n\n{text}\n", encoding="utf-8")
                places.setdefault(name, []).append((path, text))
                titles.setdefault(name, []).append(title)
    store = Store(folder / "library.sqlite")
    bring_in(store, [folder])
    at = {Path(e.path).name: e.id for e in store.entries()}
    found = []
    for name, rows in groups.items():
        stated = [(r["summary"], covered(r["covered_short_answers"])) for r in rows]
        numbers = [at[path.name] for path, _ in places[name]]
        found.append(Many(rows[0]["question"], numbers, [text for _, text in places[name]], titles[name], stated))
    return store, found


def covered(text: str) -> list[str]:
    """The short answers in a list like ``[ 1 one ] [ 2 two ]``."""
    return [part.strip() for part in re.findall(r"\[\s*\d+\s+([^\]]+?)\s*\]", text)]


def quotesum_asked(meaning: bool) -> list[Asked]:
    """QuoteSum's questions, asked with their sources in the library and without."""
    store, rows = quotesum()
    retriever, everything = Retriever(store), {e.id for e in store.entries() if e.sentences}
    vectors = bulk_encoder()([row.question for row in rows]) if meaning else [None] * len(rows)
    found = []
    for row, vector in zip(rows, vectors, strict=True):
        for present in (True, False):
            within = everything if present else everything - set(row.numbers)
            if best := ranked(retriever.candidates(Question(row.question, vector), within)):
                stated = ("quotesum", row.question, tuple(a for _, s in row.summaries for a in s), present)
                found.append(Asked(*stated, summary(best), 0.0, [c.text for c in best], [False] * len(best)))
    return found
