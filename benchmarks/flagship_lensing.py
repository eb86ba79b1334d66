"""The flagship of lensing: maps at source redshifts from 0.5 to 2, by a flow from a bent Gaussian field, in pieces.

    python benchmarks/flagship_lensing.py train --minutes 30
    python benchmarks/flagship_lensing.py look
    python benchmarks/flagship_lensing.py draw
    python benchmarks/flagship_lensing.py finish

The training lasts so many minutes of the processor; its state is written every minute, and the same command goes on
from there. Each step sees new maps: planes are independent of one another, so that a training map may cross any of the
training regions of each plane, turned in any way. Now and then it looks at the loss of such maps through the regions of
validation, over that of a network that says nothing; the lines stand in looks.jsonl of the training's folder. `look`
draws maps with the averaged weights and compares the judges' features with those of validation. `draw` takes these
weights in half precision and draws at trained redshifts and between them, in portions that are kept. `finish` judges
the draws by regions that nothing has looked at, and writes a run folder that `simulacra ship` hands on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from flagship_molecules import MORE, Plan, Training
from lensing_regions import LEARNED, SIZE, Data, Mixed, mixed
from lensing_sets import alone, sets_at
from simulacra.baselines.copycat import copycat
from simulacra.baselines.interpolated_condition import interpolated_condition
from simulacra.comparison.reach import Reach
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.judging.examine import examine
from simulacra.judging.trial import judge_sets, keep_some
from simulacra.keeping.known import seen
from simulacra.keeping.shipping import halved
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch, Noise
from simulacra.models.field_flow import FieldFlow
from simulacra.running.split import digest_of
from simulacra.running.stages import Stage, carry_through
from simulacra.running.study import Study
from simulacra.runs import Run
from simulacra.sources.sky.lensing_redshifts import REDSHIFTS
from simulacra.studies.sky import lensing_by_flow
from simulacra.training import shards
from simulacra.training.checkpoint import write_weights

HELD = 16  # of each redshift, through mixed regions of validation: what a look scores
JUDGED, BETWEEN = (0.5, 1.0, 2.0), (0.71, 1.4, 1.8)  # redshifts of the verdicts: trained at, and not
SETTLED = 48  # ways under each redshift, by which what the network strays is measured
FINAL, WARMUP = 0.01, 100  # share of the learning rate at the end, and steps until it is whole
PORTION = 30  # maps drawn between two files


def study_of(asked: argparse.Namespace) -> Study:
    """What is trained, on what, and who judges it."""
    return lensing_by_flow.study(size=SIZE, width=asked.width, walk=asked.walk, maps=asked.maps)


@torch.no_grad()
def shares(model: FieldFlow, held: Batch) -> dict[str, float]:
    """Loss at each redshift, over that of a network that says nothing."""
    found = {}
    for place, value in enumerate(REDSHIFTS):
        some = held[place * HELD : (place + 1) * HELD]
        some = replace(some, noise=Noise(7, 0, len(some)))
        said = model.loss(some)["velocity"].mean()
        last = model.network.network.last
        kept = [p.clone() for p in last.parameters()]
        for p in last.parameters():
            p.zero_()
        nothing = model.loss(replace(some, noise=Noise(7, 0, len(some))))["velocity"].mean()
        for p, old in zip(last.parameters(), kept, strict=True):
            p.copy_(old)
        found[f"{value:g}"] = round(float(said / nothing), 5)
    return found


def train(asked: argparse.Namespace, study: Study) -> int:
    """One piece of the training, or all of it."""
    data = Data(study, asked.seed)
    view, model = study.view.fit(data.train), study.model
    assert isinstance(model, FieldFlow)
    torch.manual_seed(asked.seed)
    model.count(view.forward(data.train))
    held = view.forward(data.mixed("validation", HELD, 1))
    plan = Plan(
        0, 60 * asked.minutes, asked.batch, asked.rate, FINAL, WARMUP, asked.average, 1, asked.precision, asked.seed
    )
    training = Training(model, view.forward(data.train[: asked.batch]), plan)
    training.batches = Mixed(data.rays, view, data.groups["train"], asked.batch, asked.seed)
    training.resume(asked.folder)
    until = time.monotonic() + 60 * asked.piece if asked.piece else float("inf")
    print(f"{sum(p.numel() for p in model.parameters()):,} weights", file=sys.stderr)
    kept, looked = training.spent, training.spent
    with Progress("training", int(plan.seconds), done=int(training.spent)) as progress:
        while training.along < 1:
            training.advance()
            progress.step(int(training.spent) - progress.done, note=f"step {training.step}")
            late, ended = time.monotonic() > until, training.along >= 1
            if training.spent - looked > 60 * asked.every or ended:
                looked = training.spent
                live = {name: p.detach().clone() for name, p in training.named.items()}
                for name, p in training.named.items():
                    p.data.copy_(training.mean[name])
                row = {"step": training.step, "minutes": round(training.spent / 60, 2), **shares(model, held)}
                for name, p in training.named.items():
                    p.data.copy_(live[name])
                with (asked.folder / "looks.jsonl").open("a") as log:
                    log.write(json.dumps(row) + "\n")
                print(json.dumps(row), file=sys.stderr, flush=True)
            if training.spent - kept > 60 or late or ended:
                kept = training.spent
                training.keep(asked.folder)
            if late and not ended:
                return MORE
    return 0


def trained(asked: argparse.Namespace, study: Study, data: Data) -> tuple[Trained, dict[str, object]]:
    """The averaged weights in half precision, with all that is needed to draw."""
    kept = shards.read(asked.folder)
    if kept is None:
        raise BadInput("nothing has been trained here", str(asked.folder), "run this script with train first")
    view, model = study.view.fit(data.train), study.model
    assert isinstance(model, FieldFlow)
    model.count(view.forward(data.train))
    for name, p in model.named_parameters():
        p.data.copy_(kept[0][f"mean.{name}"])
    settled = asked.folder / f"settled-{kept[1]['step']}.npz"
    model.eval()
    if not settled.exists():
        torch.manual_seed(asked.seed)
        model.settle(SETTLED)
        with settled.with_suffix(".half").open("wb") as half:
            np.savez(half, gain=model.gain.numpy(), drift=model.drift.numpy())
        settled.with_suffix(".half").replace(settled)
    with np.load(settled) as file:
        model.gain.copy_(torch.from_numpy(file["gain"]))
        model.drift.copy_(torch.from_numpy(file["drift"]))
    model.load_state_dict(halved(model.state_dict()))
    known = {"redshift": seen(data.train.given["redshift"])}
    return Trained(model, view, known, "FieldFlow, the flagship of lensing", {"redshift": "1"}), kept[1]


def features(study: Study, x: np.ndarray) -> dict[str, np.ndarray]:
    """What each judge sees of maps."""
    some = Samples.of(x, "field", "κ")
    return {name: np.asarray(judge.statistic(some), float) for name, judge in study.judges.items()}  # type: ignore[operator]


def look(asked: argparse.Namespace, study: Study) -> int:
    """How far the mean features of draws are from those of validation, in deviations of one map, beside baselines."""
    data = Data(study, asked.seed)
    found, memo = trained(asked, study, data)
    print(memo)
    n, rng = asked.sample, np.random.default_rng([asked.seed, 35])
    assert isinstance(found.model, FieldFlow)
    torch.manual_seed(asked.seed)
    for value in (*JUDGED, *BETWEEN):
        given = found.tensors({"redshift": np.full(n, value)})
        law = (interpolated_condition(data.train, ((value,),), 2)).draw(n, rng)
        began = time.process_time()
        drawn = found.draw(n, rng, {"redshift": value}).array
        spent = (time.process_time() - began) / n
        sets = {"model": drawn, "bent": found.model.untaught(n, given).x[:, 0].numpy(), "lognormal": law.array}
        held = {name: features(study, mixed(data.rays, data.groups[name], np.full(2 * n, value), rng))
                for name in ("train", "validation")}  # fmt: skip
        print(f"z = {value:g}: {spent:.2f} s a map; lowest {drawn.min():.4f}, highest {drawn.max():.3f}")
        seen_of = {name: features(study, x) for name, x in sets.items()}
        for judge in study.judges:
            row = [judge.ljust(24)]
            for where, true in held.items():
                spread = np.maximum(true[judge].std(axis=0), 1e-12)
                for name, some in seen_of.items():
                    off = ((some[judge].mean(axis=0) - true[judge].mean(axis=0)) / spread) ** 2
                    row.append(f"{name} {max(0.0, off.mean() - 1.5 / n) ** 0.5:.3f}")
                row.append(f"({where})")
            print("  ", " ".join(row))
    return 0


def draw(asked: argparse.Namespace, study: Study) -> int:
    """Portions of maps at trained redshifts and between them, and of bent Gaussian fields."""
    data = Data(study, asked.seed)
    found, _ = trained(asked, study, data)
    assert isinstance(found.model, FieldFlow)
    wanted = [(value, part) for value in (*JUDGED, *BETWEEN) for part in range(-(-asked.sample // PORTION))]
    with Progress("drawing", len(wanted)) as progress:
        for value, part in wanted:
            path = asked.folder / f"drawn-{value:g}-{part:02d}.npz"
            if not path.exists():
                rng = np.random.default_rng([asked.seed, 14, round(100 * value), part])
                x = found.draw(PORTION, rng, {"redshift": value}).array
                torch.manual_seed(int(rng.integers(2**62)))
                given = found.tensors({"redshift": np.full(PORTION, value)})
                plain = found.model.untaught(PORTION, given).x[:, 0].numpy()
                with path.with_suffix(".half").open("wb") as half:
                    np.savez(half, x=x, plain=plain)
                path.with_suffix(".half").replace(path)
            progress.step()
    return 0


def finish(asked: argparse.Namespace, study: Study) -> int:
    """A run folder with verdicts at trained redshifts; those between them, and at each alone, beside it."""
    data = Data(study, asked.seed)
    found, memo = trained(asked, study, data)
    truth, other = (data.part(name, JUDGED, whole=False) for name in ("truth", "validation"))
    parts = {"train": data.train, "validation": other, "truth": truth}
    sets = sets_at(asked, data, JUDGED, 0)
    learned = data.train[np.isin(data.train.given["redshift"], JUDGED)]
    sets["copycat"] = copycat(learned).draw(len(sets["model"]), np.random.default_rng([asked.seed, 15, 2]))
    spent = replace(
        study.budget,
        steps=int(memo["step"]),  # type: ignore[call-overload]
        batch=asked.batch,
        rate=asked.rate,
        average=asked.average,
        final=FINAL,
        warmup=WARMUP,
        clip=1.0,
        precision=asked.precision,
    )
    whole = replace(study, budget=spent)

    def stages(run: Run, stage: Stage) -> None:
        with stage("data"):
            sizes = {name: len(part) for name, part in parts.items()}
            run.update(data=digest_of(parts), sizes=sizes, origin=data.train.origin)
        found.save(run)
        write_weights(run.folder, found.model.state_dict())
        keep_some(run, {"truth": truth, **sets}, asked.seed)
        with stage("judge"):
            judge_sets(run, study.judges, sets, truth, other, learned, asked.seed)
        with stage("between"):
            between, more = data.part("truth", BETWEEN, whole=False), sets_at(asked, data, BETWEEN, 1)
            pool = Samples.join([between, data.mixed("train", LEARNED, 2, BETWEEN)])  # of which reaches are measured
            reaches: dict[str, Reach] = {}
            verdicts = {
                name: {judge: finding.verdict.to_dict() for judge, finding in
                       examine(study.judges, some, between, pool, asked.seed, reaches).items()}
                for name, some in more.items()
            }  # fmt: skip
            each = {}
            for place, value in enumerate((*JUDGED, *BETWEEN)):
                some = {name: x for name, x in (sets if place < len(JUDGED) else more).items() if name != "copycat"}
                each[f"{value:g}"] = alone(study, some, data.part("truth", (value,), whole=True), value)
            run.update(between=verdicts, each=each)

    settings = {name: value for name, value in vars(asked).items() if isinstance(value, int | float | str)}
    about = {
        "title": "Maps of weak lensing, 26 arcmin wide, sources at redshifts of 0.5 to 2, by a flow of fields.",
        "trained": {"steps": memo["step"], "seconds": memo["spent"]},
    }
    run = Run.create(asked.out, "flagship_lensing", settings, asked.seed, {**whole.describe(), **about})
    print(carry_through(run, stages).folder)
    return 0


def main() -> int:
    """One of the four."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "look", "draw", "finish"))
    parser.add_argument("--folder", type=Path, default=Path("runs/flagship-lensing"), help="of the state")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the run folder is made in the end")
    parser.add_argument("--minutes", type=float, default=30.0, help="of the processor, in all pieces together")
    parser.add_argument("--piece", type=float, default=0.0, help="minutes after which this one ends with 75; 0: never")
    parser.add_argument("--every", type=float, default=3.0, help="minutes of the processor between two looks")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--walk", type=int, default=12, help="steps from the Gaussian field to a map")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--average", type=float, default=0.998)
    parser.add_argument("--precision", choices=("bf16-mixed", "32-true"), default="bf16-mixed")
    parser.add_argument("--maps", type=int, default=8, help="of each region, that the judges see")
    parser.add_argument("--sample", type=int, default=120, help="maps drawn at each redshift")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    asked.folder.mkdir(parents=True, exist_ok=True)
    return {"train": train, "look": look, "draw": draw, "finish": finish}[asked.what](asked, study_of(asked))


if __name__ == "__main__":
    sys.exit(main())
