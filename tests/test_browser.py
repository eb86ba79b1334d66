"""A real Chromium opens the studio: no script falls, nothing is asked elsewhere, axe is content, the keyboard works."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from browser.studio_in_chromium import CHROMIUM, KEPT, PAGES, fan, look, opened, served, ways
from forecast_world import forecasts
from simulacra.studio.place import Place

playwright = pytest.importorskip("playwright.sync_api")
pytest.importorskip("axe_playwright_python")
MISSING = "no Chromium is installed: apt-get install chromium"
TRIED = CHROMIUM is None and bool(os.environ.get("SIMULACRA_NO_BROWSER"))  # its installation was tried, and failed
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xfail(reason=MISSING, run=False) if TRIED else pytest.mark.skipif(CHROMIUM is None, reason=MISSING),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    runs = tmp_path_factory.mktemp("browser") / "runs"
    shutil.copytree(KEPT, runs / KEPT.name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = Place(runs, probe.getsockname()[1])
    server = served(place)
    yield place
    server.should_exit = True


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as found:
        browser = found.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
def test_every_page_is_as_wide_as_the_window_and_open_to_all(
    browser: Any,  # noqa: ANN401 - playwright's
    place: Place,
    width: int,
    scheme: str,
) -> None:
    wrong: list[str] = []
    page = opened(browser, place, width, scheme, wrong)
    assert look(page, place, PAGES) + wrong == []


def test_two_points_of_the_map_lead_to_a_path_that_the_keyboard_pulls(browser: Any, place: Place) -> None:  # noqa: ANN401
    wrong: list[str] = []
    page = opened(browser, place, 400, "light", wrong)
    assert ways(page, place) + wrong == []


def test_the_day_of_a_forecast_is_chosen_by_the_keyboard(browser: Any, place: Place) -> None:  # noqa: ANN401
    wrong: list[str] = []
    page = opened(browser, place, 400, "light", wrong)
    assert fan(page, place, forecasts(place.runs)) + wrong == []
