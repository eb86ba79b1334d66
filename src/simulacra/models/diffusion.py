"""Diffusion model: a network that takes noise away from data, and draws by starting from noise alone."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.diffusion import likelihood
from simulacra.diffusion.clock import FEATURES, clock
from simulacra.diffusion.filling import Filling, Replaced
from simulacra.diffusion.guidance import Conditions
from simulacra.diffusion.noise import Cosine, Denoise, Noise
from simulacra.diffusion.polish import Polish
from simulacra.diffusion.starts import CoarseStart
from simulacra.diffusion.targets import PredictVelocity, Target
from simulacra.diffusion.turns import Turns
from simulacra.diffusion.weighting import Simple, Weighting
from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.conditioned_mlp import ConditionedMLP
from simulacra.samplers.base import Sampler
from simulacra.samplers.dpm_solver import DPMSolver

BESIDE = "beside"
"""Name among the conditions of a picture that is laid beside the noisy one."""


class Diffusion(Model):
    r"""Data $x_0$ seen as $x_t = \alpha_t x_0 + \sigma_t \varepsilon$, and a network that says what they were.

    The network F is conditioned on the time and the conditions; the expected data are
    $D = c_\text{skip} x_t + c_\text{out} F(c_\text{in} x_t)$. Trained to lower the weighted
    $\overline{(F - F^*)^2}$, where $F^*$ is the answer whose D is $x_0$. Letters: B samples, E numbers of conditioning.

    Args:
        network: x (B, …) and what it is conditioned on (B, E) to numbers of the shape of x; E is 32 for the time, and
            the conditions' width.
        shape: of one sample, as the view gives it.
        noise: how a sample fades; `Cosine` by default.
        target: what the network is asked for; `PredictVelocity` by default.
        sampler: the walk from noise to data; `DPMSolver` of 50 steps by default, whose own error is 1 to 2 % of a
            normal law's variance.
        weighting: at which times it learns, and what its errors count; `Simple` by default.
        conditioning: the conditions; None for a model without.
        symmetry: ways in which a sample may as well be turned; each is shown in one of them in training.
        start: the law of noisy data at the largest noise; by default a normal one, which is right where nothing of the
            data is left.
        polish: what makes the expected data of pictures better, fitted after the training.
        beside: channels of a picture `given` as "beside", which the network sees after those of the noisy one.

    References:
        Deep unsupervised learning using nonequilibrium thermodynamics (Sohl-Dickstein et al., 2015), arXiv:1503.03585
        Denoising diffusion probabilistic models (Ho, Jain & Abbeel, 2020), arXiv:2006.11239
        Elucidating the design space of diffusion-based generative models (Karras et al., 2022), arXiv:2206.00364
    """

    def __init__(
        self,
        network: nn.Module,
        shape: tuple[int, ...],
        noise: Noise | None = None,
        target: Target | None = None,
        sampler: Sampler | None = None,
        weighting: Weighting | None = None,
        conditioning: Conditions | None = None,
        symmetry: Turns | None = None,
        start: CoarseStart | None = None,
        polish: Polish | None = None,
        beside: int = 0,
    ) -> None:
        super().__init__()
        self.beside = beside
        self.network, self.shape, self.conditioning, self.symmetry = network, tuple(shape), conditioning, symmetry
        self.start, self.polish = start, polish
        if symmetry is not None:
            symmetry.suits(self.shape)
        self.noise = Cosine() if noise is None else noise
        self.target = PredictVelocity() if target is None else target
        self.sampler = DPMSolver(50) if sampler is None else sampler
        self.weighting = Simple() if weighting is None else weighting
        self.conditions = conditioning is not None  # of this model, not of its class

    def extra_repr(self) -> str:
        """The parts that are no networks, by their names."""
        parts = (self.noise, self.target, self.sampler, self.weighting)
        return ", ".join([str(self.shape), *(type(part).__name__ for part in parts)])

    def loss(self, batch: Batch) -> Losses:
        """The network's squared error at a time of each sample's own; the times are spread evenly over the batch."""
        keyed = batch.noise
        first, total = (0, len(batch)) if keyed is None else (keyed.start, keyed.total)
        place = torch.arange(first, first + len(batch), device=batch.x.device)
        t = self.weighting.times(self.noise, (place + batch.uniform().double()) / total)
        kept = torch.ones_like(t, dtype=torch.bool)
        if self.conditioning is not None and self.conditioning.dropped:
            kept = batch.uniform() >= self.conditioning.dropped
        data = batch.x if self.symmetry is None else self.symmetry.moved(batch.x, batch.uniform())
        alpha, sigma = self.noise.alpha(t), self.noise.sigma(t)
        eps = batch.normal(*self.shape)
        x = self._over(alpha, data) * data + self._over(sigma, data) * eps
        skip, out = self.target.read(alpha, sigma)
        # what F must say for D to be the data, in terms of data and noise: nothing cancels where there is little noise
        asked = self._over((1 - skip * alpha) / out, x) * data - self._over(skip * sigma / out, x) * eps
        error = (self._network(x, t, batch.given, kept).float() - asked).square().flatten(1).mean(1)
        return {"denoising": self.weighting.weight(self.noise, self.target, t).to(error) * error}

    def denoise(
        self, x: Float[Tensor, "B ..."], t: Tensor, given: Mapping[str, Tensor] | None = None
    ) -> Float[Tensor, "B ..."]:
        """The expected data behind x at a time (a scalar, or one a sample), with guidance where it is asked for."""
        t = t.to(x.device, torch.float64).expand(len(x))
        skip, out = (self._over(part, x) for part in self.target.read(self.noise.alpha(t), self.noise.sigma(t)))
        kept = torch.ones(len(x), dtype=torch.bool, device=x.device)
        said = self._network(x, t, given or {}, kept)
        if (
            self.conditioning is not None and self.conditioning.weight != 1
        ):  # D is linear in F: what is stressed in one is in the other
            plain = self._network(x, t, given or {}, ~kept)
            said = plain + self.conditioning.weight * (said - plain)
        answer = skip * x + out * said
        if self.polish is None:
            return answer
        alpha, sigma = self.noise.alpha(t), self.noise.sigma(t)
        polished: Tensor = self.polish(answer, x / self._over(alpha, x), (sigma / alpha).log())
        return polished

    def _network(self, x: Tensor, t: Tensor, given: Mapping[str, Tensor], kept: Bool[Tensor, " B"]) -> Tensor:
        features = clock(self.noise.log_snr(t)).to(x)
        if self.conditioning is not None:
            features = torch.cat([features, self.conditioning.tell(given, kept).to(x)], 1)
        seen = self._over(self.target.scale(self.noise.alpha(t), self.noise.sigma(t)), x) * x
        if self.beside:
            if BESIDE not in given:
                raise BadInput("a picture is missing", ", ".join(given) or "none", f"give {BESIDE} too")
            seen = torch.cat([seen, given[BESIDE].to(seen)], 1)
        said: Tensor = self.network(seen, features)
        return said[:, : self.shape[0]] if self.beside else said

    @staticmethod
    def _over(value: Float[Tensor, " B"], x: Tensor) -> Tensor:
        """One number a sample, to be multiplied with x."""
        return value.to(x).view(-1, *[1] * (x.ndim - 1))

    def denoiser(self, given: Mapping[str, Tensor] | None = None) -> Denoise:
        """The expected data under fixed conditions: what samplers and likelihoods walk with."""
        moved = {name: value.to(self.device) for name, value in (given or {}).items()}
        return lambda x, t: self.denoise(x, t, moved)

    def count(self, data: Batch) -> None:
        """Before the first step: what the start must know of the training set."""
        if self.start is not None:
            self.start.learn(data.x, data.given)

    @torch.no_grad()
    def begin(self, n: int, given: Mapping[str, Tensor] | None = None) -> Float[Tensor, "n ..."]:
        """Where n walks begin: noisy samples at the first of the sampler's times."""
        if self.start is None:
            return self.sampler.start(self.noise, torch.randn(n, *self.shape, device=self.device))
        first = self.sampler.times(self.noise)[:1]
        return self.start.draw(n, float(self.noise.alpha(first)), float(self.noise.sigma(first)), given)

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws under the given conditions, (n,) each."""
        return self.end(self.begin(n, given), given)

    @torch.no_grad()
    def end(self, x: Float[Tensor, "B ..."], given: Mapping[str, Tensor] | None = None) -> Batch:
        """The samples at which walks from these places end."""
        return Batch(self.sampler.walk(self.denoiser(given), self.noise, x), dict(given or {}))

    @torch.no_grad()
    def fill(
        self,
        known: Tensor,
        mask: Bool[Tensor, "..."],
        n: int,
        given: Mapping[str, Tensor] | None = None,
        filling: Filling | None = None,
    ) -> Batch:
        """n draws of what is missing; the known values stand where they are, to the last bit.

        Args:
            known: values, of the shape of one sample or of n; those outside the mask are not looked at.
            mask: where they are known.
            n: how many draws.
            given: the conditions, (n,) each.
            filling: how what is known enters; `Replaced` by default.
        """
        try:
            values = known.to(self.device, torch.float32).expand(n, *self.shape)
            where = mask.to(self.device).expand(n, *self.shape)
        except RuntimeError as error:
            raise BadInput(
                "what is known does not have the shape of the model's samples",
                f"values {tuple(known.shape)}, mask {tuple(mask.shape)}, samples {self.shape}",
                f"bring both to {self.shape}",
            ) from error
        way = Replaced() if filling is None else filling
        denoise = way.knowing(self.denoiser(given), self.noise, torch.where(where, values, 0.0), where)
        drawn = self.sampler.walk(denoise, self.noise, self.begin(n, given))
        return Batch(torch.where(where, values, drawn), dict(given or {}))

    @torch.no_grad()
    def chain(
        self, n: int, frames: int = 10, given: Mapping[str, Tensor] | None = None
    ) -> Float[Tensor, "frames n ..."]:
        """Frames from noise to sample, each over the spread that unit data have at its time, so that all show alike.

        A walk of few steps has as many frames as places.
        """
        if frames < 2:
            raise BadInput("a chain shows two frames or more", f"frames={frames}", "take frames=10")
        count = min(frames, self.sampler.steps + 1)
        places = torch.linspace(0, self.sampler.steps, count).round().long().tolist()
        alpha, sigma = self.noise.levels(self.sampler.times(self.noise))
        spread = (alpha**2 + sigma**2).sqrt().tolist()
        x = self.begin(n, given)
        shown = [x / spread[0]]

        def watch(step: int, x: Tensor) -> None:
            if step in places:
                shown.append(x / spread[step])

        self.sampler.walk(self.denoiser(given), self.noise, x, watch)
        return torch.stack(shown)

    def bound(self, batch: Batch, points: int = 128) -> likelihood.Parts:
        """The variational bound on minus the log-density, nats a sample, by parts; see `diffusion/likelihood.py`."""
        return likelihood.bound(self.denoiser(batch.given), self.noise, batch.x, points)

    def log_prob(self, batch: Batch, steps: int = 100, probes: int | None = None) -> Float[Tensor, " B"]:
        """The log-density, nats a sample, along the probability-flow equation; see `diffusion/likelihood.py`."""
        return likelihood.log_density(self.denoiser(batch.given), self.noise, batch.x, steps, probes)


def example() -> tuple[Diffusion, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    conditioning = Conditions({"class": 4, "angle": 0}, dropped=0.1)
    model = Diffusion(
        ConditionedMLP(2, 16, FEATURES + conditioning.width), (2,), sampler=DPMSolver(5), conditioning=conditioning
    )
    return model, Batch(torch.randn(32, 2), {"class": torch.arange(32) % 4, "angle": torch.randn(32)})
