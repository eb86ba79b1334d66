"""Two views: a narrow direction among many that one side has lost, and values that one side has more often."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from simulacra.comparison.atoms import AtomsView
from simulacra.comparison.energy import EnergyView
from simulacra.comparison.rows import Rows, Sides, actual, pooled, relabeled
from simulacra.comparison.two_samples import compare
from simulacra.comparison.whitened import WhitenedView


def rows(x: np.ndarray) -> Rows:
    return Rows(x, np.zeros(len(x), dtype=int), np.arange(len(x)).astype(str))


def rotated(k: int, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(np.linalg.qr(rng.normal(size=(k, k)))[0])


def test_the_number_is_the_largest_eigenvalue_in_the_whitened_basis() -> None:
    """The eighth root of the eigenvalues' eighth powers, by a decomposition instead of by squarings."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (80, 4)) @ rng.normal(size=(4, 4))
    side = rng.permutation(np.arange(80) < 30).astype(float)
    found = WhitenedView.of(rows(x))(Sides([side[None]], [1 - side[None]]))[0]
    low, middle, high = np.quantile(x, (0.25, 0.5, 0.75), axis=0)
    z = np.clip((x - middle) / ((high - low) / 1.349), -6, 6)
    moments = z.T @ z / 80
    shrunk = 80 / 84 * moments + 4 / 84 * np.trace(moments) / 4 * np.eye(4)
    # as it is all the same up to a scale of each eigenvector, the generalized eigenvalues of the gap
    gap = z[side == 1].T @ z[side == 1] / 30 - z[side == 0].T @ z[side == 0] / 50
    sizes, basis = np.linalg.eigh(moments)
    scale = np.sqrt(80 / 84 * sizes + 4 / 84 * sizes.mean())
    values = np.linalg.eigvalsh((basis / scale).T @ gap @ (basis / scale))
    assert np.trace(shrunk) == pytest.approx(np.trace(moments))
    assert found == pytest.approx((values**8).sum() ** 0.125)


def test_atoms_are_counted_as_pearson_does() -> None:
    """Of one column of four levels: the farthest count, and the χ² of the table, each in its own units."""
    rng = np.random.default_rng(1)
    x = rng.choice([0.0, 1.0, 2.0, 5.0], size=(90, 1))
    side = rng.permutation(np.arange(90) < 40).astype(float)
    found = AtomsView.of(rows(x))(Sides([side[None]], [1 - side[None]]))[0]
    counts = np.array([[(side * (x[:, 0] == v)).sum(), ((1 - side) * (x[:, 0] == v)).sum()] for v in (0, 1, 2, 5)])
    total = counts.sum(axis=1)
    expected = np.outer(total, [40, 50]) / 90
    chi = ((counts - expected) ** 2 / expected).sum()
    # by relabeling, a count has the variance of the hypergeometric law, here with n for n - 1
    t = (counts[:, 0] - expected[:, 0]) / np.sqrt(40 * 50 * total * (90 - total) / 90**3)
    unit = 2 / (9 * 3)
    assert (t**2 * (1 - total / 90)).sum() == pytest.approx(chi)
    assert found == pytest.approx(max(np.abs(t).max(), (np.cbrt(chi / 3) - (1 - unit)) / np.sqrt(unit)))


def test_free_numbers_have_no_atoms() -> None:
    x = np.random.default_rng(2).normal(size=(40, 3))
    side = (np.arange(40) < 20).astype(float)[None]
    assert AtomsView.of(rows(x))(Sides([side], [1 - side])) == 0


def shrunk(n: int, rng: np.random.Generator) -> np.ndarray:
    x = rng.normal(size=(n, 50))
    x[:, 0] /= 10
    return np.asarray(x @ rotated(50, rng))


def copied(n: int, rng: np.random.Generator) -> np.ndarray:
    x = rng.normal(size=(n, 50))
    x[:, 1] = x[:, 0] + 0.05 * rng.normal(size=n)
    return np.asarray(x @ rotated(50, rng))


