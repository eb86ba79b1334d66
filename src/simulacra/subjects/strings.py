"""What the studies of molecules as strings share: where they come from, how they are shared out, who judges them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from simulacra.core import data
from simulacra.judging.base import Judge
from simulacra.running.split import Split
from simulacra.sources.base import Archive, Simulator
from simulacra.sources.molecules.joined_fragments import JoinedFragments
from simulacra.sources.molecules.smiles_library import SmilesLibrary
from simulacra.statistics.molecules.drug_likeness import DrugLikeness
from simulacra.statistics.molecules.fragment_similarity import FragmentSimilarity
from simulacra.statistics.molecules.internal_diversity import InternalDiversity
from simulacra.statistics.molecules.molecular_descriptors import MolecularDescriptors
from simulacra.statistics.molecules.nearest_similarity import NearestSimilarity
from simulacra.statistics.molecules.scaffold_similarity import ScaffoldSimilarity
from simulacra.statistics.molecules.structural_alerts import StructuralAlerts
from simulacra.statistics.molecules.synthetic_accessibility import SyntheticAccessibility
from simulacra.statistics.molecules.validity import Validity
from simulacra.views.strings import Strings

ZINC = "smiles/zinc250k.smi.gz"
SHARED = Split(88, 2, 10)
"""Of a list: enough truth for ChemNet's distance between two halves of it."""
HELD_OUT = Split(60, 15, 25)
"""Of molecules that a model is taught: by scaffold."""
DRAWN = Split(8000, 500, 2000)
"""Of the world that is joined by program."""


def library(
    molecules: Path | None, key: str = "", salts: Literal["strip", "keep"] = "strip", stereo: bool = True
) -> tuple[Archive | Simulator, Split]:
    """A list of one's own; else ZINC where it is at hand; else molecules joined by program. And how it is shared out.

    Args:
        molecules: the list, or None.
        key: the column of a table.
        salts: what becomes of molecules in several parts.
        stereo: whether stereochemistry is kept.
    """
    if molecules is not None:
        return SmilesLibrary(molecules, key, salts, stereo), SHARED
    if any((folder / ZINC).is_file() for folder in data.folders()):
        return SmilesLibrary(data.find(ZINC), "", salts, stereo), SHARED
    return JoinedFragments(), DRAWN


def fitted(view: Strings, source: Archive | Simulator, split: Split) -> Strings:
    """The view with the tokens of the training part: a network must know how many there are before it is built."""
    if isinstance(source, Archive):
        return view.fit(split.share_out(source.read())["train"])
    return view.fit(source.draw(2000, np.random.default_rng(0)))


def judges() -> dict[str, Judge]:
    """Chemistry's own judges of strings."""
    return {
        "validity": Judge(Validity(), reach=0.02),
        "descriptors": Judge(MolecularDescriptors(), reach=0.16),
        "drug-likeness": Judge(DrugLikeness(), reach=0.16),
        "accessibility": Judge(SyntheticAccessibility(), reach=0.16),
        "alerts": Judge(StructuralAlerts(), reach=0.16),
        "scaffolds": Judge(ScaffoldSimilarity()),
        "fragments": Judge(FragmentSimilarity()),
        "nearest": Judge(NearestSimilarity()),
        "diversity": Judge(InternalDiversity()),
    }
