"""The numbers by which generated molecules are compared: of a run's model, of the data, and of any file.

    python benchmarks/molecules.py RUN -n 1000 --seed 1      a trained run's fresh draws
    python benchmarks/molecules.py mols.sdf                  molecules in a file (.xyz, .extxyz, .sdf, .npz)

Stability and validity by the published rules (see `simulacra/domains/stability.py`), with standard errors; the last
columns are shares of the valid molecules: novel is what is nowhere in the data folder's QM9, whose own score is the
ceiling. It is printed first.
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
from simulacra.domains import chemistry, molecule_files, molecule_graphs, stability
from simulacra.domains.molecules import seated
from simulacra.sources.qm9 import NAME, QM9


def row(name: str, x: Array, known: set[str]) -> str:
    """One line of the table."""
    found, graphs = stability.by_distance(x), molecule_graphs.graphs(x)
    n = len(x)
    share, stable, valid = found.shares, found.of_molecules, float(graphs.valid.mean())
    error = [share.std() / np.sqrt(n), np.sqrt(stable * (1 - stable) / n), np.sqrt(valid * (1 - valid) / n)]
    shares = [found.of_atoms, stable, valid]
    cells = [f"{100 * s:6.2f} ± {100 * e:4.2f}" for s, e in zip(shares, error, strict=True)]
    new = f"{100 * molecule_graphs.novelty(graphs.smiles, known):6.1f}" if known else "     –"
    others = f"{100 * graphs.connected.mean():6.1f} {100 * molecule_graphs.uniqueness(graphs.smiles):6.1f} {new}"
    return f"{name[:28]:28s} {n:7,} {'  '.join(cells)}  {others}"


def read(path: Path) -> Array:
    """Molecules of a file."""
    if path.suffix != ".npz":
        return molecule_files.read(path).x
    told = read_npz(path)
    return seated(told["Z"].astype(np.int64), told["R"].astype(float), told["n_atoms"].astype(np.int64))


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+", help="runs or files")
    parser.add_argument("-n", type=int, default=1000, help="draws of a run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--largest", type=int, default=29, help="atoms of the data's molecules, at most")
    parser.add_argument("--data", type=int, default=5000, help="molecules of the data that are looked at")
    asked = parser.parse_args()
    known: set[str] = set()
    lines = []
    try:
        whole = QM9(largest=asked.largest).read().array
        some = whole[np.random.default_rng(0).permutation(len(whole))]
        texts = read_npz(data.find(NAME))["smiles"].astype(str)
        known = set(chemistry.canonical(texts))
        lines.append(row("QM9 without fluorine", some[: asked.data], known))
    except BadInput as error:
        lines.append(f"(no QM9: {error.wrong})")
    for what in asked.what:
        began = time.process_time()
        if Path(what).is_file():
            x = read(Path(what))
        else:
            from simulacra.trained import load

            x = load(what).draw(asked.n, np.random.default_rng(asked.seed)).array
        seconds = time.process_time() - began
        speed = "" if Path(what).is_file() else f"   {len(x) / seconds:.1f} molecules a second of one core"
        lines.append(row(Path(what).name, x, known) + speed)
    print(f"{'':28s} {'n':>7s} {'atoms %':>13s}  {'molecules %':>13s}  {'valid %':>13s}   whole unique  novel")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
