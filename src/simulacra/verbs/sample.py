"""Draw new samples from a trained run or a shipped model, to a file."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput, needs
from simulacra.core.options import named
from simulacra.core.seeds import check_seed
from simulacra.core.terminal import plain_text
from simulacra.core.threads import add_option, check, take
from simulacra.verbs import in_shards, strings_law

ANY = {
    ".npz": "samples with units and conditions",
    ".npy": "the numbers alone",
    ".png": "a sheet of pictures",
}


TAKEN = (
    "seed", "json", "help", "threads", "draw", "stops", "frames", "seconds", "processes", "shard", "resume", "dry-run",
    "engine", "scheduler", "slurm", "top-p", "beam",
)  # fmt: skip
"""Options of sample and film themselves; a condition of such a name is asked for by --given-NAME."""


def formats() -> dict[str, str]:
    """Endings of the files that are written, with what they hold: those of any kind, then those of some."""
    from simulacra.core.shelf import shelf

    found = dict(ANY)
    for entry in shelf("kinds").entries():
        found |= entry.constants.get("written", {})
    return found


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A run, how many, under which conditions, where to."""
    parser.add_argument("run", metavar="RUN", help="a run folder, its name under runs/, or last; or a shipped model")
    parser.add_argument("-n", type=in_shards.count, default=64, help="how many (default: 64)")
    kinds = ", ".join(f"{suffix} ({what})" for suffix, what in formats().items())
    parser.add_argument("-o", dest="out", type=Path, required=True, metavar="FILE", help=kinds)
    parser.add_argument("--seed", type=int, default=None, help="of the draws; fresh chance if left out")
    parser.add_argument(
        "--draw",
        choices=("mean", "noisy"),
        default=None,
        help="of a model with a decoder: its means, or draws with the noise of each pixel, which its judges see too "
        "(default: mean for pictures, noisy for all else)",
    )
    parser.add_argument(
        "--processes", type=int, default=1, help="that draw shards, or molecules to .parquet, each on one core"
    )
    parser.add_argument("--croissant", action="store_true", help="also metadata for data catalogs, beside the file")
    in_shards.add_options(parser)
    add_option(parser, "default: as torch chooses")
    run = named(words, flags=())
    if run:
        add_conditions(parser, run)
        strings_law.add_options(parser, run, known(run))


def add_conditions(parser: argparse.ArgumentParser, run: str) -> None:
    """An option for each condition that a run's model knows."""
    from simulacra.keeping.known import span

    units = _units(run)
    for name, values in known(run).items():
        parser.add_argument(
            *dict.fromkeys((option(name), f"--given-{option(name).removeprefix('--').removeprefix('given-')}")),
            dest=f"given_{name}",
            metavar="VALUE",
            help=f"condition{_in(name, units)}; training had {span(values)}".replace("%", "%%"),
        )


def option(name: str) -> str:
    """A condition's name on the command line."""
    plain = "".join(c if c.isalnum() else "-" for c in name)
    return f"--given-{plain}" if plain in TAKEN else f"--{plain}"


def known(name: str) -> dict[str, list[Any]]:
    """The conditions that a run's model knows."""
    from simulacra.runs import find

    conditions: dict[str, list[Any]] = find(name).model["conditions"]
    return conditions


def _units(name: str) -> dict[str, str]:
    """The unit of each condition that has one."""
    from simulacra.runs import find

    return {str(k): str(v) for k, v in find(name).model["units"].items()}


def _in(name: str, units: dict[str, str]) -> str:
    """A condition's unit as the help says it.

    >>> _in("gap", {"gap": "eV"}), _in("class", {})
    (', eV', '')
    """
    return f", {units[name]}" if units.get(name, "1") not in ("", "1") else ""


