"""Odd samples among normal ones: how well an autoencoder's scores find them, beside scores that are simpler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.exhibits.outliers import isolation_forest, nearest_neighbors, pca_reconstruction
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch, Noise
from simulacra.models.vae import VAE
from simulacra.runs import Run
from simulacra.skill.roc import area, curve, found_at, gain
from simulacra.sources.base import Archive, Simulator
from simulacra.statistics.base import Statistic

ERROR, BOUND = "autoencoder, error", "autoencoder, bound"
FALSE_ALARMS = 0.05
DRAWS = 16  # of z a sample, for the bound
SHOWN = 24  # of the oddest samples by each score
BATCH = 256


@dataclass(frozen=True)
class Anomalies:
    """Scores of held-out normal samples (truth) and of odd ones, none of which any score has learned from.

    Args:
        odd: where the odd samples come from; of an archive those of one class.
        name: of the class, as the archive is given it.
        statistics: of one number a sample, by name: what the field would look at.
        components: principal directions of PCA's reconstruction.
        neighbors: whose distance is averaged.
        trees: of the isolation forest.
        most: odd samples from a simulator.
    """

    odd: Archive | Simulator
    name: str
    statistics: Mapping[str, Statistic] = field(default_factory=dict)
    components: int = 50
    neighbors: int = 5
    trees: int = 200
    most: int = 150

    def __call__(self, trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int) -> dict[str, Samples]:
        """Keep the scores, their areas under the ROC curve and the oddest samples as the exhibit "anomalies"."""
        normal, odd = parts["truth"], self.odd_ones(seed)
        known = set(parts["train"].group) | set(parts["validation"].group)
        odd = odd[~np.isin(odd.group, list(known))]
        scores = {k: (v[: len(normal)], v[len(normal) :]) for k, v in self.scores(trained, parts, odd, seed).items()}
        # beside the better of the model's own scores: what is better than that is better than either
        reference = max((ERROR, BOUND), key=lambda name: area(*scores[name]).value)
        first = scores[reference]
        arrays: dict[str, Any] = {
            "name": np.array(self.name),
            "kind": np.array(normal.kind),
            "scores": np.array(list(scores)),
            "own": np.array(2),
            "reference": np.array(list(scores).index(reference)),
            "normal": np.array(len(normal)),
            "odd": np.array(len(odd)),
            "false alarms": np.array(FALSE_ALARMS),
        }
        table = []
        for i, (usual, strange) in enumerate(scores.values()):
            whole, more = area(usual, strange), gain((usual, strange), first)
            table.append(
                [
                    *(whole.value, whole.low, whole.high),
                    *(more.value, more.low, more.high),
                    found_at(usual, strange, FALSE_ALARMS),
                ]
            )
            arrays[f"curve.{i}"] = np.stack(curve(usual, strange))
            order = np.argsort(-np.concatenate([usual, strange]), kind="stable")[:SHOWN]
            arrays[f"oddest.{i}"] = np.concatenate([normal.array, odd.array])[order]
            arrays[f"is odd.{i}"] = order >= len(normal)
        run.keep_exhibit("anomalies", arrays | {"table": np.array(table)})
        return {}

    def odd_ones(self, seed: int) -> Samples:
        """The odd samples alone."""
        if isinstance(self.odd, Simulator):
            return self.odd.draw(self.most, stream(seed, "odd samples"))
        found = self.odd.read()
        found = found[found.given["class"] == self.name] if "class" in found.given else found[:0]
        if len(found) < 2:
            raise BadInput("there are no odd samples to find", f"class {self.name!r}", "name a class of the archive")
        return found

    def scores(self, trained: Trained, parts: Mapping[str, Samples], odd: Samples, seed: int) -> dict[str, Array]:
        """Every score of the normal samples, and after them of the odd ones."""
        usual = parts["truth"]
        x = np.concatenate([usual.array, odd.array])
        # the view wants the conditions that it knows, a VAE looks at none: so the odd ones are given anybody's
        given = {name: np.resize(values, len(x)) for name, values in usual.given.items()}
        both = Samples.of(x, usual.kind, usual.unit, given=given, given_unit=usual.given_unit)
        train, rows = (s.array.reshape(len(s), -1).astype(np.float64) for s in (parts["train"], both))
        found: dict[str, Array] = {}
        with Progress("scoring", 4) as progress:
            found |= autoencoder_scores(trained, both, seed)
            progress.step()
            found["PCA reconstruction"] = pca_reconstruction(train, self.components)(rows)
            progress.step()
            found["isolation forest"] = isolation_forest(train, self.trees, seed)(rows)
            progress.step()
            found["nearest neighbors"] = nearest_neighbors(train, self.neighbors)(rows)
            found |= {name: np.asarray(one(both)).reshape(len(both)) for name, one in self.statistics.items()}
            progress.step()
        return found


@torch.no_grad()
def autoencoder_scores(trained: Trained, x: Samples, seed: int) -> dict[str, Array]:
    """The mean squared error of what comes back through the mean of q(z|x); and minus the bound on log p(x), nats."""
    model = trained.model
    if not isinstance(model, VAE):
        raise BadInput("these scores are those of a VAE", type(model).__name__, "take models/vae.py")
    error, bound = [], []
    for start in range(0, len(x), BATCH):
        batch = trained.view.forward(x[slice(start, start + BATCH)]).to(model.device)
        back = model.decode(model.encode(batch)).x
        error.append((back - batch.x).flatten(1).square().mean(1).cpu())
        noise = Noise(seed + start, 0, len(batch))
        noisy = Batch(batch.x, noise=noise)
        bound.append(sum(sum(model.loss(noisy).values()) for _ in range(DRAWS)).cpu() / DRAWS)  # type: ignore[union-attr]
    return {ERROR: torch.cat(error).double().numpy(), BOUND: torch.cat(bound).double().numpy()}
