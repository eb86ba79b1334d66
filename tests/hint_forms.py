"""What a fix line asks for, as changes of the call that failed: settings, options, endings, names, numbers."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hint_doors import Door
from hint_places import HOLLOW, as_word, like, listed, literal, named, places, put, set_word, split, suspects, typed
from simulacra.core.errors import SimulacraError
from simulacra.core.samples import Samples
from simulacra.core.shelf import shelf

NUMBER = r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?"
FILLED = ("NAME", "COLUMN", "SHEET")  # placeholders for what the error itself lists


def mends(error: SimulacraError, door: Door) -> Iterator[Door]:
    """The calls that the fix asks for, each one way to follow it; none where it asks for another input altogether."""
    for way in (_commands, _files, _settings, _options, _kinds, _choices, _endings, _numbers, _left_out):
        yield from way(error, door)


def _commands(error: SimulacraError, door: Door) -> Iterator[Door]:
    """A command of ours that the fix names in full."""
    from simulacra.cli import main

    for said in re.findall(r"simulacra ((?:[a-z][\w-]*)(?: (?:--?[\w-]+|[\w./~-]+))*)", error.fix):
        words = split(said)
        if words and words[0] in shelf("verbs").names() and not any(HOLLOW.search(w) for w in words):
            words = words[: next((i for i, w in enumerate(words) if w in ("shows", "makes", "allows", "has")), None)]
            if words[0] not in ("studio",):
                yield Door(main, words=tuple(words))


def _files(error: SimulacraError, door: Door) -> Iterator[Door]:
    """Another file that is named, with its key."""
    said = re.search(r"([\w./-]+\.\w+) --key ([\w./-]+)", error.fix)
    if not said:
        return
    if door.words is not None:
        words = tuple(str(Path(w).parent / said[1]) if w and w in error.given else w for w in door.words)
        yield set_word(dataclasses.replace(door, words=words), "key", said[2])
        return
    made, names = door, {p: v for p, v in places(door).items() if isinstance(v, Path)}
    wrong = [v for v in names.values() if str(v) in error.given]
    for place, value in names.items():  # its sibling on the other side is a link as well
        if any((value.parent, value.suffix) == (one.parent, one.suffix) for one in wrong):
            made = put(made, place, value.parent / said[1])
    key = named("key", door)
    if wrong:
        yield put(made, key, said[2]) if key else made


def _settings(error: SimulacraError, door: Door) -> Iterator[Door]:
    """`name=value`, all of one clause together."""
    for clause in re.split(r"; or |, or |; | else ", error.fix):
        made, some = door, False
        for match in re.finditer(r"(?<![\w-])([a-z_]\w*)=", clause):
            value, clear = literal(clause[match.end() :], door)
            if not clear and clause[match.end() :].startswith("…") and "one of" in error.fix and listed(error):
                value, clear = listed(error)[0], True
            if not clear:
                continue
            if door.words is not None:
                made, some = set_word(made, match[1].replace("_", "-"), as_word(value)), True
                continue
            for place in sorted(places(door), key=len):
                if place[-1] == match[1]:
                    made, some = put(made, place, like(places(door)[place], value)), True
                    break
        if some:
            yield made


def _options(error: SimulacraError, door: Door) -> Iterator[Door]:
    """`--option value`, each clause one way."""
    for clause in re.split(r"; or |, or |; | or (?=--)", error.fix):
        made, some = door, False
        if "simulacra " in clause or " is read" in clause or " are read" in clause:
            continue
        words = split(clause.replace("'", "'") if clause.count('"') % 2 == 0 else clause.replace('"', ""))
        for at, word in enumerate(words):
            option = re.match(r"--?([a-z][\w-]*)(?:=(.+))?$", word.rstrip(",:;."))
            if not option or option[1] == "help":
                continue
            value = option[2] or (words[at + 1].rstrip(",;:") if at + 1 < len(words) else "")
            for filled in _filled(value, error):
                if door.words is not None:
                    made, some = set_word(made, option[1], filled), True
                    break
                place = named(option[1], door)
                if place:
                    made, some = put(made, place, typed(places(door)[place], filled)), True
                    break
        if some and made is not door:
            yield made


def _filled(value: str, error: SimulacraError) -> list[str]:
    """A value, its placeholder filled with a name that the error gives."""
    if not value or re.match(r"-+[a-z]", value) or value in ("out", "leaves", "too", "if", "allows", "compares"):
        return []
    hollow = HOLLOW.search(value)
    if not hollow:
        return [value]
    names = re.findall(r"'([^']+)'", error.wrong + " " + error.given) or listed(error)
    return [value.replace(hollow[0], names[0])] if names and hollow[0] in FILLED else []


def _kinds(error: SimulacraError, door: Door) -> Iterator[Door]:
    """Samples of the kind that is asked for: the example of that kind."""
    said = re.search(r"samples of kind '?([a-z_ ]+?)'?(?:$|[,;.(])", error.fix)
    if not said:
        return
    kind = said[1].strip()
    others = [p for p, v in places(door).items() if isinstance(v, Samples) and len(p) == 1 and v.kind != kind]
    whole = door
    for place in others:
        example = shelf("kinds").load(kind)().example(20, np.random.default_rng(0))
        whole = put(whole, place, example)
        yield put(door, place, example)
    if len(others) > 1:
        yield whole


def _choices(error: SimulacraError, door: Door) -> Iterator[Door]:
    """The first of a list, or what was meant."""
    meant = re.search(r"did you mean '?(--)?([\w./-]+)'?\?", error.fix)
    among = re.search(r"(?:known: |judges: |series: |members: |^one of |the \w+ are: |there are: )([^;]+)", error.fix)
    names = [meant[2]] if meant else re.split(r", ", among[1])[:1] if among else []
    if not names and "one of them" in error.fix:
        names = listed(error)[:1]
    name = names[0].strip(" '\"") if names else ""
    if not name or HOLLOW.search(name):
        return
    if door.words is not None:
        bad = [
            w
            for w in door.words
            if re.fullmatch(r"--?[\w-]+|[^-].*", w) and w.partition("=")[0] in error.given + error.wrong
        ]
        for word in bad[::-1]:
            new = f"--{name}" if meant and meant[1] else name
            yield dataclasses.replace(door, words=tuple(new if w == word else w for w in door.words))
        return
    said = f"{error.wrong} {error.given}"
    for place in suspects(error, door)[:3]:
        value = places(door)[place]
        if isinstance(value, str) and value and value in said:
            yield put(door, place, name)
        elif isinstance(value, tuple) and any(str(v) in said for v in value):
            yield put(door, place, tuple(name if str(v) in said else v for v in value))


def _endings(error: SimulacraError, door: Door) -> Iterator[Door]:
    """A path whose name ends as is asked."""
    said = re.search(r"end (?:the|its) name in (?:one of )?(\.\w+)", error.fix)
    if not said:
        return
    if door.words is not None:
        for word in door.words:
            if word in error.given and Path(word).name:
                new = str(Path(word).with_suffix(said[1]))
                yield dataclasses.replace(door, words=tuple(new if w == word else w for w in door.words))
        return
    for place, value in places(door).items():
        if isinstance(value, str | Path) and "." in str(value) and str(value) in error.given:
            yield put(door, place, type(value)(Path(value).with_suffix(said[1])))


def _numbers(error: SimulacraError, door: Door) -> Iterator[Door]:
    """A number in the place of the one that was given."""
    if door.words is not None or "=" in error.fix or "--" in error.fix:
        return
    said = re.search(
        rf"\b(?:give|take|set|for example)\s+(?:-n |n ≥ |at least )?({NUMBER}|ten\b)"
        r"(?! (?:on|mm|series|stops|of))",
        error.fix,
    )
    if not said:
        return
    number = 10 if said[1] == "ten" else float(said[1].replace(",", ""))
    for place in suspects(error, door)[:2]:
        value = places(door)[place]
        if isinstance(value, int | float | np.integer | np.floating) and str(value) in error.given:
            yield put(door, place, type(value)(number))


def _left_out(error: SimulacraError, door: Door) -> Iterator[Door]:
    """Without what is to be left out."""
    said = re.search(r"leave (?:--)?([\w-]+) out|leave it out", error.fix)
    if not said:
        return
    if door.words is not None:
        options = (
            [said[1]] if said[1] and said[1] != "it" else [w.lstrip("-") for w in door.words if w.startswith("--")]
        )
        for option in options:
            if f"--{option}" in door.words:
                yield set_word(door, option, None)
        return
    for place in suspects(error, door)[:1]:
        if len(place) == 1:
            yield dataclasses.replace(door, given={k: v for k, v in door.given.items() if k != place[0]})


def pip_extra(fix: str) -> str:
    """The extra that a fix would install."""
    said = re.search(r"pip install '?simulacra\[(\w+)\]", fix)
    return said[1] if said else ""
