"""What the studies of structural keys share: where they come from, how they are shared out, who judges them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simulacra.baselines.copycat import copycat
from simulacra.baselines.independent_bits import independent_bits
from simulacra.core import data
from simulacra.exhibits.keys_asked import show_keys_asked
from simulacra.judging.base import Judge
from simulacra.models.base import Model
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.sources.base import Archive, Simulator
from simulacra.sources.molecules.structural_key_library import StructuralKeyLibrary
from simulacra.sources.molecules.structural_keys_joined import StructuralKeysJoined
from simulacra.statistics.molecules.key_sums import KeySums
from simulacra.statistics.tables.values import Values
from simulacra.subjects.strings import ZINC
from simulacra.training.budget import Budget
from simulacra.views.flat import Flat

SHARED, DRAWN = Split(60, 20, 20), Split(3000, 1000, 1000)
REFERENCES = (
    "druGAN: an advanced generative adversarial autoencoder model for de novo generation of new molecules with desired "
    "molecular properties in silico (Kadurin et al., 2017), doi:10.1021/acs.molpharmaceut.7b00346",
    "Adversarial autoencoders (Makhzani et al., 2015), arXiv:1511.05644",
    "Reoptimization of MDL keys for use in drug discovery (Durant et al., 2002), doi:10.1021/ci010132r",
    "Quantifying the chemical beauty of drugs (Bickerton et al., 2012), doi:10.1038/nchem.1243",
)


def study_of(molecules: Path | None, most: int, model: Model, budget: Budget, expect: Mapping[str, str]) -> Study:
    """Keys of a list of one's own, of ZINC where it is at hand, else of molecules joined by program."""
    source: Archive | Simulator = StructuralKeysJoined()
    if molecules is not None:
        source = StructuralKeyLibrary(molecules, most)
    elif any((folder / ZINC).is_file() for folder in data.folders()):
        source = StructuralKeyLibrary(data.find(ZINC), most)
    return Study(
        source=source,
        view=Flat(),
        model=model,
        judges={"keys": Judge(Values(), reach=0.16), "sums of keys": Judge(KeySums(), reach=0.16)},
        baselines={"each key alone": independent_bits, "copycat": copycat},
        budget=budget,
        split=SHARED if isinstance(source, Archive) else DRAWN,
        further=(show_keys_asked,),
        expect=dict(expect) if molecules is None and isinstance(source, Archive) else {},
        references=REFERENCES,
    )
