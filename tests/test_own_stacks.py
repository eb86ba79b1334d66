"""A user's own stack: read, segmented, cut, learned from, written for other programs; errors say what to do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.domains.likeness.same_volume import Volumes
from simulacra.domains.materials.isosurface import area, surface_of
from simulacra.domains.materials.stacks import otsu
from simulacra.domains.materials.volume_files import write_volumes
from simulacra.domains.materials.volumes import spacing_of, unit_of
from simulacra.pictures import volume
from simulacra.sources.materials.sphere_packing import SpherePacking
from simulacra.sources.materials.voxels import ENOUGH, Voxels
from simulacra.statistics.materials.lineal_path import LinealPath

Array = NDArray[Any]


def spheres(side: int = 32, n: int = 1) -> Array:
    return SpherePacking(side, 3.0, 0.3, periodic=True).draw(n, np.random.default_rng(0)).array


def gray(phases: Array) -> Array:
    """As a scanner sees them: dark and bright, with noise of an eighth of the contrast."""
    noise = np.random.default_rng(1).normal(0, 10, phases.shape)
    return np.clip(70 + 80.0 * phases + noise, 0, 255).astype(np.uint8)


def tiff(path: Path, x: Array) -> Path:
    pages = [Image.fromarray(page) for page in x]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


def glued(blocks: Array) -> Array:
    """27 blocks back in their places."""
    side = blocks.shape[1]
    return blocks.reshape(3, 3, 3, side, side, side).transpose(0, 3, 1, 4, 2, 5).reshape(3 * side, 3 * side, 3 * side)


@pytest.mark.parametrize("form", ["tiff", "npy", "slices", "sixteen bits"])
def test_a_stack_comes_back_as_blocks_of_its_phases(form: str, tmp_path: Path) -> None:
    truth = spheres(24)[0]
    seen, path = gray(truth), tmp_path / "stack.tif"
    if form == "npy":
        path = tmp_path / "stack.npy"
        np.save(path, seen.astype(np.float32) / 255)
    elif form == "slices":
        path = tmp_path / "slices"
        path.mkdir()
        for i, page in enumerate(seen):  # slice_10 comes after slice_9
            Image.fromarray(page).save(path / f"slice_{i}.png")
    else:
        tiff(path, seen if form == "tiff" else seen.astype(np.uint16) * 256)
    found = Voxels(path, size=8, spacing=2.5, length="µm").read()
    assert (found.kind, found.unit) == ("volume", "voxel of 2.5 µm")
    np.testing.assert_array_equal(glued(found.array), truth)
    assert "Otsu's" in found.origin and "each block its own group" in found.origin
    assert len(set(found.id)) == len(set(found.group)) == 27


def test_a_given_threshold_is_taken_and_told(tmp_path: Path) -> None:
    path = tiff(tmp_path / "s.tif", gray(spheres(16)[0]))
    found = Voxels(path, size=8, threshold=160.0).read()
    assert "above 160," in found.origin
    assert found.array.mean() < Voxels(path, size=8).read().array.mean()


def test_many_stacks_are_groups_and_blocks_may_stand_apart(tmp_path: Path) -> None:
    x = spheres(20, ENOUGH)
    np.save(tmp_path / "many.npy", x)
    found = Voxels(tmp_path / "many.npy", size=8, gap=4).read()
    assert len(found) == 8 * ENOUGH and len(set(found.group)) == ENOUGH
    np.testing.assert_array_equal(found.array[1], x[0, :8, :8, 12:20])
    assert "1 of the two values 0 and 1" in found.origin


def test_the_threshold_of_otsu_parts_two_classes_in_the_middle_of_their_gap() -> None:
    rng = np.random.default_rng(2)
    two = np.concatenate([rng.normal(0, 1, 5000), rng.normal(10, 1, 2000)])
    assert 4 < otsu(two) < 6
    assert otsu(np.array([3, 3, 7], dtype=np.uint8)) == 5


@pytest.mark.parametrize(
    ("name", "x", "wrong", "fix"),
    [
        ("flat.tif", np.zeros((1, 9, 9), np.uint8), "has no depth", "a stack of slices"),
        ("one.npy", np.full((32, 32, 32), 7, np.uint8), "of one gray value", "two phases"),
        ("small.npy", spheres(16)[0], "no block of 32 voxels", "--size"),
        ("nan.npy", np.where(spheres(16)[0] > 0, np.nan, 1.0), "not numbers", "cut away"),
        ("flat.npy", np.zeros((9, 9)), "has no depth", "slices"),
        ("five.npy", np.zeros((1, 1, 4, 4, 4)), "three axes", "depth, height, width"),
        ("text.tif", None, "cannot be read", "save it again"),
        ("text.csv", None, "not read from such a file", ".npy"),
    ],
)
def test_what_is_no_stack_is_told(name: str, x: Array | None, wrong: str, fix: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if x is None:
        path.write_text("no picture")
    elif name.endswith(".npy"):
        np.save(path, x)
    else:
        tiff(path, x)
    with pytest.raises(BadInput, match=wrong) as caught:
        Voxels(path, size=32).read()
    assert fix in caught.value.fix


def test_a_threshold_beyond_all_voxels_and_a_missing_file_are_told(tmp_path: Path) -> None:
    np.save(tmp_path / "s.npy", spheres(16)[0])
    with pytest.raises(BadInput, match="one side of the threshold"):
        Voxels(tmp_path / "s.npy", 8, threshold=4.0).read()
    with pytest.raises(BadInput, match="no such stack"):
        Voxels(tmp_path / "none.tif").read()
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no slices"):
        Voxels(tmp_path / "empty").read()


def test_the_length_of_a_voxel_is_its_unit() -> None:
    assert spacing_of(unit_of(0.25, "mm")) == (0.25, "mm")
    for spacing, length in ((0.0, "µm"), (2.0, "voxel"), (1.0, " ")):
        with pytest.raises(BadInput):
            unit_of(spacing, length)


@pytest.mark.parametrize("n", [1, 3])
def test_a_tiff_of_drawn_volumes_is_read_as_the_same_volumes(n: int, tmp_path: Path) -> None:
    x = spheres(12, n)
    write_volumes(Samples.of(x, "volume", "voxel of 2.5 µm"), tmp_path / "out.tiff")
    np.testing.assert_array_equal(Voxels(tmp_path / "out.tiff", size=12).read().array, x)
    with Image.open(tmp_path / "out.tiff") as image:
        stated = image.tag_v2[270]
        assert float(image.tag_v2[282]) == pytest.approx(0.4)  # voxels in a micrometer
    assert "spacing=2.5" in stated and "slices=12" in stated and (n == 1 or "frames=3" in stated)


def test_a_vtk_file_has_its_header_and_its_bytes(tmp_path: Path) -> None:
    x = spheres(12, 2)[:, :10, :11]
    write_volumes(Samples.of(x, "volume", "voxel of 2.5 µm"), tmp_path / "out.vtk")
    lines = (tmp_path / "out.vtk").read_bytes().split(b"\n", 8)
    assert lines[0] == b"# vtk DataFile Version 3.0" and lines[2] == b"BINARY"
    assert lines[4:8] == [b"DIMENSIONS 13 12 11", b"ORIGIN 0 0 0", b"SPACING 2.5 2.5 2.5", b"CELL_DATA 1320"]
    start = lines[8].index(b"default\n") + 8
    np.testing.assert_array_equal(np.frombuffer(lines[8][start : start + 1320], np.uint8).reshape(10, 11, 12), x[0])
    assert lines[8].count(b"SCALARS sample_") == 2


def test_other_kinds_are_not_written_as_stacks(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="only volumes"):
        write_volumes(Samples.of(np.zeros((2, 8, 8)), "field"), tmp_path / "x.vtk")


def test_volumes_that_hold_more_than_two_phases_are_told() -> None:
    with pytest.raises(BadInput, match="phases of a volume are 0 and 1"):
        LinealPath()(Samples.of(np.full((2, 8, 8, 8), 3), "volume"))
    with pytest.raises(BadInput, match="four axes"):
        LinealPath()(Samples.of(np.zeros((8, 8, 8)), "volume"))


@pytest.mark.parametrize("smooth", [0.0, 0.7])
def test_the_surface_of_a_body_is_closed_and_has_its_topology(smooth: float) -> None:
    z, y, x = np.indices((26, 26, 26)) - 12.5
    for inside, characteristic in ((z**2 + y**2 + x**2 <= 81, 1), ((np.hypot(y, x) - 7) ** 2 + z**2 <= 9, 0)):
        where, triangles = surface_of(inside, smooth)
        edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
        found, times = np.unique(edges, axis=0, return_counts=True)
        assert (times == 2).all()
        assert len(where) - len(found) + len(triangles) == 2 * characteristic
    ball = surface_of(z**2 + y**2 + x**2 <= 81, 0.7)
    assert area(*ball) == pytest.approx(4 * np.pi * 81, rel=0.02)


def test_a_tile_shows_three_slices_and_a_surface_that_turns_its_lit_side_to_us() -> None:
    x = np.zeros((2, 16, 16, 16), np.uint8)
    x[0, 4:12, 4:12, 4:12] = 1
    scale = volume.scale(Samples.of(x, "volume", "voxel of 2 µm"))
    assert "16 voxels, 32 µm" in scale.words
    full, empty = volume.tiles(x, scale)
    side = (full.shape[0] - volume.GAP) // 2
    assert tuple(full[side // 2, side // 2]) == tuple(volume.PHASE.astype(np.uint8))
    space = np.s_[side + volume.GAP :, side + volume.GAP :]
    body = np.abs(full[space].astype(int) - empty[space]).sum(axis=2) > 60
    rows = full[space].astype(float).sum(axis=2)
    upper, lower = (rows[half][body[half]].mean() for half in (np.s_[: side // 2], np.s_[side // 2 :]))
    assert body.sum() > 0.05 * side**2 and upper > lower  # light comes from above


def test_turned_volumes_are_the_same_volume() -> None:
    x = spheres(16, 2)
    like = Volumes()
    a, b = like.ready(x), like.ready(np.rot90(x, 1, (1, 3))[:, ::-1])
    own = like.sketches(b)[0]
    version = np.argmin([((s - own) ** 2).sum(axis=1) for s in like.sketches(a)], axis=0)
    assert like.apart(a, b, version) == pytest.approx(0)
    assert like.apart(a, a[::-1], np.zeros(2, dtype=int)).min() > 10


def test_a_study_learns_from_ones_own_stack_and_draws_blocks_of_it(tmp_path: Path) -> None:
    path = tiff(tmp_path / "mine.tif", gray(spheres(48)[0]))
    make = shelf("studies").load("microstructure_by_wgan_gp")
    study = make(voxels=path, size=8, spacing=2.5, length="µm", width=2, critic=2, steps=2)
    run = study.run(seed=0, out=tmp_path / "runs", name="own")
    assert run.samples["model"].array.shape[1:] == (8, 8, 8)
    assert run.samples["model"].unit == "voxel of 2.5 µm"
    assert set(run.verdicts) == {*study.judges, "copies"}
    assert run.all_verdicts["copycat"]["copies"].word == "differs"
    with pytest.raises(BadInput, match="threshold was given"):
        make(threshold=3.0)
    with pytest.raises(BadInput, match="voxels a side"):
        make(size=10)
