"""A trained model with its view: what a run leaves behind to draw from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import read_json, write_json
from simulacra.core.machine import memory
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.core.seal import hash_of
from simulacra.keeping.known import choose, known_values
from simulacra.keeping.recipes import build, whole, write
from simulacra.models.base import Batch, Latent, Model
from simulacra.runs import Run, find
from simulacra.training.checkpoint import read_weights
from simulacra.views.base import View
from simulacra.views.conditions import to_tensors

Given = Mapping[str, Any]
BATCH = 256  # draws at a time


@dataclass(frozen=True)
class Trained:
    """A model that draws samples in their own kind and unit.

    Args:
        model: on the device on which it is to draw.
        view: the way back from tensors.
        known: the values of each condition that the training set had, by name (see `known.py`).
        origin: of what it draws.
        units: of the conditions that have one.
    """

    model: Model
    view: View
    known: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    origin: str = ""
    units: Mapping[str, str] = field(default_factory=dict)

    def draw(self, n: int, rng: np.random.Generator | None = None, given: Given | None = None) -> Samples:
        """n samples.

        Args:
            n: how many.
            rng: chance; fresh if None.
            given: a value, or n values, of each condition. One that is left out is missing, where it was missing in
                training too; else it is of the training set's values at random.
        """
        return self._draw(n, np.random.default_rng() if rng is None else rng, given, mean=False)

    @property
    def has_means(self) -> bool:
        """Whether a draw is an expected sample and, upon it, noise: a decoder's mean, and what it leaves open."""
        return isinstance(self.model, Latent)

    def draw_means(self, n: int, rng: np.random.Generator, given: Given | None = None) -> Samples:
        """n expected samples at random places of the latent space, for a model that has one."""
        if not self.has_means:
            raise BadInput(
                "this model's draws have no means apart", type(self.model).__name__, "leave the means out: --draw noisy"
            )
        return self._draw(n, rng, given, mean=True)

    def _draw(self, n: int, rng: np.random.Generator, given: Given | None, *, mean: bool) -> Samples:
        if n < 1:
            raise BadInput("at least one sample must be drawn", str(n), "give n ≥ 1")
        _check_room(n, 8)
        conditions = self.conditions(n, rng, given)
        # the view speaks of conditions in tensors; an empty set of samples carries them there
        tensors = self.tensors(conditions)
        training = self.model.training
        self.model.eval()
        parts: list[Batch] = []
        with torch.random.fork_rng(devices=[]), torch.no_grad(), Progress("drawing", n) as progress:
            torch.manual_seed(int(rng.integers(2**63 - 1)))
            for start in range(0, n, BATCH):
                stop = min(n, start + BATCH)
                some = {name: value[start:stop] for name, value in tensors.items()}
                if mean and isinstance(self.model, Latent):
                    z = torch.randn(stop - start, self.model.latent, device=self.model.device)
                    parts.append(self.model.decode(z, some))
                else:
                    parts.append(self.model.sample(stop - start, some if self.model.conditions else None))
                if not start:
                    _check_room(n, 3 * parts[0].x[0].nbytes)  # the draws, their joining, the samples
                progress.step(stop - start)
        self.model.train(training)
        x = torch.cat([part.x.cpu() for part in parts])
        return self.view.inverse(Batch(x)).but(given=conditions, given_unit=self.units, origin=self.origin)

    def conditions(self, n: int, rng: np.random.Generator, given: Given | None = None) -> dict[str, NDArray[Any]]:
        """n values of each condition; a clear error for one that the model does not know."""
        given = given or {}
        unknown = sorted(set(given) - set(self.known))
        if unknown:
            raise BadInput(
                f"this model is not conditioned on {', '.join(unknown)}",
                f"it knows {', '.join(self.known) or 'no condition'}",
                "leave it out",
            )
        full = {}
        for name, values in self.known.items():
            wanted = np.asarray(given[name]) if name in given else choose(values, n, rng)
            if wanted.shape not in ((), (1,), (n,)):
                raise BadInput(f"{name} has not one value a sample", str(wanted.shape), f"give one value, or {n}")
            full[name] = np.broadcast_to(wanted, n).copy()
            there = np.asarray(known_values(values)[0])
            if np.issubdtype(there.dtype, np.number):
                if not np.issubdtype(full[name].dtype, np.number):
                    raise BadInput(
                        f"{name} must be a number", str(given[name]), f"training had {there.min()} to {there.max()}"
                    )
                full[name] = full[name].astype(float)
            elif not np.isin(full[name].astype(str), there).all():
                raise BadInput(f"{name} has no such value", str(given[name]), f"one of {', '.join(map(str, values))}")
        return full

    def tensors(self, conditions: Mapping[str, NDArray[Any]]) -> dict[str, torch.Tensor]:
        """Conditions as the model takes them."""
        if not conditions:
            return {}
        tensors = to_tensors(conditions, {name: self.view.given[name] for name in conditions})
        return {name: value.to(self.model.device) for name, value in tensors.items()}

    def save(self, run: Run) -> None:
        """model.json and view.json: how to build both again. The weights are the training's to write."""
        recipe = write(self.model)
        known = {name: list(values) for name, values in self.known.items()}
        write_json(
            run.folder / "model.json",
            {"recipe": recipe, "whole": whole(recipe), "conditions": known, "units": self.units, "origin": self.origin},
        )
        write_json(run.folder / "view.json", {"recipe": write(self.view)})


