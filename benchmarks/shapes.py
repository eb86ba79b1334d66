"""Shapes of unseen molecules beside ETKDG and MMFF94: how near several shapes come to the one of least energy.

    python benchmarks/shapes.py RUN -n 100 --each 10

Of each unseen molecule of QM9 as many shapes are made by the model, by ETKDG alone, and by ETKDG with MMFF94; of each
set the one nearest to QM9's own counts (heavy atoms, best superposition over all symmetries of the graph, mirror images
allowed to both, since a graph without stereochemistry is shaped). Covered: nearer than half an ångström. Times are of
one processor core. Lengths and angles: mean absolute error of bonds' and angles' ends against QM9's own, all shapes.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import torch
from rdkit import Chem, RDLogger
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers, rdMolAlign
from rdkit.Geometry import Point3D

from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.diffusion.bonded import COLUMNS, NUMBER, TOKEN
from simulacra.domains.molecules import perceived
from simulacra.domains.molecules.atoms import keys
from simulacra.domains.molecules.bond_graphs import told_rows
from simulacra.keeping.trained import load
from simulacra.models.graph_and_space import GraphAndSpace
from simulacra.running.split import Split
from simulacra.sources.molecules.qm9 import QM9

COVERED = 0.5  # Å


def put(found: Any, where: Array) -> None:  # noqa: ANN401 - RDKit's molecule
    """One conformer more."""
    shape = Chem.Conformer(len(where))
    for i, p in enumerate(where):
        shape.SetAtomPosition(i, Point3D(*map(float, p)))
    found.AddConformer(shape, assignId=True)


def by_model(model: GraphAndSpace, found: Any, each: int) -> list[Array]:  # noqa: ANN401
    """The flow's shapes."""
    stated = torch.from_numpy(told_rows(found).astype(np.float32))
    rows = torch.zeros(each, len(stated), COLUMNS)
    rows[:, :, NUMBER:TOKEN] = stated
    return list(model.shapes.shape(rows).numpy())


def by_program(found: Any, each: int, seed: int, relax: bool) -> list[Array]:  # noqa: ANN401
    """ETKDG's shapes, with or without MMFF94."""
    made = Chem.Mol(found)
    made.RemoveAllConformers()
    chosen = rdDistGeom.ETKDGv3()
    chosen.randomSeed, chosen.maxIterations = seed, 20
    rdDistGeom.EmbedMultipleConfs(made, each, chosen)
    if relax and made.GetNumConformers():
        rdForceFieldHelpers.MMFFOptimizeMoleculeConfs(made, maxIters=200)
    return [conformer.GetPositions() for conformer in made.GetConformers()]


def nearest(found: Any, shapes: list[Array]) -> float:  # noqa: ANN401
    """The least deviation of heavy atoms from the molecule's own shape, Å; infinite without a shape."""
    bare, best = Chem.RemoveHs(found), np.inf
    heavy = [atom.GetIdx() for atom in found.GetAtoms() if atom.GetAtomicNum() > 1]
    for where in shapes:
        for mirror in (1.0, -1.0):
            probe = Chem.Mol(bare)
            probe.RemoveAllConformers()
            put(probe, where[heavy] * np.array([mirror, 1.0, 1.0]))
            best = min(best, rdMolAlign.GetBestRMS(probe, bare))
    return best


def errors(found: Any, shapes: list[Array]) -> tuple[list[float], list[float]]:  # noqa: ANN401
    """Errors of bonds' lengths, Å, and of angles, degrees, over all shapes."""
    true = found.GetConformer().GetPositions()
    bonds = np.array([(b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in found.GetBonds()])
    near = [[n.GetIdx() for n in atom.GetNeighbors()] for atom in found.GetAtoms()]
    ends = np.array([(a, j, b) for j, some in enumerate(near) for a in some for b in some if a < b]).reshape(-1, 3)

    def lengths(x: Array) -> Array:
        return np.linalg.norm(x[bonds[:, 0]] - x[bonds[:, 1]], axis=1)

    def angles(x: Array) -> Array:
        a, b = x[ends[:, 0]] - x[ends[:, 1]], x[ends[:, 2]] - x[ends[:, 1]]
        cosine = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        return np.degrees(np.arccos(np.clip(cosine, -1, 1)))

    some = [(np.abs(lengths(x) - lengths(true)), np.abs(angles(x) - angles(true))) for x in shapes]
    return [float(v) for a, _ in some for v in a], [float(v) for _, b in some for v in b]


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("-n", type=int, default=100, help="unseen molecules")
    parser.add_argument("--each", type=int, default=10, help="shapes of each")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    RDLogger.DisableLog("rdApp.*")
    torch.manual_seed(asked.seed)
    model = load(asked.run).model
    assert isinstance(model, GraphAndSpace)
    unseen = Split(93, 3, 4).share_out(QM9().read())["truth"].array
    some = unseen[np.random.default_rng(asked.seed).permutation(len(unseen))[: asked.n]]
    ways = {
        "flow": lambda found, seed: by_model(model, found, asked.each),
        "ETKDG": lambda found, seed: by_program(found, asked.each, seed, relax=False),
        "ETKDG, MMFF94": lambda found, seed: by_program(found, asked.each, seed, relax=True),
    }
    least: dict[str, list[float]] = {name: [] for name in ways}
    wrong: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in ways}
    seconds, made = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0)
    with Progress("shaping", len(some)) as progress:
        for place, key in enumerate(keys(some)):
            progress.step()
            found, possible = perceived.drawn(key)
            if not possible:
                continue
            for name, way in ways.items():
                began = time.process_time()
                shapes = way(found, asked.seed + place)
                seconds[name] += time.process_time() - began
                made[name] += len(shapes)
                least[name].append(nearest(found, shapes))
                for kept, more in zip(wrong[name], errors(found, shapes), strict=True):
                    kept += more
    titles = ("shapes", "covered %", "RMSD, Å", "bonds, Å", "angles, °", "ms each")
    print(f"{'':16s} " + " ".join(f"{t:>{w}s}" for t, w in zip(titles, (7, 10, 18, 9, 9, 8), strict=True)))
    for name, found in least.items():
        near, there = np.array(found), np.isfinite(found)
        rmsd = f"{near[there].mean():.3f} ± {1.96 * near[there].std() / max(1, there.sum()) ** 0.5:.3f}"
        bonds, angles = (np.mean(part) for part in wrong[name])
        each = 1e3 * seconds[name] / max(1, made[name])
        share = 100 * float((near < COVERED).mean())
        print(f"{name:16s} {made[name]:7,} {share:10.1f} {rmsd:>18s} {bonds:9.4f} {angles:9.3f} {each:8.1f}")


if __name__ == "__main__":
    main()
