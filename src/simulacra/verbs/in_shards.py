"""`sample` into a folder of shards: its options, its answer, the words for it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput, needs

ASIDE = True
ENDINGS = {
    ".parquet": "a folder of shards as tables; of a model of strings, different molecules in one file",
    ".zarr": "a folder of shards as one Zarr group",
}


def count(text: str) -> int:
    """A whole number, as 1000000 or 1e6.

    >>> count("1e6"), count("64")
    (1000000, 64)
    """
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
        if value == int(value):
            return int(value)
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError(f"it takes a whole number, not {text!r}")


def add_options(parser: argparse.ArgumentParser) -> None:
    """What a set larger than memory needs."""
    many = parser.add_argument_group(
        "a set larger than memory", "-o names a folder, FOLDER.zarr, FOLDER.parquet or of an ending above, of shards"
    )
    many.add_argument("--shard", type=count, default=None, metavar="N", help="samples of a shard (default: 64 MiB)")
    many.add_argument("--resume", action="store_true", help="go on with a set; damaged shards are drawn again")
    many.add_argument("--dry-run", action="store_true", help="forecast time, bytes and processor hours, draw nothing")
    many.add_argument("--engine", choices=("here", "dask"), default=None, help="who draws (default: here)")
    many.add_argument(
        "--scheduler", default="", metavar="ADDRESS", help="of Dask, tcp://…; else a cluster is begun here"
    )
    many.add_argument(
        "--slurm", type=Path, default=None, metavar="FILE", help="JSON: arguments of SLURMCluster, and jobs"
    )


def asked_for(asked: argparse.Namespace) -> bool:
    """Whether shards are wanted, whatever the model is."""
    named = asked.shard or asked.resume or asked.dry_run or asked.engine or asked.scheduler or asked.slurm
    return bool(named) or asked.out.suffix == ".zarr"


def check(asked: argparse.Namespace) -> None:
    """An error where options do not go together."""
    if asked.shard is not None and asked.shard < 1:
        raise BadInput("a shard has at least one sample", f"--shard {asked.shard}", "give --shard 1000 or more")
    if (asked.scheduler or asked.slurm) and asked.engine == "here":
        raise BadInput("schedulers and SLURM are Dask's", "--engine here", "give --engine dask")
    needs(
        "scale" if asked.engine == "dask" or asked.scheduler or asked.slurm or asked.out.suffix in ENDINGS else "make"
    )


def answer(asked: argparse.Namespace, given: Mapping[str, Any], way: str, law: Mapping[str, float]) -> dict[str, Any]:
    """Draw the set, or forecast what that takes."""
    from simulacra.bulk.collecting import check_place, collect
    from simulacra.bulk.forecast import forecast
    from simulacra.bulk.planning import planned

    begun = asked.out if asked.resume else None
    job = planned(asked.run, asked.n, asked.out, asked.seed, given, way, asked.shard, begun, law)
    engine = engine_of(asked)
    engine.check()
    shape = {
        "folder": str(asked.out),
        "shard": job.shard,
        "shards": job.shards,
        "seed": job.seed,
        "given": dict(given),
        **law_of(law),
    }
    if asked.dry_run:
        check_place(job, asked.out, asked.resume)
        return {**shape, "n": job.n, "forecast": forecast(job, engine.workers()).to_dict()}
    done = collect(job, asked.out.absolute(), engine, asked.resume)
    tally: dict[str, int] = {}
    for shard in done.manifest.shards:
        for name, value in shard.tally.items():
            tally[name] = tally.get(name, 0) + value
    about = done.manifest.about
    found = {"n": done.rows, "bytes": done.bytes, "kind": about["kind"], "unit": about["unit"]}
    found |= {"before": done.before, "again": list(done.again)} | ({"said": list(done.said)} if done.said else {})
    return {**shape, **found, **({"tally": tally} if tally else {})}


def engine_of(asked: argparse.Namespace) -> Any:  # noqa: ANN401 - an Engine; its name would import its room
    """Who draws."""
    from simulacra.bulk.dask_engine import DaskEngine
    from simulacra.bulk.engines import Here

    if asked.engine == "dask" or asked.scheduler or asked.slurm:
        return DaskEngine(asked.processes, asked.scheduler, asked.slurm)
    return Here(asked.processes)


def answer_different(asked: argparse.Namespace, given: Mapping[str, Any], law: Mapping[str, float]) -> dict[str, Any]:
    """Draw so many different molecules to one file."""
    from simulacra.bulk.different import draw_different

    count = draw_different(asked.run, asked.n, asked.out, asked.seed, asked.processes, given, law)
    found = {"file": str(asked.out), "n": min(asked.n, count.different), "kind": "smiles", "unit": "1"}
    return {
        **found,
        "given": dict(given),
        **law_of(law),
        "different": count.different,
        "drawn": count.drawn,
        "valid": count.valid,
    }


def law_of(law: Mapping[str, float]) -> dict[str, Any]:
    """The departure from the model's law as an answer states it; nothing if there is none."""
    return {"law": dict(law)} if law else {}


def words(answered: Mapping[str, Any]) -> str:
    """What was drawn, or what it would take."""
    from simulacra.core.manifest import room
    from simulacra.core.progress import clock

    if "drawn" in answered:
        drawn, valid = answered["drawn"], answered["valid"]
        strings = f"{drawn:,} strings: {valid:,} valid, {answered['different']:,} different"
        return f"{strings}; {answered['n']:,} molecules in {answered['file']}"
    where = f"{answered['shards']:,} shards of {answered['shard']:,} in {answered['folder']}"
    if "forecast" in answered:
        told = answered["forecast"]
        who = f"{told['workers']} worker{'s' if told['workers'] > 1 else ''}"
        return (
            f"{answered['n']:,} samples, {where}, would take {who} about {clock(told['seconds'])}"
            f" ({told['core_hours']:.3g} core hours) and {room(told['bytes'])}\n"
            f"measured: {told['rate']:.3g} samples a second a worker, {told['each']:.4g} bytes each, over "
            f"{told['measured']:,} samples; nothing was written"
        )
    lines = [f"{answered['n']:,} samples of kind {answered['kind']} in {where}, {room(answered['bytes'])}"]
    if answered["before"]:
        lines.append(f"{answered['before']:,} shards were there and whole")
    if answered["again"]:
        lines.append(f"drawn again, for their bytes were others: shards {', '.join(map(str, answered['again']))}")
    lines += answered.get("said", [])
    if "tally" in answered:
        lines.append(
            ", ".join(f"{value:,} {name}" for name, value in answered["tally"].items()) + "; each shard's once"
        )
    return "\n".join([*lines, f"simulacra verify {answered['folder']} compares each file with its hash"])
