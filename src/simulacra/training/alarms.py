"""What goes wrong in training, seen early and reported with numbers and advice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulacra.core.errors import Diverged


@dataclass(frozen=True)
class Alarm:
    """Something that should not be, while training goes on.

    Args:
        name: by which it is raised once in a run.
        seen: what was seen, with numbers.
        advice: what to do about it.
    """

    name: str
    seen: str
    advice: str


def finite(turn: str, parts: Mapping[str, float], gradient: float, step: int) -> None:
    """An error where a part of a loss, or a gradient's norm, is no longer a number."""
    bad = [f"the part {name!r} of the loss is {value}" for name, value in parts.items() if not math.isfinite(value)]
    if not bad and math.isfinite(gradient):
        return
    raise Diverged(
        "training cannot go on: " + (", ".join(bad) or f"the gradient has norm {gradient} though the loss is a number"),
        f"turn {turn!r}, by step {step}",
        "lower the rate (a third of it), clip gradients (clip=1.0), and check that the data are finite and near unit "
        "scale; the last checkpoint is from before this",
    )


@dataclass
class Explosion:
    """Sees a loss that has left the range in which it used to be.

    Far is `far` times the median absolute deviation above the median of the last `window` usual values. It must be so
    for `patience` log lines in a row: a single spike heals by itself. Values that are far do not enter the median.

    Args:
        far: in units of the median absolute deviation (which for normal noise is 0.67 of a standard deviation).
        patience: far log lines in a row.
        window: usual values to remember.
        least: usual values needed before anything can be far.
    """

    far: float = 20.0
    patience: int = 5
    window: int = 100
    least: int = 20
    usual: dict[str, list[float]] = field(default_factory=dict)
    row: dict[str, int] = field(default_factory=dict)

    def see(self, turn: str, value: float) -> Alarm | None:
        """Take in a turn's loss at a log line."""
        usual = self.usual.setdefault(turn, [])
        if len(usual) >= self.least:
            median = float(np.median(usual))
            spread = float(np.median(np.abs(np.subtract(usual, median))))
            # a loss that hardly moves has hardly any spread: a hundredth of its size is never far
            limit = median + self.far * max(spread, 0.01 * abs(median), 1e-8)
            if value > limit:
                self.row[turn] = self.row.get(turn, 0) + 1
                return self._alarm(turn, value, median) if self.row[turn] == self.patience else None
        self.row[turn] = 0
        usual.append(value)
        del usual[: -self.window]
        return None

    def _alarm(self, turn: str, value: float, median: float) -> Alarm:
        return Alarm(
            f"explosion of {turn}",
            f"the loss of {turn!r} was {value:.3g}, far above its median {median:.3g}, "
            f"for {self.patience} log lines in a row",
            "lower the rate, clip gradients (clip=1.0), or average the weights (average=0.999)",
        )

    def memo(self) -> dict[str, Any]:
        """What it remembers, for the checkpoint."""
        return {"usual": self.usual, "row": self.row}

    def recall(self, memo: Mapping[str, Any]) -> None:
        """Remember what the checkpoint holds."""
        self.usual, self.row = dict(memo["usual"]), dict(memo["row"])


def copying(seen: Mapping[str, Any]) -> Alarm | None:
    """An alarm where more of the model's samples have a twin in the training set than unseen truth does.

    Args:
        seen: "twins" among "of" samples, where "expected" would be truth's; the "p" of that; and whether it is "told"
            after the correction for the number of looks.
    """
    if not seen["told"]:
        return None
    return Alarm(
        "copying",
        f"{seen['twins']} of {seen['of']} samples have a twin among the training samples, where about "
        f"{seen['expected']:.2g} would of true ones (p = {seen['p']:.2g})",
        "it repeats what it was trained on: bring more data, take a smaller model, or stop earlier (fewer steps)",
    )


def lost(seen: Mapping[str, Mapping[str, float]], least: float = 2 / 3) -> Alarm | None:
    """An alarm where the model's samples reach far less of the truth than as many true ones do.

    Args:
        seen: by judge: what the "model" reaches and what as many "true" samples do: a count of modes, a coverage.
        least: below this share of the true number modes count as lost.
    """
    far = {name: row for name, row in seen.items() if row["model"] < least * row["true"]}
    if not far:
        return None
    stated = "; ".join(
        f"{name}: the model's samples reach {row['model']:.3g}, as many true ones {row['true']:.3g}"
        for name, row in far.items()
    )
    return Alarm(
        "lost modes",
        stated,
        "a part of the truth is never drawn, though what is drawn may look right: let the critic see several samples "
        "at once (PacGAN), take zero-centered penalties (R3GAN), train longer, or take a model with a likelihood",
    )


def collapse(spread: float, least: float = 0.1) -> Alarm | None:
    """An alarm where the model's samples spread far less than real ones.

    Args:
        spread: spread of the features of the model's samples over that of the validation's; 1 is as it should be.
        least: below it, the model counts as collapsed.
    """
    if not spread < least:
        return None
    return Alarm(
        "collapse",
        f"the model's samples spread {spread:.2g} times as far as real ones (below {least:g})",
        "the samples are nearly alike: let the critic learn more slowly or see several samples at once, lower the "
        "rate, or take a model with a likelihood",
    )
