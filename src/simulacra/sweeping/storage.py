"""Where Optuna keeps trials: a file of SQLite, or a server of PostgreSQL that workers on several machines share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from simulacra.core.errors import BadInput, extra, needs

SERVER = re.compile(r"^postgres(?:ql)?(?:\+\w+)?://")
DRIVER = "postgresql+psycopg://"
PASSWORD = re.compile(r"(?<=:)[^:@/]*(?=@)|(?<=password=)[^&]*")


@contextmanager
def kept(url: str) -> Iterator[Any]:
    """The storage, by Optuna; within, one that cannot be reached is an error in words.

    A server has no connection of ours while nothing is asked of it: many workers share it.

    Args:
        url: "sqlite:///…", "postgresql://user:password@host/database".

    Raises:
        BadInput: there is none, or it does not answer.
        MissingExtra: the driver is not installed.
    """
    with extra("scale"):
        from optuna.exceptions import StorageInternalError
        from optuna.storages import RDBStorage
        from sqlalchemy.exc import SQLAlchemyError
        from sqlalchemy.pool import NullPool
    server = SERVER.match(url)
    if server:
        needs("postgresql")
    try:
        yield RDBStorage(SERVER.sub(DRIVER, url), {"poolclass": NullPool}) if server else url
    except (ImportError, ValueError, OSError, SQLAlchemyError, StorageInternalError) as error:
        fix = "start the server, and make the user and the database" if server else "give --storage sqlite:///sweep.db"
        said = shown_url(" ".join(str(error).splitlines()[:1]))
        raise BadInput("this storage cannot be opened", f"{shown_url(url)}: {said}", fix) from error


def shown_url(url: str) -> str:
    """An address without its password.

    >>> shown_url("postgresql://ada:secret@host:5432/sweeps"), shown_url("sqlite:////tmp/s.db")
    ('postgresql://ada:***@host:5432/sweeps', 'sqlite:////tmp/s.db')
    """
    return PASSWORD.sub("***", url)
