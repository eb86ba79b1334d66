"""How much of the truth a model in training reaches, beside as many true samples: lost modes are seen here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.judging.base import Judge
from simulacra.statistics.base import Reaching, SetStatistic


@dataclass(frozen=True)
class Reached:
    """Judges of whole sets that count what is reached, each with the number of as many true samples.

    Args:
        statistics: by the judge's name.
        true: what a true set of the same size has.
        fixed: true samples that the training does not see.
        train: what it sees.
    """

    statistics: Mapping[str, SetStatistic]
    true: Mapping[str, float]
    fixed: Samples
    train: Samples

    @classmethod
    def of(cls, judges: Mapping[str, Judge], fixed: Samples, train: Samples) -> Reached:
        """Those of a study's judges that find lost modes; none where there are too few samples."""
        as_many = train[: len(fixed)]
        statistics, true = {}, {}
        for name, judge in judges.items():
            statistic = judge.statistic
            if isinstance(statistic, SetStatistic) and isinstance(statistic, Reaching) and statistic.finds_lost:
                with suppress(BadInput):
                    true[name] = statistic(as_many, fixed, train)
                    statistics[name] = statistic
        return cls(statistics, true, fixed, train)

    def __call__(self, model: Samples) -> dict[str, Any]:
        """By judge: what the model's samples reach and what as many true ones do."""
        found = {}
        for name, statistic in self.statistics.items():
            with suppress(BadInput):  # samples of a model that has hardly begun need make no sense
                found[name] = {"model": float(statistic(model, self.fixed, self.train)), "true": self.true[name]}
        return {"reached": found} if found else {}
