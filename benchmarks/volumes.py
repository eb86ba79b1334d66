"""Volumes: a training step in three dimensions beside the published formulation, and what statistics cost.

Published (Henkes & Wessels, 2022, arXiv:2206.01693, and its code, written out here in torch by us): a generator of
eight dense layers and transposed convolutions with a branch from the first features to each resolution, a critic of
residual blocks of 3 by 3 by 3 convolutions at full resolution, batch 8, one move each, one batch of made volumes for
both. Its widths are those of the published command line (32 and 16). Beside both stand their multiplications, counted
by hooks. And: what a step adds to memory, how time and memory rise with the voxels, what each statistic takes for a
volume, and, where scikit-image or porespy are installed, what these say of the same volumes.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.shelf import shelf
from simulacra.domains.materials.configurations import cubes, euler, faces, surface
from simulacra.domains.materials.isosurface import area, surface_of
from simulacra.models.base import Batch
from simulacra.models.wgan_gp import WGANGP
from simulacra.networks.material_critic import MaterialCritic
from simulacra.networks.noise_field_generator import NoiseFieldGenerator
from simulacra.sources.materials.sphere_packing import SpherePacking
from simulacra.training.budget import Budget
from simulacra.training.session import Session

SIDES = (16, 32, 64)
LATENT, WIDTH, CRITIC = 128, 32, 16  # published
Step = Callable[[], object]


class PublishedGenerator(nn.Module):
    """Dense layers, then transposed convolutions, each with a branch from the first features."""

    def __init__(self, side: int, width: int) -> None:
        super().__init__()
        blocks = int(math.log2(side)) - 2
        widths = [width * 2**k for k in range(blocks, -1, -1)]
        self.dense = nn.Sequential(*[nn.Sequential(nn.Linear(LATENT, LATENT), nn.LeakyReLU(0.2)) for _ in range(8)])
        self.first, self.start = nn.Linear(LATENT, 8 * widths[0]), widths[0]
        pairs = list(pairwise(widths))
        self.up = nn.ModuleList([nn.ConvTranspose3d(a, b, 3, 2, 1, 1) for a, b in pairs])
        self.branch = nn.ModuleList([nn.Conv3d(widths[0], b, 1) for _, b in pairs])
        self.last = nn.ConvTranspose3d(width, 1, 3, 2, 1, 1)

    def forward(self, z: Tensor, given: Tensor) -> Tensor:
        """Latent vectors to volumes of logits."""
        w = functional.leaky_relu(self.first(self.dense(z)), 0.2).view(-1, self.start, 2, 2, 2)
        x = w
        for up, branch in zip(self.up, self.branch, strict=True):
            x = functional.leaky_relu(up(x), 0.2)
            x = x + functional.interpolate(functional.leaky_relu(branch(w), 0.2), size=x.shape[2:])
        out: Tensor = self.last(x)
        return out


class PublishedCritic(nn.Module):
    """Residual blocks at full resolution, halved by their mean."""

    def __init__(self, side: int, width: int) -> None:
        super().__init__()
        blocks = int(math.log2(side)) - 1
        widths = [1, *(width * 2**k for k in range(blocks + 1))]
        pairs = list(pairwise(widths))
        self.one = nn.ModuleList([nn.Conv3d(a, b, 3, 1, 1) for a, b in pairs])
        self.two = nn.ModuleList([nn.Conv3d(b, b, 3, 1, 1) for _, b in pairs])
        self.skip = nn.ModuleList([nn.Conv3d(a, b, 1) for a, b in pairs])
        self.said = nn.Linear(8 * widths[-1], 1)

    def forward(self, x: Tensor, given: Tensor) -> Tensor:
        """Volumes to one number each."""
        for i, (one, two, skip) in enumerate(zip(self.one, self.two, self.skip, strict=True)):
            x = functional.leaky_relu(skip(x) + two(functional.leaky_relu(one(x), 0.2)), 0.2)
            x = functional.avg_pool3d(x, 2) if i < len(self.one) - 1 else x
        out: Tensor = self.said(x.flatten(1)).squeeze(1)
        return out


def networks(side: int) -> tuple[NoiseFieldGenerator, MaterialCritic]:
    """Ours, as the study builds them."""
    torch.manual_seed(0)
    return NoiseFieldGenerator(side, 1, 16, border="circular"), MaterialCritic(12, border="circular")


def volumes(n: int, side: int) -> Tensor:
    """Spheres as signs."""
    x = SpherePacking(side, side / 8, 0.3, True).draw(n, np.random.default_rng(0)).array
    return torch.as_tensor(x, dtype=torch.float32)[:, None] * 2 - 1


def ours(side: int, batch: int) -> Step:
    """The step of our loop, with all that it counts and checks."""
    generator, critic = networks(side)
    model = WGANGP(generator, critic, generator.latent, rounds=1, conditional=False)
    budget = Budget(10_000, batch=batch, rate=1e-3, betas=(0.0, 0.9), average=0.998)
    return Session(Fabric(accelerator="cpu", devices=1), model, Batch(volumes(2 * batch, side)), budget, 0).advance


def published(generator: nn.Module, critic: nn.Module, latent: int, side: int, batch: int) -> Step:
    """One batch of made volumes for both players; a pass of the critic each for real, made and middle ones."""
    data, none = volumes(2 * batch, side), torch.empty(batch, 0)
    g, d = torch.optim.NAdam(generator.parameters(), 5e-5), torch.optim.NAdam(critic.parameters(), 1e-4)

    def step() -> None:
        real = data[torch.randint(len(data), (batch,))]
        made = torch.tanh(generator(torch.randn(batch, latent), none))
        false = critic(made, none)
        g_grad = torch.autograd.grad(-false.mean(), list(generator.parameters()), retain_graph=True)
        middle = (real + torch.rand(batch, 1, 1, 1, 1) * (made.detach() - real)).requires_grad_(True)
        (slope,) = torch.autograd.grad(critic(middle, none).sum(), middle, create_graph=True)
        penalty = 10 * (slope.flatten(1).norm(dim=1) - 1).square().mean()
        loss = critic(made.detach(), none).mean() - critic(real, none).mean() + penalty
        d_grad = torch.autograd.grad(loss, list(critic.parameters()))
        for optimizer, module, grads in ((d, critic, d_grad), (g, generator, g_grad)):
            for p, grad in zip(module.parameters(), grads, strict=True):
                p.grad = grad
            optimizer.step()

    return step


def their_networks(side: int, width: int, critic: int) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    return PublishedGenerator(side, width), PublishedCritic(side, critic)


@contextmanager
def counted(module: nn.Module) -> Iterator[list[float]]:
    """Within, multiplications of its convolutions and dense layers in a pass."""
    total = [0.0]

    def hook(layer: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        if isinstance(layer, nn.Conv3d):
            total[0] += out[0].numel() * layer.weight[0].numel()
        elif isinstance(layer, nn.ConvTranspose3d):
            total[0] += given[0][0].numel() * layer.weight[0].numel()
        elif isinstance(layer, nn.Linear):
            total[0] += layer.weight.numel()

    handles = [layer.register_forward_hook(hook) for layer in module.modules()]
    yield total
    for handle in handles:
        handle.remove()


def products(generator: nn.Module, critic: nn.Module, latent: int, side: int) -> tuple[float, float]:
    """Millions of multiplications of a pass of one volume through each."""
    none = torch.empty(1, 0)
    with torch.no_grad(), counted(generator) as g, counted(critic) as c:
        critic(generator(torch.randn(1, latent), none), none)
    return g[0] / 1e6, c[0] / 1e6


def in_turns(steps: Mapping[str, Step], rounds: int) -> dict[str, float]:
    """Median seconds of the processor's time of each, taken in turns."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(rounds):
        for name, step in steps.items():
            began = time.process_time()
            step()
            taken[name].append(time.process_time() - began)
    return {name: statistics.median(times) for name, times in taken.items()}


