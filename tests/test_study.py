"""A study splits once, finds misfits before the training, records how it ended, and resumes to the same numbers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

import simulacra
from simulacra import Budget, Judge, Samples, Split
from simulacra.core.errors import BadInput, BadRun, Diverged
from simulacra.core.progress import Progress
from simulacra.core.shelf import shelf
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.running.split import digest_of
from simulacra.runs import Run
from simulacra.sources.sky.gaussian_field import GaussianField
from simulacra.statistics.lattice.magnetization import Magnetization
from simulacra.views.pixels import Pixels
from small_studies import small


def test_twelve_lines_lead_to_verdicts_samples_and_a_model_that_draws(tmp_path: Path) -> None:
    run = small().run(seed=1, out=tmp_path)
    assert run.state == "done"
    assert run.verdicts["power spectrum"].word in ("differs", "consistent", "unsure")
    assert set(run.samples) == {"truth", "model", "decoder mean", "copycat"}
    assert run.samples["model"].array.shape[1:] == (8, 8)
    drawn = simulacra.load(run).draw(5, np.random.default_rng(0))
    assert (len(drawn), drawn.kind, drawn.array.shape) == (5, "field", (5, 8, 8))
    assert len(run.judges["power spectrum"]["features.model"]) == 80
    assert run.record["sizes"] == {"train": 200, "validation": 60, "truth": 80}


def test_the_same_seed_gives_the_same_run_and_another_seed_another(tmp_path: Path) -> None:
    runs = [small().run(seed=seed, out=tmp_path) for seed in (1, 1, 2)]
    weights = [(run.folder / "model.safetensors").read_bytes() for run in runs]
    assert weights[0] == weights[1] != weights[2]
    assert runs[0].verdicts == runs[1].verdicts
    np.testing.assert_array_equal(runs[0].samples["model"].array, runs[1].samples["model"].array)


def test_an_archive_is_shared_out_by_group_and_a_record_keeps_its_part() -> None:
    chains = np.repeat(np.arange(300), 4).astype(str)
    whole = Samples.of(np.arange(1200.0)[:, None], "vector", group=chains)
    parts = Split(6, 2, 2).share_out(whole)
    groups = {name: set(part.group) for name, part in parts.items()}
    assert not (groups["train"] & groups["truth"] or groups["train"] & groups["validation"])
    assert sum(map(len, parts.values())) == 1200
    # 300 groups, six in ten for training: a binomial count
    assert abs(len(groups["train"]) - 180) < 4 * np.sqrt(300 * 0.6 * 0.4)
    fewer = Split(6, 2, 2).share_out(whole[200:])
    for name, part in fewer.items():
        assert set(part.id) <= set(parts[name].id)


def test_a_record_that_is_there_twice_is_refused() -> None:
    whole = Samples.of(np.zeros((100, 1)), "vector", id=np.zeros(100).astype(str))
    with pytest.raises(BadInput, match="two records have one name"):
        Split(6, 2, 2).share_out(whole)


def test_a_simulators_three_parts_are_strangers() -> None:
    with Progress("simulating", 1) as progress:
        parts = Split(50, 50, 50).simulate(GaussianField(size=8), 3, progress)
    a, b, c = (part.array for part in parts.values())
    assert not np.array_equal(a, b) and not np.array_equal(b, c)
    assert len({*parts["train"].id, *parts["validation"].id, *parts["truth"].id}) == 150


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"judges": {"m": Judge(Magnetization())}}, "cannot read samples of kind 'field'"),
        ({"view": Pixels()}, "wants samples of kind picture"),
    ],
)
def test_a_misfit_of_kinds_is_found_when_the_study_is_built(change: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        small(**change)


def test_a_model_that_does_not_fit_is_found_before_there_is_a_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not fit the data"):
        small(model=VAE(MLP(63, 32, 8), MLP(4, 32, 64), 4)).run(out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_trying_a_model_out_leaves_it_and_all_chance_as_they_were() -> None:
    study = small()
    before = {name: value.clone() for name, value in study.model.state_dict().items()}
    chance = torch.random.get_rng_state()
    study.try_out()
    assert torch.equal(torch.random.get_rng_state(), chance)
    assert all(torch.equal(value, before[name]) for name, value in study.model.state_dict().items())


@dataclass(frozen=True)
class Table:
    """An archive that does not say of which kind its samples are."""

    def read(self) -> Samples:
        return GaussianField(size=8).draw(400, np.random.default_rng(0)).but(id=np.arange(400).astype(str))


def test_a_misfit_of_an_archive_is_found_before_the_training(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read samples of kind 'field'"):
        small(source=Table(), judges={"m": Judge(Magnetization())}).run(out=tmp_path)
    (run,) = simulacra.runs.every(tmp_path)
    assert run.state == "failed"
    assert "cannot read samples of kind 'field'" in run.record["why"]
    assert not run.metrics


def test_a_study_without_judges_or_with_a_stray_expectation_is_refused() -> None:
    with pytest.raises(BadInput, match="needs a judge"):
        small(judges={})
    with pytest.raises(BadInput, match="a judge that is not there"):
        small(expect={"colour": "differs"})


def test_a_verdict_that_is_not_the_one_on_record_is_reported(tmp_path: Path) -> None:
    run = small(steps=5, expect={"power spectrum": "consistent"}).run(out=tmp_path)
    assert run.verdicts["power spectrum"].word == "differs"  # five steps make no sky
    assert run.record["changed"] == ["power spectrum"]


def test_a_training_that_diverges_ends_as_failed_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Diverged):
        small(steps=200, budget=Budget(200, batch=32, rate=1e12)).run(out=tmp_path)
    (run,) = simulacra.runs.every(tmp_path)
    assert run.state == "failed" and run.record["why"]


def test_another_study_cannot_take_up_a_run(tmp_path: Path) -> None:
    run = small().run(out=tmp_path)
    with pytest.raises(BadRun, match="nothing to resume"):
        small().resume(run)
    run.close("interrupted")
    with pytest.raises(BadRun, match="changed: budget"):
        small(steps=31).resume(run)


SCRIPT = """
import torch; torch.set_num_threads(1)
from simulacra.cli import main
raise SystemExit(main({words!r}))
"""

TINY = {
    "sky_by_vae": ["--size", "8", "--latent", "4", "--steps", "800"],
    "ising_by_gan": ["--size", "8", "--temperatures", "2", "--width", "4", "--train", "400", "--steps", "500"],
}
"""One player, and two."""


def start(*words: str) -> subprocess.Popen[bytes]:
    script = SCRIPT.format(words=[*words, "--no-report"])
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL)


def begin(study: str, out: Path) -> subprocess.Popen[bytes]:
    return start("run", study, *TINY[study], "--seed", "3", "--out", str(out))


def wait_for_step(out: Path, step: int, process: subprocess.Popen[bytes]) -> Path:
    """The run's folder, once its log has come so far."""
    limit = time.monotonic() + 120
    while time.monotonic() < limit and process.poll() is None:
        for log in out.glob("*/metrics.jsonl"):
            rows = log.read_text().splitlines()
            if rows and json.loads(rows[-1] if rows[-1].endswith("}") else rows[-2])["step"] >= step:
                return log.parent
        time.sleep(0.01)
    raise AssertionError(f"the run did not come to step {step}: exit {process.poll()}")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """The same commands, let run to their end."""
    found = {}
    for study in TINY:
        out = tmp_path_factory.mktemp(study)
        assert begin(study, out).wait(300) == 0
        found[study] = Run(next(out.iterdir()))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("study", "how"),
    [("sky_by_vae", signal.SIGKILL), ("ising_by_gan", signal.SIGKILL), ("sky_by_vae", signal.SIGINT)],
)
def test_a_run_that_was_stopped_resumes_to_the_very_same_numbers(
    tmp_path: Path, undisturbed: dict[str, Run], study: str, how: signal.Signals
) -> None:
    stopped = begin(study, tmp_path)
    folder = wait_for_step(tmp_path, int(np.random.default_rng(how).integers(20, 400)), stopped)
    os.kill(stopped.pid, how)
    stopped.wait(60)
    assert Run(folder).state == "interrupted"
    assert start("resume", str(folder)).wait(300) == 0
    a, b = undisturbed[study], Run(folder)
    assert b.state == "done"
    assert (a.folder / "model.safetensors").read_bytes() == (b.folder / "model.safetensors").read_bytes()
    np.testing.assert_array_equal(a.samples["model"].array, b.samples["model"].array)
    assert a.verdicts == b.verdicts
    assert [row["step"] for row in a.metrics] == [row["step"] for row in b.metrics]


def test_data_have_the_hash_that_the_first_runs_kept() -> None:
    """Else no run that was begun before could be resumed."""
    warm = {"temperature": np.array([1.0, 2.0, 3.0])}
    units = {"mass": "kg", "charge": "e"}
    x = Samples.of(np.arange(6.0).reshape(3, 2), "vector", units, "nowhere", warm, given_unit={"temperature": "K"})
    y = Samples.of(np.arange(12.0).reshape(3, 2, 2), "field", "mK", "nowhere")
    parts = {"train": x, "truth": y}
    assert digest_of(parts) == "4b5a07cc955ea1d49ffebd9a142e407a96836d20990682d579242da7aae0166a"
    assert digest_of({**parts, "truth": y.but(x=y.x + 1)}) != digest_of(parts)


@pytest.mark.parametrize("name", ["ising_by_gan", "ising_by_diffusion"])
@pytest.mark.parametrize("settings", [{"coldest": 5.0, "hottest": 2.0}, {"coldest": 0.0}, {"temperatures": 0}])
def test_temperatures_that_cannot_be_are_refused_when_the_study_is_built(name: str, settings: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="temperature"):
        shelf("studies").load(name)(**settings)
