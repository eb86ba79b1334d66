"""Radio traces are what they say: pulses of the band, noise that falls as the galaxy's, ratios that are kept."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from simulacra.core.errors import BadInput
from simulacra.domains.radio.lines import without_lines
from simulacra.domains.radio.pulse_measures import amplitude, energy, equivalent_width, in_place, off_by, peak_place
from simulacra.domains.radio.radio_backgrounds import Background, Cosine, Measured, Uniform
from simulacra.domains.radio.radio_pulses import band, frequencies, pulses
from simulacra.sources.radio.anita_pulses import AnitaPulses
from simulacra.sources.radio.radio_trace import RadioTrace
from simulacra.sources.radio.trace_pairs import TracePairs

Array = NDArray[Any]
T, RATE = 500, 180.0


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_pulse_has_peak_one_where_it_arrives_and_lies_in_the_band() -> None:
    arrival = np.array([60.0, 250.5, 440.0])
    x = pulses(np.array([1.0, 3.0, 6.0]), arrival, T, RATE)
    np.testing.assert_allclose(amplitude(x), 1.0)
    assert (np.abs(peak_place(x) - arrival) < 10).all()
    power = np.abs(np.fft.rfft(x, axis=1)) ** 2
    f = frequencies(T, RATE)
    inside = power[:, (f > 25) & (f < 85)].sum(axis=1) / power.sum(axis=1)
    assert (inside > 0.95).all()


def test_a_wider_field_has_less_power_at_high_frequencies() -> None:
    x = pulses(np.array([1.0, 3.0, 6.0]), np.full(3, 250.0), T, RATE)
    power, f = np.abs(np.fft.rfft(x, axis=1)) ** 2, frequencies(T, RATE)
    high = power[:, f > 55].sum(axis=1) / power.sum(axis=1)
    assert high[0] > high[1] > high[2]


def test_the_filter_halves_the_power_at_its_edges() -> None:
    np.testing.assert_allclose(band(np.array([30.0, 80.0])) ** 2, 0.5, rtol=1e-3)
    assert band(np.array([10.0]))[0] < 1e-3


@pytest.mark.parametrize("index", [2.0, 2.55, 3.0])
def test_the_galaxys_field_falls_as_the_index_says(index: float) -> None:
    """The slope of the logarithm of a mean of n periodograms, whose relative error at each frequency is 1/√n."""
    n, keep = 2000, slice(110, 205)  # 40 to 73 MHz: away from the edges
    x = Measured(index=index, receiver=0.0).galaxy(n, T, RATE, rng())
    window = np.hanning(T)
    power, f = (np.abs(np.fft.rfft(x * window, axis=1)) ** 2).mean(axis=0)[keep], frequencies(T, RATE)[keep]
    at = np.log(f) - np.log(f).mean()
    slope = float(at @ np.log(power / band(f) ** 2) / (at @ at))
    error = np.sqrt(3 / n / (at @ at))  # neighbors under a Hann window share most of their noise
    assert slope == pytest.approx(2 - index, abs=5 * float(error))


def test_levels_are_root_mean_squares() -> None:
    for law in (Uniform(level=7.0), Cosine(level=7.0)):
        x = law.draw(2000, T, RATE, rng())
        assert np.sqrt(np.square(x).mean()) == pytest.approx(7.0, rel=0.01)
    assert np.abs(Uniform(level=7.0).draw(100, T, RATE, rng())).max() <= 7 * np.sqrt(3)
    still = Measured(level=7.0, change=0.0, transmitters=0.0, sparks=0.0)
    assert np.sqrt(np.square(still.draw(500, T, RATE, rng())).mean()) == pytest.approx(7.0, rel=0.02)


@pytest.mark.parametrize("background", [Measured(), Uniform(), Cosine()])
def test_the_ratio_is_peak_over_the_backgrounds_size(background: Background) -> None:
    drawn = RadioTrace(background, noise_only=0.3).draw(50, rng())
    trace, signal = drawn.array[:, 0], drawn.array[:, 1]
    size = np.sqrt(np.square(trace - signal, dtype=float).mean(axis=1))
    np.testing.assert_allclose(np.abs(signal).max(axis=1) / size, drawn.given["snr"], rtol=1e-4)
    assert ((drawn.given["snr"] == 0) == ~signal.any(axis=1)).all()


def test_the_law_of_ratios_is_the_one_that_was_fixed() -> None:
    n = 4000
    snr = RadioTrace(Cosine()).draw(n, rng()).given["snr"]
    low, high = stats.binom(n, 0.2).ppf([0.0005, 0.9995])
    assert low <= (snr == 0).sum() <= high
    assert stats.kstest(np.log10(snr[snr > 0]), "uniform").pvalue > 1e-3


def test_settings_that_make_no_sense_are_told() -> None:
    for wrong in ({"length": 10}, {"rate": 100.0}, {"snr": (0.0, 3.0)}, {"noise_only": 2.0}, {"width": (3.0, 1.0)}):
        with pytest.raises(BadInput):
            RadioTrace(**wrong)
    for bad in (lambda: Measured(level=0.0), lambda: Measured(sparks=-1.0), lambda: Uniform(level=-1.0)):
        with pytest.raises(BadInput):
            bad()


def test_a_lone_line_is_taken_out_and_a_pulse_stays() -> None:
    noise = Cosine(level=15.0).draw(40, T, RATE, rng())
    assert np.square(without_lines(noise, 3, RATE)).mean() < 1e-3 * np.square(noise).mean()
    alone = pulses(np.full(5, 2.0), np.linspace(100, 400, 5), T, RATE)
    np.testing.assert_array_equal(without_lines(alone, 3, RATE), alone)


def test_noise_without_lines_seldom_loses_one() -> None:
    """Of T/2 = 250 independent exponential powers, the highest passes 20 medians with chance 250 · 2⁻²⁰."""
    n = 400
    noise = rng().standard_normal((n, T))
    changed = (without_lines(noise, 1, RATE) != noise).any(axis=1).sum()
    # the finer grid and the window make it up to four times as likely
    assert changed <= stats.binom(n, 4 * 250 * 2.0**-20).ppf(0.999)


def test_measures_of_a_known_pulse() -> None:
    x = np.zeros((2, T))
    x[0, 100:110], x[1, 490:495] = 2.0, -3.0
    np.testing.assert_allclose(energy(x, RATE), [40 / RATE, 45 / RATE])
    np.testing.assert_allclose(energy(2 * x, RATE), 4 * energy(x, RATE))
    np.testing.assert_allclose(equivalent_width(5 * x, RATE), equivalent_width(x, RATE))
    moved = np.roll(x, 10, axis=1)
    assert in_place(moved[:1], x[:1]).all()
    assert not in_place(np.roll(x, 21, axis=1), x).any()
    assert not in_place(np.zeros_like(x), x).any()
    np.testing.assert_allclose(off_by(np.zeros_like(x), x), 1.0)


def written(path: Path, **arrays: Array) -> Path:
    np.savez(path, **arrays)
    return path


def test_a_published_set_drops_in(tmp_path: Path) -> None:
    drawn = RadioTrace().draw(20, rng()).array.astype(np.float64)
    path = written(tmp_path / "set.npz", traces=drawn[:, 0, :, None], signals=drawn[:, 1])
    read = TracePairs(path).read()
    assert (read.kind, read.unit, read.array.shape) == ("trace", "µV/m", (20, 2, T))
    np.testing.assert_allclose(read.array, drawn, rtol=1e-6)
    assert (read.given["snr"] >= 0).all()


def test_a_set_that_does_not_fit_is_told(tmp_path: Path) -> None:
    x = np.zeros((4, T))
    with pytest.raises(BadInput, match="no signals"):
        TracePairs(written(tmp_path / "a.npz", traces=x)).read()
    with pytest.raises(BadInput, match="not pairs"):
        TracePairs(written(tmp_path / "b.npz", traces=x, signals=x[:2])).read()
    with pytest.raises(BadInput, match="another length"):
        TracePairs(written(tmp_path / "c.npz", traces=x[:, :9], signals=x[:, :9])).read()
    bad = x.copy()
    bad[2, 7] = np.nan
    with pytest.raises(BadInput, match="NaN") as caught:
        TracePairs(written(tmp_path / "d.npz", traces=bad, signals=x)).read()
    assert "row 2, sample 7" in caught.value.given


def anita(path: Path) -> Path:
    """A file as the data card has it: a pulse of 350 MHz, 20 ns wide, in all events."""
    time = np.linspace(-25, 125, 1560)
    pulse = np.exp(-(((time - 40) / 4) ** 2)) * np.cos(2 * np.pi * 0.35 * (time - 40))
    coherent = np.stack([time, 50 * pulse, 0.1 * pulse], axis=1)[None].repeat(3, 0)
    alone = np.stack([time, -pulse], axis=1)[None].repeat(4, 0)
    return written(
        path, coherent=coherent, coherent_id=np.arange(3), deconvolved_ns_mV_m=alone, deconvolved_id=np.arange(4)
    )


def test_pulses_of_another_instrument_are_slowed_down(tmp_path: Path) -> None:
    source = AnitaPulses(anita(tmp_path / "anita.npz"))
    read, events = source.read(), source.events()
    assert (read.kind, read.array.shape) == ("pulse", (4, T))
    np.testing.assert_allclose(amplitude(read.array), 1.0)
    assert (peak_place(read.array) == T // 2).all()
    power = np.abs(np.fft.rfft(read.array[0])) ** 2
    assert frequencies(T, RATE)[power.argmax()] == pytest.approx(350 * 3 / 20, abs=1.5)
    assert (events.kind, events.array.shape, events.unit) == ("trace", (3, 1, T), "mV")
    # the event begins at −25 ns: its peak comes 65 ns later, slowed by 20/3 and sampled at 180 MHz
    assert (np.abs(peak_place(events.array[:, 0]) - 65 * 20 / 3 * 0.18) <= 2).all()


def test_a_file_that_holds_no_events_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no events"):
        AnitaPulses(written(tmp_path / "x.npz", coherent=np.zeros((1, 4, 3)))).read()