def added(side: int) -> float:
    """MiB that three steps of ours add to the largest memory of a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_added, (side,))


def _added(side: int) -> float:
    torch.set_num_threads(1)
    step = ours(side, 2)
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the largest memory so far is forgotten; Linux alone knows this
    before = _mark("VmRSS")
    for _ in range(3):
        step()
    return _mark("VmHWM") - before


def _mark(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def exponent(costs: Mapping[int, float]) -> float:
    """The power of the number of voxels with which costs rise, by least squares of the logarithms."""
    x, y = [3 * math.log(side) for side in costs], [math.log(cost) for cost in costs.values()]
    mx, my = statistics.fmean(x), statistics.fmean(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum((a - mx) ** 2 for a in x)


def oracles() -> None:
    """What scikit-image and porespy say of volumes of which we have said it, where they are installed."""
    x = SpherePacking(48, 6.0, 0.3, True).draw(4, np.random.default_rng(1)).array
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (1, 1)))  # closed bodies, as the oracles take them
    shares, cells = cubes(padded), 49**3
    print("Four packings of 48³, closed at their faces: ours")
    print(f"  Euler characteristic, 6 neighbors {(euler(shares, 6) * cells).round().astype(int).tolist()}")
    print(f"  Euler characteristic, 26 neighbors {(euler(shares, 26) * cells).round().astype(int).tolist()}")
    print(f"  surface, Crofton {(surface(shares) * cells).round(0).tolist()}")
    print(f"  surface, faces {(faces(shares) * cells).round(0).tolist()}")
    print(f"  surface, tetrahedra {[round(area(*surface_of(v))) for v in x]}")
    try:
        from skimage import measure
    except ModuleNotFoundError:
        print("  (scikit-image is not installed)")
        return
    for name, touching in (("6", 1), ("26", 3)):
        print(f"  scikit-image, Euler, {name} neighbors {[measure.euler_number(v, touching) for v in padded]}")
    meshes = [measure.marching_cubes(v.astype(float), 0.5) for v in padded]
    print(f"  scikit-image, marching cubes {[round(measure.mesh_surface_area(m[0], m[1])) for m in meshes]}")


def main() -> None:
    """Five tables."""
    torch.set_num_threads(1)
    generator, critic = networks(32)
    mine = products(generator, critic, generator.latent, 32)
    theirs = products(*their_networks(32, WIDTH, CRITIC), LATENT, 32)
    print("A step of WGAN-GP on 32³, processor time; and millions of multiplications a volume (generator, critic)")
    steps = {
        "ours, batch 2": ours(32, 2),
        "ours, batch 8": ours(32, 8),
        "our networks, published step, batch 8": published(*networks(32), generator.latent, 32, 8),
        "published networks and step, batch 8": published(*their_networks(32, WIDTH, CRITIC), LATENT, 32, 8),
    }
    for name, seconds in in_turns(steps, 3).items():
        g, c = theirs if name.startswith("published") else mine
        print(f"  {name:<38} {seconds * 1000:7.0f} ms   {g:6.0f} {c:6.0f}")

    print("Our step against the side: batch 2")
    costs = {side: in_turns({"step": ours(side, 2)}, 3)["step"] for side in SIDES}
    rooms = {side: added(side) for side in SIDES}
    for side in SIDES:
        print(f"  {side:>4}³  {costs[side] * 1000:7.0f} ms   {rooms[side]:6.0f} MiB")
    print(
        f"  time rises as voxels^{exponent(costs):.2f}, memory as voxels^{exponent(dict(list(rooms.items())[1:])):.2f}"
    )

    print("Statistics, milliseconds of processor time a volume")
    names = [e.name for e in shelf("statistics").entries() if "volume" in e.constants.get("accepts", ())]
    print(f"  {'':<24}" + "".join(f"{side:>8}³" for side in SIDES))
    for name in names:
        found = []
        for side in SIDES:
            x = SpherePacking(side, side / 8, 0.3, True).draw(8, np.random.default_rng(0))
            statistic = shelf("statistics").load(name)()
            found.append(in_turns({"it": lambda s=statistic, x=x: s(x)}, 3)["it"] / len(x) * 1000)
        print(f"  {name:<24}" + "".join(f"{ms:>9.2f}" for ms in found))
    oracles()


if __name__ == "__main__":
    main()
