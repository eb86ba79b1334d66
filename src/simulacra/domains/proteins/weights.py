"""Weights of related sequences: each counts by how many are like it, so that the well-sampled do not rule."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int, UInt8, UInt64

from simulacra.core.compiled import compiled
from simulacra.core.progress import Progress

BLOCK = 64  # sequences compared between two steps of the progress


def packed(codes: UInt8[np.ndarray, "n columns"]) -> UInt64[np.ndarray, "n words planes"]:
    """The five bits of each code in planes, 64 columns a word: a word at a time shows where two sequences agree."""
    n, columns = codes.shape
    padded = np.zeros((n, -(-columns // 64) * 64), dtype=np.uint8)
    padded[:, :columns] = codes
    planes = [np.packbits((padded >> bit) & 1, axis=1, bitorder="little").view(np.uint64) for bit in range(5)]
    return np.ascontiguousarray(np.stack(planes, axis=2))


@compiled
def _agree(a, b):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """In how many columns two packed sequences have the same letter, and no gap."""
    same = np.uint64(0)
    for w in range(a.shape[0]):
        unlike = (a[w, 0] ^ b[w, 0]) | (a[w, 1] ^ b[w, 1]) | (a[w, 2] ^ b[w, 2])
        unlike |= (a[w, 3] ^ b[w, 3]) | (a[w, 4] ^ b[w, 4])
        v = ~unlike & (a[w, 0] | a[w, 1] | a[w, 2] | a[w, 3] | a[w, 4])
        v = v - ((v >> np.uint64(1)) & np.uint64(0x5555555555555555))  # the ones of a word, counted in parallel
        v = (v & np.uint64(0x3333333333333333)) + ((v >> np.uint64(2)) & np.uint64(0x3333333333333333))
        v = (v + (v >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        same += (v * np.uint64(0x0101010101010101)) >> np.uint64(56)
    return np.int64(same)


@compiled
def _count(bits, length, least, begin, end, alike):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Add to `alike` the pairs (i, j > i) for i of a block that agree in enough columns."""
    for i in range(begin, end):
        for j in range(i + 1, len(bits)):
            same = _agree(bits[i], bits[j])
            if same > least * length[i]:
                alike[i] += 1
            if same > least * length[j]:
                alike[j] += 1


@compiled
def _represent(bits, length, least, owner):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Give each sequence in turn to the first representative that it is like; else it represents itself."""
    chosen = np.empty(len(bits), dtype=np.int64)
    count = 0
    for i in range(len(bits)):
        owner[i] = i
        for r in range(count):
            if _agree(bits[i], bits[chosen[r]]) > least * min(length[i], length[chosen[r]]):
                owner[i] = chosen[r]
                break
        if owner[i] == i:
            chosen[count] = i
            count += 1


def weights(codes: UInt8[np.ndarray, "n columns"], identity: float = 0.8) -> Float[np.ndarray, " n"]:
    """One over the number of sequences, itself among them, that share more than this part of a sequence's residues.

    Gaps (code 0) are no residues: two sequences agree where both have the same letter. The sum of the weights is the
    effective number of sequences. Memory is flat: pairs are compared and forgotten.

    Args:
        codes: aligned sequences.
        identity: share of the residues above which two count as alike: 0.8 for most families, 0.99 for viruses.

    References:
        Direct-coupling analysis of residue coevolution captures native contacts across many protein families
        (Morcos et al., 2011), doi:10.1073/pnas.1111471108
    """
    bits = packed(codes)
    length = (codes != 0).sum(axis=1).astype(np.int64)
    alike = np.ones(len(codes), dtype=np.int64)
    with Progress("weighing sequences", len(codes) * (len(codes) - 1) // 2) as progress:
        for begin in range(0, len(codes), BLOCK):
            end = min(begin + BLOCK, len(codes))
            _count(bits, length, identity, begin, end, alike)
            progress.step(sum(len(codes) - 1 - i for i in range(begin, end)))
    return np.asarray(1.0 / alike)


def representatives(codes: UInt8[np.ndarray, "n columns"], identity: float = 0.8) -> Int[np.ndarray, " n"]:
    """Which sequence stands for each: the first one that it is like, or itself; no two that stand are alike.

    Args:
        codes: aligned sequences, the most informative first.
        identity: share of the shorter one's residues above which two count as alike.
    """
    owner = np.zeros(len(codes), dtype=np.int64)
    _represent(packed(codes), (codes != 0).sum(axis=1).astype(np.int64), identity, owner)
    return owner


def repeated(weight: Float[np.ndarray, " n"], rows: int, rng: np.random.Generator) -> Int[np.ndarray, " rows"]:
    """Places of sequences, each as often as its weight says, so that whoever sees them needs no weights.

    One random number sets all places (systematic sampling): a sequence due 2.3 times stands there 2 or 3 times.

    Args:
        weight: of each sequence.
        rows: how many places.
        rng: chance.
    """
    edges = np.cumsum(weight) / np.sum(weight) * rows
    return np.searchsorted(edges, np.arange(rows) + rng.random(), side="right").clip(max=len(weight) - 1)
