"""Steps against quality: after how many calls of the network the draws of each sampler are as good as of 1,000 steps.

`python benchmarks/steps.py RUN`, with a run of galaxies_by_diffusion, draws from its model by every sampler at several
numbers of steps, all from the same noise; judges each set against draws of 1,000 ancestral steps (of other noise) and
against the truth; and writes the table of docs/diffusion.md and docs/steps_against_quality.png. Draws are kept beside
the run, in RUN/steps, so that it can be stopped and called again. Euler's rule for flows is not among them: on this
model's schedule it is DDIM.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulacra.comparison.reach import Reach
from simulacra.core.files import read_npz, write_npz
from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import shelf
from simulacra.judging.examine import examine
from simulacra.keeping.trained import Trained, load
from simulacra.models.diffusion import Diffusion
from simulacra.pictures.style import BASELINES, MODEL, hand, legend, logarithmic, sheet
from simulacra.running.study import Study
from simulacra.runs import find
from simulacra.samplers.base import Sampler
from simulacra.samplers.ddim import DDIM
from simulacra.samplers.ddpm import DDPM
from simulacra.samplers.dpm_solver import DPMSolver
from simulacra.samplers.heun import Heun

DOCS = Path(__file__).parent.parent / "docs"
N = 100  # draws of each set
MADE: dict[str, tuple[Callable[[int], Sampler], tuple[int, ...]]] = {
    "DDPM": (DDPM, (10, 20, 40, 80, 160)),
    "DDIM": (DDIM, (10, 20, 40, 80, 160)),
    "Heun": (Heun, (5, 10, 20, 40, 80)),
    "DPM-Solver++ 2M": (DPMSolver, (10, 20, 40, 80, 160)),
}
REFERENCE = ("DDPM", 1000)
LIMIT = ("Heun", 80)
"""The nearest to the equation's own solution: what a walk without fresh noise is held against, noise for noise."""
SHARED, OTHER = 1, 2  # seeds of the noise


@dataclass(frozen=True)
class Judged:
    """One sampler at one number of steps.

    Args:
        sampler: its name.
        steps: of the walk.
        calls: of the network.
        ratios: against the thousand steps and against the truth: the mean over the judges of distance over floor.
        stated: judges that distinguish it from either, by name.
        path: root-mean-square difference to the limit from the same noise, brightness; None where chance enters.
    """

    sampler: str
    steps: int
    calls: int
    ratios: tuple[float, float]
    stated: tuple[list[str], list[str]]
    path: float | None


def drawn(folder: Path, trained: Trained, name: str, steps: int, seed: int, given: Mapping[str, Array]) -> Samples:
    """The draws of a sampler, from disk where they are."""
    path = folder / f"{re.sub('[^a-z0-9]+', '_', name.lower())}-{steps}-{seed}.npz"
    assert isinstance(trained.model, Diffusion)
    if not path.exists():
        print(f"{name}, {steps} steps …", flush=True)
        trained.model.sampler = MADE[name][0](steps)
        made = trained.draw(N, np.random.default_rng([seed, 18]), given)
        folder.mkdir(exist_ok=True)
        write_npz(path, {"x": made.array})
    return Samples.of(read_npz(path)["x"], "picture", "1", f"{name}, {steps} steps", given=given)


def calls_of(name: str, steps: int) -> int:
    """Heun's last step has no slope at its end."""
    return 2 * steps - 1 if name == "Heun" else steps


