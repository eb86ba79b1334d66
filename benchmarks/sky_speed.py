"""How much faster than chains is Laplace's approximation? `python benchmarks/sky_speed.py [--nuts]`.

Processor seconds a galaxy, scaled to a smallest effective size of 100: our Hamiltonian chain on the same machine-code
likelihood, and NUTS of NumPyro on its own likelihood in JAX (compiling counted).
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from simulacra.cataloging.chain import chain
from simulacra.cataloging.newton import laplace
from simulacra.cataloging.simulated import simulated
from simulacra.domains.photometry.source_prior import stripe82

BANDS = ("u", "g", "r", "i", "z")


def clock(function: object, *given: object) -> tuple[float, object]:
    """Processor seconds, and what came out."""
    began = time.process_time()
    out = function(*given)
    return time.process_time() - began, out


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--galaxies", type=int, default=4)
    parser.add_argument("--nuts", action="store_true")
    asked = parser.parse_args()
    prior = stripe82().seen(BANDS, 0.396)
    rng = np.random.default_rng(2)
    laplace(simulated("galaxy", prior, rng).stamp, prior, "galaxy")
    fast, ours, theirs, errors = [], [], [], {"laplace": [], "chain": []}
    while len(fast) < asked.galaxies:
        source = simulated("galaxy", prior, rng)
        if not 10 < source.signal < 200:
            continue
        first = min((clock(laplace, source.stamp, prior, "galaxy") for _ in range(5)), key=lambda v: v[0])
        second = clock(chain, first[1], source.stamp, prior, rng, 150, 30, 4)
        fast.append(first[0])
        ours.append(second[0] * 100 / second[1].effective)
        spread = np.sqrt(np.diag(first[1].covariance))
        errors["laplace"].append(np.abs(first[1].mode - source.numbers) / spread)
        errors["chain"].append(np.abs(second[1].posterior.moments()[0] - source.numbers) / spread)
        mixed = f"R-hat {second[1].r_hat:.3f}, effective {second[1].effective:.0f}"
        said = f"{source.stamp.counts.shape[1]} px: Laplace {1e3 * first[0]:.1f} ms; chain {second[0]:.1f} s, {mixed}"
        if asked.nuts:
            from simulacra.cataloging.numpyro_chain import nuts

            third = clock(nuts, first[1], source.stamp, prior, 1, 200, 100, 1)
            theirs.append(third[0] * 100 / third[1].effective)
            said += f"; NUTS {third[0]:.1f} s, effective {third[1].effective:.0f}, {third[1].evaluations} leaps"
        print(said, flush=True)
    off = {name: np.mean(v) for name, v in errors.items()}
    print(f"mean |error| in Laplace's spreads: Laplace {off['laplace']:.2f}, chain {off['chain']:.2f}")
    print(f"to 100 effective draws: our chain {np.mean(ours) / np.mean(fast):,.0f} × Laplace's time")
    if theirs:
        print(f"NUTS of NumPyro, compiling counted: {np.mean(theirs) / np.mean(fast):,.0f} ×")


if __name__ == "__main__":
    main()
