"""Lightning Fabric as one process of a training sees it: its device, its precision, and its place among the others."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy

from simulacra.core.errors import BadInput
from simulacra.training.budget import Budget
from simulacra.training.environment import OneMachine
from simulacra.training.team import Team


@contextmanager
def fabric_of(budget: Budget, team: Team | None = None) -> Iterator[Fabric]:
    """Device and precision, ready to use; the threads of a machine are shared out among its processes."""
    threads = torch.get_num_threads()
    strategy: Any = "auto"
    devices, nodes = (1, 1) if team is None else (team.devices, team.nodes)
    if team is not None:
        strategy = DDPStrategy()
        cuda = torch.cuda.device_count()
        if 0 < cuda < devices:
            raise BadInput(
                "there are fewer GPUs than processes",
                f"{cuda} GPUs, {devices} processes on this machine",
                f"set processes={cuda * nodes}",
            )
        torch.set_num_threads(max(1, threads // devices))
    log = logging.getLogger("lightning_fabric")
    level = log.level
    log.setLevel(logging.ERROR)  # its banners are not for our users
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="lightning_fabric")
            fabric = Fabric(
                accelerator="auto",
                devices=devices,
                num_nodes=nodes,
                strategy=strategy,
                precision=budget.precision,
                plugins=[OneMachine(0, 1, 0) if team is None else team.environment],
            )
            fabric.launch()
        yield fabric
    finally:
        log.setLevel(level)
        torch.set_num_threads(threads)
