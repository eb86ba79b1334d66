"""Copies while a model is trained: which samples have a twin in the training set, cheap enough for every look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.comparison.copied import count_twins
from simulacra.core.chance import stream
from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.nearest import Known, typical_distance
from simulacra.judging.copies import groups_of_both, is_twin, keys_of, limits, numbered
from simulacra.kinds.base import likeness_of

SEARCHED = 10_000  # training objects at most: beyond, a random part is searched
NUMBERS = 2**25  # numbers that these may fill: 256 MiB
SLACK = 1.05  # sketches may be kept in single precision


@dataclass(frozen=True)
class Seen:
    """The twins among some samples of a model, held against those of unseen truth.

    Args:
        twins: how many of the model's samples have one.
        of: how many samples were looked at.
        expected: how many twins as many true samples would have, by the share of unseen truth's.
        p: of the count, over relabelings.
    """

    twins: int
    of: int
    expected: float
    p: float


@dataclass(frozen=True, eq=False)
class Watch:
    """Looks for twins; what concerns the training set and unseen truth is computed once.

    Since no sketch is farther away than its object, only samples whose sketch is near to a training object's are looked
    at closely: of a model that does not copy, hardly any.

    Args:
        known: the training objects.
        limit: the distance within which an object can be a twin.
        scale: the typical distance between true objects.
        unseen: true samples that the training does not see.
        twin: whether each of them has a twin all the same.
        permutations: for the p of a count.
        seed: of the relabelings.
    """

    known: Known
    limit: float
    scale: float
    unseen: Samples
    twin: Array
    permutations: int
    seed: int

    @classmethod
    def of(cls, train: Samples, unseen: Samples, permutations: int, seed: int) -> Watch:
        """From the training set and unseen truth, of a kind whose likeness is known."""
        rng = stream(seed, "ground of twins")
        most = max(10, min(SEARCHED, NUMBERS // max(1, train.array[0].size)))
        if len(train) > most:
            train = train[np.sort(rng.choice(len(train), most, replace=False))]
        likeness = likeness_of(train)
        scale = typical_distance(likeness, unseen, rng)
        bare = cls(
            Known.of(likeness, train), limits(likeness)[0] * scale, scale, unseen, np.zeros(0), permutations, seed
        )
        return cls(bare.known, bare.limit, scale, unseen, bare.find(unseen), permutations, seed)

    def find(self, x: Samples) -> Array:
        """Whether each sample has a twin among the training objects."""
        twin = np.zeros(len(x), dtype=bool)
        near = np.flatnonzero(self.known.least(x) <= SLACK * self.limit)
        if len(near):
            twin[near] = is_twin(self.known.nearest(x[near]), self.scale, self.known.likeness)
        return twin

    def __call__(self, model: Samples) -> Seen:
        """The count of twins, and its p: exact if the model's samples and unseen truth follow one law."""
        twin = self.find(model)
        expected = float(self.twin.mean() * len(model))
        if not twin.any():
            return Seen(0, len(model), expected, 1.0)
        unseen = self.unseen
        is_model = np.arange(len(model) + len(unseen)) < len(model)
        stratum = numbered([*keys_of(model, unseen), *keys_of(unseen, model)])
        found = count_twins(
            np.concatenate([twin, self.twin]),
            is_model,
            stratum,
            groups_of_both(model, unseen),
            stream(self.seed, "twins"),
            self.permutations,
        )
        return Seen(int(twin.sum()), len(model), expected, found.p)
