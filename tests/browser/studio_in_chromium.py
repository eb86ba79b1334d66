"""The studio in a real browser: every page looked at, a run begun, followed and stopped; what is wrong is printed.

`make test` looks at the pages (test_browser.py); this also follows a training, and keeps pictures of what it saw:

    python tests/browser/studio_in_chromium.py [--shots DIR] [--runs DIR]
"""

from __future__ import annotations

import argparse
import shutil
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

from simulacra.studio.app import build
from simulacra.studio.place import Place
from simulacra.studio.serve import listen

KEPT = Path(__file__).parent.parent / "runs_kept" / "2026-11-30T1852-sky_by_vae-4843"
PAGES = {
    "runs": "/", "run": f"/runs/{KEPT.name}", "studies": "/new", "new": "/new/galaxies_by_vae", "judge": "/judge",
    "models": "/explore", "ising": "/explore/ising", "ask": "/ask", "missing": "/nowhere",
}  # fmt: skip
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
VIEWS = ((1280, "light"), (1280, "dark"), (400, "light"), (400, "dark"))


def served(place: Place) -> uvicorn.Server:
    """The studio in a thread."""
    server = uvicorn.Server(uvicorn.Config(build(place), log_level="warning", ws="none"))
    threading.Thread(target=server.run, kwargs={"sockets": [listen(place)]}, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return server


def axe() -> str:
    """The script of axe-core, which a package of Python carries."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def faults(page: Any, name: str) -> list[str]:  # noqa: ANN401 - playwright's
    """What axe finds on the page that is open, and what is wider than the window."""
    width = page.viewport_size["width"]
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = [f"{name} at {width}: {wide} pixels wide"] if wide > width else []
    page.evaluate(axe())
    for one in page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]:
        found.append(f"{name} at {width}: {one['impact']} {one['id']} {one['nodes'][0]['html'][:160]}")
    return found


def look(page: Any, place: Place, pages: dict[str, str], shots: Path | None = None) -> list[str]:  # noqa: ANN401 - playwright's
    """Every page as it is first seen: what is wrong with it."""
    found = []
    for name, address in pages.items():
        page.goto(f"http://127.0.0.1:{place.port}{address}")
        page.wait_for_load_state("load")
        found += faults(page, name)
        if shots:
            scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
            page.screenshot(path=str(shots / f"{name}-{page.viewport_size['width']}-{scheme}.png"), full_page=True)
    return found


def listen_to(page: Any, wrong: list[str]) -> None:  # noqa: ANN401 - playwright's
    """Note scripts that fall, and requests to anybody else."""
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))

    def seen(request: Any) -> None:  # noqa: ANN401 - playwright's
        if not request.url.startswith(("http://127.0.0.1:", "data:")):
            wrong.append(f"asked elsewhere: {request.url}")

    page.on("request", seen)


def follow(page: Any, place: Place) -> list[str]:  # noqa: ANN401 - playwright's
    """A run begun by the form, followed as it trains, and stopped."""
    page.goto(f"http://127.0.0.1:{place.port}/new/sky_by_vae")
    page.fill("#set-size", "8")
    page.fill("#set-steps", "100000")
    page.click("button.main")
    page.wait_for_url("**/runs/**", timeout=180_000)
    page.wait_for_selector("progress", timeout=180_000)
    before = page.inner_text("#live")
    page.wait_for_function("before => document.getElementById('live').innerText !== before", arg=before, timeout=60_000)
    page.click("text=Stop")
    page.wait_for_selector("text=Resume", timeout=60_000)
    return [] if "interrupted" in page.inner_text("#live") else ["the run was not interrupted"]


def ways(page: Any, place: Place, shots: Path | None = None) -> list[str]:  # noqa: ANN401 - playwright's
    """The map of a latent space: two points are clicked, and the path between them is pulled by the keyboard."""
    page.goto(f"http://127.0.0.1:{place.port}/explore/{KEPT.name}")
    page.click("text=Draw the map")
    page.wait_for_selector(".map", timeout=60_000)
    page.locator("[data-at='3']").click(force=True)
    page.locator("[data-at='7']").click(force=True)
    slider = page.wait_for_selector("#path input[type=range]", timeout=60_000)
    ends = [page.input_value("#first"), page.input_value("#last")]
    shown = "[...document.querySelectorAll('#path .scrub img')].findIndex(i => !i.hidden)"
    before = page.evaluate(shown)
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    found = [] if ends == ["3", "7"] else [f"points 3 and 7 were clicked, and {ends} chosen"]
    found += [] if before - page.evaluate(shown) == 3 else ["the path does not follow the keyboard"]
    page.wait_for_function("[...document.images].every(i => i.complete && i.naturalWidth)", timeout=20_000)
    if shots:
        page.screenshot(path=str(shots / f"ways-{page.viewport_size['width']}.png"), full_page=True)
    return found + faults(page, "ways")


def fan(page: Any, place: Place, run: str, shots: Path | None = None) -> list[str]:  # noqa: ANN401 - playwright's
    """The day of a forecast, chosen by the keyboard."""
    page.goto(f"http://127.0.0.1:{place.port}/runs/{run}/fan")
    before = page.inner_text("#fan h2")
    page.focus("#at")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("b => document.querySelector('#fan h2').innerText !== b", arg=before, timeout=20_000)
    if shots:
        page.screenshot(path=str(shots / f"fan-{page.viewport_size['width']}.png"), full_page=True)
    return faults(page, "fan")


def main() -> int:
    """Look, follow, and say what was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--chromium", default=CHROMIUM)
    parser.add_argument("--shots", type=Path)
    parser.add_argument("--runs", type=Path, help="other runs to look at, copied")
    asked = parser.parse_args()
    if asked.shots:
        asked.shots.mkdir(parents=True, exist_ok=True)
    runs = Path(tempfile.mkdtemp()) / "runs"
    shutil.copytree(KEPT, runs / KEPT.name)
    if asked.runs:
        shutil.copytree(asked.runs, runs, dirs_exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = Place(runs, probe.getsockname()[1])
    server = served(place)
    wrong: list[str] = []
    pages = PAGES | {
        path.parent.name[-20:]: f"/explore/{path.parent.name}" for path in runs.glob("*/model.safetensors")
    }
    fans = [path.parent.name for path in runs.glob("*/forecasts.npz")]
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=["--no-sandbox"])
        for width, scheme in VIEWS:
            page = opened(browser, place, width, scheme, wrong)
            wrong += look(page, place, pages, asked.shots)
            wrong += ways(page, place, asked.shots)
            for run in fans:
                wrong += fan(page, place, run, asked.shots)
        wrong += follow(page, place)
        browser.close()
    server.should_exit = True
    sys.stdout.write("\n".join(wrong or ["nothing is wrong"]) + "\n")
    return bool(wrong)


def opened(browser: Any, place: Place, width: int, scheme: str, wrong: list[str]) -> Any:  # noqa: ANN401 - playwright's
    """A window of this width, in which the studio has been opened by its first address."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    listen_to(page, wrong)
    page.goto(place.address)
    page.wait_for_url(f"http://127.0.0.1:{place.port}/")
    return page


if __name__ == "__main__":
    raise SystemExit(main())
