"""A study of forecasts: forecasters and baselines before the same held-out days; it runs to a folder with verdicts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.files import write_npz
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.series.outlook import Outlook
from simulacra.domains.series.panel import Panel
from simulacra.forecasters.autoregression import Autoregression
from simulacra.forecasters.base import Fitted, Forecaster
from simulacra.forecasters.climatology import Climatology
from simulacra.forecasters.persistence import Persistence
from simulacra.forecasters.seasonal_naive import SeasonalNaive
from simulacra.forecasting.backtest import Backtest
from simulacra.forecasting.holdout import LastDays, OtherSeries, Parts, WholeYears
from simulacra.forecasting.likely_series import judge_simulated
from simulacra.forecasting.watching import watch
from simulacra.judging.base import Judge
from simulacra.running.stages import Stage, carry_through, reopen
from simulacra.runs import Run
from simulacra.skill.calibration import coverage, histogram, judge_coverage, judge_pit, moments
from simulacra.skill.findings import Found, verdicts
from simulacra.skill.lag import judge_lag, lag
from simulacra.skill.regime import judge_regime, regime
from simulacra.skill.scores import skills
from simulacra.skill.stream import Plan
from simulacra.sources.base import Archive, Simulator

Shows = Callable[[Panel, int], tuple[dict[str, dict[str, Array]], list[dict[str, Any]]]]
FORECASTS = "forecasts.npz"
FANS = 4
ASKED = {"coverage": 0.05, "probabilities": 0.2, "lag": 0.1, "change of regime": 2.0}
"""The reach that is asked of the judges of forecasts: 5 points of coverage, laws 20 % too narrow, a shift of 2."""


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
class ForecastStudy:
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
    asked: Mapping[str, float] = field(default_factory=lambda: dict(ASKED))
    expect: Mapping[str, str] = field(default_factory=dict)
    series: int = 3
    every: int = 1
    shows: Shows | None = None
    anomalies: Plan | None = None
    references: tuple[str, ...] = ()
    question: str = ""

    def __post_init__(self) -> None:
        if not self.forecasters:
            raise BadInput("a study needs a forecaster", "none", "give forecasters={'name': Autoregression(7)}")
        both = sorted((set(self.forecasters) & set(self.baselines)) | ({"model"} & {*self.forecasters}))
        if both:
            raise BadInput("two forecasters have one name", ", ".join(both), "tell them apart; 'model' is taken")
        if not self.horizons or list(self.horizons) != sorted(set(self.horizons)) or self.horizons[0] < 1:
            raise BadInput("horizons ascend from 1 or more", str(self.horizons), "take horizons=(1, 2, 3, 7, 14)")
        unknown = sorted(set(self.expect) - set(ASKED) - set(self.judges))
        if unknown:
            raise BadInput(
                "a verdict is expected of a judge that is not there",
                ", ".join(unknown),
                f"judges: {', '.join([*ASKED, *self.judges])}",
            )

    def run(
        self,
        seed: int = 0,
        out: Path | str = "runs",
        name: str = "forecast",
        settings: Mapping[str, Any] | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> Run:
        """Run it in a fresh folder under `out`, to verdicts; the report is made by `run.report()`.

        Args:
            seed: of all chance in the run.
            out: where run folders lie.
            name: of the study, as the folder is called.
            settings: to be recorded.
            about: further entries of the record (title, question, help of the settings).
        """
        run = Run.create(out, name, settings or {}, seed, {**self.describe(), **(about or {})})
        return carry_through(run, self._stages)

    def resume(self, run: Run) -> Run:
        """Carry a run that was stopped to its end; what it had learned is learned again, to the same numbers."""
        reopen(run, self.describe()["describes"])
        return carry_through(run, self._stages)

    def describe(self) -> dict[str, Any]:
        """What run.json says of the study."""
        describes = {
            "source": repr(self.source),
            "forecasters": {name: repr(f) for name, f in self.forecasters.items()},
            "baselines": {name: repr(f) for name, f in self.baselines.items()},
            "holdout": repr(self.holdout),
            "horizons": list(self.horizons),
            "every": self.every,
        }
        return {
            "question": self.question,
            "describes": describes,
            "source": repr(self.source),
            "references": list(self.references),
            "expect": dict(self.expect),
            "asked": {**self.asked, **{name: judge.reach for name, judge in self.judges.items()}},
            "baselines": {name: _says(f) for name, f in self.baselines.items()},
            "forecasters": {name: _says(f) for name, f in self.forecasters.items()},
        }

    def _stages(self, run: Run, stage: Stage) -> None:
        seed = int(run.record["seed"])
        with stage("data"):
            parts = self.holdout.share_out(self.read(seed))
            run.update(
                data=_digest(parts.whole),
                origin=parts.whole.origin,
                split=parts.words(),
            )
        with stage("learn"):
            fitted = self.learn(run, parts, seed)
        with stage("forecast"):
            train, last = parts.train, int(parts.whole.day[-1])
            known = parts.whole.only(np.flatnonzero(parts.seen))
            judged = parts.whole.only(np.flatnonzero(parts.asked))
            own = parts.validation.day
            before = Backtest.of(known, train, int(own[0]), int(own[-1]), self.horizons[:1], self.every)
            ahead = Backtest.of(judged, train, parts.first, last, self.horizons, self.every)
            learned, told, fans = {}, {}, {}
            chosen = ahead.some(FANS)
            with Progress("forecasting", len(fitted) * (len(before.at) + len(ahead.at))) as progress:
                for place, (name, model) in enumerate(fitted.items()):
                    rng = stream(seed, "forecast", place)
                    learned[name] = before.ask(model, rng, progress)
                    told[name] = ahead.ask(model, rng, progress)
                    fans[name] = ahead.fans(model, chosen, rng)
        best = min(self.forecasters, key=lambda name: float(np.nanmean(learned[name].crps)))
        run.update(
            model={"class": type(self.forecasters[best]).__name__, "name": best, "chosen": len(self.forecasters)}
        )
        arrays: dict[str, Array] = {
            "names": np.array([best, *(n for n in told if n != best)]),
            **ahead.occasions.to_arrays(),
        }
        arrays |= {"history.value": judged.value, "history.day": judged.day, "fan.day": ahead.occasions.day[chosen]}
        arrays |= {"first": np.array(parts.first), "fan.series": ahead.occasions.series[chosen]}
        for name, outlook in told.items():
            arrays |= outlook.to_arrays(name)
            arrays |= {f"fan.{key}.{name}": np.asarray(v, dtype=np.float32) for key, v in fans[name].items()}
        with stage("judge"):
            extra = self.judge(run, before, ahead, learned, told, fitted, parts, best, arrays, seed)
        write_npz(run.folder / FORECASTS, arrays)
        if self.shows is not None:
            with stage("show"):
                exhibits, extra["regressions"] = self.shows(parts.whole, seed)
                for key, shown in exhibits.items():
                    run.keep_exhibit(key, shown)
                run.keep_verdicts(run.all_verdicts, extra)
        if self.anomalies is not None:
            with stage("watch"):
                order = [best, *(name for name in self.forecasters if name != best)]
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
        self,
        run: Run,
        before: Backtest,
        ahead: Backtest,
        learned: Mapping[str, Outlook],
        told: Mapping[str, Outlook],
        fitted: Mapping[str, Fitted],
        parts: Parts,
        best: str,
        arrays: dict[str, Array],
        seed: int,
    ) -> dict[str, Any]:
        """Skill, and verdicts on every forecaster; `arrays` is filled with what the figures need."""
        seen = ahead.occasions
        extra: dict[str, Any] = {}
        rows = skills(seen, told, {name: told[name] for name in self.baselines if name in told}, seed)
        extra["skill"] = [row.to_dict() for row in rows]
        found: dict[str, dict[str, Found]] = {}
        extra["coverage"], extra["lag"] = {}, {}
        for name, outlook in told.items():
            covered, own = coverage(seen, outlook, seed), lag(seen, outlook, 0, seed)
            changed = regime(seen, outlook, before.occasions, learned[name], seed=seed)
            found[name] = {
                "coverage": judge_coverage(covered, seen.days),
                "probabilities": judge_pit(moments(seen, outlook, seed), seen.days),
                "lag": judge_lag(own),
                "change of regime": judge_regime(changed),
            }
            extra["coverage"][name] = [{**asdict(row), "inside": row.inside} for row in covered]
            shape = histogram(seen, outlook, 0, seed=seed)
            for key, thing in (("pit", shape), ("lag", own), ("regime", changed)):
                arrays |= {f"{key}.{k}.{name}": np.asarray(v) for k, v in vars(thing).items() if _kept(v)}
        if self.judges:
            simulated = judge_simulated(run, self.judges, fitted, best, parts, seed)
            for name, of_series in simulated.items():
                found[name] |= of_series
        asked = {**self.asked, **{name: judge.reach for name, judge in self.judges.items() if judge.reach is not None}}
        said = {name: verdicts(row, asked) for name, row in found.items()}
        table = {"model": said[best], **{name: row for name, row in said.items() if name != best}}
        extra["model"] = best
        run.keep_verdicts(table, extra)
        run.update(changed=[j for j, word in self.expect.items() if j in said[best] and said[best][j].word != word])
        return extra


def _kept(value: object) -> bool:
    return isinstance(value, np.ndarray | float | int)


def _says(forecaster: Forecaster) -> str:
    return (type(forecaster).__doc__ or "").strip().partition("\n")[0]


def _digest(panel: Panel) -> str:
    whole = hashlib.sha256()
    for part in (panel.value, panel.day, np.array(panel.name)):
        whole.update(np.ascontiguousarray(part).tobytes())
    return whole.hexdigest()
