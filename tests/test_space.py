"""Molecules on a page: what the script is given, that nothing is loaded, and that no string of a run becomes markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulacra.core.samples import Samples
from simulacra.domains.molecules.atoms import Array, molecules, seated
from simulacra.pictures.molecule import SIDE, framed
from simulacra.pictures.mosaic import arrange
from simulacra.reports import space
from simulacra.reports.page import page
from simulacra.reports.sections.molecules import hill
from simulacra.runs import Run

EVIL = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\"'&amp;\u2028{{ 7*7 }}"
METHANE = np.array([[0, 0, 0], [0.63, 0.63, 0.63], [-0.63, -0.63, 0.63], [0.63, -0.63, -0.63], [-0.63, 0.63, -0.63]])
CARBON_DIOXIDE = np.array([[0, 0, 0], [1.17, 0, 0], [-1.17, 0, 0]])  # C=O a little longer than a triple bond's limit


def some(n: int = 3) -> Array:
    """Methane, methyl (a hydrogen is missing) and carbon dioxide, over and over."""
    parts = [([6, 1, 1, 1, 1], METHANE), ([6, 1, 1, 1], METHANE[:4]), ([6, 8, 8], CARBON_DIOXIDE)]
    chosen = [parts[i % 3] for i in range(n)]
    elements = np.concatenate([z for z, _ in chosen])
    return seated(elements, np.concatenate([x for _, x in chosen]), np.array([len(z) for z, _ in chosen]))


def run_of(folder: Path, name: str = "model", identity: str = "", given: str = "") -> Run:
    run = Run.create(folder, "molecules", {}, 1)
    ids = [f"{identity}{i}" for i in range(14)]
    truth = molecules(some(14), id=ids).but(given={given: np.full(14, given)} if given else {})
    run.keep_samples({"truth": truth, name: truth})
    return run


class Scripts(HTMLParser):
    """The scripts of a page as a browser sees them, all other tags, and what would be loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.policy = ""
        self.inside = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append((found, ""))
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(found["content"])
        self.loads += [str(found[key]) for key in ("src", "srcset", "data", "action") if key in found]
        assert not [key for key in found if key.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self.inside:
            attrs, text = self.scripts[-1]
            self.scripts[-1] = (attrs, text + data)


def stated(found: Scripts) -> dict[str, Any]:
    held = [text for attrs, text in found.scripts if attrs.get("type") == "application/json"]
    assert len(held) == 1
    return dict(json.loads(held[0]))


def test_the_bundled_library_is_the_one_that_is_named() -> None:
    folder = space.LIBRARY.parent
    assert hashlib.sha256(space.LIBRARY.read_bytes()).hexdigest() == space.LIBRARY_SHA256
    about = (folder / "README.md").read_text(encoding="utf-8")
    assert space.VERSION in about and space.LIBRARY_SHA256 in about
    license_ = (folder / "3Dmol-LICENSE.txt").read_text(encoding="utf-8")
    assert "BSD-3-Clause" in license_ and license_ in space.programs()[0]
    for text in space.programs():  # nothing in it ends the element that holds it, or is read as a comment
        assert "</script" not in text.lower() and "<!--" not in text and "\r" not in text


def test_a_page_of_molecules_runs_its_own_scripts_and_loads_nothing(tmp_path: Path) -> None:
    found = Scripts(page(run_of(tmp_path)))
    run = [text for attrs, text in found.scripts if "type" not in attrs]
    hashes = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run}
    assert len(run) == 2  # the library once, and ours
    assert set(re.findall(r"'sha256-([^']+)'", found.policy)) == hashes
    assert found.policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in found.policy and "connect-src" not in found.policy and "http" not in found.policy
    assert all(load.startswith("data:") for load in found.loads)


def test_a_page_without_molecules_has_no_script(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "fields", {}, 1)
    x = np.random.default_rng(0).standard_normal((20, 6, 6))
    run.keep_samples({name: Samples.of(x, "field") for name in ("truth", "model")})
    found = Scripts(page(run))
    assert not found.scripts and "script-src" not in found.policy and found.policy == space.CLOSED


