"""Moves of the Ising model, compiled: Wolff's clusters, and Metropolis with 64 replicas in a word.

Both classes hold many independent chains of one size and temperature and have the same two methods: `advance` makes
steps, `spins` shows the present states.
"""

from __future__ import annotations

import abc
import math
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Int8

from simulacra.core.compiled import compiled
from simulacra.core.errors import BadInput

Words = np.ndarray[Any, np.dtype[np.uint64]]
Bytes = np.ndarray[Any, np.dtype[np.int8]]
Places = np.ndarray[Any, np.dtype[np.int32]]

REPLICAS = 64
STREAMS = 16  # generators side by side, so that the compiler can use the widest registers
UNDECIDED, ACCEPTED = 4 * STREAMS, 5 * STREAMS  # where these words lie after the four words of each generator
NONE = np.uint64(0)
U11, U17, U19, U23, U32, U41, U45 = (np.uint64(shift) for shift in (11, 17, 19, 23, 32, 41, 45))


@compiled
def following(s0: Any, s1: Any, s2: Any, s3: Any) -> Any:  # noqa: ANN401 - np.uint64 each, which NumPy's indexing does not say
    """The next word of one xoshiro256++, and its next state; by value, so that all stay in registers."""
    word = s0 + s3
    word = ((word << U23) | (word >> U41)) + s0
    shifted = s1 << U17
    s2 ^= s0
    s3 ^= s1
    return word, s0 ^ s3, s1 ^ s2, s2 ^ shifted, (s3 << U45) | (s3 >> U19)


@compiled
def _coins(work: Words, bits: Words) -> int:
    """Accept each undecided lane with probability p; returns the random words taken from each stream.

    A uniform number is compared with p bit by bit from the first one; a lane is decided at the first bit that
    differs, so half of them leave with each word. `bits` holds the binary digits of p, each as a word of zeros or ones.
    The words come from xoshiro256++; all of it lies in one array, or the compiler would not vectorize.
    """
    for v in range(STREAMS):
        work[ACCEPTED + v] = NONE
    taken = 0
    for bit in bits:
        more = NONE
        for v in range(STREAMS):
            s0, s1, s2, s3 = work[v], work[STREAMS + v], work[2 * STREAMS + v], work[3 * STREAMS + v]
            word, s0, s1, s2, s3 = following(s0, s1, s2, s3)
            work[v], work[STREAMS + v], work[2 * STREAMS + v], work[3 * STREAMS + v] = s0, s1, s2, s3
            undecided = work[UNDECIDED + v]
            work[ACCEPTED + v] |= undecided & bit & ~word
            undecided &= ~(word ^ bit)
            work[UNDECIDED + v] = undecided
            more |= undecided
        taken += 1
        if more == NONE:
            break
    return taken


@compiled
def _sweeps(spins: Words, work: Words, bits: Words, sweeps: int) -> int:
    """Checkerboard Metropolis sweeps of 64 replicas, in place; returns the random words taken from each stream.

    `spins` is (2, L, L/2): the color, the row, and the place among that color in the row. A bit is a replica.
    """
    side, half = spins.shape[1], spins.shape[2]
    count = side * half
    padded = (count + STREAMS - 1) // STREAMS * STREAMS
    costly, costliest = np.zeros(padded, np.uint64), np.zeros(padded, np.uint64)
    beside = np.empty(half, np.uint64)
    taken = 0
    for half_sweep in range(2 * sweeps):
        color = half_sweep & 1
        for i in range(side):
            own, row = spins[color, i], spins[1 - color, i]
            above = spins[1 - color, i - 1 if i > 0 else side - 1]
            below = spins[1 - color, i + 1 if i + 1 < side else 0]
            if (i + color) & 1:
                for k in range(half - 1):
                    beside[k] = row[k + 1]
                beside[half - 1] = row[0]
            else:
                for k in range(1, half):
                    beside[k] = row[k - 1]
                beside[0] = row[half - 1]
            for k in range(half):
                a, b, c, d = own[k] ^ above[k], own[k] ^ below[k], own[k] ^ row[k], own[k] ^ beside[k]
                costly[i * half + k] = ~((a & b) | (c & d) | ((a | b) & (c | d)))  # at most one neighbor opposed
                costliest[i * half + k] = ~(a | b | c | d)  # none opposed
        flat = spins[color].reshape(count)
        for start in range(0, padded, STREAMS):
            for v in range(STREAMS):
                work[UNDECIDED + v] = costly[start + v]
            taken += _coins(work, bits)
            for v in range(min(STREAMS, count - start)):
                flat[start + v] ^= ~costly[start + v] | (work[ACCEPTED + v] & ~costliest[start + v])
            for v in range(STREAMS):
                work[UNDECIDED + v] = work[ACCEPTED + v] & costliest[start + v]
            taken += _coins(work, bits)  # exp(-8/T) is the square of exp(-4/T): two coins, both heads
            for v in range(min(STREAMS, count - start)):
                flat[start + v] ^= work[ACCEPTED + v]
    return taken


