"""Peers' strings of MOSES: how many are molecules, and whether ChemNet's distance puts them in the published order.

    python benchmarks/strings_peers.py [STRINGS [SHOWN]]

Of each peer's file STRINGS are read (30,000) and SHOWN molecules are shown to ChemNet (10,000), against as many of a
half of truth. The table stands in docs/strings.md.

References:
    Molecular Sets (MOSES): a benchmarking platform for molecular generation models (Polykovskiy et al., 2020),
        arXiv:1811.12823
"""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path

import numpy as np
from scipy.stats import binomtest, kendalltau

from simulacra.domains.laws.frechet import frechet
from simulacra.domains.molecules import chemistry, chemnet

PUBLISHED = {"char_rnn": (0.9748, 0.0732), "jtn": (1.0, 0.3954), "ngram": (0.2376, 5.5069)}
"""Of each peer, the share that is valid and the distance to MOSES' test set, as the platform's table has them."""
DIVISIONS = 3


def strings(path: Path, most: int) -> list[str]:
    """Of the first column of a packed table, without its heading, so many by chance: files may be in some order."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        next(file)
        every = [line.strip().split(",")[0] for line in file]
    return [every[i] for i in np.random.default_rng(0).permutation(len(every))[:most]]


def molecules(texts: list[str]) -> list[str]:
    """The canonical forms of those that are molecules."""
    return [text for text in chemistry.canonical(np.array(texts)) if text]


def main(most: int, shown: int) -> None:
    """The table in Markdown."""
    data = Path(os.environ["SIMULACRA_DATA"].split(os.pathsep)[0])
    truth = molecules(strings(data / "smiles/moses_test.csv.gz", 2 * shown))
    true, rng = chemnet.activations(np.array(truth)), np.random.default_rng(0)
    print("| peer | strings | valid (95 %) | published | distance | floor | published distance |\n|" + " --- |" * 7)
    ours = []
    for name, (valid, far) in PUBLISHED.items():
        texts = strings(data / f"generated/moses_{name}.csv.gz", most)
        good = molecules(texts)
        low, high = binomtest(len(good), len(texts)).proportion_ci()
        rows = chemnet.activations(np.array(good[:shown]))
        n, found = min(len(rows), len(true) // 2), []
        for _ in range(DIVISIONS):
            order = rng.permutation(len(true))
            half, other = true[order[:n]], true[order[n : 2 * n]]
            found.append((frechet(rows[rng.permutation(len(rows))[:n]], half), frechet(other, half)))
        mean = np.mean(found, axis=0)
        ours.append(mean[0] - mean[1])
        share = f"{len(good) / len(texts):.4f} ({low:.4f}–{high:.4f})"
        print(
            f"| {name} | {len(texts):,} | {share} | {valid} | {mean[0]:.3f} (n = {n:,}) | {mean[1]:.3f} | {far} |",
            flush=True,
        )
    tau = kendalltau(ours, [far for _, far in PUBLISHED.values()])[0]
    apart = ", ".join(f"{x:.3f}" for x in ours)
    print(f"\nDistances less their floors {apart}; Kendall's tau with the published order {tau:.2f}.")


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:3]]
    main(*[*asked, *(30_000, 10_000)[len(asked) :]])
