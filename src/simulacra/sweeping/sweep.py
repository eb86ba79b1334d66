"""Many trials of a study's settings, by Optuna, in a storage that several workers share and that goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from simulacra.bulk.engines import Engine
from simulacra.core.errors import BadInput, SimulacraError, extra
from simulacra.core.files import plain
from simulacra.core.lock import Holder
from simulacra.core.progress import Progress
from simulacra.running.named import build, find
from simulacra.running.study import Study
from simulacra.runs import Run
from simulacra.sweeping.space import Over
from simulacra.sweeping.storage import kept, shown_url
from simulacra.sweeping.trying import try_settings

STARTUP = 5  # trials that are neither pruned nor chosen by what others showed
FINAL = "chosen run"
WHO = "process"
YOUNG = timedelta(minutes=1)  # within which a trial may not yet say whose it is


@dataclass(frozen=True)
class Sweep:
    """What is tried.

    Args:
        study: its name, or its file.
        over: the settings that are tried.
        fixed: all others.
        seed: of data and training, the same in each trial, so that settings alone differ.
        out: where the trials' run folders lie.
        storage: Optuna's, "sqlite:///…" or "postgresql://…"; a password in it is never shown.
    """

    study: str
    over: tuple[Over, ...]
    fixed: Mapping[str, Any]
    seed: int
    out: str
    storage: str

    @property
    def name(self) -> str:
        """In the storage: another question has another name."""
        asked = [plain(asdict(over)) for over in self.over], plain(dict(self.fixed)), self.seed
        return f"{Path(self.study).stem}-{hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:10]}"

    def opened(self, place: int = 0) -> Any:  # noqa: ANN401 - Optuna's study
        """The sweep in its storage, begun if it is not there."""
        with extra("scale"):
            import optuna
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with kept(self.storage) as storage:
            return optuna.create_study(
                storage=storage,
                study_name=self.name,
                load_if_exists=True,
                direction="minimize",
                sampler=optuna.samplers.TPESampler(seed=self.seed + place, n_startup_trials=STARTUP),
                pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP, n_warmup_steps=1),
            )


def trial(sweep: Sweep, place: int) -> str:
    """One trial, in any process: asked of the storage, run, told to it. What became of it, in a word."""
    import optuna

    opened = sweep.opened(place)
    asked = opened.ask()
    asked.set_user_attr(WHO, asdict(Holder.here()))
    settings = dict(sweep.fixed) | {over.name: over.suggest(asked) for over in sweep.over}
    name = find(sweep.study).name
    try:
        study = build(sweep.study, settings, sweep.seed)
        record = {"title": f"trial {asked.number} of {sweep.name}", **study.describe()}
        run = Run.create(sweep.out, name, settings, sweep.seed, record)
    except SimulacraError as error:  # settings that do not go together
        asked.set_user_attr("why", str(error))
        opened.tell(asked, state=optuna.trial.TrialState.FAIL)
        return "failed"
    asked.set_user_attr("run", str(run.folder))

    def watch(step: int, score: float) -> None:
        asked.report(score, step)
        if asked.should_prune():
            raise Pruned("pruned: others were better at this look", f"{run.name}, score {score:.3g}", "")

    try:
        opened.tell(asked, try_settings(study, run, sweep.seed, watch))
    except Pruned:
        opened.tell(asked, state=optuna.trial.TrialState.PRUNED)
        return "pruned"
    except SimulacraError as error:  # it diverged
        asked.set_user_attr("why", str(error))
        opened.tell(asked, state=optuna.trial.TrialState.FAIL)
        return "failed"
    return "done"


class Pruned(SimulacraError):
    """A trial that was stopped at a look, for others were better there."""


def run_sweep(sweep: Sweep, trials: int, engine: Engine) -> dict[str, Any]:
    """Trials until there are so many in the storage, those of earlier calls counted; then what they showed.

    Args:
        sweep: what is tried.
        trials: in all.
        engine: who runs them.
    """
    first = build(sweep.study, dict(sweep.fixed), sweep.seed)
    if not isinstance(first, Study):
        raise BadInput(
            "only studies that train a model by looks are swept",
            f"{sweep.study}: {type(first).__name__}",
            "name another",
        )
    engine.check()
    began = _over(sweep.opened())
    with Progress("trying settings", trials, min(began, trials)) as progress:
        for word in engine.finished(partial(trial, sweep), iter(range(began, trials))):
            progress.step(note=word)
    return shown(sweep)


def _over(opened: Any) -> int:  # noqa: ANN401 - Optuna's study
    """Trials that are over. One whose process is known to be gone is marked so; those of other clients go on."""
    import optuna

    state = optuna.trial.TrialState
    for left in opened.get_trials(deepcopy=False, states=(state.RUNNING,)):
        who = left.user_attrs.get(WHO)
        young = datetime.now() - left.datetime_start < YOUNG
        if (Holder(**who).standing(0.0) == "dead") if who else not young:
            opened.tell(left.number, state=state.FAIL)
    return sum(t.state in (state.COMPLETE, state.PRUNED) for t in opened.trials)


def shown(sweep: Sweep) -> dict[str, Any]:
    """What the trials showed: each with its settings, score, state and run; the best; how much each setting matters."""
    import optuna

    opened = sweep.opened()
    state = optuna.trial.TrialState
    words = {state.COMPLETE: "done", state.PRUNED: "pruned", state.FAIL: "failed"}
    rows = [
        {
            "number": t.number,
            "state": words.get(t.state, "running"),
            "score": t.value,
            "settings": dict(t.params),
            "looks": {str(step): value for step, value in t.intermediate_values.items()},
            "run": t.user_attrs.get("run", ""),
            "why": t.user_attrs.get("why", ""),
        }
        for t in opened.trials
    ]
    done = [row for row in rows if row["state"] == "done"]
    if not done:
        why = next((row["why"] for row in rows if row["why"]), "each was pruned or stopped")
        raise BadInput("no trial came to its end", why, "mend the settings, or allow more trials")
    matter: dict[str, float] = {}
    if len(done) > 3 and len({row["score"] for row in done}) > 1:
        found = optuna.importance.get_param_importances(
            opened, evaluator=optuna.importance.PedAnovaImportanceEvaluator()
        )
        matter = {name: float(value) for name, value in found.items()}
    best = min(done, key=lambda row: float(str(row["score"])))
    return {"name": sweep.name, "storage": shown_url(sweep.storage), "trials": rows, "best": best, "matter": matter}


def run_chosen(sweep: Sweep, best: Mapping[str, Any]) -> tuple[Run, bool]:
    """The study with the chosen settings, judged on truth: once. Whether that had been done before."""
    opened = sweep.opened()
    kept = opened.user_attrs.get(FINAL)
    if kept and (Path(kept["run"]) / "run.json").is_file():
        if kept["settings"] != plain(best["settings"]):
            raise BadInput(
                "the truth was seen already, with other settings",
                f"{kept['run']}: {kept['settings']}; now {best['settings']}",
                "the verdicts of that run stand; a new choice needs new truth: another --seed or other data",
            )
        return Run(kept["run"]), True
    settings = dict(sweep.fixed) | dict(best["settings"])
    study, entry = build(sweep.study, settings, sweep.seed), find(sweep.study)
    about = {"title": entry.title, "question": study.question or entry.question, "sweep": sweep.name}
    run = study.run(seed=sweep.seed, out=sweep.out, name=entry.name, settings=settings, about=about)
    opened.set_user_attr(FINAL, {"run": str(run.folder), "settings": plain(best["settings"])})
    return run, False
