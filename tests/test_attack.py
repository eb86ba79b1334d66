"""A seeded part of the attack finds nothing; and what it looks for, it sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from attack import attack
from attack_blows import Attack
from attack_watch import SORTS


def test_a_part_of_the_attack_finds_nothing() -> None:
    made = attack(seconds=600, blows=36, seed=7)
    assert made.blows.total() == 36 and len(made.blows) >= 4
    assert not made.details, "\n".join(made.details)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Attack:
    monkeypatch.setattr(Attack, "_begun", lambda self: (tmp_path, {}))
    return Attack(tmp_path, 0)


def test_the_attack_sees_what_it_looks_for(made: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers and verbs that do wrong are each caught."""
    import attack_blows
    import attack_watch

    data = made.folder / "data"
    data.mkdir()
    (data / "a").write_text("a")

    def falls(path: Path) -> None:
        raise ZeroDivisionError

    def sleeps(path: Path) -> None:
        while True:
            np.zeros(1)

    def reads(path: Path) -> object:
        return type("Found", (), {"x": made.keys["private.npz"].read_text()})()

    monkeypatch.setattr(attack_watch, "SECONDS", 1)
    made.read(data / "a", falls, "")
    made.read(data / "a", sleeps, "")
    made.read(data / "a", reads, "")
    made.read(data / "a", lambda path: path.write_text("b"), "")
    made.read(data / "a", lambda path: made.keys["notes.json"].write_text("b"), "")
    monkeypatch.setattr(attack_watch, "main", lambda words: print("\x1b[31m") or 0)  # noqa: T201
    made.called(["list"], "")
    monkeypatch.setattr(attack_blows, "warned", lambda said: False)
    monkeypatch.setattr(Attack, "called", lambda self, words, what: (0, ""))
    monkeypatch.setattr(attack_blows.Attack, "_changed", lambda self, folder: ["model.json"])
    for _ in range(20):
        if made.found["silent wrong answers"]:
            break
        monkeypatch.setattr(made, "_drawn", lambda out: b"")
        (made.folder / "out").mkdir(exist_ok=True)
        (made.folder / "out" / "x.npy").write_bytes(b"")
        made.on_a_run()
    seen = [sort for sort in SORTS if made.found[sort]]
    assert seen == [sort for sort in SORTS if sort != "halves left"]
