"""Which source reads which file or folder that is no table of numbers and classes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from simulacra.core.errors import BadInput
from simulacra.core.packed import ARCHIVES
from simulacra.core.part import WHOLE, Part
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf
from simulacra.domains.molecules import molecule_files
from simulacra.kinds.base import kind_of, kinds
from simulacra.sources.base import Archive
from simulacra.sources.files import arrays, table
from simulacra.sources.files.drawn_set import DrawnSet, holds_set
from simulacra.sources.files.shared_blocks import read_again
from simulacra.sources.files.stream_rows import read_part
from simulacra.sources.files.tar_sets import holds_shards, shards_of
from simulacra.sources.molecules import ase_file
from simulacra.sources.molecules.molecule_file import MoleculeFile
from simulacra.sources.molecules.packed_molecules import PackedMolecules, holds_molecules
from simulacra.sources.molecules.smiles_file import LISTS, SmilesFile, holds_smiles

ASIDE = True
FOREIGN: dict[tuple[str, ...], str] = {
    (".mat",): "MATLAB's: scipy.io.loadmat reads it, numpy.save writes what is in it",
    (".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib"): "pickled objects can run code and are never opened: "
    "write the numbers with numpy.save",
    (".json", ".jsonl", ".ndjson"): "pandas.read_json(…).to_csv(…) makes a table of records",
    (".nii", ".nii.gz", ".mgz"): "nibabel.load(…).get_fdata() gives the numbers, numpy.save writes them",
    (".dcm",): "pydicom reads it: stack the pictures and write them with numpy.save",
    (".root",): "uproot opens it: write a tree's columns as a table",
    (".rds", ".rda", ".rdata"): "R's: write.csv writes a table",
    (".arff",): "scipy.io.arff.loadarff reads it: write the table as .csv",
    (".mrc", ".nrrd", ".vtk", ".vti"): "open it with its own library and write the numbers with numpy.save",
}
"""What other programs write, and the way from there."""


def read(path: Path, key: str = "", kind: str = "", size: int = 64, part: Part = WHOLE) -> Samples:
    """The samples of one file, or of a folder.

    Args:
        path: of it.
        key: the array, or the column, where there are several.
        kind: where the file does not state it.
        size: pixels along a side to which pictures of a folder are brought.
        part: how much is read of arrays, of sets in shards and of tar shards; all else is read whole.
    """
    with read_again(partial(_read, path, key, kind, size, part)):
        return _read(path, key, kind, size, part)


def _read(path: Path, key: str, kind: str, size: int, part: Part) -> Samples:
    name = path.name.lower()
    if holds_set(path):
        return DrawnSet(path).read_part(part)
    if holds_shards(path):
        return read_part(shards_of(path, kind), part)
    if (path.is_dir() and not name.endswith(arrays.ZARR)) or name.endswith(ARCHIVES):
        from simulacra.sources.files.image_folder import ImageFolder

        return ImageFolder(path, size=size).read()
    asked = next((source for ending, source in kind_of(kind).asked_by.items() if name.endswith(ending)), None)
    if asked:
        return _by(asked, path)
    if kind == "smiles" or (not kind and holds_smiles(path)):
        return SmilesFile(path, key).read_part(part)
    known = (own for every in kinds().values() for own in every.read_by.items())
    reader = next((source for ending, source in known if name.endswith(ending)), None)
    if reader:
        return _by(reader, path)
    if name.endswith(molecule_files.ENDINGS):
        return MoleculeFile(path, generated=True).read()
    if name.endswith(ase_file.ENDINGS):
        return ase_file.AseFile(path, generated=True).read()
    if not key and holds_molecules(path):
        return PackedMolecules(path).read()
    if not name.endswith(arrays.ENDINGS):
        endings = ", ".join((*arrays.ENDINGS, *table.ENDINGS, *LISTS, *molecule_files.ENDINGS, *ase_file.ENDINGS))
        own = next((f"{how}; or " for ends, how in FOREIGN.items() if name.endswith(ends)), "")
        fix = f"{own}save it as {endings}, or name a folder of pictures"
        raise BadInput("samples are not read from such a file", str(path), fix)
    of_array = "" if name.endswith(".npy") else key  # of the other file: an npy has no names
    return arrays.Arrays(path, key=of_array, kind=kind).read_part(part)


def _by(source: str, path: Path) -> Samples:
    archive: Archive = shelf("sources").load(source)(path)
    return archive.read()
