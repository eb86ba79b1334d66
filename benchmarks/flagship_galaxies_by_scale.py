"""Galaxies of an asked class at 64 pixels, scale by scale: a rival of the flagship, on one core in pieces that resume.

    python benchmarks/flagship_galaxies_by_scale.py train    for --minutes of the processor; killed, it goes on
    python benchmarks/flagship_galaxies_by_scale.py choose   guidance and steps, on validation pictures
    python benchmarks/flagship_galaxies_by_scale.py finish   draws, verdicts on truth, a run folder

The pictures are the middle 96 of 128 pixels made 64, in which nearly all galaxies are whole, in the eight turns and
mirrors, as the square root of their brightness, each pixel by the spread at its distance from the middle. A small
picture of 16 pixels is drawn from noise alone, then the wavelets that 32 and 64 pixels have beside it: three diffusion
models, trained one after the other, so that none has to know both where the light is and how the sky is grained.
`choose` looks at the validation part alone; a classifier taught by the training part sees there which class was drawn.
What `finish` writes is rounded to half precision before it is judged: what is shipped is what was judged.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from torch import nn

from flagship_galaxies import CITED, CROP, SAMPLERS, SIZE, tried, written
from flagship_molecules import Plan, Training
from simulacra.baselines.copycat import copycat
from simulacra.baselines.pca import pca
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.guidance import Conditions
from simulacra.diffusion.noise import VarianceExploding
from simulacra.diffusion.targets import PredictVelocity
from simulacra.diffusion.turns import Turns
from simulacra.diffusion.weighting import Lognormal
from simulacra.keeping.known import seen
from simulacra.keeping.shipping import halved
from simulacra.keeping.trained import Trained
from simulacra.models.diffusion import Diffusion
from simulacra.models.wavelet_cascade import WaveletCascade
from simulacra.networks.filtered import Filtered
from simulacra.networks.folded import Folded
from simulacra.networks.placed import Placed
from simulacra.networks.unet import UNet
from simulacra.running.study import Study
from simulacra.subjects.galaxies import DATA, judges_of_adversaries, pictures
from simulacra.training import shards
from simulacra.training.budget import Budget
from simulacra.views.centered import Centered

SPREAD = 1.4  # of the logarithm of the noise in training
RATE, FINAL, AVERAGE = 2e-3, 0.02, 0.999  # of the training
SCALES = ((16, 64, (1, 2), 64, 0.4), (16, 48, (1, 2, 2), 32, 0.3), (32, 32, (1, 2), 16, 0.3))
"""Of each scale: the grid's side, the network's width and growth, pictures in a step, and its share of the minutes."""
WAVELETS = "Wavelet score-based generative modeling (Guth, Coste, De Bortoli & Mallat, 2022), arXiv:2208.05003"
TRIED = "1:20:dpm,1.5:20:dpm,1:40:ddpm"
"""Guidance, steps and sampler, tried on validation."""


def network_of(scale: int, known: int) -> nn.Module:
    """What denoises the small picture, or the wavelets of a finer one beside it."""
    side, width, growth = SCALES[scale][:3]
    shape = (9 if scale else 3, side, side)
    if scale:
        inner: nn.Module = UNet(2, 9 + 3 + 2, width, known, growth, attention=int(side < 32))
        return Filtered(Placed(inner, (12, side, side)), shape, known)
    return Filtered(Placed(Folded(UNet(2, 5 * 4, width, known, growth, attention=2), 2), shape), shape, known)


def study_of(asked: argparse.Namespace) -> tuple[Study, dict[str, Samples]]:
    """What is trained, on what, and who judges it; and the three parts of the pictures."""
    torch.manual_seed(asked.seed)
    pics = pictures("any", None, None, "", SIZE, CROP)
    parts = pics.split.share_out(pics.source.read())
    stages = []
    for k, (side, *_) in enumerate(SCALES):
        stated = Conditions({"class": len(pics.needed_classes())}, dropped=0.1, weight=1.0 if k else asked.guidance)
        stages.append(
            Diffusion(
                network_of(k, FEATURES + stated.width),
                (9 if k else 3, side, side),
                noise=VarianceExploding(highest=40.0),
                target=PredictVelocity(1.0),
                sampler=SAMPLERS[asked.sampler](asked.walk),
                weighting=Lognormal(asked.center, SPREAD),
                conditioning=stated,
                beside=3 if k else 0,
            )
        )
    study = Study(
        source=pics.source,
        view=Centered(),
        model=WaveletCascade(stages, Turns()),
        judges=judges_of_adversaries(3),
        baselines={"PCA": pca, "copycat": copycat},
        budget=Budget(1, batch=SCALES[0][3], rate=RATE, average=AVERAGE, final=FINAL),
        split=pics.split,
        references=(*CITED, WAVELETS, *DATA),
        question=pics.question("Does a diffusion model draw galaxies of an asked class that judges take for real?"),
    )
    return study, parts


def trained_of(study: Study, parts: dict[str, Samples], folder: Path) -> tuple[Trained, dict[str, Any]]:
    """The averaged weights of the last states, in half precision, ready to draw; steps and seconds of all scales."""
    model = study.model
    assert isinstance(model, WaveletCascade)
    view, memo = study.view.fit(parts["train"]), {"step": 0, "spent": 0.0}
    model.count(view.forward(parts["train"]))
    for k, stage in enumerate(model.stages):
        found = shards.read(folder / f"scale{k}")
        if found is None:
            raise SystemExit(f"{folder}/scale{k} holds no state yet: train first")
        tensors, said = found
        with torch.no_grad():
            for name, p in stage.named_parameters():
                p.copy_(tensors[f"mean.stages.{k}.{name}"])
        memo = {name: memo[name] + said[name] for name in memo}
    model.load_state_dict(halved(model.state_dict()))
    known = {name: seen(values) for name, values in parts["train"].given.items()}
    return Trained(model.eval(), view, known, "diffusion, the flagship of galaxies", {}), memo


def train(study: Study, parts: dict[str, Samples], asked: argparse.Namespace) -> None:
    """Train each scale to its end, or go on."""
    samples, model = study.view.fit(parts["train"]).forward(parts["train"]), study.model
    assert isinstance(model, WaveletCascade)
    model.count(samples)
    for k in range(len(SCALES)) if asked.scale < 0 else (asked.scale,):
        batch, share = SCALES[k][3:]
        plan = Plan(0, 60 * asked.minutes * share, batch, RATE, FINAL, 100, AVERAGE, asked.every,
                    "bf16-mixed", asked.seed)  # fmt: skip
        folder = asked.folder / f"scale{k}"
        folder.mkdir(parents=True, exist_ok=True)
        model.only = k
        for name, p in model.named_parameters():
            p.requires_grad_(name.startswith(f"stages.{k}."))
        training = Training(model, samples, plan)
        training.resume(folder)
        with Progress(f"training scale {k}", int(plan.seconds), done=int(training.spent)) as progress:
            while training.along < 1:
                training.advance()
                progress.step(int(training.spent) - progress.done, note=f"step {training.step}")
                if training.step % plan.every == 0 or training.along >= 1:
                    training.keep(folder)
                    stated = json.loads(next(folder.glob("state-*/memo.json")).read_text())
                    with (folder / "log.jsonl").open("a") as log:
                        log.write(json.dumps(stated) + "\n")


def choose(study: Study, parts: dict[str, Samples], asked: argparse.Namespace) -> None:
    """Guidance and steps before the judges, on validation; written beside the training's state."""
    trained, memo = trained_of(study, parts, asked.folder)
    model = trained.model
    assert isinstance(model, WaveletCascade)

    def take(setting: str) -> None:
        guidance, walk, sampler = setting.split(":")
        for k, stage in enumerate(model.stages):
            assert isinstance(stage, Diffusion) and stage.conditioning is not None
            stage.conditioning.weight, stage.sampler = 1.0 if k else float(guidance), SAMPLERS[sampler](int(walk))

    tried(trained, memo, parts, asked, take)


