"""Which adversarial models lose galaxies: coverage beside truth's own, alarms and verdicts, by model and seed.

The studies galaxies_by_gan, _acgan, _wgan_gp and _wgan_div at their defaults. A finished run of `simulacra run` in the
folder is taken as it is; of the others the training is done here and only what the table shows is judged (no reach, no
baselines, no controls). Each row is kept as soon as it is there, so that the work may be cut off and taken up again:
`python benchmarks/collapse.py --out runs`, about three minutes a row on one core. Rows are those of the file
collapse.jsonl in that folder; delete it to begin anew.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from simulacra.comparison.reach import Reach
from simulacra.core.samples import Samples
from simulacra.core.shelf import check_settings, shelf
from simulacra.exhibits.seen_classes import see_classes
from simulacra.judging.examine import examine
from simulacra.judging.sets import SetFinding
from simulacra.running.study import Study
from simulacra.runs import Run, every
from simulacra.training.loop import train

MODELS = ("gan", "acgan", "wgan_gp", "wgan_div")
SEEDS = (1, 2, 3)
HEAD = (
    "model",
    "seed",
    "coverage",
    "truth's",
    "p",
    "told by",
    "least spread",
    "alarms",
    "class p",
    "agrees",
    "seconds",
)


def finished(name: str, seed: int, root: Path) -> Run | None:
    """The newest finished run of a study at its defaults."""
    wanted = check_settings(shelf("studies").entry(name), {})
    found = [
        run
        for run in every(root)
        if run.record["study"] == name
        and (run.record["seed"], run.state) == (seed, "done")
        and {**wanted, **run.record["settings"]} == wanted  # a setting that came later had its default's meaning
    ]
    return found[-1] if found else None


def row_of(run: Run) -> dict[str, Any]:
    """What the table says about a whole run."""
    seen, verdicts = run.judges["coverage"], {k: v for k, v in run.verdicts.items() if k != "copies"}
    stated = [name for name, verdict in verdicts.items() if verdict.p <= 0.05]
    return {
        "coverage": float(seen["number.model"]),
        "floor": float(seen["number.truth"]),
        "p": verdicts["coverage"].p,
        "told": stated,
        "of": len(verdicts),
        **of_training(run),
        **of_classes(run.record.get("classes")),
        "seconds": run.record["cost"]["train"],
        "run": run.name,
    }


def of_training(run: Run) -> dict[str, Any]:
    """The least spread after the first fifth of the training, and the alarms."""
    last = max(row["step"] for row in run.metrics)
    looks = [(row["step"], (row.get("look") or row.get("glance") or {}).get("spread")) for row in run.metrics]
    spreads = [spread for step, spread in looks if spread is not None and step > 0.2 * last]
    return {"spread": min(spreads), "alarms": [f"{a['name']} at {a['step']}" for a in run.record["alarms"]]}


def of_classes(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Whether the classes are drawn in truth's shares, and as they were asked for."""
    model = (found or {}).get("sets", {}).get("model", {})
    return {"class p": model.get("p"), "agreement": model.get("agreement"), "score": (found or {}).get("score")}


def trained(name: str, seed: int, root: Path) -> dict[str, Any]:
    """The same row, without a whole run."""
    torch.manual_seed(seed)
    study = shelf("studies").load(name)()
    assert isinstance(study, Study)
    run = Run.create(root / "collapse", name, {}, seed, study.describe())
    parts = study.parts(seed)
    view = study.view.fit(parts["train"])
    drawer = study.prepare(view, parts, run)
    drawer.save(run)
    look, glance = study.look(drawer, parts, seed)
    began = time.monotonic()
    data = [view.forward(parts[part]) for part in ("train", "validation")]
    train(study.model, *data, study.budget, seed, run, look, glance=glance)
    seconds = time.monotonic() - began
    model = drawer.draw(
        len(parts["truth"]),
        np.random.default_rng([seed, 13]),
        parts["truth"].given if study.model.conditions else None,
    )
    sides = [x if study.model.conditions else x.but(given={}) for x in (model, *parts.values())]
    own = dict(zip(("model", *parts), sides, strict=True))
    pool = Samples.join([own[part] for part in ("truth", "validation", "train")])
    unasked = {judge: Reach(None, {}, len(model), len(model)) for judge in study.judges}
    found = examine(study.judges, own["model"], own["truth"], pool, seed, unasked, own["train"])
    covered = found["coverage"]
    assert isinstance(covered, SetFinding)
    run.close("done")
    return {
        "coverage": covered.observed,
        "floor": covered.floor,
        "p": covered.verdict.p,
        "told": [judge for judge, finding in found.items() if finding.verdict.p <= 0.05],
        "of": len(found),
        **of_training(run),
        **of_classes(see_classes(parts, {"model": model})),
        "seconds": seconds,
        "run": run.name,
    }


def line(row: Mapping[str, Any]) -> str:
    """A row of the table."""
    agrees = "–" if row["agreement"] is None else f"{100 * (row['agreement'] - row['score']):+.1f} points"
    cells = (
        *(row["model"], str(row["seed"]), f"{row['coverage']:.3f}", f"{row['floor']:.3f}", f"{row['p']:.3f}"),
        *(f"{len(row['told'])} of {row['of']}", f"{row['spread']:.2f}", ", ".join(row["alarms"]) or "none"),
        *(f"{row['class p']:.2g}", agrees, f"{row['seconds']:.0f}"),
    )
    return f"| {' | '.join(cells)} |"


def compared(rows: list[dict[str, Any]]) -> list[str]:
    """The mean coverage of each model over the seeds, and by how much it is above the plain GAN's, seed by seed."""
    by = {(row["model"], row["seed"]): row["coverage"] for row in rows}
    text = []
    for model in MODELS:
        seeds = [seed for name, seed in by if name == model]
        if not seeds:
            continue
        own = np.array([by[model, seed] for seed in seeds])
        gain = [f"{by[model, seed] - by['gan', seed]:+.3f}" for seed in seeds if ("gan", seed) in by]
        beside = "" if model == "gan" or not gain else f"; above the plain GAN by {', '.join(gain)}"
        text.append(f"{model}: coverage {own.mean():.3f} (seeds {own.min():.3f} to {own.max():.3f}){beside}")
    return text


def main() -> None:
    """All rows that are missing, then the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(SEEDS))
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where runs lie (default: runs)")
    asked = parser.parse_args()
    file = asked.out / "collapse.jsonl"
    rows = [json.loads(text) for text in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    known = {(row["model"], row["seed"]) for row in rows}
    for seed in asked.seeds:
        for model in asked.models:
            if (model, seed) in known:
                continue
            name = f"galaxies_by_{model}"
            whole = finished(name, seed, asked.out)
            row = {"model": model, "seed": seed, **(row_of(whole) if whole else trained(name, seed, asked.out))}
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(row) + "\n")
            rows.append(row)
            print(line(row), flush=True)
    order = sorted(rows, key=lambda row: (MODELS.index(row["model"]), row["seed"]))
    table = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD), *map(line, order)]
    print("", *table, "", *compared(rows), sep="\n")


if __name__ == "__main__":
    main()
