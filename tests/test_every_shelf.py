"""What a shelf reads of a file without running it is what the file holds once it is run."""

import dataclasses
import inspect
import sys
from typing import Any, get_type_hints

import pytest

from simulacra.core.shelf import Entry, read_entry, shelf

ROOMS = ("baselines", "forecasters", "models", "networks", "samplers", "sources", "statistics", "studies", "views")
ALL = [(room, name) for room in ROOMS for name in shelf(room).names()]
every = pytest.mark.parametrize(("room", "name"), ALL)


def loaded(room: str, name: str) -> Any:  # noqa: ANN401 - a class or a function
    return shelf(room).load(name)


def unread(entry: Entry, thing: type) -> list[str]:
    """Class variables of a thing that its file does not show as literals."""
    hidden = ("__", "_abc", "_is_", "_non_")
    plain = {
        key: value
        for key, value in vars(thing).items()
        if not key.startswith(hidden) and isinstance(value, str | tuple | int | float | bool)
    }
    fields = {field.name for field in dataclasses.fields(thing)} if dataclasses.is_dataclass(thing) else set()
    return sorted(set(plain) - set(entry.constants) - fields)


@every
def test_nothing_on_a_shelf_is_broken(room: str, name: str) -> None:
    entry = shelf(room).entry(name)
    assert entry.error is None
    assert entry.thing
    assert entry.question, f"{entry.path} does not say in its first line what it is"


@every
def test_constants_are_what_the_file_shows(room: str, name: str) -> None:
    thing, entry = loaded(room, name), shelf(room).entry(name)
    if inspect.isclass(thing):
        assert {key: getattr(thing, key, None) for key in entry.constants if hasattr(thing, key)} == {
            key: value for key, value in entry.constants.items() if hasattr(thing, key)
        }
        assert unread(entry, thing) == [], "write them as annotated literals: the shelf reads nothing else"


@every
def test_settings_are_what_the_file_shows(room: str, name: str) -> None:
    thing, entry = loaded(room, name), shelf(room).entry(name)
    parameters = inspect.signature(thing).parameters
    shown = {setting.name: setting for setting in entry.settings}
    if inspect.isclass(thing) and not shown:
        return  # a class may default to an object; only functions and dataclasses are called from the command line
    assert set(shown) == set(parameters)
    for key, parameter in parameters.items():
        assert shown[key].has_default == (parameter.default is not parameter.empty), key
        if shown[key].has_default and isinstance(parameter.default, str | int | float | bool | tuple | None):
            default = shown[key].default
            named = isinstance(default, str) and default != parameter.default  # by a constant of the file
            assert (eval(default, vars(sys.modules[thing.__module__])) if named else default) == parameter.default, key


@pytest.mark.parametrize("name", shelf("statistics").names())
def test_a_statistic_says_its_kinds_its_defect_and_its_amounts_in_literals(name: str) -> None:
    """`judge` chooses statistics by what their files say; one that it cannot read would judge nothing, in silence."""
    constants, thing = shelf("statistics").entry(name).constants, loaded("statistics", name)
    for key in ("accepts", "defect", "amounts", *(("about", "worse", "needs_train") if hasattr(thing, "of") else ())):
        assert key in constants, key
        assert constants[key] == getattr(thing, key), key
    assert constants["accepts"]
    assert get_type_hints(thing)["accepts"]


def test_what_a_shelf_cannot_read_is_found(tmp_path: Any) -> None:  # noqa: ANN401
    path = tmp_path / "mine.py"
    path.write_text(
        '"""Mine."""\nfrom typing import ClassVar\nKINDS = ("vector",)\n\n\nclass Mine:\n    """Mine."""\n\n'
        '    accepts: ClassVar[tuple[str, ...]] = KINDS\n    defect: ClassVar[str] = "none"\n    amounts = (0.1,)\n'
    )
    space: dict[str, Any] = {}
    exec(path.read_text(), space)
    assert unread(read_entry(path), space["Mine"]) == ["accepts", "amounts"]