def judged(run_name: str, only: set[str]) -> tuple[list[Judged], float, list[str]]:
    """Every sampler at every number of steps; how far chance alone takes a judge; and the reaches in words."""
    run = find(run_name)
    study = shelf("studies").load(run.record["study"])(**settings_of(run.record))
    assert isinstance(study, Study)
    trained, parts = load(run), study.parts(int(run.record["seed"]))
    truth, pool = parts["truth"], Samples.join([parts["truth"], parts["validation"]])
    few = np.sort(np.random.default_rng(19).permutation(len(truth))[:N])
    given, folder = truth.given and truth[few].given, run.folder / "steps"
    wanted = [(name, steps) for name, (_, all_steps) in MADE.items() if not only or name in only for steps in all_steps]
    sets = {key: drawn(folder, trained, *key, SHARED, given) for key in wanted}
    if only:
        return [], 0.0, []
    reference, limit = drawn(folder, trained, *REFERENCE, OTHER, given), sets[LIMIT].array
    reaches: tuple[dict[str, Reach], dict[str, Reach]] = ({}, {})
    found: list[Judged] = []
    chance: list[float] = []
    words: list[str] = []
    for (name, steps), samples in sets.items():
        ratios, stated = [], []
        for held, known in zip((reference, truth), reaches, strict=True):
            findings = examine(study.judges, samples, held, pool, reaches=known)
            ratios.append(float(np.mean([f.verdict.ratio for f in findings.values()])))
            stated.append([judge for judge, f in findings.items() if f.verdict.word == "differs"])
            nulls = [f.test.null / np.median(f.test.null) for f in findings.values()]  # type: ignore[union-attr]
            chance += [float(np.quantile(null, 0.95)) for null in nulls]
            words = words or [f"{judge}: {f.verdict.reach_words}" for judge, f in findings.items()]
        path = None if name == "DDPM" else float(np.sqrt(np.mean((samples.array - limit) ** 2)))
        found.append(Judged(name, steps, calls_of(name, steps), (ratios[0], ratios[1]), (stated[0], stated[1]), path))
        print(found[-1], flush=True)
    return found, float(np.mean(chance)), words


def settings_of(record: Mapping[str, object]) -> dict[str, object]:
    """The settings of a run as its study takes them."""
    settings = record["settings"]
    assert isinstance(settings, dict)
    entry = shelf("studies").entry(str(record["study"]))
    return {s.name: s.read(str(settings[s.name])) for s in entry.settings}


def table(found: list[Judged]) -> str:
    """Markdown."""
    lines = [
        "| sampler | steps | calls | against 1,000 steps | told by | against the truth | told by | path |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for j in found:
        stated = [", ".join(names) if len(names) < 3 else f"{len(names)} judges" for names in j.stated]
        path = "" if j.path is None else f"{j.path:.4f}"
        against = [f"{ratio:.2f} × | {who or 'none'}" for ratio, who in zip(j.ratios, stated, strict=True)]
        lines.append(f"| {j.sampler} | {j.steps:,} | {j.calls:,} | {' | '.join(against)} | {path} |")
    return "\n".join(lines)


def draw_figure(found: list[Judged], chance: float, path: Path) -> None:
    """Mean distance over floor against the calls of the network; filled where no judge shows the set."""
    colors = dict(zip(MADE, (MODEL, *BASELINES), strict=False))
    with hand():
        figure = sheet(3.4, 8.2)
        figure.patch.set_alpha(1.0)
        titles = ("against 1,000 ancestral steps of the same model", "against unseen galaxies")
        for place, (axes, title) in enumerate(zip(figure.subplots(1, 2), titles, strict=True)):
            axes.axhspan(0.4, chance, color="#9aa3ad", alpha=0.35, lw=0)
            axes.axhline(1.0, color="#3b4148", lw=0.8)
            handles = []
            for name, mark in zip(MADE, "osD^", strict=True):
                here = [j for j in found if j.sampler == name]
                x, y = [j.calls for j in here], [j.ratios[place] for j in here]
                handles += axes.plot(x, y, "-", color=colors[name], marker=mark, ms=5, mfc="white")
                clean = [(j.calls, j.ratios[place]) for j in here if not j.stated[place]]
                axes.plot(*zip(*clean, strict=True) if clean else ([], []), mark, color=colors[name], ms=5)
            axes.set(xlabel="calls of the network for a draw", title=title)
            axes.set_ylabel("distance over the noise floor,\nmean of the judges")
            axes.margins(x=0.06)
            logarithmic(axes, "x")
            axes.set_ylim(0.4, 1.3 * max(chance, *(j.ratios[place] for j in found)))
            logarithmic(axes, "y")
        legend(figure, handles, list(MADE))
        figure.savefig(path, dpi=110)


def main() -> None:
    if len(sys.argv) < 2:
        print("name a run of galaxies_by_diffusion: python benchmarks/steps.py RUN")
        return
    found, chance, words = judged(sys.argv[1], set(sys.argv[2:]))
    if not found:
        return
    print(table(found), "", *words, f"chance alone: up to {chance:.2f} × for one judge (95 %)", sep="\n")
    draw_figure(found, chance, DOCS / "steps_against_quality.png")


if __name__ == "__main__":
    main()
