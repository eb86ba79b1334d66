"""Show where a latent model places the true samples that its run kept, and the path between two of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput
from simulacra.core.threads import add_option, check, take

ENDINGS = (".npz", ".gif")


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A run; from which sample to which; where to."""
    parser.add_argument("run", metavar="RUN", help="a run folder, its name under runs/, or last")
    parser.add_argument(
        "--between", type=int, nargs=2, metavar=("I", "J"), help="two samples, counted from 0: the path between them"
    )
    parser.add_argument("--frames", type=int, default=12, help="of the path, both ends included (default: 12)")
    parser.add_argument("-o", dest="out", type=Path, metavar="FILE", help="the path: samples as .npz, a film as .gif")
    add_option(parser, "default: as torch chooses")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """The map; or the path, written."""
    out: Path | None = asked.out
    if (asked.between is None) != (out is None):
        raise BadInput("a path has two ends and a file", "one of the two", "give --between 0 1 and -o path.gif")
    if out is not None and out.suffix.lower() not in ENDINGS:
        raise BadInput("a path is written as samples or as a film", str(out), "end the name in .npz or .gif")
    check(asked.threads)
    from simulacra.runs import find

    run = find(asked.run)
    truth = run.samples.get("truth")
    if truth is None:
        raise BadInput(
            "this run kept no true samples", asked.run, "take a run of your own: simulacra run galaxies_by_vae"
        )
    from simulacra.core.errors import needs

    needs("make")
    from simulacra.exhibits.latent_map import between, placed
    from simulacra.keeping.trained import load

    take(asked.threads)
    trained = load(run)
    if out is None:
        found = placed(trained, truth)
        named = {name: [str(v) for v in values] for name, values in truth.given.items()}
        return {
            "n": len(truth),
            "kind": truth.kind,
            "at": [[round(float(v), 4) for v in row] for row in found.at],
            "shares": list(found.shares),
            "latent": found.latent,
            "given": named,
        }
    path = between(trained, truth, asked.between[0], asked.between[1], asked.frames)
    try:
        _write(path, out)
    except OSError as error:
        raise BadInput(
            "the file cannot be written", f"{out}: {error.strerror}", "choose another place with -o"
        ) from error
    return {"file": str(out), "frames": len(path), "kind": path.kind, "between": list(asked.between)}


def _write(path: Any, out: Path) -> None:  # noqa: ANN401 - Samples, imported late
    if out.suffix.lower() == ".npz":
        path.write(out)
        return
    from simulacra.core.writing import write_bytes
    from simulacra.pictures.movie import gif

    write_bytes(out, gif(path))


def words(stated: dict[str, Any]) -> str:
    """One line of the path, or a line a sample."""
    if "file" in stated:
        first, last = stated["between"]
        return f"{stated['frames']} frames from sample {first} to sample {last} in {stated['file']}"
    both = " and ".join(f"{100 * share:.0f} %" for share in stated["shares"])
    head = f"{stated['n']} true samples in a latent space of {stated['latent']}; the two axes hold {both} of the spread"
    return "\n".join([head, *(f"{k:4} {x:+8.3f} {y:+8.3f}" for k, (x, y) in enumerate(stated["at"]))])
