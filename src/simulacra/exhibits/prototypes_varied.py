"""Molecules near prototypes: how many are molecules, different and new, and how like the prototype, by noise scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules.chemistry import canonical
from simulacra.domains.molecules.drug_likeness import tanimoto
from simulacra.exhibits.near_by_edits import by_changes, by_exchange
from simulacra.keeping.trained import Trained
from simulacra.models.string_vae import StringVAE
from simulacra.runs import Run
from simulacra.views.strings import Strings

SCALES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
PROTOTYPES, DRAWS, PORTION = 100, 20, 1000
SHOWN, EACH = 4, 6


def opened(trained: Trained) -> tuple[StringVAE, Strings]:
    """The model and its view; an error where it varies no strings."""
    model, view = trained.model, trained.view
    if not isinstance(model, StringVAE) or not isinstance(view, Strings):
        raise BadInput("this model varies no prototypes", type(model).__name__, "take models/string_vae.py")
    return model, view


def varied(trained: Trained, prototypes: Sequence[str], draws: int, scale: float, rng: np.random.Generator) -> Array:
    """Strings near each prototype, (prototypes, draws), by the model's own diversity layer."""
    model, view = opened(trained)
    model.eval()
    batch = view.forward(Samples.of(np.repeat(np.array(prototypes, dtype=np.str_), draws), "smiles"))
    out = []
    with torch.random.fork_rng(devices=[]), Progress("varying prototypes", len(batch)) as progress:
        torch.manual_seed(int(rng.integers(2**63 - 1)))
        for start in range(0, len(batch), PORTION):
            out.append(view.inverse(model.vary(batch[start : start + PORTION], scale)).array)
            progress.step(len(out[-1]))
    return np.concatenate(out).reshape(len(prototypes), draws)


def vary_prototypes(
    trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int, scales: Sequence[float] = SCALES
) -> dict[str, Samples]:
    """Keep the exhibit "prototypes": 100 held-out molecules, 20 strings near each at every scale of the noise.

    Beside them as many random changes, and exchanges of substituents, of the same prototypes. Counted by prototype: the
    strings that are molecules; the different ones among these; those that are neither a training molecule nor the
    prototype, and how like the prototype these are. The set "near a prototype" goes before the judges: a string near
    each of so many validation molecules.

    References:
        Prototype-based compound discovery using deep generative models (Harel & Radinsky, 2018),
        doi:10.1021/acs.molpharmaceut.8b00474
    """
    _, view = opened(trained)
    rng = stream(seed, "prototypes")
    held = readable(view, parts["truth"].array)[:PROTOTYPES]
    known = set(parts["train"].array.tolist())
    sets = {f"noise × {scale:g}": varied(trained, held, DRAWS, scale, rng) for scale in scales}
    sets["random changes"] = by_changes(held, DRAWS, rng)
    sets["substituents exchanged"] = by_exchange(held, DRAWS, rng, parts["train"].array[:2000].tolist())
    shown = np.stack([rows[:SHOWN, :EACH] for rows in sets.values()], axis=1)
    run.keep_exhibit(
        "prototypes",
        {
            "ways": np.array(list(sets)),
            "scales": np.array(scales),
            "draws": np.array(DRAWS),
            "counts": np.stack([counted(held, rows, known) for rows in sets.values()]),
            "prototypes": np.array(held[:SHOWN]),
            "shown": shown,
        },
    )
    others = readable(view, parts["validation"].array)
    near = varied(trained, others, max(1, len(parts["truth"]) // len(others)), 1.0, rng).ravel()
    return {"near a prototype": Samples.of(near, "smiles", "1", "near validation molecules")}


def readable(view: Strings, texts: Array) -> list[str]:
    """Those that the model has tokens and places for."""
    codes = view.alphabet.codes(texts.tolist(), view.length)
    return [str(text) for text in texts[codes.any(axis=1)]]


def counted(prototypes: Sequence[str], rows: Array, known: set[str]) -> Float[np.ndarray, "n 4"]:
    """Of each prototype: valid, different, new, and the mean similarity of the new ones; NaN where there are none.

    >>> counted(["CCO"], np.array([["CCO", "CCN", "CCN", "C("]]), {"CCC"})[0, :3].tolist()
    [3.0, 2.0, 1.0]
    """
    out = np.full((len(prototypes), 4), np.nan)
    for place, (prototype, some) in enumerate(zip(canonical(np.array(prototypes)), rows, strict=True)):
        valid = [text for text in canonical(some) if text]
        new = sorted(set(valid) - known - {prototype})
        out[place, :3] = len(valid), len(set(valid)), len(new)
        if new:
            out[place, 3] = float(np.nanmean(tanimoto([prototype], new)))
    return out
