"""A study of forecasts: forecasters and baselines before the same held-out days; it runs to a folder with verdicts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from typing import Any, ClassVar

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.files import write_npz
from simulacra.core.samples import Array
from simulacra.domains.series.panel import Panel
from simulacra.forecasters.autoregression import Autoregression
from simulacra.forecasters.base import Fitted, Forecaster
from simulacra.forecasters.climatology import Climatology
from simulacra.forecasters.persistence import Persistence
from simulacra.forecasters.seasonal_naive import SeasonalNaive
from simulacra.forecasting.asked import Asked
from simulacra.forecasting.findings import REACHES, found_of
from simulacra.forecasting.holdout import LastDays, OtherSeries, Parts, WholeYears
from simulacra.forecasting.likely_series import judge_simulated
from simulacra.forecasting.watching import watch
from simulacra.judging.base import Judge
from simulacra.running.base import AnyStudy, asked, check_judges, keep_digest
from simulacra.running.stages import Stage
from simulacra.runs import Run
from simulacra.skill.findings import verdicts
from simulacra.skill.stream import Plan
from simulacra.sources.base import Archive, Simulator

Shows = Callable[[Panel, int], tuple[dict[str, dict[str, Array]], list[dict[str, Any]]]]
FORECASTS = "forecasts.npz"
KIND = "series"


def standard_baselines() -> dict[str, Forecaster]:
    """What costs nothing, and what a careful scientist would have used instead."""
    found: dict[str, Forecaster] = {
        "persistence": Persistence(),
        "seasonal naive": SeasonalNaive(),
        "climatology": Climatology(),
        "AR(7)": Autoregression(7),
    }
    if find_spec("statsmodels") is not None:
        from simulacra.forecasters.theta import Theta

        found["Theta"] = Theta()
    return found


@dataclass(frozen=True)
class ForecastStudy(AnyStudy):
    """Whether a forecaster beats what costs nothing on days that nobody has seen, and whether its law is right.

    Args:
        source: of the series: a panel, an archive or simulator of samples of kind "series".
        forecasters: by name; where there are several, the best on validation (CRPS, next day) is "the model".
        baselines: by name; always asked, and left out only where they cannot learn from these series.
        horizons: days ahead that are judged.
        holdout: which days and series are truth.
        judges: of whole series that the forecasters simulate, against true ones; none if empty.
        asked: the reach that is asked of each judge of forecasts.
        expect: the verdicts on the model that are on record, by judge; any change is reported.
        series: how many series a simulator draws.
        every: days from one origin to the next, for all horizons but the first, which is judged every day.
        shows: what else is to be seen, from all series and the seed: exhibits by name, and rows of "regressions".
        anomalies: faults to plant into held-out series; None for none.
        references: what to cite: title (authors, year), identifier.
        question: what is asked, in one sentence.
    """

    source: Panel | Simulator | Archive
    forecasters: Mapping[str, Forecaster]
    baselines: Mapping[str, Forecaster] = field(default_factory=standard_baselines)
    horizons: tuple[int, ...] = (1, 2, 3, 7, 14)
    holdout: WholeYears | LastDays | OtherSeries = field(default_factory=WholeYears)
    judges: Mapping[str, Judge] = field(default_factory=dict)
    asked: Mapping[str, float] = field(default_factory=lambda: dict(REACHES))
    series: int = 3
    every: int = 1
    shows: Shows | None = None
    anomalies: Plan | None = None

    folder: ClassVar[str] = "forecast"

    def __post_init__(self) -> None:
        if not self.forecasters:
            raise BadInput("a study needs a forecaster", "none", "give forecasters={'name': Autoregression(7)}")
        both = sorted((set(self.forecasters) & set(self.baselines)) | ({"model"} & {*self.forecasters}))
        if both:
            raise BadInput("two forecasters have one name", ", ".join(both), "distinguish them; 'model' is taken")
        if not self.horizons or list(self.horizons) != sorted(set(self.horizons)) or self.horizons[0] < 1:
            raise BadInput("horizons ascend from 1 or more", str(self.horizons), "take horizons=(1, 2, 3, 7, 14)")
        self.check_expected([*REACHES, *self.judges])
        check_judges(self.judges, KIND)

    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to be resumed."""
        return {
            "source": repr(self.source),
            "forecasters": {name: repr(f) for name, f in self.forecasters.items()},
            "baselines": {name: repr(f) for name, f in self.baselines.items()},
            "holdout": repr(self.holdout),
            "horizons": list(self.horizons),
            "every": self.every,
        }

    def about(self) -> dict[str, Any]:
        """Source and forecasters in words, and the reach that is asked of each judge."""
        return {
            "source": repr(self.source),
            "asked": {**self.asked, **asked(self.judges)},
            "baselines": {name: _says(f) for name, f in self.baselines.items()},
            "forecasters": {name: _says(f) for name, f in self.forecasters.items()},
        }

    def stages(self, run: Run, stage: Stage, seed: int) -> None:
        """Days, fitted forecasters, their laws, judgment; what they had learned is learned again by a resumed run."""
        with stage("data"):
            parts = self.holdout.share_out(self.read(seed))
            keep_digest(run, _digest(parts.whole), origin=parts.whole.origin, split=parts.words())
        with stage("learn"):
            fitted = self.learn(run, parts, seed)
        with stage("forecast"):
            said = Asked.all(fitted, self.forecasters, parts, self.horizons, self.every, seed)
        chosen = type(self.forecasters[said.best]).__name__
        run.update(model={"class": chosen, "name": said.best, "chosen": len(self.forecasters)})
        with stage("judge"):
            extra, arrays = self.judge(run, said, fitted, parts, seed)
        write_npz(run.folder / FORECASTS, {**said.to_arrays(parts), **arrays})
        if self.shows is not None:
            with stage("show"):
                exhibits, extra["regressions"] = self.shows(parts.whole, seed)
                for key, shown in exhibits.items():
                    run.keep_exhibit(key, shown)
                run.keep_verdicts(run.all_verdicts, extra)
        if self.anomalies is not None:
            with stage("watch"):
                order = [said.best, *(name for name in self.forecasters if name != said.best)]
                rows, examples = watch(parts, {name: fitted[name] for name in order}, self.anomalies, seed)
                for fault, shown in examples.items():
                    run.keep_exhibit(f"watched_{fault}", shown)
                extra["anomalies"] = {"plan": asdict(self.anomalies), "rows": [asdict(row) for row in rows]}
                run.keep_verdicts(run.all_verdicts, extra)

    def read(self, seed: int) -> Panel:
        """The series."""
        if isinstance(self.source, Panel):
            return self.source
        if isinstance(self.source, Archive):
            return Panel.of(self.source.read())
        return Panel.of(self.source.draw(self.series, stream(seed, "series")))

    def learn(self, run: Run, parts: Parts, seed: int) -> dict[str, Fitted]:
        """Every forecaster fitted; a baseline that cannot learn here is left out, and the record says why."""
        fitted = {name: f.fit(parts.train, parts.validation, seed) for name, f in self.forecasters.items()}
        left: dict[str, str] = {}
        for name, baseline in self.baselines.items():
            try:
                fitted[name] = baseline.fit(parts.train, parts.validation, seed)
            except BadInput as error:
                left[name] = f"{error.wrong}: {error.given}"
        if not set(fitted) - set(self.forecasters):
            raise BadInput("no baseline can learn from these series", "; ".join(left.values()), "bring more days")
        run.update(left_out=left)
        return fitted

    def judge(
        self, run: Run, said: Asked, fitted: Mapping[str, Fitted], parts: Parts, seed: int
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """Skill, and verdicts on every forecaster, kept in the run; what else stands beside them, and for figures."""
        found, extra, arrays = found_of(said, self.baselines, seed)
        if self.judges:
            for name, of_series in judge_simulated(run, self.judges, fitted, said.best, parts, seed).items():
                found[name] |= of_series
        reaches = {**self.asked, **{name: reach for name, reach in asked(self.judges).items() if reach is not None}}
        words = {name: verdicts(row, reaches) for name, row in found.items()}
        extra["model"] = said.best
        run.keep_verdicts({"model": words[said.best], **{k: v for k, v in words.items() if k != said.best}}, extra)
        run.update(changed=self.changed(words[said.best]))
        return extra, arrays


def _says(forecaster: Forecaster) -> str:
    return (type(forecaster).__doc__ or "").strip().partition("\n")[0]


def _digest(panel: Panel) -> str:
    whole = hashlib.sha256()
    for part in (panel.value, panel.day, np.array(panel.name)):
        whole.update(np.ascontiguousarray(part).tobytes())
    return whole.hexdigest()
