"""Small families of sequences and the files that hold them, for the tests."""

from pathlib import Path

import numpy as np

LETTERS = "ACDEFGHIKLMNPQRSTVWY"


def fasta(path: Path, rows: dict[str, str]) -> Path:
    path.write_text("".join(f">{name} said\n{row[:5]}\n{row[5:]}\n" for name, row in rows.items()))
    return path


def toy(path: Path, n: int = 300, columns: int = 20, seed: int = 0) -> Path:
    """Sequences about a query in which the first two columns change together."""
    rng = np.random.default_rng(seed)
    query = rng.integers(0, 20, columns)
    rows = {}
    for i in range(n):
        row = np.where(rng.random(columns) < (0.5 if i else 0), rng.integers(0, 20, columns), query)
        row[:2] = query[:2] if i % 2 == 0 else (query[:2] + 7) % 20
        rows["Q/5-24" if not i else f"s{i}"] = "".join(LETTERS[c] for c in row)
    return fasta(path, rows)
