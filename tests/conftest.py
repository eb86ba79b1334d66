"""Every test runs with shapes checked, on few threads, and without silent skips where data must be there."""

from __future__ import annotations

import os
import signal

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when numpy is first imported, which jaxtyping does

from collections.abc import Generator
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

install_import_hook("simulacra", "beartype.beartype")
import hints  # noqa: E402 - the package is imported with its shapes checked

hints.install()
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as of a job in the background; tests send it to themselves
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where fixes are followed, only the tests that expect an error are run: the others meet none."""
    if hints.KEPT:
        kept = [item for item in items if hints.expects(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where SIMULACRA_NO_SKIP is set, as in CI, a skipped test is a failed one."""
    report = yield
    if call.when == "call" and hints.nowhere:
        if report.passed:
            report.outcome = "failed"
            report.longrepr = "a fix that leads nowhere:\n" + "\n".join(hints.nowhere)
        hints.nowhere.clear()
    if report.skipped and os.environ.get("SIMULACRA_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and here nothing may be: {report.longrepr}"
    return report


@pytest.fixture
def galaxies() -> Path:
    """The Galaxy Zoo set, or a skip that says why."""
    for folder in os.environ.get("SIMULACRA_DATA", "").split(os.pathsep):
        path = Path(folder) / "galaxies" / "galaxy_zoo_128.tar"
        if folder and path.exists():
            return path
    pytest.skip("galaxies/galaxy_zoo_128.tar is in no folder of SIMULACRA_DATA")


@pytest.fixture
def series() -> Path:
    """The folder of measured series, or a skip that says why."""
    for folder in os.environ.get("SIMULACRA_DATA", "").split(os.pathsep):
        path = Path(folder) / "series"
        if folder and path.is_dir():
            return path
    pytest.skip("the folder series is in no folder of SIMULACRA_DATA")


@pytest.fixture
def cases() -> Path:
    """The folder of small inputs that once failed, or a skip that says why."""
    for folder in os.environ.get("SIMULACRA_DATA", "").split(os.pathsep):
        path = Path(folder).parent / "cases"
        if folder and path.is_dir():
            return path
    pytest.skip("no folder `cases` lies beside a folder of SIMULACRA_DATA")
