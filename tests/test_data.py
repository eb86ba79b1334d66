"""A data file is found by its name, is the right one, or is missed with words that help."""

import hashlib
import os
from pathlib import Path

import pooch
import pytest

from simulacra.core.data import find
from simulacra.core.errors import BadInput


@pytest.fixture
def two_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        (folder / "sky").mkdir(parents=True)
    monkeypatch.setenv("SIMULACRA_DATA", os.pathsep.join(str(folder) for folder in folders))
    return folders


def test_the_first_folder_that_has_the_file_wins(two_folders: list[Path]) -> None:
    (two_folders[1] / "sky/map.npy").write_bytes(b"second")
    assert find("sky/map.npy").read_bytes() == b"second"
    (two_folders[0] / "sky/map.npy").write_bytes(b"first")
    assert find("sky/map.npy").read_bytes() == b"first"


def test_the_right_bytes_pass_and_others_do_not(two_folders: list[Path]) -> None:
    path = two_folders[0] / "sky/map.npy"
    path.write_bytes(b"stars")
    right = hashlib.sha256(b"stars").hexdigest()
    assert find("sky/map.npy", right) == path
    assert find("sky/map.npy", right.upper()) == path
    with pytest.raises(BadInput, match="not the one that is expected") as caught:
        find("sky/map.npy", "0" * 64)
    assert right in caught.value.given
    assert "0" * 64 in caught.value.fix


def test_an_absent_file_is_said_in_three_lines(two_folders: list[Path]) -> None:
    with pytest.raises(BadInput) as caught:
        find("sky/map.npy", fix="ask the observatory, or give --images FOLDER")
    lines = str(caught.value).split("\n")
    assert len(lines) == 3
    assert "sky/map.npy" in lines[0]
    assert str(two_folders[0]) in lines[1]
    assert str(two_folders[1]) in lines[1]
    assert "SIMULACRA_DATA" in lines[2]
    assert "ask the observatory" in lines[2]


def test_an_unset_variable_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    with pytest.raises(BadInput, match="SIMULACRA_DATA is not set"):
        find("sky/map.npy")


def test_a_file_with_an_address_is_fetched_into_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def retrieve(url: str, known_hash: str, fname: str, path: Path) -> str:
        asked.append((url, known_hash))
        (tmp_path / fname).write_bytes(b"stars")
        return str(tmp_path / fname)

    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    monkeypatch.setattr(pooch, "retrieve", retrieve)
    assert find("map.npy", "ab", address="https://example.org/map.npy").read_bytes() == b"stars"
    assert asked == [("https://example.org/map.npy", "sha256:ab")]


def test_a_failed_fetch_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def retrieve(url: str, known_hash: str, fname: str, path: Path) -> str:
        raise OSError("no network")

    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(BadInput, match="could not be fetched"):
        find("map.npy", "ab", address="https://example.org/map.npy")
