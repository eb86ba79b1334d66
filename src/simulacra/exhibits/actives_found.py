"""How many held-out molecules a taught model finds again, beside the untaught one and random changes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simulacra.baselines.mutated_molecules import mutated_molecules
from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.domains.molecules.chemistry import canonical
from simulacra.domains.molecules.drug_likeness import tanimoto
from simulacra.keeping.strings_opened import opened
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch
from simulacra.runs import Run

DRAWS = 10_000
NEAR = 0.6  # Tanimoto similarity from which two molecules count as kin
PORTION = 1000


def find_actives(
    trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int, before: Trained, draws: int = DRAWS
) -> dict[str, Samples]:
    """Write `actives` into the record: of each set of draws what it finds of the truth part, and what it copies.

    Args:
        trained: the taught model.
        parts: the actives, shared out by scaffold.
        run: whose record it is.
        seed: of all chance.
        before: the model as it was before it was taught.
        draws: strings of each set.
    """
    import torch

    rng = stream(seed, "draw")
    sets = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        for name, model in {"taught": trained, "untaught": before}.items():
            network, view = opened(model)
            sets[name] = view.inverse(Batch(network.stream(draws, dtype=torch.float32))).array
    sets["random changes"] = mutated_molecules(parts["train"]).draw(draws, rng).array
    held = sorted(set(canonical(parts["truth"].array)) - {""})
    known = set(canonical(parts["train"].array)) - {""}
    with Progress("looking for held-out actives", len(sets)) as progress:
        found = {}
        for name, texts in sets.items():
            found[name] = score_draws(canonical(texts), held, known)
            progress.step()
    kin = nearest(held, sorted(known))
    run.update(
        actives={
            "held": len(held),
            "taught with": len(known),
            "draws": draws,
            "near": NEAR,
            "held near a taught one": int((kin >= NEAR).sum()),
            "sets": found,
            "enrichment": {
                name: {
                    "draws near": enrichment(found["taught"], found[name], "draws near", "new"),
                    "exact": enrichment(found["taught"], found[name], "exact", "new"),
                }
                for name in found
                if name != "taught"
            },
        }
    )
    return {}


def score_draws(texts: Sequence[str], held: Sequence[str], known: set[str]) -> dict[str, Any]:
    """Of draws, canonical and "" where they are no molecule: what they find of the held ones, and what they copy.

    >>> row = score_draws(["CCO", "CCO", "", "CCN"], ["CCN"], {"CCO"})
    >>> row["valid"], row["different"], row["exact"], row["copies"]
    (3, 2, 1, 1)
    """
    valid = [text for text in texts if text]
    different = list(dict.fromkeys(valid))
    new = [text for text in different if text not in known]
    near = nearest(held, new)
    back = nearest(new, held)
    return {
        "valid": len(valid),
        "different": len(different),
        "copies": len(different) - len(new),
        "exact": len(set(new) & set(held)),
        "near": int((near >= NEAR).sum()),
        "draws near": int((back >= NEAR).sum()),
        "new": len(new),
    }


def enrichment(one: Mapping[str, int], other: Mapping[str, int], what: str, of: str) -> tuple[float, float, float]:
    """How many times the share of one is that of another, with its 95 % interval.

    The interval is that of the logarithm, one half added to each count, so that none found is no division by zero.

    Args:
        one: counts of a set of draws.
        other: those of another.
        what: the count.
        of: among how many.

    References:
        Obtaining confidence intervals for the risk ratio in cohort studies (Katz et al., 1978), doi:10.2307/2530610

    >>> [round(x, 2) for x in enrichment({"hits": 20, "new": 100}, {"hits": 5, "new": 100}, "hits", "new")]
    [3.73, 1.52, 9.16]
    """
    a, b = one[what] + 0.5, other[what] + 0.5
    n, m = one[of] + 0.5, other[of] + 0.5
    middle = math.log(a / n) - math.log(b / m)
    around = 1.959964 * math.sqrt(max(1 / a - 1 / n + 1 / b - 1 / m, 0.0))
    return math.exp(middle), math.exp(middle - around), math.exp(middle + around)


def nearest(of: Sequence[str], among: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The similarity of each molecule to its nearest among others; 0 where there is none."""
    best = np.zeros(len(of), dtype=np.float32)
    for start in range(0, len(among), PORTION):
        alike = tanimoto(of, among[start : start + PORTION])
        best = np.maximum(best, np.nan_to_num(alike).max(axis=1, initial=0.0))
    return best
