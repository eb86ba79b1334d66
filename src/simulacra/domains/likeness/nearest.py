"""The nearest object in another set, and the next nearest that does not belong with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import Likeness, Movable, chunks
from simulacra.domains.likeness.blockwise import first_few
from simulacra.domains.likeness.moves import orthonormal

FEW = 64  # numbers of a sketch
CANDIDATES = 6  # nearest by their sketch, of which the distance proper is taken


@dataclass(frozen=True, eq=False)
class Nearest:
    """What lies nearest to each of n objects in another set.

    Args:
        at: its place in that set.
        distance: how far it is.
        second: how far the nearest is that belongs to another group than the first (a chain, an object seen twice).
    """

    at: Int[np.ndarray, " n"]
    distance: Float[np.ndarray, " n"]
    second: Float[np.ndarray, " n"]

    @property
    def lead(self) -> Float[np.ndarray, " n"]:
        """The distance over that of the second, 0…1: near 0 for a copy; 1 where both are at distance 0."""
        safe = np.where(self.second > 0, self.second, 1.0)
        return np.where(self.second > 0, np.minimum(self.distance / safe, 1.0), 1.0)


@dataclass(frozen=True, eq=False)
class Sketched:
    """Sketches from which distances are taken, made ready once.

    Of many numbers single precision will do: no two objects are a thousand times nearer than others, but copies.

    Args:
        middle: their mean, (k,).
        rows: the sketches without it, (m, k).
        square: the squared length of each row, (m,).
        span: directions at right angles along which each may move, (m, d, k); d is 0 where none does.
    """

    middle: Array
    rows: Array
    square: Array
    span: Array

    @classmethod
    def of(cls, y: Array, moves: Float[np.ndarray, "m d k"] | None = None) -> Sketched:
        """Of rows (m, k), and the directions along which they may move."""
        middle = y.mean(axis=0)
        kept = np.float64 if y.shape[1] <= FEW else np.float32
        rows = (y - middle).astype(kept)
        span = np.zeros((len(y), 0, y.shape[1])) if moves is None else orthonormal(moves)
        return cls(middle, rows, (rows**2).sum(axis=1), span.astype(kept))

    def distances(self, versions: list[Array]) -> Float[np.ndarray, "n m"]:
        """Of each x from each of them, over all versions of x: never larger than the true one."""
        least: Array | None = None
        for version in versions:
            x = (version - self.middle).astype(self.rows.dtype)
            far = (-2 * x) @ self.rows.T
            far += (x**2).sum(axis=1)[:, None]
            for d in range(self.span.shape[1]):
                along = x @ self.span[:, d].T
                along -= np.einsum("mk,mk->m", self.span[:, d], self.rows)
                far -= along**2
            least = far if least is None else np.minimum(least, far, out=least)
        assert least is not None, "an object has a version"
        least += self.square
        return np.asarray(np.sqrt(np.maximum(least, 0.0, out=least), out=least))

    def squared(self, versions: list[Array], rows: slice) -> Float[np.ndarray, "n m"]:
        """The squared distance of each x from some of the rows, over all versions: one product of matrices each."""
        block, span = self.rows[rows], self.span[rows]
        beside = np.column_stack([block, self.square[rows], np.ones(len(block))]).astype(block.dtype).T
        least: Array | None = None
        for version in versions:
            x = (version - self.middle).astype(block.dtype)
            far = np.column_stack([-2 * x, np.ones(len(x)), (x**2).sum(axis=1)]).astype(block.dtype) @ beside
            for d in range(span.shape[1]):
                far -= (x @ span[:, d].T - np.einsum("mk,mk->m", span[:, d], block)) ** 2
            least = far if least is None else np.minimum(least, far, out=least)
        assert least is not None, "an object has a version"
        return least

    def best_version(self, versions: list[Array], at: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
        """The version of each x that is nearest to the row at its place."""
        rows, span = self.rows[at] + self.middle, self.span[at]
        found = []
        for x in versions:
            gap = x - rows
            found.append((gap**2).sum(axis=1) - (np.einsum("ndk,nk->nd", span, gap) ** 2).sum(axis=1))
        return np.asarray(np.argmin(found, axis=0))


def sketch_distances(versions: list[Array], y: Array) -> Float[np.ndarray, "n m"]:
    """The distance of each x from each y by their sketches, over all versions of x: never larger than the true one."""
    return Sketched.of(y).distances(versions)


def sketched(likeness: Likeness, ready: Array) -> Sketched:
    """The sketches of objects that are ready, in the version as they are, with what counts as a small move."""
    return Sketched.of(likeness.sketches(ready)[0], likeness.moves(ready) if isinstance(likeness, Movable) else None)


@dataclass(frozen=True, eq=False)
class Known:
    """Objects among which the nearest is looked for, made ready once.

    Args:
        likeness: how objects are compared.
        objects: as they are compared.
        sketch: of each of them, in the version as it is.
        group: of each, as a number.
    """

    likeness: Likeness
    objects: Array
    sketch: Sketched
    group: Array

    @classmethod
    def of(cls, likeness: Likeness, y: Samples) -> Known:
        """From samples."""
        objects = likeness.ready(y.array)
        return cls(likeness, objects, sketched(likeness, objects), np.unique(y.group, return_inverse=True)[1])

    def nearest(self, x: Samples) -> Nearest:
        """For each x the nearest of the objects; see the function of this name."""
        a, b = self.likeness.ready(x.array), self.objects
        versions, sketch, group = self.likeness.sketches(a), self.sketch, self.group
        groups, n = int(group.max()) + 1, len(x)
        few = min(CANDIDATES, groups)

        def far(some: slice, rows: slice) -> Array:
            return sketch.squared([version[some] for version in versions], rows)

        at = first_few(far, n, group, few)
        places, found = np.repeat(np.arange(n), few), at.ravel()
        exact = np.zeros(len(found))
        for part in chunks(np.arange(len(found)), a[0].size):
            turn = sketch.best_version([v[places[part]] for v in versions], found[part])
            exact[part] = self.likeness.apart(a[places[part]], b[found[part]], turn)
        order = np.argsort(exact.reshape(n, few), axis=1, kind="stable")
        distances = np.take_along_axis(exact.reshape(n, few), order, axis=1)
        first = np.take_along_axis(at, order, axis=1)[:, 0]
        return Nearest(first, distances[:, 0], distances[:, 1] if few > 1 else np.full(n, np.inf))

    def least(self, x: Samples) -> Float[np.ndarray, " n"]:
        """The smallest distance of each x by its sketch: no object is nearer."""
        versions = self.likeness.sketches(self.likeness.ready(x.array))
        parts = chunks(np.arange(len(x)), len(self.objects))
        return np.concatenate([self.sketch.distances([v[p] for v in versions]).min(axis=1) for p in parts])


def nearest(likeness: Likeness, x: Samples, y: Samples) -> Nearest:
    """For each x the nearest y.

    The distance is taken of those few y that are nearest by their sketch, in the version whose sketch is nearest. This
    finds every copy (its sketch is at distance 0); among strangers another y, or another version, may be a little
    nearer than what is named.
    """
    return Known.of(likeness, y).nearest(x)


def typical_distance(likeness: Likeness, x: Samples, rng: np.random.Generator, pairs: int = 500) -> float:
    """The median distance between two of the objects, from pairs drawn at random; 1 if all are the same."""
    a, b = rng.integers(len(x), size=(2, pairs))
    keep = x.group[a] != x.group[b]
    if not keep.any():
        return 1.0
    u, v = likeness.ready(x.array[a[keep]]), likeness.ready(x.array[b[keep]])
    turn = sketched(likeness, v).best_version(likeness.sketches(u), np.arange(len(v)))
    median = float(np.median(likeness.apart(u, v, turn)))
    return median if median > 0 else 1.0
