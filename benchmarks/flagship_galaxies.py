"""The flagship of galaxies: class-conditional diffusion at 64 pixels, trained on one core in pieces that resume.

    python benchmarks/flagship_galaxies.py train      until --minutes of the processor are spent; killed, it goes on
    python benchmarks/flagship_galaxies.py polish     gains that make the network's answers better, on training pictures
    python benchmarks/flagship_galaxies.py choose     guidance and steps, on validation pictures
    python benchmarks/flagship_galaxies.py finish     draws, verdicts on truth, a run folder (`make flagship-galaxies`)

The pictures are the middle 96 of 128 pixels made 64, in which nearly all galaxies are whole, in the eight turns and
mirrors, as the square root of their brightness, each pixel by the spread at its distance from the middle. Draws do not
begin from noise alone but at a noise of 6 spreads, under which only what is coarse of a galaxy stands out; there the
law is known (`diffusion/starts.py`), and the network is left with what is fine. What `choose` looks at is the
validation part alone; a classifier taught by the training part sees there which class was drawn. What `finish` writes
is rounded to half precision before it is judged: what is shipped is what was judged.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from flagship_molecules import Plan, Training
from simulacra.baselines.copycat import copycat
from simulacra.baselines.pca import pca
from simulacra.core.files import read_json, write_json
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.guidance import Conditions
from simulacra.diffusion.noise import VarianceExploding
from simulacra.diffusion.polish import Polish, levels
from simulacra.diffusion.starts import CoarseStart
from simulacra.diffusion.targets import PredictVelocity
from simulacra.diffusion.turns import Turns
from simulacra.diffusion.weighting import Lognormal
from simulacra.exhibits.seen_classes import Classifier, see_classes, table
from simulacra.exhibits.walks import show_chain
from simulacra.judging.score import Score
from simulacra.judging.trial import keep_some
from simulacra.judging.twins import Watch
from simulacra.keeping.known import seen
from simulacra.keeping.shipping import halved
from simulacra.keeping.trained import Trained
from simulacra.models.base import Model
from simulacra.models.diffusion import Diffusion
from simulacra.networks.filtered import Filtered
from simulacra.networks.folded import Folded
from simulacra.networks.placed import Placed
from simulacra.networks.unet import UNet
from simulacra.running.split import digest_of
from simulacra.running.stages import Stage, carry_through
from simulacra.running.study import Study
from simulacra.runs import Run, find
from simulacra.samplers.ddim import DDIM
from simulacra.samplers.ddpm import DDPM
from simulacra.samplers.dpm_solver import DPMSolver
from simulacra.statistics.sets.coverage import Coverage
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.subjects.galaxies import DATA, judges_of_adversaries, judges_of_light, pictures
from simulacra.training import shards
from simulacra.training.budget import Budget
from simulacra.training.checkpoint import write_weights
from simulacra.views.centered import Centered

SPREAD, LATE = 1.5, 0.6  # of the logarithm of the noise; share of the training after which its center moves
BATCH, RATE, FINAL, AVERAGE = 16, 3e-3, 0.02, 0.9985  # of the training
FOLD = 2  # pixels along a side of what the network sees as one place
SIZE, CROP = 64, 96  # pixels of the model's side, and of the square that is cut out before
CITED = (
    "Denoising diffusion probabilistic models (Ho, Jain & Abbeel, 2020), arXiv:2006.11239",
    "Elucidating the design space of diffusion-based generative models (Karras et al., 2022), arXiv:2206.00364",
    "DPM-Solver++: fast solver for guided sampling of diffusion probabilistic models (Lu et al., 2022), "
    "arXiv:2211.01095",
    "Classifier-free diffusion guidance (Ho & Salimans, 2022), arXiv:2207.12598",
)
LEVELS = (0.02, 6.0, 12)
"""Lowest, highest and number of the noises at which the network's answers are made better by a regression."""
SAMPLERS = {"dpm": DPMSolver, "ddim": DDIM, "ddpm": DDPM}
TRIED = "1:20:dpm:6:32,1:20:dpm:4:64,1:20:dpm:3:96"
"""Guidance, steps, sampler, the noise that draws begin with, and the features that are kept: tried on validation."""


