"""Which class an independent classifier sees in pictures: in true ones, where it can be scored, and in a model's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy import stats
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import SQUARE
from simulacra.domains.pictures.oriented_gradients import oriented_gradients
from simulacra.statistics.base import Statistic
from simulacra.statistics.pictures.color import Color
from simulacra.statistics.sky.asymmetry import Asymmetry
from simulacra.statistics.sky.concentration import Concentration
from simulacra.statistics.sky.ellipticity import Ellipticity
from simulacra.statistics.sky.gini import Gini
from simulacra.statistics.sky.half_light_radius import HalfLightRadius
from simulacra.statistics.sky.m20 import M20
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.sky.radial_profile import RadialProfile
from simulacra.statistics.sky.smoothness import Smoothness

GIVEN = "class"
FEWEST = 10  # pictures of each class to learn from
SMALLEST = 16  # pixels along a side: below it, shapes mean little
MARGIN = 0.03  # how near the agreement with the class asked must come to the score on true pictures
SHAPES: tuple[Statistic, ...] = (
    *(Concentration(), Asymmetry(), Smoothness(), Gini(), M20(), HalfLightRadius(), RadialProfile(), PowerSpectrum()),
)


@dataclass(frozen=True)
class Seen:
    """What the classifier sees in one set.

    Args:
        n: pictures.
        shares: of each class that it sees.
        p: that the shares are those that it sees in truth, by a chi-square test.
        asked: for each class that was asked for, how many of them it takes for each, (asked, seen); empty where
            none was asked for.
        agreement: share of pictures whose class it sees as asked; None where none was asked for.
        interval: of the agreement, 95 %.
        difference: agreement less the score on truth.
        difference_interval: 95 %.
        word: whether the agreement is "within" `MARGIN` of the score, or "beyond".
    """

    n: int
    shares: tuple[float, ...]
    p: float
    asked: tuple[tuple[int, ...], ...] = ()
    agreement: float | None = None
    interval: tuple[float, float] | None = None
    difference: float | None = None
    difference_interval: tuple[float, float] | None = None
    word: str = ""


@dataclass(frozen=True)
class Classifier:
    """A support vector machine on shapes, color, light profile, power spectrum and oriented gradients.

    It learns from each picture in the eight symmetries of the square, and answers by its mean over all eight.

    Args:
        machine: fitted.
        labels: what it distinguishes, in order.
        n: pictures that it learned from.

    References:
        Support-vector networks (Cortes & Vapnik, 1995), doi:10.1007/BF00994018
    """

    machine: Pipeline
    labels: tuple[str, ...]
    n: int

    @classmethod
    def of(cls, known: Samples) -> Classifier:
        """The classifier that these labeled pictures teach."""
        machine = make_pipeline(StandardScaler(), SVC(decision_function_shape="ovr"))
        asked = known.given[GIVEN].astype(str)
        rows = views_of(known)
        machine.fit(np.concatenate(rows), np.tile(asked, len(rows)))
        return cls(machine, tuple(str(label) for label in np.unique(asked)), len(known))

    def __call__(self, x: Samples) -> Array:
        """The place of each picture's class among the labels."""
        said = np.sum([self.machine.decision_function(rows) for rows in views_of(x)], axis=0)
        return np.asarray((said > 0).astype(int) if said.ndim == 1 else said.argmax(axis=1))


def can_see(parts: Mapping[str, Samples]) -> bool:
    """Whether these are pictures of named classes, with some of each to learn from and to be scored on."""
    known, truth = parts["validation"], parts["truth"]
    if known.kind != "picture" or GIVEN not in known.given or min(known.array.shape[1:3]) < SMALLEST:
        return False
    if known.array.shape[1] != known.array.shape[2] or known.array.shape[3] not in (1, 3):
        return False
    label = [part.given[GIVEN] for part in (known, truth)]
    if any(np.issubdtype(of.dtype, np.number) for of in label):
        return False
    names, counts = np.unique(label[0].astype(str), return_counts=True)
    return len(names) > 1 and counts.min() >= FEWEST and set(label[1].astype(str)) <= set(names)


