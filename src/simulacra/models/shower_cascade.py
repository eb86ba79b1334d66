"""A shower from coarse to fine: the energies of its layers are drawn first, then each is split in two down to cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.guidance import Conditions
from simulacra.models.base import Batch, Losses, Model, Noise, Turn
from simulacra.models.diffusion import Diffusion
from simulacra.models.split_law import edge, log_density
from simulacra.networks.conditioned_mlp import ConditionedMLP
from simulacra.networks.halving import Halving
from simulacra.networks.mlp import MLP
from simulacra.samplers.dpm_solver import DPMSolver

ENERGY = "energy"
HUMPS = 3  # of the law of a split
WAYS = 3  # all to the first half, all to the second, some to both
CHUNK = 256  # showers at a time, where all of the training set is looked at
LAYER, SORT = 8, 16  # numbers by which a split is given its layer and its sort
MEASURED = 8  # numbers that a split is given of its shower
TOLD = 3 + MEASURED + LAYER + SORT
SAID = WAYS + 3 * HUMPS
AGAIN = 8  # times at which a shower's layers are looked at in a step
DARK = 2.1  # width of the law of the logarithms that dark layers are given, below the threshold's
STEEPEST = 6.0  # least logarithm of a hump's width, with a minus


class ShowerCascade(Model):
    r"""$p(x \mid E) = p(e \mid E) \prod_s p(f_s \mid \text{energy of the part},\, e,\, E)$ with e the layers' energies.

    The view's numbers are $u = \log(\text{energy}/e_0)$ in cells above the threshold $e_0$, else 0. First a diffusion
    model draws the logarithms of $\sum e / E$ and of the layers' shares, standardized about their mean at each energy.
    A dark layer has no logarithm: in training it is given one below the threshold's, by half of a normal law so broad
    that its density hardly steps at the threshold. Then every layer is divided (see `Halving`), and again, until
    every part is a cell. A split gives all to one half, all to the other, or a fraction f to the first: with
    $v = \log f/(1-f)$ a mixture of logistic laws, cut off where either half would fall below the threshold. So energy
    is kept exactly, no cell lies below the threshold, and what is learned of splits is a likelihood in closed form.
    Given what a split is given, it knows nothing of others: showers whose layers share a fine structure beyond their
    energies are drawn without it. Letters: B samples, L layers, S cells along a side, M splits.

    Args:
        layers: the law of 1 + L numbers, given the energy and further conditions.
        law: what a split is given, 35 numbers and one for each further condition, to 12: three ways, and weight, place
            and width of three humps.
        shape: layers, rows and columns; layers are square.
        names: further conditions beside the energy, which are numbers.
        share: of each shower's layers, chosen at random, whose splits a step learns from.
        times: moves of the layers' law in a step, each on a fresh batch.

    References:
        CaloFlow: fast and accurate generation of calorimeter showers with normalizing flows (Krause & Shih, 2021),
        arXiv:2106.05285 (layer energies first, then showers within them);
        CaloDREAM - detector response emulation via attentive flow matching (Favaro et al., 2024), arXiv:2405.09629
    """

    conditions: ClassVar[bool] = True
    order: Tensor
    splits: Tensor
    course: Tensor
    width: Tensor
    scale: Tensor

    def __init__(
        self,
        layers: Diffusion,
        law: nn.Module,
        shape: tuple[int, int, int],
        names: tuple[str, ...] = (),
        share: float = 0.2,
        times: int = 1,
    ) -> None:
        super().__init__()
        if shape[1] != shape[2] or shape[1] < 2 or shape[0] < 1 or layers.shape != (shape[0] + 1,):
            raise BadInput(
                "layers are square, of two cells a side or more, and their law is of one number more than layers",
                f"{shape}, a law of {layers.shape}",
                f"give a law of ({shape[0] + 1},) numbers",
            )
        if not 0 < share <= 1:
            raise BadInput("a step learns from some of the layers", f"share={share}", "take share=0.2")
        self.layers, self.law, self.shape, self.names = layers, law, tuple(shape), tuple(names)
        self.share, self.times = share, times
        halving = Halving.of(shape[1])
        self.register_buffer("order", torch.from_numpy(halving.order), persistent=False)
        columns = (halving.first, halving.middle, halving.last, halving.sort, halving.depth)
        self.register_buffer("splits", torch.stack([torch.from_numpy(c) for c in columns]), persistent=False)
        self.layer = nn.Embedding(shape[0], LAYER)
        self.sort = nn.Embedding(halving.sorts, SORT)
        self.register_buffer("scale", torch.tensor([0.0, 1.0]))
        self.register_buffer("course", torch.zeros(4 + len(self.names), shape[0] + 1))
        self.register_buffer("width", torch.zeros(3, shape[0] + 1))

    def turns(self) -> list[Turn]:
        """The layers' law, then the splits'."""
        rest = (*self.law.parameters(), *self.layer.parameters(), *self.sort.parameters())
        return [
            Turn("layers", tuple(self.layers.parameters()), self.layers_loss, self.times),
            Turn("splits", rest, self.loss),
        ]

    @torch.no_grad()
    def count(self, data: Batch) -> None:
        """Learn how the layers' energies go with the particle's on average, by least squares, and how they spread."""
        log_e = self._log_energy(data)
        self.scale.copy_(torch.stack([log_e.mean(), log_e.std().clamp(min=1e-3)]))
        rows = [
            self._logarithms(self._sums(data[slice(i, i + CHUNK)].x), log_e[i : i + CHUNK])
            for i in range(0, len(data), CHUNK)
        ]
        conditioning, found = self._polynomial(data).double(), torch.cat(rows).double()
        self.course.copy_(torch.linalg.lstsq(conditioning, found).solution)
        left = found - conditioning @ self.course.double()
        basis = conditioning[:, :3]
        spread = torch.linalg.lstsq(basis, 0.5 * (left.square() + 1e-8).log()).solution
        # the mean of log |x| of a law is not the logarithm of its spread: mended by what is left
        spread[0] += (left / (basis @ spread).exp()).std(0).clamp(min=1e-6).log()
        self.width.copy_(spread)

    def layers_loss(self, batch: Batch) -> Losses:
        """The denoising error of the layers' numbers, each shower at several times: to sum cells is the dear part."""
        many = _again(batch, self._sums(batch.x))
        rows = self._standard(self._logarithms(many.x, self._log_energy(many), many), many)
        loss = self.layers.loss(Batch(rows, self._conditioning(many), noise=many.noise))["denoising"]
        return {"denoising": loss.view(len(batch), AGAIN).mean(1)}

    def loss(self, batch: Batch) -> Losses:
        """Nats a split, the mean over the splits of what is not empty in a few layers of each shower."""
        sums = self._sums(batch.x)
        count = max(1, round(self.share * self.shape[0]))
        chosen = batch.uniform(self.shape[0]).argsort(1)[:, :count]
        u = batch.x[:, 0].flatten(2)[torch.arange(len(batch), device=chosen.device)[:, None], chosen]
        # sums of many cells, subtracted from one another, want more digits than single precision has
        along = torch.where(u > 0, u.exp(), 0.0)[:, :, self.order].double().cumsum(2)
        along = functional.pad(along, (1, 0))
        first, middle, last = self.splits[:3]
        whole = along[:, :, last] - along[:, :, first]
        at = torch.nonzero(whole > 0.5)  # crumbs of a subtraction lie far below a threshold of 1
        if not len(at):
            return {"splits": 0.0 * sum(p.sum() for p in self.turns()[1].parameters)}  # type: ignore[dict-item]
        who, row, split = at[:, 0], at[:, 1], at[:, 2]
        whole, part = whole[who, row, split], along[who, row, middle[split]] - along[who, row, first[split]]
        some = who, chosen[who, row], split
        e, f = whole.float(), (part / whole).float()
        ways, weight, place, wide = self._law(self._describe(sums, batch), e, *some)
        low, high = f * e < 0.5, (1 - f) * e < 0.5
        way = torch.where(low, 1, torch.where(high, 0, 2))
        said = functional.log_softmax(ways, 1).gather(1, way[:, None])[:, 0]
        both = way == 2
        inside = log_density(f[both], e[both], weight[both], place[both], wide[both])
        return {"splits": -(said.sum() + inside.sum()) / len(said)}

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n showers of particles of the given energies."""
        conditioning = {name: value.to(self.device) for name, value in (given or {}).items()}
        batch = Batch(torch.empty(n, 0, device=self.device), conditioning)
        sums = self._energies(self.layers.sample(n, self._conditioning(batch)).x, batch)
        count, side = self.shape[0], self.shape[1]
        parts = torch.zeros(n, count, side**2 + 1, device=self.device)  # each part at the place where it begins
        parts[:, :, 0] = sums
        shower = self._describe(sums, batch)
        for depth in range(int(self.splits[4].max()) + 1):
            here = torch.nonzero(self.splits[4] == depth)[:, 0]
            first, middle = self.splits[0, here], self.splits[1, here]
            whole = parts[:, :, first]
            at = torch.nonzero(whole > 0)
            if len(at):
                some = at[:, 0], at[:, 1], here[at[:, 2]]
                e = whole[at[:, 0], at[:, 1], at[:, 2]]
                a, b = self._split(shower, e, *some)
                parts[at[:, 0], at[:, 1], first[at[:, 2]]] = a
                parts[at[:, 0], at[:, 1], middle[at[:, 2]]] = b
        cells = torch.zeros(n, count, side**2, device=self.device)
        cells[:, :, self.order] = parts[:, :, :-1]
        u = torch.where(cells > 0, cells.clamp(min=1 + 1e-6).log(), 0.0)
        return Batch(u.view(n, 1, *self.shape), conditioning)

    def _split(
        self, shower: Tensor, e: Tensor, at: Tensor, layer: Tensor, split: Tensor
    ) -> tuple[Float[Tensor, " M"], Float[Tensor, " M"]]:
        """What each half of parts with the energies e gets."""
        ways, weight, place, wide = self._law(shower, e, at, layer, split)
        way = torch.multinomial(functional.softmax(ways, 1), 1)[:, 0]
        hump = torch.multinomial(functional.softmax(weight, 1), 1)
        mu, s = (x.gather(1, hump)[:, 0] for x in (place, wide))
        ends = edge(e)
        low, high = torch.sigmoid((-ends - mu) / s), torch.sigmoid((ends - mu) / s)
        p = (low + torch.rand_like(e) * (high - low)).clamp(1e-7, 1 - 1e-7)
        v = torch.maximum(torch.minimum(mu + s * (p.log() - (-p).log1p()), ends), -ends)
        a, b = e * torch.sigmoid(v), e * torch.sigmoid(-v)
        nothing = torch.zeros_like(e)
        return (
            torch.where(way == 0, e, torch.where(way == 1, nothing, a)),
            torch.where(way == 1, e, torch.where(way == 0, nothing, b)),
        )

    def _law(self, shower: Tensor, e: Tensor, at: Tensor, layer: Tensor, split: Tensor) -> tuple[Tensor, ...]:
        """Scores of the three ways; weights, places and widths of the humps."""
        own = torch.log(e.clamp(min=1e-3))
        beside = shower[at, layer]
        # near the threshold, where a half may or may not be lit, the law turns sharply: given in three ways
        near = torch.stack([own / 4, 1 / e.clamp(min=1.0), edge(e) / 4], 1)
        conditioning = torch.cat([near, beside, self.layer(layer), self.sort(self.splits[3, split])], 1)
        said = self.law(conditioning)
        ways: Tensor = said[:, :WAYS]
        weight, place, wide = said[:, WAYS:].chunk(3, 1)
        # two halves want twice the threshold
        shut = torch.zeros_like(ways)
        shut[:, 2] = torch.where(e >= 2.0, 0.0, -30.0)
        return ways + shut, weight, place, wide.clamp(-STEEPEST, STEEPEST).exp()

    def _describe(self, sums: Float[Tensor, "B L"], batch: Batch) -> Float[Tensor, "B L T"]:
        """What the splits of each layer are given: of the particle, of the layer, and where the shower stands."""
        whole = sums.sum(1, keepdim=True).clamp(min=1.0)
        depth = torch.arange(self.shape[0], device=sums.device) + 0.5
        middle = (sums * depth).sum(1, keepdim=True) / whole
        before = (sums.cumsum(1) - sums) / whole
        log_e = self._conditioning(batch)[ENERGY][:, None].expand_as(sums)
        own = (sums.clamp(min=0.5).log() / 4, (sums / whole * 10).clamp(max=10), before, 1 - before - sums / whole)
        where = depth / middle.clamp(min=0.5)
        columns = [log_e, *own, where, (0.1 + where).log(), (middle / self.shape[0]).expand_as(sums)]
        columns = columns[:MEASURED]
        columns += [batch.given[name].float()[:, None].expand_as(sums) for name in self.names]
        return torch.stack(columns, 2)

    def _log_energy(self, batch: Batch) -> Float[Tensor, " B"]:
        if ENERGY not in batch.given or not bool((batch.given[ENERGY] > 0).all()):
            raise BadInput("a shower has the energy of its particle", ", ".join(batch.given), "give energies above 0")
        return batch.given[ENERGY].float().log()

    def _conditioning(self, batch: Batch) -> dict[str, Tensor]:
        """Conditions as the layers' law takes them: the energy's logarithm, standardized, and what else there is."""
        log_e = (self._log_energy(batch) - self.scale[0]) / self.scale[1]
        return {ENERGY: log_e} | {name: batch.given[name].float() for name in self.names}

    def _polynomial(self, batch: Batch) -> Float[Tensor, "B P"]:
        q = self._conditioning(batch)[ENERGY]
        return torch.stack([torch.ones_like(q), q, q**2, q**3, *(batch.given[n].float() for n in self.names)], 1)

    @staticmethod
    def _sums(u: Tensor) -> Float[Tensor, "B L"]:
        """The layers' energies in units of the threshold."""
        return torch.where(u > 0, u.exp(), 0.0).sum((1, 3, 4))

    def _logarithms(self, sums: Tensor, log_e: Tensor, batch: Batch | None = None) -> Float[Tensor, "B K"]:
        """Of all energy over the particle's, and of the layers' shares; dark layers lie below the threshold."""
        whole = sums.sum(1, keepdim=True).clamp(min=1.0).log()
        chance = torch.randn_like(sums) if batch is None else batch.normal(sums.shape[1])
        dark = -DARK * chance.abs()
        each = torch.where(sums > 0, sums.clamp(min=1.0).log(), dark)
        return torch.cat([whole - log_e[:, None], each - whole], 1)

    def _standard(self, rows: Tensor, batch: Batch) -> Tensor:
        conditioning = self._polynomial(batch)
        return (rows - conditioning @ self.course) / (conditioning[:, :3] @ self.width).exp()

    def _energies(self, rows: Float[Tensor, "B K"], batch: Batch) -> Float[Tensor, "B L"]:
        """Standardized numbers back to the layers' energies, which have the drawn sum; dark ones are zero."""
        conditioning = self._polynomial(batch)
        back = rows * (conditioning[:, :3] @ self.width).exp() + conditioning @ self.course
        whole = (back[:, :1] + self._log_energy(batch)[:, None]).exp().clamp(min=1.0)
        log = back[:, 1:] + whole.log()
        lit: Bool[Tensor, "B L"] = (log > 0) | (log == log.max(1, keepdim=True).values)
        each = torch.where(lit, log.exp(), 0.0)
        return torch.where(lit, (each * whole / each.sum(1, keepdim=True)).clamp(min=1.0), 0.0)


def _again(batch: Batch, x: Tensor) -> Batch:
    """Every row several times, each with noise of its own."""
    given = {name: value.repeat_interleave(AGAIN) for name, value in batch.given.items()}
    keyed = batch.noise
    noise = None if keyed is None else Noise(keyed.key, keyed.start * AGAIN, keyed.total * AGAIN)
    return Batch(x.repeat_interleave(AGAIN, 0), given, noise=noise)


def example() -> tuple[ShowerCascade, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    layers = Diffusion(
        ConditionedMLP(4, 16, FEATURES + 1), (4,), sampler=DPMSolver(5), conditioning=Conditions({ENERGY: 0})
    )
    law = MLP(TOLD, 16, SAID)
    model = ShowerCascade(layers, law, (3, 4, 4), share=1.0)
    x = torch.randn(32, 1, 3, 4, 4).clamp(min=0) + (torch.rand(32, 1, 3, 4, 4) < 0.2)
    batch = Batch(x, {ENERGY: 0.5 + torch.rand(32)})
    model.count(batch)
    return model, batch
