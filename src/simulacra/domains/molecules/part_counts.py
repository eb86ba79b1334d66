"""How often parts occur in molecules, and how alike two sets are by that."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from simulacra.core.samples import Array


def counted_parts(parts: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    """How often each part occurs in each molecule, (molecules, parts); the empty part counts nothing."""
    numbers: dict[str, int] = {}
    rows, columns = [], []
    for row, own in enumerate(parts):
        for part in own:
            if part:
                rows.append(row)
                columns.append(numbers.setdefault(part, len(numbers)))
    shape = len(parts), max(1, len(numbers))
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)


def cosine(counts: sparse.csr_matrix, a: Array, b: Array) -> float:
    """The cosine between the counts of two sets of molecules, 0 to 1; 0 where one has no part."""
    one, other = (np.asarray(counts[at].sum(axis=0)).ravel() for at in (a, b))
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other / length) if length else 0.0
