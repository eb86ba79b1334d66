"""A user's own numbers come in from every format, and what cannot be used says why."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas
import pytest
from astropy.io import fits

from simulacra.core.errors import BadInput
from simulacra.core.files import write_npz
from simulacra.core.samples import Array, Samples
from simulacra.sources.base import Archive
from simulacra.sources.files.arrays import Arrays
from simulacra.sources.files.table import Table, alike, frames_alike

ROWS = np.random.default_rng(0).standard_normal((5, 4))
MAPS = np.random.default_rng(1).standard_normal((5, 6, 6)).astype(np.float32)


def units(x: Samples) -> dict[str, str]:
    """Of each column by name."""
    return {column.name: column.unit for column in x.columns}


def npy(path: Path, x: Array) -> Path:
    np.save(path, x, allow_pickle=True)
    return path


def hdf5(path: Path, x: Array) -> Path:
    with h5py.File(path, "w") as file:
        file["deep/maps"] = x
    return path


def image(path: Path, x: Array) -> Path:
    fits.PrimaryHDU(x).writeto(path)
    return path


def npz(path: Path, x: Array) -> Path:
    np.savez(path, maps=x)
    return path


WRITERS: dict[str, Callable[[Path, Array], Path]] = {
    "a.npy": npy,
    "a.npz": npz,
    "a.h5": hdf5,
    "a.HDF5": hdf5,
    "a.fits": image,
    "a.fits.gz": image,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_numbers(name: str, tmp_path: Path) -> None:
    source = Arrays(WRITERS[name](tmp_path / name, MAPS), unit="mK")
    assert isinstance(source, Archive)
    read = source.read()
    np.testing.assert_array_equal(read.array, MAPS)
    assert read.array.dtype == np.float32
    assert read.array.dtype.isnative
    assert (read.kind, read.unit) == ("field", "mK")
    assert name in read.origin


BYTES = np.random.default_rng(2).integers(0, 256, (3, 4, 4, 3))
SPINS = np.random.default_rng(3).choice([-1, 1], (3, 4, 4))


@pytest.mark.parametrize(
    ("x", "kind", "expected"),
    [
        (ROWS, "vector", ROWS),
        (ROWS[:, 0], "vector", ROWS[:, :1]),
        (np.arange(6).reshape(3, 2), "vector", np.arange(6.0).reshape(3, 2)),
        (np.array([True, False]), "vector", [[1.0], [0.0]]),
        (MAPS, "field", MAPS),
        (MAPS.astype(">f8"), "field", MAPS),
        (np.abs(SPINS), "lattice", np.abs(SPINS)),
        (SPINS, "lattice", SPINS),
        (SPINS.astype(np.float64), "lattice", SPINS),
        (BYTES.astype(np.uint8), "picture", BYTES / 255),
        (BYTES.astype(np.uint16)[..., :1], "picture", BYTES[..., :1] / 65535),
        (BYTES / 255, "picture", BYTES / 255),
    ],
)
def test_the_shape_tells_the_kind(x: Array, kind: str, expected: Array, tmp_path: Path) -> None:
    read = Arrays(npy(tmp_path / "a.npy", x)).read()
    assert read.kind == kind
    np.testing.assert_allclose(read.array, expected, rtol=1e-6)
    wanted = {"lattice": np.int8, "picture": np.float32}
    assert read.array.dtype == wanted.get(kind, read.array.dtype)
    assert read.array.dtype.kind == ("i" if kind == "lattice" else "f")


def test_a_stated_kind_goes_before_the_guess(tmp_path: Path) -> None:
    path = npy(tmp_path / "a.npy", SPINS.astype(np.float32))
    assert Arrays(path, kind="field").read().array.dtype == np.float32
    assert Arrays(npy(tmp_path / "b.npy", MAPS), kind="stack").read().kind == "stack"


@pytest.mark.parametrize(
    ("x", "kind", "wrong"),
    [
        (np.zeros((2, 3, 4, 5)), "", "does not show"),
        (np.zeros((2, 3, 4)), "", "fields have the shape"),
        (np.zeros((2, 3, 3)), "lattice", "lattices of spins have the shape"),
        (np.zeros((2, 3, 3)), "vector", "vectors have the shape"),
        (np.zeros((2, 3)), "picture", "pictures have the shape"),
        (np.full((1, 2, 2, 3), 1.5), "", "lie in 0 to 1"),
        (np.full((1, 2, 2, 3), -0.5), "", "lie in 0 to 1"),
        (np.zeros((0, 3)), "", "no samples"),
        (np.array(3.0), "", "no samples"),
        (np.array(["a", "b"]), "", "real numbers"),
        (np.zeros((2, 2), dtype=complex), "", "real numbers"),
        (np.array([{}, None]), "", "cannot be read"),
    ],
)
def test_what_cannot_be_used_says_why(x: Array, kind: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=wrong) as caught:
        Arrays(npy(tmp_path / "a.npy", x), kind=kind).read()
    assert "a.npy" in caught.value.given
    assert caught.value.fix


def test_object_arrays_are_told_apart_from_broken_files(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not Python objects"):
        Arrays(npy(tmp_path / "a.npy", np.array([{}, None]))).read()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_gaps_are_counted_and_the_first_is_named(bad: float, tmp_path: Path) -> None:
    holed = MAPS.copy()
    holed[2, 3, 1:4] = bad
    with pytest.raises(BadInput, match="NaN or infinite") as caught:
        Arrays(npy(tmp_path / "a.npy", holed)).read()
    assert "3 of 180" in caught.value.given
    assert "(2, 3, 1)" in caught.value.given


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.h5", "a.fits", "a.fits.gz"])
def test_a_file_of_rubbish_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\xff\xfe rubbish " * 9)
    with pytest.raises(BadInput):
        Arrays(tmp_path / name).read()
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(BadInput):
        Arrays(tmp_path / name).read()


def test_missing_files_and_unknown_endings_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        Arrays(tmp_path / "a.npy").read()
    with pytest.raises(BadInput, match="not read from such a file"):
        Arrays(tmp_path / "a.pkl")
    with pytest.raises(BadInput, match="without a name"):
        Arrays(npy(tmp_path / "a.npy", ROWS), key="x").read()


def several(name: str, folder: Path) -> Path:
    path = folder / name
    if name.endswith("npz"):
        np.savez(path, rows=ROWS, maps=MAPS)
    elif name.endswith("h5"):
        with h5py.File(path, "w") as file:
            file["rows"], file["maps"] = ROWS, MAPS
    else:
        units = [fits.PrimaryHDU(), fits.ImageHDU(ROWS, name="ROWS"), fits.ImageHDU(MAPS, name="MAPS")]
        fits.HDUList(units).writeto(path)
    return path


@pytest.mark.parametrize("name", ["a.npz", "a.h5", "a.fits"])
def test_one_of_several_is_chosen_by_key(name: str, tmp_path: Path) -> None:
    path = several(name, tmp_path)
    upper = str.upper if name.endswith("fits") else str
    np.testing.assert_array_equal(Arrays(path, upper("maps")).read().array, MAPS)
    np.testing.assert_array_equal(Arrays(path, upper("rows"), kind="vector").read().array, ROWS)
    for key, wrong in (("", "several arrays"), ("stars", "no 'stars'")):
        with pytest.raises(BadInput, match=wrong) as caught:
            Arrays(path, key).read()
        assert f"{upper('rows')} (5, 4)" in caught.value.given
        assert f"{upper('maps')} (5, 6, 6)" in caught.value.given
        assert "--key" in caught.value.fix


def test_a_fits_extension_is_chosen_by_number_too(tmp_path: Path) -> None:
    path = several("a.fits", tmp_path)
    np.testing.assert_array_equal(Arrays(path, "2").read().array, MAPS)
    with pytest.raises(BadInput, match="no '0'"):
        Arrays(path, "0").read()
    with pytest.raises(BadInput, match="no '7'"):
        Arrays(path, "7").read()


def test_fits_extensions_of_one_name_are_told_apart_by_number(tmp_path: Path) -> None:
    units = [fits.PrimaryHDU(), fits.ImageHDU(MAPS, name="SCI", ver=1), fits.ImageHDU(MAPS + 1, name="SCI", ver=2)]
    fits.HDUList(units).writeto(tmp_path / "a.fits")
    np.testing.assert_array_equal(Arrays(tmp_path / "a.fits", "2").read().array, MAPS + 1)
    with pytest.raises(BadInput, match="several arrays") as caught:
        Arrays(tmp_path / "a.fits").read()
    assert "1 (5, 6, 6), 2 (5, 6, 6)" in caught.value.given


def test_one_fits_image_is_no_set_of_samples(tmp_path: Path) -> None:
    path = image(tmp_path / "a.fits", ROWS)
    with pytest.raises(BadInput, match="one image is not a set"):
        Arrays(path).read()
    np.testing.assert_array_equal(Arrays(path, kind="vector").read().array, ROWS)


def test_a_fits_table_is_a_table(tmp_path: Path) -> None:
    table = np.array([(1.5, 2), (2.5, 3)], dtype=[("flux", float), ("count", int)])
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(table, name="STARS")]).writeto(tmp_path / "a.fits")
    read = Arrays(tmp_path / "a.fits").read()
    np.testing.assert_array_equal(read.array, [[1.5, 2], [2.5, 3]])
    assert (read.kind, units(read)) == ("table", {"flux": "1", "count": "1"})
    names = np.array([(1.5, "a"), (2.5, "b"), (3.5, "b")], dtype=[("flux", float), ("name", "S1")])
    fits.BinTableHDU(names).writeto(tmp_path / "b.fits")
    read = Arrays(tmp_path / "b.fits").read()
    assert [c.levels for c in read.columns] == [(), ("a", "b")]
    np.testing.assert_array_equal(read.array, [[1.5, 0], [2.5, 1], [3.5, 1]])


# tables


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("head", ["", "mass, radius\n", "\ufeffmass,radius\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_with_and_without_headers(head: str, delimiter: str, tmp_path: Path) -> None:
    text = (head + "1,2\n\n3.5,-4e3\n").replace(",", delimiter)
    source = Table(write(tmp_path / "a.csv", text))
    assert isinstance(source, Archive)
    read = source.read()
    np.testing.assert_array_equal(read.array, [[1, 2], [3.5, -4000]])
    assert read.kind == "table"
    assert units(read) == ({"mass": "1", "radius": "1"} if head else {"0": "1", "1": "1"})


def test_units_stand_in_brackets(tmp_path: Path) -> None:
    read = Table(write(tmp_path / "a.csv", "mass [kg],y,y [nM]\n1,2,3\n")).read()
    assert units(read) == {"mass": "kg", "y": "1", "y [nM]": "1"}


def test_one_column_of_a_table_is_chosen(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "mass,radius\n1,2\n3,4\n5,6\n")
    np.testing.assert_array_equal(Table(path, key="radius").read().array, [[2], [4], [6]])
    with pytest.raises(BadInput, match="no column 'color'") as caught:
        Table(path, key="color").read()
    assert "mass, radius" in caught.value.given


def test_words_are_places_of_levels_and_truths_zero_and_one(tmp_path: Path) -> None:
    text = "sort,alive,side\nred,true,left\nblue,False,right\ngreen,TRUE,left\n"
    read = Table(write(tmp_path / "a.csv", text)).read()
    assert [c.levels for c in read.columns] == [("blue", "green", "red"), (), ("left", "right")]
    np.testing.assert_array_equal(read.array, [[2, 1, 0], [0, 0, 1], [1, 1, 0]])


def test_tables_share_their_columns_whatever_their_order(tmp_path: Path) -> None:
    truth = write(tmp_path / "truth.csv", "age,sort\n1,red\n2,blue\n3,red\n")
    model = write(tmp_path / "model.csv", "sort,age\ngreen,5\nblue,6\n")
    one, other = alike([truth, model])
    assert units(one) == units(other) == {"age": "1", "sort": "1"}
    assert one.columns[1].levels == other.columns[1].levels == ("blue", "green", "red")
    np.testing.assert_array_equal(other.array, [[5, 1], [6, 0]])


def test_conditions_and_groups_are_columns(tmp_path: Path) -> None:
    text = "T [K],year,x\n1.5,2001,7\n2.5,2001,8\n2.5,2002,9\n"
    read = Table(write(tmp_path / "a.csv", text), given=("T",), group="year").read()
    np.testing.assert_array_equal(read.array, [[7], [8], [9]])
    np.testing.assert_array_equal(read.given["T"], [1.5, 2.5, 2.5])
    assert read.given_unit == {"T": "K"}
    assert read.group.tolist() == ["2001", "2001", "2002"]


def test_days_may_be_groups(tmp_path: Path) -> None:
    text = "day,x\n2001-01-01,7\n2001-01-01,8\n2001-01-02,9\n"
    assert Table(write(tmp_path / "a.csv", text), group="day").read().group.tolist()[1] == "2001-01-01"


@pytest.mark.parametrize(
    ("text", "wrong", "stated"),
    [
        ("a,b\n1,2\n3\n", "another length", "row 2: 1 cells"),
        ("a,b\n1,nan\n2,inf\n", "infinite", "b in row 2"),
        ("a,a\n1,2\n", "same header", "a, a"),
        ("a,b\n", "no rows", "a.csv"),
        ("", "empty", "a.csv"),
        ("a,when\n1,2020-01-31\n", "a date", "column when"),
        ("a,b\n" + "".join(f"n{i % 21},{i % 5}\n" for i in range(42)), "too many different words", "21 of them"),
    ],
)
def test_a_table_with_a_flaw_names_it(text: str, wrong: str, stated: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=wrong) as caught:
        Table(write(tmp_path / "a.csv", text)).read()
    assert stated in caught.value.given


def test_twenty_classes_are_not_too_many(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n" + "".join(f"n{i},{i % 7}\n" for i in range(20)))
    assert len(Table(path).read().columns[0].levels) == 20


@pytest.mark.parametrize("gap", ["", "NA", "nan", "?", "-", "#N/A"])
def test_gaps_stay_open(gap: str, tmp_path: Path) -> None:
    read = Table(write(tmp_path / "a.csv", f"a,b\nx,1\ny,{gap}\n,3\n")).read()
    np.testing.assert_array_equal(read.array, [[0, 1], [1, np.nan], [np.nan, 3]])
    assert [(c.middle, c.gaps) for c in read.columns] == [(0, True), (2, True)]


@pytest.mark.parametrize(
    ("other", "wrong", "stated"),
    [
        ("a\n1\n", "same columns", "other.csv lacks b"),
        ("a,b,c\n1,2,3\n", "same columns", "truth.csv lacks c"),
        ("1,2\n3,4\n", "headers", "other.csv lacks them"),
        ("a [kg],b\n1,2\n", "two units", "'1' and 'kg'"),
        ("a,b\n1,x\n", "numbers in one table and words in another", "words in"),
    ],
)
def test_tables_that_do_not_match_say_how(other: str, wrong: str, stated: str, tmp_path: Path) -> None:
    paths = [write(tmp_path / "truth.csv", "a,b\n1,2\n"), write(tmp_path / "other.csv", other)]
    with pytest.raises(BadInput, match=wrong) as caught:
        alike(paths)
    assert stated in caught.value.given


def test_parquet_and_frames_are_read_as_csv_is(tmp_path: Path) -> None:
    frame = pandas.DataFrame(
        {
            "mass [kg]": [1.0, 2.5, 3.0],
            "sort": ["red", "blue", "red"],
            "alive": [True, False, True],
            "count": pandas.array([1, 2, 3], dtype="Int64"),
            "side": pandas.Categorical(["l", "r", "l"]),
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_csv(tmp_path / "a.csv", index=False)
    read = [Table(tmp_path / name).read() for name in ("a.parquet", "a.csv")]
    read += frames_alike(frame, frame[frame.columns[::-1]], None)[:2]
    for one in read:
        np.testing.assert_array_equal(one.array, read[1].array)
        assert units(one) == units(read[1])


def test_gaps_and_dates_of_a_frame(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"a": pandas.array([1, None], dtype="Int64"), "b": ["x", None]})
    assert np.isnan(frames_alike(frame, frame)[0].array).tolist() == [[False, False], [True, True]]
    with pytest.raises(BadInput, match="a date"):
        frames_alike(pandas.DataFrame({"t": pandas.to_datetime(["2020-01-01"])}), None)
    (tmp_path / "a.parquet").write_bytes(b"rubbish")
    with pytest.raises(BadInput, match="cannot be read"):
        Table(tmp_path / "a.parquet").read()


# samples


def test_written_samples_come_back_as_they_were(tmp_path: Path) -> None:
    samples = Samples.of(SPINS.astype(np.int8), "lattice", "1", "a test", {"temperature": np.ones(3)}, list("abc"))
    samples.write(tmp_path / "a.npz")
    back = Arrays(tmp_path / "a.npz").read()
    np.testing.assert_array_equal(back.array, samples.array)
    assert (back.kind, back.origin, back.id.tolist()) == ("lattice", "a test", ["a", "b", "c"])
    np.testing.assert_array_equal(back.given["temperature"], 1)
    assert Arrays(tmp_path / "a.npz", kind="lattice").read().kind == "lattice"
    for settings in ({"kind": "field"}, {"unit": "K"}):
        with pytest.raises(BadInput, match="states another"):
            Arrays(tmp_path / "a.npz", **settings).read()


def test_one_of_several_sets_of_samples_is_chosen(tmp_path: Path) -> None:
    sets = {name: Samples.of(ROWS + i, "vector", origin=name) for i, name in enumerate(("truth", "model"))}
    write_npz(tmp_path / "a.npz", sets["truth"].to_arrays("truth.") | sets["model"].to_arrays("model."))
    np.testing.assert_array_equal(Arrays(tmp_path / "a.npz", "model").read().array, ROWS + 1)
    assert Arrays(tmp_path / "a.npz", "truth").read().origin == "truth"
    np.testing.assert_array_equal(Arrays(tmp_path / "a.npz", "truth.x").read().array, ROWS)
    for key, wrong in (("", "several"), ("data", "no 'data'")):
        with pytest.raises(BadInput, match=wrong) as caught:
            Arrays(tmp_path / "a.npz", key).read()
        assert "truth (samples), model (samples)" in caught.value.given
    sets["truth"].write(tmp_path / "b.npz")
    with pytest.raises(BadInput, match="no 'data'"):
        Arrays(tmp_path / "b.npz", "data").read()
