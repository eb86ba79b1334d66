"""The one loop that trains every model."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch

from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.models.base import Batch, Model
from simulacra.runs import Run
from simulacra.training import checkpoint
from simulacra.training.alarms import Alarm, Explosion, collapse, copying, lost
from simulacra.training.batches import Blocks
from simulacra.training.budget import Budget
from simulacra.training.economy import sparing
from simulacra.training.engine import fabric_of
from simulacra.training.helping import helped
from simulacra.training.looks import Best, Look, look_at, rejecting_in, score_of, seen_by
from simulacra.training.schedule import epoch_of, glances_after, logs_after, looks_after
from simulacra.training.session import Session, State
from simulacra.training.stop import Stop
from simulacra.training.team import Team
from simulacra.training.threads import settle

REST = 30.0
"""Seconds between checkpoints, where the looks are further apart."""
YOUNG = 0.2
"""Share of the training before which nobody has collapsed: every generator begins with samples that are alike."""


def train(
    model: Model,
    data: Batch | Blocks,
    validation: Batch,
    budget: Budget,
    seed: int,
    run: Run,
    look: Look | None = None,
    progress: Progress | None = None,
    glance: Look | None = None,
) -> None:
    """Train a model, or go on from the checkpoint in the run's folder.

    In the end the model holds the best weights that a look has seen, as model.safetensors does. On a CPU, a run that
    was stopped at any moment and resumed ends with the very bits of one that was not.

    Args:
        model: trained in place.
        data: training samples; held in memory, on the device, or read block by block.
        validation: samples to stop and choose by.
        budget: how long, how fast, in what portions.
        seed: of every random number.
        run: where the log, the alarms, the checkpoint and the weights go.
        look: judges of the model in training.
        progress: shows how far it is.
        glance: a short look between looks, at the end of each epoch, for the sake of the alarms.

    Raises:
        Diverged: where a loss or a gradient is no longer a number.
        KeyboardInterrupt: after Ctrl-C or SIGTERM, with the step finished and the checkpoint written.
        BadRun: where the run folder cannot be read or written.
    """
    for name, samples in (("training", data), ("validation", validation)):
        if not len(samples):
            raise BadInput(f"there are no {name} samples", "0 samples", "give more samples, or split them otherwise")
    state = checkpoint.read_state(run.folder)
    done = state[1]["step"] if state else 0
    if progress is None:
        progress = Progress("training", budget.steps, done=done)
    with (
        Stop() as stop,
        helped(budget.processes, help_along, model, data, budget, seed, state) as team,
        fabric_of(budget, team) as fabric,
        progress,
    ):
        settle(fabric, model, data, budget, seed, run)
        session = Session(fabric, model, data, budget, seed, team)
        with sparing(session.model, budget):
            Lead(session, validation, run, look, progress, glance).go(state, stop)
    torch.set_num_threads(int(run.record["threads"]))  # what is drawn and judged next takes as many


def help_along(team: Team, model: Model, data: Batch | Blocks, budget: Budget, seed: int, state: State | None) -> None:
    """What the processes other than the first do: the same steps, and nothing else. What comes to them is looked at."""
    wanted: tuple[Any, ...] = (model, Model), (data, Batch | Blocks), (budget, Budget), (seed, int)
    if not all(isinstance(thing, sort) for thing, sort in wanted):
        raise BadInput("a parcel holds no training", f"{type(model).__name__}, {type(data).__name__}", "start again")
    with fabric_of(budget, team) as fabric:
        session = Session(fabric, model, data, budget, seed, team)
        with sparing(session.model, budget):
            if state:
                session.restore(state)
            else:
                session.gather(False)
            while session.step < budget.steps:
                session.advance()
                session.gather(False)  # the first process says whether


class Lead:
    """What the first process does besides: log, look, sound alarms, keep checkpoints and the best weights.

    Args:
        session: the training itself.
        validation: samples to stop and choose by.
        run: where everything is written.
        look: judges of the model in training.
        progress: shows how far it is.
        glance: a short look between looks.
    """

    def __init__(
        self,
        session: Session,
        validation: Batch,
        run: Run,
        look: Look | None,
        progress: Progress,
        glance: Look | None = None,
    ) -> None:
        self.session, self.run, self.look, self.progress, self.glance = session, run, look, progress, glance
        self.validation = validation.to(session.fabric.device)
        self.best, self.explosion, self.raised = Best(), Explosion(), set[str]()
        self.saved = self.began = time.monotonic()
        self.note = self.stated = ""
        batches = session.batches
        self.epoch = epoch_of(len(batches.data), session.budget, sum(batches.times))

    def go(self, state: State | None, stop: Stop) -> None:
        """From the checkpoint, or from the beginning, to the end."""
        session, budget = self.session, self.session.budget
        self.resume(state)
        while session.step < budget.steps:
            rates = {player.name: session.rate(player) for player in session.players}
            session.advance()
            stopping = stop.asked  # read once: what is asked later is granted after the next step
            looking = looks_after(session.step, budget)
            glance = self.glance if glances_after(session.step, budget, self.epoch) else None
            saving = looking or stopping or time.monotonic() - self.saved > REST
            session.gather(saving or glance is not None)
            if logs_after(session.step, budget):
                self.log(rates)
            if looking:
                self.judge()
            elif glance is not None:
                self.peek(glance)
            if saving:
                self.save()
            self.progress.step(note=f"{self.stated}  {self.note}".strip())
            if stopping:
                raise KeyboardInterrupt(f"stopped after step {session.step}; resume to go on")
        session.front.load_state_dict(checkpoint.read_weights(self.run.folder))
        session.front.eval()

    def resume(self, state: State | None) -> None:
        """Take up a checkpoint, or write the first, from which a run killed at once goes on."""
        with checkpoint.writing(self.run.folder):
            if state is None:
                self.run.forget_after(0)
                self.run.update(batch=self.session.batches.size)
                self.session.gather(True)
                self.save()
                return
            self.session.restore(state)
            memo = state[1]
            self.best = Best.of(memo["best"])
            self.explosion.recall(memo["explosion"])
            self.raised = set(memo["alarms"])
            step = self.session.step
            self.run.forget_after(step)
            self.run.update(alarms=[alarm for alarm in self.run.record["alarms"] if alarm["step"] <= step])
            self.began -= max((row.get("seconds", 0.0) for row in self.run.metrics), default=0.0)

    def save(self) -> None:
        """Replace the checkpoint; never with numbers that are none."""
        self.session.tally.read(self.session.step)
        tensors, memo = self.session.state()
        memo |= {"best": asdict(self.best), "explosion": self.explosion.memo(), "alarms": sorted(self.raised)}
        checkpoint.write_state(self.run.folder, tensors, memo)
        with checkpoint.writing(self.run.folder):
            self.run.keep_copy()
        self.saved = time.monotonic()

    def log(self, rates: Mapping[str, float]) -> None:
        """A log line, and the alarms that it gives cause for."""
        session = self.session
        losses, norms = session.tally.read(session.step)
        session.tally.clear()
        named = {f"{turn}/{part}": value for turn, parts in losses.items() for part, value in parts.items()}
        seconds = round(time.monotonic() - self.began, 3)
        self.write({"step": session.step, "seconds": seconds, "losses": named, "gradient": norms, "rate": rates})
        self.note = "  ".join(f"{name} {value:.3g}" for name, value in named.items())
        for turn, parts in losses.items():
            self.alarm(self.explosion.see(turn, sum(parts.values())))

    def judge(self) -> None:
        """A look, and the best weights at once."""
        session = self.session
        session.tally.read(session.step)
        with session.shown() as model:
            row = look_at(session, self.validation, self.look)
            seen = row.get("look", {})
            stated = len(seen.get("told", ()))
            copying = bool((seen.get("copies") or {}).get("told", False))
            noise = float(seen.get("score noise", 0.0))
            if self.best.beaten_by(score_of(row, len(session.players)), session.step, stated, noise, copying):
                checkpoint.write_weights(self.run.folder, model.state_dict())
                self.run.update(best=asdict(self.best))
        self.write(row)
        self.stated = rejecting_in(seen)
        self.heed(seen)

    def peek(self, glance: Look) -> None:
        """A glance between looks."""
        session = self.session
        session.tally.read(session.step)
        with session.shown():
            seen = seen_by(session, glance)
        self.write({"step": session.step, "glance": seen})
        self.heed(seen)

    def heed(self, seen: Mapping[str, Any]) -> None:
        """The alarms that a look or a glance gives cause for."""
        session = self.session
        if seen.get("spread") is not None and session.step >= YOUNG * session.budget.steps:
            self.alarm(collapse(seen["spread"]))
        if seen.get("reached") and session.step >= YOUNG * session.budget.steps:
            self.alarm(lost(seen["reached"]))
        if seen.get("copies") is not None:
            self.alarm(copying(seen["copies"]))

    def alarm(self, alarm: Alarm | None) -> None:
        """Record an alarm, the first of its name."""
        if alarm is not None and alarm.name not in self.raised:
            self.raised.add(alarm.name)
            with checkpoint.writing(self.run.folder):
                self.run.alarm(alarm.name, alarm.seen, alarm.advice, self.session.step)

    def write(self, row: Mapping[str, Any]) -> None:
        """One line of the log."""
        with checkpoint.writing(self.run.folder):
            self.run.log(row)
