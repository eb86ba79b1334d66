"""Time until an LSTM knows its training windows: one window at a time, as the article has it, beside our batches.

The article's loop takes 2,002 rounds of 500 random windows with Adam at 5e-4. By default 40 rounds of it are timed and
the rest is reckoned at their pace; `--whole` runs it to its end and compares the times at which both reach its error.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch
from torch import nn

from simulacra.core.data import find
from simulacra.forecasters.window_lstm import WindowLSTM, fit_windows

ROUNDS, WINDOWS, WINDOW = 2002, 500, 7


def scaled(series: np.ndarray) -> tuple[np.ndarray, float]:
    """All windows and the values after them, by the series' own extremes; and half their distance, °F."""
    half = (series.max() - series.min()) / 2
    x = (series - series.min()) / half - 1
    return np.lib.stride_tricks.sliding_window_view(x, WINDOW + 1).copy(), float(half)


class Plain(nn.Module):
    """LSTM(1, 100) and a linear layer, as in a tutorial."""

    def __init__(self) -> None:
        super().__init__()
        self.memory, self.readout = nn.LSTM(1, 100, batch_first=True), nn.Linear(100, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, W, 1) to (B,)."""
        return self.readout(self.memory(x)[0][:, -1])[:, 0]


def main() -> None:
    """Both, one after the other, on one thread."""
    torch.set_num_threads(1)
    table = np.genfromtxt(find("series/skagit_six_stations.csv"), delimiter=",", skip_header=1)
    series = [table[table[:, 0] == s, 2] for s in range(6)]
    known = [np.mean([s[:360] for s in series], axis=0), series[1]]
    rows = [scaled(s) for s in known]
    x = np.concatenate([windows for windows, _ in rows])
    units = np.concatenate([np.full(len(windows), half) for windows, half in rows])
    tensor, half = torch.from_numpy(x).float(), torch.from_numpy(units).float()

    def error(predict: object) -> float:
        with torch.no_grad():
            stated = predict(tensor[:, :-1])  # type: ignore[operator]
        return float(((stated - tensor[:, -1]).abs() * half).mean())

    rounds = ROUNDS if "--whole" in sys.argv else 40
    torch.manual_seed(0)
    plain = Plain()
    adam = torch.optim.Adam(plain.parameters(), 5e-4)
    began = time.perf_counter()
    for _ in range(rounds):
        for place in torch.randint(len(tensor), (WINDOWS,)):
            adam.zero_grad()
            (plain(tensor[place : place + 1, :-1, None]) - tensor[place, -1]).square().sum().backward()
            adam.step()
    loop = time.perf_counter() - began
    reached = error(lambda window: plain(window[..., None]))
    began = time.perf_counter()
    model = fit_windows(WindowLSTM(steps=9000, rate=1.2e-2), x, x, 0)
    ours = time.perf_counter() - began
    own = error(model.predict)
    whole = loop * ROUNDS / rounds
    print(f"an LSTM(1, 100) on {len(x)} windows of {WINDOW} days, until it knows them; one thread")
    stated = "to its end" if rounds == ROUNDS else f"reckoned from {rounds} rounds"
    print(f"  one window at a time    {whole:7.0f} s  ({stated}; after {rounds} rounds {reached:.3f} °F)")
    print(f"  ours, batches of 32     {ours:7.1f} s  ({own:.3f} °F)")
    print(f"  ratio                   {whole / ours:7.0f}")


if __name__ == "__main__":
    main()
