"""The amortised posterior: train it, and hold it beside Laplace's.

`python benchmarks/sky_amortised.py train [--sources 60000] [--epochs 24] [--work FOLDER]` simulates sources on nights
of all sorts, learns, and writes `src/simulacra/cataloging/amortised.npz`; what is done stays in the folder, and a
killed training goes on from its last epoch. `… compare [SOURCES]` draws new ones, and says errors, coverage and time.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from simulacra.cataloging.amortised import WEIGHTS, Amortised, sizes
from simulacra.cataloging.encoding import HALF, encoded, parities
from simulacra.cataloging.importance import weighted
from simulacra.cataloging.newton import laplace
from simulacra.cataloging.posterior import quantile
from simulacra.cataloging.simulated import GAIN, SIGMA, SKY, SimulatedSource, night
from simulacra.cataloging.stamp import Stamp
from simulacra.domains.photometry.brightness import SDSS, reported
from simulacra.domains.photometry.simulated_stamps import expected
from simulacra.domains.photometry.source_prior import SourcePrior, stripe82
from simulacra.networks.mlp import MLP

WIDTH = 192
DIRECT = ("x", "y", "mag_r", "color_ug", "color_gr", "color_ri", "color_iz", "dev_share", "radius", "u1", "u2")
LEVELS = np.array([0.025, 0.16, 0.5, 0.84, 0.975])


def drawn(kind: str, prior: SourcePrior, rng: np.random.Generator) -> SimulatedSource:
    """A source on a stamp of the network's size, on a night of its own: seeing, sky, gain, a leaning point spread."""
    psf = night(SIGMA * np.exp(0.12 * rng.standard_normal() + 0.03 * rng.standard_normal(5)))
    lean, turn = 0.06 * rng.standard_normal(2), psf[:, :, 3].copy()
    psf[:, :, 3], psf[:, :, 5], psf[:, :, 4] = turn * (1 + lean[0]), turn * (1 - lean[0]), turn * lean[1]
    psf[:, :, 1:3] += rng.uniform(-0.5, 0.5, (5, 1, 2)) * (rng.random() < 0.7)
    psf[2, :, 1:3] = 0.0
    gain = GAIN * np.exp(0.1 * rng.standard_normal(5))
    level = SKY * np.exp(0.2 * rng.standard_normal() + 0.1 * rng.standard_normal(5))
    numbers = np.concatenate([HALF + rng.uniform(-0.9, 0.9, 2), prior.of(kind).draw(1, rng)[0]])
    side = 2 * HALF + 1
    sky = np.broadcast_to(level[:, None, None], (5, side, side)).copy()
    counts = rng.poisson(sky + expected(numbers, gain, psf, side, side)).astype(np.float64)
    return SimulatedSource(kind, numbers, Stamp(counts, sky, np.ones_like(sky, bool), gain, psf, np.zeros(2)))


