"""What is asked of BigQuery is shown, priced before it is asked, asked once, and read as it was answered."""

import datetime
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from simulacra.core.errors import BadInput, MissingExtra
from simulacra.domains.series.bigquery import BigQuery, Warehouse, asked
from simulacra.sources.series.noaa_gsod import NoaaGsod
from simulacra.sources.series.nyt_covid import NytCovid

WEATHER = [
    {"station": "727970-94225", "date": "2019-01-01", "max": 45.0},
    {"station": "727970-94225", "date": "2019-01-03", "max": 9999.9},
    {"station": "727970-94225", "date": "2019-01-04", "max": 41.2},
    {"station": "727976-24217", "date": "2019-01-02", "max": 39.9},
]
CASES = [
    {"state": "Washington", "date": datetime.date(2020, 1, 21), "cases": 1},
    {"state": "Washington", "date": datetime.date(2020, 1, 22), "cases": 4},
    {"state": "Washington", "date": datetime.date(2020, 1, 23), "cases": 3},
]


class Recorded:
    """A warehouse that plays an answer back, and remembers what it was asked."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], price: int = 20_000_000) -> None:
        self.answer, self.cost, self.heard = rows, price, list[tuple[str, int]]()

    def price(self, query: str) -> int:
        return self.cost

    def rows(self, query: str, most: int) -> Sequence[Mapping[str, Any]]:
        self.heard.append((query, most))
        return self.answer


def test_a_recording_is_a_warehouse() -> None:
    assert isinstance(Recorded([]), Warehouse)


def test_weather_is_read_with_its_gaps(tmp_path: Path) -> None:
    source = NoaaGsod("727970,727976", 2019, 2019, cache=tmp_path)
    panel = source.panel(Recorded(WEATHER))
    assert (panel.name, panel.unit) == (("727970-94225", "727976-24217"), "°F")
    nan = np.nan
    np.testing.assert_array_equal(panel.value, [[45.0, nan, nan, 41.2], [nan, 39.9, nan, nan]])
    assert str(panel.day[:1].astype("datetime64[D]")[0]) == "2019-01-01"


def test_counts_are_differences_of_totals(tmp_path: Path) -> None:
    panel = NytCovid("Washington", cache=tmp_path).panel(Recorded(CASES))
    np.testing.assert_array_equal(panel.value, [[np.nan, 3, -1]])
    assert "negative corrections" in panel.origin


def test_the_query_is_shown_with_what_it_read(tmp_path: Path) -> None:
    house = Recorded(WEATHER)
    source = NoaaGsod("727970", 2018, 2019, "max", cache=tmp_path)
    origin = source.panel(house).origin
    assert house.heard[0][0] == source.query
    for part in ("0.02 GB read", "sha256 ", "BETWEEN '2018' AND '2019'", "stn IN ('727970')", "noaa_gsod.gsod*"):
        assert part in origin
    assert "WHERE" not in NytCovid().query
    assert "IN ('New York', 'Ohio')" in NytCovid("New York, Ohio").query


def test_a_dear_query_is_never_asked(tmp_path: Path) -> None:
    house = Recorded(WEATHER, price=6_100_000_000)
    with pytest.raises(BadInput, match=r"would read 6\.10 GB") as caught:
        NoaaGsod(cache=tmp_path / "dear").panel(house)
    assert "gigabytes=7" in caught.value.fix
    assert "SELECT" in caught.value.given
    assert house.heard == []
    NoaaGsod(cache=tmp_path, gigabytes=7.0).panel(house)
    assert house.heard[0][1] == 7_000_000_000, "the other side must refuse what costs more than was allowed"


def test_a_query_is_asked_once(tmp_path: Path) -> None:
    house = Recorded(WEATHER)
    first, again = (NoaaGsod(cache=tmp_path).panel(house) for _ in range(2))
    assert len(house.heard) == 1
    np.testing.assert_array_equal(first.value, again.value)
    assert first.origin == again.origin
    NoaaGsod(last=2020, cache=tmp_path).panel(house)
    assert len(house.heard) == 2


def test_a_changed_answer_is_found_out(tmp_path: Path) -> None:
    NoaaGsod(cache=tmp_path).panel(Recorded(WEATHER))
    (path,) = tmp_path.glob("*.json")
    kept = json.loads(path.read_text())
    kept["columns"]["max"][0] = 46.0
    path.write_text(json.dumps(kept))
    with pytest.raises(BadInput, match="has been changed"):
        NoaaGsod(cache=tmp_path).panel(Recorded(WEATHER))
    path.write_text("half")
    with pytest.raises(BadInput, match="has been changed"):
        NoaaGsod(cache=tmp_path).panel(Recorded(WEATHER))


def test_nothing_found_is_said_and_not_kept(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="found nothing"):
        NytCovid(cache=tmp_path).panel(Recorded([]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("states", ["Ohio') OR 1=1 --", "a`b", "x'y"])
def test_no_name_can_become_a_part_of_the_query(states: str) -> None:
    with pytest.raises(BadInput, match="cannot stand in a query"):
        _ = NytCovid(states).query


def test_settings_are_checked() -> None:
    with pytest.raises(BadInput, match="from 1929"):
        NoaaGsod(first=1900)
    with pytest.raises(BadInput, match="USAF"):
        NoaaGsod("72'; DROP")


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Google's client as it is documented, with a recorded answer instead of a network."""
    heard: list[tuple[str, dict[str, Any]]] = []

    class Job:
        total_bytes_processed = 1_234

        def result(self) -> list[dict[str, Any]]:
            return [dict(row) for row in WEATHER]

    class Client:
        def __init__(self, project: str | None = None) -> None:
            if project == "nobody":
                raise DefaultCredentialsError("no credentials were found\nread more")

        def query(self, query: str, job_config: SimpleNamespace) -> Job:
            heard.append((query, vars(job_config)))
            if "nowhere" in query:
                raise GoogleAPICallError("404 not found: table nowhere")
            return Job()

    class DefaultCredentialsError(Exception):
        pass

    class GoogleAPICallError(Exception):
        pass

    bigquery = ModuleType("google.cloud.bigquery")
    bigquery.Client, bigquery.QueryJobConfig = Client, SimpleNamespace  # type: ignore[attr-defined]
    exceptions = ModuleType("google.auth.exceptions")
    exceptions.DefaultCredentialsError = DefaultCredentialsError  # type: ignore[attr-defined]
    calls = ModuleType("google.api_core.exceptions")
    calls.GoogleAPICallError = GoogleAPICallError  # type: ignore[attr-defined]
    cloud = ModuleType("google.cloud")
    cloud.bigquery = bigquery  # type: ignore[attr-defined]
    for name, module in {
        "google": ModuleType("google"),
        "google.api_core": ModuleType("google.api_core"),
        "google.api_core.exceptions": calls,
        "google.auth": ModuleType("google.auth"),
        "google.auth.exceptions": exceptions,
        "google.cloud": cloud,
        "google.cloud.bigquery": bigquery,
    }.items():
        monkeypatch.setitem(sys.modules, name, module)
    yield heard


