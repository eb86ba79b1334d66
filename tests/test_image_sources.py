"""Pictures come in as they are stored, or with an error that names them."""

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simulacra.core.data import find
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.sources.base import Archive
from simulacra.sources.files.image_folder import ImageFolder
from simulacra.sources.sky.galaxy_zoo import FIX, NAME, SHA256, GalaxyZoo


def noise(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).integers(0, 256, shape or (8, 8, 3), dtype=np.uint8)


def png(pixels: Array) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def lay(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def tar(path: Path, files: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            item = tarfile.TarInfo(name)
            item.size = len(data)
            archive.addfile(item, io.BytesIO(data))
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


FOUR = {f"some/{name}.png": png(noise(i)) for i, name in enumerate("dbca")}


def test_a_folder_and_every_archive_give_the_same_samples(tmp_path: Path) -> None:
    places = [
        lay(tmp_path / "folder", FOUR),
        tar(tmp_path / "a.tar", FOUR),
        tar(tmp_path / "a.tar.gz", FOUR, "w:gz"),
        tar(tmp_path / "a.tgz", FOUR, "w:gz"),
        zipped(tmp_path / "a.zip", FOUR),
    ]
    for place in places:
        source = ImageFolder(place, size=8)
        assert isinstance(source, Archive)
        read = source.read()
        assert read.kind == "picture"
        assert read.array.dtype == np.float32
        assert read.id.tolist() == read.group.tolist() == ["a", "b", "c", "d"]
        np.testing.assert_array_equal(read.array, np.stack([noise(i) for i in (3, 1, 2, 0)]).astype(np.float32) / 255)
        assert not read.given
        assert str(place) in read.origin


def test_the_middle_is_cut_and_each_new_pixel_is_the_mean_of_its_area(tmp_path: Path) -> None:
    whole = noise(1, 12, 10, 3)
    read = ImageFolder(lay(tmp_path, {"a.png": png(whole)}), size=4, crop=8).read()
    middle = whole[2:10, 1:9].astype(float) / 255
    np.testing.assert_allclose(read.array[0], middle.reshape(4, 2, 4, 2, 3).mean(axis=(1, 3)), atol=1e-6)
    largest = ImageFolder(tmp_path, size=5).read().array[0]
    np.testing.assert_allclose(largest, whole[1:11].reshape(5, 2, 5, 2, 3).mean(axis=(1, 3)) / 255, atol=1e-6)


def test_pictures_of_many_sizes_become_one_size_and_stay_in_range(tmp_path: Path) -> None:
    mixed = {f"{i}.png": png(noise(i, 5 + 3 * i, 20 - i, 3)) for i in range(5)}
    read = ImageFolder(lay(tmp_path, mixed), size=9).read()
    assert read.array.shape == (5, 9, 9, 3)
    assert 0 <= read.array.min() < read.array.max() <= 1


def test_gray_is_one_channel_alone_and_three_among_color(tmp_path: Path) -> None:
    lay(tmp_path, {"a.png": png(noise(0, 8, 8)), "b.png": png(noise(1, 8, 8))})
    alone = ImageFolder(tmp_path, size=8).read()
    assert alone.array.shape == (2, 8, 8, 1)
    lay(tmp_path, {"c.png": png(noise(2))})
    among = ImageFolder(tmp_path, size=8).read()
    assert "2 gray ones repeated over three channels" in among.origin
    np.testing.assert_array_equal(among.array[:2], np.repeat(alone.array, 3, axis=-1))


def read_one(path: Path) -> Array:
    return ImageFolder(path, size=4).read().array[0]


def test_deep_gray_keeps_its_depth(tmp_path: Path) -> None:
    deep = np.random.default_rng(0).integers(0, 65536, (4, 4)).astype(np.uint16)
    expected = (deep / 65535).astype(np.float32)
    for name, image in {
        "i16.png": Image.fromarray(deep),
        "i16.tif": Image.fromarray(deep),
        "i32.tif": Image.fromarray(deep.astype(np.int32)),
        "f32.tif": Image.fromarray(expected),
    }.items():
        folder = tmp_path / name.replace(".", "_")
        folder.mkdir()
        image.save(folder / name)
        np.testing.assert_allclose(read_one(folder)[..., 0], expected, rtol=1e-6)


def test_transparent_pixels_lie_over_black(tmp_path: Path) -> None:
    clear = noise(3, 4, 4, 4)
    expected = clear[..., :3] / 255 * (clear[..., 3:] / 255)
    np.testing.assert_allclose(read_one(lay(tmp_path / "rgba", {"a.png": png(clear)})), expected, atol=1e-6)
    gray = noise(4, 4, 4, 2)
    expected = gray[..., :1] / 255 * (gray[..., 1:] / 255)
    (tmp_path / "la").mkdir()
    Image.fromarray(gray, "LA").save(tmp_path / "la/a.png")
    np.testing.assert_allclose(read_one(tmp_path / "la"), expected, atol=1e-6)


@pytest.mark.parametrize(("mode", "channels"), [("1", 1), ("P", 3), ("CMYK", 3)])
def test_other_modes_are_read_as_what_they_show(mode: str, channels: int, tmp_path: Path) -> None:
    image = Image.fromarray(noise(5, 4, 4, 3)).convert(mode)
    image.save(tmp_path / "a.tif")
    shown = np.asarray(image.convert("L" if channels == 1 else "RGB")).reshape(4, 4, channels) / 255
    np.testing.assert_allclose(read_one(tmp_path), shown, atol=1e-6)


def test_jpeg_is_read_as_pillow_reads_it(tmp_path: Path) -> None:
    Image.fromarray(noise(6)).save(tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        expected = np.asarray(image) / 255
    np.testing.assert_allclose(ImageFolder(tmp_path, size=8).read().array[0], expected, atol=1e-6)


def test_corrupt_pictures_are_named_and_counted(tmp_path: Path) -> None:
    good = png(noise(0))
    broken = {f"bad{i}.png": good[: len(good) // 2] for i in range(7)} | {"text.jpg": b"no picture", "empty.png": b""}
    for place in (lay(tmp_path / "f", FOUR | broken), zipped(tmp_path / "a.zip", FOUR | broken)):
        with pytest.raises(BadInput, match="cannot be read") as caught:
            ImageFolder(place).read()
        assert "9 of 13" in caught.value.given
        assert "bad0.png" in caught.value.given
        assert "9 in all" in caught.value.given


def test_floating_point_pictures_outside_their_range_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 1.5, dtype=np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(BadInput, match="outside 0 to 1"):
        ImageFolder(tmp_path).read()


def test_pictures_smaller_than_the_crop_are_named(tmp_path: Path) -> None:
    lay(tmp_path, FOUR | {"big.png": png(noise(9, 32, 32, 3))})
    with pytest.raises(BadInput, match="smaller than crop=16") as caught:
        ImageFolder(tmp_path, crop=16).read()
    assert "some/a.png (8 by 8)" in caught.value.given
    assert "big" not in caught.value.given


def test_one_id_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the same id") as caught:
        ImageFolder(lay(tmp_path, FOUR | {"other/b.jpg": b""})).read()
    assert caught.value.given == "b"


def test_twins_share_a_group(tmp_path: Path) -> None:
    read = ImageFolder(lay(tmp_path, FOUR | {"z.png": FOUR["some/b.png"]}), size=4).read()
    assert read.id.tolist() == ["a", "b", "c", "d", "z"]
    assert read.group.tolist() == ["a", "b", "c", "d", "b"]
    assert "1 equal to another one" in read.origin


# classes


@pytest.mark.parametrize(
    "table",
    [
        "id,class\na,spiral\nb,spiral\nc,smooth\nd,smooth\n",
        "\ufeffClass ; OBJID ;ra\nsmooth;d;0\nspiral;a;1\nspiral;b;2\nsmooth;c;3\n\n",
        "file\tlabel\nx/a.png\tspiral\nb.png\tspiral\nc.png\tsmooth\nd.png\tsmooth",
    ],
)
def test_a_table_gives_the_classes_however_it_is_written(table: str, tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    path.write_text(table, encoding="utf-8")
    archive = tar(tmp_path / "a.tar", FOUR)
    read = ImageFolder(archive, path, size=8).read()
    assert read.given["class"].tolist() == ["spiral", "spiral", "smooth", "smooth"]
    inside = ImageFolder(tar(tmp_path / "b.tar", FOUR | {"labels.csv": table.encode()}), size=8).read()
    assert inside.given["class"].tolist() == ["spiral", "spiral", "smooth", "smooth"]
    assert "labels.csv" in inside.origin


def test_sub_folders_give_the_classes_without_a_table(tmp_path: Path) -> None:
    read = ImageFolder(lay(tmp_path, FOUR | {"other/e.png": png(noise(9))}), size=8).read()
    assert read.given["class"].tolist() == ["some"] * 4 + ["other"]
    assert "classes by sub-folder" in read.origin


def test_chosen_classes_are_read_alone_and_unknown_ones_are_an_error(tmp_path: Path) -> None:
    lay(tmp_path, FOUR | {"other/e.png": png(noise(9)), "third/f.png": b"broken, but not asked for"})
    read = ImageFolder(tmp_path, size=8, classes=("other",)).read()
    assert read.id.tolist() == ["e"]
    with pytest.raises(BadInput, match="no picture is of this class") as caught:
        ImageFolder(tmp_path, classes=("other", "ring")).read()
    assert caught.value.given == "ring"
    assert "other, some, third" in caught.value.fix


def test_a_picture_without_a_row_is_an_error_and_a_row_without_a_picture_is_told(tmp_path: Path) -> None:
    table = tmp_path / "classes.csv"
    table.write_text("id,class\na,1\nb,1\nc,2\nd,2\ne,2\nf,1\n")
    read = ImageFolder(lay(tmp_path / "f", FOUR), table, size=8).read()
    assert "2 rows without a picture" in read.origin
    table.write_text("id,class\na,1\nd,2\n")
    with pytest.raises(BadInput, match="no row in the table") as caught:
        ImageFolder(tmp_path / "f", table).read()
    assert caught.value.given.startswith("b, c")


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ("name,brightness\na,1\n", "no id or no class column"),
        ("", "no id or no class column"),
        ("id,class\na,1\na,2\n", "names an id twice"),
        ("id,class\na,\n", "has no id or no class"),
        ("id,class\na\n", "another length than the first"),
    ],
)
def test_a_table_that_cannot_be_used_is_told(table: str, wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    path.write_text(table)
    with pytest.raises(BadInput, match=wrong):
        ImageFolder(lay(tmp_path / "f", FOUR), path).read()


def test_a_table_in_another_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    path.write_bytes("id,class\na,groß\nb,klein\nc,groß\nd,klein\n".encode("latin-1"))
    found = ImageFolder(lay(tmp_path / "f", FOUR), path).read()
    assert found.given["class"].tolist() == ["groß", "klein", "groß", "klein"]


# what is no picture


def test_hidden_files_links_and_other_endings_are_passed_over(tmp_path: Path) -> None:
    more = {"some/._a.png": b"", "__MACOSX/a.png": b"", ".cache/b.png": b"", "README.md": b"words"}
    assert len(ImageFolder(lay(tmp_path / "f", FOUR | more), size=8).read()) == 4
    path = tar(tmp_path / "a.tar", FOUR | more)
    with tarfile.open(path, "a") as archive:
        link = tarfile.TarInfo("link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "../../secret.png"
        archive.addfile(link)
    assert len(ImageFolder(path, size=8).read()) == 4


def test_names_that_lead_out_of_an_archive_touch_nothing(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    home.mkdir(parents=True)
    evil = {"../../outside.png": FOUR["some/a.png"], "/etc/x.png": FOUR["some/b.png"]}
    for place in (tar(home / "a.tar", evil), zipped(home / "a.zip", evil)):
        before = sorted(tmp_path.rglob("*"))
        assert ImageFolder(place, size=8).read().id.tolist() == ["outside", "x"]
        assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(("name", "mode"), [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.zip", "")])
@pytest.mark.parametrize("length", [0, 300, 700, 1000, 1024, 1100])
def test_a_half_written_archive_is_told(name: str, mode: str, length: int, tmp_path: Path) -> None:
    many = {f"{i}.png": png(noise(i)) for i in range(8)}  # 270 bytes each: cuts within, at and after a tar's first file
    path = tar(tmp_path / name, many, mode) if mode else zipped(tmp_path / name, many)
    assert len(ImageFolder(path).read()) == 8
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(BadInput, match="archive cannot be read"):
        ImageFolder(path).read()


def test_a_flaw_within_a_zip_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", FOUR)
    whole = path.read_bytes()
    at = whole.index(FOUR["some/a.png"])
    path.write_bytes(whole[: at + 100] + bytes([whole[at + 100] ^ 255]) + whole[at + 101 :])
    with pytest.raises(BadInput, match="archive cannot be read"):
        ImageFolder(path).read()


def test_places_without_pictures_are_told(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "a.rar").write_bytes(b"")
    for place, wrong in (("f", "no pictures"), ("nowhere", "no such folder"), ("a.rar", "folder or an archive")):
        with pytest.raises(BadInput, match=wrong):
            ImageFolder(tmp_path / place).read()
    with pytest.raises(BadInput, match="no such table"):
        ImageFolder(lay(tmp_path / "g", FOUR), tmp_path / "labels.csv").read()
    for settings in ({"size": 0}, {"crop": 0}):
        with pytest.raises(BadInput, match="number of pixels"):
            ImageFolder(tmp_path, **settings)


# the galaxies


@pytest.fixture(scope="module")
def zoo() -> Samples:
    try:
        find(NAME, SHA256)
    except BadInput as error:
        pytest.skip(f"the galaxy set is not here: {error.given}")
    return GalaxyZoo(mergers=True).read()


def test_the_galaxies_are_all_there(zoo: Samples) -> None:
    names, counts = np.unique(zoo.given["class"], return_counts=True)
    assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == {
        "edge_on": 700,
        "elliptical": 1000,
        "merger": 115,
        "spiral": 600,
    }
    assert zoo.array.shape == (2415, 32, 32, 3)
    assert 0 <= zoo.array.min() < zoo.array.max() <= 1
    assert "Lintott" in zoo.origin
    assert "SDSS DR7" in zoo.origin


def test_mergers_are_set_apart_unless_asked_for(zoo: Samples) -> None:
    apart = GalaxyZoo().read()
    assert len(apart) == 2300
    assert "merger" not in apart.given["class"]
    assert "115 mergers set apart" in apart.origin
    assert set(apart.id) == set(zoo.id[zoo.given["class"] != "merger"])


def test_galaxies_of_ones_own_take_the_place_of_the_set(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("objid,class\na,merger\nb,spiral\nc,spiral\nd,elliptical\n")
    mine = GalaxyZoo(tar(tmp_path / "a.tar", FOUR), table, size=4, crop=8).read()
    assert mine.id.tolist() == ["b", "c", "d"]
    assert "Lintott" not in mine.origin
    with pytest.raises(BadInput, match="no classes"):
        GalaxyZoo(tmp_path / "a.tar", size=4, crop=8).read()
    with pytest.raises(BadInput, match="number of pixels"):
        GalaxyZoo(size=0)


def test_an_absent_set_says_how_to_use_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    with pytest.raises(BadInput, match="--images FOLDER_OR_TAR --labels CSV") as caught:
        GalaxyZoo().read()
    assert FIX in caught.value.fix
