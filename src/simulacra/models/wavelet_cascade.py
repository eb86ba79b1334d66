"""Pictures by diffusion from coarse to fine: a small picture, then the wavelets that each finer one has beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.guidance import Conditions
from simulacra.diffusion.haar import join, split
from simulacra.diffusion.noise import VarianceExploding
from simulacra.diffusion.turns import Turns
from simulacra.models.base import Batch, Losses, Model
from simulacra.models.diffusion import BESIDE, Diffusion
from simulacra.networks.unet import UNet
from simulacra.samplers.dpm_solver import DPMSolver

SMALLEST = 1e-3  # of the largest spread of a band: what varies less is not blown up


class WaveletCascade(Model):
    r"""$p(a_0)\,\prod_k p(d_k \mid a_{k-1})$, each factor a diffusion model; $a_k$ is $a_{k-1}$ with its details $d_k$.

    A picture of many scales is ill conditioned: its coarse waves are a hundred times as strong as its fine ones, so
    that one diffusion model needs many steps and a large network to serve both. Given the coarse picture, Haar details
    are small and nearly alike in strength; here they are brought to spread one, wave by wave, and few steps suffice.
    The first model draws the small picture from noise alone. Letters: B samples, C channels, L pixels a side.

    Args:
        stages: the diffusion models, coarsest first: the first of samples (C, l, l), the next of (3 C, l, l) beside C
            channels, the next of (3 C, 2 l, 2 l), and so on.
        symmetry: ways in which a picture may as well be turned; each is shown in one of them in training.
        blur: noise on the coarse picture that a model of details sees, in its spreads, in training and in drawing
            alike: small errors of the coarser model then do no harm.

    References:
        Wavelet score-based generative modeling (Guth, Coste, De Bortoli & Mallat, 2022), arXiv:2208.05003
        Cascaded diffusion models for high fidelity image generation (Ho et al., 2022), arXiv:2106.15282
    """

    def __init__(self, stages: Sequence[Diffusion], symmetry: Turns | None = None, blur: float = 0.1) -> None:
        super().__init__()
        first = stages[0].shape if stages else ()
        wanted = [(first[0] * 3, first[1] << k, first[2] << k) for k in range(len(stages) - 1)] if stages else []
        if len(first) != 3 or [stage.shape for stage in stages[1:]] != wanted:
            raise BadInput(
                "the stages do not fit upon each other",
                ", ".join(str(stage.shape) for stage in stages) or "no stage",
                "give samples of (C, l, l), then (3 C, l, l), then (3 C, 2 l, 2 l) and so on",
            )
        if any(stage.beside != first[0] for stage in stages[1:]) or stages[0].beside:
            raise BadInput(
                "a model of details sees the coarse picture, the first model sees none",
                f"channels beside: {[stage.beside for stage in stages]}",
                f"build the later stages with beside={first[0]}",
            )
        self.stages, self.symmetry, self.blur = nn.ModuleList(stages), symmetry, blur
        self.conditions = stages[0].conditions
        self.only: int | None = None
        """The stage that `loss` is of; all where None."""
        for k, stage in enumerate(stages):
            self.register_buffer(f"middle{k}", torch.zeros(first[0], *stage.shape[1:]))
            self.register_buffer(f"spread{k}", torch.ones(first[0], *stage.shape[1:]))
            self.register_buffer(f"detail{k}", torch.ones(stage.shape))

    @torch.no_grad()
    def count(self, data: Batch) -> None:
        """Means and spreads of each scale, wave by wave, over all turns of the training pictures."""
        moved = [data.x] if self.symmetry is None else [self._turned(data.x, way) for way in range(8)]
        for k in reversed(range(len(self.stages))):
            both = [split(x) if k else (x, x) for x in moved]
            coarse = torch.stack([part.double().mean(0) for part, _ in both]).mean(0)
            square = torch.stack([part.double().square().mean(0) for part, _ in both]).mean(0)
            power = torch.stack([part.double().square().mean(0) for _, part in both]).mean(0)
            self._learned(f"middle{k}", coarse)
            self._learned(f"spread{k}", (square - coarse.square()).clamp(min=0).sqrt())
            if k:
                self._learned(f"detail{k}", power.sqrt())
            moved = [part for part, _ in both]

    def _learned(self, name: str, values: Tensor) -> None:
        low = 0.0 if name.startswith("middle") else SMALLEST * float(values.max())
        self.get_buffer(name).copy_(values.clamp(min=low) if low else values)

    def _turned(self, x: Tensor, way: int) -> Tensor:
        assert self.symmetry is not None
        return self.symmetry.moved(x, torch.full((len(x),), (way + 0.5) / 8, device=x.device))

    def _evened(self, k: int, coarse: Tensor, noise: Tensor) -> Tensor:
        """The coarse picture as a model of details sees it."""
        return (coarse - self.get_buffer(f"middle{k}")) / self.get_buffer(f"spread{k}") + self.blur * noise

    def scales(self, x: Float[Tensor, "B C L L"]) -> list[tuple[Tensor, Tensor]]:
        """For each stage, coarsest first, the coarse picture and what the stage's model draws, in its own units."""
        found = []
        for k in reversed(range(1, len(self.stages))):
            x, details = split(x)
            found.append((x, details / self.get_buffer(f"detail{k}")))
        first = (x - self.get_buffer("middle0")) / self.get_buffer("spread0")
        return [(x, first), *reversed(found)]

    def loss(self, batch: Batch) -> Losses:
        """Each stage's denoising error, at times of its own."""
        x = batch.x if self.symmetry is None else self.symmetry.moved(batch.x, batch.uniform())
        parts: Losses = {}
        for k, (coarse, data) in enumerate(self.scales(x)):
            if self.only not in (None, k):
                continue
            beside = {BESIDE: self._evened(k, coarse, batch.normal(*coarse.shape[1:]))} if k else {}
            stage = self.stages[k]
            assert isinstance(stage, Diffusion)
            parts[f"scale {k}"] = stage.loss(Batch(data, {**batch.given, **beside}, None, batch.noise))["denoising"]
        return parts

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws: the small picture, then detail upon detail."""
        x = torch.empty(0)
        for k, stage in enumerate(self.stages):
            assert isinstance(stage, Diffusion)
            beside = {BESIDE: self._evened(k, x, torch.randn_like(x))} if k else {}
            drawn = stage.sample(n, {**(given or {}), **beside}).x
            if k:
                x = join(x, drawn * self.get_buffer(f"detail{k}"))
            else:
                x = drawn * self.get_buffer("spread0") + self.get_buffer("middle0")
        return Batch(x, dict(given or {}))


def example() -> tuple[WaveletCascade, Batch]:
    """The smallest one: the docs print it, the tests for every model run it."""
    stated = Conditions({"class": 4}, dropped=0.1)
    known = FEATURES + stated.width
    shapes = ((1, 4, 4), (3, 4, 4), (3, 8, 8))
    stages = [
        Diffusion(
            UNet(2, shape[0] + min(k, 1), 8, known, growth=(1, 2)),
            shape,
            noise=VarianceExploding(highest=20.0),
            sampler=DPMSolver(5),
            conditioning=stated,
            beside=min(k, 1),
        )
        for k, shape in enumerate(shapes)
    ]
    return WaveletCascade(stages), Batch(torch.randn(16, 1, 16, 16), {"class": torch.arange(16) % 4})
