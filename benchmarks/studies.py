"""Run every study at its defaults and write what came out: docs/studies.md, a picture, and lines for the log.

`python benchmarks/studies.py STUDY …` runs those named and keeps the others' rows; without a name it runs all. The
folder of a finished run at the defaults stands for its study, which is then not run again.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.files import plain
from simulacra.core.samples import Samples
from simulacra.core.shelf import check_settings, shelf
from simulacra.pictures.base import common, of
from simulacra.pictures.mosaic import arrange, png
from simulacra.reports.figures.conditional import figure
from simulacra.reports.finished import answer_of as say
from simulacra.runs import Run

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "docs" / "studies.md"
BEGIN, END = "<!-- studies: written by make studies -->", "<!-- end of studies -->"
SEED = "1"


def taken(folder: Path) -> tuple[str, dict[str, Any]]:
    """A finished run's study, and what the command line would have said of it."""
    run = Run(folder)
    name, record = str(run.record["study"]), run.record
    defaults = plain(check_settings(shelf("studies").entry(name), {}))
    if run.state != "done" or record["settings"] != defaults or str(record["seed"]) != SEED:
        raise SystemExit(f"{folder}: not a finished run of {name} at its defaults with seed {SEED}")
    return name, say(run, report=False)


def run(name: str) -> dict[str, Any]:
    """A study through the command line, as a user would."""
    print(f"{name} …", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "simulacra", "run", name, "--seed", SEED, "--out", str(ROOT / "runs"), "--json"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    stated: dict[str, Any] = json.loads(done.stdout)
    if done.returncode:
        raise SystemExit(f"{name}: {stated['error']}")
    return stated


def row(name: str, stated: dict[str, Any]) -> str:
    """study · question · verdict · minutes · machine."""
    question = shelf("studies").entry(name).question
    words = Counter(verdict["word"] for verdict in stated["verdicts"].values())
    verdict = ", ".join(f"{count} {word}" for word, count in words.items())
    worst = max(stated["verdicts"].values(), key=lambda v: v["ratio"])
    found = f"{verdict}; farthest: {worst['judge']}, {worst['ratio']:.3g} × the noise floor"
    run = Run(stated["run"])
    if (run.folder / "forecasts.npz").exists():  # a study of forecasts: skill first, as its report has it
        skill = stated["summary"][0].removeprefix(question).strip().rstrip(".")
        found = f"{skill}; of its law, {verdict}"
    minutes = stated["seconds"] / 60
    return f"| `{name}` | {question} | {found} | {minutes:.1f} | {run.record['machine']['cores']} cores, no GPU |"


def beside(run: Run, path: Path) -> None:
    """Truth beside the model at each temperature."""
    sets = {who: some for who, some in run.samples.items() if who in ("truth", "model")}
    figure(sets, "temperature", columns=6).savefig(path, dpi=90)


def way(run: Run, path: Path) -> None:
    """The frames from nothing known to a state, a row a draw."""
    shown = run.exhibit("chain")
    assert shown is not None
    frames, kind = shown["frames"], str(shown["kind"])
    scale = common([Samples.of(frames[-1], kind)])
    tiles = np.stack([of(kind).tiles(frame, scale) for frame in frames], axis=1)
    path.write_bytes(png(arrange(tiles.reshape(-1, *tiles.shape[2:]), len(frames), side=80)))


PICTURES = {"ising_by_gan": beside, "ising_by_diffusion": way}


def main(names: list[str]) -> None:
    """Run, then rewrite the table."""
    text = TABLE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    table, tail = rest.split(END)
    rows = {match[1]: match[0] for match in re.finditer(r"^\| `(\w+)` .*$", table, flags=re.M)}
    for asked in names or shelf("studies").names():
        name, stated = taken(Path(asked)) if Path(asked).is_dir() else (asked, run(asked))
        rows[name] = row(name, stated)
        print(*stated["summary"], f"run {stated['run']}, {stated['seconds'] / 60:.1f} minutes", sep="\n", flush=True)
        if name in PICTURES:
            PICTURES[name](Run(stated["run"]), ROOT / "docs" / f"{name}.png")
    header = "| study | question | verdict | minutes | machine |\n|---|---|---|---|---|"
    lines = "\n".join(rows[name] for name in sorted(rows))
    TABLE.write_text(f"{head}{BEGIN}\n{header}\n{lines}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
