"""A small study of denoising runs to its report, which needs no torch, and its model denoises files."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulacra.baselines.hilbert_envelope import hilbert_envelope
from simulacra.baselines.wiener_filter import wiener_filter
from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.core.files import read_json
from simulacra.denoising.populations import populations
from simulacra.denoising.transfer import Transfer
from simulacra.judging.base import Judge
from simulacra.keeping.trained import Trained
from simulacra.models.denoising_autoencoder import DenoisingAutoencoder
from simulacra.models.vae import example as some_vae
from simulacra.networks.trace_unet import TraceUNet
from simulacra.reports.page import page
from simulacra.reports.sections import denoised
from simulacra.running.denoising_study import DenoisingStudy
from simulacra.running.split import Split
from simulacra.runs import Run
from simulacra.sources.radio.radio_trace import RadioTrace
from simulacra.sources.radio.trace_pairs import TracePairs
from simulacra.statistics.radio.pulse_amplitude import PulseAmplitude
from simulacra.studies.radio.radio_by_denoiser import study
from simulacra.training.budget import Budget
from simulacra.views.traces import Traces

Array = NDArray[Any]
T = 128


def small(**more: Any) -> DenoisingStudy:  # noqa: ANN401 - any of the fields
    source = RadioTrace(length=T)
    return DenoisingStudy(
        **{
            "source": source,
            "view": Traces(),
            "model": DenoisingAutoencoder(TraceUNet(T, (4, 6, 8)), T),
            "filters": {"Wiener filter": wiener_filter, "Hilbert envelope": hilbert_envelope},
            "judges": {"amplitude": Judge(PulseAmplitude())},
            "budget": Budget(12, batch=32, looks=2, glances=0),
            "rate": 180.0,
            "split": Split(200, 120, 240),
            "quiet": replace(source, noise_only=1.0),
            "silent": 500,
            "further": Transfer(Path("nowhere.npz")),
            **more,
        }
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return small().run(seed=1, out=tmp_path_factory.mktemp("runs"), name="radio", settings={"noise": "measured"})


def test_every_method_is_told_in_every_bin(run: Run) -> None:
    assert run.state == "done"
    stated = read_json(run.folder / "denoising.json")
    assert set(stated["methods"]) == {"model", "Wiener filter", "Hilbert envelope"}
    for method in stated["methods"].values():
        assert len(method["rows"]) == len(stated["bins"])
        assert sum(row["n"] for row in method["rows"][:-1]) == method["rows"][-1]["n"]
        # the threshold was set on 500 traces: of two runs of 500, more than nine alarms are hardly chance at 0.2 %
        assert method["quiet"]["alarms"]["value"] < 0.02
    assert len(stated["beside"]) == 2 * len(stated["bins"])
    assert "left_out" in stated["further"]
    assert set(run.all_verdicts) == set(stated["methods"])


def test_thresholds_are_set_on_validation_alone(run: Run) -> None:
    """The quiet traces of validation and truth come from two seeds."""
    parts = small().parts(1)
    assert not np.array_equal(parts["quiet"].array, parts["quiet validation"].array)
    assert not set(parts["truth"].id) & set(parts["validation"].id)
    assert (parts["truth"].given["snr"] > 0).all()


def test_recovered_and_true_signals_before_the_judges_are_of_different_traces(run: Run) -> None:
    whole = small()
    parts = whole.parts(1)
    found = {"model": denoised_truth(parts["truth"].array)}
    sets, truth, _ = populations(parts, found, whole.clear)
    assert not set(sets["model"].id) & set(truth.id)
    assert sets["model"].kind == truth.kind == "pulse"


def denoised_truth(x: Array) -> Any:  # noqa: ANN401
    from simulacra.domains.radio.pulse_measures import Recovered

    return Recovered(x[:, 1], np.ones(len(x)))


def test_the_report_says_who_wins_and_shows_it(run: Run) -> None:
    text = page(run)
    assert text.index("Signals out of noise") < text.index("Peaks in their place") < text.index(">Verdict<")
    for word in ("Pulses detected", "Amplitude, energy, waveform", "On pulses of another instrument", "left out"):
        assert word in text
    assert len(re.findall("<svg", text)) >= 7
    said = denoised.sentences(run)
    assert "69 %" in said[2]
    assert any(word in said[1] for word in ("is better than", "loses to", "cannot be said from"))


def test_a_report_needs_no_torch(run: Run) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\nfrom simulacra.runs import Run\nfrom simulacra.reports.page import page\n"
        "print(len(page(Run(Path(sys.argv[1])))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(run.folder)], capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10000


def test_a_spoiled_record_is_left_out_of_the_report(run: Run, tmp_path: Path) -> None:
    import shutil

    other = Run(Path(shutil.copytree(run.folder, tmp_path / "other")))
    (other.folder / "denoising.json").write_text('{"methods": {"model": {}}, "beside": []}')
    assert denoised.sentences(other) == []
    assert "Signals out of noise" not in page(other)


def traces(n: int = 6) -> Array:
    return np.random.default_rng(3).standard_normal((n, T))


@pytest.mark.parametrize("ending", [".npy", ".npz", ".csv"])
def test_ones_own_traces_are_denoised(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    mine, out = tmp_path / f"mine{ending}", tmp_path / f"clean{ending}"
    if ending == ".npy":
        np.save(mine, traces())
    elif ending == ".npz":
        np.savez(mine, traces=traces(), other=np.zeros(3))
    else:
        np.savetxt(mine, traces(), delimiter=",")
    assert main(["denoise", str(run.folder), str(mine), "-o", str(out), "--rate", "180", "--json"]) == 0
    stated = json.loads(capsys.readouterr().out)
    assert (stated["n"], stated["length"], stated["alarms"]) == (6, T, 0.002)
    found = (
        np.load(out)["signals"]
        if ending == ".npz"
        else np.load(out)
        if ending == ".npy"
        else np.loadtxt(out, delimiter=",")
    )
    assert found.shape == (6, T)
    assert np.isfinite(found).all()
    assert main(["denoise", str(run.folder), str(mine), "-o", str(out)]) == 0
    assert "6 traces of 128 samples" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("array", "more", "wrong"),
    [
        (np.where(np.arange(6 * T).reshape(6, T) == 2 * T + 5, np.nan, 0.0), (), "row 2, sample 5"),
        (np.zeros((3, 99)), (), "another length"),
        (np.zeros((3, T)), ("--rate", "200"), "another rate"),
        (np.zeros((3, T, 2)), (), "rows of numbers"),
        (np.array(["a", "b"]), (), "rows of numbers"),
    ],
)
def test_traces_that_do_not_fit_are_refused(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], array: Array, more: tuple[str, ...], wrong: str
) -> None:
    np.save(tmp_path / "mine.npy", array)
    out = tmp_path / "clean.npy"
    assert main(["denoise", str(run.folder), str(tmp_path / "mine.npy"), "-o", str(out), *more]) == 2
    assert wrong in capsys.readouterr().err
    assert not out.exists()


def test_files_that_are_none_are_refused(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.npy").write_text("no numbers")
    np.savez(tmp_path / "two.npz", a=traces(), b=traces())
    for name, out, wrong in (
        ("missing.npy", "o.npy", "no such file"),
        ("broken.npy", "o.npy", "cannot be read"),
        ("two.npz", "o.npy", "--key"),
        ("x.txt", "o.npy", "not read from"),
        ("two.npz", "o.xml", "not written"),
    ):
        assert main(["denoise", str(run.folder), str(tmp_path / name), "-o", str(tmp_path / out)]) == 2
        assert wrong in capsys.readouterr().err


def test_a_set_of_ones_own_is_studied(tmp_path: Path) -> None:
    drawn = RadioTrace(length=T, noise_only=0.3).draw(500, np.random.default_rng(0)).array
    np.savez(tmp_path / "set.npz", traces=drawn[:, 0], signals=drawn[:, 1])
    mine = small(source=TracePairs(tmp_path / "set.npz", length=T), quiet=None, split=Split(50, 20, 30), further=None)
    parts = mine.parts(0)
    assert not parts["quiet"].array[:, 1].any()
    assert abs(len(parts["truth"]) + len(parts["quiet"]) - 150) < 60  # six standard deviations
    np.savez(tmp_path / "set.npz", traces=drawn[:, 0], signals=drawn[:, 1] + 1.0)
    with pytest.raises(BadInput, match="all traces hold a signal"):
        mine.parts(0)


def test_pulses_of_another_instrument_are_tried(tmp_path: Path) -> None:
    time = np.linspace(-25, 125, 1560)
    pulse = np.exp(-(((time - 10) / 2) ** 2)) * np.cos(2 * np.pi * 0.35 * (time - 10))
    np.savez(
        tmp_path / "anita.npz",
        coherent=np.stack([time, 50 * pulse, 0.1 * pulse], axis=1)[None].repeat(3, 0),
        coherent_id=np.arange(3),
        deconvolved_ns_mV_m=np.stack([time, -pulse], axis=1)[None].repeat(4, 0),
        deconvolved_id=np.arange(4),
    )
    x = RadioTrace(length=T, noise_only=0.0).draw(150, np.random.default_rng(0))
    envelope = hilbert_envelope(x, x, 180.0)
    trained = Trained(DenoisingAutoencoder(TraceUNet(T, (4, 6, 8)), T).eval(), Traces().fit(x.but(given={})))
    transfer = Transfer(tmp_path / "anita.npz")
    stated = transfer(trained, {"envelope": envelope}, {"model": 1.0, "envelope": 1.0}, x, 0)
    assert set(stated["methods"]) == {"model", "envelope"}
    found = stated["methods"]["envelope"]
    assert found["events"]["value"] == 1.0, "a lone pulse lies where its envelope is highest"
    # of pulses at least five times above their noise, an envelope finds nearly all
    assert found["rows"][-2]["peak"]["value"] > 0.9
    trace, truth = transfer.laid_upon(np.eye(T)[[T // 2] * 4], x, 0)
    assert trace.shape == truth.signal.shape == (160, T)
    np.testing.assert_allclose(np.abs(truth.signal).sum(axis=1), np.abs(truth.signal).max(axis=1))
    assert truth.snr.min() >= 1
    assert truth.snr.max() <= 10


def test_misfits_are_found_when_the_study_is_built() -> None:
    with pytest.raises(BadInput, match="does not denoise"):
        small(model=some_vae()[0])
    with pytest.raises(BadInput, match="needs a filter"):
        small(filters={})
    with pytest.raises(BadInput, match="bins ascend"):
        small(bins=(3.0, 1.0))
    with pytest.raises(BadInput, match="not there"):
        small(expect={"color": "differs"})


def test_the_study_knows_three_noises_and_two_networks() -> None:
    sources = {repr(study(noise=noise).source) for noise in ("measured", "uniform", "cosine")}
    assert len(sources) == 3
    counts = [study(network=name).describe()["model"]["parameters"] for name in ("unet", "autoencoder")]
    assert counts[0] != counts[1]


def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    import torch

    def fresh() -> DenoisingStudy:
        torch.manual_seed(0)
        return small(silent=60, budget=Budget(6, batch=32, looks=3, glances=0), further=None)

    whole = fresh().run(seed=2, out=tmp_path / "a")
    stopped = Run.create(tmp_path / "b", "radio", {}, 2, fresh().describe())
    stopped.close("interrupted")
    fresh().resume(stopped)
    assert stopped.state == "done"
    assert (stopped.folder / "denoising.json").read_text() == (whole.folder / "denoising.json").read_text()
