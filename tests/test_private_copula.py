"""A privacy budget: what noise promises, held against integrals; what one row may move; a table made behind it."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.core.samples import Column
from simulacra.domains.tables.privacy_budget import PrivacyBudget, delta_of, noisy
from simulacra.domains.tables.private_copula import learn, products, spans


@pytest.mark.parametrize(("mu", "epsilon"), [(0.3, 0.5), (1.0, 1.0), (2.0, 4.0)])
def test_delta_is_the_area_by_which_one_law_exceeds_the_other(mu: float, epsilon: float) -> None:
    def over(x: float) -> float:
        return float(stats.norm.pdf(x, mu) - np.exp(epsilon) * stats.norm.pdf(x))

    start = epsilon / mu + mu / 2  # from here on the one is larger
    area, _ = integrate.quad(over, start, start + 12)
    assert delta_of(mu, epsilon) == pytest.approx(area, rel=1e-6)


def test_the_noise_of_the_analytic_gaussian_mechanism_is_found() -> None:
    """Sensitivity 1, ε = 1, δ = 1e-5: the classical bound asks for 4.84, the exact one for 3.73."""
    sigma = 1 / PrivacyBudget(1.0, 1e-5).mu
    assert sigma == pytest.approx(3.7304, abs=1e-3)
    assert sigma < np.sqrt(2 * np.log(1.25e5))


def test_parts_of_a_budget_add_up_to_it() -> None:
    budget = PrivacyBudget(2.0, 1e-6)
    assert np.sum(np.square(budget.parts(0.1, 0.4, 0.5))) == pytest.approx(budget.mu**2)
    assert delta_of(budget.mu, 2.0) == pytest.approx(1e-6, rel=1e-6)


def test_two_answers_are_told_apart_no_better_than_the_budget_says() -> None:
    """The best test on many releases of two answers, with and without a row: its hits touch the bound, not more."""
    rng, n, budget = np.random.default_rng(0), 400_000, PrivacyBudget(1.0, 1e-2)
    mu = budget.parts(0.3, 0.7)
    seen = {}
    for row in (0.0, 1.0):
        answers = [noisy(np.full(n, row * size), size, part, rng) for size, part in zip((1.0, 2.0), mu, strict=True)]
        seen[row] = sum(a * part**2 / size for a, size, part in zip(answers, (1.0, 2.0), mu, strict=True))
    excess = []
    for t in np.quantile(seen[1.0], np.linspace(0.01, 0.999, 80)):
        hits, false = (seen[1.0] > t).mean(), (seen[0.0] > t).mean()
        error = np.sqrt((hits * (1 - hits) + np.e**2 * false * (1 - false)) / n)
        excess.append((hits - np.e * false - 1e-2) / error)
    assert max(excess) < 4.5  # of 80 thresholds, by chance
    assert max(excess) > -4.5  # and the noise is no larger than it must be


def test_one_row_moves_no_sum_of_products_by_more_than_its_sensitivity() -> None:
    rng, d = np.random.default_rng(1), 7
    z, upper, largest = rng.standard_normal((60, d)), np.triu_indices(d, 1), 0.0
    for extra in (*(1e3 * rng.standard_normal((50, d))), *rng.standard_normal((50, d)), np.full(d, 9.0)):
        before, length = products(z)
        after, _ = products(np.vstack([z, extra]))
        moved = float(np.linalg.norm((after - before)[upper]))
        assert moved <= length * (1 + 1e-12)
        largest = max(largest, moved / length)
    assert largest > 0.9


def patients(n: int, seed: int = 0) -> tuple[np.ndarray, list[Column]]:
    rng = np.random.default_rng(seed)
    age = np.round(np.clip(rng.normal(60, 12, n), 18, 99))
    sbp = np.round(90 + 0.7 * age + rng.normal(0, 9, n), 1)
    ill = (rng.random(n) < 1 / (1 + np.exp(-(sbp - 132) / 8))).astype(float)
    sbp[rng.random(n) < 0.1] = np.nan
    columns = [Column("age"), Column("sbp", gaps=True), Column("ill", levels=("no", "yes"))]
    return np.column_stack([age, sbp, ill]), columns


def test_a_row_moves_every_histogram_by_one_cell() -> None:
    """With all the budget on one answer and next to no noise, a table with a row more differs by one a column."""
    from simulacra.domains.tables.private_copula import _edges, _histograms, _places

    x, columns = patients(30)
    edges = [_edges(c, span) for c, span in zip(columns, ((0.0, 120.0), (50.0, 250.0), None), strict=True)]
    counts = []
    for rows in (x[:-1], x):
        places = np.column_stack([_places(c, e) for c, e in zip(rows.T, edges, strict=True)])
        counts.append(np.concatenate(_histograms(places, edges, 1e9, np.random.default_rng(0))))
    assert np.linalg.norm(counts[1] - counts[0]) == pytest.approx(np.sqrt(3), abs=1e-6)


def test_much_of_a_large_table_comes_through_a_modest_budget() -> None:
    x, columns = patients(5000)
    rng = np.random.default_rng(2)
    made = learn(x, columns, PrivacyBudget(1.0, 1e-6), rng, {"age": (0.0, 120.0)}).draw(5000, rng)
    assert np.nanmean(made[:, :2], axis=0) == pytest.approx(np.nanmean(x[:, :2], axis=0), rel=0.05)
    assert abs(made[:, 2].mean() - x[:, 2].mean()) < 0.05
    assert abs(np.isnan(made[:, 1]).mean() - 0.1) < 0.03
    known = ~np.isnan(made[:, 1])
    assert np.corrcoef(made[known, 0], made[known, 1])[0, 1] > 0.45
    assert (made[:, 0] == np.round(made[:, 0])).all()
    assert not np.isnan(made[:, [0, 2]]).any()


def test_of_a_small_table_a_strict_budget_lets_no_correlation_through() -> None:
    x, columns = patients(60)
    rng = np.random.default_rng(3)
    law = learn(x, columns, PrivacyBudget(0.05, 1e-9), rng, {"age": (0.0, 120.0), "sbp": (50.0, 250.0)})
    assert np.abs(law.correlation - np.eye(3)).max() < 0.9


def test_ranges_are_found_to_powers_of_two() -> None:
    x = np.column_stack([np.random.default_rng(4).uniform(20, 90, 4000), -np.random.default_rng(5).uniform(1, 3, 4000)])
    (low, high), (bottom, top) = spans(x, 1.0, np.random.default_rng(6))
    assert (low, high) == (16.0, 128.0)
    assert (bottom, top) == (-4.0, -1.0)


def test_the_command_promises_and_never_draws_the_same_noise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    x, _ = patients(300)
    text = "\n".join(f"{a:.0f},{'' if b != b else b},{'yes' if c else 'no'}" for a, b, c in x)
    (tmp_path / "t.csv").write_text(f"age [a],sbp,ill\n{text}\n", encoding="utf-8")
    made = []
    for name in ("one.csv", "two.csv"):
        asked = ("release", str(tmp_path / "t.csv"), "-o", str(tmp_path / name), "--epsilon", "3", "--range")
        assert main([*asked, "age=0:120", "-n", "50", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["epsilon"], found["rows"], found["ranges"]) == (3.0, 50, ["age"])
        made.append((tmp_path / name).read_text(encoding="utf-8"))
    assert made[0].splitlines()[0] == "age [a],sbp,ill"
    assert made[0] != made[1]
    assert main([*asked, "age=0:120"]) == 0
    assert "promised: ε = 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        (("--epsilon", "0"), "a number above 0"),
        (("--epsilon", "1", "--delta", "0.7"), "between 0 and 0.5"),
        (("--epsilon", "1", "--delta", "0.1"), "a whole row may be given away"),
        (("--epsilon", "1", "--range", "age=old"), "COLUMN=LOW:HIGH"),
        (("--epsilon", "1", "--range", "age=9:1"), "is empty"),
        (("--epsilon", "1", "--range", "height=0:9"), "columns of numbers"),
        (("--epsilon", "1", "-n", "-4"), "not negative"),
    ],
)
def test_bad_budgets_are_said(
    more: tuple[str, ...], wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.csv").write_text("age,b\n" + "\n".join(f"{k % 9}.5,{k % 7}.1" for k in range(40)), encoding="utf-8")
    assert main(["release", str(tmp_path / "t.csv"), "-o", str(tmp_path / "o.csv"), *more]) == 2
    assert wrong in capsys.readouterr().err
    with pytest.raises(BadInput):
        PrivacyBudget(-1.0, 1e-6)
