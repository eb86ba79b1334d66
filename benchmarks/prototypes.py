"""What a string autoencoder has learned, from the last checkpoint of its run, be it finished or stopped.

    python benchmarks/prototypes.py RUN draws       # how many are molecules, different, new; ChemNet's distance
    python benchmarks/prototypes.py RUN latent      # what the latent features hold
    python benchmarks/prototypes.py RUN prototypes  # held-out molecules varied, by the scale of the noise
    python benchmarks/prototypes.py RUN drugs       # drugs found from other drugs

RUN is a folder of smiles_by_vae or smiles_by_prototype that kept drugs apart. Each part is of its own, and what it
finds stands in the folder --out, whose page has the tables. The averaged weights of the checkpoint are taken.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.domains.molecules.string_tally import score_strings
from simulacra.exhibits.drugs_refound import refind_drugs
from simulacra.exhibits.prototypes_varied import opened, vary_prototypes
from simulacra.exhibits.string_latent import show_latent_use
from simulacra.keeping.recipes import build
from simulacra.keeping.trained import Trained
from simulacra.reports.page import page
from simulacra.runs import Run
from simulacra.sources.molecules.library_without_kin import LibraryWithoutKin
from simulacra.studies.molecules.smiles_by_prototype import FEW_HELD
from simulacra.training.checkpoint import read_state

PARTS = ("draws", "latent", "prototypes", "drugs")


def learned(run: Run, out: Path) -> tuple[Trained, int]:
    """The model as the last checkpoint holds it, and its step; the first part keeps both, so that all see the same."""
    kept = out / "weights.npz"
    model, view = build(run.model["recipe"]), build(json.loads((run.folder / "view.json").read_text())["recipe"])
    if not kept.is_file():
        state = read_state(run.folder)
        if state is None:
            raise BadInput("this run has no checkpoint", str(run.folder), "let it train first")
        mean = {name[len("average.") :]: p.numpy() for name, p in state[0].items() if name.startswith("average.")}
        out.mkdir(parents=True, exist_ok=True)
        np.savez(kept, step=state[1]["step"], **mean)
    with np.load(kept) as arrays:
        step = int(arrays["step"])
        model.load_state_dict({name: torch.from_numpy(arrays[name]) for name in arrays.files if name != "step"})
    model.eval()
    return Trained(model, view, {}, f"StringVAE of run {run.name}, step {step}"), step


def kept_in(out: Path, settings: dict[str, str | int], seed: int) -> Run:
    """The run folder of all parts, made by the first."""
    folder = out / "run"
    if not folder.is_dir():
        about = {"title": "A string autoencoder at its last checkpoint."}
        Run.create(out, "prototypes", settings, seed, about).folder.rename(folder)
    return Run(folder)


def main() -> int:
    """One part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--out", type=Path, default=Path("runs/prototypes"))
    parser.add_argument("--drugs", default="smiles/chembl_drugs.smi", help="that the run kept apart")
    parser.add_argument("--data", default="smiles/zinc250k.smi.gz")
    parser.add_argument("--most", type=int, default=100_000, help="as the run had it")
    parser.add_argument("--sample", type=int, default=1500, help="strings drawn from the prior")
    parser.add_argument("--draws", type=int, default=12, help="strings near each drug")
    parser.add_argument("--scale", type=float, default=1.0, help="of the noise near drugs")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    before = Run(asked.run)
    trained, step = learned(before, asked.out)
    run = kept_in(asked.out, {"of": before.name, "step": step}, asked.seed)
    source = LibraryWithoutKin(data.find(asked.data), data.find(asked.drugs), 0.6, asked.most)
    parts = FEW_HELD.share_out(source.read())
    began = time.process_time()
    if asked.part == "draws":
        torch.manual_seed(asked.seed)
        model, view = opened(trained)
        made = view.inverse(model.sample(asked.sample))
        found = score_strings({"truth": parts["truth"], "model": made}, parts["train"])
        run.update(strings=found)
        print(json.dumps(found["sets"], indent=1))
    elif asked.part == "latent":
        show_latent_use(trained, parts, run, asked.seed)
    elif asked.part == "prototypes":
        vary_prototypes(trained, parts, run, asked.seed)
    else:
        refind_drugs(trained, parts, run, asked.seed, data.find(asked.drugs), asked.scale, asked.draws)
    print(f"{asked.part}: step {step}, {time.process_time() - began:.0f} s of the processor", file=sys.stderr)
    (run.folder / "report.html").write_text(page(run))
    return 0


if __name__ == "__main__":
    sys.exit(main())
