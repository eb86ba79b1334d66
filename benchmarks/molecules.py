"""The numbers by which generated molecules are compared: of a run's model, of the data, and of any file.

    python benchmarks/molecules.py RUN -n 1000 --seed 1      a trained run's fresh draws
    python benchmarks/molecules.py mols.sdf                  molecules in a file (.xyz, .extxyz, .sdf, .npz)

Shares in percent with Wilson's 95 % intervals (atoms: ± 1.96 standard errors over molecules): stability and validity by
the published rules (`simulacra/domains/stability.py`), molecules of one piece; of the valid molecules the share that is
different, and of the different ones the share that is nowhere in the data folder's QM9. The data's own score is the
ceiling. It is printed first.

Below: stability by valence and charge, on bonds and charges that fit all valences (`domains/perceived.py`), and on how
many molecules the two rules disagree; molecules that pass all checks of shape (`domains/plausibility.py`); and strain
by MMFF94, kcal/mol.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz
from simulacra.core.samples import Array
from simulacra.domains.molecules import chemistry, molecule_files, molecule_graphs, perceived, plausibility, stability
from simulacra.domains.molecules.strain import strain
from simulacra.exhibits.seen_classes import wilson
from simulacra.sources.molecules.packed_molecules import PackedMolecules
from simulacra.sources.molecules.qm9 import NAME, QM9


def share(k: int, n: int) -> str:
    """A share in percent with Wilson's interval."""
    if not n:
        return f"{'–':>20s}"
    low, high = wilson(k, n)
    return f"{100 * k / n:6.2f} [{100 * low:5.2f}, {100 * high:5.2f}]"


def titles() -> str:
    """What stands above the lines of the published table; intervals are of 95 %."""
    shares = ("molecules %", "valid %", "one piece %", "different %", "novel %")
    return f"{'stable by distance':24s} {'n':>7s}  {'atoms %':>13s}  " + "  ".join(f"{t:>22s}" for t in shares)


def row(name: str, x: Array, known: set[str]) -> str:
    """One line of the published table."""
    found, graphs = stability.by_distance(x), molecule_graphs.graphs(x)
    n, valid, different = len(x), int(graphs.valid.sum()), set(graphs.smiles) - {""}
    error = 1.96 * found.shares.std() / np.sqrt(n)
    cells = [f"{100 * found.of_atoms:6.2f} ± {100 * error:4.2f}", share(int(found.molecules.sum()), n), share(valid, n)]
    cells += [share(int(graphs.connected.sum()), n), share(len(different), valid)]
    cells += [share(len(different - known), len(different)) if known else f"{'–':>20s}"]
    return f"{name[:24]:24s} {n:7,}  " + "  ".join(cells)


def second(name: str, x: Array) -> str:
    """One line of what the published table leaves out."""
    stable, apart = perceived.share_that_disagrees(x)
    n, fine, energy = len(x), plausibility.checks(x).all(axis=1), strain(x)
    there = energy[np.isfinite(energy)]
    stated = f"{there.mean():9.1f} {np.median(there):7.1f}" if len(there) else f"{'–':>9s} {'–':>7s}"
    cells = [share(round(s * n), n) for s in (stable, apart, float(fine.mean()))]
    return f"{name[:24]:24s} {n:7,}  {'  '.join(cells)}  {stated} {100 * (1 - len(there) / n):6.1f}"


def read(path: Path) -> Array:
    """Molecules of a file."""
    if path.suffix != ".npz":
        return molecule_files.read(path, generated=True).x
    return PackedMolecules(path).read().array


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+", help="runs or files")
    parser.add_argument("-n", type=int, default=1000, help="draws of a run, and molecules of the second table")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--largest", type=int, default=29, help="atoms of the data's molecules, at most")
    parser.add_argument("--data", type=int, default=5000, help="molecules of the data that are looked at")
    asked = parser.parse_args()
    known: set[str] = set()
    first, then = [], []
    try:
        whole = QM9(largest=asked.largest).read().array
        some = whole[np.random.default_rng(0).permutation(len(whole))][: asked.data]
        known = set(chemistry.canonical(read_npz(data.find(NAME))["smiles"].astype(str)))
        first.append(row("QM9 without fluorine", some, known))
        then.append(second("QM9 without fluorine", some[: asked.n]))
    except BadInput as error:
        first.append(f"(no QM9: {error.wrong})")
    for what in asked.what:
        began = time.process_time()
        if Path(what).is_file():
            x = read(Path(what))
        else:
            from simulacra.keeping.trained import load

            x = load(what).draw(asked.n, np.random.default_rng(asked.seed)).array
        seconds = time.process_time() - began
        speed = "" if Path(what).is_file() else f"   {len(x) / seconds:.1f} molecules a second of one core"
        first.append(row(Path(what).name, x, known) + speed)
        then.append(second(Path(what).name, x[np.random.default_rng(1).permutation(len(x))[: asked.n]]))
    print(titles())
    print("\n".join(first), "\n")
    more = ("stable by charge %", "rules disagree %", "plausible %")
    print(f"{'':24s} {'n':>7s}  {'  '.join(f'{t:>22s}' for t in more)}  {'mean':>9s} {'median':>7s} {'none %':>6s}")
    print("\n".join(then))


if __name__ == "__main__":
    main()
