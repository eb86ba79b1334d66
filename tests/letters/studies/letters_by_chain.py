"""Does a learned Markov chain write words as the true one does?"""

from __future__ import annotations

from simulacra.models.letter_chain import LetterChain
from simulacra.sources.markov_letters import MarkovLetters
from simulacra.statistics.letter_pairs import LetterPairs
from simulacra.views.letter_codes import LetterCodes

from simulacra.baselines.copycat import copycat
from simulacra.judging.base import Judge
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.statistics.sets.coverage import Coverage
from simulacra.training.budget import Budget


def study(length: int = 12, steps: int = 300) -> Study:
    """Words of a Markov chain, learned by maximum likelihood.

    Args:
        length: letters of a word.
        steps: training steps.
    """
    return Study(
        MarkovLetters(length),
        LetterCodes(),
        LetterChain(length),
        {"letter pairs": Judge(LetterPairs(), reach=0.16), "coverage": Judge(Coverage())},
        Budget(steps=steps, batch=64),
        baselines={"copycat": copycat},
        split=Split(600, 200, 200),
        references=("A mathematical theory of communication (Shannon, 1948), doi:10.1002/j.1538-7305.1948.tb01338.x",),
        question="Does a learned Markov chain write words as the true one does?",
    )
