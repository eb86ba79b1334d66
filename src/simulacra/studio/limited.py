"""The command line within limits of memory and time: how the studio starts whatever makes something."""

from __future__ import annotations

import argparse
import runpy
import signal
import sys
from collections.abc import Sequence


def command(words: Sequence[str], memory: int = 0, seconds: float = 0.0) -> list[str]:
    """The command that runs `simulacra` with these words.

    Args:
        words: of the command line.
        memory: bytes of address space at most; 0 sets no limit.
        seconds: of processor time at most; 0 sets no limit.
    """
    limits = ["--memory", str(memory), "--seconds", str(round(seconds))]
    return [sys.executable, "-m", "simulacra.studio.limited", *limits, "--", *words]


def limit(memory: int, seconds: int) -> None:
    """What this process may take from now on, where the system keeps such limits."""
    try:
        import resource
    except ImportError:  # no limits on this system: the studio's own clock still ends what lasts too long
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))


def main(argv: Sequence[str]) -> None:
    """Take the limits on, and become the command line."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("words", nargs=argparse.REMAINDER)
    asked = parser.parse_args(argv)
    limit(asked.memory, asked.seconds)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the studio itself was started to ignore it
    sys.argv = ["simulacra", *asked.words[1 if asked.words[:1] == ["--"] else 0 :]]
    runpy.run_module("simulacra", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
