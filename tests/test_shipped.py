"""Every shipped model loads, draws and has a whole card; a manipulated one is told and runs no code."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import simulacra
from simulacra.cli import main
from simulacra.core.errors import BadInput, BadRun
from simulacra.core.files import read_json
from simulacra.core.samples import Samples
from simulacra.core.shelf import SHIPPED, import_file, shelf, shipped
from simulacra.core.verdict import Verdict
from simulacra.keeping.card import UNSEEN, lacking, markdown, plainly, traceless
from simulacra.keeping.known import known_values
from simulacra.keeping.shipping import MOST, halved, ship
from simulacra.keeping.trained import Trained, load
from simulacra.networks.mlp import MLP
from simulacra.runs import Run, find
from simulacra.views.spins import Spins

HALF = 2.0**-11  # the relative error of a number rounded to half precision; of the smallest, half their spacing 2^-24
SMALLEST = 2.0**-25


def finished(folder: Path, name: str = "gan") -> Run:
    """A run with an untrained model and one verdict, as a study leaves it."""
    torch.manual_seed(0)
    model, _ = import_file(shelf("models").entry(name).path, "models").example()
    spins = np.where(np.random.default_rng(0).random((8, 8, 8)) < 0.5, -1, 1).astype(np.int8)
    fitted = Spins().fit(Samples.of(spins, "lattice", given={"temperature": np.linspace(1.8, 3.2, 8)}))
    more = {"title": "A test.", "references": ["A paper (A, 2020), arXiv:2001.00001"], "data": "ab12"}
    run = Run.create(
        folder, "ising_by_gan", {"size": 8}, 3, {**more, "origin": "of /home/me/data/a.tar", "source": "s"}
    )
    run.update(sizes={"train": 8}, describes={"budget": "Budget(2)"}, file="/home/me/study.py", seconds=90.0)
    Trained(model, fitted, {"temperature": (1.8, 3.2)}, "GAN of a run", {"temperature": "J/k"}).save(run)
    save_file(dict(model.state_dict()), run.folder / "model.safetensors")
    run.keep_verdicts({"model": {"energy": Verdict("energy", "differs", 0.01, 0.01, 4.2, 0.02, "2%", 0.04, 9, 9)}})
    run.alarm("collapse", "the spread fell", "stop", 5)
    run.close("done")
    return run


@pytest.fixture
def made(tmp_path: Path) -> tuple[Run, Path]:
    """A run, and the folder that it was shipped to."""
    run = finished(tmp_path / "runs")
    return run, ship(run, tmp_path / "handed" / "spins", "simulated", ["it was never trained"])


# what comes with the package

# An atom on the verge between two elements falls to either side: figures on cards of molecules are of half precision
SEEN = [name for name in shipped() if read_json(SHIPPED / name / "card.json")["draws"]["kind"] != "molecule"]


def test_what_the_readme_promises_is_shipped() -> None:
    assert {"galaxies", "ising", "lensing", "microstructures", "molecules", "smiles"} <= set(shipped())


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_model_draws_under_every_condition(name: str) -> None:
    trained = simulacra.load(name)
    card = read_json(SHIPPED / name / "card.json")
    n = 2 if card["draws"]["kind"] == "volume" else 4  # a volume takes seconds
    some = trained.draw(n, np.random.default_rng(0))
    assert list(some.array.shape[1:]) == card["draws"]["shape"]
    assert some.kind == card["draws"]["kind"]
    assert some.array.dtype.kind == "U" or np.isfinite(some.array).all()
    assert all(p.dtype == torch.float32 for p in trained.model.parameters())
    for condition, values in trained.known.items():
        last = known_values(values)[0][-1]
        drawn = trained.draw(2, np.random.default_rng(1), {condition: last})
        assert (drawn.given[condition] == last).all()
    assert len(np.unique(some.array.reshape(n, -1), axis=0)) == n


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_model_has_a_whole_and_true_card(name: str) -> None:
    folder = SHIPPED / name
    card = read_json(folder / "card.json")
    assert card["name"] == name
    assert lacking(card) == []
    assert (folder / "card.md").read_text() == markdown(card)
    run = find(name)
    assert {v["judge"]: (v["word"], v["ratio"]) for v in card["verdicts"]} == {
        judge: (verdict.word, verdict.ratio) for judge, verdict in run.verdicts.items()
    }
    differ = [v["judge"] for v in card["verdicts"] if v["word"] == "differs"]
    assert all(any(f"its {judge} differs" in fault for fault in card["faults"]) for judge in differ)
    assert run.record["study"] in card["training"]["run"]
    assert all(any(mark in ref for mark in ("arXiv:", "doi:", "https://", "ISBN")) for ref in card["references"])


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_folder_is_small_plain_and_tells_nothing_of_its_maker(name: str) -> None:
    folder = SHIPPED / name
    assert (folder / "model.safetensors").stat().st_size <= MOST
    kinds = {path.suffix for path in folder.iterdir()}
    assert kinds <= {".json", ".md", ".safetensors"}
    for tensor in load_file(folder / "model.safetensors").values():
        assert tensor.dtype == torch.float16 or not tensor.is_floating_point()
        assert tensor.isfinite().all()
    for path in folder.glob("*.[jm]*"):
        if path.suffix in (".json", ".md"):
            text = path.read_text()
            assert plainly(text) == text, path
            assert '"host"' not in text


@pytest.mark.parametrize("name", SEEN)
def test_half_precision_changes_less_than_can_be_seen(name: str) -> None:
    """As the card records of draws on the same noise: a quarter of a gray level in the mean, one number in fifty."""
    weights = read_json(SHIPPED / name / "card.json")["weights"]
    assert weights["compared"] >= 64 or weights["mean_change"] == 0  # of half precision from the start: one draw
    assert weights["mean_change"] < 0.25 / 255
    assert weights["share_seen"] < 0.02


def test_the_wheel_takes_every_file_of_a_shipped_model() -> None:
    root = Path(__file__).parent.parent
    taken = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"][
        "simulacra.shipped"
    ]
    files = [path.relative_to(SHIPPED).as_posix() for path in SHIPPED.glob("*/*") if "__pycache__" not in path.parts]
    assert files
    assert all(any(fnmatch(file, pattern) for pattern in taken) for file in files)


# on the command line


def test_a_shipped_name_stands_for_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "spins.png"
    assert main(["sample", "ising", "--temperature", "2.3", "-n", "64", "--seed", "1", "-o", str(sheet)]) == 0
    assert sheet.read_bytes().startswith(b"\x89PNG")
    assert main(["cite", "ising"]) == 0
    assert main(["show", "ising"]) == 0
    said = capsys.readouterr().out
    assert all(reference in said for reference in read_json(SHIPPED / "ising" / "card.json")["references"])
    assert "## Verdicts" in said
    assert "(sources)" in said  # the source of that name is told too
    assert main(["show", "galaxies"]) == 0
    assert capsys.readouterr().out.startswith("# galaxies")
    assert main(["report", "ising"]) == 2
    assert "card.md" in capsys.readouterr().err


def test_an_unknown_name_is_told_with_runs_and_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run = finished(tmp_path / "runs")
    assert main(["sample", "galaxy", "-o", "x.npz"]) == 2
    said = capsys.readouterr().err
    assert run.name in said
    assert "galaxies, ising" in said


def test_runs_come_before_shipped_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = finished(tmp_path / "runs")
    shutil.copytree(run.folder, tmp_path / "runs" / "ising")
    assert find("ising").folder == Path("runs/ising")
    assert find("galaxies").folder == SHIPPED / "galaxies"


def test_the_list_and_the_cards_need_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\nfrom simulacra.cli import main\n"
        "raise SystemExit(main(['list', 'shipped']) or main(['show', 'galaxies']) or main(['cite', 'galaxies']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "galaxies" in done.stdout
    assert "Lintott" in done.stdout


# how it is made


def test_what_is_shipped_draws_as_the_run_does(made: tuple[Run, Path]) -> None:
    run, folder = made
    full, half = load(run).model.state_dict(), load(folder).model.state_dict()
    for name, w in full.items():
        assert half[name].dtype == w.dtype
        assert (half[name] - w).abs().le(HALF * w.abs() + SMALLEST).all()
    # the logits of the spins, on the same noise: each layer adds its weights' relative error and that of the one before
    z, given = torch.randn(256, 3), torch.randn(256, 1)
    with torch.no_grad():
        a, b = (load(place).model.generator(z, given) for place in (run, folder))  # type: ignore[operator, union-attr]
    layers = 3  # dense, one doubling, the last; of each a norm that divides: twice
    assert (a - b).abs().mean() < 2 * layers * HALF * a.abs().mean() + 2 * layers * HALF * a.std()
    card = read_json(folder / "card.json")
    assert lacking(card) == []
    # a spin turns where its uniform number lies between two chances that differ by half the change of a tanh
    assert card["weights"]["share_seen"] <= (a - b).abs().mean() / 2 + 4 * np.sqrt(1e-3 / (64 * 64))


def test_draws_change_by_the_rounding_of_their_weights_and_no_more() -> None:
    """By the running error analysis of a dense net, to which ReLU adds nothing.

    Bound: |W'| e + |W' - W| |x| + |b' - b|. Variance: W² v + s² x² + t², each weight off by a uniform number within
    half of its spacing, s² = spacing² / 12.
    """
    torch.manual_seed(1)
    full, half = MLP(8, 64, 64, 32), MLP(8, 64, 64, 32)
    half.load_state_dict(halved(full.state_dict()))
    x = torch.randn(500, 8)
    a, bound, v = x, torch.zeros_like(x), torch.zeros_like(x)
    with torch.no_grad():
        for layer in full.layers:
            if isinstance(layer, torch.nn.Linear):
                w, b = (HALF * p.abs() + SMALLEST for p in (layer.weight, layer.bias))
                bound = bound @ (layer.weight.abs() + w).T + a.abs() @ w.T + b
                s, t = (torch.exp2(2 * p.abs().log2().floor() - 20) / 12 for p in (layer.weight, layer.bias))
                v = v @ layer.weight.square().T + a.square() @ s.T + t
                a = layer(a)
            else:
                a, v = layer(a), v * (a > 0)
        change = half(x) - full(x)
    assert (change.abs() <= bound + 1e-6 * a.abs().max()).all()  # float32's own rounding
    # the 32 outputs share most of their errors: mean squares of so few stray by a factor of two, and not of four
    assert 0.25 < (change.square().mean() / v.mean()).item() < 4


def test_the_card_is_copied_from_the_record_without_its_machine(made: tuple[Run, Path]) -> None:
    run, folder = made
    card = read_json(folder / "card.json")
    assert card["verdicts"][0]["word"] == "differs"
    assert card["training"]["minutes"] == 1.5
    assert card["data"]["origin"] == "of a.tar"
    assert card["faults"] == [
        "its energy differs from truth's, 4.2 times the noise floor",
        "alarm in training, collapse: the spread fell",
        "it was never trained",
        UNSEEN,
    ]
    record = Run(folder).record
    assert "host" not in record["machine"]
    assert "file" not in record
    assert "/home" not in json.dumps(record)
    assert run.record["file"] == "/home/me/study.py"  # the run itself stays as it was
    assert traceless(record) == record


def test_a_shipped_model_can_be_shipped_again_and_nothing_else_is_overwritten(
    made: tuple[Run, Path], tmp_path: Path
) -> None:
    run, folder = made
    before = read_json(folder / "card.json")
    assert read_json(ship(run, folder, "simulated", ["it was never trained"]) / "card.json") == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("all of it")
    with pytest.raises(BadInput, match="something else"):
        ship(run, tmp_path / "mine", "simulated")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.tex"]


def test_what_cannot_be_shipped_is_told_before_anything_is_written(tmp_path: Path) -> None:
    run = finished(tmp_path / "runs")
    with pytest.raises(BadInput, match="terms"):
        ship(run, tmp_path / "a", " ")
    run.update(state="failed")
    with pytest.raises(BadRun, match="done"):
        ship(run, tmp_path / "a", "simulated")
    run.update(state="done")
    save_file({"big": torch.zeros(MOST // 2 + 1)}, run.folder / "model.safetensors")
    with pytest.raises(BadRun, match="not the one that it ended with"):
        ship(run, tmp_path / "a", "simulated")
    run.close("done")  # sealed anew
    with pytest.raises(BadRun, match="do not fit"):
        ship(run, tmp_path / "a", "simulated")
    assert not (tmp_path / "a").exists()
    with pytest.raises(BadInput, match="too large for half"):
        halved({"w": torch.tensor([1.0, 1e6])})
    counted = halved({"n": torch.tensor(70_000), "w": torch.tensor([1.0])})
    assert (counted["n"].dtype, counted["w"].dtype) == (torch.int64, torch.float16)


# what a stranger may have put in one

EVIL = "import pathlib\npathlib.Path('ran').touch()\nclass Evil: ...\n"


def spoil(folder: Path, file: str, **changes: dict[str, Any]) -> None:
    path = folder / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize("place", ["evil.py:Evil", "models/../evil.py:Evil", "os.py:system", "models/gan.py:torch"])
def test_a_recipe_that_names_what_is_not_ours_runs_no_code(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(SHIPPED / "ising", tmp_path / "ising")
    (tmp_path / "evil.py").write_text(EVIL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for file in ("model.json", "view.json"):
        shutil.copy(SHIPPED / "ising" / file, folder / file)
        spoil(folder, file, recipe={"class": place, "args": ["touch ran"], "kwargs": {}})
        with pytest.raises(BadRun, match=r"on none of our shelves|does not hold"):
            load(folder)
        shutil.copy(SHIPPED / "ising" / file, folder / file)
    assert not (tmp_path / "ran").exists()
    assert "evil" not in sys.modules
    load(folder)


def test_weights_of_other_shapes_names_or_none_are_told(tmp_path: Path) -> None:
    folder = shutil.copytree(SHIPPED / "ising", tmp_path / "ising")
    path = folder / "model.safetensors"
    good = load_file(path)
    save_file(good, path, {"by": "somebody else"})  # the same numbers in other bytes
    with pytest.raises(BadRun, match="not those of the card"):
        load(folder)
    (folder / "card.json").unlink()
    load(folder)
    first = next(name for name, w in good.items() if w.ndim > 1)
    for bad in (
        {**good, first: good[first][:1].clone()},
        {"other": good[first].clone()},
        {**good, "more": good[first].clone()},
    ):
        save_file(bad, path)
        with pytest.raises(BadRun, match="do not fit the model"):
            load(folder)
    whole_file = (SHIPPED / "ising" / "model.safetensors").read_bytes()
    length = (2**62).to_bytes(8, "little")
    for torn in (b"", whole_file[:100], whole_file[:-10], length + whole_file[8:], b"\x80\x04cos\nsystem\n"):
        path.write_bytes(torn)
        with pytest.raises(BadRun, match="is broken"):
            load(folder)
    path.unlink()
    with pytest.raises(BadRun, match="no weights"):
        load(folder)


def test_a_torn_record_is_told(tmp_path: Path) -> None:
    folder = shutil.copytree(SHIPPED / "ising", tmp_path / "ising")
    (folder / "model.json").write_text("{")
    with pytest.raises(BadRun, match="not JSON"):
        load(folder)
    (folder / "run.json").unlink()
    with pytest.raises(BadRun):
        load(folder)
    assert "everything" in lacking([])
    assert "data.license" in lacking({"data": {}})
