"""What a kind of sample is: its shape, when two objects are the same, its controls, its files and its example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import shelf
from simulacra.domains.likeness.alike import Likeness


class Kind:
    """A kind of sample; a file of this shelf says what its kind has, and all else is as it stands here: not offered.

    `noun` names its objects and `shape` their array, both for a reader. `extra` is the optional extra that reading it
    needs. `blur` and `shift` say two controls in words (empty: the kind has none). `chained` samples of it are kept
    on the way from noise, in `frames` frames. Its tiles stand in a grid of `grid` (how many, columns); a sheet of
    `many` small ones lets draws that are alike strike the eye. `discrete` objects hold a few values alone: real numbers
    must be brought to these. `periodic` says that space closes on itself, `spelled` that one object can be written in
    several ways, which its likeness brings to one. Of a condition in `landmarks` a reader looks for that value first.
    `written` names the files that it is written to by ending, `read_by` the source that reads each ending, `asked_by`
    that which reads it where this kind is asked for. A picture of it is the file of the same name in `pictures/`.
    """

    noun: ClassVar[str] = "samples"
    shape: ClassVar[str] = "(n, …)"
    extra: ClassVar[str] = ""
    blur: ClassVar[str] = ""
    shift: ClassVar[str] = ""
    chained: ClassVar[int] = 0
    frames: ClassVar[int] = 10
    grid: ClassVar[tuple[int, int] | None] = None
    many: ClassVar[bool] = False
    discrete: ClassVar[bool] = False
    periodic: ClassVar[bool] = False
    spelled: ClassVar[bool] = False
    landmarks: ClassVar[Mapping[str, float]] = {}
    written: ClassVar[Mapping[str, str]] = {}
    read_by: ClassVar[Mapping[str, str]] = {}
    asked_by: ClassVar[Mapping[str, str]] = {}

    def fits(self, x: Array) -> bool:
        """Whether an array can hold samples of this kind."""
        return x.ndim >= 1

    def evident(self, x: Array) -> bool:
        """Whether an array of which nothing else is known is most likely of this kind."""
        return False

    def shaped(self, x: Array, where: str) -> Array:
        """An array as the kind wants it (an axis added, bytes divided by 255); an error where it cannot be."""
        if not self.fits(x):
            raise BadInput(
                f"{self.noun} have the shape {self.shape}",
                f"{where}, shape {x.shape}",
                "reshape them, or state another kind",
            )
        return x

    def likeness(self, x: Samples) -> Likeness | None:
        """The distance that is blind to what the field calls irrelevant; None where it is not known."""
        return None

    def blurred(self, x: Samples, rng: np.random.Generator) -> Array:
        """The control that `blur` says."""
        raise NotImplementedError

    def shifted(self, x: Samples, rng: np.random.Generator) -> Array:
        """The control that `shift` says."""
        raise NotImplementedError

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """n objects that belong to no law of this kind: by default noise of three times the spread."""
        v = x.array
        return np.asarray(v.mean(axis=0) + 3 * v.std(axis=0) * rng.standard_normal((n, *v.shape[1:])))

    def legal(self, x: Array) -> Array:
        """The nearest values that the kind allows."""
        return x

    def plane(self, x: Array) -> Array:
        """One number a place of space, (n, rows, columns), where an object is spread over a plane."""
        return x

    def chain_of(self, x: Samples) -> int:
        """How many samples are kept on the way from noise."""
        return self.chained

    def alike(self, sets: Sequence[Samples]) -> list[Samples]:
        """Sets padded to one size, where objects differ in it."""
        return list(sets)

    def write(self, x: Samples, path: Path) -> None:
        """To a file of one of the endings in `written`."""
        raise NotImplementedError

    def tally(self, sets: Mapping[str, Samples], train: Samples | None) -> dict[str, Any]:
        """Numbers by which the field publishes its models, for run.json: of each set by name."""
        return {}

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """n lifelike objects, made in a moment: the world in which the kind's statistics and models are tested."""
        raise NotImplementedError


@cache
def kinds() -> dict[str, Kind]:
    """All kinds of the shelf by name."""
    return {name: shelf("kinds").load(name)() for name in shelf("kinds").names()}


def kind_of(x: Samples | str) -> Kind:
    """What a kind offers; a user's own kind, which the shelf does not know, offers nothing."""
    return kinds().get(x if isinstance(x, str) else x.kind, Kind())


def likeness_of(x: Samples) -> Likeness:
    """How objects of this kind are compared; an error where it is not known."""
    found = kind_of(x).likeness(x) if kind_of(x).fits(x.array) else None
    if found is None:
        known = [name for name in kinds() if comparable(name)]
        raise BadInput(
            "it is not known when two objects of this kind are one and the same", repr(x), f"known: {', '.join(known)}"
        )
    return found


def comparable(kind: str) -> bool:
    """Whether it is known of a kind when two of its objects are one and the same."""
    return type(kind_of(kind)).likeness is not Kind.likeness


def has_likeness(x: Samples) -> bool:
    """Whether objects of this kind can be compared."""
    return comparable(x.kind) and kind_of(x).fits(x.array)


def written() -> dict[str, str]:
    """All endings of files that some kind is written to, with what they hold."""
    return {ending: words for kind in kinds().values() for ending, words in kind.written.items()}
