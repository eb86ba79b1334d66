"""How long, how fast and in what portions a model is trained."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args

from simulacra.core.errors import BadInput
from simulacra.core.files import plain

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
Layout = Literal["ddp", "fsdp"]
MEANS = ("processes", "strategy", "accumulate", "recompute", "compile")
"""What changes no number but by rounding: a run may go on with others."""


@dataclass(frozen=True)
class Budget:
    """What the training may spend, and how.

    Args:
        steps: training steps; in each, every turn of the model moves.
        batch: samples in a batch, over all processes together; all samples where there are fewer.
        rate: Adam's learning rate; or one for each turn, by its name.
        betas: Adam's decay of the gradient's first and second moment.
        weight_decay: share of the weights, times the rate, taken away in a step.
        clip: greatest norm of a turn's gradient; None leaves it as it is.
        average: decay of the running average of the weights, which is then judged and kept; 0 takes the last weights.
        final: share of the rate left at the last step, along half a cosine.
        warmup: steps over which the rate rises from nothing.
        looks: how often the model is judged on the validation samples.
        glances: at most how often a few draws are glanced at between looks; 0 where draws are dear.
        precision: of the arithmetic; "mixed" keeps the weights in 32 bits.
        processes: how many share a batch; on a machine with GPUs, one for each.
        strategy: "ddp", all of the model on each process; "fsdp", a share of it on each.
        accumulate: pieces into which a process cuts its rows of a batch, one after another; more take less memory.
        recompute: whether the numbers of each block of a network are made again for the gradient, and not kept.
        compile: whether the networks are compiled (torch.compile); it needs a C++ compiler.
    """

    steps: int
    batch: int = 64
    rate: float | Mapping[str, float] = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0
    clip: float | None = None
    average: float = 0.0
    final: float = 1.0
    warmup: int = 0
    looks: int = 20
    glances: int = 100
    precision: Precision = "32-true"
    processes: int = 1
    strategy: Layout = field(default="ddp", repr=False)
    accumulate: int = field(default=1, repr=False)
    recompute: bool = field(default=False, repr=False)
    compile: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "looks", "processes", "accumulate"):
            if getattr(self, name) < 1:
                raise BadInput(
                    f"a budget needs {name} of at least 1", f"{name}={getattr(self, name)}", f"set {name}=1 or more"
                )
        if self.batch % self.processes:
            raise BadInput(
                "the batch cannot be shared out evenly among the processes",
                f"batch={self.batch}, processes={self.processes}",
                f"set batch={self.batch + self.processes - self.batch % self.processes}",
            )
        if self.glances < 0:
            raise BadInput("glances are not negative", f"glances={self.glances}", "set glances=0 for none")
        for turn, rate in self.rates.items():
            _within(f"rate{f' of {turn}' if turn else ''}", rate, 0.0, math.inf, "above 0, such as 1e-3", closed=False)
        for beta in self.betas:
            _within("betas", beta, 0.0, 1.0, "at least 0 and below 1, such as (0.9, 0.999)")
        _within("weight_decay", self.weight_decay, 0.0, math.inf, "0 or more, such as 1e-4")
        _within("average", self.average, 0.0, 1.0, "at least 0 and below 1, such as 0.999")
        if not 0 <= self.final <= 1:
            raise BadInput(
                "the final share of the rate lies between 0 and 1",
                f"final={self.final}",
                "set final=0.1 to end at a tenth",
            )
        if self.clip is not None:
            _within("clip", self.clip, 0.0, math.inf, "above 0, such as 1.0, or None", closed=False)
        if not 0 <= self.warmup < self.steps:
            raise BadInput(
                "the warm-up must end before the training does",
                f"warmup={self.warmup}, steps={self.steps}",
                "set a shorter warmup",
            )
        if self.strategy not in get_args(Layout):
            raise BadInput(
                "this strategy is unknown", f"strategy={self.strategy!r}", f"one of {', '.join(get_args(Layout))}"
            )
        if self.accumulate > self.batch // self.processes:
            raise BadInput(
                "a process has fewer rows of a batch than pieces to cut them into",
                f"batch={self.batch}, processes={self.processes}, accumulate={self.accumulate}",
                f"set accumulate={self.batch // self.processes} or less",
            )
        if self.strategy == "fsdp" and (self.compile or self.precision == "16-mixed"):
            raise BadInput(
                "shares of a model are neither compiled nor trained in half precision with a scale",
                f"strategy='fsdp', compile={self.compile}, precision={self.precision!r}",
                "set compile=False and precision='bf16-mixed', or strategy='ddp'",
            )
        if self.precision not in get_args(Precision):
            raise BadInput(
                "this precision is unknown", f"precision={self.precision!r}", f"one of {', '.join(get_args(Precision))}"
            )

    @property
    def rates(self) -> Mapping[str, float]:
        """Rates by the name of the turn; under "" the one rate of all."""
        return self.rate if isinstance(self.rate, Mapping) else {"": self.rate}

    def rate_of(self, turn: str) -> float:
        """The full learning rate of a turn."""
        return self.rates[turn] if isinstance(self.rate, Mapping) else self.rate

    def suits(self, turns: Iterable[str]) -> None:
        """Whether the rates, where they are named, name the turns of a model; an error where they do not."""
        names = list(turns)
        if isinstance(self.rate, Mapping) and set(self.rate) != set(names):
            raise BadInput(
                "the rates do not name the turns of this model",
                f"rates for {', '.join(self.rate) or 'none'}; turns {', '.join(names)}",
                "give one rate for all, or rate={" + ", ".join(f'"{name}": 1e-3' for name in names) + "}",
            )

    def stated(self) -> str:
        """What must be the same for a run to go on, in words."""
        return repr(replace(self, processes=1))

    def record(self) -> dict[str, Any]:
        """The budget as JSON can hold it."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}


def _within(name: str, value: float, low: float, high: float, fix: str, closed: bool = True) -> None:
    above = value >= low if closed else value > low
    if not (above and value < high):
        raise BadInput(f"the {name} of a budget is out of range", f"{name}={value}", f"{fix}")
