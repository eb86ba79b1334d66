"""Properties asked of structural keys: the adversarial autoencoder beside the variational one, on the same molecules.

    python benchmarks/structural_keys.py --most 3000 --steps 1500 --out runs/keys

Each is trained as its study trains it, then asked for the properties of the true molecules. A line of JSON each: the
mean absolute errors with their 95 % intervals, keys that come back wrong, and likeness to true keys. Verdicts are the
studies' own: simulacra run fingerprints_by_aae.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch

from simulacra.exhibits.keys_asked import show_keys_asked
from simulacra.keeping.known import seen
from simulacra.keeping.trained import Trained
from simulacra.runs import Run
from simulacra.studies.molecules import fingerprints_by_aae, fingerprints_by_vae
from simulacra.training.loop import train


def main() -> int:
    """Both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--molecules", type=Path, help="a list; ZINC where none is given")
    parser.add_argument("--most", type=int, default=8000)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/keys"))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for made in (fingerprints_by_aae, fingerprints_by_vae):
        torch.manual_seed(asked.seed)
        study = made.study(asked.molecules, asked.most, steps=asked.steps)
        parts = study.parts(asked.seed)
        view = study.view.fit(parts["train"])
        name = made.__name__.rpartition(".")[2]
        run = Run.create(asked.out, name, {"most": asked.most, "steps": asked.steps}, asked.seed, {"threads": 1})
        began = time.process_time()
        budget = replace(study.budget, looks=1)
        train(study.model, view.forward(parts["train"]), view.forward(parts["validation"]), budget, asked.seed, run)
        spent = time.process_time() - began
        known = {key: seen(values) for key, values in parts["train"].given.items()}
        show_keys_asked(Trained(study.model, view, known), parts, run, asked.seed)
        found = run.exhibit("keys asked")
        assert found is not None
        row = {
            "study": name,
            "molecules": {part: len(x) for part, x in parts.items()},
            "training, s": round(spent, 1),
            "off by": {
                str(way): {str(p): [round(float(v), 3) for v in values[:, k]] for k, p in enumerate(found["names"])}
                for way, values in zip(found["ways"], found["table"], strict=True)
            },
            "wrong keys": round(float(found["wrong"].mean()), 2),
            "likeness": [round(float(one.mean()), 3) for one in found["likeness"]],
        }
        print(json.dumps(row), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
