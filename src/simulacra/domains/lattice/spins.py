"""Spins on a square periodic lattice: what every source and statistic of them needs to say."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, Int8, Shaped

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples


def spins_of(x: Samples) -> Int8[np.ndarray, "n L L"]:
    """The spins of some samples, after a look that they are square lattices of ±1."""
    board: Shaped[np.ndarray, "..."] = x.array
    if board.ndim != 3 or board.shape[1] != board.shape[2] or board.shape[1] < 2:
        raise BadInput("spins must lie on square lattices, (n, L, L)", f"shape {board.shape}", "reshape them")
    if not bool((np.abs(board) == 1).all()):
        odd = board[np.abs(board) != 1]
        raise BadInput("spins must be +1 or -1", f"{odd.size} others, such as {odd.flat[0]}", "round them to ±1 first")
    return board.astype(np.int8, copy=False)


def magnetization(spins: Int8[np.ndarray, "n L L"]) -> Float[np.ndarray, " n"]:
    """Mean spin of each lattice, between -1 and 1."""
    return np.asarray(spins.mean(axis=(1, 2), dtype=np.float64))


def energy(spins: Int8[np.ndarray, "n L L"]) -> Float[np.ndarray, " n"]:
    """Energy per site of each lattice, in J: minus the mean over sites of the bonds to the right and below."""
    right = (spins * np.roll(spins, -1, axis=2)).mean(axis=(1, 2), dtype=np.float64)
    below = (spins * np.roll(spins, -1, axis=1)).mean(axis=(1, 2), dtype=np.float64)
    return np.asarray(-(right + below))


def defect_rng() -> np.random.Generator:
    """The chance with which defects are planted: always the same, but of a seed that no set of samples is drawn with.

    Were it seed 0, a set drawn with seed 0 could share its very numbers with the defect planted in it.
    """
    return stream(0xDEFEC7, "flipped spins")


def turned(x: Samples, probability: float) -> Samples:
    """The samples with each spin turned over with this probability, wherever it lies; always the same ones.

    Turned at random, a product of two different spins keeps (1 - 2 probability)² of its mean.
    """
    spins = spins_of(x)
    over = defect_rng().random(spins.shape) < probability
    return x.but(x=np.where(over, -spins, spins))


def weakening(share: float) -> float:
    """The probability of turning a spin over that takes this share from the mean product of any two spins."""
    return (1 - math.sqrt(1 - share)) / 2
