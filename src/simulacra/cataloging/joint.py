"""Sources that overlap, taken together: the information that their pixels share, joint steps and joint error bars."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.linalg import spsolve
from scipy.spatial import cKDTree

from simulacra.cataloging.field import Field
from simulacra.cataloging.fitting import Source
from simulacra.cataloging.newton import LIMITS
from simulacra.core.samples import Array
from simulacra.domains.photometry.overlap import crossed, pulled
from simulacra.domains.photometry.pixel_light import slopes
from simulacra.domains.photometry.source_prior import SourcePrior, log_prior

NEIGHBORS = 10
"""Most neighbors that widen a source's error bars: those that share the most."""


class Blend:
    """The normal equations of all sources of a field, linear about where they are.

    Args:
        field: whose model holds the sources' light.
        sources: as they are.
        prior: in the field's bands and pixels.
        reach: pixels beyond which two sources are taken to share nothing.
    """

    def __init__(self, field: Field, sources: list[Source], prior: SourcePrior, reach: float = float("inf")) -> None:
        self.field, self.sources, self.prior, self.reach = field, sources, prior, reach
        self.numbers = [s.placed() for s in sources]
        self.sizes = np.array([len(x) for x in self.numbers], dtype=int)
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)]).astype(int)
        self.weight = [e.good / m for e, m in zip(field.exposures, field.model, strict=True)]
        self.slopes = [self._slopes(s, x) for s, x in zip(sources, self.numbers, strict=True)]
        self.pairs = self._pairs()
        self.blocks: dict[tuple[int, int], Array] = {}
        for a, b in self.pairs:
            self.blocks[a, b] = self._information(a, b)
        self.gradient = np.zeros(self.starts[-1])
        self._own()

    def _slopes(self, source: Source, numbers: Array) -> tuple[Array, Array]:
        bands = len(self.field.bands)
        corner, left = self.field.corners(*source.at, source.half)
        psf = self.field.psf(*source.at, left)
        side, spot = 2 * source.half + 1, len(numbers) - bands
        inner = numbers.copy()
        inner[:2] -= np.rint(source.at) - source.half
        out = np.zeros((bands, 1 + spot, side, side))
        for b in range(bands):
            slopes(out[b], inner[:spot], psf[b])
            out[b] *= self.field.gain[b] * np.exp(numbers[spot + b])
        return out, corner

    def _pairs(self) -> list[tuple[int, int]]:
        if len(self.sources) < 2:
            return []
        tree = cKDTree([x[:2] for x in self.numbers])
        reach = np.array([s.half for s in self.sources])
        out = []
        for k, x in enumerate(self.numbers):
            for m in tree.query_ball_point(x[:2], min(2.0 * reach[k], self.reach)):
                away = np.abs(self.numbers[m][:2] - x[:2]).max()
                if m != k and away < reach[k] + reach[m] and (reach[m], m) < (reach[k], k):
                    out.append((k, m))
        return out

    def _information(self, a: int, b: int) -> Array:
        (da, ca), (db, cb) = self.slopes[a], self.slopes[b]
        spot, other = da.shape[1] - 1, db.shape[1] - 1
        out = np.zeros((self.sizes[a], self.sizes[b]))
        for band, weight in enumerate(self.weight):
            f = crossed(da[band], ca[band], db[band], cb[band], weight)
            out[:spot, :other] += f[1:, 1:]
            out[:spot, other + band] += f[1:, 0]
            out[spot + band, :other] += f[0, 1:]
            out[spot + band, other + band] += f[0, 0]
        return out

    def _own(self) -> None:
        """Each source's own information and gradient, with its prior's."""
        residual = [
            np.where(e.good, e.counts / m - 1, 0.0) for e, m in zip(self.field.exposures, self.field.model, strict=True)
        ]
        for k, (source, numbers) in enumerate(zip(self.sources, self.numbers, strict=True)):
            d, corner = self.slopes[k]
            spot = d.shape[1] - 1
            _, pull, stiff = log_prior(numbers, *self.prior.of(source.kind).terms())
            self.blocks[k, k] = self._information(k, k) + stiff
            g = pull.copy()
            for band, r in enumerate(residual):
                one = pulled(d[band], corner[band], r)
                g[:spot] += one[1:]
                g[spot + band] += one[0]
            self.gradient[self.starts[k] : self.starts[k + 1]] = g

    def matrix(self) -> csr_matrix:
        """The whole information, sparse."""
        rows, columns, values = [], [], []
        for (a, b), block in self.blocks.items():
            i, j = np.indices(block.shape)
            i, j = i + self.starts[a], j + self.starts[b]
            pairs = [(i, j)] if a == b else [(i, j), (j, i)]
            for r, c in pairs:
                rows.append(r.ravel())
                columns.append(c.ravel())
                values.append(block.ravel())
        size = self.starts[-1]
        where = (np.concatenate(rows), np.concatenate(columns))
        return csr_matrix(coo_matrix((np.concatenate(values), where), shape=(size, size)))

    def step(self, damping: float = 1e-2) -> list[Array]:
        """New numbers of all sources after one joint step, no number moved farther than its limit."""
        whole = self.matrix()
        whole = whole + damping * diags(whole.diagonal())
        move = np.atleast_1d(spsolve(whole.tocsc(), self.gradient))
        out = []
        for k, x in enumerate(self.numbers):
            one = move[self.starts[k] : self.starts[k + 1]]
            limit = np.ones(len(x))
            spot = len(x) - len(self.field.bands)
            limit[:spot] = 0.5 * LIMITS[:spot]
            out.append(x + one / max(1.0, float(np.max(np.abs(one) / limit))))
        return out

    def covariance(self, k: int) -> Array:
        """Of source k's numbers, its nearest neighbors not known either."""
        most = {m: np.diag(self.blocks[m, m]).max() for pair, _ in self._around(k) for m in pair}
        shared = [
            (float(np.abs(block).max() / np.sqrt(most[a] * most[b])), b if a == k else a)
            for (a, b), block in self._around(k)
        ]
        near = [k, *(m for _, m in sorted(shared, reverse=True)[:NEIGHBORS])]
        starts = np.concatenate([[0], np.cumsum(self.sizes[near])])
        whole = np.zeros((starts[-1], starts[-1]))
        for i, a in enumerate(near):
            for j, b in enumerate(near):
                block = self.blocks.get((a, b))
                back = self.blocks.get((b, a)) if block is None else None
                if block is not None:
                    whole[starts[i] : starts[i + 1], starts[j] : starts[j + 1]] = block
                elif back is not None:
                    whole[starts[i] : starts[i + 1], starts[j] : starts[j + 1]] = back.T
        inverse = np.linalg.inv(whole)[: self.sizes[k], : self.sizes[k]]
        if np.diag(inverse).min() <= 0:  # a part of the whole need not be positive: then the source stands alone
            inverse = np.linalg.inv(self.blocks[k, k])
        return np.asarray((inverse + inverse.T) / 2)

    def _around(self, k: int) -> list[tuple[tuple[int, int], Array]]:
        if not hasattr(self, "_index"):
            self._index: dict[int, list[tuple[int, int]]] = {}
            for pair in self.pairs:
                for one in pair:
                    self._index.setdefault(one, []).append(pair)
        return [(pair, self.blocks[pair]) for pair in self._index.get(k, [])]


