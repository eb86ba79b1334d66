"""A catalogue on one page: the field with its sources, what the model leaves, brightness, completeness, flags."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from simulacra.core.samples import Array
from simulacra.pictures.mosaic import png
from simulacra.pictures.style import MODEL, TRUTH, Panel, hand, sheet
from simulacra.reports.markup import Drawer, Shown
from simulacra.reports.page import HERE, environment, write_page

MOST = 900
"""Pixels along the longer side of a picture on the page."""


def write_catalog(found: Mapping[str, Any], path: Path) -> Path:
    """The page of what `simulacra catalog` found.

    Args:
        found: the answer of the verb, with the pictures and places of `cataloging.shown`.
        path: of the page.
    """
    drawer = Drawer()
    pictures = [
        field_picture(found["picture"], found["places"], "The field and its sources: stars blue, galaxies orange."),
        field_picture(found["left_over"], None, "What the model leaves, over its noise: grey none, white 5, black -5."),
    ]  # fmt: skip
    panels = [p for p in (completeness(found["completeness"]),) if p is not None]
    text = environment().get_template("catalogued.html").render(
        style=Markup((HERE / "style.css").read_text(encoding="utf-8")), found=found, pictures=pictures,
        figures=[drawer.curve(p) for p in panels], flags=[(k, v) for k, v in found["flagged"].items() if v],
    )  # fmt: skip
    return write_page(path, text)


def field_picture(values: Array, places: Array | None, caption: str) -> Shown:
    """A field as a picture, north of the frame's last row up, with rings about the sources."""
    rows, columns = values.shape
    step = max(1, -(-max(rows, columns) // MOST))
    small = values[: rows // step * step, : columns // step * step]
    small = np.nanmean(small.reshape(rows // step, step, columns // step, step), axis=(1, 3)) * step
    small = np.nan_to_num(small)
    grey = np.arcsinh(small) / np.arcsinh(200.0) if places is not None else (small + 5) / 10
    shade = (255 * np.clip(0.08 + 0.92 * grey if places is not None else grey, 0, 1)).astype(np.uint8)[::-1]
    data = base64.b64encode(png(np.repeat(shade[:, :, None], 3, axis=2))).decode()
    rings = ""
    if places is not None:
        size = max(4.0, max(rows, columns) / 180)
        for x, y, star in places.tolist():
            color = "#4aa3ff" if star > 0.5 else "#ff9d3b"
            place = f'cx="{x + 0.5:.1f}" cy="{rows - y - 0.5:.1f}" r="{size:.1f}"'
            rings += f'<circle {place} fill="none" stroke="{color}" stroke-width="{size / 4:.2f}"/>'
    body = (
        f'<svg viewBox="0 0 {columns} {rows}" role="img" aria-label="{escape(caption)}" style="width:100%;height:auto">'
        f'<image href="data:image/png;base64,{data}" width="{columns}" height="{rows}" '
        f'preserveAspectRatio="none" style="image-rendering:pixelated"/>{rings}</svg>'
    )
    return Shown(Markup(body), caption, wide=True)


def completeness(bins: list[dict[str, float]]) -> Panel | None:
    """The share of planted stars that is found again, by magnitude, with 68 % of the binomial law."""
    if len(bins) < 2:
        return None
    mag, share = np.array([b["magnitude"] for b in bins]), np.array([b["found"] for b in bins])
    n = np.array([b["planted"] for b in bins])
    wide = np.sqrt((share * (1 - share) + 0.25 / n) / n)
    with hand():
        drawn = sheet(2.6)
        axes = drawn.subplots()
        axes.fill_between(mag, np.clip(share - wide, 0, 1), np.clip(share + wide, 0, 1), color=MODEL, alpha=0.2, lw=0)
        axes.plot(mag, share, color=MODEL, marker="o", ms=4)
        axes.axhline(0.5, color=TRUTH, lw=0.8, ls=":")
        axes.set(xlabel="magnitude of the planted star", ylabel="found again", ylim=(0, 1.04))
    half = next((b["magnitude"] for b in bins if b["found"] < 0.5), None)
    said = f"; half are lost at {half:.1f}" if half is not None else ""
    caption = f"Stars planted into the frames and looked for again{said}. Band: 68 % of the binomial law."
    return Panel(drawn, caption, "completeness by magnitude")
