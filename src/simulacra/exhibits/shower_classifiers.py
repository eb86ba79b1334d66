"""Two fixed classifiers set on a model's showers, with what they make of truth itself and of defects that are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from simulacra.comparison.boosted import Told, area, area_between, boosted, shared_out
from simulacra.comparison.frechet import frechet, kernel, standardized
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.showers.cells import features, incident, layer_energies
from simulacra.keeping.trained import Trained
from simulacra.runs import Run
from simulacra.sources.base import Simulator

PATCH = 5  # cells along a side of what the first layer sees at once
CHANNELS, DENSE = 32, 64
AWAY = 3  # kinds of patches by their distance from the middle
HUMPS = (0.0, 0.8, 1.0, 1.5, 2.5, 4.5)  # where ramps of log(1 + e / 5 MeV) begin
UNIT = 5.0  # MeV
EPOCHS, BATCH, RATE = 6, 64, 2e-3
PART = 500  # showers at a time
DEFECTS = {"all energies 2 % higher": (None, 1.02), "the eighth layer 5 % higher": (7, 1.05)}


@dataclass(frozen=True, eq=False)
class Looked:
    """Showers as the classifiers see them: of the cells, the lit ones alone.

    Args:
        start: where each shower's lit cells begin in the row of all, and the end of the last, (n + 1,).
        slot: the patch of a lit cell, times 125, and its place in it, ascending within a shower.
        value: log(1 + e / 5 MeV) of a lit cell.
        beside: logarithms of the particle's energy, of the response and of the layers' shares, (n, 2 + layers).
        rows: high-level features, (n, k).
        grid: patches along the depth, the rows and the columns.
    """

    start: Array
    slot: Array
    value: Array
    beside: Array
    rows: Array
    grid: tuple[int, int, int]

    @classmethod
    def at(cls, x: Samples) -> Looked:
        """At these showers."""
        patch = [-(-side // PATCH) for side in x.array.shape[1:]]
        who, *place = np.nonzero(x.array)
        where = np.ravel_multi_index([p // PATCH for p in place], patch)
        within = np.ravel_multi_index([p % PATCH for p in place], (PATCH, PATCH, PATCH))
        slot = (where * PATCH**3 + within).astype(np.int32)
        order = np.lexsort((slot, who))
        value = np.log1p(x.array[(who, *place)] / UNIT).astype(np.float32)
        start = np.concatenate([[0], np.cumsum(np.bincount(who, minlength=len(x)))])
        layers = np.maximum(layer_energies(x), 1.0)
        whole = layers.sum(axis=1)
        shares = np.log10(layers / whole[:, None])
        beside = np.column_stack([np.log10(incident(x)), np.log10(whole / incident(x)), shares]).astype(np.float32)
        return cls(start, slot[order], value[order], beside, features(x), (patch[0], patch[1], patch[2]))

    @classmethod
    def join(cls, parts: list[Looked]) -> Looked:
        """One after another."""
        before = np.cumsum([0, *(part.start[-1] for part in parts)])
        start = np.concatenate([[0], *(p.start[1:] + b for p, b in zip(parts, before, strict=False))])
        rest = [np.concatenate([getattr(p, name) for p in parts]) for name in ("slot", "value", "beside", "rows")]
        return cls(start, rest[0], rest[1], rest[2], rest[3], parts[0].grid)

    def __len__(self) -> int:
        return len(self.beside)

    def lit(self, at: Array) -> tuple[Tensor, Tensor, Tensor]:
        """Of some showers' lit cells: which patch of the batch each lies in, its place there, and its value."""
        count = self.start[at + 1] - self.start[at]
        ends = np.cumsum(count)
        from_ = np.repeat(self.start[at] - ends + count, count) + np.arange(ends[-1])
        slot = self.slot[from_].astype(np.int64)
        patch = np.repeat(np.arange(len(at)), count) * int(np.prod(self.grid)) + slot // PATCH**3
        return torch.as_tensor(patch), torch.as_tensor(slot % PATCH**3), torch.as_tensor(self.value[from_])


