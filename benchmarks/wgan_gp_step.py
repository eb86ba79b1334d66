"""A training step of our WGAN-GP beside the same networks trained as the published code does, in one run.

Published code: real, made and interpolated pictures each have a pass of their own through the critic, and a call of
backward of their own; the made ones are drawn with the generator's graph and then detached; in the generator's move the
critic's weights gather gradients that nobody uses; plain Adam (Gulrajani et al., 2017, arXiv:1704.00028, as it is
commonly transcribed to torch; written out here by us). Our ACGAN's critic, which takes real and made
pictures in two passes, stands beside one that takes them in one. And: draws a
second, the memory that a step adds, and its cost against the pictures' side.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.nn import functional

from simulacra.models.acgan import ACGAN
from simulacra.models.base import Batch, Model
from simulacra.models.wgan_gp import WGANGP
from simulacra.networks.convolution import ConvolutionEncoder
from simulacra.networks.dcgan import DCGANCritic, DCGANGenerator
from simulacra.training.budget import Budget
from simulacra.training.session import Session

SIDE, WIDTH, BATCH, LATENT, ROUNDS = 32, 32, 64, 64, 5
SIDES = (16, 32, 64, 128)  # with WIDTH / 2 and BATCH / 4, so that the largest fits into seconds
Step = Callable[[], None]


def networks(side: int, width: int) -> tuple[DCGANGenerator, DCGANCritic]:
    """The two, fresh."""
    torch.manual_seed(0)
    return DCGANGenerator(side, 3, width, LATENT), DCGANCritic(side, 3, width, offset=False)


def ours(side: int = SIDE, width: int = WIDTH, batch: int = BATCH, rounds: int = ROUNDS) -> Step:
    """The step of our loop, with all that it counts and checks."""
    model = WGANGP(*networks(side, width), LATENT, rounds=rounds)
    return looped(model, Batch(pictures(4 * batch, side)), batch)


def looped(model: Model, data: Batch, batch: int) -> Step:
    """A model's step in our loop."""
    budget = Budget(10_000, batch=batch, rate=1e-4, betas=(0.0, 0.9))
    return Session(Fabric(accelerator="cpu", devices=1), model, data, budget, 0).advance


def published(fused: bool) -> Step:
    """The same in the published way."""
    generator, critic = networks(SIDE, WIDTH)
    data = pictures(4 * BATCH, SIDE)
    none = torch.empty(BATCH, 0)
    d = torch.optim.Adam(critic.parameters(), 1e-4, (0.0, 0.9), fused=fused)
    g = torch.optim.Adam(generator.parameters(), 1e-4, (0.0, 0.9), fused=fused)

    def make() -> Tensor:
        return torch.tanh(generator(torch.randn(BATCH, LATENT), none))

    def step() -> None:
        for _ in range(ROUNDS):
            real = data[torch.randint(len(data), (BATCH,))]
            d.zero_grad()
            (-critic(real, none).mean()).backward()  # type: ignore[no-untyped-call]
            made = make().detach()
            critic(made, none).mean().backward()  # type: ignore[no-untyped-call]
            place = torch.rand(BATCH, 1, 1, 1)
            middle = (place * real + (1 - place) * made).requires_grad_(True)
            said = critic(middle, none)
            (slope,) = torch.autograd.grad(said, middle, torch.ones_like(said), create_graph=True, retain_graph=True)
            (10 * (slope.flatten(1).norm(2, dim=1) - 1).square().mean()).backward()
            d.step()
        g.zero_grad()
        (-critic(make(), none).mean()).backward()  # type: ignore[no-untyped-call]
        g.step()

    return step


class OnePass(ACGAN):
    """Our ACGAN with one pass through the critic for real and made pictures side by side."""

    def critic_loss(self, batch: Batch) -> dict[str, Tensor]:
        """The same losses."""
        with torch.no_grad():
            made = self.make(batch)
        c = batch.given["class"].long()[:, None]
        logits, classes = self.said(torch.cat([batch.x, made]))
        stated = -self.weight * classes.gather(1, torch.cat([c, c]))[:, 0]
        signs = torch.cat([-torch.ones(len(batch)), torch.ones(len(batch))])
        return {"told": functional.softplus(signs * logits), "class": stated}


