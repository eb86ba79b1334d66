"""Signals out of noise, on a page: who puts peaks in their place, who detects, and what that costs in truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simulacra.core.errors import SimulacraError
from simulacra.core.files import read_json
from simulacra.reports.figures import denoising as draw
from simulacra.reports.markup import Drawer
from simulacra.reports.sections.base import Page, Part
from simulacra.runs import Run

OF = "denoising.json, exhibits traces and spectra"
PLACE = 20
Piece = dict[str, Any]
MODEL = "model"
ARTICLE = {"measured": 0.69, "uniform": 0.95, "cosine": 0.98}
"""Shares of peaks in their place that a published notebook states for its network, by noise."""
SHOWN = 2.0  # the ratio at which the model is held against the filters in words
RULE = (
    "In its place: the recovered peak lies within 2 % of the trace (10 of 500 samples) of the true one. Intervals are "
    "Wilson's, of 95 %; those of differences come from drawing the traces anew, all methods on the same ones."
)


def table_of(run: Run) -> dict[str, Any]:
    """What denoising.json holds; empty for a run that denoised nothing, or was cut off."""
    path = run.folder / "denoising.json"
    if not path.exists():
        return {}
    try:
        found = read_json(path)
    except SimulacraError:
        return {}
    whole = isinstance(found, dict) and MODEL in (found.get("methods") or {}) and "beside" in found
    return found if whole else {}


def section(page: Page) -> Part | None:
    """Figures by signal-to-noise, detection, energies; None for a run that denoised nothing."""
    run, drawer = page.run, page.drawer
    table = table_of(run)
    if not table:
        return None
    parts = [peaks(table, drawer), detected(table, drawer), measured(table, drawer)]
    seen, shapes = run.exhibit("traces"), run.exhibit("spectra")
    parts[0]["figures"] += [drawer.curve(draw.overlaid(seen)), drawer.curve(draw.close(seen))] if seen else []
    parts[2]["figures"] += [drawer.curve(draw.spectra(shapes))] if shapes else []
    moved = elsewhere(table.get("further"))
    stated = {"sentences": sentences(run), "parts": [*parts, *([moved] if moved else [])], "tuned": tuned(run)}
    return Part("denoised.html", {"denoised": stated})


def sentences(run: Run) -> list[str]:
    """How often the model is right, whether a filter is better, and what it detects; empty where there is nothing."""
    table = table_of(run)
    if not table:
        return []
    try:
        own = table["methods"][MODEL]
        row = own["rows"][-1]
        first = f"Of {row['n']:,} held-out pulses the model puts {_share(row['peak'])} in their place."
        return [first, against(table), *published(run), detects(own, table["alarms"])]
    except (KeyError, IndexError, TypeError, ValueError):
        return []


def published(run: Run) -> list[str]:
    """What was published for this noise, and why both are hard to compare; nothing of a user's own traces."""
    settings = run.record.get("settings") or {}
    noise = str(settings.get("noise", ""))
    if noise not in ARTICLE or settings.get("traces"):
        return []
    even = table_of(run)["methods"][MODEL]["overall"]["uniform"]
    return [
        f"Published for noise of this sort is {100 * ARTICLE[noise]:.0f} %, of traces whose law of signal-to-noise is "
        f"not told. Here its logarithm is uniform from 1 to 10; were the ratio itself uniform, the model would put "
        f"{_share(even)} in their place."
    ]


