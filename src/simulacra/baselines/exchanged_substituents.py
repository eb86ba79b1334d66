"""Training molecules with substituents exchanged: what a chemist tries in a series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.samples import Samples
from simulacra.domains.molecules.chemistry import molecule
from simulacra.domains.molecules.substituents import Substituents
from simulacra.sources.base import Simulator

with extra("chemistry"):
    from rdkit import Chem, rdBase

KIND = "smiles"
CHANGES, READ = 2, 2000


def exchanged_substituents(train: Samples) -> Simulator:
    """Training molecules with one or two substituents exchanged, as often as they sit on such atoms in training."""
    if train.kind != KIND:
        raise BadInput(
            "this baseline wants molecules as SMILES", f"kind {train.kind!r}", f"give samples of kind {KIND!r}"
        )
    return Exchanged(train, Substituents.learned(train.array[:READ].tolist()))


@dataclass(frozen=True, repr=False, eq=False)
class Exchanged:
    """Molecules of a list with substituents exchanged.

    Args:
        train: strings; those that are no molecule are passed over.
        law: of substituents.
    """

    train: Samples
    law: Substituents

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n molecules, canonical; one in which nothing can be exchanged is drawn as it is."""
        known = [found for text in self.train.array if (found := molecule(str(text))) is not None]
        texts = []
        with rdBase.BlockLogs():
            for _ in range(n if known else 0):
                made = known[rng.integers(len(known))]
                for _ in range(rng.integers(1, CHANGES + 1)):
                    made = self.law.exchanged(made, rng)
                texts.append(str(Chem.MolToSmiles(made)))
        return Samples.of(np.array(texts or [""] * n, dtype=np.str_), KIND, "1", f"exchanged: {self.train.origin}")

    def __repr__(self) -> str:
        return f"Exchanged({self.train!r})"