def acgan(kind: type[ACGAN]) -> Step:
    """A step with three classes."""
    torch.manual_seed(0)
    generator = DCGANGenerator(SIDE, 3, WIDTH, LATENT, conditions=3)
    model = kind(generator, ConvolutionEncoder(SIDE, 3, WIDTH, 4), LATENT, classes=3)
    return looped(model, Batch(pictures(4 * BATCH, SIDE), {"class": torch.arange(4 * BATCH) % 3}), BATCH)


def pictures(n: int, side: int) -> Tensor:
    """Noise of the right shape."""
    return torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(1)) * 2 - 1


def in_turns(steps: Mapping[str, Step], rounds: int) -> dict[str, float]:
    """Median seconds of each, taken in turns, so that a noisy machine disturbs all alike."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(rounds):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(times) for name, times in taken.items()}


MEASURED: Mapping[str, Callable[[], Step]] = {
    "ours": ours,
    "published": lambda: published(False),
    **{f"side {side}": (lambda side=side: ours(side, WIDTH // 2, BATCH // 4, 1)) for side in SIDES},
}


def added(name: str) -> float:
    """MiB that three steps add to the largest memory of a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_added, (name,))


def _added(name: str) -> float:
    torch.set_num_threads(1)
    step = MEASURED[name]()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the largest memory so far is forgotten; Linux alone knows this
    before = _mark("VmRSS")
    for _ in range(3):
        step()
    return _mark("VmHWM") - before


def _mark(name: str) -> float:
    """MiB that the system says about this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def exponent(costs: Mapping[int, float]) -> float:
    """The power of the side with which costs rise, by least squares of the logarithms."""
    x, y = [math.log(side) for side in costs], [math.log(cost) for cost in costs.values()]
    mx, my = statistics.fmean(x), statistics.fmean(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum((a - mx) ** 2 for a in x)


def main() -> None:
    """Four tables."""
    torch.set_num_threads(1)
    print(f"WGAN-GP, {SIDE}² × 3, width {WIDTH}, batch {BATCH}, {ROUNDS} moves of the critic and one of the generator")
    steps = {"ours, in our loop": ours(), "published": published(False), "published, fused Adam": published(True)}
    found = in_turns(steps, 9)
    mine = found["ours, in our loop"]
    for name, seconds in found.items():
        print(f"  {name:<24} {seconds * 1000:7.0f} ms a step   {seconds / mine:.2f} × our time")
    print(f"  memory that steps add: ours {added('ours'):.0f} MiB, published {added('published'):.0f} MiB")
    generator, critic = networks(SIDE, WIDTH)
    model = WGANGP(generator, critic, LATENT).eval()
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        model.sample(256)
        taken.append(time.perf_counter() - began)
    print(f"  draws a second: {256 / statistics.median(taken):,.0f}")

    found = in_turns({"ours, two passes": acgan(ACGAN), "one pass": acgan(OnePass)}, 15)
    print(f"ACGAN, {SIDE}² × 3, width {WIDTH}, batch {BATCH}, three classes")
    for name, seconds in found.items():
        print(f"  {name:<24} {seconds * 1000:7.0f} ms a step   {seconds / found['ours, two passes']:.2f} ×")

    print(f"Cost against the side: width {WIDTH // 2}, batch {BATCH // 4}, one move of each player")
    costs = {side: in_turns({"step": MEASURED[f"side {side}"]()}, 5)["step"] for side in SIDES}
    rooms = {side: added(f"side {side}") for side in SIDES}
    for side in SIDES:
        print(f"  {side:>4}²  {costs[side] * 1000:7.0f} ms   {rooms[side]:6.0f} MiB")
    last = {side: rooms[side] for side in SIDES[-2:]}
    print(f"  time rises as side^{exponent(costs):.2f}, memory in the end as side^{exponent(last):.2f}")


if __name__ == "__main__":
    main()
