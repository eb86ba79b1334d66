"""The flagship of molecules: equivariant diffusion of published size on QM9, trained in pieces that resume.

    python benchmarks/flagship_molecules.py --piece 9      again while it ends with 75 (`make flagship-molecules`)

Training lasts `--minutes` in all (or `--steps`); a piece ends after `--piece` minutes, with its state in files of at
most 15 MiB, and the next one goes on from there. The learning rate falls along half a cosine of the time that is spent,
so that any machine ends with a small one. Then 10,000 molecules are drawn (in portions that are kept too), the
published table is printed with the data's own scores above it, and a run folder with verdicts is written, which
`simulacra sample` draws from and `simulacra ship` hands on. Its weights are rounded to half precision before they are
judged: what is shipped is what was judged.

What to expect. A step of the published network (width 256, 9 blocks) costs 4 x 256^2 multiply-adds a pair of atoms and
block, times 3 for the gradient: at 350 pairs of a molecule (with empty seats) 5 TFLOP a batch of 512. Its layers are
narrow, so that a GPU waits for memory: about 50 passes over a tensor of pairs a block (512 x 350 x 256 numbers of 2
bytes, 92 MB), 41 GB a step, or 19 ms at 70 % of an H100's 3.35 TB/s, beside 13 ms of products at 40 % of its 990
TFLOP/s: 30 to 60 ms a step. So 30 minutes are 30,000 to 60,000 steps, 150 to 300 epochs (published: 1,100), and the
10,000 molecules in 50 steps about 2 minutes more. These figures are derived, not measured: the script prints the
measured ones, and ends in time whatever they are.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from molecules import row, titles
from simulacra.baselines.scattered_atoms import scattered_atoms
from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.properties import Properties
from simulacra.domains.molecules import molecule_graphs
from simulacra.exhibits.walks import show_chain
from simulacra.judging.trial import keep_some
from simulacra.keeping.known import seen
from simulacra.keeping.shipping import halved
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch, Model, Unequal
from simulacra.models.edm import EDM
from simulacra.networks.egnn import EGNN
from simulacra.running.split import digest_of
from simulacra.running.stages import Stage, carry_through
from simulacra.running.study import Study
from simulacra.runs import Run
from simulacra.samplers.dpm_solver import DPMSolver
from simulacra.sources.molecules.conformers import Conformers
from simulacra.sources.molecules.qm9 import NAME, QM9
from simulacra.studies.molecules import molecules_by_edm
from simulacra.subjects.molecules_in_space import PLAIN
from simulacra.training import shards
from simulacra.training.batches import Batches
from simulacra.training.budget import Budget
from simulacra.training.checkpoint import write_weights
from simulacra.views.atoms import Atoms

MORE = 75  # exit status of a piece that is not the last (EX_TEMPFAIL: try again)
PORTION = 500  # molecules drawn between two files


@dataclass(frozen=True)
class Plan:
    """How a training is spent.

    Args:
        steps: of the training; 0 where minutes count.
        seconds: of the training, in all pieces together, where steps are 0; on a CPU those of the processor.
        batch: molecules in a step.
        rate: full learning rate.
        final: share of it at the end.
        warmup: steps until it is reached.
        average: decay of the running average of the weights.
        every: steps between two states written.
        precision: "bf16-mixed" or "32-true".
        seed: of all chance.
    """

    steps: int
    seconds: float
    batch: int
    rate: float
    final: float
    warmup: int
    average: float
    every: int
    precision: str
    seed: int


class Training:
    """A model in training, whose state is small.

    Args:
        model: trained in place.
        samples: all of them, on the model's device.
        plan: how.
    """

    def __init__(self, model: Model, samples: Batch, plan: Plan) -> None:
        self.model, self.plan = model.train(), plan
        sizes = model.lengths(samples).cpu() if isinstance(model, Unequal) else None
        self.batches = Batches(samples, plan.batch, plan.seed, sizes=sizes)
        self.named = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.adam = torch.optim.AdamW(self.named.values(), lr=plan.rate, weight_decay=0.0, fused=True)
        self.mean = {name: p.detach().clone() for name, p in self.named.items()}
        self.step, self.spent, self.lost, self.seen = 0, 0.0, 0.0, 0
        # a GPU is ours alone; a core may be shared, and then only its own time says how much was trained
        self.clock = time.monotonic if samples.x.device.type == "cuda" else time.process_time
        for p in self.named.values():  # Adam's moments are there from the first step on
            zero = torch.zeros((), device=p.device)
            self.adam.state[p] = {"step": zero, "exp_avg": torch.zeros_like(p), "exp_avg_sq": torch.zeros_like(p)}

    @property
    def along(self) -> float:
        """What share of the training is done."""
        return self.step / self.plan.steps if self.plan.steps else self.spent / self.plan.seconds

    def advance(self) -> None:
        """One step."""
        began, plan = self.clock(), self.plan
        fall = plan.final + (1 - plan.final) * (1 + math.cos(math.pi * min(self.along, 1.0))) / 2
        for group in self.adam.param_groups:
            group["lr"] = plan.rate * min(1.0, (self.step + 1) / max(plan.warmup, 1)) * fall
        batch = self.batches.batch(self.step)
        with torch.autocast(batch.x.device.type, torch.bfloat16, enabled=plan.precision == "bf16-mixed"):
            losses = self.model.loss(batch)
        loss = torch.stack([part.float().mean() for part in losses.values()]).sum()
        self.adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.named.values(), 1.0)
        self.adam.step()
        with torch.no_grad():
            live = [p.detach() for p in self.named.values()]
            decay = min(plan.average, (1 + self.step) / (10 + self.step))
            torch._foreach_lerp_(list(self.mean.values()), live, 1 - decay)
        self.step += 1
        if self.step % 10 == 0 or not math.isfinite(self.lost):  # a look at the loss waits for the device
            self.lost += float(loss.detach())
            self.seen += 1
        self.spent += self.clock() - began

    @torch.no_grad()
    def keep(self, folder: Path) -> list[Path]:
        """Write the state, and go on with what was written."""
        tensors: dict[str, Tensor] = {}
        for name, p in self.named.items():
            state, mean = self.adam.state[p], self.mean[name]
            apart = shards.rounded(p - mean)
            p.copy_(mean + apart)
            tensors[f"mean.{name}"], tensors[f"apart.{name}"] = mean, apart.to(shards.ROUNDED)
            for moment in ("exp_avg", "exp_avg_sq"):
                state[moment].copy_(shards.rounded(state[moment]))
                tensors[f"{moment}.{name}"] = state[moment].to(shards.ROUNDED)
        loss = self.lost / self.seen if self.seen else None
        self.lost, self.seen = 0.0, 0
        memo = {"step": self.step, "spent": self.spent, "loss": loss, "seed": self.plan.seed, "batch": self.plan.batch}
        return shards.write(folder, tensors, memo)

    @torch.no_grad()
    def resume(self, folder: Path) -> bool:
        """Take up a state; False where there is none."""
        found = shards.read(folder)
        if found is None:
            return False
        tensors, memo = found
        if (memo["seed"], memo["batch"]) != (self.plan.seed, self.plan.batch):
            raise BadInput("this training began otherwise", f"{folder}: {memo}", "give its settings, or another folder")
        self.step, self.spent = memo["step"], memo["spent"]
        for name, p in self.named.items():
            self.mean[name].copy_(tensors[f"mean.{name}"])
            p.copy_(self.mean[name] + tensors[f"apart.{name}"].to(p))
            state = self.adam.state[p]
            state["step"].fill_(float(self.step))
            for moment in ("exp_avg", "exp_avg_sq"):
                state[moment].copy_(tensors[f"{moment}.{name}"])
        return True

    def go(self, folder: Path, until: float) -> bool:
        """Train until this moment of the monotonic clock; whether the training is at its end."""
        total = self.plan.steps or int(self.plan.seconds)
        with Progress("training", total, done=int(self.along * total)) as progress:
            while self.along < 1:
                self.advance()
                progress.step(int(self.along * total) - progress.done, note=f"step {self.step}")
                late = time.monotonic() > until
                if self.step % self.plan.every == 0 or late or self.along >= 1:
                    files = self.keep(folder)
                    with (folder / "log.jsonl").open("a") as log:
                        size = sum(file.stat().st_size for file in files)
                        stated = json.loads((files[0].parent / "memo.json").read_text())
                        log.write(json.dumps({**stated, "bytes": size}) + "\n")
                if late and self.along < 1:
                    return False
        return True


def study_of(asked: argparse.Namespace) -> Study:
    """What is trained, on what, and who judges it."""
    try:
        data.find(NAME)
        source: Any = QM9(largest=asked.largest, labels="gap" if asked.gap else "")
        elements: tuple[int, ...] = PLAIN
        stated = Properties(("gap",)) if asked.gap else None
    except BadInput:  # no QM9: the way can be walked all the same
        print("no QM9 here: molecules are grown by program, and the figures mean little", file=sys.stderr)
        source, elements, stated = Conformers(largest=asked.largest), PLAIN, None
    base = molecules_by_edm.study()
    width = FEATURES + (stated.width if stated else 0)
    torch.manual_seed(asked.seed)
    network = EGNN(len(elements) + 1, asked.width, width, asked.blocks)
    model = EDM(network, elements, asked.largest, sampler=DPMSolver(asked.walk), conditioning=stated)
    return Study(
        source=source,
        view=Atoms(elements),
        model=model,
        judges=base.judges,
        baselines={"scattered atoms": scattered_atoms},
        budget=Budget(max(asked.steps, 1), batch=asked.batch, rate=asked.rate, average=asked.average, final=0.01),
        split=base.split,
        references=base.references,
    )


def drawn(trained: Trained, asked: argparse.Namespace, until: float) -> Samples | None:
    """So many molecules, in portions that are kept; None if there was no time for all of them."""
    portions: list[Samples] = []
    with Progress("drawing portions", math.ceil(asked.sample / PORTION)) as progress:
        for place in range(math.ceil(asked.sample / PORTION)):
            path = asked.folder / f"draws-{place:03d}.npz"
            if not path.exists():
                if time.monotonic() > until:
                    return None
                count = min(PORTION, asked.sample - place * PORTION)
                began = time.monotonic()
                trained.draw(count, np.random.default_rng([asked.seed, 21, place])).but(given={}).write(path)
                print(f"{count / (time.monotonic() - began):.1f} molecules a second", file=sys.stderr)
            portions.append(Samples.read(path))
            progress.step()
    return Samples.join(portions)


def finish(
    study: Study, asked: argparse.Namespace, training: Training, parts: dict[str, Samples], until: float
) -> bool:
    """Draws, the table, and a run folder with verdicts; False if there was no time for all draws."""
    model, train = study.model, parts["train"]
    with torch.no_grad():
        for name, p in training.named.items():
            p.copy_(training.mean[name])
    model.load_state_dict(halved(model.state_dict()))
    view = study.view.fit(train)
    known = {name: seen(values) for name, values in train.given.items()}
    units = {name: unit for name, unit in train.given_unit.items() if name in known}
    trained = Trained(model.eval(), view, known, "EDM, the flagship of molecules", units)
    made = drawn(trained, asked, until)
    if made is None:
        return False
    print(titles())
    graphs = {graph for graph in molecule_graphs.graphs(train.array).smiles if graph}
    for name, some in {"unseen molecules": parts["truth"], "the flagship": made}.items():
        print(row(name, some.array, graphs))

    def stages(run: Run, stage: Stage) -> None:
        with stage("data"):
            sizes = {name: len(part) for name, part in parts.items()}
            run.update(data=digest_of(parts), sizes=sizes, origin=parts["truth"].origin)
        trained.save(run)
        write_weights(run.folder, model.state_dict())
        plain = {name: part.but(given={}, given_unit={}) for name, part in parts.items()}
        plain["truth"] = plain["truth"][: asked.judged]
        sets = {"model": made[: asked.judged], "scattered atoms": scattered_atoms(plain["train"]).draw(
            len(plain["truth"]), np.random.default_rng([asked.seed, 14, 0]))}  # fmt: skip
        with stage("draw"):
            show_chain(model, view, parts["truth"][: asked.judged], run, asked.seed)
        keep_some(run, {"truth": plain["truth"], **sets}, asked.seed)
        with stage("judge"):
            study.judge(run, sets, plain, asked.seed)

    settings = {name: value for name, value in vars(asked).items() if isinstance(value, int | float | str)}
    stated = ", told the gap where it is known" if asked.gap else ""
    about = {
        "title": f"Equivariant diffusion of QM9's molecules, {asked.width} wide, {asked.blocks} blocks deep{stated}.",
        "trained": {"steps": training.step, "seconds": training.spent},
    }
    budget = replace(
        study.budget, steps=training.step, warmup=min(asked.warmup, training.step), clip=1.0, looks=1, glances=0
    )
    described = replace(study, budget=budget).describe()
    run = Run.create(asked.out, "flagship_molecules", settings, asked.seed, {**described, **about})
    print(carry_through(run, stages).folder)
    return True


def main() -> int:
    """One piece, or all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("runs/flagship-molecules"), help="of the training's state")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the run folder is made in the end")
    parser.add_argument("--minutes", type=float, default=30.0, help="of training, in all pieces together")
    parser.add_argument("--steps", type=int, default=0, help="of training, instead of minutes")
    parser.add_argument("--piece", type=float, default=0.0, help="minutes after which this one ends with 75; 0: never")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--blocks", type=int, default=9)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--warmup", type=int, default=500, help="steps")
    parser.add_argument("--average", type=float, default=0.9995)
    parser.add_argument("--every", type=int, default=2000, help="steps between two states written")
    parser.add_argument("--largest", type=int, default=29, help="atoms of a molecule")
    parser.add_argument("--gap", action=argparse.BooleanOptionalAction, default=True, help="tell the gap, where known")
    parser.add_argument("--walk", type=int, default=50, help="steps from noise to molecules")
    parser.add_argument("--sample", type=int, default=10_000, help="molecules drawn in the end")
    parser.add_argument("--judged", type=int, default=2000, help="of them, and of unseen ones, before the judges")
    parser.add_argument("--precision", choices=("bf16-mixed", "32-true"), default="bf16-mixed")
    parser.add_argument("--compile", action="store_true", help="fuse the network's steps; needs a C++ compiler")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    until = time.monotonic() + (60 * asked.piece or math.inf)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_float32_matmul_precision("high")
    asked.folder.mkdir(parents=True, exist_ok=True)
    study = study_of(asked)
    parts = study.parts(asked.seed)
    samples = study.view.fit(parts["train"]).forward(parts["train"])
    model = study.model.to(device)
    assert isinstance(model, EDM)
    model.count(samples)
    if asked.compile:
        model.network._bundle = torch.compile(model.network._bundle, dynamic=True)
    kept = (asked.steps, 60 * asked.minutes, asked.batch, asked.rate, 0.01, asked.warmup, asked.average, asked.every)
    training = Training(model, samples.to(device), Plan(*kept, asked.precision, asked.seed))
    training.resume(asked.folder)
    whole = training.go(asked.folder, until)
    pace = training.spent / max(training.step, 1)
    print(f"step {training.step}, {training.spent / 60:.1f} minutes, {pace:.3f} s a step", file=sys.stderr)
    return 0 if whole and finish(study, asked, training, parts, until) else MORE


if __name__ == "__main__":
    sys.exit(main())
