"""Small drawings of numbers over steps: lines of plain SVG, whose colors and letters are the page's own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from simulacra.reports.numbers import number

Points = Sequence[tuple[float, float]]
WIDE, HIGH, LEFT, RIGHT, BELOW, TOP = 460.0, 220.0, 62.0, 24.0, 40.0, 12.0  # of a drawing with axes, in its own units
MOST = 400  # points of a line; more are thinned


def spark(points: Points, alt: str) -> Markup:
    """A line without axes, as high as a row of text."""
    kept = _thinned(_finite(points), 60)
    if len(kept) < 2:
        return Markup()
    xs, ys = _scaled(kept, _ends([x for x, _ in kept]), _ends([y for _, y in kept]), (2.0, 98.0), (22.0, 2.0))
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    return Markup(
        '<svg class="spark" viewBox="0 0 100 24" role="img" aria-label="{}"><polyline points="{}"/></svg>'
    ).format(alt, line)


def drawing(series: Mapping[str, Points], across: str, up: str, alt: str) -> Markup:
    """Lines with axes and a key; the upright axis is logarithmic where the numbers span more than two decades.

    Args:
        series: points by name, each line in its own color and dash.
        across: what lies along the bottom.
        up: what lies along the side, with its unit.
        alt: what is drawn, for those who do not see it.
    """
    kept = {name: _thinned(_finite(points), MOST) for name, points in series.items()}
    kept = {name: points for name, points in kept.items() if points}
    values = [y for points in kept.values() for _, y in points]
    if not values:
        return Markup()
    log = min(values) > 0 and max(values) / min(values) > 100
    if log:
        kept = {name: [(x, math.log10(y)) for x, y in points] for name, points in kept.items()}
        values = [math.log10(v) for v in values]
    low_x, high_x = _ends([x for points in kept.values() for x, _ in points])
    low, high = _ends(values)
    parts = [_frame((low_x, high_x), (low, high), log, across, up)]
    for i, points in enumerate(kept.values()):
        xs, ys = _scaled(points, (low_x, high_x), (low, high), (LEFT, WIDE - RIGHT), (HIGH - BELOW, TOP))
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
        parts.append(Markup('<polyline class="line line-{}" points="{}"/>').format(i % 6, line))
        if len(points) == 1:
            dot = Markup('<circle class="line-{}" cx="{}" cy="{}" r="3"/>')
            parts.append(dot.format(i % 6, _one(xs[0]), _one(ys[0])))
    drawn = Markup('<svg class="curves" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDE, HIGH, alt, Markup("").join(parts)
    )
    return drawn + _key(list(kept))


def _one(value: float) -> str:
    return f"{value:.1f}"


def _key(names: Sequence[str]) -> Markup:
    """Which line is which."""
    if len(names) < 2:
        return Markup()
    stroke = Markup(
        '<svg viewBox="0 0 26 8" aria-hidden="true"><polyline class="line line-{}" points="1,4 25,4"/></svg>'
    )
    items = [Markup("<li>{}</svg>{}</li>").format(stroke.format(i % 6), name) for i, name in enumerate(names)]
    return Markup('<ul class="key-of-lines">{}</ul>').format(Markup("").join(items))


def _frame(across: tuple[float, float], up: tuple[float, float], log: bool, name: str, side: str) -> Markup:
    """Axes with their numbers and names."""
    parts = [Markup('<path class="axis" d="M{0} {1}V{2}H{3}"/>').format(LEFT, TOP, HIGH - BELOW, WIDE - RIGHT)]
    number_at = Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>')
    for value in ticks(*across):
        x = LEFT + (value - across[0]) / (across[1] - across[0]) * (WIDE - RIGHT - LEFT)
        parts.append(number_at.format(_one(x), HIGH - BELOW + 15, "middle", tick(value)))
    for value in ticks(*up):
        y = HIGH - BELOW - (value - up[0]) / (up[1] - up[0]) * (HIGH - BELOW - TOP)
        parts.append(number_at.format(LEFT - 6, _one(y + 4), "end", tick(10**value) if log else tick(value)))
        parts.append(Markup('<path class="grid" d="M{} {}H{}"/>').format(LEFT, _one(y), WIDE - RIGHT))
    parts.append(number_at.format((LEFT + WIDE) / 2, HIGH - 6, "middle", name))
    turned = Markup('<text x="12" y="{0}" text-anchor="middle" transform="rotate(-90 12 {0})">{1}</text>')
    parts.append(turned.format((TOP + HIGH - BELOW) / 2, side))
    return Markup("").join(parts)


def tick(value: float) -> str:
    """A tick's number: no more digits than it needs."""
    if value and (abs(value) >= 1e6 or abs(value) < 1e-3):
        return number(value, 2)
    return f"{value:,.4g}".replace("-", "−") if value % 1 or abs(value) >= 1e4 else f"{int(value):,}".replace("-", "−")


def ticks(low: float, high: float) -> list[float]:
    """Three to six round numbers between two ends.

    >>> ticks(0.0, 1500.0)
    [0.0, 500.0, 1000.0, 1500.0]
    """
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    if low == high:
        pad = abs(low) / 10 or 1.0
        return low - pad, high + pad
    return low, high


def _finite(points: Points) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in points if math.isfinite(x) and math.isfinite(y)]


def _thinned(points: list[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    if len(points) <= most:
        return points
    return [points[round(i * (len(points) - 1) / (most - 1))] for i in range(most)]


def _scaled(
    points: Points, across: tuple[float, float], up: tuple[float, float], x: tuple[float, float], y: tuple[float, float]
) -> tuple[list[float], list[float]]:
    wide, high = across[1] - across[0], up[1] - up[0]
    xs = [x[0] + (a - across[0]) / wide * (x[1] - x[0]) for a, _ in points]
    ys = [y[0] + (b - up[0]) / high * (y[1] - y[0]) for _, b in points]
    return xs, ys
