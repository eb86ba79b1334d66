"""A made table with a promise: what anybody learns of one person from it is bounded by a privacy budget (ε, δ)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.verbs.look import add_reading, read_asked


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A table with one row a person, the budget, and where the made rows go."""
    add_reading(parser)
    parser.add_argument("-o", dest="out", type=Path, required=True, metavar="OUT", help="made rows, .csv")
    parser.add_argument("--epsilon", type=float, required=True, help="ε: about 1 is strong, above 10 says little")
    parser.add_argument("--delta", type=float, default=1e-6, help="δ, far below one over the rows (default: 1e-6)")
    parser.add_argument("-n", type=int, default=0, help="rows to make (default: about as many as there are)")
    parser.add_argument(
        "--range", dest="ranges", action="append", default=[], metavar="COLUMN=LOW:HIGH",
        help="what is known of a column without looking at these rows; else the budget pays for it; may be repeated",
    )  # fmt: skip


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Learn within the budget, draw, write. The noise is the system's own, and no two calls have the same."""
    from secrets import randbits

    import numpy as np

    from simulacra.core.errors import BadInput
    from simulacra.core.samples import Samples
    from simulacra.domains.tables.privacy_budget import PrivacyBudget
    from simulacra.domains.tables.private_copula import learn
    from simulacra.kinds.base import kinds

    if asked.out.suffix != ".csv":
        raise BadInput("made rows go to CSV", str(asked.out), "end its name in .csv")
    if asked.n < 0:
        raise BadInput("rows are not negative", str(asked.n), "for example -n 1000")
    budget = PrivacyBudget(asked.epsilon, asked.delta)
    ranges = dict(_range(one) for one in asked.ranges)
    table = read_asked(asked)
    x, rest = table.samples("", asked.types)
    if asked.delta * len(x) >= 1:
        raise BadInput(
            "with so large a δ a whole row may be given away", f"{asked.delta:g}, {len(x):,} rows", "give --delta 1e-6"
        )
    rng = np.random.default_rng(randbits(256))
    law = learn(x.array, x.columns, budget, rng, ranges)
    n = asked.n or law.rows
    made = Samples.of(law.draw(n, rng), "table", columns=x.columns)
    kinds()["table"].write(made, asked.out)
    return {
        "table": str(asked.table), "out": str(asked.out), "rows": n, "columns": len(x.columns), "left_out": rest,
        "epsilon": budget.epsilon, "delta": budget.delta, "mu": budget.mu, "ranges": sorted(ranges),
        "known": ["names, types, levels and decimals of columns, and which of them have gaps"],
    }  # fmt: skip


def _range(one: str) -> tuple[str, tuple[float, float]]:
    from simulacra.core.errors import BadInput

    name, _, ends = one.rpartition("=")
    low, _, high = ends.partition(":")
    try:
        return name, (float(low), float(high))
    except ValueError as error:
        raise BadInput("a range is COLUMN=LOW:HIGH", one, "for example --range age=0:110") from error


def words(stated: dict[str, Any]) -> str:
    """What was made, and what is promised."""
    promise = (
        f"promised: ε = {stated['epsilon']:g}, δ = {stated['delta']:g}, for one row more or less. It holds for one "
        f"release where a person has one row; a second release adds up. Taken for public: {stated['known'][0]}."
    )
    left = [f"left out: {', '.join(stated['left_out'][:12])}"] if stated["left_out"] else []
    return "\n".join([f"{stated['out']}: {stated['rows']:,} rows of {stated['columns']} columns", *left, promise])
