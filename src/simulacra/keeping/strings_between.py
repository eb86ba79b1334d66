"""Molecules written between two parts, around a core, or before one: what a model of strings would put there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from simulacra.core.errors import BadInput, extra
from simulacra.core.progress import Progress
from simulacra.domains.molecules.alphabet import pieces
from simulacra.domains.molecules.chemistry import molecule
from simulacra.keeping.strings_opened import Grown, held, marked, opened, spellings
from simulacra.keeping.trained import Trained
from simulacra.models.token_sequence import TokenSequence
from simulacra.views.strings import Strings

with extra("chemistry"):
    from rdkit import Chem, rdBase

ROUNDS, PORTION, READ = 12, 192, 256
FORMS = 6  # spellings of the part behind a gap that are tried
ONWARD = 4  # strings that go on from each beginning
BONDS = frozenset("-=#:/\\.$")


@dataclass(frozen=True)
class Gap:
    """What stands before a gap, in one spelling, and behind it, in several; either may be empty.

    Args:
        head: the beginning of the string; empty where the gap comes first.
        tails: spellings of what follows the gap.
        onward: whether the string goes on behind it, or ends there.
    """

    head: str
    tails: tuple[str, ...]
    onward: bool = False


def grow_between(trained: Trained, core: str, n: int, rng: np.random.Generator, last: bool = False) -> Grown:
    """n different molecules with what a model would write in the gaps of a core that is kept.

    Of a core of two parts, each with a mark, the gap between the marks is filled; a core of one part with two marks is
    grown at both; one with one mark is written last, and grown before it. The model draws many continuations of what
    stands before a gap; each place at which all branches and rings are closed is a candidate, weighed by how likely the
    model finds what must follow. Candidates are drawn by their weights: importance sampling of the model's own law
    under the condition that the core is there. What is returned holds the core; the rest is counted.

    Args:
        trained: a model of strings.
        core: SMILES with marks "[*]": "A[*].[*]B", "[*]A[*]", or, with `last`, "[*]A".
        n: how many molecules.
        rng: of all chance.
        last: whether a core with one mark is written last.

    References:
        Sampling-importance resampling: Using the SIR algorithm to simulate posterior distributions (Rubin, 1988)
    """
    model, view = opened(trained)
    gap, pattern = _gap(trained, core, rng, last), held(core)
    found, lost, drawn = dict[str, None](), Counter[str](), 0
    with torch.random.fork_rng(devices=[]), Progress("growing", n) as progress, rdBase.BlockLogs():
        torch.manual_seed(int(rng.integers(2**63 - 1)))
        for _ in range(ROUNDS):
            for text in _filled(model, view, gap, 2 * (n - len(found)) + 8, rng):
                if len(found) == n:
                    break
                drawn += 1
                made = molecule(text)
                if made is None:
                    lost["no molecule"] += 1
                elif not made.HasSubstructMatch(pattern, useChirality=True):
                    lost["without the core"] += 1
                elif made.GetNumAtoms() <= pattern.GetNumAtoms():
                    lost["nothing grown"] += 1
                elif (one := str(Chem.MolToSmiles(made))) in found:
                    lost["there before"] += 1
                else:
                    found[one] = None
            progress.step(len(found) - progress.done)
            if len(found) == n:
                break
    spelled = f"{gap.head}…{gap.tails[0]}{'…' if gap.onward else ''}"
    return Grown(list(found), spelled, drawn, lost)


def _gap(trained: Trained, core: str, rng: np.random.Generator, last: bool) -> Gap:
    """How a core is spelled around its gap."""
    parts = core.split(".")
    marks = [len(marked(part)) for part in parts]
    if len(parts) == 2 and marks == [1, 1]:
        (head, *_), tails = spellings(trained, parts[0], rng), spellings(trained, parts[1], rng, first=True)
        return Gap(head, tuple(tails[:FORMS]))
    if marks == [2]:
        return Gap("", tuple(spellings(trained, core, rng, first=True, last=True)[:FORMS]), onward=True)
    if last and marks == [1]:
        return Gap("", tuple(spellings(trained, core, rng, first=True)[:FORMS]))
    raise BadInput(
        "a core is grown where it is marked: at one place, at two, or between two parts",
        f"{core}: {' and '.join(map(str, marks))} marks",
        'such as "c1ccc(cc1)[*]", "[*]c1ccc(cc1)[*]" or "c1ccccc1[*].[*]C(=O)N"',
    )


def _filled(model: TokenSequence, view: Strings, gap: Gap, n: int, rng: np.random.Generator) -> list[str]:
    """Strings with their gap filled, drawn by the model's law under what stands around it."""
    head = torch.tensor(view.alphabet.split(gap.head), dtype=torch.long)
    texts = view.alphabet.texts(model.stream(PORTION, begun=head if len(head) else None).numpy())
    count = Counter(text[:at] for text in texts for at in cuts(text) if at > len(gap.head))
    begun = list(count)
    tails = rng.integers(len(gap.tails), size=len(begun))
    fits = view.length if not gap.onward else view.length - 1
    pairs = [(one, gap.tails[k]) for one, k in zip(begun, tails, strict=True)]
    pairs = [(one, tail) for one, tail in pairs if len(view.alphabet.split(one + tail)) <= fits]
    if not pairs:
        return []
    weights = tail_likelihoods(model, view, pairs, ended=not gap.onward) + np.log([count[one] for one, _ in pairs])
    # the Gumbel-max trick: so many of them, none twice, each by its weight
    order = np.argsort(-(weights + rng.gumbel(size=len(weights))), kind="stable")[:n]
    chosen = [pairs[k][0] + pairs[k][1] for k in order.tolist()]
    if not gap.onward:
        return chosen
    onward = []
    for one in chosen[: max(n // ONWARD, 4)]:
        x = model.stream(ONWARD, begun=torch.tensor(view.alphabet.split(one)))
        onward += view.alphabet.texts(x.numpy())
    return onward


def cuts(text: str) -> list[int]:
    """Places of a string at which all of its branches and rings are closed, and after which an atom may follow.

    >>> cuts("CC(=O)c1cc1")
    [1, 2, 6, 7, 11]
    """
    found, open_rings, depth, at = [], set[str](), 0, 0
    for piece in pieces(text):
        at += len(piece)
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth -= 1
        elif piece[0].isdigit() or piece[0] == "%":
            open_rings ^= {piece}
        if not depth and not open_rings and piece not in BONDS:
            found.append(at)
    return found


@torch.no_grad()
def tail_likelihoods(
    model: TokenSequence, view: Strings, pairs: Sequence[tuple[str, str]], ended: bool = True
) -> Float[np.ndarray, " n"]:
    """How likely the second of each pair of strings follows the first, nats; with the end of the string, or without."""
    heads = [len(view.alphabet.split(one)) for one, _ in pairs]
    codes = view.alphabet.codes([one + tail for one, tail in pairs], view.length)
    lengths = (codes > 0).sum(axis=1)
    out = np.zeros(len(pairs))
    for some in np.array_split(np.argsort(lengths, kind="stable"), -(-len(pairs) // READ)):
        longest = int(lengths[some].max()) + 1
        x = torch.zeros(len(some), longest + 1, dtype=torch.long)
        x[:, 1:longest] = torch.from_numpy(codes[some][:, : longest - 1].astype(np.int64))
        scores, _ = model.network(x[:, :-1], None, model.told(len(some), None))
        each = scores.float().log_softmax(2).gather(2, x[:, 1:, None])[:, :, 0].double().numpy()
        place = np.arange(longest)
        counted = (place >= np.array(heads)[some][:, None]) & (place < (lengths[some] + ended)[:, None])
        out[some] = (each * counted).sum(axis=1)
    return out


def needs_gap(core: str, last: bool) -> bool:
    """Whether a core is more than one beginning with one mark."""
    return last or core.count("*") != 1
