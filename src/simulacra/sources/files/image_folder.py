"""Pictures from a folder or from a tar or zip archive, with their classes."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import numpy as np
from PIL import Image, ImageOps

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.packed import contents, files
from simulacra.core.paths import as_path
from simulacra.core.samples import Samples
from simulacra.domains.pictures.opening import opened
from simulacra.domains.tables.plausible import dead, few
from simulacra.sources.files.labels import label_table

PICTURES: tuple[str, ...] = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".jp2", ".j2k"),
    *(".pgm", ".ppm", ".pnm", ".pbm", ".tga"),
)
BESIDE = (
    ".csv",
    ".tsv",
    ".txt",
    ".md",
    ".json",
    ".jsonl",
    ".yaml",
    ".yml",
    ".xml",
    ".html",
    ".log",
    ".pdf",
    ".ini",
    "",
)
"""Endings of what usually lies beside pictures and is none."""
TURN = 0x0112  # EXIF: how the camera was held
UNREADABLE = (
    *(OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, OverflowError, RuntimeError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)
"""What Pillow raises on broken files."""
Pixels = np.ndarray[Any, np.dtype[np.float32]]
CLEAR = "clear pixels laid over black"
WHITE_IS_ZERO = 262  # TIFF's tag for what 0 means
BATCH = 256
"""How many files are in memory at a time before they are made small."""


@dataclass(frozen=True)
class ImageFolder:
    """Pictures of any common format, made square and of one size, (n, size, size, channels), 0…1.

    *Pixels.* From the middle of each picture the square of `crop` pixels is cut (without `crop`, the largest); made
    smaller, each new pixel is the mean over its area; made larger, pixels are interpolated bilinearly. 8-bit values are
    divided by 255 and 16-bit gray ones by 65535; 16-bit color is read to 8 bits; floating-point gray must lie in 0…1.
    Transparent pixels are laid over black. Gray pictures have one channel if all are gray; among color ones they are
    repeated over three; color ones whose channels are all equal count as gray. Of several frames the first is read.
    Pictures that the camera noted as turned are turned upright, and counted. Where nothing is left of transparent
    pictures over black (black lines on clear ground), they are laid over white.

    *Names.* A picture's id is its file name without folders and ending; two of one id are an error. Hidden files and
    links within an archive are passed over, as are tables and texts; every other file of another ending (.heic) is
    counted in `left`. Archives are read in memory: nothing is unpacked to disk. Pictures that are equal in every pixel
    share a `group`, so that no split puts twins on two sides.

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
        as_path(self, "images", "labels")
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
        changed: Counter[str] = Counter()
        read = self._read(chosen, changed)
        ids = sorted(read)
        gray = [read[name].shape[-1] == 1 for name in ids]
        channels = 1 if all(gray) else 3
        x = np.stack([np.broadcast_to(read[name], (self.size, self.size, channels)) for name in ids])
        first: dict[bytes, str] = {}
        group = [
            first.setdefault(hashlib.sha256(picture.tobytes()).digest(), name)
            for picture, name in zip(x, ids, strict=True)
        ]
        stated = [
            f"{len(ids)} pictures of {self.images}",
            f"middle {self.crop or 'square'}{' pixels' if self.crop else ''} made {self.size} a side",
            *([where] if label else []),
            *([f"{sum(gray)} gray ones repeated over three channels"] if any(gray) and channels == 3 else []),
            *([f"{len(ids) - len(first)} equal to another one"] if len(first) < len(ids) else []),
        ]
        given = {"class": np.array([label[name] for name in ids])} if label else {}
        out = Counter(PurePosixPath(name).suffix.lower() for name in shelf)
        out = Counter({f"whose ending is not read ({e})": n for e, n in out.items() if e not in (*PICTURES, *BESIDE)})
        left = Left(dict(out), len(ids) + out.total(), dict(changed), tuple(stated[1:]), tuple(_doubts(x)))
        return replace(Samples.of(x, "picture", "1", "; ".join(stated), given, ids, group), left=left)

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
        table = label_table(
            self.labels.read_bytes() if self.labels else next(contents(self.images, inside))[1], where, PICTURES
        )
        without = sorted(set(found) - set(table))
        if without:
            raise BadInput(
                "some pictures have no row in the table of labels",
                f"{few(without)}; {where}",
                "add their rows, or move the pictures away",
            )
        spare = len(table) - len(found)
        stated = f"classes by {where}" + (f", {spare} rows without a picture" if spare else "")
        return {name: table[name] for name in found}, stated

    def _read(self, chosen: dict[str, str], changed: Counter[str]) -> dict[str, Pixels]:
        """The pixels of each picture by its id; what was done to some of them is counted."""
        read = self._over(chosen, changed, 0.0)
        if changed[CLEAR] and all(float(np.ptp(x)) == 0 for x in read.values()):
            changed.clear()  # nothing shows on black
            read = self._over(chosen, changed, 1.0)
        return read

    def _over(self, chosen: dict[str, str], changed: Counter[str], ground: float) -> dict[str, Pixels]:
        """The pixels by id, clear ones laid over this ground."""
        read, broken, small = {}, [], []
        members = contents(self.images, chosen)
        with ThreadPoolExecutor() as threads:  # Pillow decodes without holding Python's lock
            while batch := list(islice(members, BATCH)):
                square = partial(self._square, ground=ground)
                for (name, _), done in zip(batch, threads.map(square, [data for _, data in batch]), strict=True):
                    if isinstance(done, _Square):
                        read[chosen[name]] = done.pixels
                        changed.update(done.changed)
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

    def _square(self, data: bytes, ground: float) -> _Square | tuple[int, int] | str:
        """One file as (size, size, channels); its width and height if it is too small, or what is wrong with it."""
        changed = []
        try:
            with opened(data) as image:
                if image.getexif().get(TURN, 1) in range(2, 9):
                    changed.append("turned upright, as the camera noted")
                if getattr(image, "n_frames", 1) > 1:
                    changed.append("of several frames, of which the first is read")
                if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
                    changed.append(f"turned from {image.mode} into RGB")
                if image.has_transparency_data:
                    changed.append(CLEAR if not ground else "clear pixels laid over white")
                pixels = decoded(ImageOps.exif_transpose(image), ground)
        except UNREADABLE as error:
            return _why(data, error)
        height, width = pixels.shape[:2]
        side = self.crop or min(height, width)
        if side > min(height, width):
            return width, height
        top, left = (height - side) // 2, (width - side) // 2
        square = pixels[top : top + side, left : left + side]
        if side == self.size:
            return _Square(np.ascontiguousarray(square), changed)
        if side < self.size:
            changed.append(f"enlarged from {side} pixels a side, which adds no detail")
        how = Image.Resampling.BOX if self.size < side else Image.Resampling.BILINEAR
        planes = [Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(square, -1, 0)]
        small = np.stack([np.asarray(plane.resize((self.size, self.size), how)) for plane in planes], axis=-1)
        return _Square(small, changed)