class CellClassifier(nn.Module):
    """Lit cells, response and layers' shares to one number, large for the first set.

    A convolution with patches of 5³ cells, which do not overlap, over six curves of a cell's energy (itself, and ramps
    that begin at five energies: of such any curve is made), to 32 channels a patch, standardized; their means over the
    middle patch, those around it and those beyond at each depth; and two dense layers, beside two of response and
    shares alone. So it sees where energy lies, and how it is shared among cells there, and is not drowned in numbers.
    Silent cells add nothing, and are left out.

    Args:
        grid: patches along the depth, the rows and the columns.
        beside: further numbers of each shower.
    """

    humps: Tensor
    pool: Tensor

    def __init__(self, grid: tuple[int, int, int], beside: int) -> None:
        super().__init__()
        self.patches = int(np.prod(grid))
        self.register_buffer("humps", torch.tensor(HUMPS), persistent=False)
        depth, row, column = np.indices(grid).reshape(3, -1)
        away = np.maximum(np.abs(row - (grid[1] - 1) / 2), np.abs(column - (grid[2] - 1) / 2))
        part = depth * AWAY + np.minimum(np.floor(away + 0.5), AWAY - 1).astype(int)
        marks = np.eye(grid[0] * AWAY)[:, part]
        marks = marks[marks.any(axis=1)]
        pool = torch.tensor(marks / marks.sum(axis=1, keepdims=True), dtype=torch.float32)
        self.register_buffer("pool", pool, persistent=False)
        wide = len(HUMPS) * PATCH**3
        self.weight = nn.Parameter(torch.randn(wide, CHANNELS) / wide**0.5)
        self.norm = nn.BatchNorm1d(CHANNELS)  # sums over many cells are large beside the other numbers
        many = CHANNELS * len(marks)
        self.cells = nn.Sequential(nn.BatchNorm1d(many), nn.Linear(many, DENSE), nn.GELU(), nn.Linear(DENSE, 1))
        self.sums = nn.Sequential(nn.Linear(beside, DENSE), nn.GELU(), nn.Linear(DENSE, 1))

    def forward(self, patch: Tensor, place: Tensor, value: Tensor, beside: Tensor) -> Tensor:
        """One number a shower."""
        h = functional.gelu(self.norm(self.patched(patch, place, value, len(beside))))
        pooled = torch.einsum("pq,bqc->bpc", self.pool, h.view(len(beside), self.patches, CHANNELS))
        out: Tensor = (self.cells(pooled.flatten(1)) + self.sums(beside))[:, 0]
        return out

    def patched(self, patch: Tensor, place: Tensor, value: Tensor, n: int) -> Tensor:
        """The convolution of n showers, (n patches, channels)."""
        ramps = (value[:, None] - self.humps).clamp(min=0)
        rows = place[:, None] * len(HUMPS) + torch.arange(len(HUMPS))
        count = torch.bincount(patch, minlength=n * self.patches) * len(HUMPS)
        begin = count.cumsum(0) - count
        return functional.embedding_bag(
            rows.flatten(), self.weight, begin, mode="sum", per_sample_weights=ramps.flatten()
        )


