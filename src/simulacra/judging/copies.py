"""Whether a model copies: whether its samples keep to what it was trained on as unseen truth does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.comparison.copied import Caught, Dealt, count_twins, find_share, prefer_trained
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.core.verdict import LEVEL, Verdict, Word
from simulacra.domains.likeness.alike import Lenient, Likeness
from simulacra.domains.likeness.nearest import Known, Nearest, typical_distance
from simulacra.judging.base import FEWEST, check_pair
from simulacra.judging.equal import equal_samples
from simulacra.kinds.base import likeness_of
from simulacra.statistics.base import Axis

NAME = "copies"
MOST = 3000  # rows a set: beyond, a random part is looked at
PLANTED = 1000  # training objects of which it is measured whether a copy of them would be seen
NAMED = 3  # pairs that the note names
CLOSE, CLEAR = 0.05, 0.2  # a twin: within a twentieth of the typical distance, and five times nearer than the next
DEFECT = "{amount:.0%} of the samples being copies of training samples"
AMOUNTS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
AXIS = Axis("distance to the nearest training object, over the median distance between true objects")


@dataclass(frozen=True)
class Copies:
    """What was seen of copies: the verdict, the tests, and each sample's row of two numbers.

    Args:
        verdict: *differs* where there are copies.
        test: the more convinced of the two.
        model: rows of the model's samples, (n, 2): the distance to the nearest training object over the median
            distance between true objects, and over the distance to the next nearest training object.
        truth: the same of unseen truth.
        axis: how the first of the two is drawn.
        twins: the count of twins against that of truth.
        preference: for what was trained on over what was held out.
        pairs: the most suspicious samples: name of the sample, of the training object, and their distance.
        caught: the reach.
    """

    verdict: Verdict
    test: Dealt
    model: Array
    truth: Array
    axis: Axis
    twins: Dealt
    preference: Dealt
    pairs: tuple[tuple[str, str, float], ...]
    caught: Caught


@dataclass(frozen=True, eq=False)
class Ground:
    """What all sets share that are held against one truth and one training set.

    Args:
        truth: true samples that the training has not seen, or a part of them.
        train: what the model was trained on.
        held: all held-out objects.
        trained: the training objects, ready to be searched.
        beside: the held-out ones.
        scale: the typical distance between true objects.
        unseen: of each true sample, its nearest training object.
        copied: share of exact copies that count as twins.
        notes: what a reader must know.
    """

    truth: Samples
    train: Samples
    held: Samples
    trained: Known
    beside: Known
    scale: float
    unseen: Nearest
    copied: float
    notes: tuple[str, ...]

    @classmethod
    def of(cls, truth: Samples, train: Samples, seed: int = 0, others: Samples | None = None) -> Ground:
        """The same for every set."""
        check_train(train, truth)
        likeness, notes = likeness_of(train), list[str]()
        rng = stream(seed, "ground of copies")
        truth = _part(truth, "truth", rng, notes)
        held = truth if others is None else Samples.join([truth, others.but(group=np.char.add("other ", others.group))])
        scale = typical_distance(likeness, truth, rng)
        trained = Known.of(likeness, train)
        some = train[np.sort(rng.permutation(len(train))[:PLANTED])]
        copied = float(is_twin(trained.nearest(some), scale, likeness).mean())
        beside = Known.of(likeness, held)
        return cls(truth, train, held, trained, beside, scale, trained.nearest(truth), copied, tuple(notes))


def check_copies(
    model: Samples,
    truth: Samples,
    train: Samples,
    seed: int = 0,
    others: Samples | None = None,
    asked: float | None = None,
    ground: Ground | None = None,
) -> Copies:
    """Whether the model's samples repeat what it was trained on; *differs* says that they do.

    Either of two things shows a copycat: more samples that have a twin in the training set than truth has (within a
    twentieth of the typical distance, and five times nearer to it than to the next), or nearest objects that were
    trained on more often than held-out objects of the same law. p is twice the smaller of both. Flips, turns and
    periodic shifts count as no difference, as the kind has it.

    Args:
        model: the samples in question.
        truth: true samples that the training has not seen.
        train: what the model was trained on, all of it: a copy of what is left out is not found.
        seed: of the relabelings.
        others: further unseen true samples (validation), to hold beside the training samples.
        asked: the share of copies that must be caught for *consistent* to be said.
        ground: of this truth, training set, seed and others, where it is known already.
    """
    check_pair(model, truth, {})
    ground = Ground.of(truth, train, seed, others) if ground is None else ground
    rng = stream(seed, "copies")
    notes: list[str] = []
    model = _part(model, "model", rng, notes)
    notes += ground.notes
    truth, held, scale = ground.truth, ground.held, ground.scale
    m, t, beside = ground.trained.nearest(model), ground.unseen, ground.beside.nearest(model)

    is_model = np.arange(len(model) + len(truth)) < len(model)
    both = [*keys_of(model, truth), *keys_of(truth, model)]
    group = groups_of_both(model, truth)
    alike = ground.trained.likeness
    twin = np.concatenate([is_twin(m, scale, alike), is_twin(t, scale, alike)])
    twins = count_twins(twin, is_model, numbered(both), group, rng)

    trained = np.arange(len(train) + len(held)) < len(train)
    hit, lead = _first_of(m, beside, len(train))
    objects = numbered([*keys_of(train, held), *keys_of(held, train)])
    preference = prefer_trained(lead, hit, trained, objects, groups_of_both(train, held), rng)

    p = min(1.0, 2 * min(twins.p, preference.p))
    test = twins if twins.p <= preference.p else preference
    n_model, n_truth = len(np.unique(model.group)), len(np.unique(truth.group))
    reach = find_share(float(is_twin(t, scale, alike).mean()), ground.copied, AMOUNTS, n_model, n_truth, rng, LEVEL / 2)
    word = _word(p, reach, asked)
    rows = {name: np.column_stack([found.distance / scale, found.lead]) for name, found in (("m", m), ("t", t))}
    pairs = _pairs(m, rows["m"], model, train)
    if word == "differs":
        notes.insert(0, _finding_words(twins, preference, pairs))
    elif twin[is_model].sum() > twins.floor + 2 * np.sqrt(twins.floor):
        named = [f"sample {a} and training object {b} ({d:.2g} of the typical distance)" for a, b, d in pairs]
        notes.insert(0, f"{int(twin[is_model].sum())} with a twin in the training set: {', '.join(named)}")
    equal = equal_samples(model, train)
    if equal.beyond and word == "consistent":
        word = "unsure"
        notes.insert(0, f"{len(equal.pairs)} of the samples are training samples to the bit")
    stated = DEFECT.format(amount=AMOUNTS[-1] if reach.amount is None else reach.amount)
    verdict = Verdict(
        judge=NAME,
        word=word,
        p=p,
        p_alone=p,
        ratio=test.ratio,
        reach=reach.amount,
        reach_words=f"would have missed even {stated}" if reach.amount is None else f"would have caught {stated}",
        asked=asked,
        n_model=n_model,
        n_truth=n_truth,
        note="; ".join(notes),
    )
    return Copies(verdict, test, rows["m"], rows["t"], AXIS, twins, preference, pairs, reach)


def check_train(train: Samples, truth: Samples) -> None:
    """A training set in which copies cannot be looked for is an error."""
    if len(train) < FEWEST:
        raise BadInput("too few training samples to look for copies of", f"{len(train)}", f"give at least {FEWEST}")
    likeness_of(truth)
    pair = [(x.kind, x.unit, x.array.shape[1:]) for x in (train, truth)]
    if pair[0] != pair[1]:
        raise BadInput(
            "train and truth are of different kinds, units or shapes",
            " and ".join(f"{kind} in {unit} {shape}" for kind, unit, shape in pair),
            "give what the model was trained on, as it was before any scaling",
        )


def _part(x: Samples, name: str, rng: np.random.Generator, notes: list[str]) -> Samples:
    if len(x) <= MOST:
        return x
    notes.append(f"judged on {MOST:,} of the {len(x):,} samples of the {name}")
    return x[np.sort(rng.choice(len(x), MOST, replace=False))]


def keys_of(x: Samples, other: Samples) -> list[tuple[str, ...]]:
    """The values of the conditions that both sets have; numbers of many values are left out."""
    by = [key for key in sorted(set(x.given) & set(other.given)) if len(np.unique(other.given[key])) <= FEWEST * 2]
    by = [key for key in by if len(np.unique(x.given[key])) <= FEWEST * 2]
    return list(zip(*(x.given[key].astype(str).tolist() for key in by), strict=True)) if by else [()] * len(x)


def numbered(keys: list[tuple[str, ...]]) -> Array:
    """The keys as numbers, in order of appearance."""
    numbers = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys])


def groups_of_both(a: Samples, b: Samples) -> Array:
    """Names of groups; one that is met in both sets is two groups."""
    return np.concatenate([np.char.add("a", a.group.astype(str)), np.char.add("b", b.group.astype(str))])


def limits(likeness: Likeness) -> tuple[float, float]:
    """How near a twin lies, in typical distances, and over the distance to the next object."""
    return (likeness.close, likeness.clear) if isinstance(likeness, Lenient) else (CLOSE, CLEAR)


def is_twin(found: Nearest, scale: float, likeness: Likeness) -> Array:
    """Whether each sample is so near to its nearest object, and so much nearer than to the next, as copies are."""
    close, clear = limits(likeness)
    return np.asarray((found.distance <= close * scale) & (found.lead <= clear))


def _first_of(trained: Nearest, held: Nearest, n_train: int) -> tuple[Array, Array]:
    """The nearest of all objects, -1 where two are as near; and its distance over that of the next."""
    hit = np.where(trained.distance < held.distance, trained.at, n_train + held.at)
    hit = np.where(trained.distance == held.distance, -1, hit)
    four = np.sort([trained.distance, trained.second, held.distance, held.second], axis=0)
    return hit, np.where(four[1] > 0, four[0] / np.where(four[1] > 0, four[1], 1.0), 1.0)


def _word(p: float, reach: Caught, asked: float | None) -> Word:
    if p <= LEVEL:
        return "differs"
    blunt = reach.amount is None or (asked is not None and reach.amount > asked * (1 + 1e-9))
    return "unsure" if blunt else "consistent"


def _pairs(found: Nearest, rows: Array, model: Samples, train: Samples) -> tuple[tuple[str, str, float], ...]:
    """The samples that stand lowest in both numbers, with their training objects; each object is named once."""
    worst = np.max([np.argsort(np.argsort(rows[:, j], kind="stable"), kind="stable") for j in range(2)], axis=0)
    named: dict[int, int] = {}
    for i in np.argsort(worst, kind="stable"):
        named.setdefault(int(found.at[i]), int(i))
        if len(named) == NAMED:
            break
    return tuple((str(model.id[i]), str(train.id[j]), float(rows[i, 0])) for j, i in named.items())


def _finding_words(twins: Dealt, preference: Dealt, pairs: tuple[tuple[str, str, float], ...]) -> str:
    """What was found, in a sentence that names the nearest pairs."""
    if 2 * twins.p <= LEVEL:
        what = f"{twins.share:.1%} of the samples have a twin in the training set, beyond what truth has"
    else:
        what = "the samples lie nearer to training objects than to held-out objects of the same law"
        what += f", as about {preference.share:.1%} copies would"
    named = [f"sample {a} and training object {b} ({d:.2g} of the typical distance)" for a, b, d in pairs]
    return f"{what}; most alike: {', '.join(named)}"
