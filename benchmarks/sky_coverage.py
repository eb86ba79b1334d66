"""Do the catalogue's intervals hold? `python benchmarks/sky_coverage.py [SOURCES] [--draws 300] [--json OUT]`.

Stars and galaxies are drawn from the prior, and those that are seen (light over noise above 5, a cut on data alone) are
fitted. A band of the binomial law (99.7 %) stands beside each coverage. By magnitude means by the inferred one: a cut
on the true one would bend calibration where light is scarce.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from simulacra.cataloging.importance import weighted
from simulacra.cataloging.newton import laplace
from simulacra.cataloging.posterior import quantile
from simulacra.cataloging.simulated import simulated
from simulacra.domains.photometry.brightness import magnitude, reported
from simulacra.domains.photometry.source_prior import stripe82

BANDS = ("u", "g", "r", "i", "z")
LEVELS = np.array([0.025, 0.16, 0.5, 0.84, 0.975])
EDGES = (0.0, 19.0, 20.0, 21.0, 22.0, 30.0)
DIRECT = ("x", "y", "mag_r", "color_ug", "color_gr", "color_ri", "color_iz", "dev_share", "radius", "u1", "u2")


def one(kind: str, rng: np.random.Generator, draws: int, prior: object) -> dict | None:
    """Inside or not, by quantity and way of inference."""
    source = simulated(kind, prior, rng)
    if source.signal < 5:
        return None
    began = time.process_time()
    p = laplace(source.stamp, prior, kind)
    first = time.process_time() - began
    other = laplace(source.stamp, prior, "galaxy" if kind == "star" else "star")
    began = time.process_time()
    w = weighted(p, source.stamp, prior, rng, draws)
    second = time.process_time() - began
    truth = reported(source.numbers[None], BANDS, 0.396)
    normal = reported(p.draws(1000, rng), BANDS, 0.396)
    found = reported(w.numbers, BANDS, 0.396)
    out = {"mag": float(magnitude(w.weights @ w.numbers[:, -3])), "seconds": (first, second), "effective": w.effective}
    out["right"] = p.log_evidence > other.log_evidence
    for way, held, weights in (("laplace", normal, np.full(1000, 1e-3)), ("weighted", found, w.weights)):
        for name in held:
            if name in DIRECT:
                q = quantile(held[name], weights, LEVELS)
                t = truth[name][0]
                rank = float(weights[held[name] < t].sum())
                out[way, name] = (q[1] < t < q[3], q[0] < t < q[4], rank, t - q[2])
    return out


def table(rows: list[dict], way: str) -> dict:
    """Coverage by quantity, in all and by magnitude."""
    mags = np.array([r["mag"] for r in rows])
    out = {}
    for name in DIRECT:
        if (way, name) not in rows[0]:
            continue
        v = np.array([r[way, name] for r in rows], dtype=float)
        bins = [(mags >= a) & (mags < b) for a, b in pairwise(EDGES)]
        ranks = np.histogram(v[:, 2], 10, (0, 1 + 1e-9))[0]
        out[name] = {
            "in68": v[:, 0].mean(), "in95": v[:, 1].mean(), "error": float(np.median(np.abs(v[:, 3]))),
            "rank_chi2_9": float(((ranks - len(v) / 10) ** 2 / (len(v) / 10)).sum()),
            "by_mag_68": [float(v[b, 0].mean()) if b.any() else None for b in bins],
            "by_mag_95": [float(v[b, 1].mean()) if b.any() else None for b in bins],
            "in_bin": [int(b.sum()) for b in bins],
        }  # fmt: skip
    return out


def show(kind: str, way: str, t: dict, n: int) -> None:
    """As a table for people."""
    band68, band95 = 300 * np.sqrt(0.68 * 0.32 / n), 300 * np.sqrt(0.95 * 0.05 / n)
    print(f"\n{kind}, {way}: {n} sources; 99.7 % of the binomial law: 68 ± {band68:.1f} %, 95 ± {band95:.1f} %")
    counts = next(iter(t.values()))["in_bin"]
    head = f"{'':10s} {'68':>6s} {'95':>6s} {'|error|':>8s} {'chi2(9)':>8s}"
    print(f"{head}   68 and 95 at r < 19, 20, 21, 22, fainter {counts}")
    for name, row in t.items():
        pairs = zip(row["by_mag_68"], row["by_mag_95"], strict=True)
        by = " ".join(f"{100 * a:3.0f}/{100 * b:3.0f}" if a is not None else "   –   " for a, b in pairs)
        numbers = f"{100 * row['in68']:6.1f} {100 * row['in95']:6.1f} {row['error']:8.4f} {row['rank_chi2_9']:8.1f}"
        print(f"{name:10s} {numbers}   {by}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sources", nargs="?", type=int, default=2000)
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    prior = stripe82().seen(BANDS, 0.396)
    held = {}
    for kind in ("star", "galaxy"):
        rng = np.random.default_rng([asked.seed, len(kind)])
        rows: list[dict] = []
        while len(rows) < asked.sources // 2:
            row = one(kind, rng, asked.draws, prior)
            rows += [row] if row else []
        seconds = np.median([r["seconds"] for r in rows[5:]], axis=0)
        effective = np.percentile([r["effective"] for r in rows], [1, 50])
        ms = f"processor ms: Laplace {1e3 * seconds[0]:.1f}, weights {1e3 * seconds[1]:.1f}"
        print(
            f"\n{kind}: type found {np.mean([r['right'] for r in rows]):.3f}; {ms}; effective draws 1 %, 50 %:",
            effective,
        )
        held[kind] = {way: table(rows, way) for way in ("laplace", "weighted")}
        for way in ("laplace", "weighted"):
            show(kind, way, held[kind][way], len(rows))
    if asked.json:
        asked.json.write_text(json.dumps(held), encoding="utf-8")


if __name__ == "__main__":
    main()
