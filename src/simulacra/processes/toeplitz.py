"""Covariances on a regular grid: exact algebra in O(n²) time and O(n) memory, days without a value included."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from simulacra.core.errors import Diverged, extra
from simulacra.core.samples import Array

with extra("make"):
    from numba import njit

COLUMNS = 16  # at once, so that they stay near the processor


def _compiled(function: Callable[[Array], tuple[Array, float, float]]) -> Callable[[Array], tuple[Array, float, float]]:
    """Machine code, kept on disk for the next process where the disk can be written; NaN stays NaN."""
    plain = inspect.unwrap(function)  # a type checker may have wrapped it; numba reads the bare bytecode
    freely = {"reassoc", "contract", "nsz"}  # sums may be taken in any order
    try:
        machine: Callable[[Array], tuple[Array, float, float]] = njit(cache=True, fastmath=freely)(plain)
    except RuntimeError:  # numba found no folder to write its cache to
        machine = njit(fastmath=freely)(plain)
    return machine


@_compiled
def durbin(r: Array) -> tuple[Array, float, float]:
    """The first column of the inverse, log-determinant and the last prediction error of a Toeplitz matrix.

    The error is at or below 0 where the matrix is not positive definite.

    References:
        The fitting of time-series models (Durbin, 1960), doi:10.2307/1401322
    """
    n = len(r)
    a = np.zeros(n)
    turned = r[::-1].copy()
    a[0], error = 1.0, r[0]
    log_det = np.log(error) if error > 0 else 0.0
    for k in range(1, n):
        if not error > 0:
            return a, log_det, error
        # sum over j < k of a[j] r[k - j], both read forward
        part = turned[n - 1 - k : n - 1]
        total = 0.0
        for j in range(k):
            total += a[j] * part[j]
        reflection = -total / error
        a[k] = 0.0
        i, j = 0, k
        while i < j:
            left, right = a[i], a[j]
            a[i] = left + reflection * right
            a[j] = right + reflection * left
            i += 1
            j -= 1
        if i == j:
            a[i] *= 1 + reflection
        error *= 1 - reflection * reflection
        if error > 0:
            log_det += np.log(error)
    if error > 0:
        a /= error
    return a, log_det, error


@dataclass(frozen=True, eq=False)
class Inverse:
    r"""The inverse of a covariance on a grid of n times, of which all or some were observed.

    $K^{-1} = (L_u L_u^T - L_v L_v^T) / u_0$ with $u$ its first column and $L$ lower triangular Toeplitz, so that a
    product costs O(n log n). Times without a value are taken out exactly: the observed block's inverse, filled up by
    zeros, is $K^{-1} - W W^T$ with as many columns in W as there are such times.

    Args:
        r: covariance at lag 0, 1, …, n − 1, the noise included.
        u: first column of the whole inverse, (n,).
        gone: W, (n, G).
        seen: places of the observed times, ascending.
        log_det: of the observed block of the covariance.

    References:
        On the inversion of finite Toeplitz matrices and their continuous analogs (Gohberg & Semencul, 1972)
    """

    r: Array
    u: Array
    gone: Array
    seen: Array
    log_det: float

    def solve(self, b: Array) -> Array:
        """P b for b (n, M) with zeros at what was not observed: the observed block's inverse times b."""
        x = self._once(b)
        rest = np.zeros_like(x)
        rest[self.seen] = b[self.seen] - product(self.r, x)[self.seen]
        return np.asarray(x + self._once(rest))  # improved by its residual

    def _once(self, b: Array) -> Array:
        x = _whole_solve(self.u, b) - self.gone @ (self.gone.T @ b)
        x[np.setdiff1d(np.arange(len(x)), self.seen)] = 0.0  # there it is nothing but rounding
        return np.asarray(x)

    def diagonals(self) -> Array:
        """The sum of P over its k-th diagonal, k = 0 … n − 1."""
        n = len(self.u)
        left = np.arange(n, 0, -1)[:, None]
        u, v = self.u[:, None], np.concatenate([[0.0], self.u[:0:-1]])[:, None]
        whole = (correlation(left * u, u) - correlation(left * v, v)) / self.u[0]
        return np.asarray(whole - correlation(self.gone, self.gone) if self.gone.shape[1] else whole)


