"""A trained model of strings, opened for more than drawing: how likely molecules are, and how a core is grown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from simulacra.core.errors import BadInput, extra
from simulacra.core.progress import Progress
from simulacra.domains.molecules.chemistry import molecule
from simulacra.keeping.trained import Trained
from simulacra.models.token_sequence import TokenSequence
from simulacra.views.strings import Strings

with extra("chemistry"):
    from rdkit import Chem, rdBase

SPELLINGS = 200  # of a core, of which the likeliest is taken
PORTION = 256
EXAMPLE = 'such as "c1ccc(cc1)[*]"'
TIMES = 20  # strings for each molecule that is asked for, at most


@dataclass(frozen=True)
class Grown:
    """What came of a core.

    Args:
        texts: different molecules that hold the core and more, canonical.
        spelled: how the core was begun.
        drawn: strings.
        lost: strings that are none of these, by their reason.
    """

    texts: list[str]
    spelled: str
    drawn: int
    lost: Counter[str] = field(default_factory=Counter)


def opened(trained: Trained) -> tuple[TokenSequence, Strings]:
    """The model and its view; an error where it spells no strings of learned tokens."""
    model, view = trained.model, trained.view
    if not isinstance(model, TokenSequence) or not isinstance(view, Strings):
        raise BadInput(
            "this model spells no SMILES", type(model).__name__, "name a run of smiles_by_lstm, or the shipped smiles"
        )
    return model, view


@torch.no_grad()
def likelihood(trained: Trained, texts: Sequence[str]) -> tuple[Float[np.ndarray, " n"], list[str]]:
    """How likely each string is as it stands, nats; NaN, and the reason, where the model cannot read it.

    A molecule may be written in many ways; a model that learned canonical strings knows the canonical one alone.
    """
    model, view = opened(trained)
    if view.grammar != "smiles":
        raise BadInput("a likelihood of SMILES is asked of a model that writes SELFIES", trained.origin, "name another")
    codes = view.alphabet.codes(list(texts), view.length)
    out, why = np.full(len(texts), np.nan), [""] * len(texts)
    known = np.flatnonzero(codes.any(axis=1))
    for place in np.flatnonzero(~codes.any(axis=1)).tolist():
        unknown = view.alphabet.unknown(texts[place])
        why[place] = f"unknown token {unknown[0]}" if unknown else f"longer than {view.length} tokens"
        why[place] = why[place] if texts[place] else "empty"
    order = known[np.argsort((codes[known] > 0).sum(axis=1), kind="stable")]
    with Progress("reading strings", len(order)) as progress:
        for start in range(0, len(order), PORTION):
            some = order[start : start + PORTION]
            out[some] = model.log_prob(torch.from_numpy(codes[some].astype(np.float32))).double().numpy()
            progress.step(len(some))
    return out, why


def grow(trained: Trained, core: str, n: int, rng: np.random.Generator) -> Grown:
    """n different molecules that hold a core whole, grown where it has a mark.

    The core is written so that the marked atom comes last, in the spelling that the model finds likeliest; the model
    goes on from there. What is drawn is held against the core: all that is returned contains it.

    Args:
        trained: a model of strings.
        core: SMILES with one place of growth, "[*]".
        n: how many molecules.
        rng: of all chance.

    References:
        Generative recurrent networks for de novo drug design (Gupta et al., 2018), doi:10.1002/minf.201700111
    """
    model, view = opened(trained)
    begun = spellings(trained, core, rng)[0]
    pattern = held(core)
    least = pattern.GetNumAtoms()
    head = torch.tensor(view.alphabet.split(begun))
    found, lost, drawn = dict[str, None](), Counter[str](), 0
    with torch.random.fork_rng(devices=[]), Progress("growing", n) as progress, rdBase.BlockLogs():
        torch.manual_seed(int(rng.integers(2**63 - 1)))
        while len(found) < n and drawn < TIMES * max(n, 50):
            some = min(1024, max(64, 2 * (n - len(found))))
            drawn += some
            for text in view.alphabet.texts(model.stream(some, begun=head).numpy()):
                made = molecule(text)
                if made is None:
                    lost["no molecule"] += 1
                elif not made.HasSubstructMatch(pattern, useChirality=True):
                    lost["without the core"] += 1
                elif made.GetNumAtoms() <= least:
                    lost["nothing grown"] += 1
                elif (one := str(Chem.MolToSmiles(made))) in found:
                    lost["there before"] += 1
                elif len(found) < n:
                    found[one] = None
                else:
                    drawn -= 1  # more than was asked for
            progress.step(len(found) - progress.done)
    return Grown(list(found), begun, drawn, lost)


def marked(core: str) -> list[Any]:
    """The marks of a core that is one piece, as atoms of RDKit; an error where it is no molecule."""
    found = molecule(core)
    if found is None:
        raise BadInput("a core is one molecule with one place of growth", f"{core} (no molecule)", EXAMPLE)
    return [atom for atom in found.GetAtoms() if atom.GetAtomicNum() == 0]


def spellings(
    trained: Trained, core: str, rng: np.random.Generator, *, first: bool = False, last: bool = False
) -> list[str]:
    """The ways to write a core that the model can read, its marks left out, the likeliest beginning first.

    Args:
        trained: a model of strings.
        core: one piece, with one mark, or two.
        rng: of the spellings that are tried.
        first: whether a mark comes first; else the one mark comes last.
        last: whether, of two marks, the other comes last.
    """
    _, view = opened(trained)
    if view.grammar != "smiles":
        raise BadInput("a core is SMILES, and this model writes SELFIES", trained.origin, "name another run")
    marks = marked(core)
    wanted = 2 if first and last else 1
    if len(marks) != wanted or any(mark.GetDegree() != 1 for mark in marks) or "." in core:
        words = f"{len(marks)} mark{'s' * (len(marks) != 1)}"
        raise BadInput("a core is one molecule with one place of growth", f"{core} ({words})", EXAMPLE)
    found = marks[0].GetOwningMol()
    for mark in marks:
        mark.SetAtomMapNum(0)
        mark.SetIsotope(0)
    seed = int(rng.integers(2**31))
    spelled = {str(text) for text in Chem.MolToRandomSmilesVect(found, SPELLINGS, seed)} | {
        str(Chem.MolToSmiles(found))
    }
    for mark in marks if first else ():
        for _ in range(SPELLINGS // 4):
            spelled.add(str(Chem.MolToSmiles(found, rootedAtAtom=mark.GetIdx(), canonical=False, doRandom=True)))
    right = sorted(t for t in spelled if t.startswith("*" * first) and t.endswith("*" * (last or not first)))
    cut = [text[int(first) : len(text) - int(last or not first)] for text in right]
    known = [text for text in cut if view.alphabet.split(text)]
    if not known:
        missing = sorted({token for text in cut for token in view.alphabet.unknown(text)})
        raise BadInput(
            "the model does not know a part of this core",
            f"{core}: {', '.join(missing) or 'no spelling ends at the mark'}",
            "take another model, or another core",
        )
    short = [text for text in known if len(view.alphabet.split(text)) < view.length]
    if not short:
        raise BadInput("the core is as long as the model's longest string", core, f"at most {view.length} tokens")
    return sorted(short, key=lambda text: -_head_likelihood(trained, text))


@torch.no_grad()
def _head_likelihood(trained: Trained, text: str) -> float:
    """How likely a string is to begin so, nats."""
    model, view = opened(trained)
    tokens = torch.tensor([[0, *view.alphabet.split(text)]])
    scores, _ = model.network(tokens[:, :-1], None, model.told(1, None))
    return float(scores[0].log_softmax(1).gather(1, tokens[0, 1:, None]).sum())


def held(core: str) -> Any:  # noqa: ANN401 - of RDKit
    """The core without its marks, as what a molecule must hold; of two parts both, in different places."""
    found = Chem.RWMol(molecule(core))
    for place in sorted((a.GetIdx() for a in found.GetAtoms() if a.GetAtomicNum() == 0), reverse=True):
        found.RemoveAtom(place)
    return found.GetMol()
