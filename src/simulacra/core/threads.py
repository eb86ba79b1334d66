"""How many threads the libraries below take, said by the user."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from simulacra.core.errors import BadInput


def add_option(parser: ArgumentParser, default: str) -> None:
    """--threads N, on a verb that computes."""
    parser.add_argument("--threads", type=int, default=None, metavar="N", help=f"threads to compute with ({default})")


def check(threads: int | None) -> None:
    """An error where the number is none."""
    if threads is not None and threads < 1:
        raise BadInput("at least one thread is needed", f"--threads {threads}", "give --threads 1 or more")


def take(threads: int | None) -> None:
    """Let every library that is loaded so far (BLAS, OpenMP, torch) take so many threads; None changes nothing."""
    if threads is None:
        return
    check(threads)
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=threads)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)