def see_classes(parts: Mapping[str, Samples], sets: Mapping[str, Samples]) -> dict[str, Any]:
    """Plain values for the run's record: the classifier's score on truth, and what it sees in each set.

    Args:
        parts: "validation", from which alone it learns, and "truth", on which it is scored.
        sets: by name; where their pictures are given a class, agreement with it is told.
    """
    with Progress("seeing classes", 2 + len(sets)) as progress:
        sees = Classifier.of(parts["validation"])
        progress.step()
        truth, names = parts["truth"], list(sees.labels)
        of_truth = table(sees(truth), truth, sees.labels)
        progress.step()
        right, n = int(np.trace(of_truth)), len(truth)
        found = {}
        for name, samples in sets.items():
            found[name] = asdict(seen(sees(samples), samples, sees.labels, of_truth))
            progress.step()
    return {
        "labels": names,
        "learned_from": sees.n,
        "score": right / n,
        "interval": wilson(right, n),
        "n": n,
        "truth": of_truth.tolist(),
        "margin": MARGIN,
        "sets": found,
    }


def seen(said: Array, samples: Samples, labels: tuple[str, ...], of_truth: Array) -> Seen:
    """What was seen in one set, beside what was seen in truth, (its class, seen)."""
    counts = np.bincount(said, minlength=len(labels))
    both = np.stack([counts, of_truth.sum(axis=0)])
    both = both[:, both.sum(axis=0) > 0]
    p = float(stats.chi2_contingency(both).pvalue) if both.shape[1] > 1 else 1.0
    shares = tuple((counts / len(samples)).tolist())
    if GIVEN not in samples.given:
        return Seen(len(samples), shares, p)
    asked = table(said, samples, labels)
    right, n, true, m = int(np.trace(asked)), len(samples), int(np.trace(of_truth)), int(of_truth.sum())
    difference = right / n - true / m
    return Seen(
        n,
        shares,
        p,
        tuple(tuple(row) for row in asked.tolist()),
        right / n,
        wilson(right, n),
        difference,
        newcombe(right, n, true, m),
        "within" if abs(difference) <= MARGIN else "beyond",
    )


def table(said: Array, samples: Samples, labels: tuple[str, ...]) -> Array:
    """How many of each class were taken for each, (its class, seen)."""
    found = np.zeros((len(labels), len(labels)), dtype=int)
    place = {label: i for i, label in enumerate(labels)}
    np.add.at(found, (np.array([place[str(label)] for label in samples.given[GIVEN]]), said), 1)
    return found


def views_of(x: Samples) -> list[Float[np.ndarray, "n features"]]:
    """What the classifier looks at in each picture, in each of the square's symmetries.

    Shapes are taken once, as no turn changes them; of the ellipticity its size, which knows no direction.
    """
    bare = Samples.of(x.array, x.kind, "1")
    once = [*(statistic(bare) for statistic in SHAPES), Ellipticity()(bare)[:, :1]]
    once += [Color()(bare)] if x.array.shape[3] == 3 else []
    plane = x.array.mean(axis=3)
    shapes = np.nan_to_num(np.concatenate(once, axis=1))
    return [np.concatenate([shapes, oriented_gradients(turn(plane))], axis=1) for turn in SQUARE]


def wilson(k: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a proportion, k of n.

    References:
        Probable inference, the law of succession, and statistical inference (Wilson, 1927),
        doi:10.1080/01621459.1927.10502953

    >>> tuple(round(end, 3) for end in wilson(81, 263))
    (0.255, 0.366)
    """
    found = stats.binomtest(k, n).proportion_ci(0.95, "wilson")
    return float(found.low), float(found.high)


def newcombe(a: int, n: int, b: int, m: int) -> tuple[float, float]:
    """Newcombe's 95 % interval of the difference of two proportions, a of n less b of m.

    References:
        Interval estimation for the difference between independent proportions (Newcombe, 1998),
        doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I

    >>> tuple(round(end, 4) for end in newcombe(56, 70, 48, 80))
    (0.0524, 0.3339)
    """
    p, q = a / n, b / m
    (low_p, high_p), (low_q, high_q) = wilson(a, n), wilson(b, m)
    return (
        p - q - float(np.hypot(p - low_p, high_q - q)),
        p - q + float(np.hypot(high_p - p, q - low_q)),
    )
