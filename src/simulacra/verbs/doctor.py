"""What is installed, which extras are missing and what they bring, threads and GPU."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """None."""


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Everything that a report of a fault should begin with."""
    import os

    from simulacra.core.errors import EXTRAS, absent
    from simulacra.core.machine import machine, versions
    from simulacra.core.shelf import shelf

    extras = {
        name: {"brings": brings, "missing": [package for package in packages if absent(package)]}
        for name, (packages, brings) in EXTRAS.items()
    }
    broken = [
        e.error
        for room in ("studies", "models", "sources", "statistics", "baselines", "forecasters", "networks", "views")
        for e in shelf(room).entries()
        if e.error
    ]
    folders = [folder for folder in os.environ.get("SIMULACRA_DATA", "").split(os.pathsep) if folder]
    return {
        "versions": versions(),
        "machine": machine(),
        "torch": _torch(),
        "extras": extras,
        "broken": broken,
        "data": [{"folder": folder, "exists": os.path.isdir(folder)} for folder in folders],  # noqa: PTH112 - a plain question
    }


def _torch() -> dict[str, Any]:
    try:
        import torch
    except ImportError as error:
        return {"missing": str(error)}
    gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {"threads": torch.get_num_threads(), "gpus": gpus, "mps": torch.backends.mps.is_available()}


def words(stated: dict[str, Any]) -> str:
    """A line each."""
    lines = ["versions  " + ", ".join(f"{name} {number}" for name, number in stated["versions"].items())]
    machine, torch = stated["machine"], stated["torch"]
    lines.append(f"machine   {machine['system']}, {machine['cores']} cores")
    if "missing" in torch:
        lines.append("torch     missing: studies cannot run; samples can still be judged, runs still read")
    else:
        gpu = ", ".join(torch["gpus"]) or ("Apple" if torch["mps"] else "none")
        lines.append(f"torch     {torch['threads']} threads, GPU: {gpu}")
    for name, state in stated["extras"].items():
        status = (
            f"missing {', '.join(state['missing'])}: pip install 'simulacra[{name}]'"
            if state["missing"]
            else "installed"
        )
        lines.append(f"extra     {name} ({state['brings']}): {status}")
    lines += [f"data      {d['folder']}{'' if d['exists'] else ' (does not exist)'}" for d in stated["data"]]
    lines += (
        [] if stated["data"] else ["data      SIMULACRA_DATA is not set: simulators and your own files work without it"]
    )
    lines += [f"BROKEN    {error}" for error in stated["broken"]]
    return "\n".join(lines)
