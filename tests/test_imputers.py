"""Filling in: the core against exact laws, every imputer on the shelf, and what a table must be."""

import warnings

import numpy as np
import pytest
from scipy import stats

from simulacra.core.errors import BadInput
from simulacra.core.samples import Column, Samples
from simulacra.core.shelf import import_file, shelf
from simulacra.domains.tables.filled import Filled
from simulacra.domains.tables.gaussian_copula import fit
from simulacra.domains.tables.margins import Graded, Leveled, Ranked, Stepped, ranked, straight
from simulacra.domains.tables.normal_gaps import Normal, known, law_given, log_density
from simulacra.domains.tables.removal import REMOVALS, removed
from simulacra.domains.tables.shifted_log import Logged, logged
from simulacra.imputers.base import Imputer, check, impute
from simulacra.imputers.gaussian_copula import GaussianCopula
from simulacra.imputers.gaussian_em import GaussianEM
from simulacra.imputers.nearest_rows import NearestRows
from simulacra.kinds.table import Table

NAMES = shelf("imputers").names()
COVARIANCE = np.array([[1.0, 0.8, 0.3], [0.8, 1.5, -0.2], [0.3, -0.2, 0.7]])
LAW = Normal(np.array([1.0, -2.0, 0.5]), COVARIANCE)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def drawn(n: int, seed: int = 0) -> np.ndarray:
    return LAW.mean + rng(seed).standard_normal((n, 3)) @ np.linalg.cholesky(COVARIANCE).T


def example(name: str) -> Imputer:
    made: Imputer = import_file(shelf("imputers").entry(name).path, "imputers").example()
    return made


@pytest.fixture(scope="module")
def patients() -> Samples:
    return Table().example(120, rng(5))


# ---- the normal law with gaps


def test_what_is_known_of_a_gap_is_the_regression_on_the_rest() -> None:
    z = np.array([[2.0, 9.9, 1.0], [9.9, 0.0, 9.9], [0.1, 0.2, 0.3]])
    gaps = np.array([[False, True, False], [True, False, True], [False, False, False]])
    found = known(z, gaps, LAW)
    for row in (0, 1):
        m, o = np.flatnonzero(gaps[row]), np.flatnonzero(~gaps[row])
        slope = COVARIANCE[np.ix_(m, o)] @ np.linalg.inv(COVARIANCE[np.ix_(o, o)])
        mean = LAW.mean[m] + slope @ (z[row, o] - LAW.mean[o])
        left = COVARIANCE[np.ix_(m, m)] - slope @ COVARIANCE[np.ix_(o, m)]
        assert np.allclose(found.mean[row, m], mean)
        assert np.allclose(found.variance[row, m], np.diag(left))
    assert np.array_equal(found.mean[2], z[2])


def test_draws_of_gaps_have_the_conditional_law() -> None:
    z = np.tile([[2.0, 0.0, 0.0]], (40_000, 1))
    gaps = np.tile([[False, True, True]], (40_000, 1))
    found = known(z, gaps, LAW, rng())
    assert found.drawn is not None
    slope = COVARIANCE[1:, :1] / COVARIANCE[0, 0]
    left = COVARIANCE[1:, 1:] - slope @ COVARIANCE[:1, 1:]
    apart = np.cov(found.drawn[:, 1:].T) - left
    assert np.abs(apart).max() < 5 * np.sqrt(2 / 40_000) * left.max()  # five standard errors of a variance
    assert np.allclose(found.spread[1:, 1:], 40_000 * left)


def test_the_density_of_what_is_there_is_scipys() -> None:
    z = drawn(4)
    gaps = np.array([[False, False, False], [True, False, False], [True, False, True], [True, True, True]])
    found = log_density(z, gaps, LAW)
    for row in range(3):
        o = np.flatnonzero(~gaps[row])
        own = stats.multivariate_normal(LAW.mean[o], COVARIANCE[np.ix_(o, o)]).logpdf(z[row, o])
        assert found[row] == pytest.approx(own)
    assert found[3] == 0.0


def test_the_law_given_rows_is_an_inverse_wishart_law() -> None:
    z, ridge = drawn(60), 1.0
    some = [law_given(z, ridge, r) for r in [rng()] for _ in range(3000)]
    scatter = (z - z.mean(axis=0)).T @ (z - z.mean(axis=0)) + ridge * np.eye(3)
    freedom = 60 + 3 + 1
    mean = scatter / (freedom - 3 - 1)
    covariances = np.array([one.covariance for one in some])
    error = covariances.std(axis=0) / np.sqrt(len(some))
    assert (np.abs(covariances.mean(axis=0) - mean) < 5 * error).all()
    means = np.array([one.mean for one in some])
    assert np.allclose(means.var(axis=0), np.diag(mean) / 60, rtol=0.15)