def _check_room(n: int, each: int) -> None:
    """More samples than main memory holds are refused before they are drawn."""
    if n * each > memory():
        raise BadInput(
            "so many samples do not fit into this machine's memory",
            f"{n:,} samples, {n * each / 2**30:,.0f} GiB of {memory() / 2**30:,.0f}",
            "draw fewer at a time, with another --seed each",
        )


def check_shipped(folder: Path) -> None:
    """An error where weights are not those of which the card beside them speaks."""
    if not (folder / "card.json").is_file():
        return
    card = read_json(folder / "card.json")
    stated = card.get("weights") if isinstance(card, dict) else None
    wanted = stated.get("sha256") if isinstance(stated, dict) else None
    if wanted and hash_of(folder / "model.safetensors") != wanted:
        raise BadRun(
            "the weights are not those of the card beside them",
            f"{folder / 'model.safetensors'}: its SHA-256 is another",
            "the file is damaged, or was exchanged: copy or install it again",
        )


def load(
    run: Run | Path | str,
    model: Model | None = None,
    view: View | None = None,
    device: str = "cpu",
    check_card: bool = True,
) -> Trained:
    """The trained model of a run, ready to draw, on any machine.

    Weights, recipe and view are compared with the hashes that the run ended with, and with the card of a shipped model.

    Args:
        run: a run, its folder, or its name under runs/.
        model: the model, untrained, where part of it is a class of the user's own.
        view: the view, fitted, where it is a class of the user's own.
        device: where it shall draw.
        check_card: whether a card beside the weights must speak of them; it cannot while a model is being shipped.
    """
    opened = run if isinstance(run, Run) else find(str(run))
    about = opened.model
    fresh = build(about["recipe"]) if model is None else model
    if not isinstance(fresh, Model):
        raise BadRun("model.json describes no model", str(opened.folder), "restore it, or run again")
    path = opened.folder / "model.safetensors"
    if not path.is_file():
        raise BadRun("this run has no weights yet", f"{path} ({opened.state})", f"simulacra resume {opened.folder}")
    opened.check_seals("model.json", "view.json", "model.safetensors")
    if check_card:
        check_shipped(opened.folder)
    try:
        fresh.load_state_dict(read_weights(opened.folder))
    except RuntimeError as error:
        raise BadRun(
            "the weights do not fit the model",
            str(error).split("\n")[0],
            "is this the model that the run was made with?",
        ) from error
    if view is None:
        recipe = read_json(opened.folder / "view.json")
        view = build(recipe.get("recipe")) if isinstance(recipe, dict) else None
    if not isinstance(view, View):
        raise BadRun("view.json describes no view", str(opened.folder), "restore it, or run again")
    known = {name: tuple(values) for name, values in about["conditions"].items()}
    return Trained(fresh.eval().to(device), view, known, about["origin"], about.get("units", {}))
