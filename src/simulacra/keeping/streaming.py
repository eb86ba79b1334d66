"""Many different molecules from a model of strings, to one Parquet file, in portions that resume."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from simulacra.core import writing
from simulacra.core.errors import BadInput, extra
from simulacra.core.files import read_json, write_json
from simulacra.core.progress import Progress
from simulacra.domains.molecules.parsed import parsed
from simulacra.keeping.trained import Trained, load
from simulacra.models.token_sequence import TokenSequence
from simulacra.views.strings import Strings

PORTION = 10_000  # strings drawn at a time: the last of a portion leave places empty
COLUMN = "smiles"
FEWEST = 0.01  # of a portion's strings that must bring a new molecule


@dataclass
class Count:
    """What became of the strings.

    Args:
        drawn: how many.
        valid: of them, molecules.
        different: of these, such as had not come before.
    """

    drawn: int = 0
    valid: int = 0
    different: int = 0


def streams(trained: Trained) -> bool:
    """Whether a model draws strings in a stream."""
    return isinstance(trained.model, TokenSequence) and isinstance(trained.view, Strings)


def stream_molecules(run: str, n: int, out: Path, seed: int | None = None, processes: int = 1) -> Count:
    """Draw until there are n different molecules, written as canonical SMILES.

    Portions are kept in the folder OUT.parts beside the file, so that the same command goes on after it was stopped;
    the molecules are the same then, and with any number of processes. It takes from the model as many strings as it
    needs: what is drawn and no molecule, or came before, is counted.

    Args:
        run: a run, or a shipped model.
        n: different molecules.
        out: the Parquet file.
        seed: of the draws; fresh chance if None.
        processes: that draw side by side, each on one thread.
    """
    with extra("tables"):
        import pyarrow as pyarrow
    parts = out.with_name(f"{out.name}.parts")
    seed = _begun(parts, run, seed)
    count, seen = Count(), set[bytes]()
    with Progress("drawing molecules", n) as progress:
        for texts, valid in _portions(parts, run, seed, processes):
            new = sum(_added(seen, text) for text in texts)
            count.drawn += PORTION
            count.valid += valid
            count.different += new
            progress.step(min(new, n - progress.done), note=f"{count.valid / count.drawn:.1%} of the strings valid")
            if new < FEWEST * PORTION and count.different < n:
                raise BadInput(
                    "the model brings hardly any new molecules",
                    f"{new} of {PORTION:,} strings, after {count.different:,} molecules",
                    f"ask for fewer: -n {count.different}",
                )
            if count.different >= n:
                break
    _write(parts, n, out)
    for path in parts.iterdir():
        path.unlink()
    parts.rmdir()
    return count


def _begun(parts: Path, run: str, seed: int | None) -> int:
    """The seed of a stream, which its folder remembers."""
    about = parts / "stream.json"
    if about.exists():
        kept = read_json(about)
        if kept["run"] != run or (seed is not None and kept["seed"] != seed):
            raise BadInput(
                "another stream was begun here",
                f"{parts}: of {kept['run']}, seed {kept['seed']}",
                "give the same, or remove that folder",
            )
        return int(kept["seed"])
    chosen = int(np.random.default_rng().integers(2**31)) if seed is None else seed
    parts.mkdir(parents=True, exist_ok=True)
    write_json(about, {"run": run, "seed": chosen})
    return chosen


def _portions(parts: Path, run: str, seed: int, processes: int) -> Iterator[tuple[list[str], int]]:
    """Of portion after portion its different molecules, and how many strings were valid; from disk where they are."""
    place = 0
    while (parts / f"{place:06d}").exists():
        yield _read(parts / f"{place:06d}")
        place += 1
    if processes < 2:
        _open(run)
        while True:
            yield _kept(parts / f"{place:06d}", _portion(seed, place))
            place += 1
    with ProcessPoolExecutor(processes, get_context("spawn"), _open, (run,)) as pool:
        ahead = [pool.submit(_portion, seed, place + k) for k in range(processes + 1)]
        try:
            while True:
                yield _kept(parts / f"{place:06d}", ahead.pop(0).result())
                ahead.append(pool.submit(_portion, seed, place + processes + 1))
                place += 1
        finally:
            for waiting in ahead:
                waiting.cancel()


def _kept(path: Path, texts: list[str]) -> tuple[list[str], int]:
    """A portion's different molecules, once they are on disk; and how many strings were molecules."""
    different = list(dict.fromkeys(texts))
    writing.write_text(path, "\n".join([str(len(texts)), *different]))
    return different, len(texts)


def _read(path: Path) -> tuple[list[str], int]:
    valid, *texts = path.read_text(encoding="utf-8").split("\n")
    return texts, int(valid)


_OPENED: dict[str, Any] = {}


def _open(run: str) -> None:
    """The model, once in each process."""
    torch.set_num_threads(1)
    _OPENED["trained"] = load(run)


def _portion(seed: int, place: int) -> list[str]:
    """The molecules of a portion as canonical SMILES, in the order in which they were drawn."""
    from rdkit import Chem, rdBase

    trained: Trained = _OPENED["trained"]
    model, view = trained.model, trained.view
    assert isinstance(model, TokenSequence)
    assert isinstance(view, Strings)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(np.random.SeedSequence([seed, place]).generate_state(1, np.uint64)[0] >> 1))
        texts = view.alphabet.texts(model.stream(PORTION).numpy())
    with rdBase.BlockLogs():
        read = (parsed(text) for text in texts)
        return [Chem.MolToSmiles(found) for found in read if found is not None and found.GetNumAtoms()]


def _added(seen: set[bytes], text: str) -> bool:
    """Whether a molecule is new among those seen, of which it is one from now on."""
    mark = hashlib.blake2b(text.encode(), digest_size=12).digest()
    if mark in seen:
        return False
    seen.add(mark)
    return True


def _write(parts: Path, n: int, out: Path) -> None:
    """The first n different molecules of all portions, a row group each portion."""
    import pyarrow
    from pyarrow import parquet

    schema, seen, left = pyarrow.schema({COLUMN: pyarrow.string()}), set[bytes](), n
    with writing.replacing(out) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for path in sorted(parts.glob("[0-9]*")):
            new = [text for text in _read(path)[0] if _added(seen, text)][:left]
            left -= len(new)
            if new:
                writer.write_table(pyarrow.table({COLUMN: new}, schema))
