"""Samples keep what belongs together together, and go to disk and back without running code."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz, write_npz
from simulacra.core.samples import Array, Column, Samples


def plain(n: int = 6) -> Samples:
    x = np.arange(3.0 * n).reshape(n, 3)
    group = [str(i // 2) for i in range(n)]
    return Samples.of(x, "vector", "K", "a test", {"label": x[:, 0]}, [f"r{i}" for i in range(n)], group)


def table(n: int = 6) -> Samples:
    x = np.column_stack([np.arange(1.0 * n), np.arange(n) % 2 * 1.0])
    x[1, 0] = np.nan
    columns = (Column("mass", "kg", middle=2.5, gaps=True), Column("sort", levels=("new", "old")))
    names = np.array(["spiral", "elliptical"])[np.arange(n) % 2]
    given = {"class": names, "energy": np.arange(1.0 * n)}
    return Samples.of(x, "table", "1", "a test", given, given_unit={"energy": "eV"}, columns=columns)


WORLDS = {"plain": plain(), "table": table()}


def same(a: Samples, b: Samples) -> None:
    left, right = a.to_arrays(), b.to_arrays()
    assert left.keys() == right.keys()
    for name, array in left.items():
        np.testing.assert_array_equal(array, right[name], err_msg=name)
        assert array.dtype == right[name].dtype


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"id": ["a", "b"]}, "id"),
        ({"group": ["a"] * 7}, "group"),
        ({"given": {"mass": np.ones(5)}}, "given 'mass'"),
    ],
)
def test_a_length_that_does_not_fit_is_named(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput, match=f"^{field} does not have one entry a sample") as caught:
        Samples.of(**{"x": np.ones((6, 3)), "kind": "vector", **wrong})
    assert "6 samples" in caught.value.given


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(
    "at", [slice(1, 5, 2), np.array([4, 0, 4]), np.array([3, 1]), np.array([True, False, False, True, True, False])]
)
def test_a_choice_keeps_every_field_of_its_rows(world: str, at: slice | Array) -> None:
    whole = WORLDS[world]
    some = whole[at]
    rows = np.arange(len(whole))[at]
    assert len(some) == len(rows)
    for name, array in whole.to_arrays().items():
        np.testing.assert_array_equal(some.to_arrays()[name], array if name == "about" else array[rows])


@pytest.mark.parametrize("world", WORLDS)
def test_parts_join_to_the_whole(world: str) -> None:
    whole = WORLDS[world]
    same(Samples.join([whole[:2], whole[2:3], whole[3:]]), whole)


@pytest.mark.parametrize(
    "other",
    [
        plain().but(kind="field"),
        plain().but(unit="mK"),
        plain().but(given={}),
        plain().but(given_unit={"label": "K"}),
        plain().but(given={"mass": np.ones(6)}),
        plain().but(columns=tuple(Column(name) for name in "abc")),
    ],
    ids=[
        "kind",
        "unit",
        "without conditions",
        "other unit of a condition",
        "other conditions",
        "named columns",
    ],
)
def test_unlike_samples_do_not_join(other: Samples) -> None:
    with pytest.raises(BadInput, match="cannot be joined") as caught:
        Samples.join([plain(), other])
    assert " and " in caught.value.given
    with pytest.raises(BadInput, match="cannot be joined"):
        Samples.join([])


@pytest.mark.parametrize("world", WORLDS)
def test_written_samples_come_back_whole(world: str, tmp_path: Path) -> None:
    whole = WORLDS[world]
    whole.write(tmp_path / "deep" / "a.npz")
    same(Samples.read(tmp_path / "deep" / "a.npz"), whole)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.npz"]


def test_two_sets_lie_in_one_file(tmp_path: Path) -> None:
    write_npz(tmp_path / "a.npz", plain().to_arrays("model/") | table().to_arrays("truth/"))
    arrays = read_npz(tmp_path / "a.npz")
    same(Samples.from_arrays(arrays, "model/"), plain())
    same(Samples.from_arrays(arrays, "truth/"), table())


@pytest.mark.parametrize("name", ["file", "allow_pickle", "a/b", "given.x"])
def test_no_name_of_an_array_is_taken(name: str, tmp_path: Path) -> None:
    write_npz(tmp_path / "a.npz", {name: np.arange(3)})
    assert list(read_npz(tmp_path / "a.npz")) == [name]


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("sprung"),)


def test_objects_are_neither_written_nor_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    objects = np.array([Trap(), None], dtype=object)
    with pytest.raises(BadInput, match="objects are not written"):
        write_npz(Path("mine.npz"), {"x": objects})
    np.savez("theirs.npz", x=objects)
    with pytest.raises(BadInput, match="cannot be read"):
        read_npz(Path("theirs.npz"))
    assert [path.name for path in tmp_path.iterdir()] == ["theirs.npz"]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    plain().write(path)
    with pytest.raises(BadInput):
        write_npz(path, {"first": np.ones(1000), "second": np.array([object()])})
    same(Samples.read(path), plain())
    assert [found.name for found in tmp_path.iterdir()] == ["a.npz"]


def test_a_file_cut_off_anywhere_is_told(tmp_path: Path) -> None:
    plain().write(tmp_path / "a.npz")
    whole = (tmp_path / "a.npz").read_bytes()
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        (tmp_path / "b.npz").write_bytes(whole[:length])
        with pytest.raises(BadInput, match=r"b\.npz"):
            read_npz(tmp_path / "b.npz")


def test_a_flipped_byte_is_told_or_harmless(tmp_path: Path) -> None:
    plain().write(tmp_path / "a.npz")
    whole = (tmp_path / "a.npz").read_bytes()
    stated = 0
    for at in np.random.default_rng(0).integers(0, len(whole), 200):
        spoiled = bytearray(whole)
        spoiled[at] ^= 0xFF
        (tmp_path / "b.npz").write_bytes(spoiled)
        try:
            Samples.read(tmp_path / "b.npz")
        except BadInput:
            stated += 1
    assert stated > 0


@pytest.mark.parametrize("text", [b"", b"plain words", b"PK\x03\x04"])
def test_what_is_no_npz_is_told(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(text)
    with pytest.raises(BadInput, match="cannot be read"):
        read_npz(tmp_path / "a.npz")


def test_a_missing_file_a_bare_array_and_plain_arrays_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        Samples.read(tmp_path / "a.npz")
    np.save(tmp_path / "b.npy", np.ones(3))
    with pytest.raises(BadInput, match="cannot be read"):
        read_npz(tmp_path / "b.npy")
    np.savez(tmp_path / "c.npz", x=np.ones(3))
    with pytest.raises(BadInput, match="not laid out as samples"):
        Samples.read(tmp_path / "c.npz")


def test_a_column_too_many_is_named() -> None:
    with pytest.raises(BadInput, match="not one column for each number") as caught:
        Samples.of(np.ones((6, 3)), "table", columns=[Column("a"), Column("b")])
    assert "2 columns" in caught.value.given


def test_units_by_name_become_columns_also_from_files_of_the_first_form() -> None:
    named = Samples.of(np.ones((2, 2)), "vector", {"mass": "kg", "count": "1"})
    assert (named.unit, named.columns) == ("1", (Column("mass", "kg"), Column("count")))
    arrays = named.to_arrays()
    about = {"kind": "vector", "unit": {"mass": "kg", "count": "1"}, "origin": "", "parts": [""]}
    assert Samples.from_arrays({**arrays, "about": np.array(json.dumps(about))}).columns == named.columns
