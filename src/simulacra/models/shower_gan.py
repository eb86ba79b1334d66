"""The three-dimensional GAN of calorimeters: its critic also shows the energy, and sums are held to truth."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded
from simulacra.models.adversary import Adversary
from simulacra.models.base import Batch, Losses
from simulacra.networks.shower_critic import ShowerCritic
from simulacra.networks.shower_generator import ShowerGenerator

ENERGY = "energy"
CHUNK = 256  # showers at a time, where all of the training set is looked at
FAINTEST = 1e-4  # the least mean of a cell's number
FAINT = 1.4  # width of the law of a faint cell's number
SHARPNESS = math.sqrt(2 * math.pi) * math.log(2)
POWERS = 4  # of the polynomial of the mean shower in the energy's logarithm


class AboveZero(Recorded, torch.nn.Module):
    """Output that is silent wherever the generator's number is not positive."""

    def forward(self, logits: Float[Tensor, "B ..."], uniform: Float[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
        """Cut at zero; the noise is not needed."""
        return functional.relu(logits)


class ShowerGAN(Adversary):
    r"""Minimax game under a given energy, with two further aims: the energy that is seen, and the energy that is there.

    With logit s, the critic's estimate $\hat\ell$ of $\ell = \log E$, and $S = \sum e$, the critic lowers

    $w_1\,[\mathrm{softplus}(-s(x)) + \mathrm{softplus}(s(G))] + w_2\,(|\hat\ell(x) - \ell| + |\hat\ell(G) - \ell|)$

    and the generator $w_1\,\mathrm{softplus}(-s(G)) + w_2\,|\hat\ell(G) - \ell| + w_3\,|\log S(G) - \log S(x)|$, with x
    a true shower of the same energy. Absolute differences of logarithms stand for 3D-GAN's mean absolute percentage
    errors, which they are for small ones, in units of 1 instead of a hundredth; published weights are 6, 0.2 and 0.1 of
    a percentage, or 6, 20 and 10. A share of the labels that the critic learns from is wrong. The generator's numbers
    are differences from each cell's own law at this energy, whose mean and spread `count` fits. Letters: B samples,
    N layers.

    Args:
        generator: chance, conditions and the cells' own laws to cells.
        critic: cells and conditions to logit and logarithm of the energy, (B, 2).
        names: further conditions beside the energy, which are numbers.
        weights: of the game, of the energy seen, and of the sum.
        flipped: share of wrong labels.

    References:
        Three dimensional energy parametrized generative adversarial networks for electromagnetic shower simulation
        (Carminati, Khattak & Vallecorsa, 2018), doi:10.1109/ICIP.2018.8451587;
        Fast simulation of a high granularity calorimeter by generative adversarial networks (Khattak et al., 2022),
        doi:10.1140/epjc/s10052-022-10258-4
    """

    scale: Tensor
    course: Tensor

    def __init__(
        self,
        generator: ShowerGenerator,
        critic: ShowerCritic,
        names: tuple[str, ...] = (),
        weights: tuple[float, float, float] = (6.0, 20.0, 10.0),
        flipped: float = 0.05,
    ) -> None:
        super().__init__(generator, critic, generator.numbers, AboveZero())
        if min(weights) < 0 or not 0 <= flipped < 0.5:
            raise BadInput(
                "weights are not negative, and fewer than half of the labels are wrong",
                f"weights={weights}, flipped={flipped}",
                "take weights=(6.0, 20.0, 10.0), flipped=0.05",
            )
        self.names, self.weights, self.flipped = tuple(names), tuple(weights), flipped
        self.register_buffer("scale", torch.tensor([0.0, 1.0]))
        self.register_buffer("course", torch.zeros(2, POWERS + len(self.names), *generator.shape))

    @torch.no_grad()
    def count(self, data: Batch) -> None:
        """Fit mean and mean square of every cell's number, over energies and further conditions, by least squares."""
        log_e = self._log_energy(data)
        self.scale.copy_(torch.stack([log_e.mean(), log_e.std().clamp(min=1e-3)]))
        conditioning = self._polynomial(data).double()
        moments = torch.zeros(2, conditioning.shape[1], data.x[0].numel(), dtype=torch.double)
        for i in range(0, len(data), CHUNK):
            u, some = data.x[i : i + CHUNK].flatten(1).double(), conditioning[i : i + CHUNK].T
            moments += torch.stack([some @ u, some @ u.square()])
        found = torch.linalg.lstsq((conditioning.T @ conditioning).expand(2, -1, -1), moments).solution
        self.course.copy_(found.view_as(self.course))

    def conditioning(self, batch: Batch) -> Float[Tensor, "B G"]:
        """The logarithm of the energy, standardized, and what else there is."""
        log_e = (self._log_energy(batch) - self.scale[0]) / self.scale[1]
        return torch.stack([log_e, *(batch.given[name].float() for name in self.names)], 1)

    def make(self, batch: Batch) -> Tensor:
        """A shower for each particle of the batch."""
        return self._made(batch.normal(self.latent), batch)

    def critic_loss(self, batch: Batch) -> Losses:
        """The critic's cross-entropy, some labels wrong, and its error of the energy."""
        with torch.no_grad():
            made = self.make(batch)
        real, false = self.judged(batch.x, batch), self.judged(made, batch)
        wrong = (batch.uniform(2) < self.flipped).to(real.dtype)
        game, seen, _ = self.weights
        true = self._log_energy(batch)
        return {
            "real": game * functional.softplus((2 * wrong[:, 0] - 1) * real[:, 0]),
            "made": game * functional.softplus((1 - 2 * wrong[:, 1]) * false[:, 0]),
            "energy of real": seen * (real[:, 1] - true).abs(),
            "energy of made": seen * (false[:, 1] - true).abs(),
        }

    def loss(self, batch: Batch) -> Losses:
        """The generator's: how surely the critic knows its showers, and how far energies seen and summed are off."""
        made = self.make(batch)
        said, true = self.judged(made, batch), self._log_energy(batch)
        game, seen, summed = self.weights
        return {
            "fooled": game * functional.softplus(-said[:, 0]),
            "energy": seen * (said[:, 1] - true).abs(),
            "sum": summed * (_log_sum(made) - _log_sum(batch.x)).abs(),
        }

    @torch.no_grad()
    def decode(self, z: Float[Tensor, "B L"], given: Mapping[str, Tensor] | None = None) -> Batch:
        """The shower at each place of the space of chance."""
        batch = Batch(z, {name: value.to(z.device) for name, value in (given or {}).items()})
        return Batch(self._made(z, batch), batch.given)

    def _made(self, z: Tensor, batch: Batch) -> Tensor:
        mean, square = torch.einsum("bp,mpnhw->mbnhw", self._polynomial(batch), self.course)
        mean = mean.clamp(min=FAINTEST)
        # in cells that are nearly always lit the law's own width; elsewhere one whose tail is as short as that of truth
        bright = torch.sigmoid(4 * (mean - 1.5))
        width = bright * (square - mean.square()).clamp(min=0.01).sqrt() + (1 - bright) * FAINT
        law = torch.stack([_before_the_cut(mean, width), width], 1)
        made: Tensor = self.output(self.generator(z, self.conditioning(batch), law), z)
        return made

    def _polynomial(self, batch: Batch) -> Float[Tensor, "B P"]:
        conditioning = self.conditioning(batch)
        q = conditioning[:, :1]
        return torch.cat([q**k for k in range(POWERS)] + [conditioning[:, 1:]], 1)

    def _log_energy(self, batch: Batch) -> Float[Tensor, " B"]:
        if ENERGY not in batch.given or not bool((batch.given[ENERGY] > 0).all()):
            raise BadInput("a shower has the energy of its particle", ", ".join(batch.given), "give energies above 0")
        return batch.given[ENERGY].float().log()


def _before_the_cut(mean: Tensor, width: Tensor) -> Tensor:
    r"""The place of a normal law of this width whose part above zero has this mean, nearly.

    That mean is $\sigma\,\mathrm{softplus}(k\mu/\sigma)/k$ to a few hundredths where $k = \sqrt{2\pi}\log 2$, which
    makes it exact at $\mu = 0$. So a generator begins with about as much light in every cell as truth.
    """
    x = mean * SHARPNESS / width
    return (x + torch.log(-torch.expm1(-x))) * width / SHARPNESS


def _log_sum(u: Tensor) -> Float[Tensor, " B"]:
    """The logarithm of all energy, in units of the threshold; silent cells have none."""
    return torch.where(u > 0, u.clamp(max=20.0).exp(), 0.0).flatten(1).sum(1).clamp(min=1.0).log()


def example() -> tuple[ShowerGAN, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    generator = ShowerGenerator((4, 5, 5), 2, latent=3, conditioning=1)
    batch = Batch(torch.randn(32, 1, 4, 5, 5).clamp(min=0), {ENERGY: 0.5 + torch.rand(32)})
    model = ShowerGAN(generator, ShowerCritic((4, 5, 5), 2, conditioning=1))
    model.count(batch)
    return model, batch
