"""An epoch of our equivariant network beside the formulation of its paper, on equal weights, in one run.

The paper's formulation, transcribed by us: every batch is padded to its largest molecule, all pairs of seats (also with
empty ones and of an atom with itself) stand one after another as edges, and each edge's message is computed from the
features of both of its atoms gathered to it. Ours adds what is computed once for each atom, in bundles of like size.
Molecules have the sizes of QM9 if it is at hand, else of a normal law of the same mean and width. The numbers are those
of a training step's network alone: forward, backward, no optimizer.

    python benchmarks/egnn_step.py                  the median of a few steps
    python benchmarks/egnn_step.py --steps 200      an epoch, from 200 batches of sizes as they come
    python benchmarks/egnn_step.py --memory         peak memory of a step against the number of atoms, 9 to 200
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.networks.egnn import EGNN, Block

FEATURES, TOLD, EPOCH = 6, 32, 98_278  # of QM9's training part


def sizes(n: int, rng: np.random.Generator) -> Tensor:
    """Numbers of atoms of n molecules."""
    try:
        with np.load(data.find("qm9/qm9_without_fluorine.npz")) as file:
            known = file["n_atoms"].astype(int)
    except BadInput:
        known = np.clip(np.rint(rng.normal(18.1, 2.9, 100_000)), 3, 29).astype(int)
    return torch.from_numpy(rng.choice(known, n))


def paper(network: EGNN, x: Tensor, stated: Tensor, mask: Tensor) -> Tensor:
    """The same function as flat edges of a padded batch."""
    n = int(mask.sum(1).max())
    x, mask = x[:, :n], mask[:, :n]
    batch = len(x)
    at = torch.arange(batch * n).view(batch, n)
    row, column = at[:, :, None].expand(-1, n, n).reshape(-1), at[:, None].expand(-1, n, n).reshape(-1)
    here = mask.reshape(-1).float()
    edge = (here[row] * here[column] * (row != column))[:, None]
    begin = x[..., :3].reshape(-1, 3)
    embed = torch.cat([network.embed.weight, network.tell.weight], 1)
    h = torch.cat([x[..., 3:], stated[:, None].expand(-1, n, -1)], 2).reshape(batch * n, -1)
    h = functional.linear(h, embed, network.embed.bias)
    where = begin
    first = (begin[row] - begin[column]).square().sum(1, keepdim=True)
    for block in network.blocks:
        assert isinstance(block, Block)
        apart = where[row] - where[column]
        square = apart.square().sum(1, keepdim=True)
        whole = torch.cat([block.receive.weight, block.send.weight, block.far.T], 1)
        inputs = torch.cat([h[row], h[column], square, first], 1)
        w = block.width
        hidden = functional.silu(functional.linear(inputs, whole[:w], block.receive.bias[:w]))
        message = functional.silu(block.message(hidden))
        message = message * torch.sigmoid(block.gate(message)) * edge
        heard = torch.zeros_like(h).index_add_(0, row, message)
        inputs = torch.cat([h[row], h[column], square, first], 1)
        hidden = functional.silu(functional.linear(inputs, whole[w:], block.receive.bias[w:]))
        pull = block.pull(functional.silu(block.push(hidden)))
        push = apart / ((square + 1e-8).sqrt() + 1) * torch.tanh(pull) * block.reach * edge
        h = h + block.keep(functional.silu(block.take(torch.cat([h, heard], 1))))
        where = where + torch.zeros_like(where).index_add_(0, row, push)
    said = torch.cat([where - begin, network.last(h)], 1) * here[:, None]
    return said.view(batch, n, -1)


def ours(network: EGNN, x: Tensor, stated: Tensor, mask: Tensor) -> Tensor:
    """Our network as it stands."""
    n = int(mask.sum(1).max())
    said: Tensor = network(x, stated, mask)[:, :n]
    return said


def step(way: Callable[[EGNN, Tensor, Tensor, Tensor], Tensor], network: EGNN, inputs: tuple[Tensor, ...]) -> float:
    """Seconds of the processor for a forward and a backward pass."""
    began = time.process_time()
    network.zero_grad()
    way(network, *inputs).square().mean().backward()  # type: ignore[no-untyped-call, arg-type]
    return time.process_time() - began


def memory(way: Callable[[EGNN, Tensor, Tensor, Tensor], Tensor], network: EGNN, atoms: int, batch: int) -> float:
    """MiB that a step needs at its peak beyond what was held before, in a process of its own."""

    def child(stated: Connection) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        mask = torch.ones(batch, atoms, dtype=torch.bool)
        step(way, network, (torch.randn(batch, atoms, 3 + FEATURES), torch.randn(batch, TOLD), mask))
        stated.send((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
        stated.close()

    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=child, args=(there,))
    process.start()
    there.close()
    peak = float(here.recv())
    process.join()
    here.close()
    return peak


def show_memory(network: EGNN, batch: int) -> None:
    """A table of peaks."""
    print("| atoms | the paper's, MiB | ours, MiB | ratio |\n|---|---|---|---|")
    for atoms in (9, 18, 29, 50, 100, 200):
        own = max(1, min(batch, 40_000 // atoms**2))  # large molecules come one at a time
        peaks = [memory(way, network, atoms, own) / own for way in (paper, ours)]
        print(f"| {atoms} (batch {own}) | {peaks[0]:.2f} | {peaks[1]:.2f} | {peaks[0] / peaks[1]:.2f} |", flush=True)
    print("MiB for each molecule, beyond the weights and the interpreter")


def main() -> None:
    """The median of a few steps each, turn and turn about."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--blocks", type=int, default=4)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--memory", action="store_true", help="peaks instead of times")
    asked = parser.parse_args()
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = EGNN(FEATURES, asked.width, TOLD, asked.blocks)
    if asked.memory:
        torch.set_num_threads(1)  # a fork of a process with threads would wait for them forever
        show_memory(network, asked.batch)
        return
    seconds: dict[str, list[float]] = {"paper": [], "ours": []}
    apart = 0.0
    for _ in range(asked.steps + 1):
        count = sizes(asked.batch, rng)
        mask = torch.arange(int(count.max())) < count[:, None]
        x = torch.randn(asked.batch, mask.shape[1], 3 + FEATURES) * mask[..., None]
        inputs = (x, torch.randn(asked.batch, TOLD), mask)
        with torch.no_grad():
            apart = max(apart, float((paper(network, *inputs) - ours(network, *inputs)).abs().max()))
        for name, way in (("paper", paper), ("ours", ours)):
            seconds[name].append(step(way, network, inputs))
    median = {name: statistics.median(values[1:]) for name, values in seconds.items()}  # the first one warms up
    ratios = [p / o for p, o in zip(seconds["paper"][1:], seconds["ours"][1:], strict=True)]
    mean = {name: statistics.fmean(values[1:]) for name, values in seconds.items()}  # sizes as they come: no median
    epochs = {name: value * EPOCH / asked.batch / 60 for name, value in mean.items()}
    whole = mean["paper"] / mean["ours"]
    residual = [p - whole * o for p, o in zip(seconds["paper"][1:], seconds["ours"][1:], strict=True)]
    error = statistics.stdev(residual) / len(residual) ** 0.5 / mean["ours"] if len(residual) > 1 else float("nan")
    print(f"width {asked.width}, {asked.blocks} blocks, batch {asked.batch}, {torch.get_num_threads()} thread(s)")
    for name, value in median.items():
        print(f"{name:6s} {value:7.3f} s a step, {epochs[name]:6.1f} minutes an epoch of {EPOCH:,} molecules")
    print(f"ours is {statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f});"
          f" the answers differ by {apart:.1e} at most")  # fmt: skip
    print(f"an epoch (from {asked.steps} batches): {whole:.2f} ± {error:.2f} times as fast")
    print(json.dumps({"seconds": median, "ratio": statistics.median(ratios), "epoch": whole, "differ": apart}))


if __name__ == "__main__":
    main()