def against(table: Mapping[str, Any]) -> str:
    """Whether the model or a filter is better at the ratio that is asked about, and over all traces."""
    stated = []
    rows = table["beside"]
    near = [r for r in rows[: -len(table["methods"]) + 1] if r["low"] <= SHOWN < r["high"]]
    for where, some in ((f"at signal-to-noise {SHOWN:g}", near), ("over all", rows[-len(table["methods"]) + 1 :])):
        if not some:
            continue
        best = min(some, key=lambda r: r["gap"])
        much = _gap(best).replace(" (", " points (")
        word = "is better than" if best["least"] > 0 else "loses to" if best["most"] < 0 else "cannot be said from"
        stated.append(f"{where} it {word} the best filter there, the {best['beside']}: {much}")
    return _sentence("; ".join(stated))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def detects(own: Mapping[str, Any], alarms: float) -> str:
    """Efficiency at the fixed rate of false alarms, and the rate that came about."""
    clear, quiet = own["overall"]["clear"], own["quiet"]
    return (
        f"With the threshold set for {100 * alarms:.1f} % of false alarms on validation, {_share(quiet['alarms'], 2)} "
        f"came about on {quiet['n']:,} unseen traces without a pulse, and {_share(clear)} of the pulses above a ratio "
        f"of 3 are detected (published for a classifier: about 90 % at less than 0.2 %)."
    )


def peaks(table: Mapping[str, Any], drawer: Drawer) -> Piece:
    """The article's rule by bin and method."""
    methods = table["methods"]
    heads = [_bin(row) for row in _all_first(methods[MODEL]["rows"])]
    rows = [(name, [_share(row["peak"]) for row in _all_first(stated["rows"])]) for name, stated in methods.items()]
    for name in methods:
        some = [r for r in table["beside"] if r["beside"] == name]
        if some:
            rows.append((f"model minus {name}", [_gap(r) for r in _all_first(some)]))
    counts = ("traces", [f"{row['n']:,}" for row in _all_first(methods[MODEL]["rows"])])
    figure = draw.by_ratio(methods, "peak", "peaks in their place, %", "Chance alone puts about 5 % in their place.")
    return {
        "id": "peaks",
        "title": "Peaks in their place",
        "head": ["by signal-to-noise", *heads],
        "rows": [*rows, counts],
        "note": RULE,
        "figures": [drawer.curve(figure)],
    }


def detected(table: Mapping[str, Any], drawer: Drawer) -> Piece:
    """Detection at a fixed rate of false alarms."""
    methods = table["methods"]
    rows = []
    for name, stated in methods.items():
        quiet = stated["quiet"]
        cells = [_share(row["efficiency"]) for row in stated["rows"][:-1]]
        rows.append(
            (name, [*cells, _share(stated["overall"]["clear"]), _share(quiet["alarms"], 2), _share(quiet["high"])])
        )
    heads = [_bin(row) for row in methods[MODEL]["rows"][:-1]]
    figure = draw.by_ratio(
        methods,
        "efficiency",
        "pulses detected, %",
        f"At {100 * table['alarms']:.1f} % of false alarms, set on validation.",
    )
    return {
        "id": "detection",
        "title": "Pulses detected, and false ones",
        "head": ["by signal-to-noise", *heads, "above 3", "false alarms, measured", "false pulses"],
        "rows": rows,
        "note": (
            f"Each method has its own score; its threshold is that which {100 * table['alarms']:.1f} % of "
            "validation traces without a pulse exceed. False alarms: how many unseen traces without a pulse exceed "
            "it. False pulses: in how many of those the recovered signal is higher than twice the trace's root mean "
            "square."
        ),
        "figures": [drawer.curve(figure)],
    }


def measured(table: Mapping[str, Any], drawer: Drawer) -> Piece:
    """Amplitude, energy and the error of the waveform."""
    methods = table["methods"]
    heads = [_bin(row) for row in _all_first(methods[MODEL]["rows"])]
    rows = []
    for name, stated in methods.items():
        for key in ("amplitude", "energy"):
            rows.append((f"{name}, {key}", [_deviation(row[key]) for row in _all_first(stated["rows"])]))
        rows.append((f"{name}, error", [_percent(row["error"]) for row in _all_first(stated["rows"])]))
    surest = {name: stated["overall"]["energy_of_surest"] for name, stated in methods.items()}
    note = (
        "Amplitude (peak) and energy (sum of squares within 25 samples of the peak): the median of the relative "
        "deviation from truth ± half of the span of its middle 68 %. Error: median energy of the error over that of "
        "the true signal. Of the 80 % of traces that each method is surest of, energies are off by "
    )
    note += "; ".join(f"{_deviation(d)} ({name})" for name, d in surest.items())
    note += ". Published: about 20 % without bias, for 80 % of the traces with a signal."
    found = {name: stated["overall"].get("energy_of_detected") for name, stated in methods.items()}
    if all(found.values()):
        note += " Of the pulses that each method detects: "
        note += "; ".join(f"{_deviation(d)} ({name})" for name, d in found.items() if d) + "."
    return {
        "id": "energy",
        "title": "Amplitude, energy, waveform",
        "head": ["by signal-to-noise", *heads],
        "rows": rows,
        "note": note,
        "figures": [
            drawer.curve(draw.deviations(methods, "amplitude")),
            drawer.curve(draw.deviations(methods, "energy")),
        ],
    }