def study_of(asked: argparse.Namespace) -> tuple[Study, dict[str, Samples]]:
    """What is trained, on what, and who judges it; and the three parts of the pictures."""
    torch.manual_seed(asked.seed)
    pics = pictures("any", None, None, "", SIZE, CROP)
    parts = pics.split.share_out(pics.source.read())
    stated = Conditions({"class": len(pics.needed_classes())}, dropped=0.1, weight=asked.guidance)
    known = FEATURES + stated.width
    inner = UNet(2, 5 * FOLD**2, asked.width, known, (1, 2, 4), attention=1)
    shape = (3, SIZE, SIZE)
    model = Diffusion(
        Filtered(Placed(Folded(inner, FOLD), shape), shape, known),
        shape,
        noise=VarianceExploding(highest=asked.begin),
        target=PredictVelocity(1.0),
        sampler=SAMPLERS[asked.sampler](asked.walk),
        weighting=Lognormal(asked.center, SPREAD),
        conditioning=stated,
        symmetry=Turns(),
        polish=Polish(3, levels(*LEVELS)),
        start=start_of(shape, parts, asked.kept),
    )
    study = Study(
        source=pics.source,
        view=Centered(),
        model=model,
        judges=judges_of_adversaries(3),
        baselines={"PCA": pca, "copycat": copycat},
        budget=Budget(1, batch=BATCH, rate=RATE, average=AVERAGE, final=FINAL),
        split=pics.split,
        references=(*CITED, *DATA),
        question=pics.question("Does a diffusion model draw galaxies of an asked class that judges take for real?"),
    )
    return study, parts


def start_of(shape: tuple[int, ...], parts: dict[str, Samples], kept: int) -> CoarseStart:
    """Where draws begin, with so many features of each training picture and 128 in all."""
    known = parts["train"]
    return CoarseStart(shape, len(known), len(np.unique(known.given["class"])), kept, 128 - kept, symmetry=Turns())


def trained_of(study: Study, parts: dict[str, Samples], folder: Path) -> tuple[Trained, dict[str, Any]]:
    """The averaged weights of the last state, in half precision, ready to draw; and what the state says of itself."""
    found = shards.read(folder)
    if found is None:
        raise SystemExit(f"{folder} holds no state yet: train first")
    tensors, memo = found
    model = study.model
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(tensors[f"mean.{name}"])
    view = study.view.fit(parts["train"])
    assert isinstance(model, Diffusion) and model.polish is not None
    model.count(view.forward(parts["train"]))
    fitted = folder / f"polish-{memo['step']}.safetensors"
    if fitted.exists():
        model.polish.load_state_dict(load_file(fitted))
    model.load_state_dict(halved(model.state_dict()))
    known = {name: seen(values) for name, values in parts["train"].given.items()}
    return Trained(model.eval(), view, known, "diffusion, the flagship of galaxies", {}), memo


def take_up(model: Model, name: str) -> None:
    """The weights of a shipped model or a run, from which a longer training goes on."""
    kept = load_file(find(name).folder / "model.safetensors")
    with torch.no_grad():
        for part, p in model.named_parameters():
            p.copy_(kept[part])


def train(study: Study, parts: dict[str, Samples], asked: argparse.Namespace) -> None:
    """Train to the end, or go on."""
    samples = study.view.fit(parts["train"]).forward(parts["train"])
    plan = Plan(0, 60 * asked.minutes, BATCH, RATE, FINAL, 200, AVERAGE, asked.every,
                "bf16-mixed", asked.seed)  # fmt: skip
    if asked.onward and shards.read(asked.folder) is None:
        take_up(study.model, asked.onward)
    training = Training(study.model, samples, plan)
    training.resume(asked.folder)
    early, late = study.model.weighting, Lognormal(asked.late_center, SPREAD)
    with Progress("training", int(plan.seconds), done=int(training.spent)) as progress:
        while training.along < 1:
            study.model.weighting = early if training.along < LATE else late
            training.advance()
            progress.step(int(training.spent) - progress.done, note=f"step {training.step}")
            if training.step % plan.every == 0 or training.along >= 1:
                training.keep(asked.folder)
                stated = json.loads(next(asked.folder.glob("state-*/memo.json")).read_text())
                with (asked.folder / "log.jsonl").open("a") as log:
                    log.write(json.dumps({**stated, "center": study.model.weighting.center}) + "\n")