def test_em_finds_the_largest_likelihood_of_known_cells() -> None:
    x = drawn(400, 1)
    x[rng(2).random(x.shape) < 0.3] = np.nan
    columns = [Column(name) for name in "abc"]
    found = fit(x, straight(x, columns), rng(), ridge=1e-9)
    z = np.column_stack([m.limits(c)[0] for m, c in zip(found.margins, x.T, strict=True)])
    best = log_density(np.nan_to_num(z), np.isnan(z), found.law).sum()
    for k in range(20):
        nudge = 0.02 * rng(k).standard_normal((3, 3))
        other = Normal(found.law.mean + nudge[0], found.law.covariance + (nudge + nudge.T) / 2)
        assert log_density(np.nan_to_num(z), np.isnan(z), other).sum() < best


# ---- margins and the copula


def test_margins_are_chosen_by_what_columns_hold() -> None:
    n = 200
    x = np.column_stack([
        rng().normal(size=n), rng().integers(0, 4, n), np.maximum(rng(1).normal(size=n), 0), rng().integers(0, 3, n),
        rng().integers(0, 2, n),
    ])  # fmt: skip
    columns = [
        Column("a"),
        Column("b"),
        Column("c"),
        Column("d", levels=("x", "y", "z")),
        Column("e", levels=("n", "y")),
    ]
    kinds = [type(m) for m in ranked(x, columns)]
    assert kinds == [Ranked, Stepped, Stepped, Leveled, Graded]
    assert isinstance(logged(np.exp(x[:, :1]), columns[:1])[0], Logged)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_edge_of_a_shifted_logarithm_is_found(sign: float) -> None:
    x = sign * (3.0 + np.exp(0.6 * rng().standard_normal(4000)))
    margin = logged(x[:, None], [Column("a")])[0]
    assert isinstance(margin, Logged)
    assert margin.edge == pytest.approx(sign * 3.0, abs=0.15)
    z = margin.limits(x)[0]
    assert stats.kstest(z, "norm").pvalue > 1e-3
    assert np.allclose(margin.cells(z[:, None]), x)


def mixed(n: int, seed: int = 0) -> tuple[np.ndarray, list[Column], np.ndarray]:
    truth = np.array([[1, 0.7, 0.5, 0.3], [0.7, 1, 0.4, 0.2], [0.5, 0.4, 1, 0.6], [0.3, 0.2, 0.6, 1]])
    z = rng(seed).standard_normal((n, 4)) @ np.linalg.cholesky(truth).T
    x = np.column_stack([np.exp(z[:, 0]), z[:, 1] > 0.5, np.digitize(z[:, 2], [-1, 0, 1]), np.maximum(z[:, 3], 0)])
    return x.astype(float), [Column("a"), Column("b", levels=("no", "yes")), Column("c"), Column("d")], truth


def test_the_copula_finds_correlations_behind_mixed_columns_with_gaps() -> None:
    x, columns, truth = mixed(3000)
    x[rng(9).random(x.shape) < 0.2] = np.nan
    found = fit(x, ranked(x, columns), rng())
    assert np.abs(found.law.covariance - truth).max() < 0.08  # about four standard errors of a polychoric correlation
    made = found.draw(4000, rng(3))
    assert np.nanmean(x[:, 1]) == pytest.approx(made[:, 1].mean(), abs=0.04)
    assert set(np.unique(made[:, 2])) <= {0.0, 1.0, 2.0, 3.0}


def test_a_category_is_filled_by_what_goes_with_it() -> None:
    z = rng().standard_normal((1500, 2))
    kind = np.argmax(
        np.column_stack([2 * z[:, 0], 2 * z[:, 1], np.zeros(1500)]) + rng(1).gumbel(size=(1500, 3)), axis=1
    )
    x = np.column_stack([z, kind.astype(float)])
    gone = rng(2).random(1500) < 0.3
    y = x.copy()
    y[gone, 2] = np.nan
    columns = [Column("a"), Column("b"), Column("c", levels=("x", "y", "z"))]
    filled = fit(y, ranked(y, columns), rng()).filled(y, rng())
    often = np.bincount(kind[~gone]).max() / (~gone).sum()
    assert (filled[gone, 2] == x[gone, 2]).mean() > often + 0.15


