"""A training step and the draws of our UNet beside denoising-diffusion-pytorch, and what a step costs as pictures grow.

It needs `pip install denoising-diffusion-pytorch`, with a torchvision that fits. One thread; processor seconds.
`python benchmarks/unet_step.py compile` tries torch.compile too, which takes a minute.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from simulacra.diffusion.clock import FEATURES
from simulacra.models.base import Batch
from simulacra.models.diffusion import Diffusion
from simulacra.networks.filtered import Filtered
from simulacra.networks.folded import Folded
from simulacra.networks.unet import UNet
from simulacra.samplers.dpm_solver import DPMSolver

BATCH, SIDE, WIDTH, GROWTH = 16, 32, 32, (1, 2, 2)
SIDES = (16, 32, 64)
CALLS = 20
"""Of the default sampler of galaxies_by_diffusion, chosen in docs/diffusion.md; theirs makes a thousand by default."""
THEIRS = 1000
Step = Callable[[Tensor], object]


def ours(side: int = SIDE) -> Diffusion:
    """Our diffusion model, with two blocks a level as theirs has."""
    return Diffusion(UNet(2, 3, WIDTH, FEATURES, GROWTH, blocks=2), (3, side, side), sampler=DPMSolver(CALLS))


def of_the_study() -> Diffusion:
    """As galaxies_by_diffusion has it: on squares of pixels, beside a filter."""
    folded = Folded(UNet(2, 12, WIDTH, FEATURES, growth=(1, 1), attention=0), 2)
    shape = (3, SIDE, SIDE)
    return Diffusion(Filtered(folded, shape, FEATURES), shape, sampler=DPMSolver(CALLS))


def training(model: nn.Module, loss: Callable[[Tensor], Tensor], fused: bool) -> Step:
    """One optimization step as a function of the batch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=fused)

    def step(x: Tensor) -> None:
        optimizer.zero_grad()
        loss(x).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def denoising(model: Diffusion) -> Callable[[Tensor], Tensor]:
    """Our loss as a scalar."""
    return lambda x: model.loss(Batch(x))["denoising"].mean()


def called(model: Diffusion) -> Step:
    """One call of our denoiser, as a sampler makes it."""
    denoise, t = model.denoiser(), torch.tensor(0.5, dtype=torch.float64)

    def call(x: Tensor) -> None:
        with torch.no_grad():
            denoise(x, t)

    return call


def peer() -> tuple[nn.Module, Step, Step] | None:
    """Their network with a training step and a call of their ancestral sampler; None where it is not installed."""
    try:
        from denoising_diffusion_pytorch import GaussianDiffusion, Unet
    except (ImportError, RuntimeError) as error:  # absent, or with a torchvision that does not fit this torch
        print(
            f"not compared with denoising-diffusion-pytorch: {error}; install it, and a torchvision that fits torch\n"
        )
        return None
    model = GaussianDiffusion(Unet(dim=WIDTH, dim_mults=GROWTH), image_size=SIDE)

    def call(x: Tensor) -> None:
        with torch.no_grad():
            model.p_sample(x, 500)

    return model, training(model, lambda x: model(x), False), call


def medians(steps: dict[str, tuple[Step, Tensor]], rounds: int = 7) -> dict[str, float]:
    """Processor seconds of each, taken in turns so that a noisy machine disturbs all alike; the first round is lost."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for round_ in range(rounds + 1):
        for name, (step, x) in steps.items():
            began = time.process_time()
            step(x)
            if round_:
                taken[name].append(time.process_time() - began)
    return {name: statistics.median(times) for name, times in taken.items()}


def count(model: nn.Module) -> str:
    return f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters"


def beside() -> None:
    """The same size, on the same batch, in the same run."""
    x, mine = torch.rand(BATCH, 3, SIDE, SIDE), ours()
    train: dict[str, tuple[Step, Tensor]] = {
        "ours": (training(mine, denoising(mine), True), x),
        "ours, plain Adam": (training(mine, denoising(mine), False), x),
    }
    calls: dict[str, tuple[Step, Tensor]] = {"ours": (called(mine), x)}
    sizes = {"ours": count(mine), "ours, plain Adam": count(mine)}
    folded = of_the_study()
    train["the studies' own"] = (training(folded, denoising(folded), True), x)
    calls["the studies' own"] = (called(folded), x)
    sizes["the studies' own"] = count(folded)
    other = peer()
    if other is not None:
        model, step, call = other
        train["denoising-diffusion-pytorch"], calls["denoising-diffusion-pytorch"] = (step, x), (call, x)
        sizes["denoising-diffusion-pytorch"] = count(model)
    print(f"Training step, {BATCH} pictures of 3 × {SIDE} × {SIDE}, width {WIDTH}, growth {GROWTH}")
    found = medians(train)
    for name, seconds in found.items():
        print(f"  {name:<28} {seconds * 1000:7.0f} ms   {seconds / found['ours']:.2f} × our time   {sizes[name]}")
    print(f"Drawing {BATCH} pictures: ours {CALLS} calls of the network, theirs {THEIRS} (the defaults)")
    found = medians(calls)
    for name, seconds in found.items():
        n = THEIRS if name.startswith("denoising") else CALLS
        print(f"  {name:<28} {seconds * 1000:7.0f} ms a call, {n:>5,} calls: {seconds * n:7.1f} s")


def growing() -> None:
    """Cost of a step against the side of the picture."""
    models = {side: ours(side=side) for side in SIDES}
    found = medians(
        {str(side): (training(m, denoising(m), True), torch.rand(4, 3, side, side)) for side, m in models.items()}, 5
    )
    print("Training step of 4 pictures against their side")
    for side in SIDES:
        kept = sum(storage(models[side], torch.rand(4, 3, side, side)))
        print(f"  {side:>3} pixels {found[str(side)] * 1000:7.0f} ms   {kept / 2**20:6.1f} MiB kept for the way back")
    low, high = SIDES[0], SIDES[-1]
    exponent = math.log(found[str(high)] / found[str(low)]) / math.log(high / low)
    print(f"  grows as side^{exponent:.2f} between {low} and {high}")


def storage(model: Diffusion, x: Tensor) -> list[int]:
    """Bytes of each distinct tensor that a loss keeps for its gradient, the parameters left out."""
    own = {p.untyped_storage().data_ptr() for p in model.parameters()}
    seen: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        place = tensor.untyped_storage().data_ptr()
        if place not in own:
            seen[place] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = denoising(model)(x)
    del loss
    return list(seen.values())


def variants() -> None:
    """Whether other ways to run the same step pay on this machine."""
    x = torch.rand(BATCH, 3, SIDE, SIDE)
    plain, last, half = ours(), ours(), ours()
    last.to(memory_format=torch.channels_last)

    def in_half(x: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return denoising(half)(x)

    steps: dict[str, tuple[Step, Tensor]] = {
        "as it is": (training(plain, denoising(plain), True), x),
        "channels last": (training(last, denoising(last), True), x.to(memory_format=torch.channels_last)),
        "bf16-mixed": (training(half, in_half, True), x),
    }
    if "compile" in sys.argv[1:]:
        compiled = ours()
        compiled.network = torch.compile(compiled.network)
        steps["torch.compile"] = (training(compiled, denoising(compiled), True), x)
    found = medians(steps, 5)
    print("The same training step in other ways")
    for name, seconds in found.items():
        print(f"  {name:<14} {seconds * 1000:7.0f} ms   {seconds / found['as it is']:.2f} ×")


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    beside()
    growing()
    variants()


if __name__ == "__main__":
    main()