def inverse_of(r: Array, seen: Array) -> Inverse:
    """The inverse of the covariance with these lags at the observed places.

    Args:
        r: covariance at lag 0, 1, …, n − 1, the noise included.
        seen: places of the observed times, ascending, the first 0 and the last n − 1.
    """
    u, log_det, error = durbin(np.ascontiguousarray(r, dtype=float))
    if not (error > 0 and np.isfinite(log_det) and np.isfinite(u).all()):
        raise singular(f"{len(r)} times on a grid, variance {r[0]:.3g}")
    missing = np.setdiff1d(np.arange(len(r)), seen)
    gone = np.zeros((len(r), len(missing)))
    if len(missing):
        gone[missing, np.arange(len(missing))] = 1.0
        gone = _whole_solve(u, gone)
        try:
            c = cholesky(0.5 * (gone[missing] + gone[missing].T), lower=True)
        except LinAlgError as error_of_gaps:
            raise singular(f"{len(missing)} of {len(r)} times without a value") from error_of_gaps
        gone = solve_triangular(c, gone.T, lower=True).T
        log_det += 2 * float(np.log(np.diag(c)).sum())
    return Inverse(np.asarray(r), u, gone, seen, float(log_det))


def singular(given: str) -> Diverged:
    """The error for a covariance that cannot be factored."""
    return Diverged(
        "this covariance cannot be factored: to 16 digits, some values follow from others",
        given,
        "add noise, shorten the kernel's length or take a rougher kernel (Matern32), drop (nearly) duplicate times",
    )


def correlation(a: Array, b: Array) -> Array:
    """Sums of a[j + k] b[j] over j and over the columns, for k = 0 … n − 1, of a and b (n, M)."""
    n = len(a)
    size = next_fast_len(2 * n - 1, real=True)
    power: Any = 0.0
    for first in range(0, a.shape[1], COLUMNS):
        left, right = (rfft(np.ascontiguousarray(c[:, first : first + COLUMNS].T), size) for c in (a, b))
        power = power + (left * np.conj(right)).sum(axis=0)
    return np.asarray(irfft(power, size)[:n])


def product(r: Array, b: Array) -> Array:
    """The symmetric Toeplitz matrix of r, (n,), times b, (n, M)."""
    n = len(r)
    size = next_fast_len(2 * n - 1, real=True)
    circle = np.zeros(size)
    circle[:n] = r
    circle[size - n + 1 :] = r[:0:-1]
    rows = np.ascontiguousarray(b.T)
    return np.asarray(irfft(rfft(circle) * rfft(rows, size), size)[:, :n].T)


def _whole_solve(u: Array, b: Array) -> Array:
    """The inverse of the whole grid times b, (n, M), some columns at a time."""
    found = np.empty(b.shape[::-1])
    for first in range(0, b.shape[1], COLUMNS):
        rows = np.ascontiguousarray(b[:, first : first + COLUMNS].T, dtype=float)
        found[first : first + COLUMNS] = _gohberg_semencul(u, rows)
    return found.T


def _gohberg_semencul(u: Array, rows: Array) -> Array:
    """The inverse with first column u times each row, (M, n)."""
    n = len(u)
    size = next_fast_len(2 * n - 1, real=True)
    image = rfft(rows, size)
    total: Any = 0.0
    for sign, column in ((1.0, u), (-1.0, np.concatenate([[0.0], u[:0:-1]]))):
        wave = rfft(column, size)
        total = total + sign * wave * rfft(irfft(np.conj(wave) * image, size)[:, :n], size)
    return np.asarray(irfft(total, size)[:, :n] / u[0])


def draw(r: Array, n: int, rng: np.random.Generator) -> Array:
    """n series of len(r) times with these covariances at lags 0, 1, …, (n, T); exact, by circulant embedding.

    Where the circle of twice the length is no covariance, by a Cholesky factor instead.

    References:
        Fast and exact simulation of stationary Gaussian processes through circulant embedding of the covariance matrix
        (Dietrich & Newsam, 1997), doi:10.1137/S1064827592240555
    """
    t = len(r)
    circle = np.concatenate([r, r[-2:0:-1]])
    power = np.fft.fft(circle).real
    if power.min() < -1e-9 * power.max():
        from scipy.linalg import toeplitz

        try:
            lower = cholesky(toeplitz(r), lower=True)
        except LinAlgError as error:
            raise singular(f"{t} times to draw") from error
        return np.asarray(rng.standard_normal((n, t)) @ lower.T)
    scale = np.sqrt(np.maximum(power, 0.0) / len(circle))
    noise = rng.standard_normal((n, len(circle))) + 1j * rng.standard_normal((n, len(circle)))
    return np.asarray(np.fft.fft(scale * noise).real[:, :t])
