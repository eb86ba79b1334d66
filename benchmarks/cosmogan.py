"""cosmoGAN's table again: how many Fourier bins and Minkowski thresholds pass, of generators and of what costs nothing.

Maps of the N-body planes; truth is sky that no training has seen. The power of single maps in each Fourier bin (one for
each mode: 16 at 32 pixels) and the three Minkowski functionals at 19 thresholds from -1.9 to 1.7 spreads are held
against truth's, bin by bin, by two-sample Kolmogorov-Smirnov tests, as in the paper; a bin passes where p > 0.05. The
paper's p-values are not repeated here. Beside it stand the same counts of truth against truth: true regions of sky, one
map each, are dealt to both sides 200 times. The last two columns are what no test of single bins can see: how much the
power of single maps varies (mean of the bins' spreads over truth's), and how its bins go together (mean correlation of
two bins).

`python benchmarks/cosmogan.py` trains what is not there yet (three seeds of two generators, five minutes each on a
core), and keeps runs and table under build/cosmogan; killed, it goes on where it stood. `--runs DIR` looks for runs
there too.

References:
    CosmoGAN: creating high-fidelity weak lensing convergence maps using generative adversarial networks
    (Mustafa et al., 2019), arXiv:1706.02390
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from simulacra.core.samples import Samples
from simulacra.core.shelf import check_settings, shelf
from simulacra.judging.base import one_of_each_group
from simulacra.keeping.trained import load
from simulacra.runs import Run, every
from simulacra.statistics.sky.minkowski_functionals import MinkowskiFunctionals
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.subjects.lensing import Sky, sky

Array = NDArray[Any]
Row = Mapping[str, float]
ROOT = Path(__file__).parent.parent
OUT = ROOT / "build" / "cosmogan"
STUDIES = {"DCGAN": "lensing_by_gan", "WGAN-GP": "lensing_by_wgan_gp"}
LEVEL = 0.05
REPEATS = 200  # of truth against truth
DRAWS = 20  # sets drawn of each generator and baseline, whose counts are averaged
COLUMNS = ("Fourier", "V0", "V1", "V2", "spread", "correlation")


@dataclass(frozen=True)
class Rows:
    """What is held against truth's: a row a map.

    Args:
        bins: by column of the table, (n, bins).
    """

    bins: Mapping[str, Array]

    @classmethod
    def of(cls, x: Samples, box: float) -> Rows:
        """The power at each mode and the three functionals of maps."""
        power = PowerSpectrum(box, rings=x.array.shape[1] // 2, length="rad")(x)
        functionals = np.split(MinkowskiFunctionals()(x), 3, axis=1)
        return cls({"Fourier": power, **{f"V{v}": f for v, f in enumerate(functionals)}})

    def take(self, at: Array) -> Rows:
        """Some of the maps."""
        return Rows({name: x[at] for name, x in self.bins.items()})

    @property
    def sizes(self) -> dict[str, int]:
        """How many bins there are in each column."""
        return {name: x.shape[1] for name, x in self.bins.items()}


def passing(a: Array, b: Array, level: float = LEVEL) -> int:
    """In how many columns a two-sample Kolmogorov-Smirnov test does not distinguish the rows of a from those of b."""
    p = [stats.ks_2samp(a[:, j], b[:, j], method="exact").pvalue for j in range(a.shape[1])]
    return int((np.array(p) > level).sum())


def measured(made: Rows, truth: Rows) -> dict[str, float]:
    """A row of the table: bins that pass, the spread of power over truth's, and the mean correlation of two bins."""
    found = {name: float(passing(made.bins[name], truth.bins[name])) for name in truth.bins}
    found["spread"] = float((made.bins["Fourier"].std(axis=0) / truth.bins["Fourier"].std(axis=0)).mean())
    return found | {"correlation": together(made.bins["Fourier"])}


def together(power: Array) -> float:
    """The mean correlation of two bins."""
    matrix = np.corrcoef(power.T)
    return float(matrix[np.triu_indices(len(matrix), 1)].mean())