def verdict_on(name: str) -> tuple[str, list[str]]:
    """What the judges said of this model, in one line; and what a user must be warned of."""
    from simulacra.core.shelf import SHIPPED
    from simulacra.runs import find

    run = find(name)
    verdicts = list(run.verdicts.values())
    n, telling = len(verdicts), sum(v.word == "differs" for v in verdicts)
    blunt = sum(v.word == "unsure" for v in verdicts)
    place = f"simulacra show {run.name}" if run.folder.parent == SHIPPED else f"simulacra report {run.folder}"
    said = f"{telling or 'none'} of {n} judge{'s' if n > 1 else ''} distinguish{'es' if n == 1 else ''} it from truth"
    if not n:
        said = "no judge has spoken on this model"
    elif blunt:
        said += f", {blunt} {'is' if blunt == 1 else 'are'} unsure"
    warnings = run.doubts()
    if run.state != "done":
        warnings.append(f"this run is {run.state}: its model is not trained to the end ({place})")
    return f"{said}; {place}", warnings


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Draw and write."""
    out: Path = asked.out
    known = {**formats(), **in_shards.ENDINGS}
    if out.suffix not in known:
        raise BadInput("this kind of file is not written", str(out), f"end the name in one of {', '.join(known)}")
    if asked.n < 1:
        raise BadInput("at least one sample must be drawn", f"-n {asked.n}", "give -n 1 or more")
    check_seed(asked.seed or 0)
    in_shards.check(asked)
    law = strings_law.law_asked(asked)
    if asked.croissant and (out.suffix == ".parquet" or in_shards.asked_for(asked)):
        raise BadInput("Croissant metadata describe one plain file", str(out), "leave --croissant out, or draw to .npz")
    said, doubts = verdict_on(asked.run)
    given, warnings = conditions(asked, doubts)
    import numpy as np

    from simulacra.keeping.trained import load

    take(asked.threads)
    trained, rng = load(asked.run), np.random.default_rng(asked.seed)
    about = {"verdict": said, "warnings": warnings}
    if out.suffix == ".parquet" or in_shards.asked_for(asked):
        from simulacra.bulk.drawing import streams

        if in_shards.asked_for(asked) or not streams(trained):
            return in_shards.answer(asked, given, asked.draw or usual(trained), law) | about
        return in_shards.answer_different(asked, given, law) | about
    way = asked.draw or usual(trained)
    apart: dict[str, Any] = in_shards.law_of(law)
    if getattr(asked, "beam", None) is not None:
        from simulacra.keeping.strings_drawn import likeliest_strings

        samples, nats = likeliest_strings(trained, asked.n, asked.beam, given)
        apart = {"beam": asked.beam, "nats": [round(float(one), 3) for one in nats]}
    elif law:
        from simulacra.keeping.strings_drawn import draw_strings

        samples = draw_strings(trained, asked.n, rng, given, **law)
    else:
        samples = trained.draw_means(asked.n, rng, given) if way == "mean" else trained.draw(asked.n, rng, given)
    try:
        _write(samples, out, f"{asked.run}: {said.partition(';')[0]}")
    except OSError as error:
        raise BadInput(
            "the file cannot be written", f"{out}: {error.strerror}", "choose another place with -o"
        ) from error
    beside = {}
    if asked.croissant:
        from simulacra.keeping import croissant
        from simulacra.runs import find

        terms = croissant.license_of(find(asked.run))
        name, told = Path(asked.run).name, said.partition(";")[0]
        beside = {"croissant": str(croissant.write(samples, out, name, told, terms))}
    answered = {"file": str(out), "n": len(samples), "kind": samples.kind, "unit": samples.unit, "given": given}
    answered |= {"verdict": said} | ({"draw": way} if trained.has_means else {}) | apart | beside
    return {**answered, "warnings": warnings} if warnings else answered


def conditions(asked: argparse.Namespace, warnings: Sequence[str] = ()) -> tuple[dict[str, Any], list[str]]:
    """What was asked of each condition, and warnings, which are said at once: the work after them may take long."""
    from simulacra.keeping.known import known_values

    given: dict[str, Any] = {}
    warnings = list(warnings)
    for name, values in known(asked.run).items():
        text = getattr(asked, f"given_{name}")
        if text is not None:
            there = known_values(values)[0]
            given[name] = text
            if there and isinstance(there[0], int | float):
                given[name] = _number(name, text)
                warnings += _beyond(name, given[name], there)
    needs("make")
    check(asked.threads)
    for warning in warnings:  # before the work, which may take long
        sys.stderr.write(plain_text(f"warning: {warning}\n"))
    return given, warnings


def usual(trained: Any) -> str:  # noqa: ANN401 - a Trained; its name would import torch
    """How draws are meant where nobody says: of pictures the means, without the static that a decoder knows no more of.

    What is judged in a run are the noisy ones, which alone are of the model's law; the means stand beside.
    """
    import numpy as np

    if not trained.has_means:
        return "noisy"
    return "mean" if trained.draw_means(1, np.random.default_rng(0)).kind == "picture" else "noisy"


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise BadInput(f"{option(name)} takes a number", text, f"for example {option(name)} 2.3") from error
    if not math.isfinite(value):
        raise BadInput(f"{option(name)} takes a finite number", text, f"for example {option(name)} 2.3")
    return value


def _beyond(name: str, value: float, values: Sequence[float]) -> list[str]:
    """A warning where training had no such value; an error where it lies farther away than all of them from another."""
    low, high = min(values), max(values)
    away, width = max(low - value, value - high), high - low
    seen = f"{low:.4g} to {high:.4g}"
    if away > width > 0:
        raise BadInput(
            f"{option(name)} is far outside of what the model was trained on",
            f"{value:g}; training had {seen}",
            f"ask for a value from {seen}",
        )
    if away > 0:
        return [f"{option(name)} {value:g} lies outside of what training had ({seen}): what comes is a guess"]
    return []


def _write(samples: Any, out: Path, caption: str) -> None:  # noqa: ANN401 - Samples
    from simulacra.core.files import write_npy

    if out.suffix == ".npz":
        samples.write(out)
    elif out.suffix == ".npy":
        write_npy(out, samples.array)
    elif out.suffix == ".png":
        from simulacra.pictures.sheet import write_sheet

        write_sheet(samples, out, caption)
    else:
        from simulacra.kinds.base import kind_of

        kind = kind_of(samples)
        if out.suffix not in kind.written:
            known = ", ".join((*ANY, *kind.written))
            raise BadInput(f"{kind.noun} are not written to such a file", str(out), f"end the name in one of {known}")
        kind.write(samples, out)


def words(answered: dict[str, Any]) -> str:
    """What was drawn, and what the verdict on the model was."""
    if "shards" in answered or "drawn" in answered:
        return f"{in_shards.words(answered)}\n{answered['verdict']}"
    under = ", ".join(f"{name} = {value}" for name, value in answered["given"].items())
    means = ", decoder means" if answered.get("draw") == "mean" else ""
    what = f"{answered['n']} samples of kind {answered['kind']}{means}{' with ' + under if under else ''}"
    if answered.get("nats"):
        what += f", the likeliest that a beam of {answered['beam']} finds ({answered['nats'][0]:g} nats the first),"
    elif "law" in answered:
        other = ", ".join(f"{name.replace('_', '-')} {value:g}" for name, value in answered["law"].items())
        what += f" of another law than was judged ({other})"
    return f"{what} in {answered['file']}\n{answered['verdict']}"
