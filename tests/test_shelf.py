"""A shelf is read without importing, and a broken file on it hides no other."""

import sys
from pathlib import Path
from typing import Any

import pytest

from simulacra.core.errors import BadInput, BadShelf
from simulacra.core.setting import Setting
from simulacra.core.shelf import Shelf, check_settings, import_file, read_entry, shelf

ROOMS = ("studies", "models", "sources", "statistics", "baselines", "forecasters", "networks", "views", "verbs")
GOOD = '''"""What is asked?"""

from nowhere import nothing

raise RuntimeError("a shelf is never imported to be read")


def study(
    first: int,
    /,
    size: int = 32,
    slope: float = -2.0,
    way: Literal['one', "two words"] = "one",
    images: Path | None = None,
    *,
    deep: bool = True,
) -> Study:
    """Its title.

    More on it.

    Args:
        first: comes first.
        size: pixels along a side,
            and a second line.
        slope: of the power.

    Returns:
        size: is no argument here.
    """
'''
BROKEN = {
    "half": "def study(size: int = 3",
    "none": '"""Is it empty?"""\n',
    "computed": "def study(size: int = 3 + len([])) -> None: ...",
    "unhashable": "def study(size: dict = {[]: 1}) -> None: ...",
    "class_only": "class Study: ...",
    "deep": "x = " + "-" * 100_000 + "1",
}


@pytest.fixture
def mixed(tmp_path: Path) -> Shelf:
    (tmp_path / "good.py").write_text(GOOD)
    for name, text in BROKEN.items():
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "bytes.py").write_bytes(b"\xff\x00 rubbish")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "lost.py").symlink_to(tmp_path / "nowhere")
    (tmp_path / "_private.py").write_text("")
    (tmp_path / "base.py").write_text("")
    return Shelf(tmp_path, "", "study")


def test_broken_files_are_named_and_the_others_still_list(mixed: Shelf) -> None:
    entries = {entry.name: entry for entry in mixed.entries()}
    assert set(entries) == {*BROKEN, "good", "bytes", "folder", "lost"}
    assert entries.pop("good").error is None
    for name, entry in entries.items():
        assert entry.error is not None
        assert f"{name}.py" in entry.error
        with pytest.raises(BadShelf, match=rf"^{name}\.py in .* is broken"):
            mixed.entry(name)
    assert "'size' is not a literal (3 + len([]))" in str(entries["computed"].error)
    assert "holds no function 'study'" in str(entries["none"].error)


def test_settings_are_read_as_they_are_written(mixed: Shelf) -> None:
    entry = mixed.entry("good")
    assert (entry.question, entry.title, entry.thing) == ("What is asked?", "Its title.", "study")
    assert entry.settings == (
        Setting("first", "int", None, False, "comes first."),
        Setting("size", "int", 32, True, "pixels along a side, and a second line."),
        Setting("slope", "float", -2.0, True, "of the power."),
        Setting("way", 'Literal["one", "two words"]', "one", True, ""),
        Setting("images", "Path | None", None, True, ""),
        Setting("deep", "bool", True, True, ""),
    )
    assert entry.settings[3].choices == ("one", "two words")
    assert entry.settings[1].choices == ()


