"""Files of molecules that cannot be meant as they stand: another unit of length, no hydrogens, drawings."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.domains.molecules.atoms import distances, numbers, parts, sizes

LOOKED = 300  # molecules
NEAREST = 0.5  # Å; no two atoms of a molecule are nearer (H2 has 0.74)
BOHR = 0.529177  # Å


def lengths(x: Float[np.ndarray, "n seats 4"]) -> tuple[str, str]:
    """Whether the places may be in another unit than Å: what is wrong, and what to do; both empty if not.

    In molecules with hydrogens the nearest neighbor of an atom is about 1.1 Å away, in skeletons about 1.4.
    """
    some = x[sizes(x) > 1][:LOOKED]
    if not len(some):
        return "", ""
    nearest = distances(some).min(axis=2)
    middle = float(np.median(nearest[np.isfinite(nearest)]))
    stated = f"the nearest neighbor of an atom is {middle:.3g} away"
    if 1.75 < middle < 3.2:
        return f"{stated}: are these Bohr?", f"multiply all places by {BOHR}"
    if 0.08 < middle < 0.2:
        return f"{stated}: are these nm?", "multiply all places by 10"
    if 80 < middle < 400:
        return f"{stated}: are these pm?", "divide all places by 100"
    return "", ""


def hydrogens(x: Float[np.ndarray, "n seats 4"]) -> str:
    """Whether the hydrogens are missing from nearly all molecules of carbon; empty if not."""
    z = numbers(x)
    carbon = (z == 6).sum(axis=1) >= 2
    if carbon.sum() < 3:
        return ""
    bare = ~(z[carbon] == 1).any(axis=1)
    if bare.mean() < 0.9:
        return ""
    return f"{int(bare.sum()):,} of {int(carbon.sum()):,} molecules of carbon have no hydrogen"


def flat(x: Float[np.ndarray, "n seats 4"]) -> str:
    """Whether all molecules lie in the plane z = 0, as drawings do; empty if not."""
    large = sizes(x) >= 5
    if large.sum() < 3 or (x[large][:, :, 3] != 0).any():
        return ""
    return f"all {int(large.sum()):,} molecules of five atoms or more lie in the plane z = 0"


def crowded(x: Float[np.ndarray, "n seats 4"]) -> str:
    """How many molecules hold two atoms nearer than 0.5 Å; empty if none."""
    some = x[:5000]
    n = sum(int((distances(some[part]) < NEAREST).any(axis=(1, 2)).sum()) for part in parts(len(some), x.shape[1]))
    return f"{n:,} of {len(some):,} molecules hold two atoms nearer than {NEAREST} Å" if n else ""


def doubts(x: Float[np.ndarray, "n seats 4"]) -> list[str]:
    """All that is implausible about a file of molecules, in words."""
    wrong, fix = lengths(x)
    found = [f"{wrong} {fix}"] if wrong else []
    bare = hydrogens(x)
    found += [f"{bare}: are the hydrogens missing from the file?"] if bare else []
    found += [f"{stated}: are these drawings?" for stated in [flat(x)] if stated]
    return found + ([] if wrong else [stated for stated in [crowded(x)] if stated])


def check(x: Float[np.ndarray, "n seats 4"], where: str) -> None:
    """An error where data cannot be learned from as they are."""
    wrong, fix = lengths(x)
    if wrong:
        raise BadInput("the places of these atoms are not in Å", f"{where}: {wrong}", fix)
    if bare := hydrogens(x):
        raise BadInput(
            "there are no hydrogens in this file", f"{where}: {bare}", "add them in space (obabel -h, RDKit's AddHs)"
        )
    if stated := flat(x):
        raise BadInput(
            "these molecules have no depth", f"{where}: {stated}", "give them places in space, not a drawing"
        )
