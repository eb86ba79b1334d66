"""What holds for every source on the shelf: a simulator's chance is its generator's alone, and its name its recipe."""

import inspect

import numpy as np
import pytest

from simulacra.core.samples import Samples
from simulacra.core.shelf import import_file, shelf
from simulacra.sources.base import Archive, Simulator, declared_kind

SMALL = {"size": 8}
"""Settings that make a source quick, where it has them."""


def simulators() -> dict[str, Simulator]:
    """All that draw and need no setting, small."""
    found = {}
    for entry in shelf("sources").entries():
        made = shelf("sources").load(entry.name)
        if not hasattr(made, "draw"):
            continue
        assert all(setting.has_default for setting in entry.settings), f"{entry.name} needs a setting"
        found[entry.name] = made(**{s.name: SMALL[s.name] for s in entry.settings if s.name in SMALL})
    return found


SIMULATORS = simulators()
N = 6


def draw(name: str, seed: int = 0, n: int = N) -> Samples:
    return SIMULATORS[name].draw(n, np.random.default_rng(seed))


def test_every_source_draws_or_reads() -> None:
    for name in shelf("sources").names():
        made = shelf("sources").load(name)
        assert issubclass(made, Simulator) != issubclass(made, Archive), name
    assert SIMULATORS


@pytest.mark.parametrize("name", SIMULATORS)
def test_one_seed_gives_one_draw(name: str) -> None:
    first, again, other = draw(name), draw(name), draw(name, seed=1)
    for key, value in first.to_arrays().items():
        np.testing.assert_array_equal(again.to_arrays()[key], value, err_msg=key)
    assert not np.array_equal(first.array, other.array)


@pytest.mark.parametrize("name", SIMULATORS)
def test_no_other_chance_is_used(name: str) -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global state is what must not be touched
    draw(name)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("name", SIMULATORS)
@pytest.mark.parametrize("n", [1, N, 2 * N + 1])
def test_as_many_are_drawn_as_were_asked_for(name: str, n: int) -> None:
    drawn = draw(name, n=n)
    assert len(drawn) == n
    gaps = drawn.kind in ("series", "table", "catalog") and not np.isinf(drawn.array).any()
    assert drawn.array.dtype.kind == "U" or np.isfinite(drawn.array).all() or gaps
    assert len(np.unique(drawn.id)) == n
    assert all(len(values) == n for values in drawn.given.values())


@pytest.mark.parametrize("name", SIMULATORS)
def test_draws_say_what_they_are_and_whence(name: str) -> None:
    drawn = draw(name)
    assert drawn.kind == declared_kind(SIMULATORS[name])
    assert drawn.unit
    assert repr(SIMULATORS[name]) in drawn.origin


@pytest.mark.parametrize("name", SIMULATORS)
def test_a_simulators_name_makes_it_again(name: str) -> None:
    source = SIMULATORS[name]
    module = import_file(shelf("sources").entry(name).path, "sources")
    again = eval(repr(source), vars(module))
    assert again == source
    np.testing.assert_array_equal(again.draw(N, np.random.default_rng(0)).array, draw(name).array)


@pytest.mark.parametrize("name", SIMULATORS)
def test_samples_of_one_draw_differ(name: str) -> None:
    rows = draw(name, n=2 * N).array.reshape(2 * N, -1)
    assert len(np.unique(rows, axis=0)) > 1


@pytest.mark.parametrize("name", SIMULATORS)
def test_a_simulator_cannot_be_changed(name: str) -> None:
    field = next(iter(inspect.signature(type(SIMULATORS[name])).parameters))
    with pytest.raises(AttributeError):
        setattr(SIMULATORS[name], field, 3)
