"""The studio shows runs as they are, takes what a form says, and starts what it starts through the command line."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from forecast_world import forecasts
from simulacra.core.errors import BadInput, SimulacraError
from simulacra.core.shelf import shelf
from simulacra.reports import paper
from simulacra.runs import Run
from simulacra.studio import jobs, notes
from simulacra.studio.app import build
from simulacra.studio.course import course_of
from simulacra.studio.curves import drawing, spark
from simulacra.studio.forecast import RECORDS, forecast
from simulacra.studio.place import Place
from simulacra.studio.worker import Worker, WorkerLost

KEPT = Path(__file__).parent / "runs_kept" / "2026-11-30T1852-sky_by_vae-4843"
VENDOR = Path(__file__).parent.parent / "src" / "simulacra" / "studio" / "vendor"
NAME = KEPT.name


@pytest.fixture
def place(tmp_path: Path) -> Place:
    runs = tmp_path / "runs"
    shutil.copytree(KEPT, runs / NAME)
    data = tmp_path / "data"
    data.mkdir()
    return Place(runs, data=(data,), seconds_most=60.0)


@pytest.fixture
def client(place: Place) -> Iterator[TestClient]:
    with opened(place) as found:
        yield found


@pytest.fixture(scope="module")
def drawing_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    runs = tmp_path_factory.mktemp("drawing") / "runs"
    shutil.copytree(KEPT, runs / NAME)
    return Place(runs, data=(), seconds_most=60.0)


@pytest.fixture(scope="module")
def drawing_client(drawing_place: Place) -> Iterator[TestClient]:
    """One studio, and one process that draws, for all tests that only draw."""
    with opened(drawing_place) as found:
        yield found


def opened(place: Place) -> TestClient:
    """A browser that has opened the first address."""
    found = TestClient(
        build(place), base_url=f"http://127.0.0.1:{place.port}", headers={"origin": f"http://127.0.0.1:{place.port}"}
    )
    answer = found.get(f"/?token={place.token}")
    assert answer.status_code == 200 and "httponly" in answer.headers["set-cookie"].lower()
    return found


def csrf(place: Place, **fields: str) -> dict[str, str]:
    return {"csrf": place.form_token, **fields}


def test_the_list_holds_the_run_with_what_its_judges_said(client: TestClient) -> None:
    page = client.get("/").text
    assert NAME in page
    counts = {v.word for v in Run(KEPT).verdicts.values()}
    assert counts and all(f'class="word {word.replace(" ", "-")}"' in page for word in counts)
    assert "No run has these words" in client.get("/?find=nothing+like+it").text
    assert NAME in client.get("/?find=sky_by_vae&order=far&down=0").text


def test_the_list_is_ordered_by_every_column(place: Place, client: TestClient) -> None:
    other = place.runs / "2026-11-30T1853-sky_by_vae-aaaa"
    shutil.copytree(KEPT, other)
    record = json.loads((other / "run.json").read_text())
    (other / "run.json").write_text(json.dumps(record | {"began": "2027-01-01T00:00:00+00:00", "seconds": 1e6}))
    for column in ("began", "study", "state", "verdict", "far", "seconds", "tags"):
        places = [re.findall(r'href="/runs/([^"]+)"', client.get(f"/?order={column}&down={d}").text) for d in (0, 1)]
        assert places[0] == places[1][::-1] and set(places[0]) == {NAME, other.name}, column


def test_a_broken_run_is_a_line_and_no_dead_page(place: Place, client: TestClient) -> None:
    (place.runs / "broken").mkdir()
    (place.runs / "broken" / "run.json").write_text("{")
    page = client.get("/").text
    assert "broken" in page and NAME in page
    assert client.get("/runs/broken").status_code == 404


def test_a_runs_page_says_what_the_report_says(client: TestClient) -> None:
    page = client.get(f"/runs/{NAME}").text
    run = Run(KEPT)
    for verdict in run.verdicts.values():
        assert verdict.reach_words.split("%")[0] in page
    assert paper.sentence(run).split("(")[0].strip() in page
    picture = client.get(f"/runs/{NAME}/sheets/model.png")
    assert picture.content.startswith(b"\x89PNG") and client.get(f"/runs/{NAME}/sheets/nobody.png").status_code == 404


def test_no_page_holds_script_or_style_of_its_own(client: TestClient) -> None:
    for address in ("/", f"/runs/{NAME}", "/new", "/new/sky_by_vae", "/judge", "/explore", "/explore/ising", "/ask"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy and "unsafe-eval" not in policy, address
        assert not re.search(r"<script(?![^>]*\ssrc=)", answer.text) and "<style" not in answer.text, address
        assert not re.search(r"\son[a-z]+=|javascript:|https?://(?!www\.w3\.org)", answer.text), address


def test_notes_are_kept_beside_the_run_and_nobody_overwrites_anothers(place: Place, client: TestClient) -> None:
    run = Run(place.runs / NAME)
    seen = notes.of(run).mark
    kept = client.post(f"/runs/{NAME}/notes", data=csrf(place, tags="good, sky", note="look <b>again</b>", seen=seen))
    assert kept.status_code == 200 and notes.of(run).tags == ("good", "sky")
    assert "look &lt;b&gt;again" in client.get(f"/runs/{NAME}").text and "good" in client.get("/?find=good+sky").text
    late = client.post(f"/runs/{NAME}/notes", data=csrf(place, tags="bad", note="", seen=seen))
    assert late.status_code == 422 and notes.of(run).tags == ("good", "sky")
    assert run.broken_seals() == Run(KEPT).broken_seals()  # notes are no change of the run


def test_events_of_a_run_that_is_done_say_so_and_end(client: TestClient) -> None:
    text = client.get(f"/runs/{NAME}/events").text
    events = re.findall(r"^event: (\w+)$", text, re.MULTILINE)
    assert events == ["live", "over"] and "data: done" in text and "Verdict" in text


def test_two_runs_are_compared_and_one_or_seven_are_not(place: Place, client: TestClient) -> None:
    names = [NAME]
    for k in range(6):
        names.append(f"2026-11-30T1853-sky_by_vae-00{k:02d}")
        shutil.copytree(KEPT, place.runs / names[-1])
    ask = lambda n: client.get("/compare", params=[("run", name) for name in names[:n]]).status_code  # noqa: E731
    assert [ask(n) for n in (1, 2, 6, 7)] == [422, 200, 200, 422]


def test_the_form_is_the_signature_of_every_study(client: TestClient) -> None:
    for entry in shelf("studies").entries():
        page = client.get(f"/new/{entry.name}").text
        names = re.findall(r'<(?:input|select) (?:id="[^"]*" )?name="(\w+)"', page) + re.findall(
            r'name="(\w+)" value', page
        )
        assert {s.name for s in entry.settings} <= set(names), entry.name
        assert all(s.help.split("`")[0][:30].replace("&", "&amp;").replace("'", "&#39;").replace('"', "&#34;")
                   .replace("<", "&lt;").replace(">", "&gt;") in page for s in entry.settings), entry.name  # fmt: skip


def test_what_cannot_be_taken_is_said_beside_its_field(place: Place, client: TestClient) -> None:
    wrong = client.post("/new/sky_by_vae", data=csrf(place, steps="many", seed="-1"))
    assert wrong.status_code == 422 and "a whole number" in wrong.text and "2 settings cannot be taken" in wrong.text
    assert 'value="many"' in wrong.text and not jobs.every(place)
    outside = client.post("/new/galaxies_by_vae", data=csrf(place, images="/etc"))
    assert outside.status_code == 422 and "data folders" in outside.text and not jobs.every(place)
    hidden = client.post("/new/covid_by_gp", data=csrf(place, source="/etc/passwd"))
    assert hidden.status_code == 422 and not jobs.every(place)


def test_the_forecast_grows_with_the_steps_and_says_from_what(place: Place) -> None:
    once = forecast(place, "sky_by_vae", {})
    before = Run(KEPT).record
    asked = forecast(place, "sky_by_vae", {**before["settings"]})
    twice = forecast(place, "sky_by_vae", {**before["settings"], "steps": 2 * before["settings"]["steps"]})
    assert once and asked and twice
    assert asked.seconds == pytest.approx(before["seconds"]) and asked.factor < twice.factor
    assert twice.seconds == pytest.approx(2 * asked.seconds) and NAME in asked.words


def test_the_records_are_those_of_the_docs() -> None:
    text = (Path(__file__).parent.parent / "docs" / "studies.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(\w+)` \|.*\| ([\d.]+) \| [^|]* \|$", text, re.MULTILINE)
    assert json.loads(RECORDS.read_text())["minutes"] == {name: float(minutes) for name, minutes in found}
    assert len(found) > 20


def test_the_course_tells_losses_looks_and_the_time_left() -> None:
    rows: list[dict[str, Any]] = [{"step": k, "seconds": 2.0 * k, "losses": {"a": 1.0 / k}} for k in range(1, 11)]
    rows.append({"step": 10, "look": {"score": 3.0, "told": ["energy"], "ratio": {"energy": 4.0, "size": 1.0}}})
    told = course_of(rows, 40)
    assert told.step == 10 and told.share == 0.25 and told.left == "1 min 0 s" and told.score == [(10.0, 3.0)]
    assert "1 of 2 judges" in told.looked and "energy" in told.looked


def test_a_drawing_survives_what_a_log_may_hold() -> None:
    odd = {"a": [(0.0, 1.0), (1.0, float("nan")), (2.0, 1e9)], "b": [(0.0, 5.0)], "<c>": [(0.0, float("inf"))], "d": []}
    text = drawing(odd, "step", "loss", 'a "drawing"')
    assert "nan" not in text and "inf" not in text and "<c>" not in text and 'aria-label="a &#34;drawing&#34;"' in text
    assert (
        drawing({}, "x", "y", "") == ""
        and spark([(0.0, 1.0)], "") == ""
        and "polyline" in spark([(0.0, 1.0), (1.0, 1.0)], "")
    )


def test_the_worker_answers_falls_and_comes_again(place: Place) -> None:
    worker = Worker(place)
    try:
        assert worker.ask(["list", "studies"])["room"] == "studies"
        with pytest.raises(SimulacraError, match="no verb"):
            worker.ask(["dance"])
        assert worker.process is not None
        worker.process.kill()
        worker.process.wait()
        assert worker.ask(["list", "models"])["room"] == "models"  # a fresh one was started
        with pytest.raises(WorkerLost, match="longer than"):
            worker.ask(["list", "studies"], seconds=1e-6)
        assert worker.process is None
    finally:
        worker.stop()


def test_a_draw_beyond_its_memory_is_a_message(place: Place) -> None:
    tight = Worker(Place(place.runs, data=place.data, memory_most=450 * 2**20))
    out = place.runs / "x.npz"
    try:
        with pytest.raises(WorkerLost, match="out of memory") as caught:  # torch alone maps more than that
            tight.ask(["sample", "ising", "-n", "4", "-o", str(out)])
        assert caught.value.fix and not out.exists()
        assert tight.ask(["list", "studies"])["room"] == "studies"
    finally:
        tight.stop()


def test_a_file_is_understood_before_it_is_used(place: Place, client: TestClient) -> None:
    (place.data[0] / "t.csv").write_text("mass,class\n" + "".join(f"{k / 7},{'ab'[k % 2]}\n" for k in range(40)))
    told = client.get("/preview?path=t.csv")
    assert told.status_code == 200 and "40 rows and 2 columns" in told.text and "class: category" in told.text
    np.save(place.data[0] / "sky.npy", np.random.default_rng(0).standard_normal((30, 8, 8)))
    seen = client.get("/preview?path=sky.npy")
    assert seen.status_code == 200 and "30 samples of kind" in seen.text and "8 × 8" in seen.text
    assert client.get("/preview?path=../runs").status_code == 422


def test_uploads_are_judged_and_lead_to_a_verdict(place: Place, client: TestClient) -> None:
    rng = np.random.default_rng(0)
    for name, shift in (("m", 1.0), ("t", 0.0)):
        np.save(place.data[0] / f"{name}.npy", rng.standard_normal((120, 2)) + shift)
    with (place.data[0] / "m.npy").open("rb") as m:
        answer = client.post(
            "/judge",
            data=csrf(place, truth_path="t.npy"),
            files={"model_file": ("../../m.npy", m)},
            follow_redirects=False,
        )
    assert answer.status_code == 303, answer.text
    job = jobs.every(place)[0]
    assert job.record["words"][1].startswith(str(place.own / "uploads"))
    wait(lambda: job.state != "running")
    assert job.state == "done", job.log
    page = client.get(answer.headers["location"])
    assert page.url.path.startswith("/runs/") and "differs" in page.text and "For a paper" in page.text
    assert "m.npy against t.npy" in page.text


def test_a_run_is_begun_followed_stopped_and_resumed(place: Place, client: TestClient) -> None:
    begun = client.post("/new/sky_by_vae", data=csrf(place, steps="200000", size="8", seed="3"), follow_redirects=False)
    job = jobs.every(place)[0]
    assert begun.status_code == 303 and "--steps=200000" in job.record["words"]
    wait(lambda: job.run(place) != "" or job.state != "running")
    name = job.run(place)
    assert name, job.log
    run = Run(place.runs / name)
    wait(lambda: len(run.metrics) > 2 or run.state != "running")
    assert run.state == "running", job.log
    page = client.get(f"/runs/{name}").text
    assert f'data-events="/runs/{name}/events"' in page and "of 200,000" in page and "Stop" in page
    assert client.post(f"/runs/{name}/stop", data=csrf(place)).status_code == 200
    wait(lambda: run.state != "running")
    assert run.state == "interrupted" and "Resume" in client.get(f"/runs/{name}").text
    assert client.post(f"/runs/{name}/stop", data=csrf(place)).status_code == 422  # nobody is there any more
    at = max(row["step"] for row in run.metrics)
    assert client.post(f"/runs/{name}/resume", data=csrf(place), follow_redirects=False).status_code == 303
    wait(lambda: max(row["step"] for row in run.metrics) > at or jobs.every(place)[-1].state == "failed")
    assert run.state == "running", jobs.every(place)[-1].log
    jobs.stop(run)
    wait(lambda: run.state != "running")


def test_no_more_runs_are_begun_than_are_allowed(place: Place) -> None:
    few = Place(place.runs, data=place.data, jobs_most=1)
    first = jobs.start(few, ["list", "studies"])
    if first.state == "running":
        with pytest.raises(BadInput, match="going already"):
            jobs.start(few, ["list", "studies"])
    wait(lambda: first.state != "running")
    assert first.state == "done" and first.answer["room"] == "studies"


def test_a_model_is_drawn_from_with_the_exact_energy_beside(drawing_place: Place, drawing_client: TestClient) -> None:
    place, client = drawing_place, drawing_client
    page = client.get("/explore/ising").text
    assert 'min="1.8"' in page and 'max="3.2"' in page
    drawn = client.post("/explore/ising/draw", data=csrf(place, given_temperature="2.0", n="16", seed="1"))
    assert drawn.status_code == 200 and "exact (Kaufman, this lattice)" in drawn.text, drawn.text
    sheet = re.search(r'src="(/draws/[0-9a-f]{16}/sheet\.png)"', drawn.text)
    assert sheet and client.get(sheet[1]).content.startswith(b"\x89PNG")
    far = client.post("/explore/ising/draw", data=csrf(place, given_temperature="99", n="16", seed="1"))
    many = client.post("/explore/ising/draw", data=csrf(place, n="100000", seed="1"))
    assert far.status_code == many.status_code == 422 and "1.8 to 3.2" in far.text


def test_the_map_of_a_latent_space_leads_to_a_path_and_its_film(
    drawing_place: Place, drawing_client: TestClient
) -> None:
    place, client = drawing_place, drawing_client
    assert f'hx-get="/explore/{NAME}/map"' in client.get(f"/explore/{NAME}").text
    drawn = client.get(f"/explore/{NAME}/map").text
    assert drawn.count("data-at=") == len(Run(place.runs / NAME).samples["truth"]) and "8 dimensions" in drawn
    path = client.post(f"/explore/{NAME}/path", data=csrf(place, first="3", last="7"))
    assert path.status_code == 200, path.text
    frames = re.findall(r'src="(/draws/[0-9a-f]{16}/frames/\d+\.png)"', path.text)
    film = re.search(r'src="(/draws/[0-9a-f]{16}/film\.gif)"', path.text)
    assert len(frames) == 12 and film and client.get(film[1]).content.startswith(b"GIF8")
    first, middle, last = (client.get(frames[k]).content for k in (0, 6, 11))
    assert first.startswith(b"\x89PNG") and len({first, middle, last}) == 3
    assert client.get(f"/explore/{NAME}/truth/3.png").content.startswith(b"\x89PNG")
    for ends in (("3", "3"), ("3", ""), ("3", "99999"), ("-1", "2")):
        assert client.post(f"/explore/{NAME}/path", data=csrf(place, first=ends[0], last=ends[1])).status_code == 422
    assert client.get(f"/explore/{NAME}/truth/60.png").status_code == 404
    assert client.get(frames[0].replace("/0.png", "/12.png")).status_code == 422
    assert client.post("/explore/ising/path", data=csrf(place, first="0", last="1")).status_code == 422


def test_the_way_from_noise_is_a_scrubber(drawing_place: Place, drawing_client: TestClient) -> None:
    place, client = drawing_place, drawing_client
    page = client.get("/explore/ising").text
    assert 'hx-post="/explore/ising/noise"' in page and "/map" not in page
    assert "/noise" not in client.get(f"/explore/{NAME}").text  # an autoencoder draws at once
    way = client.post("/explore/ising/noise", data=csrf(place, given_temperature="2.0", seed="1"))
    assert way.status_code == 200, way.text
    frames = re.findall(r'src="(/draws/[0-9a-f]{16}/frames/\d+\.png)"', way.text)
    assert len(frames) == 12 and f'max="{len(frames) - 1}"' in way.text
    assert len({client.get(address).content for address in (frames[0], frames[5], frames[-1])}) == 3
    assert client.post(f"/explore/{NAME}/noise", data=csrf(place, seed="1")).status_code == 422


def test_a_forecast_is_a_fan_of_the_day_that_is_chosen(place: Place, client: TestClient) -> None:
    folder = forecasts(place.runs)
    assert (
        f"/runs/{folder}/fan" in client.get("/explore").text
        and f"/runs/{folder}/fan" in client.get(f"/runs/{folder}").text
    )
    page = client.get(f"/runs/{folder}/fan").text
    assert 'max="9"' in page and "2020-01-06" in page and page.count('class="fan"') == 3
    part = client.get(f"/runs/{folder}/fan?at=9&series=1&forecaster=gp", headers={"hx-request": "true"}).text
    assert "2020-01-10" in part and "<html" not in part
    table = re.findall(r'<td class="figure">([^<]*)</td>', part)
    assert table == ["9.00", "9.00", "19.0", "–"]  # medians and what came, of which the last was never measured
    for wrong in ("at=x", "series=7", "forecaster=nobody", "at=-1"):
        assert client.get(f"/runs/{folder}/fan?{wrong}").status_code == 422
    assert client.get(f"/runs/{NAME}/fan").status_code == 404


def test_the_vendored_script_is_the_one_that_is_stated() -> None:
    stated = re.search(r"`([0-9a-f]{64})`", (VENDOR / "README.md").read_text())
    assert stated and hashlib.sha256((VENDOR / "htmx.min.js").read_bytes()).hexdigest() == stated[1]


def wait(until: Any, most: float = 240.0) -> None:  # noqa: ANN401 - a function
    """Until something holds."""
    began = time.monotonic()
    while not until():
        assert time.monotonic() - began < most, "it took too long"
        time.sleep(0.2)
