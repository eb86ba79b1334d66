"""Find the signals that lie in your own traces with a trained denoiser, and write them to a file."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput, BadRun, needs
from simulacra.core.threads import add_option, check, take

READ = (".npy", ".npz", ".csv")
WRITTEN = {
    ".npy": "the signals alone",
    ".npz": "signals and scores",
    ".csv": "the signals as a table",
}


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A run, the traces, where to."""
    parser.add_argument("run", metavar="RUN", help="a run of radio_by_denoiser: its folder, its name, or last")
    parser.add_argument("traces", type=Path, metavar="TRACES", help=f"(n, length), a row a trace: {', '.join(READ)}")
    kinds = ", ".join(f"{suffix} ({what})" for suffix, what in WRITTEN.items())
    parser.add_argument("-o", dest="out", type=Path, required=True, metavar="FILE", help=kinds)
    parser.add_argument("--key", default="", help="which array of an npz; traces, or the only one, if left out")
    parser.add_argument("--rate", type=float, default=None, help="of your sampling, MHz; refused if it is another one")
    add_option(parser, "default: as torch chooses")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Read, denoise, write."""
    out: Path = asked.out
    if out.suffix not in WRITTEN:
        raise BadInput("this kind of file is not written", str(out), f"end the name in one of {', '.join(WRITTEN)}")
    from simulacra.core.files import read_json, write_npy, write_npz
    from simulacra.core.writing import replacing_text
    from simulacra.runs import find

    run = find(asked.run)
    path = run.folder / "denoising.json"
    if run.model and not path.exists():
        raise BadRun(
            "this run holds no denoiser that was brought to its end", run.name, "name one of radio_by_denoiser"
        )
    run.check_seals("denoising.json")
    stated = read_json(path)
    if asked.rate is not None and abs(asked.rate - stated["rate"]) > 1e-6 * stated["rate"]:
        raise BadInput(
            "these traces are sampled at another rate than those of the training",
            f"{asked.rate:g} MHz, {stated['rate']:g} MHz in training",
            "resample them before (scipy.signal.resample_poly), and look at their band",
        )
    needs("make")
    check(asked.threads)
    trace, said = _read(asked.traces, asked.key)
    import numpy as np

    from simulacra.domains.radio.offsets import dead, without_offset

    silent = int(dead(trace).sum())
    trace, more = without_offset(trace)
    said += more
    said += [f"{silent} of {len(trace)} traces are constant (dead channels): they hold no pulse"] if silent else []
    from simulacra.denoising.apply import denoise
    from simulacra.keeping.trained import load

    take(asked.threads)
    trained = load(run)
    began = time.perf_counter()
    found = denoise(trained, trace)
    seconds = time.perf_counter() - began
    try:
        if out.suffix == ".npy":
            write_npy(out, found.signal)
        elif out.suffix == ".npz":
            write_npz(out, {"signals": found.signal, "scores": found.score})
        else:
            with replacing_text(out) as file:
                np.savetxt(file, found.signal, delimiter=",")
    except OSError as error:
        raise BadInput(
            "the file cannot be written", f"{out}: {error.strerror}", "choose another place with -o"
        ) from error
    threshold = float(stated["methods"]["model"]["threshold"])
    return {
        "file": str(out),
        "n": len(trace),
        "length": int(trace.shape[1]),
        "pulses": int((found.score > threshold).sum()),
        "threshold": threshold,
        "alarms": float(stated["alarms"]),
        "milliseconds": round(1e3 * seconds / len(trace), 4),
        "dead": silent,
        "said": said,
    }


def _read(path: Path, key: str) -> tuple[Any, list[str]]:
    """Rows of finite numbers and what was decided about them, or a clear error."""
    import numpy as np

    from simulacra.core.broken import load_npy, load_npz

    if path.suffix.lower() not in READ:
        raise BadInput("traces are not read from such a file", str(path), f"save them as one of {', '.join(READ)}")
    if not path.is_file():
        raise BadInput("there is no such file", str(path), "check the path")
    said: list[str] = []
    if path.suffix.lower() == ".npz":
        arrays = load_npz(path)
        name = key or ("traces" if "traces" in arrays else next(iter(arrays)) if len(arrays) == 1 else "")
        if name not in arrays:
            raise BadInput("which array holds the traces?", f"{path}: {', '.join(arrays)}", "name it with --key")
        x = arrays[name]
    elif path.suffix.lower() == ".npy":
        x = load_npy(path)
    else:
        x, said = _of_text(path)
    x = x[None] if x.ndim == 1 else x[..., 0] if x.ndim == 3 and x.shape[2] == 1 else x
    if x.ndim != 2 or not len(x) or x.dtype.kind not in "fiu":
        raise BadInput("traces are rows of numbers", f"{path}: {x.dtype}, shape {x.shape}", "give (n, length)")
    bad = ~np.isfinite(x)
    if bad.any():
        row, place = (int(i) for i in np.argwhere(bad)[0])
        raise BadInput(
            "some numbers are NaN or infinite",
            f"{path}: {int(bad.sum())} of {x.size}, the first in row {row}, sample {place} (counted from 0)",
            "take those traces out, or fill the gaps as you see fit",
        )
    return x.astype(np.float64), said


def _of_text(path: Path) -> tuple[Any, list[str]]:
    """The numbers of a text table of any dialect, (rows, columns)."""
    import numpy as np

    from simulacra.domains.tables.cells import read_numbers
    from simulacra.domains.tables.text import read_text
    from simulacra.sources.files.table import of_text

    table = read_text(path)
    cells = of_text(table, str(path))
    columns = []
    for name, raw in cells.raws.items():
        numbers = read_numbers(list(raw.cells), raw.comma)
        if numbers.odd.any():
            row = int(np.argmax(numbers.odd))
            raise BadInput(
                "traces are rows of numbers",
                f"{path}: {raw.cells[row]!r} in row {row + 1}, column {name or 1}",
                "save plain numbers, a row a trace",
            )
        columns.append(numbers.values)
    return np.column_stack(columns), list(cells.said)


def words(stated: dict[str, Any]) -> str:
    """Where the signals lie, and how many traces hold a pulse."""
    done = (
        f"{stated['n']} traces of {stated['length']} samples denoised, "
        f"{stated['milliseconds']:.3g} ms each: {stated['file']}\n"
        f"{stated['pulses']} hold a pulse at the threshold that "
        f"{100 * stated['alarms']:.1f} % of traces without one exceed"
    )
    return "\n".join([*stated["said"], done])
