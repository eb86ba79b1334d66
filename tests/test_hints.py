"""The fixes that errors name are followed: the follower, on errors whose fixes are known to lead somewhere or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

import hints
from hint_doors import Door, of_traceback
from hint_places import HOLLOW
from simulacra.core.errors import BadInput


def room(size: int = 4, shape: str = "square", path: Path = Path("a.txt"), lies: bool = False) -> str:
    """A call with faults."""
    if size % 16:
        raise BadInput("a size is a multiple of 16", f"size={size}", f"take size={size if lies else 16}")
    if shape not in ("round", "flat"):
        raise BadInput("no such shape", shape, "known: round, flat")
    if path.suffix != ".npz":
        raise BadInput("not written so", str(path), "end the name in .npz or .npy")
    return "there"


@dataclass
class Chair:
    """An object with a setting."""

    legs: int = 0

    def sit(self) -> None:
        """Needs legs."""
        if self.legs < 3:
            raise BadInput("too few legs", f"legs={self.legs}", "take legs=3 or more")


def caught(door: Door) -> BadInput:
    with pytest.raises(BadInput) as found:
        door.again()
    return found.value


@pytest.mark.parametrize(
    ("given", "how"),
    [
        ({}, "further"),
        ({"lies": True}, "nowhere"),
        ({"size": 16}, "further"),
        ({"size": 16, "shape": "flat"}, "success"),
    ],
)
def test_a_fix_is_followed_to_the_end_to_the_next_error_or_found_to_lead_nowhere(
    given: dict[str, object], how: str
) -> None:
    door = Door(room, {"size": 4, "shape": "square", "path": Path("a.txt"), "lies": False, **given})
    assert hints.follow(caught(door), door)[0] == how


def test_a_setting_of_the_object_is_changed() -> None:
    door = Door(Chair().sit)
    assert hints.follow(caught(door), door)[0] == "success"


def test_a_fix_that_asks_for_something_else_is_counted_as_such() -> None:
    def broken() -> None:
        raise BadInput("this file is broken", "a.txt", "name another file")

    door = Door(broken)
    assert hints.follow(caught(door), door)[0] == "asks for another input"


def test_an_extra_that_is_not_there_leads_nowhere() -> None:
    for name, how in (("chemistry", "success"), ("chemystery", "nowhere")):
        error = BadInput("missing", "", f"pip install 'simulacra[{name}]'")
        assert hints.follow(error, None)[0] == how


def test_a_command_line_is_followed_in_a_copy_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from simulacra import cli

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hints, "following", [True])
    before = len(hints.found)
    hints._done.clear()
    assert cli.main(["lst", "studies"]) == 2
    assert "did you mean 'list'?" in capsys.readouterr().err
    assert [line["how"] for line in hints.found[before:]] == ["success"]
    assert list(tmp_path.iterdir()) == []


def test_a_call_from_a_test_is_found_in_the_traceback() -> None:
    from simulacra.core.seeds import check_seed

    with pytest.raises(BadInput) as found:
        check_seed(-1)
    door = of_traceback(found.value.__traceback__)
    assert door is not None and door.given == {"seed": -1, "option": "--seed"}


def test_every_fix_in_the_package_is_words_for_a_person() -> None:
    """A place without a fix would be passed over by all the above."""
    every = hints.sites()
    assert len(every) > 800
    assert {site: fix for site, (_, fix) in every.items() if not fix.strip()} == {}
    assert HOLLOW.search("--as NAME=number") and not HOLLOW.search("--as age=number")
