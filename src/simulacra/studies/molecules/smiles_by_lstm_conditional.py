"""Do strings have the properties that a language model of molecules was asked for?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from simulacra.baselines.copycat import copycat
from simulacra.core.errors import BadInput
from simulacra.diffusion.properties import Properties
from simulacra.domains.molecules.stated_properties import PROPERTIES
from simulacra.exhibits.properties_obtained import PropertiesObtained
from simulacra.keeping.strings_opened import opened
from simulacra.keeping.trained import load
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.token_reader import TokenReader
from simulacra.running.study import Study
from simulacra.sources.base import Simulator
from simulacra.sources.molecules.measured_molecules import MeasuredMolecules
from simulacra.subjects.strings import SHARED, fitted, judges, library
from simulacra.training.budget import Budget
from simulacra.views.strings import Strings

JOINED = 8000  # molecules, where a program joins them
JUDGES = ("validity", "descriptors", "drug-likeness", "diversity")


def study(
    molecules: Path | None = None,
    from_: str = "",
    key: str = "",
    salts: Literal["strip", "keep"] = "strip",
    stereo: bool = True,
    most: int = 40_000,
    width: int = 384,
    layers: int = 2,
    longest: int = 120,
    rarest: int = 5,
    batch: int = 48,
    steps: int = 3000,
) -> Study:
    """A language model of SMILES that is told logP, QED, weight and number of rings, each where it is known.

    Training hides each property at random, so that the model draws under any of them, under several, or freely:
    `simulacra sample RUN -n 100 -o x.smi --logP 2.5 --rings 3`. Without a file ZINC's molecules are learned where they
    are at hand, and otherwise molecules joined by program.

    Args:
        molecules: a list of your own (.smi, .csv, .tsv, .parquet, .sdf; text may end in .gz).
        from_: a run, or the shipped smiles, from which to go on; its network and tokens are taken.
        key: the column of a table, where it is not headed SMILES.
        salts: "strip" keeps the largest part of a molecule in several, "keep" keeps all parts.
        stereo: whether the stereochemistry is kept.
        most: molecules of the list that are taken, at most, chosen by a hash; 0 takes all.
        width: features of the network's state.
        layers: of the network.
        longest: tokens of a string; longer ones are passed over, and counted.
        rarest: strings that a token must be in to be learned; strings with rarer ones are passed over, and counted.
        batch: strings in a step, of like length; small ones learn faster.
        steps: training steps.
    """
    strings, split = library(molecules, key, salts, stereo)
    by_program = isinstance(strings, Simulator)
    source = MeasuredMolecules(strings, min(most or JOINED, JOINED) if by_program else most)
    told = Properties(tuple(PROPERTIES), dropped=0.1)
    if from_:
        view, model = informed(from_, told)
    else:
        view = fitted(Strings(longest=longest, rarest=rarest), strings, split)
        model = TokenSequence(
            TokenReader(len(view.tokens), 64, width, layers, told.width), view.length, conditioning=told
        )
    chosen = judges()
    return Study(
        source=source,
        view=view,
        model=model,
        judges={name: chosen[name] for name in JUDGES},
        baselines={"copycat": copycat},
        budget=Budget(
            steps,
            batch=batch,
            rate=1e-3 if from_ else 2e-3,
            average=0.998,
            final=0.01,
            warmup=min(100, steps // 4),
            clip=1.0,
            looks=1,
            glances=0,
            precision="bf16-mixed",
        ),
        split=SHARED,
        references=(
            "Molecular generation with recurrent neural networks (Bjerrum & Threlfall, 2017), arXiv:1705.04612",
            "Direct steering of de novo molecular generation with descriptor conditional recurrent neural networks "
            "(Kotsias et al., 2020), doi:10.1038/s42256-020-0174-5",
            "ZINC 15: ligand discovery for everyone (Sterling & Irwin, 2015), doi:10.1021/acs.jcim.5b00559",
        ),
        further=(PropertiesObtained(),),
    )


def informed(before: str, told: Properties) -> tuple[Strings, TokenSequence]:
    """A model that was trained before without properties, and is told them from now on; at first they add nothing."""
    old, view = opened(load(before))
    if old.conditioning is not None or not isinstance(old.network, TokenReader):
        raise BadInput(
            "a model that is to learn properties has been told none, and remembers as an LSTM",
            before,
            "name a run of smiles_by_lstm, or the shipped smiles",
        )
    args, kwargs = old.network.recipe
    model = TokenSequence(TokenReader(*args, **{**kwargs, "numbers": told.width}), old.length, conditioning=told)
    model.load_state_dict({name: value.float() for name, value in old.state_dict().items()}, strict=False)
    return replace(view, given={}), model