def made(n: int, work: Path) -> dict[str, np.ndarray]:
    """Features, answers and types of n sources that are seen; kept in the folder, block by block."""
    prior, parts = stripe82().seen(SDSS, 0.396), []
    for block in range(-(-n // 5000)):
        path = work / f"sources_{block:03d}.npz"
        if not path.exists():
            rng, x, t, star = np.random.default_rng([20, block]), [], [], []
            while len(x) < 5000:
                kind = "star" if rng.random() < 0.4 else "galaxy"
                source = drawn(kind, prior, rng)
                if source.signal < 4:
                    continue
                seen = encoded(source.stamp)
                base, unit = seen.of(kind)
                answer = np.zeros(len(seen.base))
                answer[: len(base)] = (source.numbers - base) / unit
                x.append(seen.features)
                t.append(answer)
                star.append(kind == "star")
            half = path.with_suffix(".half.npz")
            np.savez(half, x=np.array(x, np.float32), t=np.array(t, np.float32), star=np.array(star))
            half.rename(path)
            print(f"{(block + 1) * 5000:,} sources, {time.process_time():.0f} s of processor", flush=True)
        with np.load(path) as held:
            parts.append({k: held[k] for k in held.files})
    return {k: np.concatenate([p[k] for p in parts]) for k in ("x", "t", "star")}


def surprise(out: Tensor, answer: Tensor, star: Tensor, few: int, whole: int) -> Tensor:
    """Nats a source: of its type, and of its numbers under that type's Gaussian."""
    at, total = 1, torch.nn.functional.binary_cross_entropy_with_logits(out[:, 0], star.float(), reduction="none")
    for d, mine in ((few, star), (whole, ~star)):
        mean, diagonal = out[mine, at : at + d], out[mine, at + d : at + 2 * d].clamp(-6, 8)
        below = out[mine, at + 2 * d : at + d + d * (d + 1) // 2]
        rows, columns = torch.tril_indices(d, d, -1)
        each = torch.arange(int(mine.sum()))[:, None]
        lower = torch.diag_embed(diagonal.exp()).index_put((each, rows, columns), below)
        white = (lower @ (answer[mine, :d] - mean)[..., None])[..., 0]
        huber = torch.where(white.abs() < 6, 0.5 * white.square(), 6 * white.abs() - 18)
        total = total.index_add(0, torch.nonzero(mine)[:, 0], huber.sum(1) - diagonal.sum(1))
        at += d + d * (d + 1) // 2
    return total


def train(n: int, epochs: int, work: Path) -> None:
    """Learn by Adam on cached features, each flipped along x and y at chance."""
    torch.set_num_threads(1)
    work.mkdir(parents=True, exist_ok=True)
    held = made(n, work)
    x, t, star = (torch.as_tensor(held[k]) for k in ("x", "t", "star"))
    signs = [torch.as_tensor(s, dtype=torch.float32) for s in parities(5)]
    few, whole = 7, 11
    last = len(x) // 20  # the last twentieth is not learned from
    mean, scale = x[last:].mean(0), x[last:].std(0)
    scale[scale < 1e-6] = 1.0
    mean[(signs[0] < 0) | (signs[1] < 0)] = 0.0
    torch.manual_seed(0)
    network = MLP(x.shape[1], WIDTH, WIDTH, WIDTH, 1 + sum(sizes(few, whole)))
    with torch.no_grad():
        list(network.parameters())[-2].mul_(0.1)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    batch, begun, best = 512, 0, np.inf
    kept = work / "state.pt"
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        begun, best = int(state["epoch"]), float(state["best"])
    average = {k: v.clone() for k, v in network.state_dict().items()}
    steps = epochs * ((len(x) - last) // batch)
    for epoch in range(begun, epochs):
        order = last + torch.randperm(len(x) - last, generator=torch.Generator().manual_seed(epoch))
        rng, losses = torch.Generator().manual_seed(1000 + epoch), []
        for k, some in enumerate(order.split(batch)[: (len(x) - last) // batch]):
            share = (epoch * ((len(x) - last) // batch) + k) / steps
            optimizer.param_groups[0]["lr"] = 1e-3 * min(1.0, 20 * share + 0.05) * 0.5 * (1 + np.cos(np.pi * share))
            z, answer, mine = x[some].clone(), t[some].clone(), star[some]
            for axis, sign in enumerate(signs):
                flip = torch.rand(len(some), generator=rng) < 0.5
                z[flip] *= sign
                answer[flip, axis] *= -1
                answer[flip & ~mine, 5] *= -1
            z = ((z - mean) / scale).clamp(-8, 8)
            loss = surprise(network(z), answer, mine, few, whole).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            losses.append(loss.item())
            for name, v in network.state_dict().items():
                average[name].lerp_(v, 0.01)
        with torch.no_grad():
            z = ((x[:last] - mean) / scale).clamp(-8, 8)
            live = network.state_dict()
            network.load_state_dict(average)
            unseen = surprise(network(z), t[:last], star[:last], few, whole).mean().item()
            if unseen < best:
                best = unseen
                arrays = [p.detach().numpy().astype(np.float16) for p in network.parameters()]
                np.savez_compressed(
                    WEIGHTS, mean=mean.numpy(), scale=scale.numpy(), **{f"layer{i}": a for i, a in enumerate(arrays)}
                )
            network.load_state_dict(live)
        state = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save(state | {"epoch": epoch + 1, "best": best}, kept)
        spent = time.process_time()
        print(f"epoch {epoch + 1}: {np.mean(losses):.3f} learned, {unseen:.3f} unseen; {spent:.0f} s", flush=True)


def compare(n: int, draws: int, seed: int, kinds: list[str]) -> None:
    """Laplace, the network alone, and the network with importance weights on the same new sources."""
    prior, net = stripe82().seen(SDSS, 0.396), Amortised.load()
    for kind in kinds:
        rng, rows, right, taken, held = np.random.default_rng([seed, len(kind)]), [], [], [], []
        while len(rows) < n // 2:
            source = drawn(kind, prior, rng)
            if source.signal < 5:
                continue
            truth = reported(source.numbers[None], SDSS, 0.396)
            marks = [time.process_time()]
            first = laplace(source.stamp, prior, kind)
            marks.append(time.process_time())
            both = net.posteriors(source.stamp, prior)
            marks.append(time.process_time())
            after = weighted(both[kind], source.stamp, prior, rng, draws)
            marks.append(time.process_time())
            other = laplace(source.stamp, prior, "galaxy" if kind == "star" else "star")
            own, rival = both[kind].log_evidence, both[other.kind].log_evidence
            right.append((first.log_evidence > other.log_evidence, own > rival))
            held.append(after.effective)
            taken.append(np.diff(marks))
            ways = [(p.draws(1000, rng), np.full(1000, 1e-3)) for p in (first, both[kind])]
            ways.append((after.numbers, after.weights))
            row = []
            for numbers, weights in ways:
                said = reported(numbers, SDSS, 0.396)
                for name in [d for d in DIRECT if d in said]:
                    q = quantile(said[name], weights, LEVELS)
                    v = truth[name][0]
                    row.append((q[1] < v < q[3], q[0] < v < q[4], abs(v - q[2])))
            rows.append(row)
        table = np.array(rows, dtype=float).reshape(len(rows), 3, -1, 3)
        ms = 1e3 * np.median(taken[5:], axis=0)
        found, few = np.mean(right, axis=0), np.percentile(held, [1, 5, 50]).round()
        print(
            f"\n{kind}: {len(rows)}; types found: Laplace {found[0]:.3f}, network {found[1]:.3f}; processor ms: "
            f"Laplace {ms[0]:.2f}, network (both types) {ms[1]:.2f}, weights {ms[2]:.1f}; "
            f"effective draws 1, 5, 50 %: {few}"
        )
        band = [300 * np.sqrt(p * (1 - p) / len(rows)) for p in (0.68, 0.95)]
        print(f"coverage 68 / 95 (99.7 % of the binomial law ± {band[0]:.1f}, ± {band[1]:.1f}) and median |error|:")
        print(f"{'':10s} {'Laplace':>21s} {'network':>21s} {'weighted':>21s}   network's error over Laplace's")
        for k, name in enumerate([d for d in DIRECT if d in truth]):
            cells = [
                f"{100 * table[:, w, k, 0].mean():6.1f} {100 * table[:, w, k, 1].mean():6.1f}"
                f" {np.median(table[:, w, k, 2]):7.4f}"
                for w in range(3)
            ]
            over = np.median(table[:, 1, k, 2]) / np.median(table[:, 0, k, 2])
            print(f"{name:10s} {cells[0]} {cells[1]} {cells[2]}   {over:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("train", "compare"))
    parser.add_argument("n", nargs="?", type=int, default=600)
    parser.add_argument("--sources", type=int, default=60000)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", choices=("star", "galaxy"), default=["star", "galaxy"])
    parser.add_argument("--work", type=Path, default=Path("/tmp/amortised"))
    asked = parser.parse_args()
    if asked.what == "train":
        train(asked.sources, asked.epochs, asked.work)
    else:
        compare(asked.n, asked.draws, asked.seed, asked.kinds)


if __name__ == "__main__":
    main()
