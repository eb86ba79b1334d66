"""Autoregressive series: exact conditional laws of the days to come, whatever is missing in those behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from simulacra.core.samples import Array


@dataclass(frozen=True, eq=False)
class States:
    """What is known of the last p values at each of N origins.

    Args:
        mean: their means, the newest first, (N, p).
        cov: their covariances, (N, p, p); all zeros where they were measured.
    """

    mean: Array
    cov: Array


@dataclass(frozen=True, eq=False)
class Autoregressive:
    r"""The stationary law $z_t = \sum_{j=1}^p \phi_j z_{t-j} + \sigma\,\epsilon_t$ of mean zero.

    Args:
        phi: the coefficients, the newest value's first, (p,); all roots within the unit circle.
        sigma: of the innovations.
    """

    phi: Array
    sigma: float

    @property
    def companion(self) -> Array:
        """The matrix that takes the last p values to the next p, (p, p)."""
        return np.vstack([self.phi, np.eye(len(self.phi))[:-1]])

    def stationary(self) -> Array:
        """Covariance of p successive values, (p, p)."""
        noise = np.zeros((len(self.phi),) * 2)
        noise[0, 0] = self.sigma**2
        return np.asarray(solve_discrete_lyapunov(self.companion, noise))

    def ahead(self, horizon: int) -> tuple[Array, Array]:
        """Rows that take the last p values to the mean of each next day, (H, p); variances of what is new, (H,)."""
        rows = np.empty((horizon, len(self.phi)))
        row = np.asarray(self.phi, dtype=float)
        for h in range(horizon):
            rows[h] = row
            row = row @ self.companion
        psi = np.concatenate([[1.0], rows[: horizon - 1, 0]])
        return rows, self.sigma**2 * np.cumsum(psi**2)

    def forecast(self, states: States, horizon: int) -> tuple[Array, Array]:
        """Means and variances of the next days, (N, H) each."""
        rows, fresh = self.ahead(horizon)
        mean = states.mean @ rows.T
        variance = np.broadcast_to(fresh, mean.shape).copy()
        unsure = states.cov.any(axis=(1, 2))
        if unsure.any():
            variance[unsure] += np.einsum("hi,nij,hj->nh", rows, states.cov[unsure], rows, optimize=True)
        return mean, variance

    def filter(self, z: Array, at: Array) -> States:
        """The states at origins, given everything up to them and nothing later (a Kalman filter, exact).

        Args:
            z: the series, (S, T), NaN where nothing was measured.
            at: origins: place of the series, place of the day, (N, 2).

        Returns:
            N states.
        """
        p = len(self.phi)
        count = len(z)
        last = int(at[:, 1].max()) + 1 if len(at) else 0
        known = np.isfinite(z[:, :last])
        # where the last p values are all known the state is they themselves, without error: only what lies near gaps
        # and near the beginning is filtered
        run = np.cumsum(known, axis=1)
        behind = np.concatenate([np.zeros((count, min(p, last)), int), run[:, : max(last - p, 0)]], axis=1)
        whole = run - behind == p
        filled = np.where(known, z[:, :last], 0.0)
        order = np.argsort(at[:, 1], kind="stable")
        when = at[order, 1]
        mean = np.zeros((len(at), p))
        cov = np.zeros((len(at), p, p))
        sure = whole[at[:, 0], at[:, 1]]
        back = at[sure, 1, None] - np.arange(p)
        mean[sure] = filled[at[sure, 0, None], back]
        m, c = np.zeros((count, p)), np.broadcast_to(self.stationary(), (count, p, p)).copy()
        dirty_days = np.flatnonzero(~whole.all(axis=0))
        for t in dirty_days:
            at_work = np.flatnonzero(~whole[:, t])
            if t > 0:
                fresh = at_work[whole[at_work, t - 1]]
                if len(fresh):  # they come from a day on which everything was known
                    m[fresh] = filled[fresh[:, None], t - 1 - np.arange(p)]
                    c[fresh] = 0.0
                m[at_work], c[at_work] = self._next(m[at_work], c[at_work])
            seen = at_work[known[at_work, t]]
            if len(seen):
                m[seen], c[seen] = _measured(m[seen], c[seen], filled[seen, t])
            first, end = np.searchsorted(when, [t, t + 1])
            here = order[first:end]
            here = here[~sure[here]]
            mean[here], cov[here] = m[at[here, 0]], c[at[here, 0]]
        return States(mean, cov)

    def _next(self, m: Array, c: Array) -> tuple[Array, Array]:
        """One day on, nothing measured yet."""
        cross = c @ self.phi
        m = np.concatenate([(m @ self.phi)[:, None], m[:, :-1]], axis=1)
        on = np.empty_like(c)
        on[:, 1:, 1:] = c[:, :-1, :-1]
        on[:, 0, 1:] = on[:, 1:, 0] = cross[:, :-1]
        on[:, 0, 0] = cross @ self.phi + self.sigma**2
        return m, on

    def draw(self, n: int, steps: int, rng: np.random.Generator) -> Array:
        """n independent stationary series, (n, steps)."""
        from scipy.signal import lfilter, lfiltic

        p = len(self.phi)
        past = rng.multivariate_normal(np.zeros(p), self.stationary(), size=n, method="eigh")  # the newest first
        noise = self.sigma * rng.standard_normal((n, steps))
        polynomial = np.concatenate([[1.0], -np.asarray(self.phi)])
        initial = np.array([lfiltic([1.0], polynomial, y=row) for row in past]).reshape(n, p)
        return np.asarray(lfilter([1.0], polynomial, noise, axis=1, zi=initial)[0])


def _measured(m: Array, c: Array, value: Array) -> tuple[Array, Array]:
    """The state once the newest value is known, without error."""
    gain = c[:, :, 0] / np.maximum(c[:, 0, 0], 1e-300)[:, None]
    m = m + gain * (value - m[:, 0])[:, None]
    c = c - gain[:, :, None] * c[:, None, :, 0]
    m[:, 0] = value
    c[:, 0, :] = c[:, :, 0] = 0.0
    return m, c


def stable(phi: Array, radius: float = 0.999) -> Array:
    """The coefficients, with every root drawn back to this radius where one lies beyond."""
    if not len(phi):
        return phi
    largest = float(np.abs(np.linalg.eigvals(np.vstack([phi, np.eye(len(phi))[:-1]]))).max())
    return phi if largest <= radius else np.asarray(phi * (radius / largest) ** np.arange(1, len(phi) + 1))


def fitted(z: Array, order: int) -> Autoregressive:
    r"""The autoregression of series of mean zero, by least squares over all series together.

    Of the days whose last `order` are all known. Where they are fewer than ten for each coefficient, the order is
    lowered; where not even two days follow each other, a memory $\rho^{\text{lag}}$ is read from the shortest lag that
    has thirty pairs. Roots beyond 0.999 are drawn back, so that a law of long horizons exists.

    Args:
        z: the series, (S, T), NaN where nothing was measured.
        order: how many days back, p.
    """
    total = float(np.nanmean(z**2)) if np.isfinite(z).any() else 1.0
    for p in range(min(order, z.shape[1] - 1), 0, -1):
        windows = np.lib.stride_tricks.sliding_window_view(z, p + 1, axis=1)
        # sums of products, a series at a time: windows of hundreds of long series would not fit the memory
        products, rows = np.zeros((p + 1, p + 1)), 0
        for each in windows:
            whole = each[np.isfinite(each).all(axis=1)]
            products += whole.T @ whole
            rows += len(whole)
        if rows < 10 * (p + 1):
            continue
        raw = np.linalg.lstsq(products[:-1, :-1], products[:-1, -1], rcond=1e-10)[0]
        phi = stable(raw[::-1])
        back = phi[::-1]
        square = products[-1, -1] - 2 * back @ products[:-1, -1] + back @ products[:-1, :-1] @ back
        return Autoregressive(phi, float(np.sqrt(max(square / max(rows - p, 1), 1e-12 * total, 1e-24))))
    rho = 0.0
    for lag in range(1, z.shape[1]):
        pairs = z[:, lag:] * z[:, :-lag]
        if np.isfinite(pairs).sum() >= 30:
            rho = min(max(float(np.nanmean(pairs)) / max(total, 1e-24), 0.0), 0.999) ** (1 / lag)
            break
    return Autoregressive(np.array([rho]), float(np.sqrt(max(total * (1 - rho**2), 1e-24))))
