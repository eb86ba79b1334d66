"""A study of denoising: a model and classical filters before the same held-out traces; it runs to a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.baselines.trace_filter import MakeFilter, Scaled, TraceFilter
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import write_json
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.denoising.apply import denoise
from simulacra.denoising.showing import examples, pictured
from simulacra.domains.radio.pulse_measures import Recovered
from simulacra.judging.base import Judge
from simulacra.judging.trial import hold, keep_some
from simulacra.keeping.trained import Trained
from simulacra.models.base import Denoiser, Model
from simulacra.running.split import Split, digest_of
from simulacra.running.stages import Stage, carry_through, reopen
from simulacra.runs import Run
from simulacra.skill.pulses import Truth, beside, figures, overall, quiet, threshold_of
from simulacra.sources.base import Archive, Simulator
from simulacra.training.budget import Budget
from simulacra.training.loop import train
from simulacra.views.base import View

Further = Callable[[Trained, Mapping[str, TraceFilter], Mapping[str, float], Samples, int], dict[str, Any]]
"""A test on other data: from the denoiser, the filters, the thresholds, the truth and the seed to what is reported."""
MODEL = "model"
FIGURES = "denoising.json"
ALARMS = 0.002
JUDGED = 1000  # recovered signals before the judges, and true ones, at most
AT_ONCE = 1000  # traces
BINS = (1.0, 1.5, 2.5, 3.5, 5.0, 7.0, 10.0)


@dataclass(frozen=True)
class DenoisingStudy:
    """Whether a denoiser finds the signals that lie in traces, and whether a classical filter would have done.

    Args:
        source: of traces with their signals, kind "trace"; `given["snr"]` is 0 where there is none.
        view: from traces to the model's tensors and back.
        model: an untrained `Denoiser`.
        filters: by name; each learns from the training part and is tuned on the validation part.
        judges: of the recovered signals as a population, against the true signals of other traces.
        budget: of the training.
        rate: of sampling, MHz.
        split: sizes of the three parts.
        quiet: where traces without a signal come from, to set the thresholds and to measure false alarms; None takes
            those that the parts hold.
        silent: how many of them, for validation and for truth each.
        alarms: rate of false alarms at which detection is compared.
        bins: edges of the signal-to-noise ratios, in which every figure is given.
        clear: recovered signals above this ratio are judged as a population.
        further: a test on other data.
        expect: the verdicts on record, by judge.
        references: what to cite: title (authors, year), identifier.
        question: what is asked, in one sentence.
    """

    source: Simulator | Archive
    view: View
    model: Model
    filters: Mapping[str, MakeFilter]
    judges: Mapping[str, Judge]
    budget: Budget
    rate: float
    split: Split = field(default_factory=Split)
    quiet: Simulator | None = None
    silent: int = 5000
    alarms: float = ALARMS
    bins: tuple[float, ...] = BINS
    clear: float = 3.0
    further: Further | None = None
    expect: Mapping[str, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    question: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.model, Denoiser):
            raise BadInput(
                "this model does not denoise", type(self.model).__name__, "take models/denoising_autoencoder.py"
            )
        if not self.filters or MODEL in self.filters:
            raise BadInput(
                "a study of denoising needs a filter to be better than, not called 'model'",
                ", ".join(self.filters) or "none",
                "give filters={'Wiener filter': wiener_filter}",
            )
        if len(self.bins) < 2 or list(self.bins) != sorted(set(self.bins)) or not 0 < self.alarms < 1:
            raise BadInput(
                "bins ascend, and a rate of false alarms is a share",
                f"bins={self.bins}, alarms={self.alarms}",
                "take the defaults",
            )
        unknown = sorted(set(self.expect) - set(self.judges))
        if unknown:
            raise BadInput(
                "a verdict is expected of a judge that is not there",
                ", ".join(unknown),
                f"judges: {', '.join(self.judges)}",
            )

    @property
    def baselines(self) -> Mapping[str, MakeFilter]:
        """What a careful scientist would have used instead: the filters."""
        return self.filters

    def run(
        self,
        seed: int = 0,
        out: Path | str = "runs",
        name: str = "denoising",
        settings: Mapping[str, Any] | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> Run:
        """Run it in a fresh folder under `out`, to verdicts; the report is made by `run.report()`.

        Args:
            seed: of all chance in the run; the first weights were drawn when the model was built, by torch's own seed.
            out: where run folders lie.
            name: of the study, as the folder is called.
            settings: to be recorded.
            about: further entries of the record (title, question, help of the settings).
        """
        run = Run.create(out, name, settings or {}, seed, {**self.describe(), **(about or {})})
        return carry_through(run, self._stages)

    def resume(self, run: Run) -> Run:
        """Go on with a run of this very study where its last checkpoint stands."""
        reopen(run, self.describe()["describes"])
        return carry_through(run, self._stages)

    def describe(self) -> dict[str, Any]:
        """What run.json says of the study."""
        parameters = sum(p.numel() for p in self.model.parameters())
        return {
            "question": self.question,
            "describes": {
                "source": repr(self.source),
                "view": type(self.view).__name__,
                "budget": repr(self.budget),
                "split": repr(self.split),
                "parameters": parameters,
                "alarms": self.alarms,
                "bins": list(self.bins),
            },
            "source": repr(self.source),
            "view": type(self.view).__name__,
            "model": {"class": type(self.model).__name__, "parameters": parameters},
            "references": list(self.references),
            "expect": dict(self.expect),
            "asked": {name: judge.reach for name, judge in self.judges.items()},
            "baselines": {name: (f.__doc__ or "").strip().split("\n")[0] for name, f in self.filters.items()},
        }

    def _stages(self, run: Run, stage: Stage) -> None:
        seed = int(run.record["seed"])
        with stage("data"):
            parts = self.parts(seed)
            digest = digest_of(parts)
            if run.record.get("data", digest) != digest:
                raise BadRun(
                    "the data are not those that the run began with",
                    f"hash {digest[:12]}, was {run.record['data'][:12]}",
                    "bring back the same data",
                )
            run.update(data=digest, sizes={k: len(v) for k, v in parts.items()}, origin=parts["truth"].origin)
        view = self.view.fit(parts["train"].but(given={}))
        trained = Trained(self.model, view, {}, f"{type(self.model).__name__} of run {run.name}", {})
        trained.save(run)
        with stage("train"):
            learned, chosen = (view.forward(parts[name].but(given={})) for name in ("train", "validation"))
            train(self.model, learned, chosen, self.budget, seed, run)
        with stage("tune"), Progress("tuning filters", len(self.filters)) as progress:
            filters = {}
            for name, make in self.filters.items():
                filters[name] = make(parts["train"], parts["validation"], self.rate)
                progress.step()
            run.update(tuned={name: _told(f) for name, f in filters.items()})
        with stage("denoise"):
            found = {
                part: recover_all(trained, filters, parts[part]) for part in ("truth", "quiet validation", "quiet")
            }
        with stage("judge"):
            self.judge(run, trained, filters, parts, found, seed)

    def parts(self, seed: int) -> dict[str, Samples]:
        """Training, validation and truth, and traces without a signal to set the thresholds and to measure by."""
        total = self.split.train + self.split.validation + self.split.truth
        with Progress("reading" if isinstance(self.source, Archive) else "simulating", total) as progress:
            if isinstance(self.source, Archive):
                parts = self.split.share_out(self.source.read())
            else:
                parts = self.split.simulate(self.source, seed, progress)
        if self.quiet is not None:
            for place, name in enumerate(("quiet validation", "quiet")):
                parts[name] = self.quiet.draw(self.silent, stream(seed, "traces without a signal", 3 + place))
        else:
            for name, part in (("quiet validation", "validation"), ("quiet", "truth")):
                parts[name] = parts[part][parts[part].given["snr"] == 0]
                if not len(parts[name]):
                    raise BadInput(
                        "no threshold can be set: all traces hold a signal",
                        f"{len(parts[part])} traces of the {part} part",
                        "add traces without one (signals of zeros)",
                    )
        parts["truth"] = parts["truth"][parts["truth"].given["snr"] > 0]
        if len(parts["truth"]) < 4:
            raise BadInput("too few traces hold a signal", f"{len(parts['truth'])} of the truth part", "bring more")
        return parts

    def judge(
        self,
        run: Run,
        trained: Trained,
        filters: Mapping[str, TraceFilter],
        parts: Mapping[str, Samples],
        found: Mapping[str, Mapping[str, Recovered]],
        seed: int,
    ) -> None:
        """Figures by signal-to-noise, detection, the populations before the judges; exhibits for the report."""
        truth = parts["truth"]
        true = Truth(truth.array[:, 1].astype(np.float64), truth.given["snr"], self.rate)
        threshold = {name: threshold_of(r.score, self.alarms) for name, r in found["quiet validation"].items()}
        told: dict[str, Any] = {"rate": self.rate, "bins": list(self.bins), "alarms": self.alarms, "methods": {}}
        for name, recovered in found["truth"].items():
            nothing = found["quiet"][name]
            told["methods"][name] = {
                "threshold": threshold[name],
                "rows": figures(recovered, true, threshold[name], self.bins),
                "overall": overall(recovered, true, threshold[name]),
                "quiet": quiet(nothing.score, nothing.signal, parts["quiet"].array[:, 0], threshold[name]),
            }
        rest = {name: r for name, r in found["truth"].items() if name != MODEL}
        told["beside"] = beside(found["truth"][MODEL], rest, true, self.bins, seed)
        if self.further is not None:
            told["further"] = self.further(trained, filters, threshold, truth, seed)
        write_json(run.folder / FIGURES, told)
        run.keep_exhibit("traces", examples(truth, found["truth"], told, self.rate))
        run.keep_exhibit("spectra", pictured(truth, found["truth"], told, self.rate, self.clear))
        sets, other, seen = self.populations(parts, found["truth"], truth)
        keep_some(run, {"truth": other, **sets}, seed)
        verdicts = hold(run, self.judges, sets, other, None, seen, seed)
        run.update(changed=[n for n, w in self.expect.items() if n in verdicts[MODEL] and verdicts[MODEL][n].word != w])

    def populations(
        self, parts: Mapping[str, Samples], found: Mapping[str, Recovered], truth: Samples
    ) -> tuple[dict[str, Samples], Samples, Samples]:
        """Signals recovered from every second clear trace; true ones of the others, and those of the training."""
        clear = np.flatnonzero(truth.given["snr"] > self.clear)
        here, there = clear[::2][:JUDGED], clear[1::2][:JUDGED]

        def alone(x: Array, of: Samples, origin: str) -> Samples:
            return Samples.of(
                x.astype(np.float32), "pulse", of.unit, f"{origin}; {of.origin}", id=of.id, group=of.group
            )

        sets = {name: alone(r.signal[here], truth[here], f"recovered by {name}") for name, r in found.items()}
        train = parts["train"][parts["train"].given["snr"] > self.clear]
        some = truth[there]
        return (
            sets,
            alone(some.array[:, 1], some, "true signals"),
            alone(train.array[:, 1], train, "true signals of the training"),
        )


def recover_all(trained: Trained, filters: Mapping[str, TraceFilter], x: Samples) -> dict[str, Recovered]:
    """What the model and every filter find in these traces."""
    trace = x.array[:, 0].astype(np.float64)
    unit = x.unit
    found = {MODEL: denoise(trained, trace, unit)}
    with Progress("filtering", len(filters)) as progress:
        for name, one in filters.items():
            some = [one.recover(trace[i : i + AT_ONCE]) for i in range(0, len(trace), AT_ONCE)]
            found[name] = Recovered(
                np.concatenate([s.signal for s in some]).astype(np.float32), np.concatenate([s.score for s in some])
            )
            progress.step()
    return found


def _told(one: TraceFilter) -> str:
    """What was chosen for a filter, without its arrays."""
    plain: dict[str, float] = {}
    if isinstance(one, Scaled):
        plain["gain"], one = one.gain, one.inner
    plain |= {k: v for k, v in vars(one).items() if isinstance(v, int | float) and k != "rate"}
    bank = getattr(one, "templates", None)
    plain |= {} if bank is None else {"templates": len(bank)}
    return ", ".join(f"{k} = {v:.4g}" for k, v in plain.items())
