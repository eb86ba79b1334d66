"""Galaxies of the Sloan survey, with the classes that the volunteers of Galaxy Zoo gave them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.sources.files.image_folder import ImageFolder

NAME = "galaxies/galaxy_zoo_128.tar"
SHA256 = "229687f1c5dfa79d5ce72120742d3a6333014dbe93d66b76d1fbab13980e5716"
CITE = "galaxies of Galaxy Zoo 1 (Lintott et al. 2011), color pictures of SDSS DR7"
FIX = (
    "the set has no public address: it was assembled from SDSS DR7 and Galaxy Zoo 1; "
    "or use your own pictures with --images FOLDER_OR_TAR --labels CSV"
)


@dataclass(frozen=True)
class GalaxyZoo:
    """2,300 galaxies in color: 1,000 elliptical, 600 spiral, 700 edge-on; and, set apart, 115 mergers.

    Pictures of 128 pixels a side, cut from the middle 256 of 423; red, green and blue show the bands i, r and g. How
    pixels are cut, made smaller and scaled is given by `image_folder`. There are no labels of bars.

    Args:
        images: your own folder or archive of pictures; None takes the set from the data folder.
        labels: your own table of classes; None takes the one that lies with the pictures.
        size: pixels along a side of what is returned.
        crop: pixels along a side of the square that is cut from the middle before.
        mergers: whether the class "merger" is read too.

    References:
        Galaxy Zoo 1: Data Release of Morphological Classifications for nearly 900,000 galaxies (Lintott et al., 2011),
        arXiv:1007.3265
        The Seventh Data Release of the Sloan Digital Sky Survey (Abazajian et al., 2009), arXiv:0812.0649
    """

    kind: ClassVar[str] = "picture"

    images: Path | None = None
    labels: Path | None = None
    size: int = 32
    crop: int = 64
    mergers: bool = False

    def __post_init__(self) -> None:
        ImageFolder(self.images or Path(NAME), self.labels, self.size, self.crop)  # the same limits hold here

    def read(self) -> Samples:
        """All galaxies, in order of their object identifier, given their class."""
        path = self.images or data.find(NAME, SHA256, fix=FIX)
        galaxies = ImageFolder(path, self.labels, self.size, self.crop).read()
        if "class" not in galaxies.given:
            raise BadInput(
                "these pictures have no classes", str(path), "name a table with labels, or read them as image_folder"
            )
        merging = galaxies.given["class"] == "merger"
        chosen = galaxies if self.mergers else galaxies[~merging]
        apart = "" if self.mergers else f"; {merging.sum()} mergers set apart"
        cite = "" if self.images else f"{CITE}: "
        return chosen.but(origin=f"{cite}{galaxies.origin}{apart}")