def test_a_class_tells_its_fields_and_constants(tmp_path: Path) -> None:
    text = '''
class LightCurve:
    """A title."""
    accepts: ClassVar[tuple[str, ...]] = ("series",)
    rng: ClassVar[object] = default()
    size: int
    bins: tuple[int, ...] = (1, 2)
    rule: Rule = Rule()
'''
    (tmp_path / "light_curve.py").write_text(text)
    entry = read_entry(tmp_path / "light_curve.py")
    assert entry.thing == "LightCurve"
    assert dict(entry.constants)["accepts"] == ("series",)
    assert "rng" not in entry.constants
    assert [(s.name, s.default, s.has_default) for s in entry.settings] == [
        ("size", None, False),
        ("bins", (1, 2), True),
        ("rule", "Rule()", True),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "12", 12),
        ("int", "-3", -3),
        ("int", "1e4", 10_000),
        ("int", "10_000", 10_000),
        ("int", "9007199254740993", 2**53 + 1),
        ("float", "-2.5", -2.5),
        ("float", "1e-3", 1e-3),
        ("bool", "true", True),
        ("bool", "No", False),
        ("str", "12", "12"),
        ("Path", "a/b.tar", Path("a/b.tar")),
        ("Path | None", "a", Path("a")),
        ("Path | None", "none", None),
        ("None | int", "3", 3),
        ("int | None", "None", None),
        ('Literal["dense", "two words"]', "two words", "two words"),
        ('Literal["dense"] | None', "none", None),
        ("Literal[1, 2]", "2", 2),
    ],
)
def test_a_value_is_read_as_its_type(kind: str, text: str, value: object) -> None:
    read = Setting("a", kind).read(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("kind", "text", "wrong"),
    [
        ("int", "1.5", "takes a whole number"),
        ("int", "inf", "takes a whole number"),
        ("int", "nan", "takes a whole number"),
        ("int", "_", "takes a whole number"),
        ("int", "big", "takes a whole number"),
        ("int | None", "some", "takes a whole number"),
        ("float", "much", "takes a number"),
        ("bool", "perhaps", "takes true or false"),
        ('Literal["dense", "deep"]', "shallow", "has no choice 'shallow'"),
        ("Literal[1, 2]", "3", "has no choice '3'"),
        ("list[int]", "3", "takes list"),
    ],
)
def test_a_value_of_another_type_is_told_with_an_example(kind: str, text: str, wrong: str) -> None:
    setting = Setting("my_size", kind, {"int": 8, "float": 0.1, "bool": True}.get(kind))
    with pytest.raises(BadInput, match=f"^--my-size {wrong}") as caught:
        setting.read(text)
    assert text in caught.value.given
    assert caught.value.fix.startswith(("for example --my-size", "one of "))
    assert "None" not in caught.value.fix


def test_unknown_and_missing_settings_are_told(mixed: Shelf) -> None:
    entry = mixed.entry("good")
    assert check_settings(entry, {"first": 1, "size": 8})["slope"] == -2.0
    with pytest.raises(BadInput, match="good has no setting 'sloep'") as caught:
        check_settings(entry, {"first": 1, "sloep": 3})
    assert "did you mean 'slope'?" in caught.value.fix
    with pytest.raises(BadInput, match="good needs first"):
        check_settings(entry, {})


def test_a_name_that_no_file_has_is_told_with_the_nearest(mixed: Shelf) -> None:
    with pytest.raises(BadShelf, match="there is no 'goood'") as caught:
        mixed.entry("goood")
    assert "did you mean 'good'?" in caught.value.fix
    for odd in ("../good", "base", "_private", "", "good.py"):
        with pytest.raises(BadShelf):
            mixed.entry(odd)


@pytest.mark.parametrize("room", ROOMS)
def test_no_shelf_of_ours_has_a_broken_file(room: str) -> None:
    entries = shelf(room).entries()
    assert entries
    assert [entry.error for entry in entries if entry.error] == []
    assert [entry.name for entry in entries if not entry.question.endswith((".", "?"))] == []


def test_a_hyphen_is_as_good_as_an_underscore() -> None:
    assert shelf("studies").entry("sky-by-vae") == shelf("studies").entry("sky_by_vae")


def test_a_file_of_ones_own_may_hold_dataclasses(tmp_path: Path) -> None:
    text = """
from __future__ import annotations
from dataclasses import dataclass
from typing import ClassVar

@dataclass(frozen=True)
class Source:
    name: ClassVar[str] = "mine"
    size: int = 3

def study() -> Source:
    return Source()
"""
    path = tmp_path / "random.py"  # a name that the standard library has too
    path.write_text(text)
    thing: Any = Shelf(tmp_path, "", "study").load("random")()
    assert thing.size == 3
    assert "random" not in type(thing).__module__.split(".")
    assert hasattr(sys.modules["random"], "gauss") if "random" in sys.modules else True


def test_what_is_no_python_file_is_not_imported(tmp_path: Path) -> None:
    with pytest.raises(BadShelf, match="cannot be imported"):
        import_file(tmp_path / "notes.txt", "")
