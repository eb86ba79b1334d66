"""Graphs to and from NetworkX and GraphML, several in one file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.samples import Array
from simulacra.domains.graphs.matrices import padded

with extra("graphs"):
    import networkx

TYPE = "type"
"""The attribute under which nodes and edges keep their type, where they have one."""


def to_networkx(x: Array, names: Sequence[str] | None = None) -> list[Any]:
    """Each graph as a `networkx.Graph`, types under the attribute "type"."""
    found = []
    for place, one in enumerate(x):
        there = np.flatnonzero(np.diagonal(one) > 0)
        made = networkx.Graph(id=names[place] if names else str(place))
        made.add_nodes_from((int(i), {TYPE: int(one[k, k])}) for i, k in enumerate(there))
        first, second = np.nonzero(np.triu(one[np.ix_(there, there)], 1))
        types = one[np.ix_(there, there)][first, second]
        made.add_edges_from((int(a), int(b), {TYPE: int(t)}) for a, b, t in zip(first, second, types, strict=True))
        found.append(made)
    return found


def from_networkx(graphs: Sequence[Any], key: str = TYPE) -> Array:
    """Graphs of NetworkX as one array (n, seats, seats), int16; directions, loops and repeated edges are dropped.

    Args:
        graphs: any of its graphs.
        key: the attribute that holds types, whole numbers from 1; 1 where there is none.
    """
    found = []
    for place, graph in enumerate(graphs):
        order = {node: i for i, node in enumerate(graph.nodes)}
        x = np.zeros((len(order), len(order)), dtype=np.int64)
        for node, i in order.items():
            x[i, i] = _type(graph.nodes[node].get(key, 1), place)
        for a, b, about in graph.edges(data=True):
            if a != b:
                i, j = order[a], order[b]
                x[i, j] = x[j, i] = _type(about.get(key, 1), place)
        found.append(x)
    return padded(found)


def _type(value: Any, place: int) -> int:  # noqa: ANN401 - whatever the attribute holds
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = 0
    if not 0 < number < 2**15 or number != float(value):
        raise BadInput(
            "types of nodes and edges are whole numbers from 1",
            f"graph {place}: {value!r}",
            "number them, or name another key",
        )
    return number


def to_graphml(x: Array, names: Sequence[str]) -> str:
    """All graphs as one GraphML document, in their order."""
    document, body = "", []
    for graph in to_networkx(x, names):
        buffer = io.BytesIO()
        networkx.write_graphml_xml(graph, buffer)
        text = buffer.getvalue().decode()
        start, end = text.index("<graph "), text.index("</graphml>")
        body.append(text[start:end])
        if len(text[:start]) > len(document):
            document = text[:start]
    return document + "".join(body) + "</graphml>\n"


def from_graphml(path: Path, key: str = TYPE) -> tuple[Array, list[str]]:
    """The graphs of a GraphML file, and their names.

    Args:
        path: of the file.
        key: the attribute that holds types.
    """
    from xml.etree.ElementTree import ParseError

    from networkx.readwrite.graphml import GraphMLReader

    try:
        found = list(GraphMLReader(node_type=str)(path=str(path)))
    except (ParseError, networkx.NetworkXError, KeyError, ValueError) as error:
        raise BadInput("this is no GraphML", f"{path} ({error})", "write it by networkx.write_graphml") from error
    if not found:
        raise BadInput("the file holds no graph", str(path), "name another")
    names = [str(graph.graph.get("id", place)) for place, graph in enumerate(found)]
    return from_networkx(found, key), names if len(set(names)) == len(names) else [str(i) for i in range(len(names))]


def from_graph6(path: Path) -> tuple[Array, list[str]]:
    """The graphs of a file in graph6, a line each, named by their places."""
    found = []
    for place, line in enumerate(path.read_bytes().splitlines()):
        if not line.strip():
            continue
        try:
            found.append(networkx.from_graph6_bytes(line.strip().removeprefix(b">>graph6<<")))
        except (networkx.NetworkXError, ValueError, IndexError) as error:
            raise BadInput(
                "this line is no graph6", f"{path}, line {place + 1} ({error})", "one graph a line"
            ) from error
    return from_networkx(found), [str(i) for i in range(len(found))]


def to_graph6(x: Array) -> str:
    """A line each; types are lost, since the format has none."""
    return "".join(
        networkx.to_graph6_bytes(
            networkx.from_numpy_array((one > 0) & ~np.eye(len(one), dtype=bool)), header=False
        ).decode()
        for one in _trimmed(x)
    )


def _trimmed(x: Array) -> list[Array]:
    """Each graph's own matrix, empty seats left out."""
    return [one[np.ix_(there, there)] for one in x for there in [np.flatnonzero(np.diagonal(one) > 0)]]
