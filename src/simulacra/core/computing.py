"""How a training is computed, said by the user: by how many processes, and what spares memory or time."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

FLAGS = ("--recompute", "--compile")
NAMES = ("devices", "nodes", "strategy", "accumulate", "recompute", "compile", "precision")


def add_options(parser: ArgumentParser, precision: bool) -> None:
    """The options of a verb that trains.

    Args:
        parser: of the verb.
        precision: whether the arithmetic may be chosen: a run goes on with its own.
    """
    group = parser.add_argument_group("how the training is computed")
    group.add_argument("--devices", type=int, metavar="N", help="processes a machine that share each batch, one a GPU")
    group.add_argument("--nodes", type=int, metavar="M", help="machines; torchrun or SLURM starts the processes there")
    group.add_argument("--strategy", choices=("ddp", "fsdp"), help="the model whole on each process, or a share of it")
    group.add_argument("--accumulate", type=int, metavar="K", help="pieces of a batch, one after another: less memory")
    group.add_argument(
        "--recompute", action="store_true", help="make numbers of blocks again for the gradient: less memory"
    )
    group.add_argument("--compile", action="store_true", help="compile the networks (torch.compile)")
    if precision:
        choices = ("32-true", "bf16-mixed", "16-mixed")
        group.add_argument("--precision", choices=choices, help="of the arithmetic (default: the study's)")


def means_of(asked: Namespace) -> dict[str, Any]:
    """What was said of these, as settings of a budget; without the number of processes."""
    found = {name: getattr(asked, name, None) for name in NAMES if name not in ("devices", "nodes")}
    return {name: value for name, value in found.items() if value}
