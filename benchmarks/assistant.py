"""The assistant, measured: answers and refusals, many sources, quotes, the writer's filter, speed and growth.

    python benchmarks/assistant.py [answers] [sources] [quotes] [writer] [speed] [growth]

Without a word all of them. Spans and the law of answerability are measured where they are learnt: assistant_spans.py,
assistant_answerability.py.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

from planted import faithful_sentences, false_sentences, source_sentences
from questions import Many, quotesum, squad, squad_library
from simulacra.assistant import answering, faithful
from simulacra.assistant.bulk_encoder import bulk_encoder
from simulacra.assistant.indexing import bring_in
from simulacra.assistant.passages import index, stems
from simulacra.assistant.question import Question
from simulacra.assistant.reading import read
from simulacra.assistant.retrieve import Candidate, Retriever
from simulacra.assistant.store import Entry, Store


def share(hits: int, n: int) -> dict[str, Any]:
    """A share with its exact 95 % interval (Clopper and Pearson)."""
    low = beta.ppf(0.025, hits, n - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, n - hits) if hits < n else 1.0
    return {"share": round(hits / n, 4), "95 %": [round(float(low), 4), round(float(high), 4)], "of": n}


def answers() -> dict[str, Any]:
    """A gold answer within the first three quoted sentences, all three documents and the project's in one library."""
    rows = [row for row in squad(True) if row.present and row.answerable]
    words = [row for row in squad(False) if row.present and row.answerable]

    def held(row: Any, own: bool) -> bool:  # noqa: ANN401
        first = list(zip(row.texts, row.own, strict=True))[:3]
        return any(a.lower() in text.lower() and (mine or not own) for text, mine in first for a in row.answers)

    return {
        "holds an answer": share(sum(held(r, False) for r in rows), len(rows)),
        "and stands in the question's own document": share(sum(held(r, True) for r in rows), len(rows)),
        "by words alone": share(sum(held(r, False) for r in words), len(words)),
    }


def sources() -> dict[str, Any]:
    """Short answers covered by quotes within the length of the human summaries, from each question's own sources."""
    store, rows = quotesum()
    retriever, table = Retriever(store), []
    vectors = bulk_encoder()([row.question for row in rows])
    for row, vector in zip(rows, vectors, strict=True):
        question = Question(row.question, vector)
        best = answering.ranked(retriever.candidates(question, set(row.numbers)))
        by_words = sorted(best, key=lambda c: -c.features[3])
        turns = {
            "ours": [c.text for c in _spread(best)],
            "ours, best first": [c.text for c in best],
            "first sentence of each source": [t.split(". ")[0] + "." for t in row.texts],
            "BM25": [c.text for c in _by_passage(retriever, question, by_words)],
        }
        table.append({name: _covered(row, texts) for name, texts in turns.items()})
    rng = np.random.default_rng(0)
    found = {}
    for name in table[0]:
        values = np.array([r[name] for r in table])
        ends = np.quantile([rng.choice(values, len(values)).mean() for _ in range(2000)], (0.025, 0.975))
        found[name] = {"share": round(float(values.mean()), 3), "95 %": [round(float(e), 3) for e in ends]}
    return {"questions": len(table), **found}


def _spread(best: list[Candidate]) -> list[Candidate]:
    """Each source's best sentence in turn, then each one's second …: what several sources say is not left out."""
    rank: Counter[int] = Counter()
    keys = []
    for i, c in enumerate(best):
        keys.append((rank[c.document], i))
        rank[c.document] += 1
    return [best[i] for _, i in sorted(keys)]


def _by_passage(retriever: Retriever, question: Question, best: list[Candidate]) -> list[Candidate]:
    order = {d: i for i, (d, _, _) in enumerate(retriever.store.search(question.stems, 1000))}
    return sorted(best, key=lambda c: (order.get(c.document, 10**6), -c.features[3]))


def _covered(row: Many, texts: list[str]) -> float:
    """The mean over the people's summaries: quotes up to a summary's length, share of its short answers in them."""
    shares = []
    for summary, short in row.summaries:
        room, quoted = len(summary.split()), ""
        for text in texts:
            if room <= 0:
                break
            words = text.split()[:room]
            quoted, room = f"{quoted} {' '.join(words)}", room - len(words)
        if short:
            shares.append(float(np.mean([s.lower() in quoted.lower() for s in short])))
    return float(np.mean(shares)) if shares else 1.0


def quotes(n: int = 10_000) -> dict[str, Any]:
    """Answers to questions made of words of the library; each quote against the file's own bytes."""
    store = squad_library()
    retriever, rng = Retriever(store), np.random.default_rng(7)
    words = sorted({w for text, _ in source_sentences() for w in text.split()})
    texts = [" ".join(rng.choice(words, int(rng.integers(2, 7)))) + "?" for _ in range(n)]
    vectors = bulk_encoder()(texts)
    data: dict[str, bytes] = {}
    checked = wrong = refused = 0
    for text, vector in zip(texts, vectors, strict=True):
        best = answering.ranked(retriever.candidates(Question(text, vector)))[: answering.SENTENCES]
        refused += not best
        for candidate in best:
            source = answering.quoted(retriever, candidate).sources[0]
            raw = data.setdefault(source.path, Path(source.path).read_bytes())
            at, quote = len(raw.decode(source.encoding)[: source.start].encode()), source.quote.encode()
            wrong += raw[at : at + len(quote)] != quote or " ".join(source.quote.split()) != candidate.text
            checked += 1
    return {"answers": n, "quotes": checked, "not byte-identical": wrong, "without a candidate": refused}


