"""Catalogues of stars and galaxies: a source a row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import Likeness
from simulacra.domains.photometry import catalog_rows
from simulacra.domains.photometry.catalog_rows import COLUMNS, NAMES, PLAIN, RADIUS, SHARE, TYPE, SameSource
from simulacra.kinds.base import Kind

SPREAD = slice(1, PLAIN.index("dev_share"))
"""The plain numbers that have no borders."""


class Catalog(Kind):
    """Type (0 galaxy, 1 star), r magnitude, four colors; of a galaxy radius, axis ratio, angle, profile, else NaN."""

    discrete: ClassVar[bool] = True
    noun: ClassVar[str] = "sources of a catalogue"
    shape: ClassVar[str] = (
        "(n, 10): type (0 galaxy, 1 star), r, u − g, g − r, r − i, i − z, radius, axis ratio, angle, de Vaucouleurs' "
        "share; the last four NaN for stars"
    )
    blur: ClassVar[str] = "with noise of their own spread"
    shift: ClassVar[str] = "half of their spread too faint, too red and too large"
    written: ClassVar[Mapping[str, str]] = {
        ".fits": "a catalogue as a FITS table",
        ".vot": "a catalogue as a VOTable",
        ".ecsv": "a catalogue as an ECSV table, with units",
        ".parquet": "a catalogue as Parquet",
        ".csv": "a catalogue as a table, gaps left empty",
    }
    read_by: ClassVar[Mapping[str, str]] = {".vot": "catalog_table", ".ecsv": "catalog_table"}
    asked_by: ClassVar[Mapping[str, str]] = {
        ".fits": "catalog_table",
        ".fit": "catalog_table",
        ".vot": "catalog_table",
        ".xml": "catalog_table",
        ".ecsv": "catalog_table",
        ".parquet": "catalog_table",
        ".csv": "catalog_table",
    }

    def fits(self, x: Array) -> bool:
        """Ten numbers a row, gaps in the shapes of stars alone."""
        return catalog_rows.fits(x)

    def likeness(self, x: Samples) -> Likeness:
        """Each number in units of its spread."""
        return SameSource.of(x.array)

    def blurred(self, x: Samples, rng: np.random.Generator) -> Array:
        """Noise of each number's own spread added, within what it can hold."""
        numbers = catalog_rows.plain(x.array)
        numbers[:, SPREAD] += np.nanstd(numbers[:, SPREAD], axis=0) * rng.standard_normal(numbers[:, SPREAD].shape)
        return catalog_rows.rows(numbers)

    def shifted(self, x: Samples, rng: np.random.Generator) -> Array:
        """Half a standard deviation of magnitude, colors, radius and flattening."""
        numbers = catalog_rows.plain(x.array)
        numbers[:, SPREAD] += 0.5 * np.nanstd(numbers[:, SPREAD], axis=0)
        return catalog_rows.rows(numbers)

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """Either type as often, numbers of three times the spread."""
        seen = catalog_rows.plain(x.array)
        galaxies = np.isfinite(seen[:, SHARE])
        middle = seen[galaxies].mean(axis=0) if galaxies.any() else np.nan_to_num(seen).mean(axis=0)
        spread = seen[galaxies].std(axis=0) if galaxies.any() else np.nan_to_num(seen).std(axis=0)
        numbers = middle + 3 * spread * rng.standard_normal((n, len(PLAIN)))
        numbers[:, TYPE] = rng.random(n) < 0.5
        return catalog_rows.rows(numbers)

    def write(self, x: Samples, path: Path) -> None:
        """A column a number, the type as a word."""
        from simulacra.domains.photometry.table_files import write_table

        star = catalog_rows.stars(x.array)
        columns: dict[str, Array] = {"type": np.where(star, "star", "galaxy")}
        columns |= {name: x.array[:, k].astype(np.float64) for k, name in enumerate(NAMES) if k != TYPE}
        units = {column.name: column.unit for column in COLUMNS if column.unit != "1"}
        write_table(columns, units, {"made_by": "simulacra", "origin": x.origin}, path)

    def tally(self, sets: Mapping[str, Samples], train: Samples | None) -> dict[str, Any]:
        """Of each set how many are stars, and the middle magnitude, colors and radius."""
        found = {}
        for name, x in sets.items():
            star = catalog_rows.stars(x.array)
            middle = {NAMES[k]: float(np.median(x.array[:, k])) for k in range(1, RADIUS)} if len(x) else {}
            sizes = x.array[~star, RADIUS]
            found[name] = {"n": len(x), "stars": int(star.sum()), **middle}
            found[name] |= {"radius": float(np.median(sizes))} if len(sizes) else {}
        return {"catalogs": found}

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Two stars to three galaxies; red stars are fainter, faint galaxies smaller."""
        star = np.arange(n) % 5 < 2
        white = rng.standard_normal((n, len(PLAIN)))
        numbers = np.empty((n, len(PLAIN)))
        numbers[:, 0] = star
        numbers[:, 1] = np.where(star, 20.5, 21.5) + 1.2 * white[:, 1]
        numbers[:, 2] = np.where(star, 1.6, 1.1) + 0.3 * white[:, 2]
        numbers[:, 3] = np.where(star, 0.9, 0.7) + 0.2 * (numbers[:, 1] - 21) + 0.15 * white[:, 3]
        numbers[:, 4] = 0.5 * numbers[:, 3] + 0.1 * white[:, 4]
        numbers[:, 5] = 0.25 + 0.1 * white[:, 5]
        numbers[:, 6] = -0.3 * (numbers[:, 1] - 21) + 0.4 * white[:, 6]
        numbers[:, 7:9] = 0.4 * white[:, 7:9]
        numbers[:, 9] = rng.uniform(0.05, 0.95, n)
        return catalog_rows.samples(catalog_rows.rows(numbers), "made stars and galaxies")
