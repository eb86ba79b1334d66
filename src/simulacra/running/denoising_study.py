"""A study of denoising: a model and classical filters before the same held-out traces; it runs to a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from simulacra.baselines.trace_filter import MakeFilter, TraceFilter, chosen_of
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.files import write_json
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.denoising.methods import MODEL, measured, recover_all
from simulacra.denoising.populations import KIND, populations
from simulacra.denoising.showing import examples, pictured
from simulacra.domains.radio.pulse_measures import Recovered
from simulacra.judging.base import Judge
from simulacra.judging.trial import judge_sets, keep_some
from simulacra.keeping.trained import Trained
from simulacra.models.base import Denoiser, Model
from simulacra.running.base import AnyStudy, asked, check_judges, keep_digest
from simulacra.running.parts import shared_out, try_model
from simulacra.running.split import Split, digest_of
from simulacra.running.stages import Stage
from simulacra.runs import Run
from simulacra.skill.pulses import threshold_of
from simulacra.sources.base import Archive, Simulator, declared_kind
from simulacra.training.budget import Budget
from simulacra.training.loop import train
from simulacra.views.base import View, check_kind

Further = Callable[[Trained, Mapping[str, TraceFilter], Mapping[str, float], Samples, int], dict[str, Any]]
"""A test on other data: from the denoiser, the filters, the thresholds, the truth and the seed to what is reported."""
FIGURES = "denoising.json"
ALARMS = 0.002
BINS = (1.0, 1.5, 2.5, 3.5, 5.0, 7.0, 10.0)


@dataclass(frozen=True)
class DenoisingStudy(AnyStudy):
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

    folder: ClassVar[str] = "denoising"

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
        if isinstance(self.source, Simulator):
            self.split.check_drawn()
        self.check_expected(self.judges)
        check_kind(self.view, declared_kind(self.source))
        check_judges(self.judges, KIND)

    def try_out(self) -> None:
        """A few traces of a simulator through view and model."""
        try_model(self.source, self.view, self.model)

    @property
    def baselines(self) -> Mapping[str, MakeFilter]:
        """What a careful scientist would have used instead: the filters."""
        return self.filters

    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to be resumed."""
        return {
            "source": repr(self.source),
            "view": type(self.view).__name__,
            "budget": self.budget.stated(),
            "split": repr(self.split),
            "parameters": sum(p.numel() for p in self.model.parameters()),
            "alarms": self.alarms,
            "bins": list(self.bins),
        }

    def about(self) -> dict[str, Any]:
        """Source, view, model and filters in words, and the reach that is asked of each judge."""
        same = self.identity()
        return {
            "source": same["source"],
            "view": same["view"],
            "model": {"class": type(self.model).__name__, "parameters": same["parameters"]},
            "asked": asked(self.judges),
            "baselines": {name: (f.__doc__ or "").strip().split("\n")[0] for name, f in self.filters.items()},
        }

    def stages(self, run: Run, stage: Stage, seed: int) -> None:
        """Data, training, tuned filters, recovered signals, judgment."""
        with stage("data"):
            parts = self.parts(seed)
            sizes = {k: len(v) for k, v in parts.items()}
            keep_digest(run, digest_of(parts), sizes=sizes, origin=parts["truth"].origin)
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
            run.update(tuned={name: chosen_of(f) for name, f in filters.items()})
        with stage("denoise"):
            found = {
                part: recover_all(trained, filters, parts[part]) for part in ("truth", "quiet validation", "quiet")
            }
        with stage("judge"):
            self.judge(run, trained, filters, parts, found, seed)

    def parts(self, seed: int) -> dict[str, Samples]:
        """Training, validation and truth, and traces without a signal to set the thresholds and to measure by."""
        parts = shared_out(self.source, self.split, seed)
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
        threshold = {name: threshold_of(r.score, self.alarms) for name, r in found["quiet validation"].items()}
        stated: dict[str, Any] = {"rate": self.rate, "bins": list(self.bins), "alarms": self.alarms}
        stated |= measured(parts, found, threshold, self.rate, self.bins, seed)
        if self.further is not None:
            stated["further"] = self.further(trained, filters, threshold, truth, seed)
        write_json(run.folder / FIGURES, stated)
        run.keep_exhibit("traces", examples(truth, found["truth"], stated, self.rate))
        run.keep_exhibit("spectra", pictured(truth, found["truth"], stated, self.rate, self.clear))
        sets, other, seen = populations(parts, found["truth"], self.clear)
        keep_some(run, {"truth": other, **sets}, seed)
        verdicts = judge_sets(run, self.judges, sets, other, None, seen, seed)
        run.update(changed=self.changed(verdicts[MODEL]))
