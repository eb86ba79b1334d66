"""The measured tables, as the page in docs/ holds them between its marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from scipy import stats

from calibration import honest, sharp
from calibration.defects import DEFECTS, Defect
from calibration.peers import LIBRARIES
from calibration.record import Record
from simulacra.core.shelf import shelf

PAGE = Path(__file__).parents[2] / "docs" / "calibration.md"
COLUMNS = (
    "KS",
    "Fréchet",
    "MMD",
    "KID",
    "precision",
    "recall",
    "density",
    "coverage",
    "C2ST",
    "PQMass",
    "SW",
    "NPLM",
    "FPD",
    "KPD",
    "sbi C2ST",
)
OWN = {"rows": "", "copies": " · *copies*", "uniqueness": " · *uniqueness*"}


def write(record: Record, page: Path = PAGE) -> None:
    """Put the tables between the marks of the page."""
    text = page.read_text(encoding="utf-8")
    for name, part in parts(record).items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)"
        if not re.search(pattern, text, re.DOTALL):
            raise ValueError(f"{page} has no marks for {name}")
        text = re.sub(pattern, lambda m, part=part: f"{m[1]}\n{part}\n\n{m[2]}", text, flags=re.DOTALL)
    page.write_text(text, encoding="utf-8")


def parts(record: Record) -> dict[str, str]:
    """Everything that is generated, by the name of its mark."""
    found = {"honest": honest_table(record), "together": together(record), "band": band_words(record)}
    for n in sharp.SIZES:
        found[f"sharp {n}"] = sharp_table(record, n)
    return found | {"ahead": ahead(record), "times": times(record)}


def table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """Markdown."""
    head = list(head)
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def rate(count: int, repeats: int) -> str:
    """A share with its 95 % interval (Clopper and Pearson)."""
    found = stats.binomtest(count, repeats).proportion_ci()
    return f"{count / repeats:.3f} [{found.low:.3f}, {found.high:.3f}]"


def honest_table(record: Record) -> str:
    """A line a statistic and world, a column a size."""
    lines: dict[tuple[str, str, int], dict[int, str]] = {}
    for row in honest.table(record):
        cell = rate(row.alarms, row.repeats)
        if abs(row.expected / row.repeats - honest.LEVEL) > 0.002:
            cell += f", expected {row.expected / row.repeats:.3f}"
        if row.repeats != honest.REPEATS:
            cell += f" ({row.repeats} repeats)"
        lines.setdefault((row.statistic, row.kind, row.members), {})[row.n] = f"**{cell}**" if row.outside else cell
    body = [
        [name.replace("_", " "), kind + (f", groups of {members}" if members > 1 else ""), *_sizes(cells)]
        for (name, kind, members), cells in lines.items()
    ]
    return table(["statistic", "samples", *(f"n = {n:,}" for n in honest.SIZES)], body)


def _sizes(cells: Mapping[int, str]) -> list[str]:
    return [cells.get(n, "") for n in honest.SIZES]


def band_words(record: Record) -> str:
    """How many cells there are, and what lies outside of the bands."""
    rows = honest.table(record)
    each = honest.CONFIDENCE ** (1 / len(rows))
    low, high = stats.binom.interval(each, honest.REPEATS, honest.LEVEL)
    outside = [
        f"{r.statistic.replace('_', ' ')} ({r.kind}, n = {r.n:,}, groups of {r.members})" for r in rows if r.outside
    ]
    least = min(rows, key=lambda row: row.uniform)
    uneven = [row for row in rows if row.uniform < 1 - each]
    total, repeats = sum(row.alarms for row in rows), sum(row.repeats for row in rows)
    words = [
        f"{len(rows)} cells; of 400 repeats, {low:.0f} to {high:.0f} alarms lie in the band that holds for all of them "
        f"at once 99 times in 100. Outside of it: {', '.join(outside) or 'none'}.",
        f"All cells together: {total:,} alarms in {repeats:,} repeats, expected {sum(r.expected for r in rows):,.0f}.",
        f"p against the uniform law (Kolmogorov and Smirnov): the smallest of the {len(rows)} p-values is "
        f"{least.uniform:.2g} ({least.statistic.replace('_', ' ')}, {least.kind}, n = {least.n:,}); below "
        f"{1 - each:.1g} one would count: {len(uneven)}.",
    ]
    unseen = [name.replace("_", " ") for name in shelf("statistics").names() if name not in {r.statistic for r in rows}]
    words += [f"On the shelf and not measured, for want of a world or of time: {', '.join(unseen)}."] if unseen else []
    return "\n\n".join(words)


def together(record: Record) -> str:
    """Shares of repeats in which any judge of one family says "differs", after Holm's steps."""
    names = {"rows": "statistics of samples", "sets": "statistics of sets"}
    lines = [
        [
            names[part],
            kind + (f", groups of {members}" if members > 1 else ""),
            f"{n:,}",
            str(many),
            rate(any_, repeats),
        ]
        for part, kind, members, n, many, repeats, any_ in honest.families(record)
    ]
    return table(["judges", "samples", "n", "how many", "any of them says *differs*"], lines)


