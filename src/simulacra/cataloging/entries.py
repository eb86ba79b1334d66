"""The rows of a catalogue: every quantity with its mean, spread and quantiles, the type's probability, and flags."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulacra.cataloging.field import MARGIN, Field
from simulacra.cataloging.fitting import Source
from simulacra.cataloging.posterior import GaussianPosterior, quantile
from simulacra.cataloging.refine import Found
from simulacra.core.chance import stream
from simulacra.core.samples import Array
from simulacra.domains.photometry.brightness import reference, reported

LEVELS = {"q025": 0.025, "q16": 0.16, "q50": 0.5, "q84": 0.84, "q975": 0.975}
FLAGS = {
    1: "edge: within 5 pixels of the frame's edge",
    2: "masked: pixels about the center are not used in some band",
    4: "blended: neighbors give more than a twentieth of the light at its center",
    8: "misfit: the pixels about the center lie off the model by more than photons do",
    16: "approximate: fewer than 40 effective draws, or none asked for",
    32: "border: neither star nor galaxy is sure (probability of star within .05 and .95)",
    64: "faint: light below 5 of its noise in every band",
    128: "close: another source within 1 pixel",
}
"""Bits of the column `flags`."""
DRAWS = 1000


def entries(field: Field, sources: list[Source], found: list[Found], seed: int) -> dict[str, Array]:
    """Columns by name: NaN where a quantity is not one of the source's type."""
    rows = [
        _row(field, s, f, stream(seed, "entries of a catalog", k))
        for k, (s, f) in enumerate(zip(sources, found, strict=True))
    ]
    names = list(reported(np.zeros((1, 2 + 4 + len(field.bands))), field.bands, field.main.scale))
    columns: dict[str, Array] = {"id": np.arange(1, len(rows) + 1)}
    if field.main.wcs is not None and rows:
        where = field.main.wcs.all_pix2world([r["x"] for r in rows], [r["y"] for r in rows], 0)
        columns |= {"ra": np.asarray(where[0]), "dec": np.asarray(where[1])}
    columns["p_star"] = np.array([r["p_star"] for r in rows], dtype=float)
    for name in names:
        for end in ("", "_sd", *(f"_{q}" for q in LEVELS)):
            columns[name + end] = np.array([r.get(name + end, np.nan) for r in rows], dtype=float)
    columns["effective"] = np.array([r["effective"] for r in rows], dtype=float)
    columns["chi2"] = np.array([r["chi2"] for r in rows], dtype=float)
    close = _close(columns["x"], columns["y"])
    columns["flags"] = np.array([r["flags"] | (128 if c else 0) for r, c in zip(rows, close, strict=True)], dtype=int)
    return columns


def _row(field: Field, source: Source, found: Found, rng: np.random.Generator) -> dict[str, Any]:
    best = max(found, key=lambda k: found[k].log_evidence)
    here = found[best]
    if isinstance(here, GaussianPosterior):
        numbers, weights = here.draws(DRAWS, rng), np.full(DRAWS, 1 / DRAWS)
    else:
        numbers, weights = here.numbers, here.weights
    star = found["star"].log_evidence if "star" in found else -np.inf
    galaxy = found["galaxy"].log_evidence if "galaxy" in found else -np.inf
    p = 1 / (1 + np.exp(np.clip(galaxy - star, -500, 500)))
    row: dict[str, Any] = {"p_star": float(p), "effective": min(here.effective, 1e6)}
    for name, values in reported(numbers, field.bands, field.main.scale).items():
        if name == "angle":
            values = _about(values, weights)
        mean = float(weights @ values)
        row[name], row[f"{name}_sd"] = mean, float(np.sqrt(weights @ (values - mean) ** 2))
        held = quantile(values, weights, np.array(list(LEVELS.values())))
        row |= {f"{name}_{q}": float(v) for q, v in zip(LEVELS, held, strict=True)}
    return row | _looks(field, source, row, here.effective, isinstance(here, GaussianPosterior))


