"""Figures for a page: drawings and images as markup that needs nothing outside the page."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from markupsafe import Markup

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale, of
from simulacra.pictures.mosaic import affordable, arrange, colorbar, grid, png
from simulacra.pictures.movie import gif
from simulacra.pictures.style import ALARM, BAND, BASELINES, INK, MODEL, TRUTH, Panel, svg
from simulacra.reports.space import Space

ROLES = {TRUTH: "truth", MODEL: "model", BAND: "band", INK: "ink", ALARM: "alarm"} | {
    color: f"other-{i}" for i, color in enumerate(BASELINES)
}


@dataclass(frozen=True)
class Shown:
    """One figure on the page.

    Args:
        body: the drawing or the image.
        caption: what to see.
        title: a few words above; empty for none.
        role: the set that is shown, for its color; empty for several.
        wide: whether it takes the whole width.
    """

    body: Markup
    caption: str = ""
    title: str = ""
    role: str = ""
    wide: bool = False


@dataclass
class Drawer:
    """Draws for one page, so that no two drawings share a name within it; and keeps its molecules."""

    count: Iterable[int] = field(default_factory=itertools.count)
    space: Space = field(default_factory=Space)

    def curve(self, panel: Panel) -> Shown:
        """A drawing whose colors follow the page's light or dark scheme."""
        return Shown(self.inline(svg(panel.figure), panel.alt), panel.caption)

    def inline(self, text: str, alt: str) -> Markup:
        """SVG text made part of the page: names of its own, the page's colors and letters."""
        prefix = f"f{next(iter(self.count))}-"
        text = re.sub(r'(<[^<>]*?\s)id="', rf'\1id="{prefix}', text)
        text = re.sub(r"url\(#", f"url(#{prefix}", text)
        text = re.sub(r'(xlink:)?href="#', f'href="#{prefix}', text)
        for color, role in ROLES.items():
            text = re.sub(rf"(:\s*){color}", rf"\1var(--{role}, {color})", text)
        text = re.sub(r"(font: [^'\"]*?)'DejaVu Sans'[^;\"]*", r"\1var(--letters, sans-serif)", text)
        found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
        width = float(found[1]) if found else 331.0
        head = f'<svg role="img" aria-label="{Markup.escape(alt)}" style="max-width:{width * 1.72:.0f}px" '
        text = re.sub(r'<svg ([^>]*?)width="[^"]*"', lambda m: head + m[1], text, count=1)
        text = re.sub(r'(<svg [^>]*?)height="[^"]*"', r"\1", text, count=1)
        return Markup(text)  # matplotlib has escaped every string in it

    def bar(self, scale: Scale) -> Markup | None:
        """The color bar of a scale, where one helps."""
        if not scale.bar:
            return None
        return self.inline(svg(colorbar(scale)), f"Color bar from {scale.low:.3g} to {scale.high:.3g}.")


def image(data: bytes, alt: str, width: int, height: int, kind: str = "png") -> Markup:
    """An image held by the page itself."""
    text = base64.b64encode(data).decode()
    return Markup('<img src="data:image/{};base64,{}" alt="{}" width="{}" height="{}">').format(
        kind, text, alt, width, height
    )


def picture(array: Array, alt: str) -> Markup:
    """An array of colors as an image."""
    return image(png(array), alt, array.shape[1], array.shape[0])


def tiles(samples: Samples, scale: Scale, name: str, caption: str, n: int | None = None, columns: int = 4) -> Shown:
    """A grid of one set."""
    n = affordable(samples, columns=columns) if n is None else n
    return Shown(picture(grid(samples, scale, n, columns), f"{n} samples: {name}"), caption, name, name)


def spread_out(samples: Samples, n: int) -> Samples:
    """n samples taken evenly over the set in the order of its first condition, to be held beside another set's."""
    order = np.arange(len(samples))
    for values in samples.given.values():
        order = np.argsort(values, kind="stable")
        break
    return samples[order[np.linspace(0, len(order) - 1, min(n, len(order))).round().astype(int)]]


def strip(frames: Samples, scale: Scale, alt: str) -> Markup:
    """A strip of samples from left to right."""
    return picture(arrange(of(frames.kind).tiles(frames.array, scale), len(frames)), alt)


def movie(frames: Samples, scale: Scale, alt: str) -> Markup:
    """A moving picture; it stands still for readers who asked for less motion."""
    data = gif(frames, scale)
    width, height = (int.from_bytes(data[i : i + 2], "little") for i in (6, 8))
    still = base64.b64encode(png(grid(frames, scale, 1, 1))).decode()
    moving = image(data, alt, width, height, "gif")
    source = '<picture><source media="(prefers-reduced-motion: reduce)" srcset="data:image/png;base64,{}">{}</picture>'
    return Markup(source).format(still, moving)
