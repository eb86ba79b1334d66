"""The defect that the user cares about, in the judge's own terms: `--reach "mean 10 %"`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from simulacra.core.errors import BadInput
from simulacra.judging.base import Judge

FORM = re.compile(r"^(?P<words>.*?)\s*(?P<number>\d*[.,]?\d+)\s*(?P<percent>%?)$", re.DOTALL)


def with_reach(judges: Mapping[str, Judge], asked: Sequence[str]) -> dict[str, Judge]:
    """The judges, each with the size of its defect that must be caught for *consistent* to be said.

    Args:
        judges: by name.
        asked: each a number, in percent or not, after words of a judge's name or of its defect; without words it is
            of all judges.
    """
    found = dict(judges)
    for text in asked:
        parts = FORM.match(text.strip())
        if parts is None:
            raise BadInput("a reach ends in a number", repr(text), 'for example --reach "mean 10 %"')
        amount = float(parts["number"].replace(",", ".")) / (100 if parts["percent"] else 1)
        meant = [name for name, judge in judges.items() if _fits(_words(parts), name, judge)]
        if not meant or amount <= 0:
            raise BadInput(
                "a reach is more than nothing" if meant else "no judge has such a defect",
                repr(text),
                f'in the words of the judges, for example: --reach "{example(judges)}"; they are '
                + "; ".join(f"{name}: {plain(judge)}" for name, judge in judges.items()),
            )
        for name in meant:
            found[name] = replace(found[name], reach=amount)
    return found


def unknown_reaches(judges: Mapping[str, Judge], asked: Sequence[str]) -> list[str]:
    """Those of the defects asked for, each with its size, whose words fit no judge's.

    >>> from simulacra.statistics.tables.values import Values
    >>> unknown_reaches({"values": Judge(Values())}, ["mean 10 %", "dust lanes 10 %"])
    ['dust lanes 10 %']
    """
    found = []
    for text in asked:
        parts = FORM.match(text.strip())
        if parts and float(parts["number"].replace(",", ".")) > 0:
            found += [] if any(_fits(_words(parts), name, judge) for name, judge in judges.items()) else [text]
    return found


def example(judges: Mapping[str, Judge]) -> str:
    """A reach that the first judge understands."""
    name, judge = next(iter(judges.items()))
    return f"{name} 10 %" if "%}" in judge.statistic.defect else f"{name} {judge.statistic.amounts[-1]:g}"


def _words(parts: re.Match[str]) -> list[str]:
    return re.findall(r"[\w²³|]+", parts["words"].lower())


def _fits(words: Sequence[str], name: str, judge: Judge) -> bool:
    text = f"{name} {judge.statistic.defect}".lower()
    return all(re.search(rf"\b{re.escape(word)}", text) for word in words)


def plain(judge: Judge) -> str:
    """A judge's defect, of any size."""
    return re.sub(r"\{amount:\.\d%\}", "N %", re.sub(r"\{amount[^%}]*\}", "N", judge.statistic.defect))
