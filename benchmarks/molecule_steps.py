"""Few steps: stability of molecules against the number of steps, for each sampler, on the same weights.

    python benchmarks/molecule_steps.py RUN      a run's name or folder, or a shipped model

Draws are kept in --folder, set by set, so that it can be stopped and called again. A sampler is *as good* as a thousand
ancestral steps where the 95 % intervals of the differences in stable atoms, stable molecules and valid molecules all
contain 0; with few molecules that is easily said, so the intervals are printed. The fastest such sampler is chosen on
the first seed, and then drawn anew, beside new ancestral draws, on the second: that is the figure to report. A model of
any noise schedule can be walked along straight lines too (Euler), since what it expects depends on noise over signal.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz, write_npz
from simulacra.core.samples import Array
from simulacra.diffusion.noise import Flow, Noise
from simulacra.domains.molecules import molecule_graphs, stability
from simulacra.keeping.trained import Trained, load
from simulacra.models.edm import EDM
from simulacra.samplers.base import Denoise, Sampler, Watch, Way
from simulacra.samplers.ddim import DDIM
from simulacra.samplers.ddpm import DDPM
from simulacra.samplers.dpm_solver import DPMSolver
from simulacra.samplers.euler import Euler
from simulacra.samplers.heun import Heun

MEASURES = ("atoms", "molecules", "valid")
WIDE = 1.96  # standard errors to either side of a 95 % interval


class Straight(Sampler):
    """Euler's rule along the straight lines of a flow, with a model that was trained on another schedule."""

    order: ClassVar[int] = 1

    def walk(self, denoise: Denoise, noise: Noise, x: Tensor, watch: Watch | None = None) -> Tensor:
        """From noise to data."""
        flow = Flow()

        def expected(x: Tensor, s: Tensor) -> Tensor:
            t = noise.when(flow.sigma(s) / flow.alpha(s))
            return denoise((noise.sigma(t) / flow.sigma(s)).to(x) * x, t)

        return Euler(self.steps).walk(expected, flow, x, watch)

    def step(self, way: Way, x: Tensor, i: int) -> Tensor:
        """None of its own: the steps are Euler's."""
        raise AssertionError("walk() takes Euler's steps")


WALKS: dict[str, tuple[Callable[[int], Sampler], tuple[int, ...]]] = {
    "DDPM": (DDPM, (20, 50, 100)),
    "DDIM": (DDIM, (20, 50, 100)),
    "DPM-Solver++ 2M": (DPMSolver, (10, 20, 50)),
    "Heun": (Heun, (10, 25)),
    "Euler": (Straight, (20, 50, 100)),
}


@dataclass(frozen=True)
class Set:
    """Molecules of one sampler.

    Args:
        name: of the sampler.
        steps: of its walk.
        calls: of the network.
        speed: molecules a second of the processor.
        shares: of each measure.
        errors: their standard errors; of atoms over molecules, whose atoms depend on each other.
    """

    name: str
    steps: int
    calls: int
    speed: float
    shares: Array
    errors: Array


def drawn(trained: Trained, name: str, sampler: Sampler, n: int, seed: int, folder: Path) -> Set:
    """n molecules, from the folder if they are there."""
    path = folder / f"{name.split()[0].lower()}-{sampler.steps}-{n}-{seed}.npz"
    if not path.exists():
        assert isinstance(trained.model, EDM)
        trained.model.sampler = sampler
        began = time.process_time()
        x = trained.draw(n, np.random.default_rng(seed)).array
        write_npz(path, {"x": x, "seconds": np.array(time.process_time() - began)})
    stated = read_npz(path)
    x = stated["x"]
    found, valid = stability.by_distance(x), molecule_graphs.graphs(x).valid.astype(float)
    shares = np.array([found.of_atoms, found.of_molecules, valid.mean()])
    spread = np.array([found.shares.std(), (shares[1] * (1 - shares[1])) ** 0.5, valid.std()])
    calls = sampler.steps * sampler.calls - (sampler.calls - 1)  # Heun's last step has no end to look at
    return Set(name, sampler.steps, calls, len(x) / float(stated["seconds"]), shares, spread / len(x) ** 0.5)


def apart(one: Set, other: Set) -> list[tuple[float, float]]:
    """95 % intervals of the differences, by measure."""
    difference, error = one.shares - other.shares, np.hypot(one.errors, other.errors)
    return [(float(d - WIDE * e), float(d + WIDE * e)) for d, e in zip(difference, error, strict=True)]


def alike(one: Set, other: Set) -> bool:
    """Whether no interval is without 0."""
    return all(low <= 0 <= high for low, high in apart(one, other))


def line(some: Set, other: Set) -> str:
    """A row of the table."""
    cells = " | ".join(f"{100 * s:.1f} ± {100 * e:.1f}" for s, e in zip(some.shares, some.errors, strict=True))
    ends = "; ".join(f"{100 * low:+.1f} to {100 * high:+.1f}" for low, high in apart(some, other))
    times = f"{some.speed:.2f} ({some.speed / other.speed:.1f} ×)"
    return f"| {some.name} | {some.steps} | {some.calls} | {times} | {cells} | {ends if some is not other else ''} |"


def main() -> None:
    """The table, the choice, and the figure to report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("-n", type=int, default=500)
    parser.add_argument("--seeds", type=int, nargs=2, default=(1, 2), help="to choose on, and to report on")
    parser.add_argument("--reference", type=int, default=1000, help="ancestral steps that are the measure")
    parser.add_argument("--steps", type=int, default=0, help="of every sampler, instead of the table's (for a trial)")
    parser.add_argument("--folder", type=Path, default=Path("runs/molecule-steps"))
    asked = parser.parse_args()
    trained = load(asked.run)
    if not isinstance(trained.model, EDM):
        raise BadInput("this benchmark draws molecules", f"{asked.run}: {type(trained.model).__name__}", "name another")
    asked.folder.mkdir(parents=True, exist_ok=True)
    choose, report = asked.seeds
    reference = drawn(trained, "DDPM", DDPM(asked.reference), asked.n, choose, asked.folder)
    print("| sampler | steps | calls | molecules a second | atoms % | molecules % | valid % | apart, 95 % (points) |")
    print("|---|---|---|---|---|---|---|---|")
    print(line(reference, reference), flush=True)
    sets: list[tuple[Set, Sampler]] = []
    for name, (make, counts) in WALKS.items():
        for steps in (asked.steps,) if asked.steps else counts:
            sampler = make(steps)
            sets.append((drawn(trained, name, sampler, asked.n, choose, asked.folder), sampler))
            print(line(sets[-1][0], reference), flush=True)
    good = [(some, sampler) for some, sampler in sets if alike(some, reference)]
    if not good:
        print("\nno sampler is as good as the ancestral steps")
        return
    best, sampler = max(good, key=lambda pair: pair[0].speed)
    print(f"\nchosen on seed {choose}: {best.name} of {best.steps} steps; on seed {report}, drawn anew:")
    again = drawn(trained, "DDPM", DDPM(asked.reference), asked.n, report, asked.folder)
    few = drawn(trained, best.name, sampler, asked.n, report, asked.folder)
    print(line(again, again))
    print(line(few, again))
    stated = {"sampler": best.name, "steps": best.steps, "times": few.speed / again.speed, "alike": alike(few, again)}
    print(json.dumps({**stated, "apart": dict(zip(MEASURES, apart(few, again), strict=True))}))


if __name__ == "__main__":
    main()
