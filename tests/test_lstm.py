"""The LSTM that gives a law, and the one that gives a mean: against exact laws, and against the article."""

import numpy as np
import pytest
import torch

from simulacra.core.data import find
from simulacra.core.errors import BadInput
from simulacra.domains.series.panel import Panel
from simulacra.forecasters.base import origins, truth_at
from simulacra.forecasters.lstm import LSTM, Scale
from simulacra.forecasters.window_lstm import WindowLSTM, fit_windows
from simulacra.models.base import Batch
from simulacra.models.lstm import INPUTS
from simulacra.models.lstm import LSTM as Density
from simulacra.networks.recurrent import Recurrent


def small(parts: int = 3) -> Density:
    torch.manual_seed(0)
    return Density(Recurrent(INPUTS, 8, 2 * parts), days=5, parts=parts)


def test_the_density_of_a_day_integrates_to_one() -> None:
    model = small().double()
    past = torch.randn(1, 4, dtype=torch.float64)
    last = torch.linspace(-40, 40, 20001, dtype=torch.float64)
    x = torch.cat([past.expand(len(last), 4), last[:, None]], dim=1)
    start = torch.zeros(1, dtype=torch.float64)
    whole = model.log_prob(x, start.expand(len(last)))
    before = model.log_prob(past, start)
    area = torch.trapezoid((whole - before).exp(), last)
    assert abs(area.item() - 1) < 1e-6


def test_a_missing_value_adds_nothing_whatever_stands_in_its_place() -> None:
    model = small()
    x, start = torch.randn(3, 6), torch.zeros(3, dtype=torch.float64)
    mask = torch.ones(3, 6, dtype=torch.bool)
    mask[:, 2] = False
    other = x.clone()
    other[:, 2] = 1e6
    assert torch.equal(model.log_prob(x, start, mask), model.log_prob(other, start, mask))
    assert not torch.equal(model.log_prob(x, start, mask), model.log_prob(x, start))


def test_draws_follow_the_density() -> None:
    """The mean of log p over draws is minus the entropy: the score's own law says how near."""
    model = small().eval()
    start = torch.zeros(4000, dtype=torch.float64)
    torch.manual_seed(1)
    drawn, mu, sigma = model.walk(None, start, 5)
    at_draw = torch.logsumexp(-0.5 * ((drawn[..., None] - mu) / sigma).square() - sigma.log(), -1)
    stated = at_draw.sum(1) - 5 * np.log(3 * np.sqrt(2 * np.pi))
    assert torch.allclose(stated.float(), model.log_prob(drawn, start).detach(), atol=1e-4)
    inside = torch.distributions.Normal(0.0, 1.0).cdf((drawn[..., None] - mu) / sigma).mean(-1)
    far = (inside.mean(0) - 0.5).abs() * np.sqrt(12 * len(start))  # PIT is uniform: its mean is normal
    assert far.max().item() < 4.0


def test_a_walk_goes_on_from_its_past() -> None:
    model = small().eval()
    past = Batch(torch.randn(2, 7), mask=torch.rand(2, 7) < 0.7)
    start = torch.tensor([100.0, 200.0], dtype=torch.float64)
    _, mu, _ = model.walk(past, start, 1)
    assert past.mask is not None
    mask = torch.cat([past.mask, torch.ones(2, 1, dtype=torch.bool)], dim=1)
    x = torch.cat([past.x, torch.zeros(2, 1)], dim=1)
    value = torch.where(mask, x, 0.0)
    before = torch.cat([torch.zeros(2, 1), value[:, :-1]], dim=1)
    known = torch.cat([torch.zeros(2, 1, dtype=torch.bool), mask[:, :-1]], dim=1)
    whole, _ = model.law(model.network(model.rows(before, known, start - 7)))
    assert torch.allclose(whole[:, -1], mu[:, 0], atol=1e-6)


def test_a_season_and_its_spread_are_learned() -> None:
    rng = np.random.default_rng(0)
    day = np.arange(20 * 365)
    phase = 2 * np.pi * day / 365.2425
    value = 10 + 5 * np.cos(phase) + np.exp(0.5 * np.sin(phase)) * rng.normal(size=len(day))
    mean, sd = Scale.of(Panel(value[None], day, ("a",))).at(day)
    # least squares with 5 coefficients on 7,300 days: an error of about sqrt(5 / 7300) of the spread
    assert np.abs(mean - 10 - 5 * np.cos(phase)).max() < 6 * np.sqrt(5 / 7300) * sd.max()
    assert np.abs(np.log(sd) - 0.5 * np.sin(phase)).max() < 0.15


