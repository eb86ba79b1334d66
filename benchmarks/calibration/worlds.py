"""True samples of each kind, independent or in groups of dependent ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.lattice.ising_chains import plan
from simulacra.domains.lattice.ising_moves import Metropolis
from simulacra.sources.lattice.ising import Ising
from simulacra.sources.sky.gaussian_field import GaussianField

SIDE, TEMPERATURES = 8, (2.27, 3.0)
FEATURES, LIKENESS = 6, 0.6  # numbers of a vector; the share of variance that members of a group have in common


def draw(kind: str, n: int, members: int, rng: np.random.Generator) -> Samples:
    """n true samples; `members` to a group, next to one another.

    Lattices come at two temperatures, group by group in turn. Those of a group are states of one chain, a sweep apart.
    """
    x = KINDS[kind](n, members, rng)
    group = (np.arange(n) // members).astype(str)
    given = {"temperature": np.array(TEMPERATURES)[np.arange(n) // members % 2]} if kind == "lattice" else {}
    return Samples.of(x, kind, given=given, group=group)


def vectors(n: int, members: int, rng: np.random.Generator) -> Array:
    """Correlated, skewed numbers."""
    z = _bound(lambda count: rng.standard_normal((count, FEATURES)), n, members)
    root = np.linalg.cholesky(np.full((FEATURES, FEATURES), 0.4) + 0.6 * np.eye(FEATURES))
    return np.exp(0.5 * z @ root.T)


def fields(n: int, members: int, rng: np.random.Generator) -> Array:
    """Gaussian fields of 16 × 16."""
    return _bound(lambda count: GaussianField(16).draw(count, rng).array, n, members)


def lattices(n: int, members: int, rng: np.random.Generator) -> Array:
    """Ising states of 8 × 8, half of them a hair above the transition."""
    if members == 1:
        return Ising(SIDE, TEMPERATURES).draw(n, rng).array
    groups = np.empty((n // members, members, SIDE, SIDE), dtype=np.int8)
    for i, temperature in enumerate(TEMPERATURES):
        groups[i::2] = _chains(len(groups[i::2]), members, temperature, rng)
    return groups.reshape(n, SIDE, SIDE)


def pictures(n: int, members: int, rng: np.random.Generator) -> Array:
    """Elongated blobs of color on a noisy sky, 16 × 16; those of a group show one blob under different noise."""
    groups, side = n // members, 16
    place = np.arange(side) - side / 2 + 0.5
    x = place[None, None, :] - rng.normal(0, 1, (groups, 1, 1))
    y = place[None, :, None] - rng.normal(0, 1, (groups, 1, 1))
    angle, scale, ratio = (rng.uniform(low, high, (groups, 1, 1)) for low, high in ((0, np.pi), (1, 3), (0.5, 1)))
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    light = np.exp(-np.hypot(along, across / ratio) / scale)[..., None] * rng.uniform(0.4, 0.8, (groups, 1, 1, 3))
    return (np.repeat(light, members, axis=0) + rng.uniform(0.01, 0.03, (n, side, side, 3))).astype(np.float32)


KINDS: dict[str, Callable[[int, int, np.random.Generator], Array]] = {
    "vector": vectors,
    "field": fields,
    "lattice": lattices,
    "picture": pictures,
}


def _bound(independent: Callable[[int], Array], n: int, members: int) -> Array:
    """Gaussian numbers of which the members of a group have a part in common."""
    if members == 1:
        return independent(n)
    common = np.repeat(independent(n // members), members, axis=0)
    return np.sqrt(LIKENESS) * common + np.sqrt(1 - LIKENESS) * independent(n)


def _chains(groups: int, members: int, temperature: float, rng: np.random.Generator) -> Array:
    """States of one chain a sweep apart; from group to group the chain forgets."""
    how = plan(SIDE, temperature, Metropolis)
    chains = Metropolis(SIDE, temperature, 64, rng)
    chains.advance(how.equilibration)
    found: list[Array] = []
    while sum(map(len, found)) < groups:
        looks = []
        for _ in range(members):
            looks.append(chains.spins())
            chains.advance(1)
        found.append(np.stack(looks, axis=1))
        chains.advance(how.spacing)
    sign = rng.choice(np.array([-1, 1], dtype=np.int8), (groups, 1, 1, 1))
    return np.asarray(np.concatenate(found)[:groups] * sign)
