"""What denoising a trace costs on one core, in batches: the network, the whole way, and the classical filters.

python benchmarks/denoise.py [RUN]   (without a run, untrained networks: the cost is the same)
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from simulacra.baselines.hilbert_envelope import hilbert_envelope
from simulacra.baselines.matched_filter import matched_filter
from simulacra.baselines.trace_filter import MakeFilter
from simulacra.baselines.wavelet_shrinkage import wavelet_shrinkage
from simulacra.baselines.wiener_filter import wiener_filter
from simulacra.denoising.apply import denoise
from simulacra.keeping.trained import Trained, load
from simulacra.models.base import Model
from simulacra.models.denoising_autoencoder import DenoisingAutoencoder
from simulacra.networks.trace_autoencoder import TraceAutoencoder
from simulacra.networks.trace_unet import TraceUNet
from simulacra.sources.radio.radio_trace import RadioTrace
from simulacra.views.traces import Traces

N, ROUNDS, ASKED = 1024, 5, 0.5  # traces, repetitions, milliseconds that a trace may take


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds a trace by the clock and of the processor, medians of the rounds; on an idle core they are alike."""
    work()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    clock, processor = (1e3 * statistics.median(row) / N for row in zip(*taken, strict=True))
    return clock, processor


def operations(model: Model, traces: np.ndarray) -> float:  # type: ignore[type-arg]
    """Millions of floating-point operations a trace."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.network(torch.as_tensor(traces[:64, None], dtype=torch.float32))  # type: ignore[operator]
    return float(counter.get_total_flops()) / 64e6


def main() -> None:
    """One table."""
    torch.set_num_threads(1)
    data = RadioTrace().draw(N, np.random.default_rng(0))
    traces = data.array[:, 0].astype(np.float64)
    view = Traces().fit(data.but(given={}))
    models = {
        "U-Net": Trained(DenoisingAutoencoder(TraceUNet()).eval(), view),
        "autoencoder": Trained(DenoisingAutoencoder(TraceAutoencoder()).eval(), view),
    }
    if len(sys.argv) > 1:
        models = {sys.argv[1]: load(sys.argv[1])}
    print(f"{N} traces of 500 samples, one core; asked for: {ASKED} ms a trace")
    for name, trained in models.items():
        took, flops = timed(lambda t=trained: denoise(t, traces)), operations(trained.model, traces)  # type: ignore[misc]
        size = sum(p.numel() for p in trained.model.parameters())
        kept = "kept" if took[1] <= ASKED else "not kept"
        cost = f"{flops:.1f} MFlop, {size:,} parameters"
        print(f"  {name:<18} {took[0]:.3f} ms ({took[1]:.3f} of the processor)   {cost}   {kept}")
    makers: dict[str, MakeFilter] = {
        "matched filter": matched_filter,
        "Wiener filter": wiener_filter,
        "Hilbert envelope": hilbert_envelope,
        "wavelet shrinkage": wavelet_shrinkage,
    }
    for name, make in makers.items():
        one = make(data, data[:300], 180.0)
        took = timed(lambda f=one: f.recover(traces))  # type: ignore[misc]
        print(f"  {name:<18} {took[0]:.3f} ms ({took[1]:.3f} of the processor)")


if __name__ == "__main__":
    main()
