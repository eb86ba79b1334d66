"""A denoiser knows no units, learns the law and not the pairs, and its loss is what it says."""

import pytest
import torch
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Denoiser
from simulacra.models.denoising_autoencoder import DenoisingAutoencoder, size
from simulacra.networks.trace_autoencoder import TraceAutoencoder, lengths
from simulacra.networks.trace_unet import TraceUNet
from simulacra.training.seeds import Purpose, key

T = 500


def mean_loss(model: DenoisingAutoencoder, x: Tensor) -> float:
    with torch.no_grad():
        return float(model.loss(Batch(x))["error"].mean())


class Times(nn.Module):
    """A network that multiplies."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x


def test_it_is_a_denoiser_and_gives_signals_of_the_traces_shape() -> None:
    model = DenoisingAutoencoder(TraceUNet())
    assert isinstance(model, Denoiser)
    x = torch.randn(3, 2, T)
    assert model.denoise(Batch(x)).x.shape == (3, 1, T)
    assert torch.equal(model.denoise(Batch(x[:, :1])).x, model.denoise(Batch(x)).x), "the signal was looked at"


@pytest.mark.parametrize("network", [TraceUNet, TraceAutoencoder])
def test_units_do_not_matter(network: type[nn.Module]) -> None:
    torch.manual_seed(0)
    model, x = DenoisingAutoencoder(network()), torch.randn(4, 1, T)
    torch.testing.assert_close(model.denoise(Batch(1e3 * x)).x, 1e3 * model.denoise(Batch(x)).x, rtol=1e-4, atol=1e-2)
    assert model.denoise(Batch(torch.zeros(2, 1, T))).x.isfinite().all()


def test_of_white_signals_the_least_loss_is_wieners() -> None:
    """Signal and noise white, of variances 3 and 1: the best multiple of the trace is 3/4, and the error 3/4.

    All weights are 1/√(3 + 0.02), but for the few percent that the energy of 500 numbers changes from trace to trace.
    """
    torch.manual_seed(0)
    signal, noise = 3**0.5 * torch.randn(500, T), torch.randn(500, T)
    x = torch.stack([signal + noise, signal], 1)
    losses = {k: mean_loss(DenoisingAutoencoder(Times(k)), x) for k in (0.65, 0.75, 0.85)}
    assert losses[0.75] == pytest.approx(0.75 / 3.02**0.5, rel=0.02)
    assert losses[0.75] < min(losses[0.65], losses[0.85])


def test_a_signal_is_laid_on_anothers_background_with_its_own_ratio() -> None:
    torch.manual_seed(0)
    seen: list[Tensor] = []

    class Spy(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(x)
            return 0 * x

    signal = torch.zeros(64, T)
    signal[torch.arange(64), torch.arange(64) + 100] = torch.linspace(5, 50, 64)
    noise = torch.randn(64, T) * torch.linspace(1, 4, 64)[:, None]
    DenoisingAutoencoder(Spy()).loss(Batch(torch.stack([signal + noise, signal], 1)))
    x = seen[0][:, 0]  # each over its own size: the ratio of peak to background has stayed
    clean = x.clone()
    clean[torch.arange(64), torch.arange(64) + 100] = 0.0
    before = signal.amax(1) / size(noise[:, None])[:, 0, 0]
    peak = x[torch.arange(64), torch.arange(64) + 100].abs()
    after = peak / clean.square().mean(1).sqrt()
    assert ((after / before - 1).abs() < 4 / before).all()  # the background at the peak's place is part of the peak
    correlation = (x * (signal + noise)).mean(1) / x.square().mean(1).sqrt() / (signal + noise).square().mean(1).sqrt()
    assert correlation.abs().median() < 0.99


def test_noise_is_keyed_by_the_sample() -> None:
    from simulacra.models.base import Noise

    torch.manual_seed(0)
    model, x = DenoisingAutoencoder(Times(0.5)), torch.randn(8, 2, T)
    draws = [model.loss(Batch(x, noise=Noise(key(Purpose.NOISE, 1, k), 0, 8)))["error"].detach() for k in (0, 0, 1)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_the_articles_code_has_sixteen_channels_of_thirty_one() -> None:
    network = TraceAutoencoder(500)
    assert network.encoder(torch.randn(2, 1, 500)).shape == (2, 16, 31)
    assert lengths(500, 4)[-1] == 31


def test_both_networks_cost_the_same() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    counts = []
    for network in (TraceUNet(), TraceAutoencoder()):
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(torch.randn(1, 1, T))
        counts.append(counter.get_total_flops())
    assert counts[0] == pytest.approx(counts[1], rel=0.05)


def test_traces_of_another_length_are_told() -> None:
    for network in (TraceUNet(), TraceAutoencoder()):
        with pytest.raises(BadInput, match="one length"):
            network(torch.randn(1, 1, 400))
    with pytest.raises(BadInput, match="halved"):
        TraceAutoencoder(length=12, halvings=4)
