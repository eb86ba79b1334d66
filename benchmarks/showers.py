"""Showers: how true against how fast, of the simulator, both models and what costs nothing, in one run.

`python benchmarks/showers.py RUN RUN [--showers N] [--out FILE]` takes finished runs of calorimeter_by_gan and
calorimeter_by_cascade. Of every source N showers (20,000 by default) stand before both fixed classifiers of
`further/shower_classifiers.py` against as many true ones; truth stands there too, as the floor, and so do defects that
are planted, as the classifiers' power. Then each source is timed on one core, for batches of 1 and of 100, and the
models on other numbers of cells, untrained. Lines are written as they are known; a later call goes on where it stood.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from simulacra.baselines.mean_shower import mean_shower
from simulacra.baselines.nearest_shower import nearest_shower
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.exhibits.shower_classifiers import DEFECTS, PART, Looked, drawn, given_of, simulated, table
from simulacra.keeping.trained import Trained, load
from simulacra.running.study import Study
from simulacra.runs import find
from simulacra.sources.showers.calorimeter_shower import CalorimeterShower

ROOT = Path(__file__).parent.parent
OUT = ROOT / "build" / "showers" / "table.json"
SEED = 9
CELLS = ((9, 9), (17, 17), (25, 25), (33, 33))  # layers and cells along a side


def timed(draw: Callable[[int], Any], n: int, seconds: float = 6.0) -> float:
    """Milliseconds of the processor a shower in batches of n, the median of as many as fit into so many seconds.

    Not of the clock: other work on the machine does not count.
    """
    draw(min(n, 4))
    took: list[float] = []
    began = time.perf_counter()
    while len(took) < 3 or (time.perf_counter() - began < seconds and len(took) < 50):
        start = time.process_time()
        draw(n)
        took.append(1000 * (time.process_time() - start) / n)
    return float(np.median(took))


def of_baseline(baseline: Callable[[Samples], Any], train: Samples, n: int) -> Looked:
    """Showers of a baseline, a part at a time."""
    source = baseline(train)
    return Looked.join(
        [Looked.at(source.draw(min(PART, n - i), np.random.default_rng([SEED, i]))) for i in range(0, n, PART)]
    )


def tell(known: dict[str, Any], keep: Callable[[], None], models: dict[str, Trained], n: int, seconds: float) -> None:
    """Areas and distances of everything that is not known yet; nothing new is begun after so many seconds."""
    began = time.perf_counter()
    source = CalorimeterShower()
    wanted = ["cascade", "truth", *DEFECTS, "gan", "nearest in energy", "mean shower"]
    wanted = [name for name in wanted if name in models or name not in ("cascade", "gan")]
    if all(name in known for name in wanted):
        return
    true = simulated(source, n, [SEED, 0])
    given = given_of(source, n, [SEED, 1])
    for name in wanted:
        if name in known or time.perf_counter() - began > seconds:
            continue
        start = time.perf_counter()
        if name in models:
            some = drawn(models[name], given, [SEED, 2])
        elif name in ("mean shower", "nearest in energy"):
            train = source.draw(6000, np.random.default_rng([SEED, 4]))
            some = of_baseline(mean_shower if name == "mean shower" else nearest_shower, train, n)
        else:
            layer, gain = DEFECTS.get(name, (None, 1.0))
            some = simulated(source, n, [SEED, 3], layer, gain)
        known[name] = table(some, true, SEED)
        print(f"{name}: {[round(v, 4) for v in known[name]]}, {time.perf_counter() - start:.0f} s", flush=True)
        keep()


def speed(known: dict[str, Any], keep: Callable[[], None], models: dict[str, Trained]) -> None:
    """Milliseconds a shower, one thread: the simulator and the models, in batches of 1 and 100, and at other sizes."""
    source = CalorimeterShower()
    rng = np.random.default_rng(SEED)
    draws: dict[str, Callable[[int], Any]] = {"simulator": lambda n: source.draw(n, rng)}
    draws |= {name: lambda n, one=one: one.draw(n, rng) for name, one in models.items()}
    for name, draw in draws.items():
        for n in (1, 100):
            known[f"{name}, batch {n}"] = timed(draw, n)
            print(f"{name}, batch {n}: {known[f'{name}, batch {n}']:.3f} ms a shower", flush=True)
    for layers, size in CELLS:
        made = CalorimeterShower(layers=layers, size=size)
        known[f"simulator, {layers * size**2} cells"] = timed(lambda n, made=made: made.draw(n, rng), 100, 2.0)
        for name in ("gan", "cascade"):
            study = shelf("studies").load(f"calorimeter_by_{name}")(cells=size, layers=layers)
            assert isinstance(study, Study)
            train = made.draw(200, rng)
            view = study.view.fit(train)
            study.model.count(view.forward(train))  # type: ignore[attr-defined]
            whole = Trained(study.model.eval(), view, {"energy": tuple(train.given["energy"].tolist())})
            known[f"{name}, {layers * size**2} cells"] = timed(lambda n, whole=whole: whole.draw(n, rng), 100, 2.0)
        keep()
    known["memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    known["cores"], known["threads"] = os.cpu_count(), torch.get_num_threads()
    keep()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("runs", nargs="+", help="finished runs of the two studies")
    parser.add_argument("--showers", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=60.0, help="after which no further set is begun")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    models = {str(find(run).record["study"]).removeprefix("calorimeter_by_"): load(find(run)) for run in asked.runs}
    kept: dict[str, Any] = json.loads(asked.out.read_text()) if asked.out.exists() else {"told": {}, "speed": {}}

    def keep() -> None:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(json.dumps(kept, indent=1))

    tell(kept["told"], keep, models, asked.showers, 60 * asked.minutes)
    if not kept["speed"] and len(models) == 2:
        speed(kept["speed"], keep, models)
    print("| showers against truth | area by features | area by cells | Fréchet | kernel | ms a shower, one core |")
    print("|---|---|---|---|---|---|")
    for name, (a, b, c, d, e, f, far, near) in kept["told"].items():
        took = kept["speed"].get(f"{'simulator' if name == 'truth' else name}, batch 100")
        cost = "–" if took is None else f"{took:.2f}"
        areas = f"{a:.3f} ({b:.3f} to {c:.3f}) | {d:.3f} ({e:.3f} to {f:.3f})"
        print(f"| {name} | {areas} | {far:.3g} | {near:.2g} | {cost} |")
    print("A GPU: not measured, none at hand.")


if __name__ == "__main__":
    main()
