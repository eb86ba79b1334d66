"""How fast each shipped model draws into shards, with one process and with two; and what 10⁹ would take."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from simulacra.bulk.collecting import collect
from simulacra.bulk.engines import Here
from simulacra.bulk.forecast import forecast
from simulacra.bulk.job import Job
from simulacra.bulk.planning import planned
from simulacra.core.manifest import room
from simulacra.core.shelf import shipped

ENDINGS = {"smiles": ".parquet", "molecules": ".parquet", "molecules_edm": ".parquet"}
SECONDS = 20.0  # of drawing by one process, as far as the forecast says


def timed(job: Job, processes: int) -> float:
    """Seconds that a set takes, the start of the processes among them."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        collect(job, Path(folder) / f"set{job.ending}", Here(processes))
        return time.perf_counter() - began


def main(names: list[str]) -> None:
    print("model          samples/s  bytes each   n     1 process  2 processes  efficiency   10⁹ (extrapolated)")
    for name in names or shipped():
        ending = ENDINGS.get(name, ".zarr")
        told = forecast(planned(name, 10**6, Path(f"x{ending}"), seed=1, shard=256), 1)
        shards = max(4, 2 * int(SECONDS * told.rate / 256 / 2))
        shard = 256 if told.rate * SECONDS > 1024 else max(8, int(told.rate * SECONDS / 4))
        job = planned(name, shards * shard, Path(f"x{ending}"), seed=1, shard=shard)
        one, two = timed(job, 1), timed(job, 2)
        hours = 1e9 / told.rate / 3600
        measured = f"{name:<14} {told.rate:9.1f}  {told.each:10.0f}  {job.n:6d}"
        print(
            f"{measured}  {one:8.1f} s  {two:9.1f} s  {one / two / 2:9.2f}"
            f"   {hours:.3g} core hours, {room(told.each * 1e9)}",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
