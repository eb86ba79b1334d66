"""A step of the search for hyper-parameters, exact, beside scikit-learn's in one run; and fifty thousand days.

A step is the evidence with all its derivatives. Both sides get the same times, values, kernel and hyper-parameters, and
take the same number of steps at the same places: exact against exact. `python benchmarks/gaussian_process.py 2000`
stops at n = 2,000.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process import kernels as sk

from simulacra.models.gaussian_process import GaussianProcess
from simulacra.processes.grid_solver import Toeplitz
from simulacra.processes.hyperparameters import Fixed
from simulacra.processes.kernels import Constant, Kernel, Matern12, Matern32, Periodic, SquaredExponential
from simulacra.processes.solvers import Dense, Solver
from simulacra.processes.toeplitz import draw, product

YEAR = 365.2425
SIZES = {365: 5, 1000: 5, 2000: 3, 5000: 1, 10_000: 1}  # values: rounds
THEIR_BYTES = 192  # a pair of values: derivatives by all hyper-parameters, several times while they form
STRUCTURED = 50_000
WALK = 0.02  # from step to step every logarithm moves by this, so that nothing can be kept


def kernel() -> Kernel:
    """A year that slowly changes, and weather; days."""
    return 2.0 * (Periodic(Fixed(YEAR), 1.0) * SquaredExponential(2000.0)) + 0.7 * Matern32(5.0)


def theirs() -> sk.Kernel:
    """The same, with the noise as their white kernel."""
    year = sk.ExpSineSquared(1.0, YEAR, periodicity_bounds="fixed")
    return 2.0 * year * sk.RBF(2000.0) + 0.7 * sk.Matern(5.0, nu=1.5) + sk.WhiteKernel(0.2)


def ours(solver: Solver, x: np.ndarray, y: np.ndarray) -> Callable[[int], tuple[float, np.ndarray]]:
    """Evidence and derivatives at step k."""
    process = GaussianProcess(kernel(), noise=0.2, solver=solver)
    theta = [p for _, p in sorted(process.named_parameters())]
    first = [p.item() for p in theta]

    def step(k: int) -> tuple[float, np.ndarray]:
        with torch.no_grad():
            for p, value in zip(theta, first, strict=True):
                p.fill_(value + WALK * k)
        found = process.log_evidence(x, y)
        return found.item(), np.sort([g.item() for g in torch.autograd.grad(found, theta)])

    return step


def scikit(x: np.ndarray, y: np.ndarray) -> Callable[[int], tuple[float, np.ndarray]]:
    """The same by GaussianProcessRegressor.log_marginal_likelihood."""
    process = GaussianProcessRegressor(theirs(), alpha=0.0, optimizer=None)
    process.fit(x[:2, None], y[:2])
    process.X_train_, process.y_train = x[:, None], y  # its own fit would factor once more, unasked
    process.y_train_ = y
    first = process.kernel_.theta.copy()

    def step(k: int) -> tuple[float, np.ndarray]:
        value, slope = process.log_marginal_likelihood(first + WALK * k, eval_gradient=True, clone_kernel=False)
        return float(value), np.sort(slope)

    return step


def taken(step: Callable[[int], tuple[float, np.ndarray]], k: int) -> float:
    """Processor seconds of step k: on a machine that others use too, what the clock says is theirs as well."""
    began = time.process_time()
    step(k)
    return time.process_time() - began


def free_bytes() -> int:
    """Memory that is free."""
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def growth(n: list[int], seconds: list[float]) -> float:
    """The exponent of the time's growth, by least squares of logarithms over n ≥ 1,000."""
    large = [(np.log(a), np.log(b)) for a, b in zip(n, seconds, strict=True) if a >= 1000 and not np.isnan(b)]
    return float(np.polyfit(*zip(*large, strict=True), 1)[0]) if len(large) > 1 else float("nan")


def series(n: int) -> tuple[np.ndarray, np.ndarray]:
    """n days drawn from the very process."""
    with torch.no_grad():
        r = kernel().of_lag(torch.arange(n, dtype=torch.float64)).numpy().copy()
    r[0] += 0.2
    return np.arange(n, dtype=float), draw(r, 1, np.random.default_rng(n))[0]