@pytest.mark.parametrize("spoil", [shrunk, copied])
def test_one_of_fifty_directions_is_seen(spoil: Callable[[int, np.random.Generator], np.ndarray]) -> None:
    """Seven views caught 1 and 2 of 10 at 200 rows a side; the least of five such p is now 0.005 each time."""
    rng = np.random.default_rng(3)
    assert all(compare(rows(spoil(200, rng)), rows(rng.normal(size=(200, 50))), rng, 199).p <= 0.05 for _ in range(4))


def test_ages_heaped_to_fives_are_seen() -> None:
    """Both sides are whole numbers, so that being equal to another says nothing: how often does."""
    rng = np.random.default_rng(4)
    caught = 0
    for _ in range(5):
        x, y = (np.round(rng.normal(50, 15, (400, 2))) for _ in range(2))
        x[:200, 0] = 5 * np.round(x[:200, 0] / 5)
        caught += compare(rows(x), rows(y), rng, 199).p <= 0.05
    assert caught >= 4


def test_a_code_among_rounded_values_is_seen() -> None:
    """3 % of a laboratory value coded 0, where the values themselves have ties."""
    rng = np.random.default_rng(5)
    caught = 0
    for _ in range(4):
        x, y = (np.round(rng.lognormal(1, 0.5, (400, 2)), 2) for _ in range(2))
        x[:12, 0] = 0
        caught += compare(rows(x), rows(y), rng, 199).p <= 0.05
    assert caught >= 3


def far_apart(shift: float, n: int, rng: np.random.Generator, each: int = 1) -> tuple[Rows, Rows]:
    """Two normal features, one set shifted; each row as often as is asked, as one group."""
    at = np.repeat(np.arange(n), each)
    sides = [rng.normal(size=(n, 2))[at] + by for by in (shift, 0.0)]
    return tuple(Rows(x, np.zeros(len(x), dtype=int), at.astype(str)) for x in sides)  # type: ignore[return-value]


def test_how_far_apart_two_laws_are_has_an_interval_that_holds() -> None:
    """95 of 100 intervals hold the truth: of 60 it may be missed 9 times, once in a thousand trials more often."""
    rng = np.random.default_rng(11)
    model, truth = far_apart(0.5, 3000, rng)
    view = EnergyView.of(pooled(model, truth)[0])
    true = view.apart(actual(*pooled(model, truth)), np.zeros(1))[0]
    missed = 0
    for repeat in range(60):
        both, is_model = pooled(*far_apart(0.5, 100, np.random.default_rng([12, repeat])))
        now, rng = actual(both, is_model), np.random.default_rng(repeat)
        view = EnergyView.of(both)
        null = np.concatenate([view(draw) for draw in relabeled(now, 39, 39, rng)])
        share, error = view.apart(now, null)
        missed += abs(share - true) > 1.96 * error
    assert missed <= 9


def test_rows_that_come_four_times_make_no_interval_narrower() -> None:
    once, often = (
        compare(*far_apart(1.0, 60, np.random.default_rng(3), k), np.random.default_rng(4), 99) for k in (1, 4)
    )
    assert often.apart_error == pytest.approx(once.apart_error, rel=0.15)


def test_a_lost_direction_of_a_hundred_is_seen() -> None:
    """All of up to 128 features are looked at; the 64 widest hardly hold a direction that one side has lost."""
    rng = np.random.default_rng([13, 100])
    x, y = rng.normal(size=(2, 600, 100))
    x[:, 0] /= 10
    turn = rotated(100, rng)
    both, is_model = pooled(rows(x @ turn), rows(y @ turn))
    now, view = actual(both, is_model), WhitenedView.of(both)
    null = np.concatenate([view(draw) for draw in relabeled(now, 59, 59, rng)])
    assert view(now)[0] > null.max()


def test_rows_without_any_width_are_no_harm() -> None:
    flat = np.ones((20, 150))
    both, is_model = pooled(rows(flat), rows(flat))
    assert np.isfinite(WhitenedView.of(both)(actual(both, is_model))).all()
