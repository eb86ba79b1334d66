"""What the studies of galaxies share: where the pictures come from, by what they are judged, and what to cite."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.judging.base import Judge
from simulacra.running.split import Split
from simulacra.sources.base import Archive, Simulator
from simulacra.sources.files.arrays import ENDINGS, Arrays
from simulacra.sources.files.image_folder import ImageFolder
from simulacra.sources.sky import galaxy_simulator
from simulacra.sources.sky.galaxy_simulator import GalaxySimulator
from simulacra.sources.sky.galaxy_zoo import NAME, GalaxyZoo
from simulacra.statistics.pictures.color import Color
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.sets.coverage import Coverage
from simulacra.statistics.sky.concentration import Concentration
from simulacra.statistics.sky.ellipticity import Ellipticity
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.sky.radial_profile import RadialProfile

Source = Literal["any", "galaxy_zoo", "simulator"]
ZOO_CLASSES = ("edge_on", "elliptical", "spiral")
DATA = (
    "Galaxy Zoo 1: Data Release of Morphological Classifications for nearly 900,000 galaxies "
    "(Lintott et al., 2011), arXiv:1007.3265",
    "The Seventh Data Release of the Sloan Digital Sky Survey (Abazajian et al., 2009), arXiv:0812.0649",
)
DCGAN = (
    "Unsupervised representation learning with deep convolutional generative adversarial networks "
    "(Radford, Metz & Chintala, 2016), arXiv:1511.06434"
)


@dataclass(frozen=True)
class Pictures:
    """Galaxies, and what a study must know of them before they are drawn or read.

    Args:
        source: of the pictures.
        shape: of one picture: height, width and channels.
        classes: what the pictures are labeled with; empty if nothing.
        split: how they are shared out.
        stated: a sentence where the pictures are not the real ones that were hoped for; else empty.
        recorded: whether these are the pictures of which verdicts are on record.
    """

    source: Archive | Simulator
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    split: Split
    stated: str = ""
    recorded: bool = False

    def question(self, text: str | None) -> str:
        """A study's question with, where the real pictures were not at hand, the pictures of which it is asked."""
        return f"{(text or '').strip()} {self.stated}".strip()

    def needed_classes(self) -> tuple[str, ...]:
        """The classes, for a model that is given them; an error where there are fewer than two."""
        if len(self.classes) < 2:
            raise BadInput(
                "this model is given the class of each picture, and these have none",
                ", ".join(self.classes) or repr(self.source),
                "give --labels CSV (id, class), or put the pictures into folders named by class",
            )
        return self.classes


def pictures(source: Source, images: Path | None, labels: Path | None, key: str, size: int, crop: int) -> Pictures:
    """The user's own pictures where some are given; else Galaxy Zoo or made galaxies.

    Args:
        source: "any" takes Galaxy Zoo where its file is at hand, and made galaxies where it is not.
        images: the user's own folder, archive or array.
        labels: table of their classes.
        key: name of the array in an npz, h5 or fits file.
        size: pixels along a side that the model sees.
        crop: pixels along a side of the square cut from the middle before; not of made galaxies or arrays.
    """
    if images is not None:
        if source == "simulator":
            raise BadInput("pictures were given, and made ones asked for", str(images), "leave --source out")
        own, shape = own_pictures(images, labels, key, size, crop)
        if shape[0] != shape[1]:
            given = f"{shape[0]} by {shape[1]} pixels"
            raise BadInput("the pictures are not square", given, "cut them to squares of 32, 64, 128 … pixels")
        return Pictures(own, shape, classes_of(own), Split(train=60, validation=15, truth=25))
    if labels is not None or key:
        raise BadInput("labels or a key were given, but no pictures", str(labels or key), "give --images too")
    if source == "galaxy_zoo" or (source == "any" and at_hand()):
        zoo = GalaxyZoo(size=size, crop=crop)
        recorded = (size, crop) == (32, 64)
        return Pictures(zoo, (size, size, 3), ZOO_CLASSES, Split(train=60, validation=15, truth=25), recorded=recorded)
    made = GalaxySimulator(size=size)
    stated = "Asked of made galaxies: the Galaxy Zoo set is in no folder of SIMULACRA_DATA." if source == "any" else ""
    split = Split(train=1400, validation=350, truth=600)  # as many as of Galaxy Zoo
    return Pictures(made, (size, size, 3), galaxy_simulator.CLASSES, split, stated)


def at_hand() -> bool:
    """Whether the Galaxy Zoo set lies in one of the data folders."""
    return any((folder / NAME).is_file() for folder in data.folders())


def own_pictures(
    images: Path, labels: Path | None, key: str, size: int, crop: int
) -> tuple[Archive, tuple[int, int, int]]:
    """The user's pictures and the shape of one, which is known when they are read."""
    source: Archive
    if images.name.lower().endswith(ENDINGS):
        if labels is not None:
            raise BadInput("labels are not read for arrays", str(labels), "leave --labels out")
        source = Arrays(images, key=key, kind="picture")
    else:
        if key:
            raise BadInput("a key names an array, and these are pictures", key, "leave --key out")
        source = ImageFolder(images, labels, size, crop)
    height, width, channels = source.read().array.shape[1:]
    return source, (height, width, channels)


def classes_of(source: Archive) -> tuple[str, ...]:
    """The classes of an archive's pictures; none if they have no labels."""
    return tuple(str(label) for label in np.unique(source.read().given.get("class", np.array([]))))


def judges_of_light(channels: int) -> dict[str, Judge]:
    """How bright the pixels are, at which scales, how far from the middle, how round; and of which color."""
    judges = {
        "pixel histogram": Judge(PixelHistogram(), reach=0.16),
        "power spectrum": Judge(PowerSpectrum(), reach=0.32),
        "radial profile": Judge(RadialProfile(), reach=0.16),
        "concentration": Judge(Concentration(), reach=0.16),
        "ellipticity": Judge(Ellipticity(), reach=0.16),
    }
    return judges | ({"color": Judge(Color(), reach=0.16)} if channels == 3 else {})


def judges_of_adversaries(channels: int) -> dict[str, Judge]:
    """Those of light, and how much of the truth is reached at all."""
    return judges_of_light(channels) | {"coverage": Judge(Coverage(), reach=0.32)}