def test_bars_on_the_wisconsin_table() -> None:
    """Over three sets of cells of each kind: .042 where cells are missing at random, .045 where others tell."""
    from simulacra.imputers.gaussian_em_of_logs import GaussianEMOfLogs
    from simulacra.skill.imputations import scored
    from simulacra.sources.tables.wisconsin_diagnostic import WisconsinDiagnostic

    table = WisconsinDiagnostic().read()
    for way, bar in (("MCAR", 0.042), ("MAR", 0.045)):
        errors = []
        for seed in range(3):
            out = removed(table.array, REMOVALS[way], 0.2, rng(seed))
            filled = impute(GaussianEMOfLogs(apart=1), table.but(x=np.where(out, np.nan, table.array)), 2, seed)
            errors.append(scored(filled, table, out)["rmse"])
        assert np.mean(errors) <= bar


# ---- every imputer


@pytest.mark.parametrize("name", NAMES)
def test_every_imputer_fills_all_gaps_and_nothing_else(name: str, patients: Samples) -> None:
    filled = impute(example(name), patients, 3, 1)
    gone = np.isnan(patients.array)
    assert filled.guess.shape == (gone.sum(),)
    assert filled.drawn.shape == (3, gone.sum())
    for table in (filled.best, *filled.tables()):
        assert np.isfinite(table.array).all()
        assert np.array_equal(table.array[~gone], patients.array[~gone])
        ward = table.array[:, 2]
        assert set(np.unique(ward)) <= {0.0, 1.0, 2.0}
    assert filled.carries is example(name).carries


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_fixes_what_is_filled_in(name: str, patients: Samples) -> None:
    first, again = (impute(example(name), patients[:60], 2, 7) for _ in range(2))
    assert np.array_equal(first.guess, again.guess)
    assert np.array_equal(first.drawn, again.drawn)


@pytest.mark.parametrize("name", NAMES)
def test_rows_that_were_not_learned_from_are_filled_too(name: str, patients: Samples) -> None:
    filling = example(name).fit(patients[:80], 0)
    filled = filling.impute(patients[80:], 2, rng())
    assert np.isfinite(filled.best.array).all()
    assert np.isnan(patients[80:].array).sum() == len(filled.guess)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("mean", "last_value")])
def test_every_imputer_beats_the_mean_where_columns_go_together(name: str) -> None:
    x = drawn(300, 3)
    gone = np.zeros(x.shape, dtype=bool)
    gone[:, 1] = rng(4).random(300) < 0.3
    table = Samples.of(np.where(gone, np.nan, x), "table", columns=[Column(c) for c in "abc"])
    imputer = shelf("imputers").load(name)(**({"steps": 250} if name in ("denoising_autoencoder", "miwae") else {}))
    error = np.sqrt(((impute(imputer, table, 1).guess - x[gone]) ** 2).mean())
    assert error < 0.85 * x[~gone[:, 1], 1].std()


def test_nearest_rows_are_scikit_learns() -> None:
    from sklearn.impute import KNNImputer

    x = drawn(80, 6)
    x[rng(7).random(x.shape) < 0.2] = np.nan
    x[np.isnan(x).all(axis=1), 0] = 0.0
    table = Samples.of(x, "table", columns=[Column(c) for c in "abc"])
    scale = np.nanstd(x, axis=0)
    theirs = KNNImputer(n_neighbors=5).fit_transform(x / scale) * scale
    assert np.allclose(impute(NearestRows(), table, 1).best.array, theirs)


def test_the_last_value_is_that_of_the_same_patient() -> None:
    x = np.array([[1.0, 5.0], [np.nan, 6.0], [np.nan, 7.0], [4.0, np.nan], [np.nan, 9.0]])
    group = ["p", "q", "p", "q", "q"]
    table = Samples.of(x, "table", group=group, columns=[Column("a"), Column("b")])
    filled = impute(example("last_value"), table, 1).best.array
    assert filled[:, 0].tolist() == [1.0, 4.0, 1.0, 4.0, 4.0]
    assert filled[3, 1] == 6.0


