"""A forecast of one day as a fan: what was known, the law of each day to come, and what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import read_npz
from simulacra.core.samples import Array
from simulacra.reports.numbers import number
from simulacra.runs import Run
from simulacra.studio.curves import tick, ticks
from simulacra.studio.views import of
from simulacra.studio.within import file_of, run_named

WIDE, HIGH, LEFT, RIGHT, TOP, BELOW = 520.0, 270.0, 58.0, 14.0, 12.0, 40.0
PAST = 30  # days shown before the one that was chosen
SHADES = ((0, 6), (1, 5), (2, 4))  # ends of 95, 80, 50 % among the seven quantiles


@dataclass(frozen=True)
class Fan:
    """The law that one forecaster gave on one day.

    Args:
        day: on which it was given, days since 1970-01-01.
        ahead: days, ascending, (H,).
        quantile: (7, H).
        truth: what came, (H,); NaN where nothing was measured.
        before: days, and what had been measured on them.
        unit: of the values.
    """

    day: int
    ahead: Array
    quantile: Array
    truth: Array
    before: tuple[Array, Array]
    unit: str


def foretold(run: Run) -> bool:
    """Whether a run holds forecasts."""
    return file_of(run, "forecasts.npz") is not None


def page(request: Request) -> Response:
    """The fan of the day that was chosen, with the slider by which it is chosen; its drawing alone for htmx."""
    studio, query = of(request), request.query_params
    run = run_named(studio.place, request.path_params["name"])
    path = file_of(run, "forecasts.npz")
    if path is None:
        raise BadRun("this run holds no forecasts", run.name, "simulacra run temperature_by_gp makes some")
    seen = read_npz(path)
    try:
        names, series = [str(n) for n in seen["names"]], sorted({int(s) for s in seen["truth.series"]})
        name, one = query.get("forecaster", names[0]), _whole(query.get("series", str(series[0])))
        if name not in names or one not in series:
            raise BadInput("this run has no such forecast", f"{name[:60]}, series {one}", "choose from the lists")
        days = days_of(seen, name, one)
        at = min(max(_whole(query.get("at", str(len(days) // 2))), 0), len(days) - 1)
        fan = fan_of(seen, name, one, int(days[at]))
    except KeyError as error:
        raise BadRun("its forecasts are of another version", f"{run.name}: {error}", "run it again") from error
    labels = [str(label) for label in np.atleast_1d(seen["truth.name"])] if "truth.name" in seen else []
    values: dict[str, Any] = {
        "run": run,
        "names": names,
        "name": name,
        "series": [(k, labels[k] if k < len(labels) else f"series {k}") for k in series],
        "one": one,
        "at": at,
        "last": len(days) - 1,
        "date": date(fan.day),
        "drawn": drawing(fan, name),
        "rows": rows(fan),
        "unit": "" if fan.unit in ("", "1") else fan.unit,
    }
    return studio.page("fan_part.html" if "hx-request" in request.headers else "fan.html", **values, here="explore")


def days_of(seen: Mapping[str, Array], name: str, series: int) -> Array:
    """The days on which most horizons were foretold: of some studies not every day has them all."""
    own = seen["truth.series"] == series
    count = np.isfinite(np.asarray(seen[f"quantile.{name}"])[:, own]).all(axis=0).sum(axis=1)
    return np.unique(seen["truth.day"][own][count == count.max(initial=0)])


def fan_of(seen: Mapping[str, Array], name: str, series: int, day: int) -> Fan:
    """The law of one day among those that a run kept."""
    at = int(np.flatnonzero((seen["truth.day"] == day) & (seen["truth.series"] == series))[0])
    horizon, quantile = seen["truth.horizon"], np.asarray(seen[f"quantile.{name}"], dtype=float)[:, at]
    here = np.isfinite(quantile).all(axis=0)
    known, value = seen["history.day"], seen["history.value"][series]
    before = (known <= day) & (known > day - PAST)
    truth = np.asarray(seen["truth.truth"], dtype=float)[at]
    unit = str(seen["truth.unit"])
    return Fan(day, horizon[here], quantile[:, here], truth[here], (known[before], value[before]), unit)


def drawing(fan: Fan, name: str) -> Markup:
    """The fan as plain SVG in the page's own colors."""
    days = np.concatenate([fan.before[0] - fan.day, fan.ahead])
    values = np.concatenate([fan.before[1], fan.quantile.ravel(), fan.truth])
    values = values[np.isfinite(values)]
    left, right = float(days.min(initial=0)), float(days.max(initial=1))
    pad = 0.05 * float(np.ptp(values)) or 1.0
    low, high = float(values.min()) - pad, float(values.max()) + pad

    def x(day: float) -> str:
        return f"{LEFT + (day - left) / (right - left) * (WIDE - RIGHT - LEFT):.1f}"

    def y(value: float) -> str:
        return f"{HIGH - BELOW - (value - low) / (high - low) * (HIGH - BELOW - TOP):.1f}"

    def line(across: Array, up: Array) -> str:
        return " ".join(f"{x(float(a))},{y(float(b))}" for a, b in zip(across, up, strict=True) if np.isfinite(b))

    label = Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>')
    parts = [Markup('<path class="axis" d="M{0} {1}V{2}H{3}"/>').format(LEFT, TOP, HIGH - BELOW, WIDE - RIGHT)]
    parts += [label.format(x(v), HIGH - BELOW + 15, "middle", tick(v)) for v in ticks(left, right)]
    for value in ticks(low, high):
        parts.append(label.format(LEFT - 6, y(value), "end", tick(value)))
        parts.append(Markup('<path class="grid" d="M{} {}H{}"/>').format(LEFT, y(value), WIDE - RIGHT))
    ahead, quantile = fan.ahead, fan.quantile
    if np.isfinite(fan.before[1][-1:]).any() and fan.before[0][-1] == fan.day:  # it opens at what was known that day
        ahead = np.concatenate([[0], ahead])
        quantile = np.concatenate([np.full((len(quantile), 1), fan.before[1][-1]), quantile], axis=1)
    for first, last in SHADES:
        both = f"{line(ahead, quantile[first])} {line(ahead[::-1], quantile[last][::-1])}"
        parts.append(Markup('<polygon class="fan" points="{}"/>').format(both))
    parts.append(Markup('<polyline class="line line-0" points="{}"/>').format(line(ahead, quantile[3])))
    parts.append(
        Markup('<polyline class="line past" points="{}"/>').format(line(fan.before[0] - fan.day, fan.before[1]))
    )
    parts.append(Markup('<path class="now" d="M{} {}V{}"/>').format(x(0.0), TOP, HIGH - BELOW))
    dot = Markup('<circle class="came" cx="{}" cy="{}" r="3.5"/>')
    parts += [dot.format(x(float(a)), y(float(b))) for a, b in zip(fan.ahead, fan.truth, strict=True) if np.isfinite(b)]
    parts.append(label.format((LEFT + WIDE) / 2, HIGH - 6, "middle", f"days from {date(fan.day)}"))
    turned = Markup('<text x="12" y="{0}" text-anchor="middle" transform="rotate(-90 12 {0})">{1}</text>')
    said = "value" if fan.unit in ("", "1") else f"value, {fan.unit}"
    parts.append(turned.format((TOP + HIGH - BELOW) / 2, said))
    alt = f"The law that {name} gave on {date(fan.day)} of the days to come, and what came; the table has the numbers."
    return Markup('<svg class="curves fans" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDE, HIGH, alt, Markup("").join(parts)
    )


def rows(fan: Fan) -> list[dict[str, str]]:
    """The numbers of the fan: median, 50 and 95 %, what came, and whether it lay within."""
    found = []
    for k, ahead in enumerate(fan.ahead):
        q, came = fan.quantile[:, k], float(fan.truth[k])
        held = "" if not np.isfinite(came) else "within" if q[0] <= came <= q[6] else "outside"
        found.append(
            {
                "ahead": f"{int(ahead)}",
                "median": number(float(q[3])),
                "half": f"{number(float(q[2]))} to {number(float(q[4]))}",
                "most": f"{number(float(q[0]))} to {number(float(q[6]))}",
                "came": number(came) if held else "–",
                "held": held,
            }
        )
    return found


def date(day: int) -> str:
    """A day since 1970-01-01 as 2026-11-30."""
    return str(np.datetime64(day, "D"))


def _whole(value: str) -> int:
    if not value.isdecimal() or len(value) > 7:
        raise BadInput("a day and a series are whole numbers", value[:40], "choose them on the page")
    return int(value)
