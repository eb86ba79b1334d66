"""Several models of one law, trained side by side and asked together."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Counting, Losses, Model, Solving, Turn
from simulacra.models.potts import Potts
from simulacra.models.site_independent import SiteIndependent
from simulacra.models.states import Scoring


class Committee(Model):
    """Members by name, each with turns of its own in one training; draws are shared out evenly among them.

    Args:
        members: by name; they share nothing.
        times: moves of a member in a step, each on a fresh batch; one where it is not named.
        solved: members that find their weights by themselves, in `solve`, and take no turn.
    """

    def __init__(
        self, members: Mapping[str, Model], times: Mapping[str, int] | None = None, solved: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        if not members:
            raise BadInput("a committee has a member", "none", "give members={'name': model}")
        self.names, self.times, self.solved = tuple(members), dict(times or {}), tuple(solved)
        unknown = sorted({*self.times, *self.solved} - set(self.names))
        if unknown:
            raise BadInput("a committee has no such member", ", ".join(unknown), f"members: {', '.join(self.names)}")
        unable = [name for name in self.solved if not isinstance(members[name], Solving)]
        if unable:
            raise BadInput("this member cannot find its weights by itself", ", ".join(unable), "let it take turns")
        self.members = nn.ModuleDict(dict(members))
        for name in self.solved:
            self.of(name).requires_grad_(False)

    def of(self, name: str) -> Model:
        """A member."""
        found = self.members[name]
        assert isinstance(found, Model)
        return found

    def count(self, data: Batch) -> None:
        """Every member that counts, counts."""
        for name in self.names:
            member = self.of(name)
            if isinstance(member, Counting):
                member.count(data)

    def solve(self, data: Batch, weight: Float[Tensor, " n"]) -> None:
        """Members that find their weights by themselves do."""
        for name in self.solved:
            member = self.of(name)
            assert isinstance(member, Solving)
            member.solve(data, weight)

    def turns(self) -> list[Turn]:
        """Each member's that is trained, in order."""
        found = []
        for name in (name for name in self.names if name not in self.solved):
            for turn in self.of(name).turns():
                title = name if turn.name == "model" else f"{name} {turn.name}"
                found.append(Turn(title, turn.parameters, turn.loss, turn.times * self.times.get(name, 1)))
        return found

    def loss(self, batch: Batch) -> Losses:
        """All parts of all members."""
        return {f"{name} {part}": v for name in self.names for part, v in self.of(name).loss(batch).items()}

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws, an even share of each member, in a random order."""
        counts = [len(range(i, n, len(self.names))) for i in range(len(self.names))]
        drawn = [self.of(name).sample(k, given).x for name, k in zip(self.names, counts, strict=True) if k]
        return Batch(torch.cat(drawn)[torch.randperm(n)])

    def scores(
        self, wild: Float[Tensor, " L"], mutants: Float[Tensor, "M L"]
    ) -> dict[str, tuple[Float[Tensor, " M"], Float[Tensor, " M"]]]:
        """What each member that scores says of the mutants, nats, with its Monte Carlo error."""
        found = {}
        for name in self.names:
            member = self.of(name)
            if isinstance(member, Scoring):
                found[name] = member.log_odds(wild, mutants)
        return found


def example() -> tuple[Committee, Batch]:
    """The smallest one: the docs print it, the tests for every model run it."""
    members = {"counts": SiteIndependent(6, 4), "Potts": Potts(6, 4)}
    return Committee(members), Batch(torch.randint(0, 4, (32, 6)).float())
