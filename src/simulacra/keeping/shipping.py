"""A finished run made ready to hand on: weights in half precision, the recipe, the verdicts, and a card."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import read_json, write_json
from simulacra.core.writing import write_bytes, write_text
from simulacra.keeping.card import markdown, plainly, traceless, write_card
from simulacra.keeping.trained import load
from simulacra.runs import Run, find
from simulacra.training.checkpoint import read_weights

MOST = 30 * 2**20  # bytes of a model's weights
COMPARED = 64  # draws beside those in full precision
SEEN = 1 / 255  # a change that can be seen: one level of gray; of spins, any


def ship(run: Run | Path | str, folder: Path, license: str, faults: Sequence[str] = ()) -> Path:
    """Write a folder that draws as the run does, fit to be handed on; itself a run folder, without samples and log.

    Args:
        run: done, with verdicts: a run, its folder, or its name under runs/.
        folder: to be made; its name is the model's. One that holds a card is written anew.
        license: under which terms the training data may be used.
        faults: known ones, in words, beside those that the judges distinguish.

    Raises:
        BadRun: where the run is not done, or holds no model that can be built from its files.
        BadInput: where the weights are too many, or too large for half precision; or the folder is in use.
    """
    opened = run if isinstance(run, Run) else find(str(run))
    about = opened.model
    if opened.state != "done" or not opened.verdicts:
        raise BadRun(
            "only a run that is done, with verdicts, is shipped", f"{opened.name}: {opened.state}", "resume it"
        )
    if not about.get("whole", True):
        raise BadRun(
            "part of this model is a class of the user's own", opened.name, "ship models of our own shelves alone"
        )
    if not license.strip():
        raise BadInput("a shipped model says under which terms its data may be used", "nothing", "give --license TEXT")
    if folder.exists() and any(folder.iterdir()) and not (folder / "card.json").exists():
        raise BadInput("this folder holds something else", str(folder), "choose another place with -o")
    full = load(opened)
    kept = read_weights(opened.folder)
    weights = halved(kept)
    same = all(bool((weights[name].to(w.dtype) == w).all()) for name, w in kept.items())
    size = sum(tensor.nbytes for tensor in weights.values())
    if size > MOST:
        raise BadInput(
            "this model is too large to ship",
            f"{size / 2**20:.0f} MiB in half precision, of 30",
            "train a narrower one",
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.safetensors"
    write_bytes(path, save(weights))
    path.chmod(0o644)  # it is to be handed on
    write_json(folder / "run.json", traceless(opened.record))
    write_json(folder / "model.json", {**about, "origin": plainly(about["origin"])})
    for name in ("view.json", "verdicts.json"):
        write_json(folder / name, read_json(opened.folder / name))
    # a run whose weights are of half precision already draws the same: one draw says what a draw is
    models = [load(Run(folder), check_card=False), *([] if same else [full])]
    drawn = [model.draw(1 if same else COMPARED, np.random.default_rng(0)) for model in models]
    after, before = drawn[0], drawn[-1]
    if after.array.dtype.kind in "US":  # of strings: whether a draw is another one
        change = (after.array != before.array).astype(float)
    else:
        change = np.abs(after.array.astype(float) - before.array)
    card = write_card(
        folder.name,
        opened,
        license.strip(),
        faults,
        {"kind": after.kind, "unit": after.unit, "shape": list(after.array.shape[1:])},
        {
            "parameters": sum(parameter.numel() for parameter in full.model.parameters()),
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "precision": "float16",
            "compared": len(after),
            "mean_change": float(change.mean()),
            "share_seen": float((change > SEEN).mean()),
        },
    )
    write_json(folder / "card.json", card)
    write_text(folder / "card.md", markdown(card))
    return folder


def halved(weights: dict[str, Any]) -> dict[str, Any]:
    """Weights in half precision; whole numbers stay as they are."""
    found = {name: w.to(torch.float16) if w.is_floating_point() else w for name, w in weights.items()}
    lost = [name for name, w in found.items() if not w.isfinite().all()]
    if lost:
        raise BadInput("weights are too large for half precision", ", ".join(lost), "was the training stable?")
    return {name: w.contiguous() for name, w in found.items()}
