"""What holds for every kind of sample: its example is of the kind, and all that it offers works on it."""

from pathlib import Path

import numpy as np
import pytest

from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.judging.controls import GROSS, faults, has_controls
from simulacra.kinds.base import Kind, has_likeness, kind_of, kinds, likeness_of
from simulacra.sources.files.arrays import guessed, shaped

EVERY = pytest.mark.parametrize("name", list(kinds()))


def world(name: str, n: int = 24, seed: int = 1) -> Samples:
    return kinds()[name].example(n, np.random.default_rng(seed))


@EVERY
def test_the_example_is_of_the_kind(name: str) -> None:
    x = world(name)
    assert (x.kind, len(x)) == (name, 24)
    assert kind_of(x).fits(x.array)
    assert kind_of(x).noun != Kind.noun and kind_of(x).shape != Kind.shape
    assert x.origin


@EVERY
def test_the_example_is_the_same_for_the_same_chance_and_another_for_another(name: str) -> None:
    np.testing.assert_array_equal(world(name).array, world(name).array)
    assert not np.array_equal(world(name).array, world(name, seed=2).array)


@EVERY
def test_samples_of_the_kind_are_picked_joined_and_kept(name: str, tmp_path: Path) -> None:
    x = world(name)
    again = Samples.join([x[:10], x[np.arange(10, 24)]])
    np.testing.assert_array_equal(again.array, x.array)
    again.write(tmp_path / "x.npz")
    back = Samples.read(tmp_path / "x.npz")
    np.testing.assert_array_equal(back.array, x.array)
    assert (back.kind, back.unit, back.columns) == (x.kind, x.unit, x.columns)


@EVERY
def test_a_copy_is_like_its_object_and_a_stranger_is_not(name: str) -> None:
    x = world(name)
    if not has_likeness(x):
        assert type(kind_of(x)).likeness is Kind.likeness
        return
    likeness = likeness_of(x)
    ready = likeness.ready(x.array)
    first = np.zeros(len(x), dtype=int)
    np.testing.assert_allclose(likeness.apart(ready, ready, first), 0, atol=1e-4)
    other = np.roll(ready, 1, axis=0)
    assert (likeness.apart(ready, other, first) > 0).mean() > 0.5


@pytest.mark.parametrize("name", [name for name, kind in kinds().items() if kind.blur or kind.shift])
def test_controls_are_of_the_kind_and_change_it(name: str) -> None:
    x, kind = world(name, 60), kinds()[name]
    assert has_controls(x)
    assert set(GROSS) <= set(faults(name))
    for made in (kind.blurred(x, np.random.default_rng(3)), kind.shifted(x, np.random.default_rng(3))):
        assert made.shape == x.array.shape
        assert kind.fits(made)
        assert not np.array_equal(made, x.array, equal_nan=made.dtype.kind == "f")


@pytest.mark.parametrize("name", [name for name, kind in kinds().items() if type(kind).strangers is not Kind.strangers])
def test_strangers_are_of_the_kind(name: str) -> None:
    made = kinds()[name].strangers(world(name), 7, np.random.default_rng(4))
    assert len(made) == 7
    assert kinds()[name].fits(made)


@EVERY
def test_what_is_legal_stays(name: str) -> None:
    x = world(name).array
    if x.dtype.kind == "f":
        np.testing.assert_array_equal(kinds()[name].legal(x.astype(np.float64)), x.astype(np.float64))


@pytest.mark.parametrize("name", [name for name, kind in kinds().items() if type(kind).evident is not Kind.evident])
def test_a_bare_array_is_taken_for_its_kind(name: str) -> None:
    x = world(name).array
    assert guessed(x, "a test") == name
    assert kinds()[name].fits(shaped(x, name, "a test"))


@EVERY
def test_it_is_written_to_every_file_that_it_names(name: str, tmp_path: Path) -> None:
    x, kind = world(name, 5), kinds()[name]
    if ".hdf5" in kind.written:  # the layout of showers holds the energy of each particle
        x = x.but(given={"energy": np.full(5, 50.0)}, given_unit={"energy": "GeV"})
    for ending in kind.written:
        kind.write(x, tmp_path / f"x{ending}")
        assert (tmp_path / f"x{ending}").stat().st_size > 0


def test_endings_are_told_without_importing_a_kind() -> None:
    literal = {entry.name: dict(entry.constants.get("written", {})) for entry in shelf("kinds").entries()}
    assert literal == {name: dict(kind.written) for name, kind in kinds().items()}


def test_a_kind_of_a_users_own_offers_nothing_and_breaks_nothing() -> None:
    x = Samples.of(np.zeros((3, 4, 5, 6, 7)), "tensor")
    assert type(kind_of(x)) is Kind
    assert not has_likeness(x)
    assert not has_controls(x)


def test_sets_of_unequal_size_are_padded_to_one() -> None:
    for name in ("molecule", "graph"):
        x = world(name)
        smaller, larger = kinds()[name].alike([x[:3].but(x=_cut(name, x)), x])
        assert smaller.array.shape[1:] == larger.array.shape[1:]


def _cut(name: str, x: Samples) -> np.ndarray:
    """Three objects of no more than eight parts."""
    small = Samples.of(np.zeros((3, 8, 4 if name == "molecule" else 8), dtype=x.array.dtype), name)
    small.array[:, 0, 0] = 6
    return small.array
