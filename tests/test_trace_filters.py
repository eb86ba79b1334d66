"""Classical filters do what theory says of them, and the best on validation is kept."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulacra.baselines.hilbert_envelope import hilbert_envelope
from simulacra.baselines.matched_filter import MatchedFilter, matched_filter, spread_out
from simulacra.baselines.trace_filter import Scaled, TraceFilter, best, pairs
from simulacra.baselines.wavelet_shrinkage import wavelet_shrinkage
from simulacra.baselines.wiener_filter import WienerFilter, wiener_filter
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.radio.pulse_measures import Recovered, amplitude, in_place, peak_place
from simulacra.domains.radio.radio_backgrounds import Background, Cosine, Uniform
from simulacra.domains.radio.radio_pulses import pulses
from simulacra.sources.radio.radio_trace import RadioTrace

Array = NDArray[Any]
T, RATE = 256, 180.0
MAKERS = {f.__name__: f for f in (matched_filter, wiener_filter, hilbert_envelope, wavelet_shrinkage)}


def traces(n: int, seed: int, snr: tuple[float, float] = (2.0, 10.0), noise: Background | None = None) -> Samples:
    source = RadioTrace(noise or Uniform(), length=T, snr=snr, noise_only=0.0)
    return source.draw(n, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def tuned() -> dict[str, TraceFilter]:
    return {name: make(traces(400, 1), traces(150, 2), RATE) for name, make in MAKERS.items()}


@pytest.mark.parametrize("name", MAKERS)
def test_every_filter_finds_clear_pulses_and_is_a_row_a_trace(name: str, tuned: dict[str, TraceFilter]) -> None:
    x = traces(60, 3, (8.0, 10.0))
    trace, signal = pairs(x)
    found = tuned[name].recover(trace)
    assert isinstance(tuned[name], TraceFilter)
    assert found.signal.shape == trace.shape
    assert found.score.shape == (60,)
    assert in_place(found.signal, signal).all()  # such pulses stand five times above any noise of these traces
    few = tuned[name].recover(trace[:7])
    np.testing.assert_allclose(few.signal, found.signal[:7], atol=1e-6 * np.abs(trace).max())
    ratio = amplitude(found.signal) / amplitude(signal)
    assert 0.5 < np.median(ratio) < 1.6


@pytest.mark.parametrize("name", MAKERS)
def test_units_do_not_matter(name: str, tuned: dict[str, TraceFilter]) -> None:
    trace = pairs(traces(20, 4))[0]
    found, other = tuned[name].recover(trace), tuned[name].recover(1000 * trace)
    np.testing.assert_allclose(other.signal, 1000 * found.signal, rtol=1e-6, atol=1e-6 * np.abs(trace).max())
    np.testing.assert_allclose(other.score, found.score, rtol=1e-6)


@pytest.mark.parametrize("name", MAKERS)
def test_a_surer_trace_scores_higher(name: str, tuned: dict[str, TraceFilter]) -> None:
    weak, strong = (tuned[name].recover(pairs(traces(80, 5, (low, low + 0.1)))[0]).score for low in (1.0, 8.0))
    assert np.median(strong) > weak.max()


def test_a_matched_filter_gives_a_lone_pulse_back() -> None:
    shape = pulses(np.full(1, 2.0), np.full(1, 100.0), T, RATE)
    whole = np.zeros((1, 512))
    whole[:, :T] = shape
    centered = np.roll(whole, -int(peak_place(shape)[0]), axis=1) / shape[0, peak_place(shape)[0]]
    one = MatchedFilter(centered, np.ones(257), 0, RATE)
    moved = -7.0 * np.pad(shape, ((0, 0), (30, 0)))[:, :T]
    np.testing.assert_allclose(one.recover(moved).signal, moved, atol=1e-3)  # the tail's end has left the trace


def test_the_matched_filters_height_is_unbiased_in_white_noise() -> None:
    """Its error is 1/√(energy of the template) in units of the noise; the mean of n of them has that over √n."""
    n, height = 400, 12.0
    shape = pulses(np.full(1, 2.0), np.full(1, 120.0), T, RATE)
    top = int(peak_place(shape)[0])
    centered = np.roll(np.pad(shape, ((0, 0), (0, 256))), -top, axis=1) / shape[0, top]
    one = MatchedFilter(centered, np.ones(257), 0, RATE)
    noise = np.random.default_rng(0).standard_normal((n, T))
    found = one.recover(height * shape / shape[0, top] + noise).signal[:, top]
    error = 1 / np.sqrt(np.square(centered).sum() * n)
    # the best of a few neighboring lags is a little too high: less than one error of a single trace, squared, over 2
    assert found.mean() == pytest.approx(height, abs=float(4 * error + 0.5 / height))


def test_a_wiener_filter_of_the_true_powers_has_the_least_error() -> None:
    """White noise and white signals of variance 3: the filter is 3/4 at all frequencies, the error 3/4."""
    rng = np.random.default_rng(0)
    signal, noise = np.sqrt(3) * rng.standard_normal((200, T)), rng.standard_normal((200, T))

    def error(c: float) -> float:
        one = WienerFilter(np.full(257, 3 / (3 + c)), c, 0, RATE)
        return float(np.square(one.recover(signal + noise).signal - signal).mean())

    assert error(1.0) == pytest.approx(0.75, rel=0.02)
    assert error(1.0) < min(error(0.3), error(3.0))


def test_templates_are_unlike_each_other() -> None:
    x = np.pad(pulses(np.linspace(1, 6, 30), np.full(30, 100.0), T, RATE), ((0, 0), (0, 256)))
    order = spread_out(x, np.ones(257), 3)
    assert len(set(order)) == 3
    assert {0, 29} & set(order)


def test_lines_are_taken_out_where_there_are_some() -> None:
    one = wiener_filter(traces(300, 1, noise=Cosine()), traces(100, 2, noise=Cosine()), RATE)
    assert isinstance(one, Scaled)
    assert vars(one.inner)["lines"] > 0


def test_the_best_on_validation_is_kept_and_its_peaks_are_as_high_as_true_ones() -> None:
    x = traces(100, 6)

    class Cheat:
        def __init__(self, factor: float, late: int) -> None:
            self.factor, self.late = factor, late

        def recover(self, trace: Array) -> Recovered:
            return Recovered(self.factor * np.roll(pairs(x)[1], self.late, axis=1)[: len(trace)], np.ones(len(trace)))

    one = best([Cheat(1.0, 60), Cheat(0.25, 0), Cheat(1.0, 40)], x)
    assert one.gain == pytest.approx(4.0)
    assert vars(one.inner)["late"] == 0


def test_samples_of_another_kind_and_no_filters_are_told() -> None:
    wrong = Samples.of(np.zeros((20, T)), "pulse")
    with pytest.raises(BadInput, match="traces"):
        pairs(wrong)
    with pytest.raises(BadInput, match="choose from"):
        best([], traces(4, 1))
