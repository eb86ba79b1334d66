"""What a grammar in which nothing fails does to a mistake: one token of a molecule exchanged, in SMILES and in SELFIES.

    python benchmarks/strings_exchanged.py [MOLECULES]

Of molecules of ZINC one token at a random place is exchanged for another one that these molecules have, by its share
among them. What is still a molecule is held against the one that was meant.

References:
    Invalid SMILES are beneficial rather than detrimental to chemical language models (Skinnider, 2024),
        doi:10.1038/s42256-024-00821-x
"""

from __future__ import annotations

import gzip
import sys
from itertools import islice

import numpy as np

from simulacra.core import data
from simulacra.domains.molecules.alphabet import pieces
from simulacra.domains.molecules.chemistry import canonical, molecule
from simulacra.domains.molecules.drug_likeness import tanimoto
from simulacra.domains.molecules.respelled import from_selfies, to_selfies


def exchanged(texts: list[str], rng: np.random.Generator) -> list[str]:
    """Each string with one token exchanged for another."""
    split = [pieces(text) for text in texts]
    every = np.array([token for tokens in split for token in tokens])
    for tokens in split:
        at = int(rng.integers(len(tokens)))
        tokens[at] = next(str(one) for one in rng.choice(every, 1000) if one != tokens[at])
    return ["".join(tokens) for tokens in split]


def main(n: int) -> None:
    """A line for each grammar."""
    with gzip.open(data.find("smiles/zinc250k.smi.gz"), "rt") as file:
        meant = [text for text in canonical(np.array([line.split()[0] for line in islice(file, n)])) if text]
    rng = np.random.default_rng(0)
    for name in ("SMILES", "SELFIES"):
        texts = exchanged(meant, rng) if name == "SMILES" else from_selfies(exchanged(to_selfies(meant), rng))
        pairs = [(a, b) for a, b in zip(meant, canonical(np.array(texts)), strict=True) if b]
        alike = np.array([tanimoto([a], [b])[0, 0] for a, b in pairs])
        left = np.array([molecule(b).GetNumHeavyAtoms() / molecule(a).GetNumHeavyAtoms() for a, b in pairs])
        made = [molecule(b) for _, b in pairs]
        rings = [any(len(ring) > 7 for ring in one.GetRingInfo().AtomRings()) for one in made]
        print(
            f"{name}: {len(pairs):,} of {len(meant):,} are molecules; similarity {np.median(alike):.2f} in the median, "
            f"below 0.4 in {100 * (alike < 0.4).mean():.0f} %; heavy atoms {100 * (left.mean() - 1):+.0f} %; "
            f"{100 * np.mean(rings):.1f} % have a ring of more than seven atoms"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
