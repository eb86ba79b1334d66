r"""How likely a sample is under a diffusion model: a lower bound by its parts, and the exact value along an equation.

Both are of the model that the denoiser D makes, in nats a sample: with $y = x/\alpha$ and $s = \sigma/\alpha$ every
schedule is $y = x_0 + s\,\varepsilon$, and only the range of s matters, `lowest` to `highest` in units of the data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.diffusion.noise import Denoise, Noise

Row = Float[Tensor, " B"]


@dataclass(frozen=True)
class Parts:
    """The variational bound on minus the logarithm of the density, nats a sample, by its parts; (B,) each.

    Args:
        prior: what is lost since the last state is not quite noise.
        diffusion: what the steps between cost.
        reconstruction: of the data from their least noisy state; negative where data are known better than to 1.
    """

    prior: Row
    diffusion: Row
    reconstruction: Row

    @property
    def total(self) -> Row:
        """The bound: the mean over draws of the noise is at least minus the log-density."""
        return self.prior + self.diffusion + self.reconstruction


def bits(nats: Tensor, numbers: int) -> Tensor:
    """Nats a sample to bits a dimension.

    For data that were whole numbers, add the logarithm (base 2) of how many fit in a unit of the data.

    Args:
        nats: minus a log-density.
        numbers: how many a sample has.
    """
    return nats / (numbers * math.log(2))


@torch.no_grad()
def bound(denoise: Denoise, noise: Noise, x: Float[Tensor, "B ..."], points: int = 128, lowest: float = 0.002) -> Parts:
    r"""The variational bound in continuous time; one draw of the noise at each of some times.

    $-\log p(x_0) \le \mathrm{KL}(q(x_T \mid x_0) \,\|\, p(x_T)) + \frac12\int e^\lambda\,
    \mathbb E\lVert x_0 - D\rVert^2 d\lambda - \mathbb E \log p(x_0 \mid x_\epsilon)$ over
    $\lambda = \log(\alpha^2/\sigma^2)$ between the ends of the schedule. The last term's law is normal about
    $x_\epsilon/\alpha$ with variance $\sigma^2/\alpha^2$.

    Args:
        denoise: the expected data.
        noise: the schedule.
        x: the data, (B, …).
        points: times, one in each of as many even parts of the range of lambda.
        lowest: noise over signal at which the reconstruction begins, in units of the data.

    References:
        Variational diffusion models (Kingma et al., 2021), arXiv:2107.00630
    """
    if points < 1 or not lowest > 0:
        raise BadInput("the bound needs a point and some noise", f"points={points}, lowest={lowest}", "take points=128")
    low, high = noise.ratios(lowest)
    span, flat, numbers = math.log(high / low), x.flatten(1), x[0].numel()
    jitter = torch.rand(points, dtype=torch.float64)
    times = noise.when((math.log(low) + span * (torch.arange(points) + jitter) / points).exp())
    total = torch.zeros(len(x), dtype=torch.float64, device=x.device)
    with Progress("bounding the likelihood", points) as progress:
        for t in times:
            alpha, sigma, eps = noise.alpha(t), noise.sigma(t), torch.randn_like(x)
            error = (x - denoise(alpha.to(x) * x + sigma.to(x) * eps, t)).flatten(1).double().square().sum(1)
            ratio = float((sigma / alpha) ** 2)
            # where there is little noise the error is the noise's own square, of known mean: its chance is taken out
            chance = (eps.flatten(1).double().square().sum(1) - numbers) / (1 + ratio)
            total += (error / ratio - chance) * span / points
            progress.step()
    # the last state as seen over its signal is y = x + high * noise; the prior is that of unit data, as samplers start
    wide = 1 + high**2
    prior = 0.5 * (
        (high**2 * numbers + flat.double().square().sum(1)) / wide - numbers + numbers * math.log(wide / high**2)
    )
    reconstruction = torch.full_like(total, 0.5 * numbers * (1 + math.log(2 * math.pi * low**2)))
    return Parts(prior, total, reconstruction)


@torch.no_grad()
def log_density(
    denoise: Denoise,
    noise: Noise,
    x: Float[Tensor, "B ..."],
    steps: int = 100,
    probes: int | None = None,
    lowest: float = 0.002,
) -> Row:
    r"""The logarithm of the density, nats a sample, along the probability-flow equation.

    In $u = \log s$ the equation is $dy/du = y - D$, and the log-density falls along it by the divergence
    $d - \mathrm{tr}\,\partial D/\partial y$. It is solved by the classical Runge-Kutta rule of fourth order at even
    steps of u. The density is that of what the equation makes of $\mathcal N(0, 1 + s^2)$ at the largest s: data
    blurred by the smallest s, and, where their mean is not 0, off by about the mean over the largest s.

    Args:
        denoise: the expected data; each sample treated alone, and open to differentiation.
        noise: the schedule.
        x: the data, (B, …).
        steps: of the walk; four calls and as many traces each.
        probes: random directions (signs of equal size) by which the trace is estimated, without bias; None takes it
            exactly, with as many passes back as a sample has numbers.
        lowest: the smallest noise over signal, in units of the data.

    References:
        Score-based generative modeling through stochastic differential equations (Song et al., 2021), arXiv:2011.13456
        FFJORD: free-form continuous dynamics for scalable reversible generative models (Grathwohl et al., 2019),
        arXiv:1810.01367
    """
    if steps < 1 or (probes is not None and probes < 1):
        raise BadInput("a walk has a step, and a trace a probe", f"steps={steps}, probes={probes}", "take steps=100")
    low, high = noise.ratios(lowest)
    h = math.log(high / low) / steps
    times = noise.when(torch.linspace(math.log(low), math.log(high), 2 * steps + 1, dtype=torch.float64).exp())
    numbers = x[0].numel()
    if probes is None:
        directions = torch.eye(numbers, dtype=x.dtype, device=x.device).view(numbers, 1, *x.shape[1:])
        directions = directions.expand(-1, *x.shape)
    else:
        directions = torch.randint(0, 2, (probes, *x.shape), device=x.device).to(x) * 2 - 1
    share = 1.0 if probes is None else 1.0 / probes

    def slope(y: Tensor, t: Tensor) -> tuple[Tensor, Row]:
        with torch.enable_grad():
            place = y.detach().requires_grad_(True)
            data = denoise(noise.alpha(t).to(y) * place, t)
        trace = torch.zeros(len(y), dtype=torch.float64, device=y.device)
        for v in directions:
            back = torch.autograd.grad(data, place, v, retain_graph=True)[0]
            trace += share * (back * v).flatten(1).double().sum(1)
        return y - data.detach(), numbers - trace

    y, gained = x, torch.zeros(len(x), dtype=torch.float64, device=x.device)
    with Progress("following the likelihood", steps) as progress:
        for i in range(0, 2 * steps, 2):
            one, first = slope(y, times[i])
            two, second = slope(y + 0.5 * h * one, times[i + 1])
            three, third = slope(y + 0.5 * h * two, times[i + 1])
            four, fourth = slope(y + h * three, times[i + 2])
            y = y + h / 6 * (one + 2 * two + 2 * three + four)
            gained += h / 6 * (first + 2 * second + 2 * third + fourth)
            progress.step()
    wide = 1 + high**2
    last = -0.5 * (y.flatten(1).double().square().sum(1) / wide + numbers * math.log(2 * math.pi * wide))
    return last + gained
