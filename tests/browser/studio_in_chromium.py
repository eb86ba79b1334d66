"""The studio in a real browser: every page looked at, a run begun, followed and stopped; what is wrong is printed.

Not part of `make test`: it needs `pip install playwright`, a Chromium, and for axe the file axe.min.js of the npm
package axe-core.

    python tests/browser/studio_in_chromium.py [--chromium /usr/bin/chromium] [--axe axe.min.js] [--shots DIR]
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
VIEWS = ((1280, "light"), (1280, "dark"), (400, "light"), (400, "dark"))


def served(place: Place) -> uvicorn.Server:
    """The studio in a thread."""
    server = uvicorn.Server(uvicorn.Config(build(place), log_level="warning", ws="none"))
    threading.Thread(target=server.run, kwargs={"sockets": [listen(place)]}, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return server


def look(page: Any, place: Place, asked: argparse.Namespace, width: int, scheme: str) -> list[str]:  # noqa: ANN401 - playwright's
    """Every page at one width in one scheme: what is wrong with it."""
    found = []
    for name, address in PAGES.items():
        page.goto(f"http://127.0.0.1:{place.port}{address}")
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{name} at {width}: {wide} pixels wide"] if wide > width else []
        if asked.shots:
            page.screenshot(path=str(asked.shots / f"{name}-{width}-{scheme}.png"), full_page=True)
        if asked.axe:
            page.evaluate(asked.axe.read_text(encoding="utf-8"))
            for one in page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]:
                found.append(
                    f"{name} at {width}, {scheme}: {one['impact']} {one['id']} {one['nodes'][0]['html'][:120]}"
                )
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


def main() -> int:
    """Look, follow, and say what was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--axe", type=Path)
    parser.add_argument("--shots", type=Path)
    asked = parser.parse_args()
    if asked.shots:
        asked.shots.mkdir(parents=True, exist_ok=True)
    runs = Path(tempfile.mkdtemp()) / "runs"
    shutil.copytree(KEPT, runs / KEPT.name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = Place(runs, probe.getsockname()[1])
    server = served(place)
    wrong: list[str] = []
    from playwright.sync_api import sync_playwright  # brought by hand, as the first lines say

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=["--no-sandbox"])
        for width, scheme in VIEWS:
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=bool(asked.axe)
            )
            page = context.new_page()
            listen_to(page, wrong)
            page.goto(place.address)
            page.wait_for_url(f"http://127.0.0.1:{place.port}/")
            wrong += look(page, place, asked, width, scheme)
        wrong += follow(page, place)
        browser.close()
    server.should_exit = True
    sys.stdout.write("\n".join(wrong or ["nothing is wrong"]) + "\n")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
