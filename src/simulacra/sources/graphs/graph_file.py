"""Graphs of a file: GraphML, graph6, or arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples
from simulacra.domains.graphs.matrices import KIND, fits, of_edges, padded

ENDINGS = (".graphml", ".g6", ".npz")
PACKED = ("n_nodes", "n_edges", "edges")


@dataclass(frozen=True)
class GraphFile:
    """The graphs of a file, (n, seats, seats) of kind "graph"; directions, loops and weights are left aside.

    - .graphml: one graph or several; types of nodes and edges in an attribute, 1 where there is none.
    - .g6: graph6, a graph a line, as nauty and NetworkX write them.
    - .npz: `n_nodes`, `n_edges` and `edges` (the two ends of all edges, counted within their graph); or one array
      (n, seats, seats); or a square matrix a graph, of any sizes: 0 and 1, where a node stands alone too, or whole
      numbers with the types of nodes on the diagonal.

    Args:
        path: of the file.
        key: the attribute of GraphML that holds types.
    """

    kind: ClassVar[str] = "graph"

    path: Path
    key: str = "type"

    def __post_init__(self) -> None:
        as_path(self, "path")
        if not self.path.name.lower().endswith(ENDINGS):
            raise BadInput("graphs are not read from such a file", str(self.path), f"save them as {', '.join(ENDINGS)}")

    def read(self) -> Samples:
        """All of them, in their order."""
        if not self.path.is_file():
            raise BadInput("there is no such file", str(self.path), "check the path")
        names, ending = None, self.path.suffix.lower()
        if ending == ".npz":
            x = _of_arrays(read_npz(self.path), self.path)
        else:
            from simulacra.domains.graphs import graphml  # it needs the extra

            x, names = graphml.from_graph6(self.path) if ending == ".g6" else graphml.from_graphml(self.path, self.key)
        if not len(x) or not x.shape[1]:
            raise BadInput("the file holds no graph", str(self.path), "name another")
        return Samples.of(x, KIND, "1", str(self.path), None, names)


def _of_arrays(stated: dict[str, Array], path: Path) -> Array:
    if set(PACKED) <= set(stated):
        nodes, counts, ends = (stated[name].astype(np.int64) for name in PACKED)
        if len(nodes) != len(counts) or ends.shape != (counts.sum(), 2) or (nodes < 1).any():
            raise BadInput("the counts of nodes and edges do not add up", str(path), "check n_nodes, n_edges, edges")
        if (ends < 0).any() or (ends >= np.repeat(nodes, counts)[:, None]).any() or (ends[:, 0] == ends[:, 1]).any():
            raise BadInput("an edge ends at no other node of its graph", str(path), "count nodes from 0 in each graph")
        return of_edges(nodes, counts, ends)
    several = [one for whole in stated.values() for one in (whole if whole.ndim == 3 else [whole])]
    return padded([_matrix(one, path) for one in several])


def _matrix(one: Array, path: Path) -> Array:
    """One square matrix, as the kind has it."""
    if one.ndim != 2 or one.shape[0] != one.shape[1] or one.dtype.kind not in "biuf" or (one != np.rint(one)).any():
        raise BadInput(
            "these arrays are no graphs", f"{path}: shape {one.shape}, {one.dtype}", "give square matrices of 0 and 1"
        )
    x = one.astype(np.int16)
    if not np.diagonal(x).any():  # no types: every row is a node
        x = x + np.eye(len(x), dtype=np.int16)
    if not fits(x[None]):
        raise BadInput("a matrix is not symmetric, or has an edge to no node", str(path), "make edges go both ways")
    return x
