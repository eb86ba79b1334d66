r"""Neighborhoods: the balls around each object that hold its nearest few, and whom of another set they hold.

An object's ball reaches to its k-th nearest in its own set. *Precision* is the share of samples in the ball of any true
object; *recall* the share of true objects in the ball of any sample; *density* the number of true objects' balls that
hold a sample, over k, on average; *coverage* the share of true objects whose ball holds any sample. Distances are blind
to what the kind calls irrelevant, and are taken of sketches: of the longest waves, or of coarse pictures.

References:
    Reliable fidelity and diversity metrics for generative models (Naeem et al., 2020), arXiv:2002.09797
    Improved precision and recall metric for assessing generative models (Kynkäänniemi et al., 2019), arXiv:1904.06991
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.nearest import sketch_distances
from simulacra.kinds.base import kind_of, likeness_of

ASIDE = True


@dataclass(frozen=True, eq=False)
class Neighborhoods:
    """Distances among all objects of both sets.

    Args:
        distances: of the sketches, (n, n).
        neighbors: how many an object's ball holds, k.
    """

    distances: Float[np.ndarray, "n n"]
    neighbors: int

    @classmethod
    def of(cls, everything: Samples, neighbors: int) -> Neighborhoods:
        """The distances of these samples."""
        return cls(distances(everything), neighbors)

    def radii(self, at: Array) -> Float[np.ndarray, " n"]:
        """How far the k-th nearest in its own set is from each of these objects."""
        if not 1 <= self.neighbors < len(at):
            raise BadInput(
                "a ball holds one neighbor at least, and fewer than there are",
                f"neighbors={self.neighbors}, {len(at)} samples",
                "take neighbors=5, and more samples",
            )
        own = self.distances[np.ix_(at, at)].copy()
        np.fill_diagonal(own, np.inf)
        return np.asarray(np.partition(own, self.neighbors - 1, axis=1)[:, self.neighbors - 1])

    def held(self, inside: Array, centers: Array) -> Array:
        """Whether each object lies in the ball of each center, on its edge too, (objects, centers)."""
        return np.asarray(self.distances[np.ix_(inside, centers)] <= self.radii(centers)[None, :] * (1 + 1e-7))


def distances(everything: Samples) -> Float[np.ndarray, "n n"]:
    """The distance of each sample's sketch from each other's."""
    likeness = likeness_of(everything)
    sketches = likeness.sketches(likeness.ready(everything.array))
    return sketch_distances(sketches, sketches[0])


def without_a_region(x: Samples, amount: float, rng: np.random.Generator) -> Samples:
    """The samples next to one of them, this share of all, replaced by draws from the others."""
    apart = distances(x)[rng.integers(len(x))]
    order = np.argsort(apart, kind="stable")
    gone = round(amount * len(x))
    at = np.arange(len(x))
    at[order[:gone]] = rng.choice(order[gone:], gone)
    return x.but(x=x.array[at])


def with_strangers(x: Samples, amount: float, rng: np.random.Generator) -> Samples:
    """This share of the samples replaced by objects that belong to no law of the kind."""
    values = x.array.copy()
    some = rng.permutation(len(x))[: round(amount * len(x))]
    values[some] = kind_of(x).strangers(x, len(some), rng)
    return x.but(x=values)


def with_copies(x: Samples, of: Samples, amount: float, rng: np.random.Generator) -> Samples:
    """This share of the samples replaced by copies of some of a set."""
    text = x.array.dtype.kind == "U"  # a copy may be longer than any of the strings that were there
    values = x.array.astype(np.promote_types(x.array.dtype, of.array.dtype)) if text else x.array.copy()
    some = rng.permutation(len(x))[: round(amount * len(x))]
    values[some] = of.array[rng.integers(len(of), size=len(some))]
    return x.but(x=values)
