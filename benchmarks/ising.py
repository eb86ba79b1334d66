"""How fast Ising spins turn: the two compiled moves beside plain NumPy, and beside the random numbers alone.

Run it as `python benchmarks/ising.py`; one core, less than a minute. Every time is a median of several.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from simulacra.domains.lattice.ising_chains import plan
from simulacra.domains.lattice.ising_exact import CRITICAL
from simulacra.domains.lattice.ising_moves import (
    REPLICAS,
    STREAMS,
    Metropolis,
    Moves,
    Wolff,
    Words,
    compiled,
    following,
)

REPEATS = 7
JUST_ABOVE = CRITICAL + 1e-9


def seconds(work: Callable[[], object]) -> float:
    """The median time of some work, after one call that is not counted."""
    work()
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return float(np.median(times))


class PlainMetropolis:
    """Checkerboard Metropolis of many replicas as one would write it in NumPy."""

    def __init__(self, size: int, temperature: float, replicas: int) -> None:
        self.rng = np.random.default_rng(0)
        self.spins = np.ones((replicas, size, size), dtype=np.int8)
        self.chance = np.exp(-2 * np.arange(-4, 5) / temperature).clip(max=1).astype(np.float32)
        i, j = np.indices((size, size))
        self.colors = [(i + j) % 2 == color for color in (0, 1)]

    def sweep(self) -> None:
        """Both colors once."""
        s = self.spins
        for color in self.colors:
            around = np.roll(s, 1, 1) + np.roll(s, -1, 1) + np.roll(s, 1, 2) + np.roll(s, -1, 2)
            accept = self.rng.random(s.shape, dtype=np.float32) < self.chance[s * around + 4]
            np.negative(s, out=s, where=accept & color)


@compiled
def only_words(state: Words, count: int) -> None:
    """The bare generator: so many words from each stream, added up and thrown away."""
    for _ in range(count):
        for v in range(STREAMS):
            s0, s1, s2, s3 = state[v], state[STREAMS + v], state[2 * STREAMS + v], state[3 * STREAMS + v]
            word, s0, s1, s2, s3 = following(s0, s1, s2, s3)
            state[v], state[STREAMS + v], state[2 * STREAMS + v], state[3 * STREAMS + v] = s0, s1, s2, s3
            state[4 * STREAMS + v] += word


def effective(size: int, moves: type[Moves], second_per_step: float) -> float:
    """Independent samples in a second at the critical temperature: one in two autocorrelation times."""
    return 1 / (2 * plan(size, JUST_ABOVE, moves).tau * second_per_step)


def main() -> None:
    rng = np.random.default_rng(0)
    words = rng.integers(0, 2**64, size=5 * STREAMS, dtype=np.uint64)
    bare = seconds(lambda: only_words(words, 100_000)) / (100_000 * STREAMS)
    print(f"one random word, bare generator: {bare * 1e9:.2f} ns\n")
    print("at Tc, one core         flips/ns   ratio to NumPy   independent samples/s   ratio to NumPy")
    for size, sweeps in ((16, 400), (32, 100), (64, 40)):
        sites = size * size
        plain = PlainMetropolis(size, JUST_ABOVE, REPLICAS)
        numpy_sweep = seconds(plain.sweep) / REPLICAS  # of one replica
        many = Metropolis(size, JUST_ABOVE, REPLICAS, rng)
        many.advance(100)
        used, tried = many.words, 0

        def sweep(chains: Metropolis = many, steps: int = sweeps) -> None:
            nonlocal tried
            tried += chains.advance(steps)

        coded_sweep = seconds(sweep) / (sweeps * REPLICAS)
        per_flip = (many.words - used) / tried
        single = Wolff(size, JUST_ABOVE, 4, rng)
        single.advance(500)
        turned = [0, 0]

        def clusters(chains: Wolff = single, count: list[int] = turned) -> None:
            count[0] += chains.advance(100)
            count[1] += 400

        wolff_step = seconds(clusters) / 400
        mean = turned[0] / turned[1]

        independent = effective(size, Metropolis, numpy_sweep)  # plain NumPy makes the same moves: the same tau
        rows = {
            "Metropolis, NumPy": (sites / numpy_sweep, independent),
            "Metropolis, 64 a word": (sites / coded_sweep, effective(size, Metropolis, coded_sweep)),
            "Wolff": (mean / wolff_step, effective(size, Wolff, wolff_step)),
        }
        print(f"side {size}")
        for name, (flips, samples) in rows.items():
            ratio = flips * numpy_sweep / sites
            print(f"  {name:<22}{flips / 1e9:8.3f}{ratio:14.1f}{samples:22,.0f}{samples / independent:18.1f}")
        floor = per_flip * bare * 1e9
        spent = coded_sweep / sites * 1e9
        print(f"  64 a word uses {per_flip:.3f} random words ({8 * per_flip:.1f} bytes) a flip, alone {floor:.3f} ns;")
        print(f"  a flip takes {spent:.3f} ns, {spent / floor:.1f} times that")


if __name__ == "__main__":
    main()