def polish(study: Study, parts: dict[str, Samples], asked: argparse.Namespace) -> None:
    """Fit the gains that make the network's answers better, on training pictures; kept beside the training's state."""
    trained, memo = trained_of(study, parts, asked.folder)
    model = trained.model
    assert isinstance(model, Diffusion) and model.polish is not None
    data = trained.view.forward(parts["train"][: asked.fitted])
    gains, model.polish = model.polish, None
    generator = torch.Generator().manual_seed(asked.seed)
    with Progress("polishing", LEVELS[2]) as progress, torch.no_grad():
        for place, level in enumerate(gains.levels):
            sigma = math.exp(level)
            x = data.x + sigma * torch.randn(data.x.shape, generator=generator)
            t = model.noise.when(torch.full((len(x),), sigma, dtype=torch.float64))
            some = [slice(start, start + 64) for start in range(0, len(x), 64)]
            answer = torch.cat(
                [model.denoise(x[s], t[s], {name: value[s] for name, value in data.given.items()}) for s in some]
            )
            gains.learn(place, answer, x, data.x)
            better = gains(answer, x, torch.full((len(x),), level))
            errors = [float((found - data.x).square().mean().sqrt()) / sigma for found in (answer, better)]
            print(f"noise {sigma:.3g}: error over noise {errors[0]:.3f}, polished {errors[1]:.3f}", flush=True)
            progress.step()
    save_file(gains.state_dict(), asked.folder / f"polish-{memo['step']}.safetensors")


def choose(study: Study, parts: dict[str, Samples], asked: argparse.Namespace) -> None:
    """Guidance and steps before the judges, on validation; written beside the training's state."""
    trained, memo = trained_of(study, parts, asked.folder)
    model, data = trained.model, trained.view.forward(parts["train"])
    assert isinstance(model, Diffusion) and model.conditioning is not None

    def take(setting: str) -> None:
        assert isinstance(model, Diffusion) and model.conditioning is not None
        guidance, walk, sampler, first, kept = setting.split(":")
        model.conditioning.weight, model.sampler = float(guidance), SAMPLERS[sampler](int(walk))
        model.noise, model.start = VarianceExploding(highest=float(first)), start_of(model.shape, parts, int(kept))
        model.count(data)

    tried(trained, memo, parts, asked, take)


def tried(
    trained: Trained,
    memo: dict[str, Any],
    parts: dict[str, Samples],
    asked: argparse.Namespace,
    take: Callable[[str], None],
) -> None:
    """How each way of drawing, which `take` sets, fares before the judges on validation."""
    known, unseen = parts["train"], parts["validation"][: asked.few]
    sees = Classifier.of(known)
    truth = table(sees(unseen), unseen, sees.labels)
    watch = Watch.of(known, unseen, 999, asked.seed)
    score = Score.against(judges_of_light(3), unseen, known, 1, asked.seed)
    power, rng = PowerSpectrum(), np.random.default_rng([asked.seed, 31])
    half = known[np.sort(rng.permutation(len(known))[: len(unseen)])]
    covered = Coverage().by_class(half, unseen)
    print("true", shares(truth), "coverage of as many true", covered, flush=True)
    rows = read_json(asked.folder / "chosen.json")["tried"] if (asked.folder / "chosen.json").exists() else []
    for setting in asked.tried.split(","):
        take(setting)
        began = time.monotonic()
        drawn = trained.draw(len(unseen), np.random.default_rng([asked.seed, 32]), unseen.given)
        took = (time.monotonic() - began) / len(drawn)
        saw = score(drawn)
        row = {
            "step": memo["step"], "setting": setting, "score": saw["score"], "ratio": saw["ratio"],
            "told": saw["told"], "seen": shares(table(sees(drawn), drawn, sees.labels)), "true": shares(truth),
            "copies": asdict(watch(drawn)),
            "coverage": Coverage().by_class(drawn, unseen), "true coverage": covered, "seconds a draw": took,
            "power, dex": (power(drawn).mean(axis=0) - power(unseen).mean(axis=0)).tolist(),
        }  # fmt: skip
        rows.append(row)
        print(json.loads(json.dumps(row), parse_float=lambda text: round(float(text), 3)), flush=True)
        write_json(asked.folder / "chosen.json", {"tried": rows})