@pytest.fixture(scope="module")
def autoregressive() -> Panel:
    rng = np.random.default_rng(3)
    x = np.zeros((4, 1500))
    for t in range(1, 1500):
        x[:, t] = 0.8 * x[:, t - 1] + rng.normal(size=4)
    x[0, 700:720] = np.nan
    return Panel(x, np.arange(1500), ("a", "b", "c", "d"), "K")


def test_it_learns_the_law_of_an_autoregressive_world(autoregressive: Panel) -> None:
    panel = autoregressive
    fitted = LSTM(window=30, hidden=16, steps=400).fit(panel.between(0, 899), panel.between(900, 1099), 0)
    at = origins(panel, 1100, 1490, 7)
    truth = truth_at(panel, at, 7)
    stated = fitted.forecast(panel, at, 7, np.random.default_rng(0))
    assert stated.mean.shape == truth.shape
    # the exact law: mean 0.8^h x, variance sum of 0.64^k
    last = panel.value[at[:, 0], at[:, 1]]
    error = np.abs(stated.step(1).mean[:, 0] - truth[:, 0]).mean()
    exact = np.abs(0.8 * last - truth[:, 0]).mean()
    assert error < 1.05 * exact
    assert abs(stated.sd[:, 0].mean() - 1) < 0.1
    assert abs(stated.sd[:, 6].mean() - np.sqrt((1 - 0.64**7) / (1 - 0.64))) < 0.25
    inside = np.abs(stated.cdf(truth)[:, 0] - 0.5) < 0.4
    # 1,564 next days of four independent series; their coverage has a spread of 0.01
    assert abs(inside.mean() - 0.8) < 0.05


def test_one_seed_one_forecast(autoregressive: Panel) -> None:
    panel = autoregressive.between(0, 400)
    at = origins(panel, 100, 110, 3)
    setting = LSTM(window=14, hidden=4, parts=1, steps=20, paths=4)
    one, two = (setting.fit(panel, panel, 5).forecast(panel, at, 3, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(one.mu, two.mu)


def test_too_short_a_series_is_told() -> None:
    panel = Panel(np.zeros((1, 20)), np.arange(20), ("a",))
    with pytest.raises(BadInput, match="window of 60 days"):
        LSTM().fit(panel, panel)
    with pytest.raises(BadInput, match="do not vary"):
        WindowLSTM().fit(panel, panel)
    with pytest.raises(BadInput, match="no law"):
        fit_windows(WindowLSTM(hidden=2, steps=1), np.zeros((4, 8)), np.zeros((4, 8)), 0).sample(1)


def skagit() -> list[np.ndarray]:
    try:
        path = find("series/skagit_six_stations.csv")
    except BadInput as absent:
        pytest.skip(str(absent))
    table = np.genfromtxt(path, delimiter=",", skip_header=1)
    return [table[table[:, 0] == s, 2] for s in range(6)]


def test_the_articles_lstm_knows_its_training_days_and_loses_to_yesterday_on_all_others() -> None:
    """An LSTM(1, 100) on windows of 7 days, scaled by each series' own extremes, as the article has it."""
    series = skagit()
    known = [np.mean([s[:360] for s in series], axis=0), series[1]]
    setting = WindowLSTM(steps=9000, rate=1.2e-2)

    def scaled(s: np.ndarray) -> tuple[np.ndarray, float]:
        half = (s.max() - s.min()) / 2
        x = (s - s.min()) / half - 1
        return np.lib.stride_tricks.sliding_window_view(x, 8).copy(), float(half)

    x = np.concatenate([scaled(s)[0] for s in known])
    model = fit_windows(setting, x, x, 0)  # chosen by its error in training, as the article's

    def error(s: np.ndarray) -> float:
        rows, half = scaled(s)
        with torch.no_grad():
            stated = model.predict(torch.from_numpy(rows[:, :-1]).float()).numpy()
        return float(np.abs(stated - rows[:, -1]).mean() * half)

    assert all(error(s) <= 0.25 for s in known)  # °F
    for place in (0, 2, 3, 4, 5):
        yesterday = np.abs(np.diff(series[place][6:])).mean()
        assert error(series[place]) > 1.05 * yesterday
