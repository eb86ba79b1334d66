"""Run by a test on each of two imitated hosts: one training that ends, and one whose link is cut in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from simulacra.core.errors import BadRun
from simulacra.models.base import Model
from simulacra.running.sharing import shared
from simulacra.runs import Run
from simulacra.training import team
from simulacra.training.budget import Budget
from simulacra.training.loop import train
from trainings import quiet, vectors


def main(root: Path, link: str) -> None:
    """Train twice as the first of two processes, or help."""
    team.SILENCE = 8.0
    told: dict[str, object] = {}

    def cut(model: Model) -> Mapping[str, float]:
        subprocess.run(["ip", "link", "set", link, "down"], check=True)
        told["cut"] = time.monotonic()
        return {}

    with shared(None, None) as processes:
        for name, look in (("whole", None), ("cut", cut)):
            run = Run.create(root / name, "test", {}, seed=3)
            budget = Budget(8, batch=32, looks=2, processes=processes or 1)
            try:
                train(quiet("one turn"), vectors(100, 6), vectors(50, 6, seed=1), budget, 3, run, look=look)
            except BadRun as error:
                told["seconds"] = time.monotonic() - float(str(told["cut"]))
                told["given"] = error.given
        (root / "told.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