def floor(true: Rows, groups: Array, sizes: tuple[int, int], rng: np.random.Generator, repeats: int) -> list[Any]:
    """Rows of the table for truth against truth: groups are dealt to both sides, one map of each.

    Args:
        true: all true maps.
        groups: the group of each.
        sizes: groups on the side that stands for a model, and on truth's.
        rng: chance.
        repeats: how often they are dealt.
    """
    names, owner = np.unique(groups, return_inverse=True)
    found = []
    for _ in range(repeats):
        order = rng.permutation(len(owner))
        one = order[np.unique(owner[order], return_index=True)[1]]  # a map of each group, at random
        dealt = one[rng.permutation(len(names))]
        found.append(measured(true.take(dealt[: sizes[0]]), true.take(dealt[sizes[0] : sum(sizes)])))
    return found


def trained(name: str, seed: int, size: int, where: Sequence[Path], ready: bool) -> Run | None:
    """The run of a study at its defaults with this seed: found, resumed, or made (None if `ready`)."""
    settings = check_settings(shelf("studies").entry(name), {}) | {"size": size}
    wanted = {key: value for key, value in settings.items() if key != "source"}
    for root in where:
        for run in every(root) if root.is_dir() else []:
            record = run.record
            had = {k: v for k, v in record["settings"].items() if k != "source"}
            same = record["study"] == name and record["seed"] == seed and had == wanted
            if same and record["source"].startswith("LensingPlanes"):
                if run.state == "done":
                    return run
                if not ready:
                    return Run(command("resume", str(run.folder), "--json")["run"])
    if ready:
        return None
    options = ["--source", "planes", "--size", str(size), "--seed", str(seed), "--out", str(OUT / "runs"), "--json"]
    return Run(command("run", name, *options)["run"])


def command(*words: str) -> dict[str, Any]:
    """A command of simulacra, as a user gives it."""
    print("simulacra", *words, "…", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "simulacra", *words], stdout=subprocess.PIPE, text=True, check=False, env={**os.environ}
    )
    stated: dict[str, Any] = json.loads(done.stdout)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {stated['error']}")
    return stated


def averaged(rows: Sequence[Row]) -> dict[str, float]:
    """The mean of some rows of the table."""
    return {name: float(np.mean([row[name] for row in rows])) for name in COLUMNS}


def spoken(verdicts: Mapping[str, Any]) -> str:
    """Our verdicts in short, without the judge of copies."""
    counted = Counter(v.word for name, v in verdicts.items() if name != "copies")
    return ", ".join(f"{n} {word if word != 'differs' else 'differ'}" for word, n in sorted(counted.items()))


def text(rows: Mapping[str, Row], words: Mapping[str, str], low: Row, high: Row, sizes: Mapping[str, int]) -> str:
    """The table in Markdown; a number outside the band of truth against truth wears a star."""
    head = [f"{name} (of {sizes[name]})" if name in sizes else name for name in COLUMNS]
    lines = ["| maps | " + " | ".join(head) + " | our verdicts |", "|" + "---|" * (len(COLUMNS) + 2)]
    for who, row in rows.items():
        cells = [f"{row[c]:.1f}" if c in sizes else f"{row[c]:.2f}" for c in COLUMNS]
        stars = ["*" if row[c] < low[c] or (c not in sizes and row[c] > high[c]) else "" for c in COLUMNS]
        body = " | ".join(cell + star for cell, star in zip(cells, stars, strict=True))
        lines.append(f"| {who} | {body} | {words.get(who, '')} |")
    band = " | ".join(
        f"{low[c]:.2f} to {high[c]:.2f}" if c not in sizes else f"{low[c]:.0f} to {high[c]:.0f}" for c in COLUMNS
    )
    lines.insert(3, f"| truth, 90 % of deals | {band} | |")
    return "\n".join(lines)


