"""The diffusion of spins before the exact theory: all numbers from one trained model.

    python benchmarks/spins.py RUN GAN_RUN            all; goes on when called again
    python benchmarks/spins.py RUN GAN_RUN --quick    all in small

RUN is a run of ising_by_diffusion, GAN_RUN one of ising_by_gan. Draws are kept in build/spins/, from which every table
is made; delete them to start anew. One core; half an hour for L = 16.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.diffusion import corrected
from simulacra.diffusion.any_order import Order, Scattered
from simulacra.diffusion.coarse_to_fine import CoarseToFine
from simulacra.domains.lattice.ising_exact import kaufman_energy, kaufman_log_partition
from simulacra.judging.verdicts import judge
from simulacra.keeping.trained import load
from simulacra.runs import find as open_run
from simulacra.statistics.lattice.absolute_magnetization import AbsoluteMagnetization
from simulacra.statistics.lattice.cluster_sizes import ClusterSizes
from simulacra.statistics.lattice.lattice_energy import LatticeEnergy
from simulacra.statistics.lattice.magnetization import Magnetization
from simulacra.statistics.lattice.spin_correlation import SpinCorrelation
from spin_law import tables
from spin_law.draws import Drawn, in_blocks, kept, of_any, of_model, of_monte_carlo

KEPT = Path(__file__).parents[1] / "build" / "spins"
COMPARED = (2.2, 2.3, 2.4, 2.8)  # where histograms are held against Monte Carlo, and against the published GANs
NEAR = (2.25, 2.35)  # for the peak of the heat capacity
OTHERS = (1.9, 3.0)
TESTED = 2.3  # where calls are counted
ORDERS: dict[str, Order] = {
    **{f"coarse to fine, {calls} a level": CoarseToFine(calls) for calls in (1, 2, 4, 8, 16, 128)},
    **{f"scattered, {calls}": Scattered(calls) for calls in (16, 64)},
}
STATISTICS = {
    "magnetization": Magnetization(),
    "absolute magnetization": AbsoluteMagnetization(),
    "energy": LatticeEnergy(),
    "correlation": SpinCorrelation(),
    "clusters": ClusterSizes(),
}


def verdict(model: Samples, truth: Samples) -> str:
    """Which of the five judges distinguish the two, and how many noise floors they are apart before each."""
    found = judge(model, truth, statistics=STATISTICS)
    telling = [f"{name} {v.ratio:.1f}, p = {v.p:.3g}" for name, v in found.items() if v.word == "differs"]
    rest = [f"{name} {v.ratio:.1f}" for name, v in found.items() if v.word != "differs"]
    return f"told by {'; '.join(telling) or 'none'} (not by {'; '.join(rest) or 'none'})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("gan", type=Path)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    many, some, few = (300, 200, 200) if asked.quick else (10_000, 2000, 400)
    folder = KEPT / asked.run.name / ("quick" if asked.quick else "full")
    trained = load(asked.run)
    # built by its study: an older run's recipe may name a file that a class has since left
    adversaries = shelf("studies").load("ising_by_gan")(**open_run(str(asked.gan)).record["settings"])
    gan = load(asked.gan, model=adversaries.model)
    size = int(trained.model.side)  # type: ignore[arg-type]
    known = {float(t) for t in trained.known["temperature"]}
    near = (2 * many) // 4
    wanted = dict.fromkeys(COMPARED, many) | dict.fromkeys(NEAR, near) | dict.fromkeys((*OTHERS, *sorted(known)), some)

    sets: dict[float, Drawn] = {}
    with Progress("drawing", sum(wanted.values())) as progress:
        for place, (t, n) in enumerate(wanted.items()):
            path = folder / f"model_{t:g}.npz"
            sets[t] = in_blocks(path, n, place, lambda some, seed, t=t: of_model(trained, t, some, seed))
            progress.step(n)
    truth = {
        t: kept(folder / f"truth_{t:g}.npz", lambda t=t, n=n: of_monte_carlo(size, t, n, 1)) for t, n in wanted.items()
    }
    again = {t: kept(folder / f"again_{t:g}.npz", lambda t=t: of_monte_carlo(size, t, many, 2)) for t in COMPARED}
    adversary = {
        t: kept(folder / f"gan_{asked.gan.name}_{t:g}.npz", lambda t=t, n=n: of_any(gan, t, n, 3))
        for t, n in wanted.items()
    }
    held = set(wanted) - known
    of_gan = set(wanted) - {float(t) for t in gan.known["temperature"]}

    print(f"# {asked.run.name}, L = {size}; * not trained at\n")
    head = ["T", "n", "E/N exact", "energy, % off", "weighted, % off", "plain less weighted, %", "share of m > 0"]
    print("## energy and signs\n\n" + tables.markdown(head, tables.energies(sets, held)) + "\n")
    print("the GAN:\n\n" + tables.markdown([*head[:4], head[-1]], tables.energies(adversary, of_gan)) + "\n")

    rows = []
    for t in COMPARED:
        mine, its = (tables.overlaps(s[t], truth[t], again[t]) for s in (sets, adversary))
        for what in ("m", "E"):
            (a, base), (b, _) = mine[what], its[what]
            rows.append([f"{t:g}", what, f"{a:.4f}", f"{base:.4f}", f"{a / base:.4f}", f"{b:.4f}", f"{b / base:.4f}"])
    head = ["T", "of", "model with MC", "MC with MC", "ratio", "GAN with MC", "ratio"]
    print(f"## overlap of histograms, n = {many:,}, 33 bins of m, 40 of E\n\n" + tables.markdown(head, rows) + "\n")

    print("## verdicts\n")
    for name, where in (("that the diffusion was trained at", sorted(known)), ("held out from it", sorted(held))):
        part = min(200 if where[0] in known else 100, *(wanted[t] for t in where))
        truths = Samples.join([truth[t].samples(t, part) for t in where])
        for who, of in (("model", sets), ("GAN", adversary)):
            print(
                f"{who}, temperatures {name}: {verdict(Samples.join([of[t].samples(t, part) for t in where]), truths)}"
            )
    print()

    rows, words = tables.heat_capacities({t: s for t, s in sets.items() if 2.15 < t < 2.5})
    print("## heat capacity, k a site\n\n" + tables.markdown(["T", "n", "model", "exact"], rows) + f"\n\n{words}\n")
    head = ["T", "bound, J a site", "by weights", "exact", "KL, nats", "ln Z missed by weights, nats"]
    print("## free energy\n\n" + tables.markdown(head, tables.free_energies(sets)) + "\n")
    head = [
        "T",
        "accepted",
        "ESS of weights",
        "ESS of the chain",
        "chain's energy, % off",
        "draws/s",
        "ESS/s",
        "Wolff's ESS/s",
        "Metropolis's",
        "Wolff over us",
    ]
    print("## correction, seconds of one core\n\n" + tables.markdown(head, tables.corrections(sets)) + "\n")

    rows = []
    fresh = truth[TESTED].samples(TESTED, few)
    for k, (name, order) in enumerate(ORDERS.items()):
        path = folder / f"order_{k}.npz"
        drawn = kept(path, lambda order=order, k=k: of_model(trained, TESTED, few, 100 + k, order))
        log_w, exact = drawn.log_w(TESTED), kaufman_energy(size, TESTED)
        bound, calls = corrected.log_partition_bound(log_w), int(order.ranks(1, (1, size, size)).max()) + 1
        rows.append(
            [
                name,
                f"{calls}",
                f"{1e3 * drawn.seconds / few:.1f}",
                f"{kaufman_log_partition(size, TESTED) - bound.value:.3f} ± {bound.error:.3f}",
                f"{corrected.effective_size(log_w) / few:.1%}",
                tables.percent(drawn.energy.mean() / exact - 1, drawn.energy.std() / np.sqrt(few) / abs(exact)),
                verdict(drawn.samples(TESTED, few), fresh),
            ]
        )
    head = ["order", "calls", "ms a draw", "KL, nats", "ESS", "energy, % off", "verdict"]
    print(f"## calls at T = {TESTED}, n = {few:,}\n\n" + tables.markdown(head, rows))


if __name__ == "__main__":
    main()
