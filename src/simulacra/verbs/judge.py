"""Whether samples, whoever made them, agree with the truth."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Two or three files."""
    parser.add_argument(
        "samples", metavar="SAMPLES", type=Path, help=".npy, .npz, .h5, .fits, .csv, or a folder or tar of pictures"
    )
    parser.add_argument("truth", metavar="TRUTH", type=Path, help="true samples that the generator has not seen")
    parser.add_argument(
        "--train", metavar="TRAIN", type=Path, help="what the generator was trained on; widens the pool for the reach"
    )
    parser.add_argument("--key", default="", help="name of the array in .npz, .h5 or FITS files")
    parser.add_argument(
        "--kind", default="", help="vector, field, lattice or picture; guessed from the shape if left out"
    )
    parser.add_argument(
        "--statistic", action="append", metavar="NAME", help="a statistic (simulacra list statistics); may be repeated"
    )
    parser.add_argument("--size", type=int, default=64, help="side to which pictures are brought, pixels (default: 64)")
    parser.add_argument("--seed", type=int, default=0, help="of the relabelings (default: 0)")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Verdicts by judge."""
    from simulacra.core.errors import BadInput
    from simulacra.judging import judge

    if asked.seed < 0:
        raise BadInput("a seed is not negative", str(asked.seed), "give --seed 0 or more")
    model, truth = _read(asked.samples, asked), _read(asked.truth, asked)
    train = None if asked.train is None else _read(asked.train, asked)
    verdicts = judge(model, truth, train, statistics=asked.statistic, seed=asked.seed)
    return {
        "samples": str(asked.samples),
        "truth": str(asked.truth),
        "verdicts": {name: v.to_dict() for name, v in verdicts.items()},
    }


def _read(path: Path, asked: argparse.Namespace) -> Any:  # noqa: ANN401 - Samples
    from simulacra.core.packed import ARCHIVES

    if path.is_dir() or path.name.lower().endswith(ARCHIVES):
        from simulacra.sources.image_folder import ImageFolder

        return ImageFolder(path, size=asked.size).read()
    from simulacra.sources.arrays import Arrays

    return Arrays(path, key=asked.key, kind=asked.kind).read()


def words(told: dict[str, Any]) -> str:
    """A line a judge."""
    from simulacra.core.verdict import Verdict

    found = [Verdict.from_dict(values) for values in told["verdicts"].values()]
    lines = [f"{told['samples']} against {told['truth']}: {found[0].n_model:,} against {found[0].n_truth:,} samples"]
    lines += [str(verdict) + (f" [{verdict.note}]" if verdict.note else "") for verdict in found]
    return "\n".join(lines)
