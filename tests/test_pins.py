"""Every package that is installed has its version and its hashes pinned, and floors exclude known flaws."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

packaging = pytest.importorskip("packaging.requirements")
HOME = Path(__file__).parents[1]
FLOORS = {
    "pillow": ("12.3", "CVE-2026-59199, CVE-2026-59204, CVE-2026-25990"),
    "jinja2": ("3.1.6", "CVE-2025-27516"),
    "scikit-learn": ("1.5", "CVE-2024-5206"),
    "torch": ("2.6", "CVE-2025-32434"),
    "pypdf": ("6.14.2", "CVE-2026-59935, CVE-2025-66019, CVE-2025-62707"),
    "setuptools": ("78.1.1", "CVE-2025-47273"),
}
"""The first versions without these, as the projects' own advisories state them."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9][\w.\-]*)==([^\s\\]+)", (HOME / file).read_text(), re.MULTILINE)
    return {plain(name): version for name, version in found}


def asked() -> dict[str, list[str]]:
    """The requirements of the project by extra; "" is the core, "build" the builder."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text())
    extras: dict[str, list[str]] = project["project"]["optional-dependencies"]
    return {"": project["project"]["dependencies"], "build": project["build-system"]["requires"], **extras}


def needed() -> set[str]:
    """All packages that the extras bring here, with theirs; those that are not installed bring none."""
    found: set[tuple[str, str]] = set()

    def add(text: str, extra: str) -> None:
        one = packaging.Requirement(text)
        if (one.marker is not None and not one.marker.evaluate({"extra": extra})) or plain(one.name) == "simulacra":
            return
        for part in one.extras or {""}:
            if (plain(one.name), part) not in found:
                found.add((plain(one.name), part))
                try:
                    for more in metadata.requires(one.name) or ():
                        add(more, part)
                except metadata.PackageNotFoundError:
                    found.discard((plain(one.name), part))

    for texts in asked().values():
        for text in texts:
            add(text, "")
    return {name for name, _ in found}


def test_every_package_that_is_needed_is_pinned() -> None:
    assert sorted(needed() - set(pins("constraints.txt"))) == []


def test_every_pin_has_hashes() -> None:
    versions = {name: version for name, version in pins("constraints.txt").items() if name != "torch"}
    assert pins("constraints-hashed.txt") == versions
    parts = re.split(r"^(?=[A-Za-z0-9][\w.\-]*==)", (HOME / "constraints-hashed.txt").read_text(), flags=re.MULTILINE)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", part) for part in parts[1:])


def test_floors_exclude_known_flaws() -> None:
    from packaging.version import Version

    stated: dict[str, Version] = {}
    for text in (text for texts in asked().values() for text in texts):
        one = packaging.Requirement(text)
        for part in one.specifier:
            if part.operator == ">=":
                least = Version(part.version)
                stated[plain(one.name)] = min(least, stated.get(plain(one.name), least))
    low = [f"{name} {stated[name]}: {why}" for name, (floor, why) in FLOORS.items() if stated[name] < Version(floor)]
    assert not low
    held = pins("constraints.txt")
    assert not [name for name, least in stated.items() if name in held and Version(held[name]) < least]