def test_the_public_client_prices_by_a_dry_run(google: list[tuple[str, dict[str, Any]]], tmp_path: Path) -> None:
    answer = asked("SELECT 1", 1.0, tmp_path, "mine")
    assert answer.columns["station"][3] == "727976-24217"
    assert google == [
        ("SELECT 1", {"dry_run": True, "use_query_cache": False}),
        ("SELECT 1", {"maximum_bytes_billed": 1_000_000_000}),
    ]


def test_a_refusal_is_told_with_the_query(google: list[tuple[str, dict[str, Any]]], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="refused the query") as caught:
        asked("SELECT 1 FROM nowhere", 1.0, tmp_path, "mine")
    assert "404 not found" in caught.value.given
    assert list(tmp_path.iterdir()) == []


def test_who_asks_must_be_known(google: list[tuple[str, dict[str, Any]]]) -> None:
    with pytest.raises(BadInput, match="does not know who asks") as caught:
        BigQuery("nobody")
    assert "gcloud auth" in caught.value.fix


def test_a_missing_client_says_which_extra_brings_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("google.cloud", "google.api_core.exceptions", "google.auth.exceptions", "google.cloud.bigquery"):
        monkeypatch.setitem(sys.modules, name, None)  # type: ignore[arg-type]
    with pytest.raises(MissingExtra, match="bigquery"):
        NytCovid(cache=tmp_path).panel()