@dataclass(frozen=True, eq=False)
class _Square:
    """A picture cut to its square, and what was done to it besides."""

    pixels: Pixels
    changed: list[str]


def _why(data: bytes, error: Exception) -> str:
    """Why a file cannot be read as a picture."""
    if not data:
        return "it is empty"
    if data.lstrip()[:1] == b"<":
        return "it holds text, as of a web page"
    return "of no known format" if "cannot identify" in str(error) else str(error) or type(error).__name__


def _doubts(x: Pixels) -> list[str]:
    blank = np.flatnonzero(dead(x))
    return [f"{len(blank):,} of {len(x):,} pictures are of one color throughout"] if len(blank) else []


def decoded(image: Image.Image, ground: float = 0.0) -> Pixels:
    """An open picture as (height, width, 1 or 3), 0…1; clear pixels show the ground, 0 black and 1 white."""
    if image.mode.startswith(("I", "F")):
        plane = np.asarray(image).astype(np.float64) / (65535 if image.mode.startswith("I") else 1)
        if image.mode.startswith("I") and dict(getattr(image, "tag_v2", {})).get(WHITE_IS_ZERO, 1) == 0:
            plane = 1 - plane  # which Pillow does for 8 bits alone
        if not (plane.min() >= 0 and plane.max() <= 1):
            raise ValueError("values outside 0 to 1 (floating point) or 0 to 65535 (whole numbers)")
        return plane.astype(np.float32)[..., None]
    opaque = not image.has_transparency_data
    gray = image.mode in ("1", "L", "LA", "La")
    mode = ("L" if gray else "RGB") if opaque else ("LA" if gray else "RGBA")
    layers = np.asarray(image.convert(mode)).astype(np.float32) / np.float32(255)
    layers = layers[..., None] if layers.ndim == 2 else layers
    if not opaque:
        layers = layers[..., :-1] * layers[..., -1:] + np.float32(ground) * (1 - layers[..., -1:])
    same = layers.shape[-1] == 3 and bool((layers == layers[..., :1]).all())
    return layers[..., :1] if same else layers
