"""Trials that a PostgreSQL server keeps: several clients share them, a stop loses none, and no password is shown."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bulk_worlds import Serial
from simulacra.core.errors import BadInput
from simulacra.core.lock import Holder
from simulacra.sweeping.space import Over
from simulacra.sweeping.storage import shown_url
from simulacra.sweeping.sweep import WHO, Sweep, run_sweep, trial

STUDY = '''"""Does a small one learn?"""

from simulacra import Study
from small_studies import small
from simulacra.training.budget import Budget


def study(rate: float = 1e-3) -> Study:
    """A small study.

    Args:
        rate: of learning.
    """
    return small(budget=Budget(6, batch=32, rate=rate, looks=2))
'''
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin")


def program(name: str) -> str | None:
    places = [str(found) for pattern in PLACES for found in sorted(Path("/").glob(pattern[1:]))]
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *places]))


class Server:
    """PostgreSQL in a folder of its own, at a socket there; it refuses to be root's."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, os.getuid() == 0
        if self.root:
            shutil.chown(folder, "nobody")
        words = ["-D", str(folder / "data"), "-U", "sweeper", "-A", "trust", "--no-sync", "-E", "UTF8", "--no-locale"]
        subprocess.run([program("initdb") or "", *words], check=True, capture_output=True, **self.who())
        self.process = self.started()

    def who(self) -> dict[str, object]:
        return {"user": "nobody", "cwd": self.folder} if self.root else {}

    def started(self) -> subprocess.Popen[bytes]:
        words = ["-D", str(self.folder / "data"), "-k", str(self.folder), "-c", "listen_addresses=", "-c", "fsync=off"]
        process = subprocess.Popen([program("postgres") or "", *words], stderr=subprocess.DEVNULL, **self.who())  # type: ignore[call-overload]
        ready = [program("pg_isready") or "", "-q", "-h", str(self.folder)]
        until = time.monotonic() + 20
        while subprocess.run(ready, check=False).returncode and time.monotonic() < until:
            time.sleep(0.05)
        return process

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def server() -> Iterator[Server]:
    if not (program("postgres") and program("initdb") and program("pg_isready")):
        pytest.xfail("there is no PostgreSQL server on this machine")
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # a socket's path is short; pytest's folders are root's
        running = Server(Path(folder))
        try:
            yield running
        finally:
            running.stop()


def test_two_clients_share_the_trials_of_a_server_and_one_that_is_gone_is_said(server: Server, tmp_path: Path) -> None:
    study = tmp_path / "tiny_by_vae.py"
    study.write_text(STUDY)
    url = f"postgresql://sweeper:s3cret@/postgres?host={server.folder}"
    spread = (Over("rate", (), 1e-4, 1e-2, log=True),)
    one, other = (Sweep(str(study), spread, {}, 0, str(tmp_path / name), url) for name in ("a", "b"))
    assert one.opened().trials == []
    killed = replace(Holder.here(), started="another process")
    one.opened().ask().set_user_attr(WHO, asdict(killed))
    assert trial(other, 1) == "done"
    found = run_sweep(one, 2, Serial())
    assert [row["state"] for row in found["trials"]] == ["failed", "done", "done"]
    assert {Path(row["run"]).parent.name for row in found["trials"] if row["run"]} == {"a", "b"}
    assert "s3cret" not in str(found) and found["storage"] == shown_url(url) != url
    server.stop()
    with pytest.raises(BadInput) as gone:
        one.opened()
    assert "s3cret" not in str(gone.value) and "start the server" in gone.value.fix
    server.process = server.started()
    assert len(one.opened().trials) == 3


def test_an_address_without_a_server_is_an_error_in_words(tmp_path: Path) -> None:
    for url in ("postgresql://ada:s3cret@127.0.0.1:1/none", f"sqlite:///{tmp_path}/no/such.db", "what://is"):
        with pytest.raises(BadInput, match="cannot be opened") as error:
            Sweep("x", (), {}, 0, "runs", url).opened()
        assert "s3cret" not in str(error.value)
