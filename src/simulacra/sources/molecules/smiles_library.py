"""Molecules for a model of strings: any list of them, cleaned by stated rules, each once."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from simulacra.core.broken import reading, unpacked
from simulacra.core.errors import BadInput, extra
from simulacra.core.files import read_npz, write_npz
from simulacra.core.left import Left
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules.cleaning import Cleaned, Rules, cleaned
from simulacra.domains.molecules.failures import SYNTAX
from simulacra.domains.molecules.parsed import walkable
from simulacra.sources.files.packed_tables import check_parquet
from simulacra.sources.molecules.smiles_file import LISTS, TABLES, SmilesFile, column_of

LAYOUT = 3  # of what is kept; another number where it changes, so that an older file is not misread
SDF, PARQUET = (".sdf", ".sdf.gz"), (".parquet",)
KEPT = 5000  # strings from which on their canonical forms are kept in the user's cache


@dataclass(frozen=True)
class SmilesLibrary:
    """Canonical strings, (n,) of kind "smiles", valid all of them and each once; its name is the string itself.

    What is left out, and what is changed, is counted by its reason: strings that are no molecule, by their kind of
    failure; salts; molecules that are too large; those that were there before. The canonical forms of a long list are
    kept in the user's cache.

    Args:
        path: a list (.smi, .smiles, .txt), a table (.csv, .tsv, .parquet) or an .sdf; text may end in .gz.
        key: the column of a table, where it is not headed SMILES.
        salts: "strip" keeps the largest part of a molecule in several, "keep" keeps all parts.
        stereo: whether the stereochemistry is kept.
        largest: heavy atoms at most; 0 for no limit.
        group: what a split must not tear apart: each "molecule" alone, or those of one "scaffold" (Bemis & Murcko).
        processes: that read molecules side by side.
    """

    kind: ClassVar[str] = "smiles"

    path: Path
    key: str = ""
    salts: Literal["strip", "keep"] = "strip"
    stereo: bool = True
    largest: int = 100
    group: Literal["molecule", "scaffold"] = "molecule"
    processes: int = 1

    def __post_init__(self) -> None:
        as_path(self, "path")
        if not self.path.name.lower().endswith((*LISTS, *TABLES, *SDF, *PARQUET)):
            endings = ", ".join((*LISTS[::2], *TABLES[::2], *SDF[:1], *PARQUET))
            raise BadInput("molecules are not read from such a file", str(self.path), f"save them as {endings}")
        if self.largest < 0 or self.processes < 1:
            stated = f"largest={self.largest}, processes={self.processes}"
            raise BadInput("a library has no such limit", stated, "take largest=0 for no limit, processes=1")

    def read(self) -> Samples:
        """All molecules of the file."""
        if not self.path.is_file():
            raise BadInput("there is no such file", str(self.path), "check the path")
        kept = self._kept()
        if kept is not None and kept.is_file():
            return self._samples(*_taken(read_npz(kept)))
        texts, said = self._texts()
        done = cleaned(texts, self._rules, self.processes)
        if not done.texts:
            why = ", ".join(f"{n} {reason}" for reason, n in done.out.most_common())
            raise BadInput("the file holds no molecule", f"{self.path}: {why or 'nothing at all'}", "name another file")
        left = Left(dict(done.out.most_common()), len(texts), dict(done.changed), tuple(said))
        if kept is not None and len(texts) >= KEPT:
            kept.parent.mkdir(parents=True, exist_ok=True)
            about = np.array(json.dumps(left.to_dict()))
            lists = {"texts": _packed(done.texts), "scaffolds": _packed(done.scaffolds)}
            write_npz(kept, {**lists, "left": about})
        return self._samples(done, left)

    @property
    def _rules(self) -> Rules:
        return Rules(self.salts, self.stereo, self.largest, self.group == "scaffold")

    def _samples(self, done: Cleaned, left: Left) -> Samples:
        texts = np.array(done.texts, dtype=np.str_)
        groups = np.array(done.scaffolds, dtype=np.str_) if self.group == "scaffold" else None
        return replace(Samples.of(texts, "smiles", "1", str(self.path), None, texts, groups), left=left)

    def _kept(self) -> Path | None:
        """Where the canonical forms are kept; None where the machine has no place for them."""
        import pooch
        from rdkit import rdBase

        with self.path.open("rb") as file:
            bytes_of = hashlib.file_digest(file, "sha256").hexdigest()
        same = json.dumps([LAYOUT, bytes_of, self.key, asdict(self._rules), rdBase.rdkitVersion])
        folder = Path(pooch.os_cache("simulacra")) / "molecules"
        return folder / f"{hashlib.sha256(same.encode()).hexdigest()[:32]}.npz"

    def _texts(self) -> tuple[list[str], list[str]]:
        """The strings as they stand, and what the reader said."""
        name = self.path.name.lower()
        if name.endswith(SDF):
            return _from_sdf(self.path), []
        if name.endswith(PARQUET):
            return self._from_parquet(), []
        found = SmilesFile(self.path, self.key).read()
        return found.array.tolist(), list(found.left.said)

    def _from_parquet(self) -> list[str]:
        with extra("tables"):
            from pyarrow import parquet
        with reading("parquet", self.path):
            check_parquet(self.path)
            header = [str(name) for name in parquet.read_schema(self.path).names]
        place = column_of(header, self.key)
        if place is None:
            wanted = repr(self.key) if self.key else "SMILES"
            raise BadInput(
                f"the table has no column {wanted}", f"{self.path}: {', '.join(header)}", f"--key {header[0]}"
            )
        with reading("parquet", self.path):
            column = parquet.read_table(self.path, columns=[header[place]]).column(0)
        return ["" if text is None else str(text) for text in column.to_pylist()]


def _taken(arrays: dict[str, Any]) -> tuple[Cleaned, Left]:
    """What was kept."""
    left = Left.from_dict(json.loads(str(arrays["left"])))
    return Cleaned(_unpacked(arrays["texts"]), _unpacked(arrays["scaffolds"])), left


def _packed(texts: list[str]) -> Array:
    """Strings as bytes: an array of them would take the room of the longest for each."""
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _unpacked(packed: Array) -> list[str]:
    return packed.tobytes().decode().split("\n")


def _from_sdf(path: Path) -> list[str]:
    """The molecules of an SDF as strings; a record that is none is a mistake of spelling."""
    from rdkit import Chem, rdBase

    with reading("molecules", path), rdBase.BlockLogs():
        raw = path.read_bytes()
        raw = unpacked(raw) if path.name.lower().endswith(".gz") else raw
        supplier = Chem.ForwardSDMolSupplier(io.BytesIO(raw))
        return [Chem.MolToSmiles(found) if walkable(found) else f"({SYNTAX})" for found in supplier]