def elsewhere(stated: Mapping[str, Any] | None) -> Piece | None:
    """The test of transfer; None where there was none."""
    if not stated:
        return None
    part: Piece = {"id": "transfer", "title": "On pulses of another instrument", "figures": []}
    if "left_out" in stated:
        return part | {"head": ["left out"], "rows": [], "note": f"This test was left out: {stated['left_out']}"}
    methods = stated["methods"]
    heads = [_bin(row) for row in methods[MODEL]["rows"]]
    rows = [
        (
            name,
            [
                *(_share(row["peak"]) for row in one["rows"]),
                _deviation(one["rows"][-2]["energy"]),
                _share(one["events"]),
                _share(one["detected"]),
                f"{one['correlation']:.2f}",
            ],
        )
        for name, one in methods.items()
    ]
    note = (
        f"ANITA-4 hears other frequencies (180 to 1,200 MHz): time was stretched by 20/3, 200 to 533 MHz cut out and "
        f"resampled to 180 MHz. {stated['pulses']} deconvolved pulses were laid upon backgrounds of the truth part at "
        f"random ratios ({stated['traces']:,} traces): peaks in their place by ratio, and the energy in the last bin. "
        f"The {stated['events']} coherent sums keep the instrument's ringing: how often the recovered peak lies where "
        "their own envelope is highest, how many pass the threshold of detection, and the median correlation of what "
        "was recovered with the sum. Nothing was trained or tuned on these."
    )
    head = ["by signal-to-noise", *heads, "energy, last bin", "events: in place", "events: detected", "correlation"]
    return part | {"head": head, "rows": rows, "note": note}


def tuned(run: Run) -> dict[str, str]:
    """What was chosen on validation for each filter."""
    return {str(k): str(v) for k, v in (run.record.get("tuned") or {}).items()}


def _all_first(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The row of all traces before those of the bins."""
    return [*rows[-1:], *rows[:-1]]


def _bin(row: Mapping[str, Any]) -> str:
    return f"{row['low']:g} to {row['high']:g}"


def _share(found: Mapping[str, float], digits: int = 1) -> str:
    """A share in percent with its interval.

    >>> _share({"value": 0.5, "low": 0.45, "high": 0.55})
    '50.0 % (45.0 to 55.0)'
    """
    value, low, high = (f"{100 * float(found[k]):.{digits}f}" for k in ("value", "low", "high"))
    return f"{value} % ({low} to {high})"


def _gap(row: Mapping[str, float]) -> str:
    gap, least, most = (round(100 * row[key], 1) + 0.0 for key in ("gap", "least", "most"))  # no zero with a minus
    return f"{gap:+.1f} ({least:+.1f} to {most:+.1f})".replace("-", "−")


def _percent(value: float | None) -> str:
    if value is None or not np.isfinite(value):
        return "–"
    return f"{100 * value:.0f} %" if abs(value) >= 0.1 else f"{100 * value:.1f} %"


def _deviation(found: Mapping[str, float | None]) -> str:
    bias, spread = found["bias"], found["resolution"]
    if bias is None or spread is None:
        return "–"
    return f"{100 * bias:+.0f} ± {100 * spread:.0f} %".replace("-", "−")
