"""An attack on everything that reads and writes files: `make attack`, ten minutes; a seeded part of it is a test.

Four kinds of blows fall at random: a run folder is damaged or laid as a trap and a verb is called on it; a data file is
damaged, or is a trap, and is read; the disk takes no more than so many bytes; a run is killed, damaged and resumed.
Counted are files of the user's that were overwritten or read, tracebacks, hangs, signs that steer a terminal, changed
inputs, and wrong answers without a word. Each should be 0.

    python tests/attack.py --minutes 10 --seed 1
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from attack_blows import Attack
from attack_watch import SORTS


def attack(seconds: float, blows: int, seed: int, says: Callable[[str], object] = lambda text: None) -> Attack:
    """Blows for so long, or so many; what they found."""
    with tempfile.TemporaryDirectory() as folder:
        made, end = Attack(Path(folder), seed), time.monotonic() + seconds
        while time.monotonic() < end and made.blows.total() < blows:
            made.blow()
            if made.blows.total() % 100 == 0:
                says(f"{made.blows.total()} blows: {dict(made.found) or 'nothing found'}")
    return made


def run_from_line() -> int:
    """Attack for so many minutes; 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--blows", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()

    def says(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    made = attack(60 * asked.minutes, asked.blows, asked.seed, says)
    says("".join(f"\n{detail}\n" for detail in made.details))
    says("\n".join(f"{n:6d} blows {kind}" for kind, n in made.blows.items()))
    says("\n".join(f"{made.found[sort]:6d} {sort}" for sort in SORTS))
    return int(bool(made.details))


if __name__ == "__main__":
    sys.exit(run_from_line())