def _about(angle: Array, weights: Array) -> Array:
    """Position angles turned by 180 degrees to lie about their common direction."""
    turn = np.exp(2j * np.radians(angle))
    middle = np.degrees(np.angle(weights @ turn)) / 2
    return np.asarray(middle + (angle - middle + 90) % 180 - 90)


def _looks(field: Field, source: Source, row: dict[str, Any], effective: float, rough: bool) -> dict[str, Any]:
    """Flags and the misfit of the pixels within 3 of the center."""
    rows, columns = field.shape
    x, y = row["x"], row["y"]
    half = 3
    corner, _ = field.corners(float(x), float(y), half)
    side, chi, used, lit, masked, signal = 2 * half + 1, 0.0, 0, 0.0, False, 0.0
    shown = source.painted
    own, _ = field.corners(*source.at, source.half)
    for b, (e, m) in enumerate(zip(field.exposures, field.model, strict=True)):
        c, r = corner[b]
        cut = np.s_[r : r + side, c : c + side]
        good = e.good[cut]
        masked |= bool((~good).any())
        chi += float((((e.counts[cut] - m[cut]) ** 2 / m[cut])[good]).sum())
        used += int(good.sum())
        if shown is not None:
            i, j = r + half - own[b, 1], c + half - own[b, 0]
            mine = shown[b, np.clip(i, 0, shown.shape[1] - 1), np.clip(j, 0, shown.shape[2] - 1)]
            rest = m[r + half, c + half] - e.sky[r + half, c + half] - mine
            lit = max(lit, float(rest / max(mine, 1e-9)) if rest > 0.5 * np.sqrt(m[r + half, c + half]) else 0.0)
            noise = np.sqrt(e.sky[r + half, c + half] * 4 * np.pi * e.psf.width() ** 2)
            signal = max(signal, float(shown[b].sum() / noise))
    ratio = chi / max(used, 1)
    flags = 1 * (min(x, y, columns - 1 - x, rows - 1 - y) < 5) | 2 * masked | 4 * (lit > 0.05)
    flags |= 8 * (ratio > 1 + 5 * np.sqrt(2 / max(used, 1))) | 16 * (rough or effective < 40)
    flags |= 32 * (0.05 < row["p_star"] < 0.95) | 64 * (signal < 5)
    return {"chi2": ratio, "flags": int(flags)}


def _close(x: Array, y: Array) -> Array:
    if len(x) < 2:
        return np.zeros(len(x), dtype=bool)
    from scipy.spatial import cKDTree

    distance = cKDTree(np.stack([x, y], axis=1)).query(np.stack([x, y], axis=1), k=2)[0][:, 1]
    return np.asarray(distance < 1)


def unit(name: str) -> str:
    """The unit of a column, as FITS writes it; empty for none."""
    stem = name.rsplit("_", 1)[0] if name.rsplit("_", 1)[-1] in ("sd", *LEVELS) else name
    if stem.startswith(("mag_", "color_")):
        return "mag"
    return {"x": "pix", "y": "pix", "ra": "deg", "dec": "deg", "radius": "arcsec", "angle": "deg"}.get(stem, "")


def summary(columns: dict[str, Array], field: Field) -> dict[str, Any]:
    """Numbers for people and for --json."""
    star = columns["p_star"] > 0.5
    mag = columns[f"mag_{reference(field.bands)}"]
    flags = columns["flags"]
    return {
        "sources": len(star), "stars": int(star.sum()), "galaxies": int((~star).sum()),
        "bands": list(field.bands), "frame": list(field.shape), "margin": MARGIN,
        "magnitudes": [float(v) for v in np.nanpercentile(mag, [0, 50, 100])] if len(mag) else [],
        "flagged": {text.partition(":")[0]: int((flags & bit > 0).sum()) for bit, text in FLAGS.items()},
        "effective": float(np.median(columns["effective"])) if len(star) else 0.0,
    }  # fmt: skip
