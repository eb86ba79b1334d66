"""A run whose trainings are shared: with processes that a launcher started, or with such as are started here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from simulacra.core.errors import BadInput
from simulacra.core.shelf import import_file
from simulacra.training.budget import Budget
from simulacra.training.environment import processes_of, started
from simulacra.training.helping import leading, serve
from simulacra.training.homes import Homes
from simulacra.training.loop import help_along
from simulacra.training.team import Team


@runtime_checkable
class Budgeted(Protocol):
    """A study that says what its training may spend."""

    budget: Budget


@contextmanager
def shared(devices: int | None, nodes: int | None, study: str = "") -> Iterator[int | None]:
    """Within, the first process of a run; gives how many share each batch, None where nobody said so.

    Of the processes that a launcher started, the others never come here: they help, and end with the run.

    Args:
        devices: processes a machine, as the user says.
        nodes: machines, as the user says.
        study: its name or its file, as the user says: helpers load a file too, for they take no class from elsewhere.
    """
    found = started()
    processes = processes_of(devices, nodes, found)
    if found is None:
        yield processes
    elif found.rank == 0:
        with leading(found):
            yield processes
    else:
        if Path(study).suffix == ".py":
            import_file(Path(study), "")
        raise SystemExit(0 if serve(Team(found.environment, found.nodes), help_along, Homes.users()) else 1)


def computed(study: Any, means: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a study of any kind
    """A study whose training is computed otherwise.

    Args:
        study: of any kind.
        means: settings of its budget; those that are None stay as they are.
    """
    given = {name: value for name, value in means.items() if value is not None}
    if not given:
        return study
    if not isinstance(study, Budgeted):
        raise BadInput(
            "how this kind of study trains cannot be chosen",
            ", ".join(f"{name}={value}" for name, value in given.items()),
            "leave these options out",
        )
    asked: Any = study
    return replace(asked, budget=replace(study.budget, **given))
