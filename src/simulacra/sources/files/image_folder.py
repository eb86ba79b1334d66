"""Pictures from a folder or from a tar or zip archive, with their classes."""

from __future__ import annotations

import csv
import hashlib
import io
import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from simulacra.core.errors import BadInput
from simulacra.core.packed import contents, files
from simulacra.core.samples import Samples

PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".pgm", ".ppm", ".pnm")
ID_COLUMNS = ("id", "objid", "name", "file", "filename", "image", "picture", "galaxy")
CLASS_COLUMNS = ("class", "label", "type", "category", "morphology")
UNREADABLE = (
    *(OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, OverflowError, RuntimeError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)
"""What Pillow raises on broken files."""
BATCH = 256
"""How many files are in memory at a time before they are made small."""


@dataclass(frozen=True)
class ImageFolder:
    """Pictures of any common format, made square and of one size, (n, size, size, channels), 0…1.

    *Pixels.* From the middle of each picture the square of `crop` pixels is cut (without `crop`, the largest); made
    smaller, each new pixel is the mean over its area; made larger, pixels are interpolated bilinearly. 8-bit values are
    divided by 255 and 16-bit gray ones by 65535; 16-bit color is read to 8 bits; floating-point gray must lie in 0…1.
    Transparent pixels are laid over black. Gray pictures have one channel if all are gray; among color ones they are
    repeated over three. Of several frames the first is read, and pixels are taken as stored, whatever turn the camera
    noted.

    *Names.* A picture's id is its file name without folders and ending; two of one id are an error. Hidden files, links
    within an archive and other endings are passed over. Archives are read in memory: nothing is unpacked to disk.
    Pictures that are equal in every pixel share a `group`, so that no split puts twins on two sides.

    *Classes.* From `labels`; else from a `labels.csv` at the top of the folder or archive; else, if the pictures lie in
    two sub-folders or more, from the sub-folders' names; else there are none. In a table the columns are found by their
    headers: id, objid, name, file … and class, label, type …. A picture without a row is an error; rows without a
    picture are counted in the origin.

    Args:
        images: a folder (read with its sub-folders), or a .tar, .tar.gz or .zip archive.
        labels: a table (.csv) with an id and a class for each picture.
        size: pixels along a side of what is returned.
        crop: pixels along a side of the square that is cut from the middle before.
        classes: the classes to read; empty reads all.
    """

    kind: ClassVar[str] = "picture"

    images: Path
    labels: Path | None = None
    size: int = 64
    crop: int | None = None
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in (("size", self.size), ("crop", self.crop)):
            if value is not None and value < 1:
                raise BadInput(f"{name} is a number of pixels", f"{name}={value}", f"take {name}=64")

    def read(self) -> Samples:
        """All pictures, in order of id."""
        shelf = files(self.images)
        found = self._pictures(shelf)
        label, where = self._classes(shelf, found)
        unknown = sorted(set(self.classes) - set(label.values()))
        if unknown:
            there = ", ".join(sorted(set(label.values()))) or "none"
            raise BadInput("no picture is of this class", ", ".join(unknown), f"the classes are: {there}")
        chosen = {member: name for name, member in found.items() if not self.classes or label[name] in self.classes}
        read = self._read(chosen)
        ids = sorted(read)
        gray = [read[name].shape[-1] == 1 for name in ids]
        channels = 1 if all(gray) else 3
        x = np.stack([np.broadcast_to(read[name], (self.size, self.size, channels)) for name in ids])
        first: dict[bytes, str] = {}
        group = [
            first.setdefault(hashlib.sha256(picture.tobytes()).digest(), name)
            for picture, name in zip(x, ids, strict=True)
        ]
        told = [
            f"{len(ids)} pictures of {self.images}",
            f"middle {self.crop or 'square'}{' pixels' if self.crop else ''} made {self.size} a side",
            *([where] if label else []),
            *([f"{sum(gray)} gray ones repeated over three channels"] if any(gray) and channels == 3 else []),
            *([f"{len(ids) - len(first)} equal to another one"] if len(first) < len(ids) else []),
        ]
        given = {"class": np.array([label[name] for name in ids])} if label else {}
        return Samples.of(x, "picture", "1", "; ".join(told), given, ids, group)

    def _pictures(self, shelf: Sequence[str]) -> dict[str, str]:
        """The place of each picture by its id."""
        places = [name for name in shelf if PurePosixPath(name).suffix.lower() in PICTURES]
        if not places:
            raise BadInput(
                "there are no pictures", f"{self.images}, {len(shelf)} files", f"pictures end in {', '.join(PICTURES)}"
            )
        twice = [name for name, times in Counter(PurePosixPath(p).stem for p in places).items() if times > 1]
        if twice:
            raise BadInput(
                "several pictures have the same id",
                few(twice),
                "give every file a name of its own, whatever its folder",
            )
        return {PurePosixPath(place).stem: place for place in places}

    def _classes(self, shelf: Sequence[str], found: dict[str, str]) -> tuple[dict[str, str], str]:
        """The class of each picture by its id (empty if there are none), and where it is from."""
        inside = [name for name in shelf if name.removeprefix("./").lower() == "labels.csv"]
        if self.labels is None and not inside:
            folders = {name: PurePosixPath(place).parent.name for name, place in found.items()}
            return (folders, "classes by sub-folder") if len(set(folders.values())) > 1 else ({}, "")
        if self.labels is not None and not self.labels.is_file():
            raise BadInput(
                "there is no such table of labels", str(self.labels), "name a .csv file with an id and a class column"
            )
        where = str(self.labels) if self.labels else inside[0]
        table = label_table(self.labels.read_bytes() if self.labels else next(contents(self.images, inside))[1], where)
        without = sorted(set(found) - set(table))
        if without:
            raise BadInput(
                "some pictures have no row in the table of labels",
                f"{few(without)}; {where}",
                "add their rows, or move the pictures away",
            )
        spare = len(table) - len(found)
        told = f"classes by {where}" + (f", {spare} rows without a picture" if spare else "")
        return {name: table[name] for name in found}, told

    def _read(self, chosen: dict[str, str]) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
        """The pixels of each picture by its id."""
        read, broken, small = {}, [], []
        members = contents(self.images, chosen)
        with ThreadPoolExecutor() as threads:  # Pillow decodes without holding Python's lock
            while batch := list(islice(members, BATCH)):
                for (name, _), done in zip(batch, threads.map(self._square, [data for _, data in batch]), strict=True):
                    if isinstance(done, np.ndarray):
                        read[chosen[name]] = done
                    elif isinstance(done, tuple):
                        small.append(f"{name} ({done[0]} by {done[1]})")
                    else:
                        broken.append(f"{name} ({done})")
        if broken:
            raise BadInput(
                "some pictures cannot be read",
                f"{len(broken)} of {len(chosen)}: {few(broken)}",
                "mend them or move them away",
            )
        if small:
            raise BadInput(
                f"some pictures are smaller than crop={self.crop}", few(small), "take a smaller crop, or leave it out"
            )
        return read

    def _square(self, data: bytes) -> np.ndarray[Any, np.dtype[np.float32]] | tuple[int, int] | str:
        """One file as (size, size, channels); its width and height if it is too small, or what is wrong with it."""
        try:
            with Image.open(io.BytesIO(data)) as image:
                pixels = decoded(image)
        except UNREADABLE as error:
            return str(error) or type(error).__name__
        height, width = pixels.shape[:2]
        side = self.crop or min(height, width)
        if side > min(height, width):
            return width, height
        top, left = (height - side) // 2, (width - side) // 2
        square = pixels[top : top + side, left : left + side]
        if side == self.size:
            return np.ascontiguousarray(square)
        how = Image.Resampling.BOX if self.size < side else Image.Resampling.BILINEAR
        planes = [Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(square, -1, 0)]
        return np.stack([np.asarray(plane.resize((self.size, self.size), how)) for plane in planes], axis=-1)


def decoded(image: Image.Image) -> np.ndarray[Any, np.dtype[np.float32]]:
    """An open picture as (height, width, 1 or 3), 0…1."""
    if image.mode.startswith(("I", "F")):
        plane = np.asarray(image).astype(np.float64) / (65535 if image.mode.startswith("I") else 1)
        if not (plane.min() >= 0 and plane.max() <= 1):
            raise ValueError("values outside 0 to 1 (floating point) or 0 to 65535 (whole numbers)")
        return plane.astype(np.float32)[..., None]
    opaque = not image.has_transparency_data
    gray = image.mode in ("1", "L", "LA", "La")
    mode = ("L" if gray else "RGB") if opaque else ("LA" if gray else "RGBA")
    layers = np.asarray(image.convert(mode)).astype(np.float32) / np.float32(255)
    layers = layers[..., None] if layers.ndim == 2 else layers
    return layers if opaque else layers[..., :-1] * layers[..., -1:]


def few(names: Sequence[str], most: int = 5) -> str:
    """The first of many names, and how many there are."""
    return ", ".join(names[:most]) + (f" … ({len(names)} in all)" if len(names) > most else "")


def label_table(data: bytes, where: str) -> dict[str, str]:
    """The class by id of a table with headers; an id may be written as a file name."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            "this table of labels is not UTF-8 text", f"{where} ({error})", "save it as CSV in UTF-8"
        ) from error
    head = text.split("\n", 1)[0]
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count)) if any(row)]
    columns = [column.strip().lower() for column in rows[0]] if rows else []
    ids = [columns.index(name) for name in ID_COLUMNS if name in columns]
    classes = [columns.index(name) for name in CLASS_COLUMNS if name in columns]
    if not ids or not classes:
        wanted = f"one of {', '.join(ID_COLUMNS)} and one of {', '.join(CLASS_COLUMNS)}"
        raise BadInput(
            "this table of labels has no id or no class column",
            f"{where}: {', '.join(columns) or 'nothing'}",
            f"head its columns with {wanted}",
        )
    table: dict[str, str] = {}
    for line, row in enumerate(rows[1:], start=2):
        name, label = (row[i].strip() if i < len(row) else "" for i in (ids[0], classes[0]))
        path = PurePosixPath(name)
        name = path.stem if path.suffix.lower() in PICTURES else name
        if not name or not label or name in table:
            wrong = "names an id twice" if name in table else "has no id or no class"
            raise BadInput(
                f"a row of the table of labels {wrong}", f"{where}, row {line}: {','.join(row)}", "mend that row"
            )
        table[name] = label
    return table
