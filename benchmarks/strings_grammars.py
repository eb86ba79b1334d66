"""What a grammar does to a law: SMILES, SELFIES, and random SMILES, trained alike and held against unseen truth.

    python benchmarks/strings_grammars.py [STEPS [DRAWS]]

An LSTM of 256, one layer, learns 20,000 molecules of ZINC in each, for as many steps of 32 strings; draws are held
against unseen molecules: validity, what they look like, in standard deviations of truth, and the distance of ChemNet
beside its floor. One seed. Times are of the processor.

References:
    Invalid SMILES are beneficial rather than detrimental to chemical language models (Skinnider, 2024),
        doi:10.1038/s42256-024-00821-x
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch
from torch import nn

from simulacra.core import data
from simulacra.core.samples import Samples
from simulacra.domains.molecules.chemistry import DESCRIPTORS, descriptors
from simulacra.domains.molecules.string_tally import score_strings
from simulacra.models.base import Batch
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.token_reader import TokenReader
from simulacra.sources.molecules.smiles_library import SmilesLibrary
from simulacra.training.batches import Batches
from simulacra.views.strings import Strings

WAYS = {
    "SMILES": Strings(rarest=5),
    "SELFIES": Strings(rarest=5, grammar="selfies"),
    "random SMILES, 4 ways": Strings(rarest=5, ways=4),
}


def drawn(view: Strings, train: Samples, steps: int, draws: int) -> Samples:
    """What a model draws after so many steps."""
    view = view.fit(train)
    rows = view.forward(train)
    rows = rows[rows.x.flatten(1).any(1)]
    torch.manual_seed(0)
    model = TokenSequence(TokenReader(len(view.tokens), 64, 256), view.length)
    adam = torch.optim.AdamW(model.parameters(), 3e-3, fused=True)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    batches = Batches(rows, 32, 0, sizes=model.lengths(rows))
    for k in range(steps):
        adam.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            model.loss(rows[batches.rows(k)])["string"].mean().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        fall.step()
    left = ", ".join(f"{count} {why}" for why, count in view.left.items()) or "none"
    print(f"{len(view.tokens)} tokens, {view.length} places; left out: {left[:200]}", file=sys.stderr, flush=True)
    return view.inverse(Batch(model.eval().stream(draws, dtype=torch.float32)))


def main(steps: int, draws: int) -> None:
    """The table in Markdown."""
    torch.set_num_threads(1)
    read = SmilesLibrary(data.find("smiles/zinc250k.smi.gz")).read()
    some = read[np.random.default_rng(0).permutation(len(read))[: 20_000 + 2 * draws]]
    train, truth = some[:20_000], some[20_000:]
    sets = {}
    for name, view in WAYS.items():
        began = time.process_time()
        sets[name] = drawn(view, train, steps, draws)
        print(f"{name}: {time.process_time() - began:.0f} s", file=sys.stderr, flush=True)
    scores = score_strings({"truth": truth, **sets}, train)["sets"]
    names = list(DESCRIPTORS)
    true = descriptors(truth.array)
    print("| grammar | valid, % | distance (floor) |" + "".join(f" {name} |" for name in names))
    print("|" + " --- |" * (3 + len(names)))
    for name, x in sets.items():
        off = (np.nanmean(descriptors(x.array), 0) - true.mean(0)) / true.std(0)
        far, row = scores[name].get("fcd") or {}, scores[name]
        share = f"{100 * row['valid'] / row['n']:.1f} | {far.get('fcd', np.nan):.2f} ({far.get('floor', np.nan):.2f})"
        print(f"| {name} | {share} |" + "".join(f" {value:+.2f} |" for value in off))
    error = 1 / np.sqrt(draws)
    print(
        f"\nMeans of {draws:,} draws less truth's, in truth's standard deviations; their standard error is {error:.2f}."
    )


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:3]]
    main(*[*asked, *(1500, 2000)[len(asked) :]])
