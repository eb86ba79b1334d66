"""Files that are read change nothing, pull nothing else in, and never take more than they can be worth."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from simulacra.core.errors import BadInput
from simulacra.judging.reading import How, read, read_alike
from simulacra.sources.showers.calochallenge import CaloChallenge
from traps import outside

RNG = np.random.default_rng(3)


def folder_of(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in path.iterdir()}


# ASE


def test_a_database_that_is_none_of_ases_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "places.db"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE moz_places (id INTEGER, url TEXT)")
        base.execute("INSERT INTO moz_places VALUES (1, 'https://example.org')")
    base.close()
    before = folder_of(tmp_path)
    with pytest.raises(BadInput, match="no table 'systems'") as caught:
        read(path, How())
    assert "moz_places" in caught.value.given
    assert folder_of(tmp_path) == before


@pytest.mark.parametrize("beside", ["-wal", "-journal"])
def test_a_database_that_another_program_has_open_is_not_mended(beside: str, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    _database(path)
    (tmp_path / f"a.db{beside}").write_bytes(b"left unfinished")
    before = folder_of(tmp_path)
    with pytest.raises(BadInput, match="another program has this database open"):
        read(path, How())
    assert folder_of(tmp_path) == before


def test_ases_own_database_is_read_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "set@2024 #1?.db"
    _database(path)
    before = folder_of(tmp_path)
    assert len(read(path, How())) == 3
    assert folder_of(tmp_path) == before


def _database(path: Path) -> None:
    from ase.build import molecule
    from ase.db import connect

    with connect(str(path), use_lock_file=False) as base:
        for name in ("H2O", "CH4", "NH3"):
            base.write(molecule(name))


def test_a_name_with_an_at_sign_reads_that_file_and_no_other(tmp_path: Path) -> None:
    from ase.build import molecule
    from ase.io import write

    write(str(tmp_path / "plain.traj"), [molecule("CH4")] * 3)
    (tmp_path / "plain.traj").rename(tmp_path / "set")
    write(str(tmp_path / "other.traj"), [molecule("H2O"), molecule("H2O")])
    (tmp_path / "other.traj").rename(tmp_path / "set@2024.traj")
    found = read(tmp_path / "set@2024.traj", How())
    assert len(found) == 2 and set(found.x[0, :, 0]) == {1.0, 8.0}


@pytest.mark.parametrize("ending", [".traj", ".pdb", ".gjf", ".db"])
def test_content_picks_no_reader_that_the_ending_did_not_name(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    path.write_text("3\nwater\nO 0 0 0.117\nH 0 0.757 -0.471\nH 0 -0.757 -0.471\n")  # an xyz, which ASE knows, too
    with pytest.raises(BadInput):
        read(path, How())


def test_a_picture_is_of_a_picture_format(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "p" / "a.eps")
    (tmp_path / "p" / "a.eps").rename(tmp_path / "p" / "a.png")  # PostScript is handed to an interpreter
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "p", How())


# HDF5


@pytest.mark.parametrize("how", ["external link", "link behind a link", "external storage", "virtual dataset"])
@pytest.mark.parametrize("reader", ["array", "table", "showers"])
def test_hdf5_pulls_in_no_other_file(how: str, reader: str, tmp_path: Path) -> None:
    secret = tmp_path / "home" / "secret.h5"
    secret.parent.mkdir()
    with h5py.File(secret, "w") as file:
        file["x"] = RNG.normal(size=(12, 4))
    path = tmp_path / "a.h5"
    outside(path, how, secret)
    if reader == "showers":
        with h5py.File(path, "a") as file:
            file.move("x" if "x" in file else "a", "showers")
            file["incident_energies"] = np.ones((12, 1))
    with pytest.raises(BadInput, match=r"link to another file|lie in other files") as caught:
        if reader == "table":
            read_alike({"truth": path, "model": path}, How())
        else:
            CaloChallenge(path, 1, 2, 2).read() if reader == "showers" else read(path, How())
    assert str(secret) in caught.value.given


def test_links_within_a_file_are_followed_still(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["group/x"] = RNG.normal(size=(12, 4))
        file["y"] = h5py.SoftLink("/group/x")
    assert read(tmp_path / "a.h5", How()).x.shape == (12, 4)


# pictures of a folder


def test_a_link_out_of_a_folder_of_pictures_is_refused_and_one_within_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    for place, name in ((tmp_path, "private"), *((folder, f"own{i}") for i in range(3))):
        Image.fromarray(RNG.integers(0, 255, (8, 8), dtype=np.uint8)).save(place / f"{name}.png")
    (folder / "within.png").symlink_to(folder / "own0.png")
    assert len(read(folder, How())) == 4
    (folder / "out.png").symlink_to(tmp_path / "private.png")
    with pytest.raises(BadInput, match="lead out of it") as caught:
        read(folder, How())
    assert "out.png" in caught.value.given


def test_a_folder_to_be_asked_gives_away_nothing_that_lies_outside(tmp_path: Path) -> None:
    from simulacra.assistant.library import Library

    secret, folder = tmp_path / "secret.md", tmp_path / "notes"
    folder.mkdir()
    secret.write_text("# Keys\n\nThe secret password of the user is swordfish.")
    (folder / "a.md").write_text("# Spins\n\nThe Ising model has a phase transition at T = 2.269.")
    (folder / "b.md").symlink_to(secret)
    (folder / "more").symlink_to(tmp_path)
    with Library(tmp_path / "library.db") as library:
        stated = library.add(folder)
        assert any("leads out" in why for why in stated.skipped.values())
        assert "swordfish" not in str(library.ask("What is the secret password of the user?"))
    assert b"swordfish" not in (tmp_path / "library.db").read_bytes()
