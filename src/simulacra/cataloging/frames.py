"""Frames of any survey as exposures: SDSS's own files, or FITS images with a gain, a zero point and a background."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.samples import Array
from simulacra.domains.photometry.brightness import NANOMAGGY
from simulacra.domains.photometry.exposures import Exposure, exposure
from simulacra.domains.photometry.point_spread import PointSpread, everywhere, fitted
from simulacra.domains.photometry.sdss_frames import frame, is_frame, opened

with extra("sky"):
    import sep
    from astropy.utils.exceptions import AstropyWarning
    from astropy.wcs import WCS


@dataclass(frozen=True)
class Asked:
    """What is said of frames that are not SDSS's; one value for all, or one a frame.

    Args:
        bands: their names; by default the header's FILTER.
        psf: psField file, FITS images, JSON files of Gaussians, or the word `measure`.
        gain: electrons a count; by default the header's GAIN.
        zero_point: magnitude of one count; by default the header's MAGZERO or ZP.
        background: counts a pixel, a FITS image of it, or `measure`.
        read_noise: electrons a pixel.
        scale: arc seconds a pixel; by default the coordinates'.
        mask: fpM files, or FITS images that are not zero where pixels are bad.
    """

    bands: tuple[str, ...] = ()
    psf: tuple[str, ...] = ()
    gain: tuple[float, ...] = ()
    zero_point: tuple[float, ...] = ()
    background: tuple[str, ...] = ()
    read_noise: tuple[float, ...] = ()
    scale: float = 0.0
    mask: tuple[str, ...] = ()


def one_of(values: tuple[Any, ...], place: int, frames: int, what: str) -> Any:  # noqa: ANN401 - of any type
    """The value of a frame: the only one, or that of its place; None where none was given."""
    if len(values) > 1 and len(values) != frames:
        raise BadInput(
            f"there are {len(values)} values of {what} for {frames} frames", str(values), "give one, or one a frame"
        )
    return None if not values else values[0 if len(values) == 1 else place]


def read(paths: list[Path], asked: Asked) -> list[Exposure]:
    """All frames.

    Raises:
        BadInput: where a frame lacks something; the message says which option gives it.
    """
    if not paths:
        raise BadInput("no frame was given", "", "simulacra catalog FRAME… --psf PSF -o catalog.fits")
    if not asked.psf:
        raise BadInput("a point spread function is needed", "no --psf", "a psField file, FITS images, JSON, or measure")
    return [_one(path, k, len(paths), asked) for k, path in enumerate(paths)]


def _one(path: Path, place: int, frames: int, asked: Asked) -> Exposure:
    psf = one_of(asked.psf, place, frames, "--psf")
    mask = one_of(asked.mask, place, frames, "--mask")
    if is_frame(path):
        if psf == "measure" or Path(psf).suffix.lower() not in (".fit", ".fits"):
            raise BadInput("SDSS's frames come with their psField file", psf, "give --psf psField-RUN-CAMCOL-FIELD.fit")
        e = frame(path, Path(psf), Path(mask) if mask else None)
        if one_of(asked.background, place, frames, "--background") != "measure":
            return e
        more = _background("measure", e.counts - e.sky, ~e.good)
        return replace(e, sky=np.maximum(e.sky + more, 0.1 * e.sky), said=())
    return _plain(path, psf, mask, place, frames, asked)


def _plain(path: Path, psf: str, mask: str | None, place: int, frames: int, asked: Asked) -> Exposure:
    header, picture = _image(path)
    band = one_of(asked.bands, place, frames, "--bands") or str(header.get("FILTER", "")).strip()
    gain = one_of(asked.gain, place, frames, "--gain") or header.get("GAIN") or header.get("EGAIN")
    zero = one_of(asked.zero_point, place, frames, "--zero-point") or header.get("MAGZERO") or header.get("ZP")
    needed = (
        (band, "band", "--bands"),
        (gain, "gain, electrons a count,", "--gain"),
        (zero, "zero point", "--zero-point"),
    )
    for value, what, option in needed:
        if not value:
            raise BadInput(f"the {what} of a frame is not known", f"{path}: not in its header", f"give {option}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AstropyWarning)
        wcs = WCS(header)
    world = wcs.celestial if wcs.has_celestial else None
    scale = asked.scale
    if not scale:
        if world is None:
            raise BadInput("the frame has no world coordinates", str(path), "give --scale, arc seconds a pixel")
        scale = float(np.sqrt(np.abs(np.linalg.det(world.pixel_scale_matrix))) * 3600)
    still = float(one_of(asked.read_noise, place, frames, "--read-noise") or 0.0) ** 2
    bad = None if not mask else _image(Path(mask))[1] != 0
    if bad is not None and bad.shape != picture.shape:
        raise BadInput("mask and frame differ in shape", f"{mask} {bad.shape}, {path} {picture.shape}", "give its own")
    full = header.get("SATURATE")
    if full is not None and np.isfinite(float(full)):
        with np.errstate(invalid="ignore"):
            bright = picture >= float(full)
        bad = bright if bad is None else bad | bright
    sky = _background(one_of(asked.background, place, frames, "--background"), picture, bad)
    counts, level = picture * float(gain) + still, sky * float(gain) + still
    per = float(gain) * 10 ** (0.4 * (float(zero) - NANOMAGGY))
    spread = _measured(picture - sky, level / float(gain) ** 2) if psf == "measure" else _spread(Path(psf))
    return exposure(str(band), counts, level, per, spread, world, None if bad is None else ~bad, scale)


def _image(path: Path) -> tuple[Any, Array]:
    with opened(path) as units:
        for unit in units:
            if unit.data is not None and getattr(unit.data, "ndim", 0) == 2 and unit.is_image:
                return unit.header, np.asarray(unit.data, dtype=np.float64)
    raise BadInput("this file holds no plane of pixels", str(path), "give a FITS image of two axes")


def _background(given: str | None, picture: Array, bad: Array | None) -> Array:
    if given is None or given == "measure":
        mask = ~np.isfinite(picture) | (False if bad is None else bad)
        whole = np.ascontiguousarray(np.where(mask, 0.0, picture))
        return np.asarray(sep.Background(whole, mask=mask, bw=64, bh=64, fw=3, fh=3).back(), dtype=np.float64)
    try:
        return np.full(picture.shape, float(given))
    except ValueError:
        sky = _image(Path(given))[1]
    if sky.shape != picture.shape:
        raise BadInput("background and frame differ in shape", f"{sky.shape}, {picture.shape}", "give its own")
    return sky


def _spread(path: Path) -> PointSpread:
    if path.suffix.lower() == ".json":
        if not path.is_file():
            raise BadInput("there is no such point spread function", str(path))
        try:
            return everywhere(np.array(json.loads(path.read_text(encoding="utf-8")), dtype=np.float64))
        except (ValueError, TypeError) as error:
            raise BadInput(
                "Gaussians are rows of six numbers", f"{path}: {error}", "[[weight, x, y, xx, xy, yy], …]"
            ) from error
    picture = _image(path)[1]
    if min(picture.shape) < 5 or min(picture.shape) % 2 == 0:
        raise BadInput("a picture of a point spread function has odd sides of 5 or more", f"{path}, {picture.shape}")
    return everywhere(fitted(picture))


def _measured(light: Array, variance: Array) -> PointSpread:
    """Of bright, lonely, round sources: their light, each brought to its center and to sum 1, averaged."""
    image = np.ascontiguousarray(np.where(np.isfinite(light), light, 0.0))
    found = sep.extract(image, 8.0, err=float(np.sqrt(np.median(variance))), minarea=5)
    half, pictures = 10, []
    rows, columns = image.shape
    size = np.sqrt(found["a"] * found["b"])
    typical = np.median(size[np.argsort(-found["flux"])[:200]]) if len(found) else 0.0
    for one in found[np.argsort(-found["flux"])]:
        x, y = float(one["x"]), float(one["y"])
        lonely = np.hypot(found["x"] - x, found["y"] - y)
        if (
            not (half < x < columns - half - 1 and half < y < rows - half - 1)
            or np.sort(lonely)[1:2].min(initial=99) < half
        ):
            continue
        if one["b"] / max(one["a"], 1e-9) < 0.8 or not 0.7 < np.sqrt(one["a"] * one["b"]) / typical < 1.3:
            continue
        pictures.append(_centered(image, x, y, half))
        if len(pictures) == 60:
            break
    if len(pictures) < 3:
        raise BadInput(
            "too few lonely bright stars to measure the point spread function", f"{len(pictures)} found", "give --psf"
        )
    return everywhere(fitted(np.maximum(np.median(pictures, axis=0), 0.0)))


def _centered(image: Array, x: float, y: float, half: int) -> Array:
    from scipy.ndimage import map_coordinates

    rows, columns = np.indices((2 * half + 1, 2 * half + 1)) - half
    cut = map_coordinates(image, [rows + y, columns + x], order=3)
    return np.asarray(cut / cut.sum())
