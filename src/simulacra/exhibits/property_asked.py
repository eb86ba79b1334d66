"""The property asked against the property obtained, by an independent regressor, beside what is simpler."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.diffusion.properties import Properties
from simulacra.domains.molecules import molecule_graphs, stability
from simulacra.domains.molecules.atoms import sizes
from simulacra.exhibits.property_regressor import PropertyRegressor
from simulacra.keeping.trained import Trained
from simulacra.models.edm import EDM
from simulacra.runs import Run
from simulacra.sources.base import Archive

MODEL, NEAREST, LEAST, ATOMS, MOST = (
    "model",
    "nearest training molecule",
    "the true molecules themselves",
    "number of atoms alone",
    "true molecules, values shuffled",
)
RESAMPLED = 2000  # times, for the intervals
LADDER, EACH = 6, 8  # asked values that are shown, and draws at each
NAN6 = (np.nan,) * 6


@dataclass(frozen=True)
class PropertyAsked:
    """The field's figure: the mean absolute error of a regressor of the model's draws against what was asked of it.

    The regressor learns from molecules that the model never sees. Asked are the values of the truth part, a draw for
    each and for each repetition; the number of atoms is drawn by the model. Beside it, with the same regressor and on
    the same values: the true molecules (the regressor's own error, below which nothing can be told), the training
    molecule whose property is nearest (a look-up), the median of training molecules of as many atoms as the true one
    (no molecule at all), and the true molecules under anybody's value.

    Args:
        first: molecules with the property for the regressor.
        name: of the property.
        elements: atomic numbers that may be met.
        steps: training steps of the regressor.
        repeats: draws for each asked value, each with chance of its own.
        stronger: a second set of draws follows the property with this guidance; 0 for none.
        published: errors elsewhere, in the property's unit, by what they are of: for context alone.
    """

    first: Archive
    name: str
    elements: tuple[int, ...]
    steps: int = 4000
    repeats: int = 2
    stronger: float = 0.0
    published: tuple[tuple[str, float], ...] = ()

    def __call__(self, trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int) -> dict[str, Samples]:
        """Keep errors, points and a ladder of asked values as the exhibit "asked"; the look-up goes before judges."""
        train, truth, known = parts["train"], parts["truth"], self.first.read()
        both = np.isin(known.group, np.concatenate([part.group for part in parts.values()]))
        if both.any():
            raise BadInput("the regressor shares molecules with the model", f"{both.sum()}", "give it its own half")
        regressor = PropertyRegressor.of(known, self.name, self.elements, seed, self.steps)
        asked = truth.given[self.name].astype(float)
        drawn = {MODEL: self.draws(trained, truth, seed)}
        if self.stronger:
            drawn[f"model, guidance {self.stronger:g}"] = self.draws(guided(trained, self.stronger), truth, seed)
        looked_up = train[nearest(train.given[self.name].astype(float), asked)].but(
            id=truth.id, group=truth.group, given=truth.given, origin=f"{NEAREST} of {train.origin}"
        )
        stated = {
            **{way: np.stack([regressor(one) for one in some]) for way, some in drawn.items()},
            NEAREST: regressor(looked_up)[None],
            LEAST: regressor(truth)[None],
        }
        errors = {way: np.abs(said - asked).mean(0) for way, said in stated.items()}
        errors[ATOMS] = np.abs(typical(train, self.name, sizes(truth.array)) - asked)
        errors[MOST] = np.abs(stated[LEAST] - asked[:, None]).mean(1)
        sets = {**{way: Samples.join(some) for way, some in drawn.items()}, NEAREST: looked_up, LEAST: truth}
        sound = {way: [sound_ones(some), stable_ones(some)] for way, some in sets.items()}
        weights = resamples(len(asked), stream(seed, "asked property, intervals"))
        table = []
        for way, error in errors.items():
            beside = NAN6[:3] if way == ATOMS else estimate(error - errors[ATOMS], weights)
            row = [*estimate(error, weights), *beside]
            if way in sound:
                each = np.abs(stated[way] - asked)
                for good in sound[way]:
                    row += [*among(each, errors[ATOMS], good.reshape(each.shape), weights), float(good.mean())]
            else:
                row += [*NAN6, np.nan] * 2
            table.append(row)
        strongest = list(drawn)[-1]
        rungs, shown = self.ladder(guided(trained, self.stronger) if self.stronger else trained, train, seed)
        run.keep_exhibit(
            "asked",
            {
                "name": np.array(self.name),
                "unit": np.array(truth.given_unit.get(self.name, "1")),
                "counts": np.array([regressor.n, len(train), len(truth), self.repeats]),
                "ways": np.array(list(errors)),
                "table": np.array(table),  # error, less ATOMS; then those valid and of one piece, and those stable
                "repeats": np.stack([np.abs(stated[way] - asked).mean(1) for way in drawn]),
                "drawn": np.array(strongest),  # of which points and ladder are
                "values": asked,
                "obtained": stated[strongest],
                "sound": sound[strongest][0].reshape(stated[strongest].shape),
                "truth": stated[LEAST][0],
                "rungs": rungs,
                "shown": shown.array,
                "read": regressor(shown).reshape(LADDER, EACH),
                "whole": sound_ones(shown).reshape(LADDER, EACH),
                "elsewhere": np.array([name for name, _ in self.published]),
                "errors elsewhere": np.array([value for _, value in self.published], dtype=float),
            },
        )
        return {NEAREST: looked_up}

    def draws(self, trained: Trained, truth: Samples, seed: int) -> list[Samples]:
        """As many molecules as truth has, under its values, for each repetition."""
        found = []
        with Progress("drawing what is asked for", self.repeats) as progress:
            for k in range(self.repeats):
                found.append(trained.draw(len(truth), stream(seed, "asked property", k), truth.given))
                progress.step()
        return found

    def ladder(self, trained: Trained, train: Samples, seed: int) -> tuple[Array, Samples]:
        """Values from the 3rd to the 97th hundredth of the training set, evenly, and draws under each, rung by rung."""
        low, high = np.quantile(train.given[self.name].astype(float), [0.03, 0.97])
        rungs = np.linspace(low, high, LADDER)
        drawn = trained.draw(LADDER * EACH, stream(seed, "asked property, ladder"), {self.name: np.repeat(rungs, EACH)})
        return rungs, drawn


def guided(trained: Trained, weight: float) -> Trained:
    """The same model, following its properties with another guidance."""
    model = copy.copy(trained.model)  # it shares the weights
    if not isinstance(model, EDM) or model.conditioning is None:
        raise BadInput(
            "this model is conditioned on no property", type(model).__name__, "take models/edm.py, with conditioning"
        )
    model.conditioning = Properties(model.conditioning.names, model.conditioning.dropped, weight)
    return replace(trained, model=model)


def nearest(known: Float[np.ndarray, " m"], asked: Float[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """The place of the known value that is nearest to each asked one.

    >>> nearest(np.array([5.0, 1.0, 3.0]), np.array([1.9, 9.0, 3.1])).tolist()
    [1, 0, 2]
    """
    order = np.argsort(known, kind="stable")
    ranked = known[order]
    after = np.clip(np.searchsorted(ranked, asked), 1, len(known) - 1)
    nearer = after - (asked - ranked[after - 1] < ranked[after] - asked)
    return np.asarray(order[nearer])


def typical(train: Samples, name: str, atoms: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """The median property of training molecules of so many atoms, or of all where there are none."""
    counted, value = sizes(train.array), train.given[name].astype(float)
    of = {n: float(np.median(value[counted == n])) for n in np.unique(counted)}
    return np.array([of.get(n, float(np.median(value))) for n in atoms])


def sound_ones(x: Samples) -> Bool[np.ndarray, " n"]:
    """Which molecules are valid by RDKit and of one piece."""
    found = molecule_graphs.graphs(x.array)
    return np.asarray(found.valid & found.connected)


def stable_ones(x: Samples) -> Bool[np.ndarray, " n"]:
    """Which molecules have stable atoms alone, by distance."""
    return np.asarray(stability.by_distance(x.array).molecules)


def resamples(n: int, rng: np.random.Generator) -> Float[np.ndarray, "R n"]:
    """How often each asked value stands in each of many bootstrap sets."""
    return rng.multinomial(n, np.full(n, 1 / n), RESAMPLED).astype(float)


def estimate(error: Float[np.ndarray, " n"], weights: Float[np.ndarray, "R n"]) -> tuple[float, float, float]:
    """The mean, with the ends of its 95 % bootstrap interval."""
    low, high = np.quantile(weights @ error / weights.sum(1), [0.025, 0.975])
    return float(error.mean()), float(low), float(high)


def among(
    error: Float[np.ndarray, "K n"],
    beside: Float[np.ndarray, " n"],
    good: Bool[np.ndarray, "K n"],
    weights: Float[np.ndarray, "R n"],
) -> tuple[float, ...]:
    """The mean error of those draws that are good, and that less the error beside on the very same values.

    Each with the ends of its 95 % interval; asked values are drawn anew with all their draws.
    """
    count = good.sum(0)
    if count.sum() < 10:
        return NAN6
    found: list[float] = []
    for sums in ((error * good).sum(0), ((error - beside) * good).sum(0)):
        again = weights @ sums / np.maximum(weights @ count, 1)
        found += [float(sums.sum() / count.sum()), *map(float, np.quantile(again, [0.025, 0.975]))]
    return tuple(found)
