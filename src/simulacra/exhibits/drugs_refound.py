"""Approved drugs written again from other drugs, none of which, nor their kin, were learned; beside plain edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules.drug_likeness import tanimoto
from simulacra.domains.molecules.plain_forms import plain
from simulacra.exhibits.near_by_edits import by_changes, by_exchange
from simulacra.exhibits.prototypes_varied import opened, readable, varied
from simulacra.keeping.trained import Trained
from simulacra.runs import Run
from simulacra.sources.molecules.library_without_kin import kin_of
from simulacra.sources.molecules.smiles_library import SmilesLibrary

NEAR, SMALLEST, DRAWS = 0.6, 8, 24
CHECKED = 2000  # training molecules that are compared with all drugs once more


def refind_drugs(
    trained: Trained,
    parts: Mapping[str, Samples],
    run: Run,
    seed: int,
    drugs: Path,
    scale: float = 1.0,
    draws: int = DRAWS,
) -> dict[str, Samples]:
    """Keep the exhibit "drugs refound": each drug is a prototype, and all others are what is looked for.

    Three ways have the same prototypes and the same number of strings: the model, random changes, and exchanges of
    substituents. A drug is found where a string near another drug spells it, whatever its charges and stereochemistry.
    Each drug is a target once, so that the share that is found has an interval; the file states no years, so that it
    is not known which of two drugs is the older.

    Args:
        trained: the model.
        parts: what it learned, among others.
        run: where the exhibit is kept.
        seed: of all chance.
        drugs: the list.
        scale: of the noise.
        draws: strings near each drug.

    Raises:
        BadInput: where the training set holds a drug, or kin of one.

    References:
        Prototype-based compound discovery using deep generative models (Harel & Radinsky, 2018),
        doi:10.1021/acs.molpharmaceut.8b00474
    """
    _, view = opened(trained)
    whole = SmilesLibrary(drugs).read().array
    learned = parts["train"].array
    some = stream(seed, "drugs refound", 1).permutation(len(learned))[:CHECKED]
    if kin_of(learned[some], whole, NEAR).any() or set(learned.tolist()) & set(whole.tolist()):
        raise BadInput(
            "the model has learned what it is to find", f"drugs of {drugs}, or their kin", "keep them apart: --drugs"
        )
    known = dict.fromkeys(plain(str(text)) for text in whole)
    large = [text for text in known if sum(letter.isalpha() for letter in text) >= SMALLEST]
    held = readable(view, np.array(large, dtype=np.str_))
    rng = stream(seed, "drugs refound")
    ways = {
        "model": varied(trained, held, draws, scale, rng),
        "random changes": by_changes(held, draws, rng),
        "substituents exchanged": by_exchange(held, draws, rng, learned[:2000].tolist()),
    }
    found = {name: finds(held, rows) for name, rows in ways.items()}
    alike = tanimoto(held, held)
    np.fill_diagonal(alike, 0)
    run.keep_exhibit(
        "drugs refound",
        {
            "ways": np.array(list(ways)),
            "drugs": np.array(held),
            "listed": np.array(len(whole)),
            "draws": np.array(draws),
            "scale": np.array(scale),
            "with kin": np.array((np.nan_to_num(alike) >= NEAR).any(axis=1)),
            "found from": np.stack([row[0] for row in found.values()]),
            "valid": np.array([row[1] for row in found.values()]),
            "different": np.array([row[2] for row in found.values()]),
        },
    )
    return {}


def finds(drugs: Sequence[str], rows: Array) -> tuple[Array, int, int]:
    """Of each drug the place of the first other drug near which it was spelled, −1 for none; valid, and different.

    >>> finds(["CCO", "CCN"], np.array([["CCO", "CC[NH3+]"], ["C(", "CCC"]]))[0].tolist()
    [-1, 0]
    """
    at = {text: place for place, text in enumerate(drugs)}
    first, valid, different = np.full(len(drugs), -1), 0, set[str]()
    with Progress("looking for drugs", len(drugs)) as progress:
        for place, some in enumerate(rows):
            for text in map(plain, some.tolist()):
                valid += bool(text)
                different.add(text)
                target = at.get(text, place)
                if target != place and first[target] < 0:
                    first[target] = place
            progress.step()
    return first, valid, len(different - {""})
