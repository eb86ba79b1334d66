"""When two graphs count as the same: whatever the order of their nodes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.samples import Array


class Graphs:
    """Graphs (n, seats, seats) by the eigenvalues of two matrices, which no order of the nodes changes.

    The matrices are that of the edges' types with the nodes' types on the diagonal, and that of the edges with the
    nodes' degrees. Graphs that agree in both are taken for the same; a few that differ agree (cospectral graphs).
    """

    blind: ClassVar[str] = "the order of the nodes"

    def ready(self, x: Array) -> Array:
        """The eigenvalues of both matrices, rising; those of empty seats are 0."""
        typed = x.astype(np.float64)
        edges = typed * (1 - np.eye(x.shape[1]))
        linked = (edges != 0).astype(np.float64)
        seats = np.arange(x.shape[1])
        linked[:, seats, seats] = linked.sum(axis=2)
        return np.concatenate([np.linalg.eigvalsh(typed), np.linalg.eigvalsh(linked)], axis=1)

    def sketches(self, x: Array) -> list[Float[np.ndarray, "n k"]]:
        """The eigenvalues themselves."""
        return [x]

    def apart(self, x: Array, y: Array, version: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Euclidean distance of the eigenvalues."""
        return np.asarray(np.linalg.norm(x - y, axis=1), dtype=np.float64)
