"""Molecules near prototypes without any learning: random changes, and substituents exchanged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from simulacra.baselines.mutated_molecules import CHANGES, changed
from simulacra.core.errors import extra
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.molecules.chemistry import molecule
from simulacra.domains.molecules.substituents import Substituents

with extra("chemistry"):
    from rdkit import Chem, rdBase


def edited(
    prototypes: Sequence[str], draws: int, rng: np.random.Generator, once: Callable[[Any], Any], most: int
) -> Array:
    """So many SMILES near each, (prototypes, draws), each after one to `most` edits; empty for what is no molecule."""
    out = []
    with rdBase.BlockLogs(), Progress("editing prototypes", len(prototypes)) as progress:
        for text in prototypes:
            whole = molecule(str(text))
            for _ in range(draws):
                made = whole
                for _ in range(rng.integers(1, most + 1) if whole is not None else 0):
                    made = once(made)
                out.append("" if made is None else str(Chem.MolToSmiles(made)))
            progress.step()
    return np.array(out, dtype=np.str_).reshape(len(prototypes), draws)


def by_changes(prototypes: Sequence[str], draws: int, rng: np.random.Generator) -> Array:
    """One to three atoms put on, taken off or exchanged, or bonds changed, at random."""
    return edited(prototypes, draws, rng, lambda whole: changed(whole, rng), CHANGES)


def by_exchange(prototypes: Sequence[str], draws: int, rng: np.random.Generator, learned: Sequence[str]) -> Array:
    """One or two substituents exchanged, as often as they sit on such atoms in the molecules that are learned from."""
    law = Substituents.learned(learned)
    return edited(prototypes, draws, rng, lambda whole: law.exchanged(whole, rng), 2)
