"""The numbers by which models of strings are published, of each set of a run: never without what truth itself has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.laws.frechet import frechet
from simulacra.domains.molecules import chemistry, chemnet, drug_likeness
from simulacra.domains.molecules.failures import failure

MOST = 10_000  # molecules a side before ChemNet
FEWEST = 600  # with hardly more molecules than its features the distance says nothing
DIVISIONS = 5  # of truth into halves
UNIQUE = (1000, 10_000)
SANE = 2000  # molecules that go through the sanity filters


def score_strings(sets: Mapping[str, Samples], train: Samples | None) -> dict[str, Any]:
    """Counts for run.json, of each set by name.

    `n` strings, how many are `valid`, the others by their kind of failure; how many of the valid are `different`, also
    of the first 1,000 and 10,000; how many of these are `novel`: no training molecule. `sane`: how many of so many
    molecules are left after each of Ertl's filters in turn. `fcd`: the Fréchet distance of ChemNet's activations to
    one half of truth, `floor` that of the other half, at as many molecules; and the `excess`, the mean difference over
    several divisions, with its spread. Without the package fcd_torch there is none.

    Args:
        sets: truth, the model and whatever stands beside it.
        train: what the model was trained on.
    """
    known = None if train is None else set(_canonical(train.array))
    found = {name: _counted(x, known) for name, x in sets.items()}
    if chemnet.there() and "truth" in sets:
        distances = _distances({name: _molecules(x) for name, x in sets.items()})
        for name, row in distances.items():
            found[name]["fcd"] = row
    return {"sets": found, "trained": None if train is None else len(train)}


def _canonical(texts: Array) -> list[str]:
    """Canonical forms; a list that is canonical already, as some of it shows, is taken as it is."""
    some = texts[:: max(1, len(texts) // 200)]
    if chemistry.canonical(some) == some.tolist():
        return [str(text) for text in texts]
    return chemistry.canonical(texts)


def _molecules(x: Samples) -> list[str]:
    return [text for text in chemistry.canonical(x.array) if text]


def _counted(x: Samples, known: set[str] | None) -> dict[str, Any]:
    texts = chemistry.canonical(x.array)
    valid = [text for text in texts if text]
    different = list(dict.fromkeys(valid))
    failed = Counter(failure(str(raw)) for raw, text in zip(x.array, texts, strict=True) if not text)
    return {
        "n": len(x),
        "valid": len(valid),
        "failed": dict(failed.most_common()),
        "different": len(different),
        **{f"different of {k}": len(set(valid[:k])) for k in UNIQUE if len(valid) >= k},
        "novel": None if known is None else len(set(different) - known),
        "sane": cascade(different[:SANE]),
    }


def cascade(texts: Sequence[str]) -> dict[str, int]:
    """How many of these molecules are left after each sanity filter in turn."""
    left = np.ones(len(texts), dtype=bool)
    out = {}
    for stage, passed in drug_likeness.sane(np.array(texts, dtype=np.str_)).items():
        left &= passed
        out[stage] = int(left.sum())
    return out


def _distances(sets: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
    """Of each set but truth: the distance to a half of truth, the floor, and the excess."""
    truth = sets["truth"][: 2 * MOST]
    out: dict[str, dict[str, Any]] = {}
    seen = {name: chemnet.activations(np.array(texts[:MOST])) for name, texts in sets.items() if name != "truth"}
    true = chemnet.activations(np.array(truth))
    rng = np.random.default_rng(0)
    with Progress("distances of ChemNet's activations", DIVISIONS * len(seen)) as progress:
        for name, rows in seen.items():
            n = min(len(rows), len(true) // 2)
            if n < FEWEST:
                out[name] = {"n": n, "fcd": None, "floor": None, "excess": None}
                continue
            pairs = []
            for _ in range(DIVISIONS):
                order, some = rng.permutation(len(true)), rng.permutation(len(rows))[:n]
                half, other = true[order[:n]], true[order[n : 2 * n]]
                pairs.append((frechet(rows[some], half), frechet(other, half)))
                progress.step()
            found = np.array(pairs)
            excess = found[:, 0] - found[:, 1]
            out[name] = {
                "n": n,
                "fcd": float(found[:, 0].mean()),
                "floor": float(found[:, 1].mean()),
                "excess": float(excess.mean()),
                "spread": float(excess.std(ddof=1)),
            }
    return out
