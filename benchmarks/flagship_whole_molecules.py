"""The flagship of molecules that hold together: strings, then shapes, trained apart and in pieces that resume.

    python benchmarks/flagship_whole_molecules.py strings --minutes 12
    python benchmarks/flagship_whole_molecules.py shapes --minutes 60

Each training lasts so many minutes of the processor; its state is written every minute or so, and the same command goes
on from there. The rate falls along half a cosine of the time that is spent, so that any machine ends with a small one.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

from flagship_molecules import Plan, Training
from simulacra.core.samples import Samples
from simulacra.diffusion.bonded import TOKEN, atom_features, pair_features
from simulacra.models.base import Batch, Model
from simulacra.models.graph_sequence import GraphSequence
from simulacra.models.shape_flow import ShapeFlow
from simulacra.networks.shape_network import ShapeNetwork
from simulacra.networks.token_reader import TokenReader
from simulacra.running.split import Split
from simulacra.sources.molecules.qm9 import QM9
from simulacra.views.bonded_atoms import BondedAtoms
from simulacra.views.spelling import ALPHABET

ELEMENTS = (1, 6, 7, 8)
LENGTH = 29


def parts() -> dict[str, Samples]:
    """QM9, shared out as in every study of molecules."""
    return Split(93, 3, 4).share_out(QM9().read())


def rows(folder: Path) -> tuple[Batch, Batch]:
    """Training and validation as rows with bonds; read once, then kept."""
    kept = {name: folder / f"rows-{name}.npy" for name in ("train", "validation")}
    if not all(path.exists() for path in kept.values()):
        split = parts()
        view = BondedAtoms(LENGTH, ELEMENTS).fit(split["train"])
        for name, path in kept.items():
            np.save(path, view.forward(split[name]).x.numpy())
    train, validation = (Batch(torch.from_numpy(np.load(path))) for path in kept.values())
    return train, validation


def model_of(what: str) -> Model:
    """What is trained."""
    if what == "strings":
        return GraphSequence(TokenReader(len(ALPHABET), 64, 256), LENGTH)
    return ShapeFlow(ShapeNetwork(atom_features(len(ELEMENTS)), pair_features()), ELEMENTS)


def main() -> int:
    """One training, or what is left of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("strings", "shapes"))
    parser.add_argument("--folder", type=Path, default=Path("runs/flagship-whole-molecules"))
    parser.add_argument("--minutes", type=float, default=12.0, help="of the processor, in all")
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--average", type=float, default=0.999)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    torch.set_flush_denormal(True)
    folder = asked.folder / asked.what
    folder.mkdir(parents=True, exist_ok=True)
    train, validation = rows(asked.folder)
    if asked.what == "strings":
        train, validation = (Batch(part.x[..., TOKEN].contiguous()) for part in (train, validation))
        train = train[(train.x > 0).any(1)]
    torch.manual_seed(asked.seed)
    model = model_of(asked.what)
    batch, rate = asked.batch or (128 if asked.what == "strings" else 64), asked.rate or 2e-3
    plan = Plan(0, 60 * asked.minutes, batch, rate, 0.01, 200, asked.average, 500, "32-true", asked.seed)
    training = Training(model, train, plan)
    training.resume(folder)
    began = time.monotonic()
    while training.along < 1:
        training.go(folder, time.monotonic() + 120)
        with torch.no_grad():
            live = {name: p.clone() for name, p in training.named.items()}
            for name, p in training.named.items():
                p.copy_(training.mean[name])
            torch.manual_seed(0)
            losses = {name: float(value.mean()) for name, value in model.loss(validation[:512]).items()}
            for name, p in training.named.items():
                p.copy_(live[name])
        told = {"step": training.step, "spent": training.spent, "clock": time.monotonic() - began, **losses}
        with (folder / "validation.jsonl").open("a") as log:
            log.write(json.dumps(told) + "\n")
        print(told, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
