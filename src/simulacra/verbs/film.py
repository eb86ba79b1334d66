"""Make a film from draw to draw of a trained run or a shipped model, to a GIF that runs over and over."""

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


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A run, under which conditions, how long, where to."""
    parser.add_argument("run", metavar="RUN", help="a run folder, its name under runs/, or last; or a shipped model")
    parser.add_argument("-o", dest="out", type=Path, required=True, metavar="FILE", help="a .gif")
    parser.add_argument("--stops", type=int, default=4, help="draws that are passed (default: 4)")
    parser.add_argument("--frames", type=int, default=12, help="from one draw to the next (default: 12)")
    parser.add_argument("--seconds", type=float, default=0.1, help="that each frame is shown (default: 0.1)")
    parser.add_argument("--seed", type=int, default=None, help="of the draws; fresh chance if left out")
    add_option(parser, "default: as torch chooses")
    run = named(words, flags=())
    if run:
        sample.add_conditions(parser, run)


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Draw the frames and write them."""
    out: Path = asked.out
    if out.suffix.lower() != ".gif":
        raise BadInput("a film is written as a GIF", str(out), "end the name in .gif")
    if not 0.02 <= asked.seconds <= 10:
        raise BadInput("a frame is shown from 0.02 to 10 seconds", f"--seconds {asked.seconds:g}", "give --seconds 0.1")
    check_seed(asked.seed or 0)
    given, warnings = sample.conditions(asked)
    import numpy as np

    from simulacra.core.writing import write_bytes
    from simulacra.exhibits.films import film
    from simulacra.keeping.trained import load
    from simulacra.pictures.movie import gif

    take(asked.threads)
    frames = film(load(asked.run), asked.stops, asked.frames, np.random.default_rng(asked.seed), given)
    try:
        write_bytes(out, gif(frames, seconds=asked.seconds))
    except OSError as error:
        raise BadInput(
            "the file cannot be written", f"{out}: {error.strerror}", "choose another place with -o"
        ) from error
    answered = {"file": str(out), "frames": len(frames), "kind": frames.kind, "given": given}
    return {**answered, "warnings": warnings} if warnings else answered


def words(stated: dict[str, Any]) -> str:
    """One line."""
    under = ", ".join(f"{name} = {value}" for name, value in stated["given"].items())
    return f"{stated['frames']} frames of kind {stated['kind']}{' with ' + under if under else ''} in {stated['file']}"
