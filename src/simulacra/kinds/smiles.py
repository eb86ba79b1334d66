"""Molecules written as SMILES."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core import writing
from simulacra.core.errors import extra
from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import Likeness
from simulacra.kinds.base import Kind

GROUPS = ("F", "O", "N", "C(=O)O", "C#N", "OC", "S(=O)(=O)N", "C1CCCCC1", "c1ccncc1")


class Smiles(Kind):
    """One string a molecule; how it is spelled is irrelevant."""

    discrete: ClassVar[bool] = True
    spelled: ClassVar[bool] = True
    noun: ClassVar[str] = "molecules as SMILES"
    shape: ClassVar[str] = "(n,), strings"
    extra: ClassVar[str] = "chemistry"
    written: ClassVar[Mapping[str, str]] = {
        ".smi": "strings as they were drawn",
        ".parquet": "molecules as a column of SMILES, each once",
    }

    def fits(self, x: Array) -> bool:
        """Strings."""
        return x.ndim == 1 and x.dtype.kind == "U"

    def evident(self, x: Array) -> bool:
        """Strings of which nothing else is known."""
        return self.fits(x)

    def likeness(self, x: Samples) -> Likeness:
        """Blind to the spelling."""
        from simulacra.domains.likeness.same_molecule import Molecules  # it needs the extra

        return Molecules()

    def write(self, x: Samples, path: Path) -> None:
        """As a list, one string a line; or the molecules among them as a column, each once, in canonical form."""
        if path.suffix == ".smi":
            writing.write_text(path, "".join(f"{text}\n" for text in x.array.tolist()))
            return
        from simulacra.domains.molecules.chemistry import canonical

        with extra("tables"):
            from pyarrow import parquet, table
        different = [text for text in dict.fromkeys(canonical(x.array)) if text]
        with writing.replacing(path) as file:
            parquet.write_table(table({"smiles": different}), file)

    def tally(self, sets: Mapping[str, Samples], train: Samples | None) -> dict[str, Any]:
        """How many are molecules, different and new, why strings fail, and how far ChemNet finds them from truth."""
        from simulacra.domains.molecules.string_tally import score_strings

        return {"strings": score_strings(sets, train)}

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """The letters of these strings in any order: hardly any is a molecule."""
        texts = x.array[rng.integers(len(x), size=n)].tolist()
        return np.array(["".join(rng.permutation(list(text))) for text in texts])

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Benzene rings with a chain and a group of chance on each; one string in twenty is no molecule."""
        texts = ["C" * rng.integers(1, 9) + f"c1ccc({GROUPS[rng.integers(len(GROUPS))]})cc1" for _ in range(n)]
        broken = [text[:-1] if i % 20 == 7 else text for i, text in enumerate(texts)]
        return Samples.of(np.array(broken), "smiles", origin="benzene rings with a chain and a group")
