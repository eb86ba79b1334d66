"""Color: the ratios of a picture's fluxes in its three channels, in magnitudes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.statistics.base import Axis

FLOOR = 1e-4
"""Mean brightness below which a channel counts as this bright: a fortieth of one level in 255."""


@dataclass(frozen=True)
class Color:
    r"""$-2.5 \log_{10}$ of the flux ratios blue over green and green over red of each picture.

    The flux is the channel's mean brightness over the whole picture, background included. In the color pictures of the
    Sloan survey blue, green and red show the bands g, r and i, so that these are like g-r and r-i, larger for redder
    galaxies; but the pictures' brightness is stretched, so they are no calibrated colors. A channel darker than 1e-4
    counts as 1e-4.
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture",)
    defect: ClassVar[str] = "{amount:.0%} less blue light"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 2"]:
        """The two colors, mag."""
        red, green, blue = np.maximum(colored(x).mean(axis=(1, 2), dtype=np.float64), FLOOR).T
        return np.asarray(-2.5 * np.log10(np.stack([blue / green, green / red], axis=1)))

    def axis(self, x: Samples) -> Axis:
        """Two colors a picture."""
        colored(x)
        return Axis("color, mag", "channels", "1", ("blue-green", "green-red"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """The blue channel dimmed by the fraction `amount`."""
        gain = np.array([1.0, 1.0, 1 - amount])
        return x.but(x=(colored(x) * gain).astype(x.array.dtype))


def colored(x: Samples) -> Float[np.ndarray, "n height width 3"]:
    """The pictures, if they have a red, a green and a blue channel."""
    pictures = x.array
    if pictures.ndim != 4 or pictures.shape[-1] != 3:
        raise BadInput(
            "color needs pictures with a red, a green and a blue channel",
            f"shape {pictures.shape}",
            "judge gray pictures by other statistics, such as radial_profile",
        )
    return pictures
