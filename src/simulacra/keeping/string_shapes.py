"""Shapes of the user's own strings by a trained model: conformers, with the stereochemistry that the string shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from simulacra.core.errors import BadInput, extra
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.diffusion.bonded import COLUMNS, NUMBER, TOKEN
from simulacra.domains.molecules.atoms import SYMBOLS
from simulacra.domains.molecules.bond_graphs import graph_of, told_rows
from simulacra.keeping.trained import Trained
from simulacra.models.graph_and_space import GraphAndSpace
from simulacra.models.shape_flow import ShapeFlow
from simulacra.views.spelling import Spelling

with extra("chemistry"):
    from rdkit import Chem
    from rdkit.Geometry import Point3D

TRIES = 8
"""Rounds in which shapes of a wrong handedness are drawn again, at most."""
AT_ONCE = 256
LARGEST_RING = 9  # atoms; a larger ring is none that the training set shows


@dataclass
class Shaped:
    """Shapes of one string.

    Args:
        text: the string.
        molecule: RDKit's, hydrogens as atoms, a conformer a shape.
        wrong: why there are none, or fewer than were asked for; empty if nothing is wrong.
    """

    text: str
    molecule: Any = None
    wrong: str = ""
    shapes: list[Array] = field(default_factory=list)


def shaped(trained: Trained, texts: Sequence[str], each: int, rng: np.random.Generator) -> list[Shaped]:
    """So many shapes of each string; one that the model does not know is named, and the rest done.

    A shape's handedness is chance to the model. Where the string shows stereochemistry, a shape that has another one is
    mirrored if that helps, or drawn again.

    Args:
        trained: a model of graphs and shapes.
        texts: SMILES.
        each: shapes of each.
        rng: chance.
    """
    model = trained.model
    if not isinstance(model, GraphAndSpace) or not isinstance(model.spelling, Spelling):
        raise BadInput(
            "this model gives no shapes to strings", type(model).__name__, "name a run of molecules_by_graph_and_shape"
        )
    found = [_opened(text, model.spelling) for text in texts]
    wanted = [one for one in found if not one.wrong]
    with (
        torch.random.fork_rng(devices=[]),
        torch.no_grad(),
        Progress("shaping", each * len(wanted)) as progress,
    ):
        torch.manual_seed(int(rng.integers(2**63 - 1)))
        for _ in range(TRIES):
            queue = [one for one in wanted for _ in range(each - len(one.shapes))]
            for start in range(0, len(queue), AT_ONCE):
                some = queue[start : start + AT_ONCE]
                progress.step(_fill(model.shapes, some))
    for one in wanted:
        for k, where in enumerate(one.shapes):
            shape = Chem.Conformer(len(where))
            shape.SetId(k)
            for i, p in enumerate(where):
                shape.SetAtomPosition(i, Point3D(*map(float, p)))
            one.molecule.AddConformer(shape)
        if len(one.shapes) < each:
            one.wrong = f"{len(one.shapes)} of {each} shapes have the stereochemistry that it shows"
    return found


def _opened(text: str, spelling: Spelling) -> Shaped:
    """The molecule of a string, or why there is none that the model knows."""
    found = graph_of(text)
    if found is None:
        return Shaped(text, wrong="no molecule of one piece")
    unknown = sorted({atom.GetAtomicNum() for atom in found.GetAtoms()} - set(spelling.elements))
    if unknown:
        return Shaped(text, wrong=f"the model does not know {', '.join(SYMBOLS[z] for z in unknown)}")
    if found.GetNumAtoms() > spelling.seats:
        return Shaped(text, wrong=f"{found.GetNumAtoms()} atoms with hydrogens; the model knows up to {spelling.seats}")
    if any(atom.GetNumRadicalElectrons() for atom in found.GetAtoms()):
        return Shaped(text, wrong="a radical")
    ring = max(map(len, found.GetRingInfo().AtomRings()), default=0)
    if ring > LARGEST_RING:
        return Shaped(text, wrong=f"a ring of {ring} atoms; the model knows up to {LARGEST_RING}")
    return Shaped(text, found)


def _fill(shapes: ShapeFlow, some: Sequence[Shaped]) -> int:
    """One shape more for each, where it has the right stereochemistry; how many had."""
    seats = max(one.molecule.GetNumAtoms() for one in some)
    rows: Tensor = torch.zeros(len(some), seats, COLUMNS)
    for i, one in enumerate(some):
        stated = told_rows(one.molecule)
        rows[i, : len(stated), NUMBER:TOKEN] = torch.from_numpy(stated.astype(np.float32))
    found = shapes.shape(rows.to(shapes.device)).cpu().numpy().astype(np.float64)
    good = 0
    for one, where in zip(some, found, strict=True):
        right = _righted(one.molecule, where[: one.molecule.GetNumAtoms()])
        if right is not None:
            one.shapes.append(right)
            good += 1
    return good


def _righted(molecule: Any, where: Array) -> Array | None:  # noqa: ANN401 - RDKit's molecule
    """The shape, or its mirror image, if it has the stereochemistry that is told; None if neither has."""
    if not np.isfinite(where).all():
        return None
    asked = _stereo(molecule)
    for mirrored in (where, where * np.array([-1.0, 1.0, 1.0])):
        seen = Chem.Mol(molecule)
        shape = Chem.Conformer(len(mirrored))
        for i, p in enumerate(mirrored):
            shape.SetAtomPosition(i, Point3D(*map(float, p)))
        Chem.AssignStereochemistryFrom3D(seen, seen.AddConformer(shape, assignId=True))
        there = _stereo(seen)
        if all(there.get(place) == label for place, label in asked.items()):
            return mirrored
        if not any(kind == "atom" for kind, _ in asked):
            return None
    return None


def _stereo(molecule: Any) -> dict[tuple[str, int], str]:  # noqa: ANN401 - RDKit's molecule
    """What is told of its centers and double bonds: by their place, the label."""
    found = Chem.Mol(molecule)
    Chem.AssignStereochemistry(found, cleanIt=False, force=True)
    stated = {("atom", a.GetIdx()): a.GetProp("_CIPCode") for a in found.GetAtoms() if a.HasProp("_CIPCode")}
    bonds = {("bond", b.GetIdx()): str(b.GetStereo()) for b in found.GetBonds()}
    alike = {"STEREOCIS": "STEREOZ", "STEREOTRANS": "STEREOE"}
    return stated | {k: alike.get(v, v) for k, v in bonds.items() if v not in ("STEREONONE", "STEREOANY")}