@compiled
def _clusters(spins: Bytes, state: Words, neighbors: Places, bond: float, steps: int) -> int:
    """Wolff steps of each chain, in place; returns the number of spins turned.

    `spins` is (chains, L²), `state` one xoshiro256++ a chain, (chains, 4), and `neighbors` (L², 4).
    """
    chains, sites = spins.shape
    stack = np.empty(sites + 1, np.int32)  # one more, for what is written but does not join
    turned = 0
    for chain in range(chains):
        own = spins[chain]
        s0, s1, s2, s3 = state[chain, 0], state[chain, 1], state[chain, 2], state[chain, 3]
        for _ in range(steps):
            word, s0, s1, s2, s3 = following(s0, s1, s2, s3)
            seed = np.int32(((word >> U32) * np.uint64(sites)) >> U32)
            kind = own[seed]
            own[seed] = -kind
            stack[0] = seed
            depth = 1
            while depth > 0:
                depth -= 1
                site = stack[depth]
                turned += 1
                for k in range(4):
                    other = neighbors[site, k]
                    word, s0, s1, s2, s3 = following(s0, s1, s2, s3)
                    # without a branch, which no processor could foresee
                    joins = int((own[other] == kind) & (np.float64(word >> U11) * 2.0**-53 < bond))
                    own[other] *= 1 - 2 * joins
                    stack[depth] = other
                    depth += joins
        state[chain, 0], state[chain, 1], state[chain, 2], state[chain, 3] = s0, s1, s2, s3
    return turned


class Moves(abc.ABC):
    """Independent chains at one size and temperature, all of them started with every spin up."""

    step: ClassVar[str]

    @abc.abstractmethod
    def __init__(self, size: int, temperature: float, chains: int, rng: np.random.Generator) -> None: ...

    @abc.abstractmethod
    def advance(self, steps: int) -> int:
        """Make these steps in each chain; returns the flips tried or made in all."""

    @abc.abstractmethod
    def spins(self) -> Int8[np.ndarray, "chains L L"]:
        """The present states, ±1."""


class Wolff(Moves):
    """Chains moved by single clusters; a step turns one cluster.

    Args:
        size: sites along a side L.
        temperature: in J/k.
        chains: how many.
        rng: where each chain's own generator gets its seed.

    References:
        Collective Monte Carlo updating for spin systems (Wolff, 1989), doi:10.1103/PhysRevLett.62.361
        Scrambled linear pseudorandom number generators (Blackman & Vigna, 2021), doi:10.1145/3460772
    """

    step: ClassVar[str] = "cluster"

    def __init__(self, size: int, temperature: float, chains: int, rng: np.random.Generator) -> None:
        self.size, self.bond = size, -math.expm1(-2 / temperature)
        self.states = np.ones((chains, size * size), dtype=np.int8)
        self.streams = rng.integers(0, 2**64, size=(chains, 4), dtype=np.uint64)
        at = np.arange(size * size, dtype=np.int32).reshape(size, size)
        around = [np.roll(at, shift, axis).ravel() for axis in (0, 1) for shift in (1, -1)]
        self.neighbors = np.ascontiguousarray(np.stack(around, axis=1))

    def advance(self, steps: int) -> int:
        """Turn this many clusters in each chain; returns the spins turned in all."""
        return int(_clusters(self.states, self.streams, self.neighbors, self.bond, steps))

    def spins(self) -> Int8[np.ndarray, "chains L L"]:
        """The present states, ±1."""
        return self.states.reshape(-1, self.size, self.size).copy()


class Metropolis(Moves):
    """Chains moved spin by spin, 64 of them in the bits of a word; a step is a sweep of the checkerboard.

    A flip that costs 4J is accepted by a coin of probability exp(-4/T), one that costs 8J by two such coins, any other
    always. Each chain reads its own bit of every random word, so no two chains share a random number.

    Args:
        size: sites along a side L; even, or the checkerboard would not close.
        temperature: in J/k.
        chains: how many; rounded up to a multiple of 64.
        rng: where the generators get their seeds.

    References:
        Equation of state calculations by fast computing machines (Metropolis et al., 1953), doi:10.1063/1.1699114
        Multispin coding: A very efficient technique for Monte Carlo simulations of spin systems
            (Zorn, Herrmann & Rebbi, 1981), doi:10.1016/0010-4655(81)90080-7
        Scrambled linear pseudorandom number generators (Blackman & Vigna, 2021), doi:10.1145/3460772
    """

    step: ClassVar[str] = "sweep"

    def __init__(self, size: int, temperature: float, chains: int, rng: np.random.Generator) -> None:
        if size % 2:
            raise BadInput("a periodic checkerboard needs an even side", f"size {size}", "use an even size, or Wolff")
        p = math.exp(-4 / temperature)
        digits = int(p * 2.0**64)
        self.bits = np.array([2**64 - 1 if digits >> (63 - k) & 1 else 0 for k in range(64)], dtype=np.uint64)
        self.size, blocks = size, -(-chains // REPLICAS)
        self.states = np.zeros((blocks, 2, size, size // 2), dtype=np.uint64)
        self.work = rng.integers(0, 2**64, size=6 * STREAMS, dtype=np.uint64)
        self.words = 0

    def advance(self, steps: int) -> int:
        """Make this many sweeps of each chain; returns the flips tried in all."""
        for block in self.states:
            self.words += STREAMS * int(_sweeps(block, self.work, self.bits, steps))
        return REPLICAS * self.size**2 * steps * len(self.states)

    def spins(self) -> Int8[np.ndarray, "chains L L"]:
        """The present states, ±1."""
        board = np.empty((len(self.states), self.size, self.size), dtype=np.uint64)
        for color in (0, 1):
            for i in (0, 1):
                board[:, i::2, (i + color) & 1 :: 2] = self.states[:, color, i::2]
        octets = board.astype("<u8").view(np.uint8).reshape(*board.shape, 8)
        down = np.unpackbits(octets, axis=-1, bitorder="little")  # the last axis is now the replica
        return (1 - 2 * np.moveaxis(down, -1, 1).astype(np.int8)).reshape(-1, self.size, self.size)
