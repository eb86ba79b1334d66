"""Catalogues and residual images as files: FITS, VOTable, ECSV, Parquet, CSV."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from simulacra.cataloging.entries import FLAGS, unit
from simulacra.cataloging.field import MARGIN, Field
from simulacra.core.errors import BadInput, extra, needs
from simulacra.core.samples import Array
from simulacra.core.writing import write_bytes
from simulacra.domains.photometry.table_files import FORMATS, write_table

with extra("sky"):
    from astropy.io import fits


def check_name(path: Path) -> None:
    """Whether a catalogue can be written under this name.

    Raises:
        BadInput: for another ending.
    """
    if path.suffix.lower() not in FORMATS:
        raise BadInput("a catalogue ends in " + ", ".join(FORMATS), str(path), "for example -o catalog.fits")
    if path.suffix.lower() == ".parquet":
        needs("tables")


def write(columns: dict[str, Array], path: Path, notes: dict[str, str]) -> None:
    """The catalogue, with units; the meaning of the flags is in the header, but for CSV, which has none.

    Args:
        columns: by name.
        path: its ending says the format.
        notes: for the header, short words each.
    """
    said = notes | {f"flag{bit}": text for bit, text in FLAGS.items()}
    write_table(columns, {name: unit(name) for name in columns}, said, path)


def write_residuals(field: Field, path: Path) -> None:
    """Counts less model over the model's noise, an image a band, NaN where pixels were not used."""
    units = [fits.PrimaryHDU()]
    for e, m in zip(field.exposures, field.model, strict=True):
        off = np.where(e.good, (e.counts - m) / np.sqrt(m), np.nan)[MARGIN:-MARGIN, MARGIN:-MARGIN]
        header = e.wcs.to_header() if e.wcs is not None else None
        units.append(fits.ImageHDU(off.astype(np.float32), header=header, name=f"RESIDUAL_{e.band}"))
    out = io.BytesIO()
    fits.HDUList(units).writeto(out)
    write_bytes(path, out.getvalue())
