"""How long it takes to fill a large table: `python benchmarks/large_table.py [ROWS] [COLUMNS] [DRAWS] [IMPUTER]`.

Made rows of a normal law of a few common factors; of ten columns six hold numbers, two counts, one a flag and one a
category, and one cell in five is missing, each with the same chance. Printed are processor seconds, and the error
beside that of the mean.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.samples import Column, Samples
from simulacra.core.shelf import shelf
from simulacra.skill.imputations import scored

SHARE, FACTORS = 0.2, 6


def table(n: int, d: int, rng: np.random.Generator) -> Samples:
    """n rows of d columns without gaps."""
    z = rng.standard_normal((n, FACTORS)) @ rng.standard_normal((FACTORS, d)) / np.sqrt(FACTORS)
    z += 0.5 * rng.standard_normal((n, d))
    columns = []
    for place in range(d):
        what = place % 10
        if what in (6, 7):  # counts of few values
            z[:, place] = np.clip(np.round(3 + 2 * z[:, place]), 0, 9)
        elif what == 8:
            z[:, place] = z[:, place] > 0.8
        elif what == 9:
            z[:, place] = np.digitize(z[:, place], [-0.7, 0.7])
        levels = {8: ("no", "yes"), 9: ("a", "b", "c")}.get(what, ())
        columns.append(Column(f"c{place}", levels=levels, gaps=True))
    return Samples.of(z, "table", origin="made", columns=columns)


def main() -> None:
    n, d, draws = (int(w) for w in (*sys.argv[1:4], *("100000", "50", "20")[len(sys.argv) - 1 :]))
    name = sys.argv[4] if len(sys.argv) > 4 else "gaussian_copula"
    rng = stream(0, "removed cells")
    truth = table(n, d, rng)
    out = rng.random((n, d)) < SHARE
    gapped = truth.but(x=np.where(out, np.nan, truth.array))
    began = time.process_time()
    fitted = shelf("imputers").load(name)().fit(gapped, 0)
    learned = time.process_time()
    print(f"fit {learned - began:.0f} s", flush=True)
    filled = fitted.impute(gapped, draws, rng)
    ended = time.process_time()
    found = scored(filled, truth, out)
    plain = scored(shelf("imputers").load("mean")().fit(gapped, 0).impute(gapped, 0, rng), truth, out)
    print(f"{n:,} rows, {d} columns, {SHARE:.0%} missing, {draws} draws, {name}")
    print(f"fit {learned - began:.0f} s, guess and draws {ended - learned:.0f} s, together {ended - began:.0f} s")
    print(f"RMSE {found['rmse']:.4f} (mean {plain['rmse']:.4f}), wrong levels {found['wrong']:.3f} "
          f"(most frequent {plain['wrong']:.3f}), in draws {found['covers']:.3f}")  # fmt: skip
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