def versus(most: int) -> None:
    """The table beside scikit-learn."""
    print(f"evidence with 5 derivatives, 64 bits, {torch.get_num_threads()} threads; medians, processor seconds a step")
    print("      n   scikit-learn   Dense      ×    Toeplitz        ×   |evidence − theirs| / n")
    rows: dict[str, list[float]] = {"scikit-learn": [], "Dense": [], "Toeplitz": []}
    sizes = [n for n in SIZES if n <= most]
    for n in sizes:
        x, y = series(n)
        steps = {"Dense": ours(Dense(), x, y), "Toeplitz": ours(Toeplitz(), x, y)}
        if THEIR_BYTES * n**2 < free_bytes():
            steps = {"scikit-learn": scikit(x, y), **steps}
        times: dict[str, list[float]] = {name: [] for name in steps}
        if n <= 2000:
            for step in steps.values():  # warm up
                step(0)
        for k in range(SIZES[n]):  # in turns, so that a noisy machine disturbs all alike
            for name, step in steps.items():
                times[name].append(taken(step, k + 1))
        medians = {name: statistics.median(t) for name, t in times.items()}
        for name in rows:
            rows[name].append(medians.get(name, float("nan")))
        off = float("nan")
        if "scikit-learn" in steps and n <= 2000:
            (a, slope), (b, their_slope), (c, _) = (steps[s](0) for s in ("Dense", "scikit-learn", "Toeplitz"))
            off = max(abs(a - b), abs(c - b)) / n
            assert np.allclose(slope, their_slope, rtol=1e-5, atol=1e-5 * n)
        s, d, t = (medians.get(name, float("nan")) for name in rows)
        if "scikit-learn" not in steps:
            print(f"          (scikit-learn needs {1e-9 * THEIR_BYTES * n**2:.0f} GB at {n:,}, which are not free)")
        print(f"{n:>7,}   {s:10.3f}   {d:8.3f}  {s / d:5.1f}   {t:8.4f}  {s / t:7.0f}   {off:.1e}", flush=True)
    exponents = ", ".join(f"{name} {growth(sizes, seconds):.2f}" for name, seconds in rows.items())
    print(f"growth with n, exponent over n ≥ 1,000: {exponents}")


def structured() -> None:
    """Fifty thousand days, with and without gaps: time, and error against what is known otherwise."""
    x, y = series(STRUCTURED)
    rng = np.random.default_rng(0)
    kept = np.ones(STRUCTURED, dtype=bool)
    kept[rng.choice(np.arange(1, STRUCTURED - 1), 500, replace=False)] = False
    print(f"\nToeplitz at {STRUCTURED:,} days, evidence with derivatives")
    for name, here in (("no gaps", np.ones(STRUCTURED, dtype=bool)), ("500 days missing", kept)):
        step = ours(Toeplitz(), x[here], y[here])
        times = [taken(step, k) for k in range(3)]
        print(f"  {name:<18} {statistics.median(times):6.2f} processor s a step", flush=True)
    process = GaussianProcess(kernel(), noise=0.2, solver=Toeplitz())
    began = time.perf_counter()
    posterior = process.given(x, y)
    said = posterior.predict(np.arange(STRUCTURED, STRUCTURED + 30.0))
    print(f"  {'posterior, 30 days':<18} {time.perf_counter() - began:6.2f} s; sd of the first {said.sd[0].item():.4f}")

    # error: the normal equations' residual in full, and an AR(1) whose evidence is known in closed form
    residual = process.kernel.of_lag(torch.arange(STRUCTURED, dtype=torch.float64)).detach().numpy()
    residual[0] += 0.2
    alpha = posterior.alpha.numpy()
    worst = np.abs(product(residual, alpha[:, None])[:, 0] - y).max()
    print(f"  error: (K + noise) alpha − y, largest entry {worst:.1e}")
    rho = np.exp(-1 / 12.0)
    z = draw(rho ** np.arange(STRUCTURED), 1, rng)[0]
    steps = z[1:] - rho * z[:-1]
    n = STRUCTURED
    exact = -0.5 * (z[0] ** 2 + (steps**2).sum() / (1 - rho**2) + (n - 1) * np.log(1 - rho**2) + n * np.log(2 * np.pi))
    one = GaussianProcess(Matern12(12.0) * Constant(Fixed(1.0)), noise=Fixed(1e-14), solver=Toeplitz())
    off = abs(one.log_evidence(x, z).item() - exact)
    print(f"  error: evidence of an AR(1), {exact:.3f} nats in closed form: off by {off:.1e}")


if __name__ == "__main__":
    versus(int(sys.argv[1]) if len(sys.argv) > 1 else max(SIZES))
    structured()
