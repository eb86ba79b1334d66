"""The flagship of microstructures: overlapping spheres revealed voxel by voxel, trained in pieces that resume.

    python benchmarks/flagship_microstructures.py train --minutes 60
    python benchmarks/flagship_microstructures.py look --sample 24
    python benchmarks/flagship_microstructures.py draw
    python benchmarks/flagship_microstructures.py finish

The training lasts so many minutes of the processor; its state is written every minute, and the same command goes on
from there. Now and then it looks at what unseen volumes cost, by the share that is revealed; the lines stand in
looks.jsonl of the training's folder. `look` draws a few volumes with the averaged weights and judges them on
validation. `draw` takes these weights in half precision and tries as many volumes as the truth has, in portions that
are kept; a volume counts where its fraction is one of the training set's. Of several processes with `--part 1/2`,
`--part 2/2` each draws its own. `finish` writes a run folder with verdicts, which `simulacra ship` hands on.
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
from simulacra import judge
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.judging.trial import keep_some
from simulacra.keeping.shipping import halved
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch
from simulacra.models.volume_diffusion import VolumeDiffusion
from simulacra.running.split import digest_of
from simulacra.running.stages import Stage, carry_through
from simulacra.running.study import Study
from simulacra.runs import Run
from simulacra.studies.materials import microstructure_by_diffusion
from simulacra.training import shards
from simulacra.training.checkpoint import write_weights

HELD = 32  # validation volumes of a look
PLACES = (1, 4, 8, 24, 64, 96, 128, 256, 448)  # offsets revealed, of 512, at which a look scores the next ones
PORTION = 10  # volumes drawn between two files
TRAIN = 4000


def study_of(asked: argparse.Namespace) -> Study:
    """What is trained, on what, and who judges it."""
    study = microstructure_by_diffusion.study(
        train=TRAIN, width=asked.width, blocks=asked.blocks, batch=asked.batch, alone=asked.alone
    )
    return replace(study, split=replace(study.split, train=TRAIN))


@torch.no_grad()
def costs(model: VolumeDiffusion, held: Batch) -> dict[str, float]:
    """Nats a voxel of the next offset, by how many are known."""
    at = model.order.places(tuple(held.x.shape[1:]))
    found = {}
    for place in PLACES:
        some = []
        for at_once in range(0, len(held), 8):
            x = held.x[at_once : at_once + 8]
            fraction = (x > 0).flatten(1).double().mean(1)
            odds = model._odds(x * (at < place), fraction).float()
            some.append(torch.nn.functional.softplus(-x * odds)[..., at == place].mean())
        found[str(place)] = round(float(torch.stack(some).mean()), 5)
    return found


def averaged(training: Training, model: VolumeDiffusion) -> dict[str, torch.Tensor]:
    """The averaged weights put into the model; what was there is returned."""
    live = {name: p.detach().clone() for name, p in training.named.items()}
    for name, p in training.named.items():
        p.data.copy_(training.mean[name])
    return live


def train(asked: argparse.Namespace, study: Study) -> int:
    """One piece of the training, or all of it."""
    parts = study.parts(asked.seed)
    view = study.view.fit(parts["train"])
    torch.manual_seed(asked.seed)
    model = study.model
    assert isinstance(model, VolumeDiffusion)
    samples, held = view.forward(parts["train"]), view.forward(parts["validation"][:HELD])
    model.count(samples)
    plan = Plan(0, 60 * asked.minutes, asked.batch, asked.rate, 0.01, 100, asked.average, 1, "bf16-mixed", asked.seed)
    training = Training(model, samples, plan)
    training.resume(asked.folder)
    until = time.monotonic() + 60 * asked.piece if asked.piece else float("inf")
    print(f"{len(samples):,} volumes, {sum(p.numel() for p in model.parameters()):,} weights", file=sys.stderr)
    kept, looked = training.spent, training.spent
    with Progress("training", int(plan.seconds), done=int(training.spent)) as progress:
        while training.along < 1:
            training.advance()
            progress.step(int(training.spent) - progress.done, note=f"step {training.step}")
            late, ended = time.monotonic() > until, training.along >= 1
            if training.spent - looked > 60 * asked.every or ended:
                looked, live = training.spent, averaged(training, model)
                row = {"step": training.step, "minutes": round(training.spent / 60, 2), **costs(model, held)}
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


def trained(asked: argparse.Namespace, study: Study) -> tuple[Trained, dict[str, object]]:
    """The averaged weights in half precision, with all that is needed to draw."""
    kept = shards.read(asked.folder)
    if kept is None:
        raise BadInput("nothing has been trained here", str(asked.folder), "run this script with train first")
    parts = study.parts(asked.seed)
    view, model = study.view.fit(parts["train"]), study.model
    assert isinstance(model, VolumeDiffusion)
    model.count(view.forward(parts["train"]))
    for name, p in model.named_parameters():
        p.data.copy_(kept[0][f"mean.{name}"])
    model.load_state_dict(halved(model.eval().state_dict()))
    return Trained(model, view, {}, "VolumeDiffusion, the flagship of microstructures", {}), kept[1]


def look(asked: argparse.Namespace, study: Study) -> int:
    """A few volumes, judged on validation."""
    found, memo = trained(asked, study)
    parts = study.parts(asked.seed)
    began = time.process_time()
    made = found.draw(asked.sample, np.random.default_rng([asked.seed, 7]))
    print(f"{(time.process_time() - began) / asked.sample:.2f} s a volume of the processor; {memo}")
    np.save(asked.folder / "look.npy", made.array)
    for name, verdict in judge(made, parts["validation"]).items():
        print(f"{name}: {verdict}")
    return 0


def draw(asked: argparse.Namespace, study: Study) -> int:
    """This process' portions, each by a random stream of its own."""
    found, _ = trained(asked, study)
    part, parts = (int(number) for number in asked.part.split("/"))
    mine = range(part - 1, -(-volumes(asked, study) // PORTION), parts)
    with Progress("drawing", len(mine)) as progress:
        for place in mine:
            path = asked.folder / f"drawn-{place:03d}.npy"
            if not path.exists():
                torch.manual_seed(int(np.random.default_rng([asked.seed, 14, place]).integers(2**62)))
                assert isinstance(found.model, VolumeDiffusion)
                some = found.view.inverse(Batch(found.model.fill(found.model.asked(PORTION)))).array
                with path.with_suffix(".half").open("wb") as half:
                    np.save(half, some)
                path.with_suffix(".half").replace(path)
            progress.step()
    return 0


def volumes(asked: argparse.Namespace, study: Study) -> int:
    """How many are tried."""
    return int(asked.sample or study.split.truth)


def finish(asked: argparse.Namespace, study: Study) -> int:
    """A run folder with verdicts."""
    found, memo = trained(asked, study)
    parts = study.parts(asked.seed)
    assert isinstance(found.model, VolumeDiffusion)
    drawn = np.concatenate([np.load(path) for path in sorted(asked.folder.glob("drawn-*.npy"))])
    kept = found.model.within(torch.from_numpy(drawn)[:, None]).numpy()
    print(f"{kept.sum()} of {len(drawn)} volumes have a fraction of the training set's", file=sys.stderr)
    count, rng = int(kept.sum()), np.random.default_rng([asked.seed, 15])
    truth = parts["truth"]
    made = Samples.of(drawn[kept], truth.kind, truth.unit, "the flagship of microstructures")
    sets = {"model": made}
    for name, baseline in study.baselines.items():
        sets[name] = baseline(parts["train"]).draw(count, rng)
    whole = replace(study, budget=replace(study.budget, steps=int(memo["step"]), batch=asked.batch))  # type: ignore[call-overload]

    def stages(run: Run, stage: Stage) -> None:
        with stage("data"):
            sizes = {name: len(part) for name, part in parts.items()}
            run.update(data=digest_of(parts), sizes=sizes, origin=parts["truth"].origin)
        found.save(run)
        write_weights(run.folder, found.model.state_dict())
        keep_some(run, {"truth": parts["truth"], **sets}, asked.seed)
        with stage("judge"):
            whole.judge(run, sets, parts, asked.seed)

    settings = {name: value for name, value in vars(asked).items() if isinstance(value, int | float | str)}
    about = {
        "title": f"Overlapping spheres revealed from coarse to fine, {asked.width} wide, {asked.blocks} blocks deep.",
        "trained": {"steps": memo["step"], "seconds": memo["spent"]},
    }
    run = Run.create(asked.out, "flagship_microstructures", settings, asked.seed, {**whole.describe(), **about})
    print(carry_through(run, stages).folder)
    return 0


def main() -> int:
    """One of the four."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "look", "draw", "finish"))
    parser.add_argument("--folder", type=Path, default=Path("runs/flagship-microstructures"), help="of the state")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the run folder is made in the end")
    parser.add_argument("--minutes", type=float, default=75.0, help="of the processor, in all pieces together")
    parser.add_argument("--piece", type=float, default=0.0, help="minutes after which this one ends with 75; 0: never")
    parser.add_argument("--every", type=float, default=5.0, help="minutes of the processor between two looks")
    parser.add_argument("--width", type=int, default=48)
    parser.add_argument("--blocks", type=int, default=4)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--alone", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--average", type=float, default=0.998)
    parser.add_argument("--part", default="1/1", help="which of how many processes draws, as in 1/2")
    parser.add_argument("--sample", type=int, default=0, help="volumes that are tried; 0: as many as the truth has")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    asked.folder.mkdir(parents=True, exist_ok=True)
    return {"train": train, "look": look, "draw": draw, "finish": finish}[asked.what](asked, study_of(asked))


if __name__ == "__main__":
    sys.exit(main())
