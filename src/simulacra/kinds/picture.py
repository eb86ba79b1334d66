"""Pictures: gray or colored, brightness from 0 to 1."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy import ndimage

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import Likeness, Turned
from simulacra.domains.pictures.images import brightness
from simulacra.kinds.base import Kind


class Picture(Kind):
    """Pixels from 0 to 1 in one channel or three; turned, moved by little or recompressed ones count as the same."""

    noun: ClassVar[str] = "pictures"
    shape: ClassVar[str] = "(n, height, width, 1 or 3)"
    blur: ClassVar[str] = "smoothed by a pixel"
    shift: ClassVar[str] = "half of their spread too high"
    chained: ClassVar[int] = 5
    many: ClassVar[bool] = True

    def fits(self, x: Array) -> bool:
        """One channel or three, last."""
        return x.ndim == 4 and x.shape[-1] in (1, 3) and x.dtype.kind in "uif"

    def evident(self, x: Array) -> bool:
        """One channel or three, last."""
        return self.fits(x)

    def shaped(self, x: Array, where: str) -> Array:
        """With a channel axis, 8 and 16 bits divided by the largest value that they can hold."""
        x = super().shaped(x[..., None] if x.ndim == 3 else x, where)
        pixels = x / {"uint8": 255, "uint16": 65535}.get(str(x.dtype), 1)
        if pixels.min() < 0 or pixels.max() > 1:
            raise BadInput(
                "a picture's pixels lie in 0 to 1",
                f"{where}, {x.dtype} from {x.min()} to {x.max()}",
                "divide by the largest possible value",
            )
        return pixels.astype(np.float32)

    def plane(self, x: Array) -> Array:
        """Its brightness."""
        return brightness(x)

    def likeness(self, x: Samples) -> Likeness:
        """Blind to flips and turns, to small shifts and zooms, and to what blurs away."""
        return Turned()

    def blurred(self, x: Samples, rng: np.random.Generator) -> Array:
        """A Gaussian of one pixel."""
        return np.asarray(ndimage.gaussian_filter(x.array, (0, 1, 1, 0)))

    def shifted(self, x: Samples, rng: np.random.Generator) -> Array:
        """Half a standard deviation of all pixels."""
        v = x.array
        return np.asarray(v + 0.5 * v.std(), dtype=v.dtype if v.dtype.kind == "f" else float)

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """Pixels of any brightness, each for itself."""
        v = x.array
        return rng.uniform(v.min(), v.max(), (n, *v.shape[1:])).astype(v.dtype)

    def legal(self, x: Array) -> Array:
        """0 to 1."""
        return np.asarray(np.clip(x, 0.0, 1.0))

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Elongated blobs of color on a faint, noisy sky, off the middle."""
        place = np.arange(32) - 15.5
        x, y = (place[None, None, :] - rng.normal(0, 1, (n, 1, 1)), place[None, :, None] - rng.normal(0, 1, (n, 1, 1)))
        angle, scale, ratio = (rng.uniform(low, high, (n, 1, 1)) for low, high in ((0, np.pi), (2, 4), (0.5, 1)))
        along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        light = np.exp(-np.hypot(along, across / ratio) / scale)
        color = rng.uniform(0.4, 0.8, (n, 1, 1, 3))
        sky = rng.uniform(0.01, 0.03, (n, 32, 32, 3))
        return Samples.of((light[..., None] * color + sky).astype(np.float32), "picture", origin="blobs of color")
