"""The flagship of strings: a language model of ZINC's or ChEMBL's molecules, trained in pieces that resume.

    python benchmarks/flagship_smiles.py train --minutes 60
    python benchmarks/flagship_smiles.py finish --sample 10000

The training lasts so many minutes of the processor; its state is written every minute, and the same command goes on
from there. The rate falls along half a cosine of the time that is spent. Every few minutes it looks: what an unseen
string costs, and how many of 1,000 draws are molecules; the lines stand in looks.jsonl of the training's folder.
`finish` takes the averages of the weights in half precision, draws, and writes a run folder with verdicts, which
`simulacra ship` hands on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from flagship_molecules import MORE, Plan, Training
from simulacra.baselines.tokens_in_context import tokens_in_context
from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.files import read_json, write_json
from simulacra.core.progress import Progress
from simulacra.domains.molecules import chemistry
from simulacra.judging.trial import keep_some
from simulacra.keeping.recipes import build, write
from simulacra.keeping.shipping import halved
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.token_reader import TokenReader
from simulacra.running.split import Split, digest_of
from simulacra.running.stages import Stage, carry_through
from simulacra.runs import Run
from simulacra.sources.molecules.smiles_library import SmilesLibrary
from simulacra.studies.molecules import smiles_by_lstm
from simulacra.training import shards
from simulacra.training.checkpoint import read_weights, write_weights
from simulacra.views.strings import Strings

SPLIT = Split(88, 2, 10)
LOOKED = 1000  # draws of a look
HELD = 2000  # unseen strings of a look


def prepared(asked: argparse.Namespace) -> tuple[Strings, Batch, Batch]:
    """The view, and training and validation as numbers of tokens; read once, then kept."""
    kept = {name: asked.folder / f"rows-{name}.npy" for name in ("train", "validation")}
    stated = asked.folder / "view.json"
    if not all(path.exists() for path in [*kept.values(), stated]):
        whole = SmilesLibrary(data.find(asked.data)).read()
        print("\n".join(whole.left.lines()), file=sys.stderr)
        parts = SPLIT.share_out(whole)
        view = Strings(longest=asked.longest, rarest=asked.rarest).fit(parts["train"])
        for name, path in kept.items():
            codes = view.forward(parts[name]).x.numpy().astype(np.int16)
            np.save(path, codes[codes.any(axis=1)])
        write_json(stated, write(view))
    view = build(read_json(stated))
    train, validation = (Batch(torch.from_numpy(np.load(path)).float()) for path in kept.values())
    return view, train, validation


def model_of(view: Strings, asked: argparse.Namespace) -> TokenSequence:
    """What is trained."""
    return TokenSequence(TokenReader(len(view.tokens), 64, asked.width, asked.layers), view.length)


def look(training: Training, view: Strings, validation: Batch, folder: Path) -> None:
    """A line: the cost of unseen strings and the validity of draws, with the averaged weights."""
    model = training.model
    assert isinstance(model, TokenSequence)
    with torch.no_grad():
        live = {name: p.detach().clone() for name, p in training.named.items()}
        for name, p in training.named.items():
            p.copy_(training.mean[name])
        model.eval()
        held = validation[:HELD]
        cost = -torch.cat([model.log_prob(some) for some in held.x.split(200)])
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(training.step)
            drawn = view.inverse(model.sample(LOOKED))
        model.train()
        for name, p in training.named.items():
            p.copy_(live[name])
    tokens = float(model.lengths(held).sum()) + len(held)
    valid = chemistry.valid(drawn.array)
    row = {
        "step": training.step,
        "minutes": round(training.spent / 60, 2),
        "nats a string": round(float(cost.mean()), 3),
        "nats a token": round(float(cost.sum()) / tokens, 4),
        "valid": float(valid.mean()),
        "different": len(set(chemistry.canonical(drawn.array[valid]))) / max(int(valid.sum()), 1),
        "of": LOOKED,
    }
    with (folder / "looks.jsonl").open("a") as log:
        log.write(json.dumps(row) + "\n")
    print(json.dumps(row), file=sys.stderr, flush=True)


def train(asked: argparse.Namespace) -> int:
    """One piece of the training, or all of it."""
    view, samples, validation = prepared(asked)
    torch.manual_seed(asked.seed)
    model = model_of(view, asked)
    if asked.onward:
        model.load_state_dict({name: p.float() for name, p in read_weights(asked.onward).items()})
    plan = Plan(0, 60 * asked.minutes, asked.batch, asked.rate, 0.01, 200, asked.average, 1, "bf16-mixed", asked.seed)
    training = Training(model, samples, plan)
    training.resume(asked.folder)
    until = time.monotonic() + 60 * asked.piece if asked.piece else float("inf")
    weights = sum(p.numel() for p in model.parameters())
    print(f"{len(samples):,} strings, {len(view.tokens)} tokens, {weights:,} weights", file=sys.stderr)
    kept, looked, total = training.spent, training.spent, int(plan.seconds)
    with Progress("training", total, done=int(training.spent)) as progress:
        while training.along < 1:
            training.advance()
            progress.step(int(training.spent) - progress.done, note=f"step {training.step}")
            late, ended = time.monotonic() > until, training.along >= 1
            if training.spent - looked > 60 * asked.every or ended:
                looked = training.spent
                look(training, view, validation, asked.folder)
            if training.spent - kept > 60 or late or ended:
                kept = training.spent
                training.keep(asked.folder)
            if late and not ended:
                return MORE
    return 0


def finish(asked: argparse.Namespace) -> int:
    """Draws, and a run folder with verdicts and the published numbers."""
    kept = shards.read(asked.folder)
    if kept is None:
        raise BadInput("nothing has been trained here", str(asked.folder), "run this script with train first")
    parts = SPLIT.share_out(SmilesLibrary(data.find(asked.data)).read())
    view = build(read_json(asked.folder / "view.json"))
    model = model_of(view, asked)
    for name, p in model.named_parameters():
        p.data.copy_(kept[0][f"mean.{name}"])
    model.load_state_dict(halved(model.eval().state_dict()))
    torch.manual_seed(asked.seed)
    began = time.process_time()
    made = view.inverse(Batch(model.stream(asked.sample, dtype=torch.float32))).but(origin="the flagship of strings")
    pace = asked.sample / (time.process_time() - began)
    print(f"{pace:,.0f} strings a second of the processor, in 32 bits", file=sys.stderr)
    parts["truth"] = parts["truth"][: 2 * asked.sample]
    rng = np.random.default_rng([asked.seed, 14, 0])
    sets = {"model": made, "n-gram": tokens_in_context(parts["train"]).draw(asked.sample, rng)}
    base = smiles_by_lstm.study(data.find(asked.data))
    study = replace(base, view=view, model=model, budget=replace(base.budget, steps=kept[1]["step"], batch=asked.batch))
    trained = Trained(model, view, {}, "TokenSequence, the flagship of strings", {})

    def stages(run: Run, stage: Stage) -> None:
        with stage("data"):
            sizes = {name: len(part) for name, part in parts.items()}
            run.update(data=digest_of(parts), sizes=sizes, origin=parts["truth"].origin)
        trained.save(run)
        write_weights(run.folder, model.state_dict())
        keep_some(run, {"truth": parts["truth"], **sets}, asked.seed)
        with stage("judge"):
            study.judge(run, sets, parts, asked.seed)

    settings = {name: value for name, value in vars(asked).items() if isinstance(value, int | float | str)}
    about = {
        "title": f"A language model of SMILES, {asked.width} wide, {asked.layers} layers deep.",
        "trained": {"steps": kept[1]["step"], "seconds": kept[1]["spent"]},
    }
    run = Run.create(asked.out, "flagship_smiles", settings, asked.seed, {**study.describe(), **about})
    print(carry_through(run, stages).folder)
    return 0


def main() -> int:
    """One of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "finish"))
    parser.add_argument("--data", default="smiles/zinc250k.smi.gz", help="a list of molecules in SIMULACRA_DATA")
    parser.add_argument("--folder", type=Path, default=Path("runs/flagship-smiles"), help="of the training's state")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the run folder is made in the end")
    parser.add_argument("--minutes", type=float, default=60.0, help="of the processor, in all pieces together")
    parser.add_argument("--piece", type=float, default=0.0, help="minutes after which this one ends with 75; 0: never")
    parser.add_argument("--every", type=float, default=4.0, help="minutes of the processor between two looks")
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--average", type=float, default=0.999)
    parser.add_argument("--longest", type=int, default=120, help="tokens of a string")
    parser.add_argument("--rarest", type=int, default=5, help="strings that a token must be in")
    parser.add_argument("--sample", type=int, default=10_000, help="strings drawn in the end")
    parser.add_argument("--onward", type=Path, help="a run's folder from whose weights a new training begins")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    asked.folder.mkdir(parents=True, exist_ok=True)
    return train(asked) if asked.what == "train" else finish(asked)


if __name__ == "__main__":
    sys.exit(main())
