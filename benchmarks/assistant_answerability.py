"""Learns whether a library holds an answer, from questions of three documents, each left out once; writes what ships.

    python benchmarks/assistant_answerability.py [--write]

Positives: questions with an answer, their document in the library. Negatives: all questions, their document left out.
QuoteSum's questions are learnt from as well, with their sources and without. The threshold refuses 3 % of the positives
that the law was not fitted on (documents left out in turn).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from questions import Asked, quotesum_asked, squad
from simulacra.assistant.answering import Answerability

HOME = Path(__file__).parents[1] / "src" / "simulacra" / "assistant" / "answerability.json"
LOST = 0.03


def fit(x: NDArray[np.float32], y: NDArray[np.bool_]) -> Answerability:
    """A logistic law on standardized features, ridge of strength 10; both classes weigh the same."""
    mean, scale = x.mean(0), x.std(0) + 1e-3
    law = LogisticRegression(C=0.1, max_iter=2000, class_weight="balanced").fit((x - mean) / scale, y)
    return Answerability(mean, scale, law.coef_[0].astype(np.float32), float(law.intercept_[0]), 0.0)


def stated(law: Answerability, rows: list[Asked]) -> NDArray[np.float64]:
    """Probabilities."""
    return np.array([law(row.summary) for row in rows])


def out_of_library(rows: list[Asked], beside: list[Asked]) -> tuple[Answerability, list[dict[str, Any]]]:
    """The law of all documents with its threshold, and what it does on each document when fitted on the others.

    `beside` are questions of another set, which are learnt from and not counted.
    """
    held, table = [], []
    names = sorted({row.document for row in rows})
    use = [row for row in rows if (row.answerable and row.present) or not row.present]
    for name in names:
        rest = [row for row in use if row.document != name] + beside
        inner = []
        for other in sorted({row.document for row in rest}):
            part = [row for row in rest if row.document != other]
            law = fit(np.stack([r.summary for r in part]), np.array([r.present for r in part]))
            inner.append(stated(law, [r for r in rest if r.document == other and r.present]))
        threshold = float(np.quantile(np.concatenate(inner), LOST))
        law = fit(np.stack([r.summary for r in rest]), np.array([r.present for r in rest]))
        here = [row for row in use if row.document == name]
        p, present = stated(law, here), np.array([r.present for r in here])
        held.append(p[present])
        table.append(
            {
                "threshold": round(threshold, 3),
                "document": name,
                "questions": int(present.sum()),
                "false refusals": int((p[present] < threshold).sum()),
                "absent": int((~present).sum()),
                "refused": int((p[~present] < threshold).sum()),
                "area": round(float(roc_auc_score(present, p)), 4),
            }
        )
    use += beside
    law = fit(np.stack([r.summary for r in use]), np.array([r.present for r in use]))
    return Answerability(
        law.mean, law.scale, law.weight, law.bias, float(np.quantile(np.concatenate(held), LOST))
    ), table


def deceived(rows: list[Asked], rng: np.random.Generator) -> dict[str, Any]:
    """ROC area of finding questions built to deceive from those with an answer, document left out; and BM25's."""
    p, y, bm25, areas = [], [], [], {}
    here = [row for row in rows if row.present]
    for name in sorted({row.document for row in here}):
        rest, own = [r for r in here if r.document != name], [r for r in here if r.document == name]
        law = fit(np.stack([r.summary for r in rest]), np.array([r.answerable for r in rest]))
        scores, truth = stated(law, own), np.array([r.answerable for r in own])
        areas[name] = [
            round(float(roc_auc_score(truth, scores)), 3),
            round(float(roc_auc_score(truth, [r.bm25 for r in own])), 3),
        ]
        p.append((scores - scores.mean()) / scores.std()), y.append(truth), bm25.append(np.array([r.bm25 for r in own]))
    p, y, bm25 = np.concatenate(p), np.concatenate(y), np.concatenate(bm25)
    draws = [rng.integers(0, len(y), len(y)) for _ in range(1000)]
    ends = np.quantile([roc_auc_score(y[i], p[i]) for i in draws], (0.025, 0.975))
    return {
        "area": round(float(roc_auc_score(y, p)), 3),
        "95 %": [round(float(e), 3) for e in ends],
        "BM25": round(float(roc_auc_score(y, bm25)), 3),
        "by document (law, BM25)": areas,
    }


def main() -> None:
    found = {}
    for name, meaning in (("meaning", True), ("words", False)):
        rows = squad(meaning)
        law, table = out_of_library(rows, quotesum_asked(meaning))
        print(name, json.dumps(table, indent=1))
        print("built to deceive:", json.dumps(deceived(rows, np.random.default_rng(0))))
        parts = {part: [round(float(v), 5) for v in getattr(law, part)] for part in ("mean", "scale", "weight")}
        found[name] = {**parts, "bias": round(law.bias, 5), "threshold": round(law.threshold, 4)}
    if "--write" in sys.argv:
        HOME.write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
