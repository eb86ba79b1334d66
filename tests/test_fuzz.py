"""Files with flipped, lost and repeated bytes before every reader: an answer or a clear error, and no hang.

A CI-sized portion; `make fuzz` runs ten thousand files (SIMULACRA_FUZZ says how many a reader).
"""

import os
import resource
import signal
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from file_worlds import WORLD
from simulacra.core.errors import BadInput
from simulacra.judging.reading import How, read

MANY = int(os.environ.get("SIMULACRA_FUZZ", "8"))
SECONDS, BYTES = 10, 2 * 2**30


def promising(shape: tuple[int, ...]) -> bytes:
    """An npy of 64 bytes whose header states this shape."""
    stated = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(stated).to_bytes(2, "little") + stated + bytes(64)


@st.composite
def mutated(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file with a few bytes changed, and maybe cut, or with a part of it lost or there twice."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(0, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    start = draw(st.integers(0, len(data) - 1))
    end = min(len(data), start + draw(st.integers(1, 64)))
    how = draw(st.sampled_from(["as it is", "cut", "lost", "twice", "digits"]))
    if how == "cut":
        return bytes(data[:start])
    if how == "lost":
        return bytes(data[:start] + data[end:])
    if how == "twice":
        return bytes(data[:end] + data[start:])
    if how == "digits":  # numbers in headers that promise too much
        places = [i for i, byte in enumerate(data) if chr(byte).isdigit()]
        for _ in range(3):
            if places:
                data[draw(st.sampled_from(places))] = ord("9")
    return bytes(data)


@contextmanager
def guarded() -> Iterator[None]:
    """At most ten seconds, and two GiB more than there are."""

    def late(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"more than {SECONDS} s")

    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    old = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS * 6)  # a busy machine gives a sixth of a core
    resource.setrlimit(resource.RLIMIT_AS, (used + BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)


@pytest.mark.parametrize("name", WORLD)
def test_a_mutated_file_is_read_or_refused(name: str, tmp_path: Path) -> None:
    whole, reader = WORLD[name]
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)

    calm = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}

    @settings(max_examples=MANY, derandomize=MANY < 100, **calm)
    @given(mutated(whole))
    def attempt(data: bytes) -> None:
        path.write_bytes(data)
        with guarded(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                reader(path)
            except BadInput as error:
                assert error.wrong and error.given and error.fix

    path.write_bytes(whole)
    reader(path)  # the file itself is in order
    attempt()


def test_a_header_that_promises_tebibytes_allocates_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(promising((10**12, 6, 6)))
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("a.npy", promising((10**12, 6, 6)))
    for name in ("a.npy", "a.npz"):
        with guarded(), pytest.raises(BadInput, match="cannot be read") as caught:
            read(tmp_path / name, How())
        assert "promises" in caught.value.given
