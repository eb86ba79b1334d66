"""What holds for every baseline on the shelf: it imitates some kind, refuses the others, and is reproducible."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from simulacra.baselines.trace_filter import TraceFilter
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import shelf
from simulacra.domains.radio.radio_backgrounds import Uniform
from simulacra.sources.base import Simulator
from simulacra.sources.radio.radio_trace import RadioTrace
from worlds import EVERY_WORLD, world

MORE: dict[str, dict[str, object]] = {
    "nearest_condition": {"at": ((0.2,), (1.4,))},
    "interpolated_condition": {"at": ((0.2, 0.3), (1.4, 0.6))},
}
"""What some need besides the training samples."""
N = 5


def made(name: str) -> Callable[..., object]:
    baseline = shelf("baselines").load(name)
    assert inspect.isfunction(baseline), "a baseline is a function of training samples"
    return baseline


NAMES = shelf("baselines").names()
FILTERS = [name for name in NAMES if "validation" in inspect.signature(made(name)).parameters]
SIMULATING = [name for name in NAMES if name not in FILTERS]


def train(name: str, kind: str) -> Samples:
    """A world that nobody may write into; showers know their energy, and two conditions have skewed fields."""
    x = world(kind)
    if "shower" in kind:
        energy = x.array.reshape(len(x), -1).sum(axis=1).astype(float)
        return x.but(given={"energy": energy}, given_unit={"energy": "MeV"})
    if kind == "field" and name == "interpolated_condition":
        places = np.arange(len(x))
        return x.but(x=np.exp(x.array), given={"temperature": places % 3 * 1.0, "density": places // 3 % 2 * 1.0})
    return x


@cache
def attempt(name: str, kind: str) -> Simulator | Exception:
    """Fitted to a world; or why not."""
    try:
        found = made(name)(train(name, kind), **MORE.get(name, {}))
    except Exception as error:  # noqa: BLE001 - a test says which it may be
        return error
    assert isinstance(found, Simulator)
    return found


PAIRS = [(name, kind) for name in SIMULATING for kind in EVERY_WORLD if isinstance(attempt(name, kind), Simulator)]
every = pytest.mark.parametrize(("name", "kind"), PAIRS)


def draw(name: str, kind: str, seed: int = 0, n: int = N) -> Samples:
    baseline = attempt(name, kind)
    assert isinstance(baseline, Simulator)
    return baseline.draw(n, np.random.default_rng(seed))


def test_every_baseline_imitates_some_kind() -> None:
    assert {name for name, _ in PAIRS} == set(SIMULATING)
    assert {"matched_filter", "wiener_filter", "hilbert_envelope", "wavelet_shrinkage"} <= set(FILTERS)


@pytest.mark.parametrize("name", SIMULATING)
def test_other_kinds_are_refused_in_words(name: str) -> None:
    refused = {kind: attempt(name, kind) for kind in EVERY_WORLD if not isinstance(attempt(name, kind), Simulator)}
    assert {kind: error for kind, error in refused.items() if not isinstance(error, BadInput)} == {}
    assert all(isinstance(error, BadInput) and error.given and error.fix for error in refused.values())


@every
def test_draws_are_such_samples(name: str, kind: str) -> None:
    real = train(name, kind)
    for n in (1, N):
        drawn = draw(name, kind, n=n)
        assert len(drawn) == n
        assert (drawn.kind, drawn.unit) == (real.kind, real.unit)
        assert drawn.array.shape[1:] == real.array.shape[1:]
        assert set(drawn.given) <= set(real.given)
        assert drawn.origin
        if drawn.array.dtype.kind == "f":
            assert np.isfinite(drawn.array).all() or kind in ("table", "catalog")  # which have gaps


@every
def test_one_seed_gives_one_draw_and_no_other_chance_is_used(name: str, kind: str) -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global state is what must not be touched
    first, again, other = draw(name, kind), draw(name, kind), draw(name, kind, seed=1)
    np.testing.assert_array_equal(first.array, again.array)
    assert not np.array_equal(first.array, other.array)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@every
def test_the_training_samples_are_left_as_they_were(name: str, kind: str) -> None:
    real = train(name, kind)
    kept = real.array.copy()
    made(name)(real, **MORE.get(name, {}))
    np.testing.assert_array_equal(real.array, kept)


@every
def test_what_is_drawn_depends_on_the_training_samples(name: str, kind: str) -> None:
    """Half of them, and the law is another; a baseline that never looked at them would give the same."""
    real = train(name, kind)
    half = made(name)(real[: len(real) // 2], **MORE.get(name, {}))
    assert isinstance(half, Simulator)
    assert not np.array_equal(half.draw(N, np.random.default_rng(0)).array, draw(name, kind).array)


def traces(n: int, seed: int) -> Samples:
    return RadioTrace(Uniform(), length=128, snr=(4.0, 10.0), noise_only=0.0).draw(n, np.random.default_rng(seed))


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_gives_a_signal_and_a_score_for_each_trace(name: str) -> None:
    found = made(name)(traces(80, 1), traces(30, 2), 180.0)
    assert isinstance(found, TraceFilter)
    trace: Array = traces(6, 3).array[:, 0].astype(float)
    recovered = found.recover(trace)
    assert recovered.signal.shape == trace.shape
    assert recovered.score.shape == (6,)
    assert np.isfinite(recovered.signal).all()
    assert np.isfinite(recovered.score).all()


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_refuses_what_is_no_trace(name: str) -> None:
    with pytest.raises(BadInput, match="traces with their signals"):
        made(name)(replace(traces(20, 1), kind="field"), replace(traces(10, 2), kind="field"), 180.0)
