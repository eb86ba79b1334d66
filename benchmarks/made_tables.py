"""Made tables over several divisions, means with intervals: `python benchmarks/made_tables.py [DIVISIONS] [STEPS]`.

The table of breast masses is divided anew each time (5 : 1 : 4). Per set: the area of a forest that distinguishes it
from truth, the share of records nearer to training, the attacker's area, and the area of a logistic regression that
learned from it. Where SDMetrics is installed, its quality score stands beside. With STEPS above 0 the diffusion model
that begins as the copula takes part.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from secrets import randbits

import numpy as np
import torch
from jaxtyping import Float

from simulacra.baselines.copycat import copycat
from simulacra.baselines.smote import smote
from simulacra.core.chance import stream
from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.privacy_budget import PrivacyBudget
from simulacra.domains.tables.private_copula import learn
from simulacra.exhibits.table_privacy import privacy
from simulacra.exhibits.table_usefulness import distinguished, usefulness
from simulacra.imputing.contest import interval
from simulacra.models.latent_normal import LatentNormal
from simulacra.running.split import Split
from simulacra.runs import Run
from simulacra.sources.tables.wisconsin_diagnostic import WisconsinDiagnostic
from simulacra.studies.tables.tables_by_diffusion import study as by_diffusion
from simulacra.training.loop import train as trained
from simulacra.views.scores import Scores

TARGET = "diagnosis"


def made(parts: Mapping[str, Samples], seed: int, steps: int) -> dict[str, Samples]:
    """The sets, each as large as truth."""
    train, n = parts["train"], len(parts["truth"])
    view = Scores(TARGET).fit(train)
    model = LatentNormal(view.forward(train).x.shape[1] - 1, 2)
    model.count(view.forward(train))
    torch.manual_seed(seed)
    sets = {"copula": view.inverse(model.sample(n))}
    if steps:
        study = by_diffusion(steps=steps)
        study.model.count(view.forward(train))
        with tempfile.TemporaryDirectory() as folder:
            batches = (view.forward(train), view.forward(parts["validation"]))
            trained(study.model, *batches, study.budget, seed, Run.create(folder, "diffusion", {}, seed))
        sets["diffusion"] = view.inverse(study.model.eval().sample(n))
    for epsilon in (1.0, 4.0, 10.0):
        rng = np.random.default_rng(randbits(256))
        law = learn(train.array, columns_of(train), PrivacyBudget(epsilon, 1e-5), rng)
        sets[f"private, ε = {epsilon:g}"] = Samples.of(law.draw(n, rng), "table", columns=train.columns)
    rng = stream(seed, "baseline")
    return sets | {"SMOTE": smote(train, TARGET).draw(n, rng), "copycat": copycat(train).draw(n, rng)}


def quality(x: Samples, truth: Samples) -> float | None:
    """SDMetrics' score of shapes and pairs, from 0 to 1; None where the package is missing."""
    try:
        import pandas
        from sdmetrics.reports.single_table import QualityReport
    except ImportError:
        return None
    frames = [pandas.DataFrame(one.array, columns=[c.name for c in one.columns]) for one in (truth, x)]
    kinds = {c.name: {"sdtype": "categorical" if c.levels else "numerical"} for c in truth.columns}
    report = QualityReport()
    report.generate(*frames, {"columns": kinds}, verbose=False)
    return float(report.get_score())


def main() -> None:
    divisions, steps = (int(w) for w in (*sys.argv[1:3], *("5", "0")[len(sys.argv) - 1 :]))
    table = WisconsinDiagnostic(diagnosis=True).read().but(given={}, given_unit={})
    rows: dict[str, dict[str, list[float]]] = {}
    for seed in range(divisions):
        order = np.random.default_rng(seed).permutation(len(table)).astype(str)
        parts = Split(50, 10, 40).share_out(table.but(id=order, group=order))
        sets = made(parts, seed, steps)
        held = Samples.join([parts["truth"], parts["validation"]])
        leaks = privacy(sets, parts["train"], held, seed)["sets"]
        seen = distinguished(sets, parts["train"], parts["truth"], seed)
        used = usefulness(sets, parts["train"], parts["truth"], TARGET, seed)["learners"]["linear"]
        for name, x in {"real": parts["train"], **sets}.items():
            row = rows.setdefault(name, {})
            row.setdefault("forest", []).append(seen[name]["value"])
            row.setdefault("logistic", []).append(used[name]["value"])
            if name in leaks:
                row.setdefault("closer", []).append(leaks[name]["closer"]["value"])
                row.setdefault("attack", []).append(leaks[name]["attack"]["value"])
                row.setdefault("rare k < 5", []).append(leaks[name]["few"]["made"] - leaks[name]["few"]["held"])
            score = quality(x, parts["truth"])
            if score is not None:
                row.setdefault("SDMetrics", []).append(score)
        print(f"division {seed} done", file=sys.stderr, flush=True)
    for name, row in rows.items():
        print(f"{name:18s}", *(f"{key} {_ends(values)}" for key, values in row.items()), sep="  ")


def _ends(values: list[float]) -> str:
    ends: Float[np.ndarray, " 3"] = np.array(interval(values))
    return f"{ends[0]:.3f} ({ends[1]:.3f} to {ends[2]:.3f})"


if __name__ == "__main__":
    main()