def finish(study: Study, parts: dict[str, Samples], asked: argparse.Namespace) -> None:
    """Draws beside truth, which is looked at here for the first time; a run folder with verdicts."""
    trained, memo = trained_of(study, parts, asked.folder)
    title = f"Galaxies of an asked class at {SIZE} pixels by diffusion, scale by scale."
    print(written(study, parts, asked, trained, memo, title).folder)


def main() -> None:
    """One of the parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("train", "choose", "finish"))
    parser.add_argument("--folder", type=Path, default=Path("runs/flagship-galaxies"), help="of the training's state")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the run folder is made in the end")
    parser.add_argument("--minutes", type=float, default=50.0, help="of the processor, in all pieces together")
    parser.add_argument("--scale", type=int, default=-1, help="train this scale alone, 0 the coarsest")
    parser.add_argument("--center", type=float, default=-0.4, help="of the logarithm of the noise in training")
    parser.add_argument("--every", type=int, default=200, help="steps between two states written")
    parser.add_argument("--guidance", type=float, default=1.0, help="of the draws, as chosen")
    parser.add_argument("--walk", type=int, default=24, help="steps from noise to pictures, as chosen")
    parser.add_argument("--sampler", choices=tuple(SAMPLERS), default="dpm", help="as chosen")
    parser.add_argument("--tried", default=TRIED, help="guidance:steps:sampler, for choose")
    parser.add_argument("--few", type=int, default=1000, help="validation pictures that are looked at, at most")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    asked.folder.mkdir(parents=True, exist_ok=True)
    study, parts = study_of(asked)
    {"train": train, "choose": choose, "finish": finish}[asked.part](study, parts, asked)


if __name__ == "__main__":
    main()