def test_draws_of_the_normal_law_are_as_uncertain_as_they_should_be() -> None:
    """Cells lie below the least of m draws, or above the largest, in two of m + 1 cases."""
    x = drawn(1200, 8)
    out = removed(x, REMOVALS["MAR"], 0.2, rng(1))
    table = Samples.of(np.where(out, np.nan, x), "table", columns=[Column(c) for c in "abc"])
    filled = impute(GaussianEM(), table, 9)
    inside = ((filled.drawn.min(axis=0) <= x[out]) & (x[out] <= filled.drawn.max(axis=0))).mean()
    assert abs(inside - 0.8) < 4 * np.sqrt(0.8 * 0.2 / out.sum())


# ---- what a table must be


def test_tables_that_cannot_be_filled_are_said() -> None:
    x = drawn(30)
    columns = [Column(c) for c in "abc"]
    x[:, 1] = np.nan
    with pytest.raises(BadInput, match="without a single value"):
        check(Samples.of(x, "table", columns=columns))
    with pytest.raises(BadInput, match="infinite"):
        check(Samples.of(np.where(np.isnan(x), np.inf, x), "table", columns=columns))
    with pytest.raises(BadInput, match="so few rows"):
        check(Samples.of(drawn(2), "table", columns=columns))


def test_too_many_columns_are_said_before_the_work() -> None:
    x = rng().standard_normal((5, 2001))
    table = Samples.of(x, "table", columns=[Column(str(k)) for k in range(2001)])
    with pytest.raises(BadInput, match="covariance"):
        impute(GaussianCopula(), table, 1)


@pytest.mark.parametrize("name", ["gaussian_copula", "gaussian_em", "gaussian_em_of_logs", "nearest_rows", "mean"])
def test_odd_tables_are_filled_all_the_same(name: str) -> None:
    """Ten rows, a constant column with a gap, a column with one known cell, one level only."""
    x = np.column_stack([drawn(10), np.full(10, 4.0), np.full(10, np.nan), np.zeros(10)])
    x[3, 3] = x[2, 0] = x[5, 5] = np.nan
    x[7, 4] = 2.5
    columns = [*(Column(c) for c in "abcde"), Column("f", levels=("only",))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        filled = impute(example(name), Samples.of(x, "table", columns=columns), 2)
    assert np.allclose(filled.best.array[3, 3], 4.0, atol=1e-6)
    assert np.allclose(filled.best.array[:, 4], 2.5, atol=1e-6)
    assert (filled.best.array[:, 5] == 0).all()


def test_more_columns_than_rows_are_no_obstacle() -> None:
    x = rng().standard_normal((12, 40))
    x[rng(1).random(x.shape) < 0.2] = np.nan
    table = Samples.of(x, "table", columns=[Column(str(k)) for k in range(40)])
    assert np.isfinite(impute(GaussianCopula(apart=1), table, 2).drawn).all()


def test_a_shift_moves_what_was_filled_into_one_column() -> None:
    x = np.array([[1.0, np.nan], [np.nan, 2.0], [3.0, 4.0]])
    table = Samples.of(x, "table", columns=[Column("a"), Column("b")])
    filled = Filled.of(table, np.ones((3, 2)), [np.zeros((3, 2))], True)
    moved = filled.shifted("b", -5.0)
    assert moved.guess.tolist() == [-4.0, 1.0]
    assert moved.drawn.tolist() == [[-5.0, 0.0]]
    with pytest.raises(BadInput, match="columns of numbers"):
        filled.shifted("z", 1.0)


# ---- cells taken out


@pytest.mark.parametrize("way", list(REMOVALS))
def test_cells_are_taken_out_in_the_share_that_was_asked(way: str) -> None:
    x = drawn(4000)
    gone = removed(x, REMOVALS[way], 0.2, rng())
    assert gone.mean() == pytest.approx(0.2, abs=0.02)
    assert (~gone).any(axis=1).all()
    depends = np.array([np.corrcoef(gone[:, k], x[:, k])[0, 1] for k in range(3) if gone[:, k].any()])
    if way == "MNAR":
        assert (depends > 0.3).all()
    if way == "MCAR":
        assert np.abs(depends).max() < 4 / np.sqrt(4000)
    if way == "MAR":
        assert (~gone).all(axis=0).sum() == 1  # three columns in ten stay whole


def test_own_gaps_are_not_taken_out_again() -> None:
    x = drawn(200)
    x[:50, 0] = np.nan
    assert not (removed(x, REMOVALS["MCAR"], 0.3, rng()) & np.isnan(x)).any()
    with pytest.raises(BadInput, match="share"):
        removed(x, REMOVALS["MCAR"], 1.5, rng())