def test_no_string_of_a_stranger_becomes_markup(tmp_path: Path) -> None:
    run = run_of(tmp_path, EVIL, EVIL, EVIL)
    run.update(
        title=EVIL, baselines={EVIL: EVIL}, molecules={"sets": {EVIL: {"n": 3, "atoms": 1, "error": 0, "stable": 1}}}
    )
    found = Scripts(page(run))
    assert len(found.scripts) == 3
    titles = [one["t"] for one in stated(found)["molecules"]]
    assert f"{EVIL}: {EVIL}0" in titles  # it came through whole, as text
    assert [EVIL, EVIL] in stated(found)["molecules"][0]["f"]


@pytest.mark.parametrize("value", [500.0, float("nan"), -1.0])
def test_what_is_no_molecule_is_left_out_of_a_page(tmp_path: Path, value: float) -> None:
    run = Run.create(tmp_path, "odd", {}, 1)
    x = some(6)
    x[0, 0, 0] = value
    run.keep_samples({"truth": Samples.of(x, "molecule", "Å"), "model": Samples.of(some(6), "molecule", "Å")})
    run.keep_exhibit("chain", {"frames": x[None].repeat(3, 0), "kind": np.array("molecule")})
    found = Scripts(page(run))
    assert "NaN" not in str(stated(found)) and len(stated(found)["molecules"]) == 6 and not stated(found)["films"]


def test_the_script_is_given_bonds_and_stability_by_distance() -> None:
    kept = space.Space()
    assert kept.add(some()) == [0, 1, 2]
    methane, methyl, dioxide = kept.molecules
    pairs = {tuple(methane["b"][i : i + 3]) for i in range(0, len(methane["b"]), 3)}
    assert pairs == {(0, 1, 1), (0, 2, 1), (0, 3, 1), (0, 4, 1)}
    assert methane["u"] == [] and methyl["u"] == [0]
    assert dioxide["b"][2::3] == [2, 2] and dioxide["u"] == []
    assert kept.elements == {1: ("H", "#ececE8".lower()), 6: ("C", "#585a5e"), 8: ("O", "#d02824")}
    middle = np.array(methane["p"]).reshape(-1, 3).mean(0)
    assert np.abs(middle).max() <= 0.01  # rounded to hundredths of Å


def test_what_is_framed_is_not_turned() -> None:
    kept = space.Space()
    kept.add(some(), framed=3.0)
    assert np.allclose(np.array(kept.molecules[0]["p"]).reshape(-1, 3), METHANE, atol=0.005 + 1e-9)
    shifted = some()
    shifted[..., 1] += np.where(shifted[..., 0] > 0, 1.0, 0.0)
    still, moved = framed(some(), 3.0), framed(shifted, 3.0)
    across = round(0.92 / 2 * SIDE / 3.0)  # pixels to an Å
    apart = np.abs(np.roll(still[0], across, axis=1).astype(int) - moved[0]).mean()
    assert apart < 0.2 * np.abs(still[0].astype(int) - moved[0]).mean()  # it went to the right by an Å


def test_the_places_lie_over_the_tiles_of_the_still_picture() -> None:
    for n, columns in ((7, 4), (12, 4), (2, 2), (1, 1)):
        sheet = arrange(np.zeros((n, SIDE, SIDE, 3), np.uint8), columns)
        assert space.tile_of(sheet.shape[1], columns) == SIDE


def test_a_film_holds_all_its_frames_in_one_frame_of_reference(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    frames = np.stack([some(2) * np.array([1, s, s, s]) for s in np.linspace(3, 1, 12)]).astype(np.float32)
    run.keep_exhibit("chain", {"frames": frames, "kind": np.array("molecule")})
    data = stated(Scripts(page(run)))
    assert [len(film) for film in data["films"]] == [12, 12]
    reaches = {data["molecules"][k]["r"] for film in data["films"] for k in film}
    assert len(reaches) == 1
    first, last = (np.array(data["molecules"][data["films"][0][i]]["p"]) for i in (0, -1))
    assert np.allclose(first, 3 * last, atol=0.03)  # the same turn for all: only the size changes


@pytest.mark.parametrize(("kinds", "formula"), [([6, 1, 1, 1, 1], "CH₄"), ([8, 1, 1], "H₂O"), ([7, 6, 8, 6], "C₂NO")])
def test_formulas_are_written_in_hills_order(kinds: list[int], formula: str) -> None:
    assert hill(np.array(kinds)) == formula