def by_cells(a: Looked, b: Looked, seed: int = 0, epochs: int = EPOCHS) -> Told:
    """How well the classifier of cells distinguishes two sets; the epoch that is best on validation is scored.

    Trained by Adam at 2e-3, falling along half a cosine, on batches of 64.
    """
    both = Looked.join([a, b])
    beside = torch.as_tensor((both.beside - both.beside.mean(axis=0)) / (both.beside.std(axis=0) + 1e-6))
    learn, choose, score = shared_out(np.arange(len(a)), len(a) + np.arange(len(b)), seed)
    rng = stream(seed, "cell classifier")

    def scores(net: nn.Module, at: Array) -> Array:
        net.eval()
        with torch.no_grad():
            parts = [at[i : i + PART] for i in range(0, len(at), PART)]
            return np.concatenate([net(*both.lit(part), beside[part]).numpy() for part in parts])

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = CellClassifier(both.grid, beside.shape[1])
        steps = epochs * (len(learn[0]) // BATCH)
        adam = torch.optim.Adam(net.parameters(), RATE)
        fall = torch.optim.lr_scheduler.CosineAnnealingLR(adam, max(steps, 1))
        best: tuple[float, int, Array] = (-1.0, 0, np.zeros(0))
        for epoch in range(epochs):
            net.train()
            order = rng.permutation(len(learn[0]))
            for i in range(0, len(order) - BATCH + 1, BATCH):
                at = order[i : i + BATCH]
                loss = functional.binary_cross_entropy_with_logits(
                    net(*both.lit(learn[0][at]), beside[learn[0][at]]),
                    torch.as_tensor(learn[1][at], dtype=torch.float32),
                )
                adam.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                adam.step()
                fall.step()
            seen = area(scores(net, choose[0]), choose[1])[0]
            if seen > best[0]:
                best = (seen, epoch + 1, scores(net, score[0]))
    return area_between(best[2], score[1], best[1])


def spoiled(x: Samples, layer: int | None, gain: float) -> Samples:
    """Truth with one layer (the last where there are fewer), or all, reading too much."""
    gains = np.ones(x.array.shape[1], dtype=x.array.dtype)
    gains[slice(None) if layer is None else min(layer, len(gains) - 1)] = gain
    return x.but(x=x.array * gains[:, None, None])


@dataclass(frozen=True)
class ShowerClassifiers:
    """Fresh showers of model and truth before both classifiers; beside them truth against truth, and planted defects.

    A classifier that cannot see a planted defect proves nothing by not rejecting a model. For made showers, fresh ones
    are drawn; of an archive, truth is halved, and nothing is left to plant defects in.

    Args:
        source: of the true showers; None for an archive.
        n: showers a side.
    """

    source: Simulator | None
    n: int = 4000

    def __post_init__(self) -> None:
        if self.n < 50:
            raise BadInput("a classifier learns from fifty showers a side or more", f"{self.n}", "take 4000")

    def __call__(self, trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int) -> dict[str, Samples]:
        """Keep areas and distances as the exhibit "shower-classifiers"."""
        with Progress("distinguishing", 4 if self.source else 1) as progress:
            if self.source is None:
                true = Looked.at(parts["truth"])
                made = drawn(trained, parts["truth"].given, seed)
                found = {"model": table(made, true, seed)}
            else:
                true, other = (simulated(self.source, self.n, seed, i) for i in range(2))
                given = given_of(self.source, self.n, seed)
                found = {"model": table(drawn(trained, given, seed), true, seed)}
                progress.step()
                found["truth"] = table(other, true, seed)
                progress.step()
                for name, (layer, gain) in DEFECTS.items():
                    found[name] = table(simulated(self.source, self.n, seed, 1, layer, gain), true, seed)
                    progress.step()
        run.keep_exhibit(
            "shower-classifiers",
            {
                "sets": np.array(list(found)),
                "n": np.array(len(true)),
                "table": np.array(list(found.values())),  # by features: area, low, high; by cells; Fréchet; kernel
            },
        )
        return {}


def table(a: Looked, b: Looked, seed: int) -> list[float]:
    """Areas with their intervals by features and by cells, Fréchet's and the kernel's distance."""
    high, low = boosted(a.rows, b.rows, seed), by_cells(a, b, seed)
    x, y = standardized(a.rows, b.rows)
    far = frechet(x, y), kernel(x, y, stream(seed, "kernel distance"))
    return [high.area, high.low, high.high, low.area, low.low, low.high, *far]


def simulated(source: Simulator, n: int, seed: int, which: int, layer: int | None = None, gain: float = 1.0) -> Looked:
    """Fresh true showers, a part at a time: the first set or the second; with a defect where a gain is given."""
    found = []
    for i in range(0, n, PART):
        some = source.draw(min(PART, n - i), stream(seed, "classified showers, true", which, i))
        found.append(Looked.at(some if gain == 1 else spoiled(some, layer, gain)))
    return Looked.join(found)


def given_of(source: Simulator, n: int, seed: int) -> dict[str, Array]:
    """Conditions of fresh particles; their showers are thrown away."""
    parts = [
        source.draw(min(PART, n - i), stream(seed, "classified showers, particles", i)).given for i in range(0, n, PART)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def drawn(trained: Trained, given: Mapping[str, Array], seed: int) -> Looked:
    """The model's showers of these particles, a part at a time."""
    n = len(next(iter(given.values())))
    found = []
    for i in range(0, n, PART):
        some = {name: values[i : i + PART] for name, values in given.items()}
        rng = stream(seed, "classified showers, made", i)
        found.append(Looked.at(trained.draw(len(next(iter(some.values()))), rng, some)))
    return Looked.join(found)
