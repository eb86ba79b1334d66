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
from simulacra.models.base import Batch
from simulacra.models.plug_and_play import PlugAndPlay
from simulacra.networks.convolution import ConvolutionEncoder
from simulacra.runs import Run
from simulacra.trained import load

ASKED = 200  # draws of each class
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
    agreed = []
    for c, label in enumerate(labels):
        asked = torch.full((ASKED,), c)
        began = time.perf_counter()
        z, taken = model.climb(asked)
        seconds = time.perf_counter() - began
        with torch.no_grad():
            x = model.expected(z)
        hits = (seen(Batch(x)) == c).float().mean().item()
        agreed.append(hits)
        of_truth = (seen(truth)[real == c] == c).float().mean().item()
        unasked = (free == c).float().mean().item()
        print(f"  asked {label:<11} seen {interval(hits, ASKED)}; without asking {interval(unasked, len(free))}")
        print(
            f"    true ones are seen as such {of_truth:.1%}; moves taken {taken:.0%}; "
            f"|z|² {z.square().sum(1).mean():.1f} (prior {z.shape[1]}); {ASKED / seconds:.0f} draws a second"
        )
    mean = float(np.mean(agreed))
    print(f"  asked and seen, all classes      {interval(mean, ASKED * len(labels))}")


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
