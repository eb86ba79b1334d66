"""What a set would take: time, bytes and processor hours, from a few samples that are drawn and thrown away."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from simulacra.bulk.drawing import draw_shard
from simulacra.bulk.job import Job

FIRST, LONG = 64, 2.0  # samples of the first try; seconds that the last one must take


@dataclass(frozen=True)
class Forecast:
    """What is to be expected.

    Args:
        workers: at a time, each on one thread.
        rate: samples a second of one worker.
        each: bytes of a sample on disk.
        measured: samples that this was measured on.
        seconds: from the first shard to the last.
        core_hours: of processors, all workers together.
        bytes: on disk.
    """

    workers: int
    rate: float
    each: float
    measured: int
    seconds: float
    core_hours: float
    bytes: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def forecast(job: Job, workers: int) -> Forecast:
    """Draw as many samples as take two seconds, or one shard, and calculate the rest.

    Whole shards are dealt out, so that the last ones leave workers idle. Workers on other machines may be faster or
    slower than this one.

    Args:
        job: what is drawn.
        workers: at a time.
    """
    n = min(FIRST, job.shard)
    with tempfile.TemporaryDirectory() as folder:
        draw_shard(replace(job, n=8, shard=8), folder, 0)  # imports, caches: a worker pays for them once
        while True:
            began = time.perf_counter()
            shard = draw_shard(replace(job, n=n, shard=n), folder, 0)
            took = time.perf_counter() - began
            if took >= LONG or n >= job.shard:
                break
            n = min(job.shard, n * 4)
    rate = n / took
    each = sum(size for size, _ in shard.files.values()) / n
    rounds = -(-job.shards // workers)
    seconds = min(rounds * job.shard, job.n) / rate
    return Forecast(workers, rate, each, n, seconds, job.n / rate / 3600, each * job.n)
