"""Hidden parts of held-out pictures filled in: how far off, beside simple ways, and whether judges distinguish them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from torch import Tensor

from simulacra.comparison.paired import compare_pairs
from simulacra.comparison.several import holm
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.exhibits.fillers import Filler, linear_regression, mean_image, nearest_neighbor
from simulacra.judging.base import Judge, statistics_of_rows
from simulacra.keeping.trained import Trained
from simulacra.models.masked_autoencoder import MaskedAutoencoder
from simulacra.models.turned import Turned, turned
from simulacra.networks.patch import from_patches
from simulacra.runs import Run

MODEL, DRAWN = "masked autoencoder", "the same, drawn"
SHOWN = 8  # pictures
RESAMPLED = 2000  # times, for the intervals
BATCH = 256


@dataclass(frozen=True)
class FillIn:
    """Every truth picture with one mask of its own, the same for all ways of filling in.

    The simple ways learn from the training pictures in all eight flips and turns, as a `Turned` model does. The judges
    compare each completed picture with the true one in pairs: if a way draws what is hidden from its law given what is
    seen, nothing distinguishes the two.

    Args:
        judges: of which each statistic of rows is asked.
        components: principal directions of the linear regression.
    """

    judges: Mapping[str, Judge]
    components: int = 400

    def __call__(self, trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int) -> dict[str, Samples]:
        """Keep errors, verdicts on pairs and some pictures as the exhibit "fill-in"."""
        truth, model = parts["truth"], inside(trained)
        rng = stream(seed, "fill in")
        shown = rng.random((len(truth), len(model.at))).argsort(1).argsort(1) < model.seen
        seen = pixels_of(torch.as_tensor(shown), model)
        completed = self.complete(trained, model, parts, shown, seen, seed)
        squares = {
            name: np.square(x - truth.array)[~seen].reshape(len(truth), -1).mean(1) for name, x in completed.items()
        }
        asked = statistics_of_rows(self.judges)
        features = {name: np.asarray(one(truth), dtype=float) for name, one in asked.items()}
        rows, stated = [], []
        weights = resamples(truth.group, rng)
        with Progress("comparing pairs", len(completed)) as progress:
            for name, x in completed.items():
                rows.append([*interval(squares[name], weights), *ratio(squares[name], squares[MODEL], weights)])
                own = [
                    compare_pairs(np.asarray(one(truth.but(x=x)), dtype=float), features[judge], truth.group, rng)
                    for judge, one in asked.items()
                ]
                adjusted = holm([found.p for found in own])
                stated.append([[p, found.ratio] for p, found in zip(adjusted, own, strict=True)])
                progress.step()
        some = np.sort(rng.permutation(len(truth))[:SHOWN])
        run.keep_exhibit(
            "fill-in",
            {
                "kind": np.array(truth.kind),
                "count": np.array(len(truth)),
                "hidden": np.array(1 - seen.mean()),
                "ways": np.array(list(completed)),
                "judges": np.array(list(asked)),
                "errors": np.array(rows),  # root mean square, low, high; over the model's, low, high
                "told": np.array(stated),  # p adjusted over the judges, ratio
                "truth": truth.array[some],
                "seen": seen[some],
                **{f"filled.{i}": x[some] for i, x in enumerate(completed.values())},
            },
        )
        return {}

    def complete(
        self,
        trained: Trained,
        model: MaskedAutoencoder,
        parts: Mapping[str, Samples],
        shown: Bool[np.ndarray, "n N"],
        seen: Bool[np.ndarray, "n H W C"],
        seed: int,
    ) -> dict[str, Array]:
        """The truth pictures completed in every way, by name; the model's mean first."""
        truth = parts["truth"]
        found: dict[str, Array] = {}
        with Progress("filling in", 4) as progress, torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            means, draws = [], []
            for start in range(0, len(truth), BATCH):
                at = slice(start, start + BATCH)
                batch, known = trained.view.forward(truth[at]).to(model.device), torch.as_tensor(shown[at])
                means.append(trained.view.inverse(model.fill(batch, known.to(model.device))).array)
                draws.append(trained.view.inverse(model.fill_draw(batch, known.to(model.device))).array)
            found |= {MODEL: np.concatenate(means), DRAWN: np.concatenate(draws)}
            progress.step()
            train = every_turn(trained.view.forward(parts["train"]).x)
            x, mask = truth.array.reshape(len(truth), -1), seen.reshape(len(truth), -1)
            ways: dict[str, Callable[[], Filler]] = {
                "linear regression": lambda: linear_regression(train, self.components),
                "nearest neighbor": lambda: nearest_neighbor(train),
                "mean image": lambda: mean_image(train),
            }
            for name, fit in ways.items():
                found[name] = np.clip(fit()(x, mask), 0.0, 1.0).reshape(truth.array.shape)
                progress.step()
        return found


def inside(trained: Trained) -> MaskedAutoencoder:
    """The masked autoencoder itself."""
    model = trained.model.inner if isinstance(trained.model, Turned) else trained.model
    if not isinstance(model, MaskedAutoencoder):
        raise BadInput("only a masked autoencoder fills in", type(model).__name__, "take models/masked_autoencoder.py")
    return model


def pixels_of(shown: Bool[Tensor, "n N"], model: MaskedAutoencoder) -> Bool[np.ndarray, "n H W C"]:
    """Which numbers of a picture, channels last, lie in patches that are shown."""
    numbers = model.shape[0] * model.side**2
    patches = shown[..., None].expand(-1, -1, numbers).float()
    return np.asarray(from_patches(patches, model.shape, model.side).movedim(1, -1).bool().numpy())


def every_turn(x: Tensor) -> Float[np.ndarray, "m D"]:
    """Pictures (n, C, S, S) in all eight flips and turns, as rows in the order of pictures with channels last."""
    all_eight = [turned(x, torch.full((len(x),), k)) for k in range(8)]
    return np.asarray(torch.cat(all_eight).movedim(1, -1).flatten(1).cpu().numpy())


def resamples(group: NDArray[Any], rng: np.random.Generator) -> Float[np.ndarray, "R n"]:
    """How often each sample stands in each of many bootstrap sets; samples of one group go together."""
    names, owner = np.unique(group, return_inverse=True)
    return rng.multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLED)[:, owner].astype(float)


def interval(squares: Float[np.ndarray, " n"], weights: Float[np.ndarray, "R n"]) -> tuple[float, float, float]:
    """The root of the mean, with the ends of its 95 % interval."""
    low, high = np.quantile(np.sqrt(weights @ squares / weights.sum(1)), [0.025, 0.975])
    return float(np.sqrt(squares.mean())), float(low), float(high)


def ratio(
    squares: Float[np.ndarray, " n"], of_model: Float[np.ndarray, " n"], weights: Float[np.ndarray, "R n"]
) -> tuple[float, float, float]:
    """The root mean square over the model's on the same pictures, with the ends of its 95 % interval."""
    low, high = np.quantile(np.sqrt((weights @ squares) / (weights @ of_model)), [0.025, 0.975])
    return float(np.sqrt(squares.mean() / of_model.mean())), float(low), float(high)