def writer(seed: int = 5) -> dict[str, Any]:
    """The filter on planted false sentences and on faithful ones."""
    faithful.encoder = bulk_encoder  # the same network, sooner
    rng = np.random.default_rng(seed)
    planted, true = false_sentences(rng), faithful_sentences(rng)

    def kept(rows: list[Any]) -> list[Any]:
        return [faithful.carried(r.said, r.span, r.context) for r in rows]

    found: dict[str, Any] = {}
    stated = kept(planted)
    found["false, struck out"] = share(sum(not c.holds for c in stated), len(stated))
    for sort in ("number", "name", "negation", "cause"):
        own = [c for c, r in zip(stated, planted, strict=True) if r.sort == sort]
        found[f"false, {sort}"] = f"{sum(not c.holds for c in own)} of {len(own)}"
    found["kept though false"] = [r.said for c, r in zip(stated, planted, strict=True) if c.holds][:12]
    stated = kept(true)
    found["faithful, lost"] = share(sum(not c.holds for c in stated), len(stated))
    for sort in ("people", "rule"):
        own = [c for c, r in zip(stated, true, strict=True) if r.sort == sort]
        found[f"faithful, {sort}, lost"] = f"{sum(not c.holds for c in own)} of {len(own)}"
    found["why lost"] = Counter(c.why.split(" (")[0].rstrip("0123456789") for c in stated if not c.holds).most_common(
        12
    )
    found["lost though faithful"] = [f"{r.said} <- {c.why}" for c, r in zip(stated, true, strict=True) if not c.holds][
        :12
    ]
    return found


def speed(pages: int = 60) -> dict[str, Any]:
    """Processor time to index pages of 500 words of running text, and wall time beside it."""
    folder = Path(tempfile.mkdtemp(prefix="speed-"))
    _write(folder, papers=pages // 10)
    bulk_encoder()(["warm"])
    began, clock = time.process_time(), time.monotonic()
    bring_in(Store(folder / "library.sqlite"), [folder])
    used, wall = time.process_time() - began, time.monotonic() - clock
    began = time.process_time()
    for path in folder.glob("*.md"):
        stems(index(read(path)))
    text = time.process_time() - began
    shutil.rmtree(folder)
    return {
        "pages a minute of one core's processor time": round(60 * pages / used),
        "by the clock, beside other work": round(60 * pages / wall),
        "without vectors": round(60 * pages / text),
    }


def _write(folder: Path, papers: int, seed: int = 0) -> None:
    """Papers of ten pages of 500 words: sentences of the questions' documents in random order."""
    rng, pool = np.random.default_rng(seed), [text for text, _ in source_sentences()]
    for i in range(papers):
        words, parts = 0, [f"# Paper {seed}-{i}"]
        while words < 5000:
            some = [pool[j] for j in rng.integers(0, len(pool), 6)]
            parts.append(" ".join(some))
            words += sum(len(s.split()) for s in some)
        (folder / f"{i:04d}.md").write_text("\n\n".join(parts), encoding="utf-8")


def growth(sizes: tuple[int, ...] = (100, 300, 1000)) -> dict[str, Any]:
    """Answers from libraries of ever more papers of ten pages; vectors are drawn at random, as only time counts."""
    folder = Path(tempfile.mkdtemp(prefix="growth-"))
    store, rng, found = Store(folder / "library.sqlite"), np.random.default_rng(0), {}
    questions = [row["question"] for part in _some_questions() for row in part][:30]
    vectors = bulk_encoder()(questions)
    made = 0
    for size in sizes:
        batch = folder / str(size)
        batch.mkdir()
        _write(batch, size - made, seed=size)
        for path in sorted(batch.glob("*.md")):
            indexed = index(read(path))
            entry = Entry(
                0, str(path), indexed.document.hash, "markdown", str(folder), 0, 0, "", {}, len(indexed.spans)
            )
            with store.change():
                number = store.put(entry, indexed, stems(indexed))
                for_sentences, for_passages = (_random(rng, len(n)) for n in (indexed.spans, indexed.passages))
                store.put_vectors(number, for_sentences, for_passages)
        made = size
        retriever = Retriever(store)
        began = time.process_time()
        retriever.candidates(Question(questions[0], vectors[0]))
        first, times = time.process_time() - began, []
        for text, vector in zip(questions, vectors, strict=True):
            began = time.process_time()
            answering.ranked(retriever.candidates(Question(text, vector)))
            times.append(time.process_time() - began)
        plain = Retriever(store)
        began = time.process_time()
        answering.ranked(plain.candidates(Question(questions[1])))
        found[f"{size} papers"] = {
            "first answer, s": round(first, 3),
            "median, s": round(float(np.median(times)), 3),
            "slowest of 30, s": round(max(times), 3),
            "first by words alone, s": round(time.process_time() - began, 3),
            "file, MiB": round(store.path.stat().st_size / 2**20, 1),
            "memory of the process at most, MiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
        print(json.dumps(found), flush=True)
    shutil.rmtree(folder)
    return found


def _some_questions() -> list[list[dict[str, Any]]]:
    from questions import lines

    return [row["questions"] for row in lines("squad2_science.jsonl.gz")[::20]]


def _random(rng: np.random.Generator, n: int) -> Any:  # noqa: ANN401
    vectors = rng.standard_normal((n, 384)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "writer": writer, "sources": sources, "answers": answers, "speed": speed, "growth": growth, "quotes": quotes,
}  # fmt: skip


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        began = time.process_time()
        stated = PARTS[name]()
        print(
            name,
            json.dumps(stated, indent=1, ensure_ascii=False),
            f"{time.process_time() - began:.0f} s of processor time",
            flush=True,
        )


if __name__ == "__main__":
    main()
