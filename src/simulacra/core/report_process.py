"""A run's report, made in a process of its own: what reads a run imports nothing of what writes pages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from simulacra.core.errors import BadRun


def in_own_process(folder: Path) -> Path:
    """Write report.html from the folder alone, and return its path.

    Raises:
        BadRun: where it could not be made, with what that process said.
    """
    done = subprocess.run(
        [sys.executable, "-m", "simulacra", "report", str(folder), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return Path(json.loads(done.stdout)["report"])
    try:
        error = json.loads(done.stdout)["error"]
    except ValueError:  # it fell: what it said last names the fault
        error = {"given": done.stderr.strip().rpartition("\n")[2] or f"exit {done.returncode}"}
    raise BadRun(
        "the report could not be made",
        f"{folder}: {' '.join(text for text in (error.get('wrong', ''), error['given']) if text)}",
        error.get("fix", "simulacra report says more"),
    )
