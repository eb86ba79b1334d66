"""The command line in a process of its own, for the tests."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

Done = subprocess.CompletedProcess[str]


def start(*words: str, at: Path, before: str = "") -> Done:
    """The command line in a process of its own, without the checks of shapes; `before` is run ahead of it."""
    code = f"{before}\nfrom simulacra.cli import main\nraise SystemExit(main({list(words)!r}))"
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=at,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONWARNINGS": "", "SIMULACRA_DATA": ""},
    )


def stated(done: Done) -> Any:  # noqa: ANN401 - JSON
    """The one object on standard output."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


WITHOUT_TORCH = """
import sys
class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
sys.meta_path.insert(0, NoTorch())
"""
