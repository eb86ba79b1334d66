"""What strangers bring: half-fetched files, totals under tables, other notations; read rightly or refused by name."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from simulacra.core.errors import BadInput
from simulacra.judging.door import noticed
from simulacra.judging.reading import How, read_alike

RNG = np.random.default_rng(41)


def both(path: Path, write: Callable[[Path, str], object], ending: str, how: How | None = None):  # noqa: ANN201
    """Model and truth, written by a function of the place and the role."""
    places = {role: path / f"{role}{ending}" for role in ("truth", "model")}
    for role, place in places.items():
        write(place, role)
    return read_alike(places, how or How())


def table(rows: list[str]) -> Callable[[Path, str], object]:
    """The same text on both sides, but for a last digit."""
    return lambda place, role: place.write_text("\n".join(rows).replace("ROLE", "1" if role == "model" else "2") + "\n")


NUMBERS = [f"{x:.2f},{n}" for x, n in zip(RNG.normal(size=30), RNG.integers(20, 80, 30), strict=True)]


@pytest.mark.parametrize(
    ("ending", "lines", "wrong", "fix"),
    [
        (".csv", ["<!DOCTYPE html>", "<html><title>403 ROLE</title></html>"], "a web page", "fetch it again"),
        (".csv", ["version https://git-lfs.github.com/spec/v1", "size ROLE"], "pointer of Git LFS", "git lfs pull"),
        (".smi", [*["InChI=1S/CH4/h1H4"] * 20, "ROLE"], "these are InChI", "MolFromInchi"),
        (
            ".smi",
            [*["[C][C][O]", "[C][=O]", "[C][Branch1][C][O]"] * 5, "[C]ROLE"],
            "these are SELFIES",
            "decoder",
        ),
        (".smi", [*["CCO>>CC=O", "CO>[Pd]>C=O"] * 10, "CROLE"], "these are reactions", "products alone"),
        (".txt", ["0 1:0.5 3:2.ROLE", "1 1:0.25"] * 10, "no SMILES", "ends in .csv"),
        (".txt", ["  age  name", "   32  anna", "   5ROLE  ben"], "no SMILES", "ends in .csv"),
        (".mat", ["MATLAB ROLE"], "not read from such a file", "scipy.io.loadmat"),
        (".pt", ["PK ROLE"], "not read from such a file", "never opened"),
        (".jsonl", ['{"a": ROLE}'], "not read from such a file", "pandas.read_json"),
        (".nii", ["ROLE"], "not read from such a file", "nibabel"),
    ],
)
def test_what_is_something_else_is_refused_by_its_name(
    ending: str, lines: list[str], wrong: str, fix: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=wrong) as caught:
        both(tmp_path, table(lines), ending)
    assert fix in caught.value.fix


def test_strings_of_broken_molecules_are_still_smiles(tmp_path: Path) -> None:
    found = both(tmp_path, table(["c1ccccc", "CC(C", "[CH3:1][OH:2]", "C1CC[", "N(((", "OROLE"] * 4), ".smi")
    assert found["model"].kind == "smiles" and len(found["model"]) == 24


def test_totals_under_a_table_are_no_record(tmp_path: Path) -> None:
    rows = ["site,count", *(f"{'ABC'[i % 3]},{i + 10}ROLE" for i in range(30)), "Total,735"]
    found = both(tmp_path, table(rows), ".csv")
    assert len(found["truth"]) == 30 and found["truth"].columns[0].levels == ("A", "B", "C")
    assert "it begins with 'Total'" in " ".join(found["truth"].left.said)
    named = ["site,count", *(f"{['Total', 'Part'][i % 2]},{i + 10}ROLE" for i in range(30)), "Total,41"]
    assert len(both(tmp_path, table(named), ".csv")["truth"]) == 31  # a level like any other


def test_a_first_number_whose_comma_is_unclear_is_no_unit(tmp_path: Path) -> None:
    lines = ["height;weight", "1,019;2,5", *(f"{x:.3f};{x + 1:.2f}ROLE".replace(".", ",") for x in RNG.normal(size=20))]
    found = both(tmp_path, table(lines), ".csv")["truth"]
    assert len(found) == 21 and found.array[0].tolist() == [1.019, 2.5]


def test_words_among_aligned_numbers_are_a_table(tmp_path: Path) -> None:
    lines = ["  age   name    bmi", *(f"{20 + 7 * i % 31:5}   {'abc'[i % 3]}   2{i % 9}.ROLE" for i in range(20))]
    found = both(tmp_path, table(lines), ".csv")["truth"]
    assert [c.name for c in found.columns] == ["age", "name", "bmi"]


def test_levels_that_differ_in_case_alone_are_named(tmp_path: Path) -> None:
    def write(place: Path, role: str) -> None:
        words = ["Male", "Female"] if role == "truth" else ["male", "female"]
        place.write_text("sex,x,age\n" + "\n".join(f"{words[i % 2]},{row}" for i, row in enumerate(NUMBERS)) + "\n")

    warned = " ".join(both(tmp_path, write, ".csv")["truth"].left.warned)
    assert "'Female' and 'female'" in warned and "'Male' and 'male'" in warned


def test_headers_that_differ_in_case_alone_are_named(tmp_path: Path) -> None:
    def write(place: Path, role: str) -> None:
        place.write_text(f"x,{'Age' if role == 'truth' else 'age'}\n" + "\n".join(NUMBERS) + "\n")

    with pytest.raises(BadInput, match="same columns") as caught:
        both(tmp_path, write, ".csv")
    assert "'Age', 'age' alike" in caught.value.fix


def groups(more: bool) -> Callable[[Path, str], object]:
    def write(place: Path, role: str) -> None:
        with h5py.File(place, "w") as file:
            for i in range(12):
                file[f"event_{i:03}/image"] = np.full((4, 4), float(i))
                if more:
                    file[f"event_{i:03}/energy"] = np.full(3, RNG.normal())

    return write


def test_a_group_a_sample_is_a_set(tmp_path: Path) -> None:
    found = both(tmp_path, groups(False), ".h5")["truth"]
    assert found.array.shape == (12, 4, 4) and (found.array[:, 0, 0] == np.arange(12)).all()
    with pytest.raises(BadInput, match="several arrays") as caught:
        both(tmp_path, groups(True), ".h5")
    assert caught.value.fix.split()[-1] in ("image", "energy")
    for key, shape in (("image", (12, 4, 4)), ("energy", (12, 3))):
        assert both(tmp_path, groups(True), ".h5", How(key=key))["truth"].array.shape == shape


def test_rows_of_several_lengths_say_so(tmp_path: Path) -> None:
    def write(place: Path, role: str) -> None:
        with h5py.File(place, "w") as file:
            rows = file.create_dataset("t", (12,), dtype=h5py.vlen_dtype(float))
            for i in range(12):
                rows[i] = np.arange(i + 1.0)

    with pytest.raises(BadInput, match="several lengths"):
        both(tmp_path, write, ".h5")


def pictures(ending: str, side: int, mode: str = "RGB", spoiled: bytes | None = None) -> Callable[[Path, str], object]:
    def write(place: Path, role: str) -> None:
        place.mkdir()
        for i in range(12):
            pixels = RNG.integers(0, 255, (side + 16 * (role == "model"), side, len(mode)), dtype=np.uint8)
            data = io.BytesIO()
            Image.fromarray(pixels, mode).save(data, "JPEG" if ending == ".jpg" else "PNG")
            (place / f"{i}{ending}").write_bytes(data.getvalue())
        if spoiled is not None:
            (place / f"spoiled{ending}").write_bytes(spoiled)

    return write


@pytest.mark.filterwarnings("ignore:'mode' parameter")
@pytest.mark.parametrize(("spoiled", "said"), [(b"", "it is empty"), (b"<html>404</html>", "as of a web page")])
def test_a_broken_picture_says_why(spoiled: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read") as caught:
        both(tmp_path, pictures(".jpg", 8, spoiled=spoiled), "")
    assert said in caught.value.given and "BytesIO" not in caught.value.given


@pytest.mark.filterwarnings("ignore:'mode' parameter")
def test_print_colors_and_enlarged_pictures_are_said(tmp_path: Path) -> None:
    found = both(tmp_path, pictures(".jpg", 16, "CMYK"), "", How(size=24))
    changed = found["truth"].left.changed
    assert changed["turned from CMYK into RGB"] == 12
    assert changed["enlarged from 16 pixels a side, which adds no detail"] == 12
    assert not any("different sizes" in text for text in noticed(found).warnings)  # the model's are cut to 16 as well
