"""Everything that changes while a model is trained, and one step of it; each process has its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from simulacra.core.errors import BadInput, BadRun
from simulacra.models.base import Batch, Model, Unequal
from simulacra.training.average import Average
from simulacra.training.batches import Batches, Blocks
from simulacra.training.budget import MEANS, Budget
from simulacra.training.player import Player
from simulacra.training.schedule import share
from simulacra.training.seeds import Purpose, key, seed_torch
from simulacra.training.strategy import strategy_of, whole
from simulacra.training.tally import Tally
from simulacra.training.team import Team

State = tuple[dict[str, Tensor], dict[str, Any]]


class Session:
    """A model in training: its players, the average of its weights, and how many steps are done.

    Args:
        fabric: device and precision.
        model: trained in place; where it is cut up, a copy of it is.
        data: training samples, or blocks of them.
        budget: how.
        seed: of every random number.
        team: the processes that share each batch; None where this is the only one.
    """

    def __init__(
        self, fabric: Fabric, model: Model, data: Batch | Blocks, budget: Budget, seed: int, team: Team | None = None
    ) -> None:
        self.fabric, self.budget, self.seed = fabric, budget, seed
        fabric.to_device(model)  # moves its parameters in place
        self.strategy = strategy_of(budget, team)
        self.front, self.model = model, self.strategy.spread(model)
        turns = self.model.turns()
        names = [turn.name for turn in turns]
        if len(set(names)) < len(names):
            raise BadInput("two turns of a model have one name", ", ".join(names), "give each turn a name of its own")
        budget.suits(names)
        self.players = [Player(turn, self.model, budget, fabric, self.strategy) for turn in turns]
        times = [turn.times for turn in turns]
        sizes = model.lengths(data).cpu() if isinstance(model, Unequal) and isinstance(data, Batch) else None
        place = fabric.global_rank, fabric.world_size
        near = data.to(fabric.device) if isinstance(data, Batch) else data
        self.batches = Batches(near, budget.batch, seed, times, *place, sizes=sizes, device=fabric.device)
        weights = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        self.average = Average(weights, budget.average) if budget.average else None
        self.tally, self.step = Tally(), 0
        self.gathered: dict[str, Tensor] | None = None
        self.model.train()

    def advance(self) -> None:
        """One step: each turn, as often as it says."""
        step = self.step
        seed_torch(key(Purpose.STEP, self.seed, step, self.fabric.global_rank), self.fabric.device)
        self.strategy.begin(self.model)
        for i, player in enumerate(self.players):
            rate = self.rate(player)
            for repetition in range(player.turn.times):
                player.move(self.batches.batch(step, i, repetition), rate, self.tally, step + 1)
        if self.average:
            self.average.update(step)
        self.step = step + 1

    def rate(self, player: Player) -> float:
        """The learning rate of a player at the step to come."""
        return self.budget.rate_of(player.name) * share(self.step, self.budget)

    def gather(self, wanted: bool) -> None:
        """Where the model is cut up, bring it together if the first process wants it; all processes call this."""
        self.gathered = None
        if self.strategy.asked(wanted):
            kept = {name: whole(value).cpu() for name, value in self._tensors().items()}
            self.gathered = kept if self.fabric.global_rank == 0 else None

    @contextmanager
    def shown(self) -> Iterator[Model]:
        """Within, the model as it is judged and kept: with averaged weights, where there are such, and at rest."""
        with ExitStack() as stack:
            if self.budget.compile:
                stack.enter_context(torch.compiler.set_stance("force_eager"))  # other sizes are asked for
            if self.gathered is not None:
                self.front.load_state_dict(_under("weights.", self.gathered))
                self.front.load_state_dict(_under("average.", self.gathered), strict=False)
            elif self.average:
                stack.enter_context(self.average.shown())
            self.front.eval()
            try:
                yield self.front
            finally:
                self.front.train()

    def state(self) -> State:
        """All that is needed to go on from here, bit for bit."""
        memo = {
            "step": self.step,
            "of": self.identity(),
            "tally": self.tally.memo(),
            "scale": self.fabric.strategy.precision.state_dict(),
        }
        return self.gathered or self._tensors(), memo

    def _tensors(self) -> dict[str, Tensor]:
        """Weights, their average and the optimizers' states, as this process holds them."""
        tensors = {f"weights.{name}": value for name, value in self.model.state_dict().items()}
        if self.average:
            tensors |= {f"average.{name}": value for name, value in self.average.tensors().items()}
        for player in self.players:
            tensors |= {f"optim.{player.name}.{name}": value for name, value in player.tensors().items()}
        return tensors

    def restore(self, state: State) -> None:
        """Go on from a state; an error where it is not this training's."""
        tensors, memo = state
        given, ours = memo["of"], self.identity()
        other = [f"{name} {given.get(name)} (now {ours[name]})" for name in ours if given.get(name) != ours[name]]
        if other:
            raise BadRun(
                "the checkpoint is from a training with other settings",
                ", ".join(other),
                "resume with the settings of the run",
            )
        try:
            self.strategy.load(self.model, _under("weights.", tensors))
            if self.average:
                self.average.restore(_under("average.", tensors))
            for player in self.players:
                player.restore(_under(f"optim.{player.name}.", tensors))
        except (RuntimeError, KeyError, IndexError, ValueError) as error:
            raise BadRun(
                "the checkpoint does not fit this model", str(error), "resume with the model of the run, or run again"
            ) from error
        self.tally.recall(memo["tally"], self.fabric.device)
        self.fabric.strategy.precision.load_state_dict(memo["scale"])
        self.step = memo["step"]

    def identity(self) -> dict[str, Any]:
        """What must be the same for a training to go on; the number of processes need not be."""
        budget = {name: value for name, value in self.budget.record().items() if name not in MEANS}
        return {**budget, "batch": self.batches.size, "seed": self.seed, "samples": len(self.batches.data)}


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
