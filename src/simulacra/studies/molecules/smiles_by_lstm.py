"""Does a network that spells molecules token by token write what chemists would?"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from simulacra.baselines.copycat import copycat
from simulacra.baselines.tokens_in_context import tokens_in_context
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.token_reader import TokenReader
from simulacra.running.study import Study
from simulacra.subjects.strings import fitted, judges, library
from simulacra.training.budget import Budget
from simulacra.views.strings import Strings


def study(
    molecules: Path | None = None,
    key: str = "",
    salts: Literal["strip", "keep"] = "strip",
    stereo: bool = True,
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

    Args:
        molecules: a list of your own (.smi, .csv, .tsv, .parquet, .sdf; text may end in .gz).
        key: the column of a table, where it is not headed SMILES.
        salts: "strip" keeps the largest part of a molecule in several, "keep" keeps all parts.
        stereo: whether the stereochemistry is kept.
        width: features of the network's state.
        layers: of the network.
        longest: tokens of a string; longer ones are passed over, and counted.
        rarest: strings that a token must be in to be learned; strings with rarer ones are passed over, and counted.
        batch: strings in a step, of like length; small ones learn faster.
        steps: training steps.
    """
    source, split = library(molecules, key, salts, stereo)
    view = fitted(Strings(longest=longest, rarest=rarest), source, split)
    return Study(
        source=source,
        view=view,
        model=TokenSequence(TokenReader(len(view.tokens), 64, width, layers), view.length),
        judges=judges(),
        baselines={"n-gram": tokens_in_context, "copycat": copycat},
        budget=Budget(
            steps,
            batch=batch,
            rate=2e-3,
            average=0.999,
            final=0.01,
            warmup=min(200, steps // 4),
            clip=1.0,
            looks=1,
            glances=0,
            precision="bf16-mixed",
        ),
        split=split,
        references=(
            "In silico generation of novel, drug-like chemical matter using the LSTM neural network (Ertl et al., "
            "2017), arXiv:1712.07449",
            "Generating focused molecule libraries for drug discovery with recurrent neural networks (Segler et al., "
            "2018), doi:10.1021/acscentsci.7b00512",
            "Molecular Sets (MOSES): a benchmarking platform for molecular generation models (Polykovskiy et al., "
            "2020), doi:10.3389/fphar.2020.565644",
            "ZINC 15: ligand discovery for everyone (Sterling & Irwin, 2015), doi:10.1021/acs.jcim.5b00559",
        ),
    )
