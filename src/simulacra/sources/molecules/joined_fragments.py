"""Molecules joined by program from rings, links and groups: a world of strings where no data are at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules.chemistry import canonical

RINGS = (
    *("c1ccc(%s)cc1%s", "c1cc(%s)ccc1%s", "c1ccnc(%s)c1%s", "c1cnc(%s)nc1%s", "c1cc(%s)sc1%s", "c1cc(%s)oc1%s"),
    *("C1CCN(%s)CC1%s", "C1CN(%s)CCN1%s", "C1CC(%s)CC1%s", "c1ccc2c(c1)cc(%s)[nH]2%s", "c1nn(%s)cc1%s"),
)
LINKS = ("C(=O)N", "CC", "OC", "NC", "S(=O)(=O)N", "C", "C(=O)", "CNC(=O)", "O", "CCO")
ENDS = ("C", "F", "Cl", "OC", "C#N", "C(F)(F)F", "N(C)C", "C(=O)O", "CC", "C(C)C", "O", "[C@H](C)O", "C(=O)OC")


@dataclass(frozen=True)
class JoinedFragments:
    """Two to four parts in a row, each a ring of eleven sorts, joined by links and with groups at the ends.

    Nothing in it is chemistry but the rules of valence; its law is simple, and may be learned in minutes.

    Args:
        rings: in a molecule, at most; 1 to 4.
    """

    kind: ClassVar[str] = "smiles"

    rings: int = 3

    def __post_init__(self) -> None:
        if not 1 <= self.rings <= 4:
            raise BadInput("such molecules have one to four rings", f"rings={self.rings}", "take rings=3")

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n molecules as canonical SMILES, of kind "smiles"."""
        texts = []
        for _ in range(n):
            text = ENDS[rng.integers(len(ENDS))]
            for depth in range(rng.integers(1, self.rings + 1)):
                ring = RINGS[rng.integers(len(RINGS))]
                for digit in "21":  # a ring within another's branch needs numbers of its own
                    ring = ring.replace(digit, str(int(digit) + 2 * depth))
                text = LINKS[rng.integers(len(LINKS))] + ring % (text, "")
            texts.append(ENDS[rng.integers(3)] + text if rng.random() < 0.5 else text)
        return Samples.of(np.array(canonical(np.array(texts)), dtype=np.str_), "smiles", "1", repr(self))
