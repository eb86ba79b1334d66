"""Tables of BigQuery: a query is priced before it is asked, and its answer is kept."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.files import write_json
from simulacra.core.samples import Array

GIGABYTE = 1e9


@runtime_checkable
class Warehouse(Protocol):
    """What answers a query."""

    def price(self, query: str) -> int:
        """How many bytes it would read, without reading them."""
        ...

    def rows(self, query: str, most: int) -> Sequence[Mapping[str, Any]]:
        """Its answer, refused by the other side if it would read more than so many bytes."""
        ...


class BigQuery:
    """Google's BigQuery by its public client, with the user's own credentials.

    Args:
        project: the project that is billed; the client's default if empty.
    """

    def __init__(self, project: str = "") -> None:
        with extra("bigquery"):
            from google.api_core.exceptions import GoogleAPICallError
            from google.auth.exceptions import DefaultCredentialsError
            from google.cloud import bigquery
        try:
            self._client = bigquery.Client(project=project or None)
        except (DefaultCredentialsError, OSError) as error:
            raise BadInput(
                "BigQuery does not know who asks",
                str(error).split("\n")[0],
                "run `gcloud auth application-default login`, and name a project with project=…",
            ) from error
        self._config, self._refusal = bigquery.QueryJobConfig, GoogleAPICallError

    def price(self, query: str) -> int:
        """By a dry run, which costs nothing."""
        return int(self._run(query, dry_run=True, use_query_cache=False).total_bytes_processed)

    def rows(self, query: str, most: int) -> Sequence[Mapping[str, Any]]:
        """All rows."""
        job = self._run(query, maximum_bytes_billed=most)
        try:
            return [dict(row.items()) for row in job.result()]
        except self._refusal as error:
            raise _refused(query, error) from error

    def _run(self, query: str, **config: Any) -> Any:  # noqa: ANN401 - Google's
        try:
            return self._client.query(query, job_config=self._config(**config))
        except self._refusal as error:
            raise _refused(query, error) from error


def _refused(query: str, error: Exception) -> BadInput:
    return BadInput("BigQuery refused the query", f"{str(error)[:300]}\n{query}", "mend what it names, and ask again")


def asked(query: str, gigabytes: float, cache: Path | None, project: str, warehouse: Warehouse | None = None) -> Answer:
    """The answer to a query: from the cache if it was asked before, else from BigQuery if it is cheap enough.

    Args:
        query: in standard SQL.
        gigabytes: the most that it may read.
        cache: folder of answers; None is the user's cache.
        project: the project that is billed.
        warehouse: what answers; BigQuery by default.
    """
    path = (cache or _users_cache()) / f"{hashlib.sha256(query.encode()).hexdigest()}.json"
    if path.is_file():
        return Answer.read(path, query)
    house = BigQuery(project) if warehouse is None else warehouse
    price = house.price(query)
    if price > gigabytes * GIGABYTE:
        raise BadInput(
            f"this query would read {price / GIGABYTE:.2f} GB",
            query,
            f"ask for fewer years or stations, or allow it with gigabytes={np.ceil(price / GIGABYTE):.0f}",
        )
    answer = Answer.of(query, price, house.rows(query, int(gigabytes * GIGABYTE)))
    path.parent.mkdir(parents=True, exist_ok=True)
    answer.write(path)
    return answer


class Answer:
    """What a query gave.

    Args:
        query: that was asked.
        price: bytes that it read.
        columns: header to cells, each text, a number or None.
        day: on which it was asked.
    """

    def __init__(self, query: str, price: int, columns: Mapping[str, Sequence[Any]], day: str) -> None:
        self.query, self.price, self.columns, self.day = query, price, columns, day

    @classmethod
    def of(cls, query: str, price: int, rows: Sequence[Mapping[str, Any]]) -> Answer:
        """Of the rows of an answer."""
        if not rows:
            raise BadInput("the query found nothing", query, "check the names and the years")
        columns = {name: [_plain(row[name]) for row in rows] for name in rows[0]}
        return cls(query, price, columns, str(datetime.date.today()))

    @property
    def sha256(self) -> str:
        """Of the columns."""
        text = json.dumps(self.columns, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def origin(self) -> str:
        """The query, what it read and when, and the checksum of what came back."""
        query = re.sub(r"\s+", " ", self.query)
        return f"BigQuery, {self.day}, {self.price / GIGABYTE:.2f} GB read, sha256 {self.sha256}: {query}"

    def arrays(self) -> dict[str, Array]:
        """The columns as arrays."""
        return {name: np.array(cells, dtype=object) for name, cells in self.columns.items()}

    def write(self, path: Path) -> None:
        """One JSON file, whole or not at all."""
        write_json(
            path,
            {"query": self.query, "price": self.price, "day": self.day, "sha256": self.sha256, "columns": self.columns},
        )

    @classmethod
    def read(cls, path: Path, query: str) -> Answer:
        """What `write` wrote, if it is still the same."""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            answer = cls(kept["query"], kept["price"], kept["columns"], kept["day"])
            whole = answer.sha256 == kept["sha256"] and answer.query == query
        except (ValueError, KeyError, TypeError, OSError):
            whole = False
        if not whole:
            raise BadInput("a kept answer of BigQuery has been changed", str(path), "remove it, and ask again")
        return answer


def quoted(text: str) -> str:
    """A name within a query; only letters, digits, spaces, points and hyphens pass.

    >>> quoted("New York")
    "'New York'"
    """
    if not re.fullmatch(r"[\w .-]+", text):
        raise BadInput("this name cannot stand in a query", repr(text), "use letters, digits, spaces, . and -")
    return f"'{text}'"


def _plain(cell: Any) -> Any:  # noqa: ANN401 - whatever a table holds
    return cell.isoformat() if isinstance(cell, datetime.date) else cell


def _users_cache() -> Path:
    import pooch

    return Path(pooch.os_cache("simulacra")) / "bigquery"
