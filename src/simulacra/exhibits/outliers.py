"""How odd a sample is beside the training set, by what needs no deep learning: higher is odder."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import NearestNeighbors

from simulacra.baselines.pca import principal
from simulacra.core.errors import BadInput

Oddness = Callable[[Float[np.ndarray, "n D"]], Float[np.ndarray, " n"]]
"""From rows to how odd each is."""


def pca_reconstruction(train: Float[np.ndarray, "m D"], components: int = 50) -> Oddness:
    """The mean square of what a row holds beyond the training rows' leading principal directions."""
    if components < 1:
        raise BadInput("principal directions are one or more", f"components={components}", "take components=50")
    mean = train.mean(axis=0)
    directions = principal(train - mean, components)[1]

    def score(x: Float[np.ndarray, "n D"]) -> Float[np.ndarray, " n"]:
        centered = x - mean
        return np.asarray(np.square(centered - centered @ directions.T @ directions).mean(axis=1))

    return score


def isolation_forest(train: Float[np.ndarray, "m D"], trees: int = 200, seed: int = 0) -> Oddness:
    """How few cuts at random part a row from the training rows.

    References:
        Isolation Forest (Liu, Ting & Zhou, 2008), doi:10.1109/ICDM.2008.17
    """
    forest = IsolationForest(n_estimators=trees, random_state=seed).fit(train)
    return lambda x: -np.asarray(forest.score_samples(x))


def nearest_neighbors(train: Float[np.ndarray, "m D"], neighbors: int = 5) -> Oddness:
    """The mean distance to the nearest training rows.

    References:
        Efficient algorithms for mining outliers from large data sets (Ramaswamy et al., 2000),
        doi:10.1145/342009.335437
    """
    found = NearestNeighbors(n_neighbors=min(neighbors, len(train))).fit(train)
    return lambda x: np.asarray(found.kneighbors(x)[0].mean(axis=1))
