"""Plug and play: how often a classifier that had no part in it sees the asked class, beside draws without asking.

Give a run of galaxies_by_plug_and_play; without one, a small one is made in a temporary folder.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from simulacra.core.shelf import shelf
from simulacra.keeping.trained import load
from simulacra.models.base import Batch
from simulacra.models.plug_and_play import PlugAndPlay
from simulacra.networks.convolution import ConvolutionEncoder
from simulacra.runs import Run

ASKED = 200  # draws of each class
WEIGHTS = (0.0, 1.0, 2.0, 4.0)  # of the guide; nothing is asked at 0
STEPS, BATCH = 400, 64


def independent(size: int, classes: int, x: Tensor, c: Tensor) -> ConvolutionEncoder:
    """A classifier trained on the validation part alone, each picture turned and flipped at random."""
    torch.manual_seed(2)
    net = ConvolutionEncoder(size, 3, 16, classes)
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2, fused=True)
    for _ in range(STEPS):
        rows = torch.randint(len(x), (BATCH,))
        some = torch.rot90(x[rows], int(torch.randint(4, ())), (2, 3))
        some = some.flip(3) if torch.rand(()) < 0.5 else some
        loss = functional.cross_entropy(net(some), c[rows])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return net.eval()


def interval(share: float, n: int) -> str:
    """A share with two standard errors, in percent."""
    return f"{share:6.1%} ± {2 * np.sqrt(share * (1 - share) / n):.1%}"


def examine(run: Run) -> None:
    """Print the shares."""
    record = run.record
    study = shelf("studies").load(record["study"])(**record["settings"])
    parts = study.parts(record["seed"])
    trained = load(run)
    model = trained.model
    assert isinstance(model, PlugAndPlay)
    labels = trained.view.given["class"]["labels"]
    validation, truth = (trained.view.forward(parts[name]) for name in ("validation", "truth"))
    net = independent(record["settings"]["size"], len(labels), validation.x, validation.given["class"].long())

    @torch.no_grad()
    def seen(batch: Batch) -> Tensor:
        said: Tensor = net(batch.x.clamp(0, 1)).argmax(1)
        return said

    real = truth.given["class"].long()
    score = (seen(truth) == real).float().mean().item()
    print(f"{run.name}: {len(validation)} pictures to train the independent classifier, {len(truth)} of truth")
    print(f"  it is right on truth             {interval(score, len(truth))}")
    guide = model.classifier(truth.x).argmax(1)
    print(f"  the guide is right on truth      {interval((guide == real).float().mean().item(), len(truth))}")
    torch.manual_seed(0)
    with torch.no_grad():
        free = seen(Batch(model.expected(torch.randn(3 * ASKED, model.plain.latent))))
    counts = torch.bincount(free, minlength=len(labels)) / len(free)
    stated = ", ".join(f"{label} {share:.0%}" for label, share in zip(labels, counts.tolist(), strict=True))
    print(f"  without asking, seen as          {stated}")
    with torch.no_grad():
        again = model.expected(model.plain.posterior(truth.x)[0])
    of_decoded = (seen(Batch(again)) == real).float().mean().item()
    print(f"  of true ones through the autoencoder {interval(of_decoded, len(truth))}: no draw can be seen better")
    for weight in WEIGHTS:
        model.weight, agreed, spreads = weight, [], []
        for c, label in enumerate(labels):
            began = time.perf_counter()
            z, taken = model.climb(torch.full((ASKED,), c))
            seconds = time.perf_counter() - began
            with torch.no_grad():
                x = model.expected(z)
            agreed.append((seen(Batch(x)) == c).float().mean().item())
            spreads.append((x.std(0).mean() / truth.x[real == c].std(0).mean()).item())
            print(
                f"  weight {weight:g}: asked {label:<11} seen {interval(agreed[-1], ASKED)}; moves taken {taken:.0%}; "
                f"|z|² {z.square().sum(1).mean():.1f} (prior {z.shape[1]}); spread {spreads[-1]:.2f} of truth's; "
                f"{ASKED / seconds:.0f} a second"
            )
        print(f"  weight {weight:g}: asked and seen       {interval(float(np.mean(agreed)), ASKED * len(labels))}")


def main() -> None:
    """A run of the user's, or a small one."""
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        examine(Run(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        settings = {"steps": 300, "width": 8}
        study = shelf("studies").load("galaxies_by_plug_and_play")(**settings)
        examine(study.run(1, Path(folder), "galaxies_by_plug_and_play", {**DEFAULTS, **settings}))


DEFAULTS = {s.name: s.default for s in shelf("studies").entry("galaxies_by_plug_and_play").settings}

if __name__ == "__main__":
    main()
