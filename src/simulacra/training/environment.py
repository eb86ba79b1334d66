"""Who started the processes of a training, and which one this is: torchrun, SLURM's srun, or this package itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lightning_fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from torch.distributed.rendezvous import rendezvous

from simulacra.core.errors import BadInput


class OneMachine(ClusterEnvironment):
    """Says to Fabric that the processes are started here, whatever a queue's environment variables say.

    Args:
        rank: which process this is; 0 leads.
        processes: how many there are.
        port: on which they meet.
    """

    def __init__(self, rank: int, processes: int, port: int) -> None:
        self.rank, self.processes, self.port = rank, processes, port

    @property
    def creates_processes_externally(self) -> bool:
        """So that Fabric starts none."""
        return True

    @property
    def main_address(self) -> str:
        """Of the leading process."""
        return "127.0.0.1"

    @property
    def main_port(self) -> int:
        """Of the leading process."""
        return self.port

    @staticmethod
    def detect() -> bool:
        """Never: it is always given."""
        return False

    def world_size(self) -> int:
        """All processes."""
        return self.processes

    def set_world_size(self, size: int) -> None:
        """It is known already."""

    def global_rank(self) -> int:
        """This process."""
        return self.rank

    def set_global_rank(self, rank: int) -> None:
        """It is known already."""

    def local_rank(self) -> int:
        """This process, which is on this machine."""
        return self.rank

    def node_rank(self) -> int:
        """The one machine."""
        return 0


def store_of(environment: ClusterEnvironment, wait: timedelta) -> Any:  # noqa: ANN401 - torch's Store, untyped
    """Where all processes meet: the launcher's store where it keeps one (torchrun), else the first process's."""
    url = "env://"
    if not isinstance(environment, TorchElasticEnvironment):
        os.environ.pop("TORCHELASTIC_USE_AGENT_STORE", None)  # of a torchrun that started this process alone
        url = f"tcp://{environment.main_address}:{environment.main_port}"
    return next(rendezvous(url, environment.global_rank(), environment.world_size(), timeout=wait))[0]


@dataclass(frozen=True)
class Started:
    """What a launcher says of this process.

    Args:
        by: who started it.
        environment: its rank, and where all meet, as Fabric wants it.
        nodes: machines.
    """

    by: str
    environment: ClusterEnvironment
    nodes: int

    @property
    def processes(self) -> int:
        """On all machines together."""
        return self.environment.world_size()

    @property
    def rank(self) -> int:
        """Of this process; 0 leads."""
        return self.environment.global_rank()

    @property
    def devices(self) -> int:
        """Processes of one machine."""
        return self.processes // self.nodes


def started() -> Started | None:
    """Who started this process as one of several; None where it is alone.

    SLURM's variables stand in every job: only those of a step of several tasks, which `srun` starts, count.
    """
    if TorchElasticEnvironment.detect() and int(os.environ["WORLD_SIZE"]) > 1:
        return Started("torchrun", TorchElasticEnvironment(), int(os.environ.get("GROUP_WORLD_SIZE", "1")))
    if int(os.environ.get("SLURM_STEP_NUM_TASKS", "1")) > 1:
        try:
            return Started("srun", SLURMEnvironment(auto_requeue=False), int(os.environ["SLURM_STEP_NUM_NODES"]))
        except (RuntimeError, KeyError) as error:
            raise BadInput(
                "SLURM does not say how the processes are laid out",
                str(error),
                "srun --nodes=M --ntasks-per-node=N simulacra run …",
            ) from error
    return None


def processes_of(devices: int | None, nodes: int | None, found: Started | None) -> int | None:
    """How many processes share each batch; None where nobody said so. Nothing here starts processes elsewhere.

    Args:
        devices: processes a machine, as the user says.
        nodes: machines, as the user says.
        found: what a launcher says.
    """
    for name, value in (("devices", devices), ("nodes", nodes)):
        if value is not None and value < 1:
            raise BadInput(f"there is at least one of --{name}", f"--{name} {value}", f"give --{name} 1 or more")
    if found is None:
        if (nodes or 1) > 1:
            many = f"--nnodes={nodes} --nproc-per-node={devices or 1}"
            raise BadInput(
                "processes on other machines are started there, by torchrun or by SLURM",
                f"--nodes {nodes}, and this process was started alone",
                f"on machine K = 0, 1 …: torchrun {many} --node-rank=K --master-addr=FIRST_HOST -m simulacra …",
            )
        return devices
    if devices not in (None, found.devices) or nodes not in (None, found.nodes):
        raise BadInput(
            f"{found.by} has started another number of processes",
            f"{found.nodes} nodes of {found.devices}; --nodes {nodes or '-'} --devices {devices or '-'}",
            "leave both options out: what the launcher started is taken",
        )
    return found.processes