def together(
    field: Field, sources: list[Source], prior: SourcePrior, rounds: int = 6, reach: float = float("inf")
) -> None:
    """Joint steps of all sources; one that worsens the posterior is taken back and damped more strongly."""
    damping, value = 1e-2, _value(field, sources, prior)
    for _ in range(rounds):
        blend = Blend(field, sources, prior, reach)
        new = blend.step(damping)
        _move(field, sources, blend.numbers, new)
        now = _value(field, sources, prior)
        if now < value:
            _move(field, sources, new, blend.numbers)
            damping *= 10
            continue
        gained, value, damping = now - value, now, max(damping / 5, 1e-6)
        if gained < 0.05:
            break


def _move(field: Field, sources: list[Source], old: list[Array], new: list[Array]) -> None:
    for source, a, b in zip(sources, old, new, strict=True):
        field.paint(a, source.half, source.at, -1.0)
        source.painted = field.paint(b, source.half, source.at, 1.0)
        source.found[source.kind].mode[:] = b
        source.found[source.kind].mode[:2] -= np.rint(source.at) - source.half


def _value(field: Field, sources: list[Source], prior: SourcePrior) -> float:
    total = 0.0
    for e, m in zip(field.exposures, field.model, strict=True):
        total += float((np.where(e.good, e.counts * np.log(np.maximum(m, 1e-9)) - m, 0.0)).sum())
    for s in sources:
        total += log_prior(s.placed(), *prior.of(s.kind).terms())[0]
    return total
