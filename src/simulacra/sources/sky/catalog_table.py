"""A catalogue's file: as `simulacra catalog` writes it, as Celeste's authors did, or alike; a source a row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples
from simulacra.domains.photometry.brightness import magnitude
from simulacra.domains.photometry.catalog_rows import (
    ANGLE,
    COLORS,
    COLUMNS,
    MAGNITUDE,
    NAMES,
    RADIUS,
    RATIO,
    SHARE,
    TYPE,
    samples,
)
from simulacra.domains.photometry.table_files import read_columns

SHAPED = {
    "radius": "gal_radius_px",
    "axis_ratio": "gal_axis_ratio",
    "angle": "gal_angle_deg",
    "dev_share": "gal_frac_dev",
}
"""Columns of a galaxy's shape, and what Celeste's tables call them."""
WORDS = {"star": 1.0, "galaxy": 0.0, "true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}


@dataclass(frozen=True)
class CatalogTable:
    """Rows of kind `catalog`: type, r magnitude, u − g, g − r, r − i, i − z, and of galaxies the shape.

    The columns are those that `simulacra catalog` writes (`p_star`, `mag_r`, `color_ug` …, `radius`, `axis_ratio`,
    `angle`, `dev_share`), a `type` of words or of 0 and 1 in place of `p_star`, or Celeste's (`is_star`, `flux_r_nmgy`,
    `gal_radius_px` …; radii along the long axis, in pixels). Sources without a color or, as galaxies, without a
    shape are left out, and counted.

    Args:
        path: FITS, VOTable, ECSV, Parquet or CSV.
        scale: arc seconds a pixel, of radii in pixels.
    """

    kind: ClassVar[str] = "catalog"
    path: Path
    scale: float = 0.396

    def __post_init__(self) -> None:
        as_path(self, "path")
        if not self.scale > 0:
            raise BadInput("arc seconds a pixel are positive", f"scale={self.scale}", "SDSS's are scale=0.396")

    def read(self) -> Samples:
        """All sources that have what their type has, (n, 10)."""
        found = read_columns(self.path)
        rows = np.full((len(next(iter(found.values()))), len(COLUMNS)), np.nan)
        rows[:, TYPE] = _types(found, self.path)
        rows[:, MAGNITUDE] = _magnitudes(found, self.path)
        for k in range(COLORS.start, COLORS.stop):
            rows[:, k] = _number(found, (NAMES[k],), self.path)
        rows[:, RADIUS:] = _shapes(found, self.path, self.scale)
        star = rows[:, TYPE] == 1
        rows[star, RADIUS:] = np.nan
        typed = np.isfinite(rows[:, TYPE])
        whole = typed & np.isfinite(rows[:, :RADIUS]).all(axis=1)
        with np.errstate(invalid="ignore"):
            shape = (rows[:, RADIUS] > 0) & (rows[:, RATIO] > 0) & (rows[:, RATIO] <= 1)
            shape &= (rows[:, SHARE] >= 0) & (rows[:, SHARE] <= 1) & np.isfinite(rows[:, ANGLE])
        kept = whole & (star | shape)
        if not kept.any():
            raise BadInput(
                "no source of this catalogue has a type, a magnitude and four colors, and a shape where it is a galaxy",
                str(self.path),
                "give ugriz colors; see the columns in `simulacra show catalog_table`",
            )
        lost = {
            "without a magnitude or a color": int((typed & ~whole).sum()),
            "galaxies without a shape": int((whole & ~kept).sum()),
            "without a type": int((~typed).sum()),
        }
        left = Left({why: n for why, n in lost.items() if n}, len(rows))
        return samples(rows[kept], f"{self.path.name}: {len(rows):,} sources").but(left=left)


def _types(found: dict[str, Array], path: Path) -> Array:
    """1 for stars, 0 for galaxies."""
    name = next((n for n in ("type", "p_star", "is_star") if n in found), "")
    if not name:
        raise BadInput(
            "this catalogue does not say what is a star", f"{path}: {', '.join(list(found)[:20])}",
            "name a column type (star, galaxy), is_star or p_star",
        )  # fmt: skip
    values = found[name]
    if values.dtype.kind == "f":
        return np.where(np.isfinite(values), (values > 0.5).astype(float), np.nan)
    words = np.char.lower(values)
    strange = sorted(set(words.tolist()) - set(WORDS) - {""})
    if strange:
        raise BadInput("a source is a star or a galaxy", f"{path}, {name}: {', '.join(strange[:5])}", "name these two")
    return np.array([WORDS.get(word, np.nan) for word in words.tolist()])


def _magnitudes(found: dict[str, Array], path: Path) -> Array:
    if "mag_r" in found:
        return _number(found, ("mag_r",), path)
    with np.errstate(invalid="ignore", divide="ignore"):
        out = magnitude(np.log(_number(found, ("flux_r_nmgy",), path, "mag_r, or flux_r_nmgy")))
    return np.where(np.isfinite(out), out, np.nan)


def _shapes(found: dict[str, Array], path: Path, scale: float) -> Array:
    """Half-light radius (arcsec, of the circle of equal area), axis ratio, angle, share."""
    ours = "radius" in found
    radius, ratio, angle, share = (_number(found, (k if ours else v,), path, k) for k, v in SHAPED.items())
    with np.errstate(invalid="ignore"):
        radius = radius if ours else radius * np.sqrt(ratio) * scale
        return np.column_stack([radius, ratio, angle % 180, share])


def _number(found: dict[str, Array], names: tuple[str, ...], path: Path, said: str = "") -> Array:
    """The first of these columns."""
    name = next((n for n in names if n in found), "")
    if not name or found[name].dtype.kind != "f":
        raise BadInput(
            f"this catalogue has no column of numbers {said or names[0]}",
            f"{path}: {', '.join(list(found)[:20])}",
            "see the columns in `simulacra show catalog_table`",
        )
    return found[name]
