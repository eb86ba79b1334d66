"""Does a network that spells molecules token by token write what chemists would?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

from simulacra.baselines.copycat import copycat
from simulacra.baselines.mutated_molecules import mutated_molecules
from simulacra.baselines.tokens_in_context import tokens_in_context
from simulacra.core.errors import BadInput
from simulacra.exhibits.actives_found import find_actives
from simulacra.keeping.strings_opened import opened
from simulacra.keeping.trained import load
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.reader import Reader
from simulacra.networks.token_reader import TokenReader
from simulacra.networks.token_transformer import TokenTransformer
from simulacra.running.study import Study
from simulacra.sources.molecules.smiles_library import SmilesLibrary
from simulacra.subjects.strings import HELD_OUT, fitted, judges, library
from simulacra.training.budget import Budget
from simulacra.views.strings import Strings


def study(
    molecules: Path | None = None,
    from_: str = "",
    key: str = "",
    salts: Literal["strip", "keep"] = "strip",
    stereo: bool = True,
    network: Literal["lstm", "transformer"] = "lstm",
    grammar: Literal["smiles", "selfies"] = "smiles",
    ways: int = 0,
    width: int = 384,
    layers: int = 2,
    longest: int = 120,
    rarest: int = 5,
    batch: int = 48,
    steps: int = 3000,
) -> Study:
    """A language model of SMILES with tokens learned from the data, and the judges of chemistry.

    Without a file ZINC's 249,455 molecules are learned where they are at hand, and otherwise molecules joined by
    program. With the default steps it is trained for minutes; benchmarks/flagship_smiles.py trains it for an hour.

    With a run to go on from, its model is taught your list (some dozens of molecules will do). The list is shared out
    by scaffold, and the page shows how many of the held-out ones are found again.

    Args:
        molecules: a list of your own (.smi, .csv, .tsv, .parquet, .sdf; text may end in .gz).
        from_: a run, or the shipped smiles, from which to go on; its network and tokens are taken.
        key: the column of a table, where it is not headed SMILES.
        salts: "strip" keeps the largest part of a molecule in several, "keep" keeps all parts.
        stereo: whether the stereochemistry is kept.
        network: "lstm" remembers in a state, "transformer" looks back at all that came before.
        grammar: "smiles", or "selfies", of which any string is a molecule; its extra is needed.
        ways: random SMILES in which each molecule is written for the training, of which each step takes one; 0 takes
            the canonical one. Memory grows with it.
        width: features of the network's state, or of a place.
        layers: of the network.
        longest: tokens of a string; longer ones are passed over, and counted.
        rarest: strings that a token must be in to be learned; strings with rarer ones are passed over, and counted.
        batch: strings in a step, of like length; small ones learn faster.
        steps: training steps.
    """
    if from_:
        return taught(from_, molecules, key, salts, stereo, batch, steps)
    source, split = library(molecules, key, salts, stereo)
    view = fitted(Strings(longest=longest, rarest=rarest, grammar=grammar, ways=ways), source, split)
    reader: Reader = (
        TokenReader(len(view.tokens), 64, width, layers)
        if network == "lstm"
        else TokenTransformer(len(view.tokens), view.length + 1, width, layers)
    )
    return Study(
        source=source,
        view=view,
        model=TokenSequence(reader, view.length),
        judges=judges(),
        baselines={"n-gram": tokens_in_context, "copycat": copycat},
        budget=Budget(
            steps,
            batch=batch,
            rate=2e-3 if network == "lstm" else 1e-3,
            average=0.999,
            final=0.01,
            warmup=min(200, steps // 4),
            clip=1.0,
            looks=1,
            glances=0,
            precision="bf16-mixed",
        ),
        split=split,
        references=REFERENCES,
    )


REFERENCES = (
    "In silico generation of novel, drug-like chemical matter using the LSTM neural network (Ertl et al., "
    "2017), arXiv:1712.07449",
    "Generating focused molecule libraries for drug discovery with recurrent neural networks (Segler et al., "
    "2018), doi:10.1021/acscentsci.7b00512",
    "Molecular Sets (MOSES): a benchmarking platform for molecular generation models (Polykovskiy et al., "
    "2020), doi:10.3389/fphar.2020.565644",
    "ZINC 15: ligand discovery for everyone (Sterling & Irwin, 2015), doi:10.1021/acs.jcim.5b00559",
)


def taught(
    before: str, molecules: Path | None, key: str, salts: Literal["strip", "keep"], stereo: bool, batch: int, steps: int
) -> Study:
    """A model that was trained before, taught a few molecules more."""
    if molecules is None:
        raise BadInput("a model is taught molecules of yours", "none", "name them: --molecules actives.smi")
    source = SmilesLibrary(molecules, key, salts, stereo, group="scaffold")
    old, new = load(before), load(before)
    model, view = opened(new)
    return Study(
        source=source,
        view=view,
        model=model,
        judges=judges(),
        baselines={"random changes": mutated_molecules, "copycat": copycat},
        budget=Budget(
            steps, batch=batch, rate=5e-4, average=0.98, final=0.05, warmup=min(20, steps // 4), clip=1.0, looks=5
        ),
        split=HELD_OUT,
        references=(
            *REFERENCES,
            "Generative recurrent networks for de novo drug design (Gupta et al., 2018), doi:10.1002/minf.201700111",
        ),
        further=(partial(find_actives, before=old),),
    )
