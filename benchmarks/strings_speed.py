"""How fast strings are learned and drawn: ours beside MOSES' CharRNN as its article describes it, in one run.

    python benchmarks/strings_speed.py [STRINGS]

Times are of the processor, one thread. CharRNN is written here after the article's words: one-hot tokens, LSTM layers
with dropout, batches of 64 in any order that are packed by length, Adam in 32 bits, and draws that go on step by step
through the layers until the longest string has ended. It is taken at its published size (768 wide, three layers) and at
ours (384, two), so that what the formulation costs is told from what the size costs. Ours: LSTM 384 × 2 with batches of
48 of like length in bfloat16, drawn in a stream; and the transformer, 256 wide, four blocks.

References:
    Molecular Sets (MOSES): a benchmarking platform for molecular generation models (Polykovskiy et al., 2020),
        arXiv:1811.12823
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from simulacra.core import data
from simulacra.domains.molecules.chemistry import canonical
from simulacra.models.base import Batch
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.reader import Reader
from simulacra.networks.token_reader import TokenReader
from simulacra.networks.token_transformer import TokenTransformer
from simulacra.sources.molecules.smiles_library import SmilesLibrary
from simulacra.training.batches import Batches
from simulacra.views.strings import Strings


class CharRNN(nn.Module):
    """One-hot tokens through LSTM layers with dropout to scores of the next token."""

    def __init__(self, tokens: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.tokens = tokens
        self.memory = nn.LSTM(tokens, hidden, layers, dropout=0.2, batch_first=True)
        self.readout = nn.Linear(hidden, tokens)

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The scores and the tokens that follow, packed."""
        hot = functional.one_hot(functional.pad(x, (1, 0)), self.tokens).float()
        rows = pack_padded_sequence(hot, lengths + 1, batch_first=True, enforce_sorted=False)
        aims = pack_padded_sequence(functional.pad(x, (0, 1)), lengths + 1, batch_first=True, enforce_sorted=False)
        out, _ = self.memory(rows)
        assert isinstance(out, PackedSequence)
        return self.readout(out.data), aims.data

    @torch.no_grad()
    def draw(self, n: int, longest: int) -> Tensor:
        """n strings, all to the end of the longest."""
        last, state, out = torch.zeros(n, dtype=torch.long), None, []
        going = torch.ones(n, dtype=torch.bool)
        for _ in range(longest):
            rows, state = self.memory(functional.one_hot(last, self.tokens).float()[:, None], state)
            last = torch.multinomial(self.readout(rows[:, 0]).softmax(1), 1)[:, 0]
            out.append(last * going)
            going &= last != 0
            if not going.any():
                break
        return torch.stack(out, 1)


def timed(step: Callable[[int], int], first: int, steps: int) -> float:
    """What a step counts, a second of the processor; the first steps are not timed."""
    for k in range(first):
        step(k)
    began, count = time.process_time(), 0
    for k in range(first, first + steps):
        count += step(k)
    return count / (time.process_time() - began)


def theirs(rows: Tensor, view: Strings, hidden: int, layers: int, steps: int, draws: int) -> tuple[float, float]:
    """Tokens a second of training and strings a second of drawing, of CharRNN."""
    torch.manual_seed(0)
    model = CharRNN(len(view.tokens), hidden, layers)
    adam = torch.optim.Adam(model.parameters(), 1e-3)
    order = torch.randperm(len(rows))

    def step(k: int) -> int:
        x = rows[order[64 * k : 64 * (k + 1)]].long()
        adam.zero_grad()
        scores, aims = model(x, (x > 0).sum(1))
        functional.cross_entropy(scores, aims).backward()  # type: ignore[no-untyped-call]
        adam.step()
        return len(aims)

    pace = timed(step, 1, steps)
    began = time.process_time()
    model.eval().draw(draws, view.length)
    return pace, draws / (time.process_time() - began)


def ours(network: Reader, rows: Tensor, view: Strings, steps: int, draws: int) -> tuple[float, float]:
    """The same of a model of ours."""
    torch.manual_seed(0)
    model = TokenSequence(network, view.length)
    adam = torch.optim.AdamW(model.parameters(), 2e-3, fused=True)
    batches = Batches(Batch(rows), 48, 0, sizes=model.lengths(Batch(rows)))

    def step(k: int) -> int:
        x = rows[batches.rows(k)]
        adam.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            model.loss(Batch(x))["string"].mean().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        return int((x > 0).sum()) + len(x)

    pace = timed(step, 2, steps)
    began = time.process_time()
    model.eval().stream(draws)
    return pace, draws / (time.process_time() - began)


def main(n: int) -> None:
    """The table in Markdown."""
    torch.set_num_threads(1)
    read = SmilesLibrary(data.find("smiles/zinc250k.smi.gz")).read()
    some = read[np.random.default_rng(0).permutation(len(read))[:n]]
    view = Strings(longest=120, rarest=5).fit(some)
    rows = view.forward(some).x
    rows = rows[rows.any(1)]
    tokens = len(view.tokens)
    shipped = TokenReader(tokens, 64, 384, 2)
    table = {
        "CharRNN 768 × 3, published size": theirs(rows, view, 768, 3, 3, 256),
        "CharRNN 384 × 2, our size": theirs(rows, view, 384, 2, 12, 512),
        "ours, LSTM 384 × 2": ours(shipped, rows, view, 24, 4096),
        "ours, transformer 256 × 4": ours(TokenTransformer(tokens, view.length + 1), rows, view, 12, 1024),
    }
    print("| formulation | tokens a second, training | strings a second, untrained |\n|" + " --- |" * 3)
    for name, (learned, drawn) in table.items():
        print(f"| {name} | {learned:,.0f} | {drawn:,.0f} |", flush=True)
    texts = np.array(some.array[:4000])
    began = time.process_time()
    canonical(texts)
    print(f"RDKit parses and writes {4000 / (time.process_time() - began):,.0f} molecules a second.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000)