def judged(rows: Mapping[str, Row], low: Row) -> list[str]:
    """A sentence for each generator: whether it is any better than the lognormal field, column by column."""
    stated = []
    for who in STUDIES:
        own = [row for name, row in rows.items() if name.startswith(who)]
        if not own:
            continue
        better = [c for c in COLUMNS[:4] if min(r[c] for r in own) > rows["lognormal field"][c] + 0.5]
        worse = [c for c in COLUMNS[:4] if max(r[c] for r in own) < rows["lognormal field"][c] - 0.5]
        level = [c for c in COLUMNS[:4] if c not in better and c not in worse]
        passed = sum(all(r[c] >= low[c] for c in COLUMNS[:4]) for r in own)
        seeds = f"{len(own)} seed{'s' if len(own) > 1 else ''}"
        stated.append(
            f"{who}, {seeds}: more bins pass than of the lognormal field in {', '.join(better) or 'none'}; "
            f"fewer in {', '.join(worse) or 'none'}; no better, or by a seed's luck, in {', '.join(level) or 'none'}. "
            f"As many as of truth in all four columns for {passed} of them."
        )
    return stated


def main(words: Sequence[str]) -> None:
    """Train what is missing, count, print and keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--ready", action="store_true", help="train nothing, count what there is")
    parser.add_argument("--runs", type=Path, nargs="*", default=[ROOT / "runs"], help="folders with runs to be used")
    asked = parser.parse_args(words)
    runs = {}
    for seed in asked.seeds:
        for label, name in STUDIES.items():
            run = trained(name, seed, asked.size, [OUT / "runs", *asked.runs], asked.ready)
            if run is not None:
                runs[f"{label}, seed {seed}"] = run
    runs = {label: runs[label] for label in sorted(runs)}
    setting = check_settings(shelf("studies").entry("lensing_by_gan"), {})
    place = sky("planes", asked.size, setting["redshift"], setting["maps"])
    table = counted(place, runs)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "table.md").write_text(table + "\n", encoding="utf-8")
    print(table)


def counted(place: Sky, runs: Mapping[str, Run]) -> str:
    """The table and what follows from it."""
    whole = place.source.read()  # type: ignore[union-attr]
    parts = place.split.share_out(whole)
    rng = np.random.default_rng(77)
    groups = {name: len(np.unique(part.group)) for name, part in parts.items()}
    sizes = (groups["train"] + groups["validation"], groups["truth"])
    deals = floor(Rows.of(whole, place.box), whole.group, sizes, rng, REPEATS)
    low, high = ({c: float(np.quantile([d[c] for d in deals], q)) for c in COLUMNS} for q in (0.05, 0.95))
    rows = {"truth": averaged(deals)}
    true = Rows.of(parts["truth"], place.box)
    owner = parts["truth"].group

    def against(draw: Samples) -> dict[str, float]:
        found = []
        made = Rows.of(draw, place.box)
        for i in range(DRAWS):
            names = Samples.of(np.arange(len(owner)), "vector", group=owner)
            at = one_of_each_group(names, np.random.default_rng([78, i])).array
            found.append(measured(made.take(np.arange(i * sizes[0], (i + 1) * sizes[0])), true.take(at)))
        return averaged(found)

    said: dict[str, str] = {}
    names = {"same spectrum": "Gaussian field", "lognormal": "lognormal field"}
    for name, called in names.items():
        law = place.baselines[name](parts["train"])
        rows[called] = against(law.draw(DRAWS * sizes[0], np.random.default_rng([79, len(rows)])))
        for run in list(runs.values())[:1]:
            said[called] = spoken(run.all_verdicts.get(name, {}))
    for called, run in runs.items():
        rows[called] = against(load(run).draw(DRAWS * sizes[0], np.random.default_rng([80, len(rows)])))
        said[called] = spoken(run.verdicts)
    about = (
        f"{place.source!r}: {sizes[1]} unseen regions of sky against {sizes[0]} maps; a bin passes where a two-sample "
        f"Kolmogorov-Smirnov test gives p > {LEVEL}. Means over {DRAWS} sets of draws; truth: {REPEATS} deals of "
        f"{len(np.unique(whole.group))} regions. A star: fewer than in 95 % of the deals (for spread and correlation: "
        f"outside 90 % of them)."
    )
    kept = [f"{called}: {run.name}" for called, run in runs.items()]
    return "\n\n".join([about, text(rows, said, low, high, true.sizes), "\n".join(judged(rows, low)), "\n".join(kept)])


if __name__ == "__main__":
    main(sys.argv[1:])
