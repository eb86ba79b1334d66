"""Hydropathy of a protein along its columns: where it is greasy, where it likes water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.proteins.residues import ALPHABETS, GAP, HYDROPATHY, codes_of, states_in, unit_of, with_codes
from simulacra.statistics.base import Axis

VALUES = np.array([HYDROPATHY[letter] for letter in ALPHABETS["amino acid"]])


@dataclass(frozen=True)
class Hydropathy:
    """Mean hydropathy (Kyte and Doolittle) of each aligned protein in windows of columns of equal width.

    Args:
        windows: how many.

    References:
        A simple method for displaying the hydropathic character of a protein (Kyte & Doolittle, 1982),
        doi:10.1016/0022-2836(82)90515-0
    """

    accepts: ClassVar[tuple[str, ...]] = ("sequence",)
    defect: ClassVar[str] = "{amount:.1%} of the residues made lysine"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
    windows: int = 8

    def __call__(self, x: Samples) -> Float[np.ndarray, "n windows"]:
        """A mean a window; 0 where a sequence has nothing but gaps there."""
        if unit_of(x) != "amino acid":
            raise BadInput("hydropathy is a property of amino acids", f"{unit_of(x)}s", "take another judge")
        codes = codes_of(x)
        if codes.shape[1] < self.windows:
            raise BadInput("more windows than columns", f"{self.windows} of {codes.shape[1]}", "take fewer windows")
        parts = np.array_split(np.arange(codes.shape[1]), self.windows)
        there = codes != GAP
        return np.column_stack(
            [VALUES[codes[:, p]].sum(axis=1) / np.maximum(there[:, p].sum(axis=1), 1) for p in parts]
        )

    def axis(self, x: Samples) -> Axis:
        """A curve along the alignment."""
        parts = np.array_split(np.arange(codes_of(x[:1]).shape[1]), self.windows)
        return Axis("mean hydropathy", "column", "1", tuple(float(p.mean() + 1) for p in parts))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Residues made lysine, always the same ones; gaps stay."""
        codes = codes_of(x).copy()
        hit = (codes != GAP) & (np.random.default_rng(0).random(codes.shape) < amount)
        codes[hit] = ALPHABETS["amino acid"].index("K")
        assert states_in("amino acid") == len(VALUES)
        return with_codes(x, codes)
