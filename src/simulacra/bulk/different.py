"""Different molecules from a model of strings, in one Parquet file: shards drawn in order until there are enough."""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from simulacra.bulk.collecting import alone, begun, check_place
from simulacra.bulk.drawing import work
from simulacra.bulk.engines import Engine, Here
from simulacra.bulk.job import Job
from simulacra.bulk.planning import planned
from simulacra.core import writing
from simulacra.core.errors import BadInput, extra
from simulacra.core.manifest import Manifest, Shard
from simulacra.core.progress import Progress

PORTION = 10_000  # strings of a shard
COLUMN = "smiles"
FEWEST = 0.01  # of a portion's strings that must bring a new molecule
ENDLESS = 2**50  # strings: shards are drawn until there are enough


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


def draw_different(
    run: str,
    n: int,
    out: Path,
    seed: int | None = None,
    processes: int = 1,
    given: Mapping[str, Any] | None = None,
    law: Mapping[str, float] | None = None,
) -> Count:
    """Draw until there are n different molecules, written as canonical SMILES to one file.

    Shards are kept in the folder OUT.parts beside the file, so that the same command goes on after it was stopped; the
    molecules are the same then, and with any number of processes. It takes from the model as many strings as it needs:
    what is drawn and no molecule, or came before, is counted. What came before is remembered, about 100 bytes a
    molecule; a set whose molecules need not all differ is drawn in shards, without that.

    Args:
        run: a run, or a shipped model.
        n: different molecules.
        out: the Parquet file.
        seed: of the draws; fresh chance if None.
        processes: that draw side by side, each on one thread.
        given: the value of each condition.
        law: how draws depart from the model's own law: "temperature", "top_p".
    """
    with extra("tables"):
        import pyarrow.parquet  # noqa: F401
    parts = out.with_name(f"{out.name}.parts").absolute()
    job = planned(run, ENDLESS, parts.with_suffix(".parquet"), seed, given, shard=PORTION, begun=parts, law=law)
    check_place(job, parts, resume=True)
    engine = Here(processes)
    engine.check()
    count, seen, used = Count(), set[bytes](), list[Shard]()
    with alone(parts), Progress("drawing molecules", n) as progress:
        for shard in _in_order(job, parts, engine):
            new = sum(_added(seen, text) for text in _texts(parts, shard))
            used.append(shard)
            count.drawn += shard.tally["drawn"]
            count.valid += shard.tally["valid"]
            count.different += new
            progress.step(min(new, n - progress.done), note=f"{count.valid / count.drawn:.1%} of the strings valid")
            if count.different >= n:
                break
            if new < FEWEST * PORTION:
                raise BadInput(
                    "the model brings hardly any new molecules",
                    f"{new} of {PORTION:,} strings, after {count.different:,} molecules",
                    f"ask for fewer: -n {count.different}",
                )
        _write(parts, used, n, out)
    shutil.rmtree(parts)
    return count


def _in_order(job: Job, parts: Path, engine: Engine) -> Iterator[Shard]:
    """One shard after another: those on disk, and those that are drawn."""
    there, _ = begun(job, parts)
    manifest = Manifest.read(parts)
    place = 0
    while place in there:
        yield there[place]
        place += 1
    missing = (number for number in itertools.count(place) if number not in there)
    drawn = engine.finished(partial(work, job, str(parts)), missing)
    for shard in drawn:
        manifest.note(parts, shard)
        there[shard.place] = shard
        while place in there:
            yield there[place]
            place += 1


def _texts(parts: Path, shard: Shard) -> list[str]:
    """A shard's molecules."""
    from pyarrow import parquet

    (name,) = shard.files
    found: list[str] = parquet.read_table(parts / name, columns=[COLUMN])[COLUMN].to_pylist()
    return found


def _added(seen: set[bytes], text: str) -> bool:
    """Whether a molecule is new among those seen, of which it is one from now on."""
    mark = hashlib.blake2b(text.encode(), digest_size=12).digest()
    if mark in seen:
        return False
    seen.add(mark)
    return True


def _write(parts: Path, used: list[Shard], n: int, out: Path) -> None:
    """The first n different molecules of all shards, a row group each."""
    import pyarrow
    from pyarrow import parquet

    schema, seen, left = pyarrow.schema({COLUMN: pyarrow.string()}), set[bytes](), n
    with writing.replacing(out) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for shard in used:
            new = [text for text in _texts(parts, shard) if _added(seen, text)][:left]
            left -= len(new)
            if new:
                writer.write_table(pyarrow.table({COLUMN: new}, schema))
