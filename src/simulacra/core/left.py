"""What a reader left out, changed or noticed: counts by reason, and words; so that nothing happens in silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from simulacra.core.errors import BadInput
from simulacra.core.part import Taken

MOST = 0.5
"""The share of a file's records that may be left out; above it nothing is judged."""


@dataclass(frozen=True)
class Left:
    """What became of the records of a file.

    Args:
        out: how many records were left out, by reason.
        of: how many records the file held, those left out among them; 0 where nothing is counted.
        changed: how many were read otherwise than they stand there, by what was done ("D read as H").
        said: what was set aside or decided for all of them.
        warned: what makes the answer doubtful.
        taken: what is known of the whole, where a part of the records was read; None where all were.
    """

    out: Mapping[str, int] = field(default_factory=dict)
    of: int = 0
    changed: Mapping[str, int] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    taken: Taken | None = None

    @property
    def total(self) -> int:
        """How many records were left out, whatever the reason."""
        return sum(self.out.values())

    @property
    def share(self) -> float:
        """The share of the records that were left out, 0 to 1."""
        return self.total / self.of if self.of else 0.0

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.total or self.changed or self.said or self.warned or self.taken)

    def lines(self) -> list[str]:
        """A line each, the warnings first.

        >>> Left({"of an unknown element (R#)": 2}, 10).lines()
        ['left out 2 of 10 records: 2 of an unknown element (R#)']
        """
        found = [f"warning: {text}" for text in self.warned]
        found += [self.taken.words()] if self.taken else []
        if self.total:
            why = ", ".join(f"{n:,} {reason}" for reason, n in self.out.items())
            found.append(f"left out {self.total:,} of {self.of:,} records: {why}")
        found += [f"{n:,} records: {what}" for what, n in self.changed.items()]
        return [*found, *self.said]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "out": dict(self.out),
            "of": self.of,
            "changed": dict(self.changed),
            "said": list(self.said),
            "warned": list(self.warned),
        } | ({"taken": self.taken.to_dict()} if self.taken else {})

    @classmethod
    def from_dict(cls, part: Mapping[str, Any]) -> Left:
        """What `to_dict` gave, also after JSON; what is no such record raises TypeError or ValueError."""
        return cls(
            {str(reason): int(n) for reason, n in dict(part.get("out") or {}).items()},
            int(part.get("of") or 0),
            {str(what): int(n) for what, n in dict(part.get("changed") or {}).items()},
            tuple(map(str, part.get("said") or ())),
            tuple(map(str, part.get("warned") or ())),
            Taken.from_dict(part["taken"]) if part.get("taken") else None,
        )

    def also(self, said: Iterable[str] = (), warned: Iterable[str] = ()) -> Left:
        """The same with more words; none is told twice."""
        told, doubted = (tuple(dict.fromkeys(words)) for words in ((*self.said, *said), (*self.warned, *warned)))
        return replace(self, said=told, warned=doubted)

    def check(self, where: str) -> None:
        """An error where more than half of the records were left out: what is left stands for nothing."""
        if self.share > MOST:
            raise BadInput(
                f"more than half of the records are left out ({100 * self.share:.0f} %)",
                f"{where}: {', '.join(f'{n:,} {reason}' for reason, n in self.out.items())}",
                "mend the file, or take these records out yourself if that is meant",
            )
