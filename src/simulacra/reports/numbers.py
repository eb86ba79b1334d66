"""Numbers as a reader wants them: sensible digits, units that fit, and a dash where there is none."""

from __future__ import annotations

import math
from typing import Any

NONE = "–"
_UP = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: Any, digits: int = 3) -> str:  # noqa: ANN401 - whatever a run's record holds
    """A number in plain letters: 0.0125, 3.14, 12,000, 1.5 × 10⁻⁶."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return NONE if value is None or isinstance(value, float) else str(value)
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(value)))
    if -4 <= power < 6:
        return f"{value:,.{max(0, digits - 1 - power)}f}".replace("-", "−")
    return f"{value / 10**power:.{digits - 1}f} × 10{str(power).translate(_UP)}".replace("-", "−")


def setting(value: Any) -> str:  # noqa: ANN401 - whatever a setting holds
    """A setting's value, exactly: as many digits as it was given with."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def p_value(p: float | int | None) -> str:
    """A p-value as "= 0.23" or, near the smallest that the permutations can show, "< 0.001"."""
    if p is None or not math.isfinite(p):
        return "unknown"
    if p <= 0.0005:
        return f"< {2 * p:.1g}"
    return f"= {p:.2g}"


def times(ratio: float | int | None) -> str:
    """A ratio to the noise floor: "1.2 ×", "85 ×"."""
    if ratio is None or not math.isfinite(ratio):
        return NONE
    if ratio <= 0:
        return "0 ×"
    return f"{number(ratio, 3 if ratio >= 100 else 2)} ×"


def seconds(value: float | int | None) -> str:
    """A duration: "0.42 s", "12 s", "3 min 20 s", "2 h 5 min"."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return NONE
    if value < 10:
        return f"{value:.2g} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    minutes = round(value / 60)
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
