"""A part of a field, cut out by pixels of its reference band."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulacra.cataloging.field import MARGIN, Field
from simulacra.core.errors import BadInput


def cut(field: Field, words: str) -> Field:
    """The part that `X0:X1,Y0:Y1` names; all bands show the same sky, light beyond its edges is not used.

    Raises:
        BadInput: where the words name no part of the frame.
    """
    rows, columns = field.shape
    try:
        (x0, x1), (y0, y1) = ([int(v) for v in part.split(":")] for part in words.split(","))
    except ValueError:
        raise BadInput("a cut is X0:X1,Y0:Y1 in pixels", words, "for example 300:420,620:740") from None
    if not (0 <= x0 < x1 <= columns and 0 <= y0 < y1 <= rows and min(x1 - x0, y1 - y0) >= 16):
        raise BadInput(
            "this cut is no part of the frame", f"{words}, frame of {columns} × {rows}", "at least 16 pixels"
        )
    exposures, model, shifts = [], [], []
    for e, m, shift in zip(field.exposures, field.model, field.shifts, strict=True):
        dx, dy = np.rint(shift @ np.array([1.0, (x0 + x1) / 2, (y0 + y1) / 2]) - [(x0 + x1) / 2, (y0 + y1) / 2]).astype(
            int
        )
        place = np.s_[max(0, y0 + dy) : y1 + dy + 2 * MARGIN, max(0, x0 + dx) : x1 + dx + 2 * MARGIN]
        good = np.zeros_like(e.good)
        inner = np.s_[MARGIN + y0 + dy : MARGIN + y1 + dy, MARGIN + x0 + dx : MARGIN + x1 + dx]
        good[inner] = e.good[inner]
        psf = replace(e.psf, places=e.psf.places - [x0 + dx, y0 + dy])
        wcs = None if e.wcs is None else e.wcs.slice(np.s_[max(0, y0 + dy) :, max(0, x0 + dx) :])
        exposures.append(replace(e, counts=e.counts[place], sky=e.sky[place], good=good[place], psf=psf, wcs=wcs))
        model.append(m[place].copy())
        moved = shift.copy()
        moved[:, 0] += shift[:, 1:] @ np.array([x0, y0]) - [max(0, x0 + dx), max(0, y0 + dy)]
        shifts.append(moved)
    return Field(tuple(exposures), np.stack(shifts), model)
