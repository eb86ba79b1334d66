"""Can a small network pull the pulse of an air shower out of radio noise better than the filters of the field?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from simulacra.baselines.hilbert_envelope import hilbert_envelope
from simulacra.baselines.matched_filter import matched_filter
from simulacra.baselines.wavelet_shrinkage import wavelet_shrinkage
from simulacra.baselines.wiener_filter import wiener_filter
from simulacra.denoising.transfer import Transfer
from simulacra.domains.radio.radio_backgrounds import Background, Cosine, Measured, Uniform
from simulacra.judging.base import Judge
from simulacra.models.denoising_autoencoder import DenoisingAutoencoder
from simulacra.networks.trace_autoencoder import TraceAutoencoder
from simulacra.networks.trace_unet import TraceUNet
from simulacra.running.denoising_study import DenoisingStudy
from simulacra.running.split import Split
from simulacra.sources.radio.radio_trace import RadioTrace
from simulacra.sources.radio.trace_pairs import TracePairs
from simulacra.statistics.radio.pulse_amplitude import PulseAmplitude
from simulacra.statistics.radio.pulse_bands import PulseBands
from simulacra.statistics.radio.pulse_time import PulseTime
from simulacra.statistics.radio.pulse_width import PulseWidth
from simulacra.training.budget import Budget
from simulacra.views.traces import Traces

LENGTH, RATE = 500, 180.0
EXPECTED = {"peak time": "consistent", "amplitude": "differs", "width": "differs", "band power": "differs"}
"""Of all three noises: a recovered signal is a mean, lower and smoother than a true one."""


def study(
    noise: Literal["measured", "uniform", "cosine"] = "measured",
    network: Literal["unet", "autoencoder"] = "unet",
    traces: Path | None = None,
    train: int = 12000,
    validation: int = 3000,
    truth: int = 16000,
    silent: int = 5000,
    steps: int = 3000,
) -> DenoisingStudy:
    """Radio traces of air showers, 500 samples at 180 MHz; four classical filters, tuned, stand beside the network.

    Args:
        noise: what lies over the pulses: "measured" (galaxy, transmitters, sparks), "uniform", or one "cosine".
        network: "autoencoder" (500 samples to 16 × 31 and back) or "unet", of equal cost.
        traces: your own npz with `traces` and `signals` of 500 samples, in µV/m; None simulates.
        train: traces to learn from; of your own set, its share.
        validation: traces to choose and tune by.
        truth: traces for the verdict, of which one in five holds no pulse.
        silent: traces without a pulse, to set the thresholds of detection by, and as many to measure false alarms.
        steps: training steps of 64 traces.
    """
    laws: dict[str, Background] = {"measured": Measured(), "uniform": Uniform(), "cosine": Cosine()}
    source = RadioTrace(laws[noise], LENGTH, RATE)
    inner = TraceUNet(LENGTH) if network == "unet" else TraceAutoencoder(LENGTH)
    return DenoisingStudy(
        source=TracePairs(traces, length=LENGTH) if traces else source,
        view=Traces(),
        model=DenoisingAutoencoder(inner, LENGTH),
        filters={
            "matched filter": matched_filter,
            "Wiener filter": wiener_filter,
            "Hilbert envelope": hilbert_envelope,
            "wavelet shrinkage": wavelet_shrinkage,
        },
        judges={
            "peak time": Judge(PulseTime(RATE), reach=0.08),
            "amplitude": Judge(PulseAmplitude(), reach=0.16),
            "width": Judge(PulseWidth(RATE), reach=0.08),
            "band power": Judge(PulseBands(RATE), reach=0.16),
        },
        budget=Budget(steps, batch=64, rate=2e-3, warmup=min(100, steps // 2), final=0.02, average=0.998, looks=6),
        rate=RATE,
        split=Split(train=train, validation=validation, truth=truth),
        quiet=None if traces else replace(source, noise_only=1.0),
        silent=silent,
        further=Transfer(),
        expect=EXPECTED if network == "unet" and not traces else {},
        references=(
            "Enhancing the measurement of air-shower radio signals with deep learning: classification and denoising "
            "of radio signals (Erdmann, Schlüter & Šmída, 2019), arXiv:1901.04079",
            "Signal recognition and background suppression by matched filters and neural networks for Tunka-Rex "
            "(Shipilov et al., 2018), arXiv:1812.03347",
            "All-sky Galactic radiation at 45 MHz and spectral index between 45 and 408 MHz (Guzmán et al., 2011), "
            "arXiv:1011.4298",
            "Unusual near-horizon cosmic-ray-like events observed by ANITA-IV (Gorham et al., 2021), arXiv:2008.05690",
        ),
    )