def percent(power: sharp.Power) -> str:
    """A power in percent with its interval."""
    low, high = power.interval
    return f"{100 * power.share:.0f} ({100 * low:.0f}–{100 * high:.0f})"


def sharp_table(record: Record, n: int) -> str:
    """A line a defect, a column a method."""
    found = {defect: sharp.powers(record, defect, n) for defect in DEFECTS}
    columns = [c for c in COLUMNS if any(c in powers for powers in found.values())]
    lines = []
    for defect, powers in found.items():
        if "ours" in powers:
            own = f"**{percent(powers['ours'])}**{OWN.get(defect.judge, '')}"
            own += f"; rows {percent(powers['rows'])}" if defect.judge != "rows" else ""
            lines.append([defect.name, own, *(percent(powers[c]) if c in powers else "" for c in columns)])
    return table(["defect", "ours", *columns], lines)


def ahead(record: Record) -> str:
    """Where a peer rejects more, its interval above ours; and where it rejects half and ours does not."""
    lines = []
    for n in sharp.SIZES:
        for defect in DEFECTS:
            powers = sharp.powers(record, defect, n)
            own = powers.get("ours")
            better = {c: powers[c] for c in COLUMNS if own and c in powers and beats(powers[c], own)}
            if own and better:
                stated = ", ".join(f"{name} {percent(power)}" for name, power in better.items())
                lines.append(f"- {defect.name}, n = {n:,}: ours {percent(own)}; {stated}.{missed(own, better)}")
    for name in LIBRARIES:
        sizes = [n for n in sharp.SIZES if any(cell[2] == n for cell in record.cells(name))]
        if not sizes:
            lines.append(f"- Not measured: {name}, which was not installed.")
        elif len(sizes) < len(sharp.SIZES):
            lines.append(f"- Of {name} only n = {', '.join(f'{n:,}' for n in sizes)} was measured, for its time.")
    return "\n".join(lines) or "Nowhere."


def beats(peer: sharp.Power, own: sharp.Power) -> bool:
    """Whether the peer's interval lies above ours."""
    return peer.interval[0] > own.interval[1]


def missed(own: sharp.Power, better: Mapping[str, sharp.Power]) -> str:
    """A word more where ours misses what another catches."""
    caught = [name for name, power in better.items() if power.share >= 0.5]
    return f" Caught by {', '.join(caught)}, missed by ours." if own.share < 0.5 and caught else ""


def blind(record: Record, n: int) -> list[Defect]:
    """The defects that nothing sees in half of the repeats."""
    found = []
    for defect in DEFECTS:
        powers = sharp.powers(record, defect, n)
        if powers and all(power.share < 0.5 for power in powers.values()):
            found.append(defect)
    return found


def times(record: Record) -> str:
    """What the measurement cost."""
    own = record.seconds("ours") / 60
    others = {name: record.seconds(name, f"{name} null") / 60 for name in ("peers", *LIBRARIES)}
    stated = ", ".join(f"{name} {minutes:.0f}" for name, minutes in others.items() if minutes)
    unseen = {n: ", ".join(d.name for d in blind(record, n)) or "none" for n in sharp.SIZES}
    words = f"Minutes on planted defects, on one core that had other work too: ours {own:.0f}, {stated}."
    seen = "; ".join(f"n = {n:,}: {names}" for n, names in unseen.items())
    return f"{words}\n\nTold by nothing here in half of the repeats: {seen}."
