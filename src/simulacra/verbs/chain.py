"""Keep the way from noise to samples of a trained run or a shipped model, moment by moment."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput
from simulacra.core.options import named
from simulacra.core.seeds import check_seed
from simulacra.core.threads import add_option, take
from simulacra.verbs import sample

MOST = 64  # draws; frames


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A run, under which conditions, how many draws and moments, where to."""
    parser.add_argument("run", metavar="RUN", help="a run folder, its name under runs/, or last; or a shipped model")
    parser.add_argument("-o", dest="out", type=Path, required=True, metavar="FILE", help=".npz: frames and kind")
    parser.add_argument("-n", type=int, default=4, help="draws (default: 4)")
    parser.add_argument("--frames", type=int, default=12, help="moments, both ends included (default: 12)")
    parser.add_argument("--seed", type=int, default=None, help="of the draws; fresh chance if left out")
    add_option(parser, "default: as torch chooses")
    run = named(words, flags=())
    if run:
        sample.add_conditions(parser, run)


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Draw, and write every moment."""
    out: Path = asked.out
    if out.suffix.lower() != ".npz":
        raise BadInput("the frames are written as .npz", str(out), "end the name in .npz")
    if not (1 <= asked.n <= MOST and 2 <= asked.frames <= MOST):
        stated = f"-n {asked.n} --frames {asked.frames}"
        raise BadInput(f"1 to {MOST} draws in 2 to {MOST} moments are kept", stated, "give -n 4 --frames 12")
    check_seed(asked.seed or 0)
    given, warnings = sample.conditions(asked)
    import numpy as np

    from simulacra.core.files import write_npz
    from simulacra.exhibits.degrees import degrees
    from simulacra.keeping.trained import load

    take(asked.threads)
    frames, kind = degrees(load(asked.run), asked.n, asked.frames, np.random.default_rng(asked.seed), given)
    try:
        write_npz(out, {"frames": frames, "kind": np.array(kind)})
    except OSError as error:
        raise BadInput(
            "the file cannot be written", f"{out}: {error.strerror}", "choose another place with -o"
        ) from error
    answered = {"file": str(out), "frames": len(frames), "n": asked.n, "kind": kind, "given": given}
    return {**answered, "warnings": warnings} if warnings else answered


def words(stated: dict[str, Any]) -> str:
    """One line."""
    under = ", ".join(f"{name} = {value}" for name, value in stated["given"].items())
    with_ = f" with {under}" if under else ""
    return f"{stated['n']} draws of kind {stated['kind']} in {stated['frames']} moments{with_} in {stated['file']}"
