"""Discrete diffusion model: a network that says what the categories were before noise changed them."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.diffusion.any_order import Order, along, chance_along
from simulacra.diffusion.clock import FEATURES, clock
from simulacra.diffusion.discrete_bound import Guess, discrete_bound, step_cost
from simulacra.diffusion.fading import Even, Fading
from simulacra.diffusion.guidance import Conditions
from simulacra.diffusion.likelihood import Parts
from simulacra.diffusion.transitions import Absorbing, Transitions
from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.dit import DiT
from simulacra.samplers.ancestral import Ancestral

LEAST = 1e-4  # of the share kept, and of the share lost, as the network is conditioned on it


class DiscreteDiffusion(Model):
    r"""Categories $x_0$ seen as $x_t \sim \bar Q_t[x_0, \cdot\,]$, and a network that says $p(x_0 \mid x_t)$.

    A batch's x holds categories 0 … K-1 as whole numbers (long), (B, …), on sites of any shape: the nodes and the
    edges of a graph, the letters of a sequence, spins. Letters: B samples, K categories, S states of a noisy site, E
    numbers of conditioning.

    Args:
        network: states as marks, channels first, (B, S, …), and what it is conditioned on (B, E), to logits (B, K, …),
            or (B, S, …), of which the first K are read; E is 32 for the time, and the conditions' width.
        shape: of the sites of one sample.
        transitions: the noise: `Absorbing`, `Uniform` or `Marginal`.
        fading: its schedule; `Even` by default.
        sampler: the walk from noise to data; `Ancestral` of 50 steps by default.
        steps: of the walk whose bound is trained; the sampler may take others.
        bound: what the variational bound counts in the objective (nats a site).
        cross_entropy: what the plain cross-entropy of the categories counts beside it.
        conditioning: the conditions; None for a model without.

    References:
        Structured denoising diffusion models in discrete state-spaces (Austin et al., 2021), arXiv:2107.03006
        DiGress: discrete denoising diffusion for graph generation (Vignac et al., 2023), arXiv:2209.14734
    """

    def __init__(
        self,
        network: nn.Module,
        shape: tuple[int, ...],
        transitions: Transitions,
        fading: Fading | None = None,
        sampler: Ancestral | None = None,
        steps: int = 1000,
        bound: float = 1.0,
        cross_entropy: float = 0.01,
        conditioning: Conditions | None = None,
    ) -> None:
        super().__init__()
        if steps < 1 or min(bound, cross_entropy) < 0 or not bound + cross_entropy:
            raise BadInput(
                "the objective has a step or more, and a part that counts",
                f"steps={steps}, bound={bound}, cross_entropy={cross_entropy}",
                "take steps=1000, bound=1.0, cross_entropy=0.01",
            )
        self.network, self.shape, self.transitions, self.conditioning = network, tuple(shape), transitions, conditioning
        self.fading = Even() if fading is None else fading
        self.sampler = Ancestral(50) if sampler is None else sampler
        self.steps, self.weights = steps, {"bound": bound, "cross-entropy": cross_entropy}
        self.conditions = conditioning is not None  # of this model, not of its class

    def extra_repr(self) -> str:
        """The parts that are no networks, by their names."""
        parts = (self.transitions, self.fading, self.sampler)
        return ", ".join([str(self.shape), *(type(part).__name__ for part in parts), f"steps={self.steps}"])

    def loss(self, batch: Batch) -> Losses:
        """The bound's cost of one step a sample, and the cross-entropy there; steps are even over the batch."""
        keyed = batch.noise
        first, total = (0, len(batch)) if keyed is None else (keyed.start, keyed.total)
        place = torch.arange(first, first + len(batch), device=batch.x.device)
        step = ((place + batch.uniform().double()) / total * self.steps).floor().clamp(max=self.steps - 1)
        kept, before = self.fading.kept((step + 1) / self.steps), self.fading.kept(step / self.steps)
        u = torch.stack([batch.uniform(*self.shape), batch.uniform(*self.shape)])
        state = self.transitions.noised(batch.x, kept, u)
        shown = torch.ones(len(batch), dtype=torch.bool, device=batch.x.device)
        if self.conditioning is not None and self.conditioning.dropped:
            shown = batch.uniform() >= self.conditioning.dropped
        said = self._said(state, kept, batch.given, shown)
        sites = max(1, batch.x[0].numel())
        losses: Losses = {}
        if self.weights["bound"]:
            cost = step_cost(self.transitions, said.exp(), batch.x, state, kept, before)
            losses["bound"] = (self.weights["bound"] * self.steps / sites * cost).float()
        if self.weights["cross-entropy"]:
            right = said.gather(-1, batch.x[..., None])[..., 0]
            losses["cross-entropy"] = -self.weights["cross-entropy"] * right.flatten(1).mean(1).float()
        return losses

    def _said(self, state: Tensor, kept: Tensor, given: Mapping[str, Tensor], shown: Bool[Tensor, " B"]) -> Tensor:
        """Log-chances of the categories, (B, …, K): none where the noise could not have made the state of them."""
        marks = functional.one_hot(state, self.transitions.states).movedim(-1, 1).to(torch.get_default_dtype())
        features = clock(torch.logit(kept.double().clamp(LEAST, 1 - LEAST))).to(marks)
        if self.conditioning is not None:
            features = torch.cat([features, self.conditioning.tell(given, shown).to(marks)], 1)
        logits = self.network(marks, features)[:, : self.transitions.categories].float().movedim(1, -1)
        impossible = self.transitions.possible(state, kept) <= 0
        chances: Tensor = logits.masked_fill(impossible, -1e30).log_softmax(-1)
        return chances

    def guess(self, given: Mapping[str, Tensor] | None = None) -> Guess:
        """The chances of each site's category under fixed conditions, with guidance where it is asked for."""
        moved = {name: value.to(self.device) for name, value in (given or {}).items()}

        def chances(state: Tensor, kept: Tensor) -> Tensor:
            return self._guided(state, kept, moved).exp()

        return chances

    def _guided(self, state: Tensor, kept: Tensor, given: Mapping[str, Tensor]) -> Tensor:
        shown = torch.ones(len(state), dtype=torch.bool, device=state.device)
        said = self._said(state, kept, given, shown)
        if self.conditioning is None or self.conditioning.weight == 1:
            return said
        plain = self._said(state, kept, given, ~shown)
        return (plain + self.conditioning.weight * (said - plain)).log_softmax(-1)

    def _start(self, n: int) -> Int64[Tensor, "B *sites"]:
        return self.transitions.start(torch.rand(n, *self.shape, device=self.device))

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws under the given conditions, (n,) each."""
        x = self.sampler.walk(self.guess(given), self.transitions, self.fading, self._start(n))
        return Batch(x, dict(given or {}))

    @torch.no_grad()
    def chain(
        self, n: int, frames: int = 10, given: Mapping[str, Tensor] | None = None
    ) -> Int64[Tensor, "frames n *sites"]:
        """Frames from noise to sample, as states: a masked site shows as K."""
        if frames < 2:
            raise BadInput("a chain shows two frames or more", f"frames={frames}", "take frames=10")
        count = min(frames, self.sampler.steps + 1)  # few steps have no more frames than places
        places = torch.linspace(0, self.sampler.steps, count).round().long().tolist()
        shown = [self._start(n)]

        def watch(step: int, state: Tensor) -> None:
            if step in places:
                shown.append(state)

        self.sampler.walk(self.guess(given), self.transitions, self.fading, shown[0], watch)
        return torch.stack(shown)

    def bound(self, batch: Batch, steps: int | None = None) -> Parts:
        """The variational bound on minus the log-probability, nats a sample, by parts, of a walk of so many steps."""
        walk = self.sampler.steps if steps is None else steps
        return discrete_bound(self.guess(batch.given), self.transitions, self.fading, batch.x, walk)

    @torch.no_grad()
    def draw(
        self, n: int, order: Order, given: Mapping[str, Tensor] | None = None
    ) -> tuple[Batch, Float[Tensor, " n"]]:
        """n draws along orders of their own, with the exact logarithm of each one's probability along its order."""
        ranks = order.ranks(n, self.shape).to(self.device)
        x, log_q = along(self._revealing(given), ranks, self.transitions.categories)
        return Batch(x, dict(given or {})), log_q

    @torch.no_grad()
    def log_prob(self, batch: Batch, ranks: Int64[Tensor, "B *sites"]) -> Float[Tensor, " B"]:
        """The exact logarithm of each sample's probability along its order, nats; see `diffusion/any_order.py`."""
        return chance_along(self._revealing(batch.given), batch.x, ranks, self.transitions.categories)

    def _revealing(self, given: Mapping[str, Tensor] | None) -> Guess:
        if not isinstance(self.transitions, Absorbing):
            raise BadInput(
                "only absorbing noise reveals sites one after another",
                type(self.transitions).__name__,
                "take transitions=Absorbing(categories)",
            )
        moved = {name: value.to(self.device) for name, value in (given or {}).items()}
        return lambda state, kept: self._guided(state, kept, moved)


def example() -> tuple[DiscreteDiffusion, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    conditioning = Conditions({"class": 4}, dropped=0.1)
    network = DiT((3, 4), 1, 8, FEATURES + conditioning.width, depth=1, heads=2)
    model = DiscreteDiffusion(network, (4,), Absorbing(2), sampler=Ancestral(5), steps=10, conditioning=conditioning)
    return model, Batch(torch.randint(2, (32, 4)), {"class": torch.arange(32) % 4})
