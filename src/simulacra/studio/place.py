"""Where a studio stands: its folders, its address, its secrets and its limits."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from simulacra.core.data import folders
from simulacra.core.errors import BadInput

MIB = 2**20


@dataclass(frozen=True)
class Place:
    """One studio.

    Args:
        runs: the folder of runs that it shows; it writes nowhere else.
        port: that it listens on.
        host: the address that it binds; 127.0.0.1 unless somebody asks for another.
        data: folders from which files may be named; by default those of SIMULACRA_DATA.
        upload_most: bytes of one upload.
        memory_most: bytes that a process which draws may take.
        seconds_most: that a drawing, a reading or an answer may take.
        jobs_most: runs and judgments that go on at once.
        token: that the first address holds; fresh for each studio.
        secret: from which cookie and form tokens are made.
    """

    runs: Path
    port: int = 8642
    host: str = "127.0.0.1"
    data: tuple[Path, ...] = field(default_factory=lambda: tuple(folders()))
    upload_most: int = 1024 * MIB
    memory_most: int = 8192 * MIB
    seconds_most: float = 120.0
    jobs_most: int = 2
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise BadInput("a port is a number from 1 to 65535", str(self.port), "give --port 8642")
        try:
            wild = ipaddress.ip_address(self.host).is_unspecified
        except ValueError:
            wild = not self.host
        if wild:
            raise BadInput(
                "the studio binds one address, by which it is asked for",
                f"--host {self.host}",
                "name the very address, such as --host 192.168.1.5; without --host it is this machine alone",
            )
        object.__setattr__(self, "runs", self.runs.resolve())
        object.__setattr__(self, "data", tuple(path.resolve() for path in self.data))

    @property
    def hosts(self) -> frozenset[str]:
        """What a request may name as its host; anything else comes from a page that pretends to be here."""
        names = {"127.0.0.1", "localhost", "[::1]"} if self.is_local else {self._named}
        return frozenset(f"{name}:{self.port}" for name in names) | (names if self.port == 80 else frozenset())

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in ("127.0.0.1", "::1", "localhost")

    @property
    def _named(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host.lower()

    @property
    def address(self) -> str:
        """The first address, with the token in it."""
        return f"http://{self._named}:{self.port}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """The cookie's name; cookies of one host are shared by all of its ports."""
        return f"simulacra_studio_{self.port}"

    @property
    def key(self) -> str:
        """The cookie's value."""
        return self._made("cookie")

    @property
    def form_token(self) -> str:
        """What every form that changes something must hold."""
        return self._made("form")

    def _made(self, what: str) -> str:
        return hmac.new(self.secret, what.encode(), hashlib.sha256).hexdigest()

    @property
    def own(self) -> Path:
        """The studio's own folder beside the runs: jobs, uploads, draws."""
        return self.runs / ".studio"
