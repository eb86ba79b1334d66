"""Catalogues and residual images as files: FITS, VOTable, ECSV, Parquet."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from simulacra.cataloging.entries import FLAGS, unit
from simulacra.cataloging.field import MARGIN, Field
from simulacra.core.errors import BadInput, extra, needs
from simulacra.core.samples import Array
from simulacra.core.writing import write_bytes

with extra("sky"):
    from astropy.io import fits
    from astropy.table import Column, Table

FORMATS = {".fits": "fits", ".fit": "fits", ".vot": "votable", ".xml": "votable", ".ecsv": "ascii.ecsv", ".parquet": ""}
"""Endings of a catalogue's file, and what astropy calls them."""


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
    """The catalogue, with units; the meaning of the flags is in the header.

    Args:
        columns: by name.
        path: its ending says the format.
        notes: for the header, short words each.
    """
    if path.suffix.lower() == ".parquet":
        _parquet(columns, path, notes)
        return
    table = Table([Column(v, name=k, unit=unit(k) or None) for k, v in columns.items()])
    said = notes | {f"FLAG{bit}": text for bit, text in FLAGS.items()}
    table.meta.update({k.upper()[:8]: v[:66] for k, v in said.items()} if "fit" in path.suffix.lower() else said)
    wanted = FORMATS[path.suffix.lower()]
    if wanted == "ascii.ecsv":
        text = io.StringIO()
        table.write(text, format=wanted)
        write_bytes(path, text.getvalue().encode())
        return
    out = io.BytesIO()
    table.write(out, format=wanted)
    write_bytes(path, out.getvalue())


def _parquet(columns: dict[str, Array], path: Path, notes: dict[str, str]) -> None:
    with extra("tables"):
        import pyarrow as pa
        from pyarrow import parquet

    fields = [pa.field(k, pa.from_numpy_dtype(v.dtype), metadata={"unit": unit(k)}) for k, v in columns.items()]
    said = notes | {f"flag{bit}": text for bit, text in FLAGS.items()}
    table = pa.table(columns, schema=pa.schema(fields, metadata=said))
    out = io.BytesIO()
    parquet.write_table(table, out)
    write_bytes(path, out.getvalue())


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