def shares(seen_as: np.ndarray) -> list[float]:
    """For each class, the share of its pictures that are seen as that class."""
    return [float(row[i] / max(1, row.sum())) for i, row in enumerate(seen_as)]


def finish(study: Study, parts: dict[str, Samples], asked: argparse.Namespace) -> None:
    """Draws beside truth, which is looked at here for the first time; a run folder with verdicts."""
    trained, memo = trained_of(study, parts, asked.folder)
    title = f"Galaxies of an asked class at {SIZE} pixels by diffusion, {asked.width} wide."
    print(written(study, parts, asked, trained, memo, title).folder)


def written(
    study: Study,
    parts: dict[str, Samples],
    asked: argparse.Namespace,
    trained: Trained,
    memo: dict[str, Any],
    title: str,
) -> Run:
    """The run folder of a flagship, with its verdicts on truth."""
    truth = parts["truth"]

    def stages(run: Run, stage: Stage) -> None:
        with stage("data"):
            sizes = {name: len(part) for name, part in parts.items()}
            run.update(data=digest_of(parts), sizes=sizes, origin=truth.origin)
        trained.save(run)
        write_weights(run.folder, trained.model.state_dict())
        with stage("draw"):
            sets = study.draw(trained, parts, asked.seed)
            if isinstance(trained.model, Diffusion):
                show_chain(trained.model, trained.view, truth, run, asked.seed)
        keep_some(run, {"truth": truth, **sets}, asked.seed)
        with stage("judge"):
            study.judge(run, sets, parts, asked.seed)
            classes = see_classes(parts, sets)
            around = {name: Coverage().by_class(some, truth) for name, some in sets.items()}
            rng = np.random.default_rng([asked.seed, 33])
            true = Samples.join([parts["validation"], parts["train"]])
            as_many = true[np.sort(rng.permutation(len(true))[: len(truth)])]
            run.update(classes=classes, coverage={**around, "as many true ones": Coverage().by_class(as_many, truth)})

    settings = {name: value for name, value in vars(asked).items() if isinstance(value, int | float | str)}
    about = {
        "title": title,
        "trained": {"steps": memo["step"], "seconds": memo["spent"]},
    }
    budget = replace(study.budget, steps=memo["step"], warmup=200, clip=1.0, looks=1, glances=0)
    described = replace(study, budget=budget).describe()
    run = Run.create(asked.out, "flagship_galaxies", settings, asked.seed, {**described, **about})
    return carry_through(run, stages)


def main() -> None:
    """One of the three parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("train", "polish", "choose", "finish"))
    parser.add_argument("--folder", type=Path, default=Path("runs/flagship-galaxies"), help="of the training's state")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the run folder is made in the end")
    parser.add_argument("--minutes", type=float, default=60.0, help="of the processor, in all pieces together")
    parser.add_argument("--onward", default="", help="a shipped model, or a run folder, whose weights it begins with")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--center", type=float, default=-0.7, help="of the logarithm of the noise in training")
    parser.add_argument("--late-center", type=float, default=-1.2, help="where it moves to after 0.6 of the training")
    parser.add_argument("--begin", type=float, default=6.0, help="the noise from which draws walk")
    parser.add_argument("--kept", type=int, default=32, help="coarse features that a walk begins with, of 128")
    parser.add_argument("--every", type=int, default=200, help="steps between two states written")
    parser.add_argument("--guidance", type=float, default=1.0, help="of the draws, as chosen")
    parser.add_argument("--walk", type=int, default=24, help="steps from noise to pictures, as chosen")
    parser.add_argument("--sampler", choices=tuple(SAMPLERS), default="dpm", help="as chosen")
    parser.add_argument("--tried", default=TRIED, help="guidance:steps:sampler:begin:kept, for choose")
    parser.add_argument("--fitted", type=int, default=500, help="training pictures that gains are fitted to")
    parser.add_argument("--few", type=int, default=1000, help="validation pictures that are looked at, at most")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    asked.folder.mkdir(parents=True, exist_ok=True)
    study, parts = study_of(asked)
    {"train": train, "polish": polish, "choose": choose, "finish": finish}[asked.part](study, parts, asked)


if __name__ == "__main__":
    main()
