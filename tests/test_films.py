"""Means or noisy draws as asked for, and films that go from draw to draw and end where they began."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.guidance import Conditions
from simulacra.exhibits.films import arcs, film
from simulacra.keeping.trained import Trained
from simulacra.models.acgan import ACGAN
from simulacra.models.adversary import UnitInterval
from simulacra.models.base import Model
from simulacra.models.diffusion import Diffusion
from simulacra.models.likelihoods import GaussianLikelihood
from simulacra.models.vae import VAE
from simulacra.networks.classifying_critic import ClassifyingCritic
from simulacra.networks.convolution import ConvolutionDecoder, ConvolutionEncoder
from simulacra.networks.transposed_generator import TransposedGenerator
from simulacra.networks.unet import UNet
from simulacra.runs import Run
from simulacra.samplers.base import Sampler
from simulacra.samplers.ddpm import DDPM
from simulacra.samplers.dpm_solver import DPMSolver
from simulacra.views.pixels import Pixels

CLASSES = ("round", "flat")


def pictures(**given: np.ndarray) -> Samples:
    x = np.random.default_rng(0).random((8, 8, 8, 3)).astype(np.float32)
    return Samples.of(x, "picture", given=given)


def kept(model: Model, known: dict[str, tuple[str, ...]], x: Samples, folder: Path) -> Run:
    """A run folder that holds this model, untrained."""
    run = Run.create(folder / "runs", "mine", {}, 0)
    Trained(model, Pixels().fit(x), known).save(run)
    save_file(dict(model.state_dict()), run.folder / "model.safetensors")
    return run


def autoencoder() -> VAE:
    torch.manual_seed(0)
    return VAE(ConvolutionEncoder(8, 3, 4, 4), ConvolutionDecoder(8, 3, 4, 2), 2, GaussianLikelihood(0.3))


def diffusion(sampler: Sampler | None = None) -> tuple[Diffusion, Samples]:
    torch.manual_seed(0)
    stated = Conditions({"class": 2}, dropped=0.1)
    network = UNet(2, 3, 8, FEATURES + stated.width, growth=(1, 2))
    model = Diffusion(network, (3, 8, 8), sampler=sampler or DPMSolver(4), conditioning=stated)
    return model, pictures(**{"class": np.array(CLASSES * 4)})


def roughness(path: Path) -> float:
    """Root-mean-square difference of neighboring pixels."""
    x = Samples.read(path).array
    return float(np.sqrt(np.square(np.diff(x, axis=2)).mean()))


def test_pictures_are_means_unless_noise_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = kept(autoencoder(), {}, pictures(), tmp_path)
    drawn = {}
    for way, words in (("mean", []), ("mean", ["--draw", "mean"]), ("noisy", ["--draw", "noisy"])):
        out = tmp_path / f"{len(drawn)}.npz"
        assert main(["sample", str(run.folder), "-n", "20", "-o", str(out), "--seed", "1", "--json", *words]) == 0
        assert json.loads(capsys.readouterr().out)["draw"] == way
        drawn[len(drawn)] = out
    assert drawn[0].read_bytes() == drawn[1].read_bytes()
    # the decoder's own noise, another one in each pixel, has a spread of 0.3; the cut takes half of its power at most
    assert roughness(drawn[2]) ** 2 > roughness(drawn[0]) ** 2 + 0.3**2 / 2


def test_a_model_without_a_decoder_has_no_means(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, x = diffusion()
    run = kept(model, {"class": CLASSES}, x, tmp_path)
    out = str(tmp_path / "a.npz")
    assert main(["sample", str(run.folder), "-n", "2", "-o", out, "--draw", "mean"]) == 2
    assert "no means apart" in capsys.readouterr().err
    assert main(["sample", str(run.folder), "-n", "2", "-o", out, "--json"]) == 0
    assert "draw" not in json.loads(capsys.readouterr().out)


def test_arcs_keep_to_where_draws_lie_and_close() -> None:
    stops = torch.randn(3, 500, generator=torch.Generator().manual_seed(1))
    path = arcs(stops, 8)
    assert path.shape == (24, 500)
    torch.testing.assert_close(path[[0, 8, 16]], stops)
    # of independent normal numbers every place of an arc has the same length, within 5 of its standard errors of 1/√2
    assert (path.norm(dim=1) - 500**0.5).abs().max() < 5 * 0.5**0.5
    step = (torch.roll(path, -1, 0) - path).norm(dim=1)
    assert step.max() < 1.2 * step.min()  # the last is no longer a way than the others


@pytest.mark.parametrize("name", ["autoencoder", "adversary", "diffusion"])
def test_a_film_is_made_by_one_command(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = []
    if name == "autoencoder":
        run = kept(autoencoder(), {}, pictures(), tmp_path)
    else:
        model: Model
        model, x = diffusion()
        if name == "adversary":
            torch.manual_seed(0)
            generator = TransposedGenerator(8, 3, 4, latent=3, conditions=2)
            model = ACGAN(generator, ClassifyingCritic(8, 3, 4, 3), latent=3, classes=2, output=UnitInterval())
        known = tuple(sorted(set(x.given["class"].tolist())))
        run, words = kept(model, {"class": known}, x, tmp_path), ["--class", known[0]]
    out = tmp_path / "film.gif"
    asked = ["film", str(run.folder), "-o", str(out), "--stops", "3", "--frames", "4", "--seed", "2", *words]
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 12
    first = out.read_bytes()
    with Image.open(out) as film_:
        assert film_.n_frames <= 12  # frames that are equal are shown as one
    assert main(asked) == 0
    assert out.read_bytes() == first


def test_a_films_frames_are_the_draws_of_their_noise_under_one_condition() -> None:
    model, x = diffusion(DPMSolver(6))
    trained = Trained(model.eval(), Pixels().fit(x), {"class": CLASSES})
    frames = film(trained, 2, 3, np.random.default_rng(0), {"class": "flat"})
    assert frames.given["class"].tolist() == ["flat"] * 6
    torch.manual_seed(5)
    drawn = model.sample(2, {"class": torch.tensor([0, 1])}).x
    torch.manual_seed(5)
    again = model.end(model.begin(2), {"class": torch.tensor([0, 1])}).x
    torch.testing.assert_close(drawn, again)


def test_what_cannot_be_filmed_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, x = diffusion(DDPM(4))
    trained = Trained(model.eval(), Pixels().fit(x), {"class": CLASSES})
    with pytest.raises(BadInput, match="fresh noise"):
        film(trained, 2, 3, np.random.default_rng(0))
    with pytest.raises(BadInput, match="two draws or more"):
        film(trained, 1, 3, np.random.default_rng(0))
    run = kept(autoencoder(), {}, pictures(), tmp_path)
    assert main(["film", str(run.folder), "-o", str(tmp_path / "a.png")]) == 2
    assert "GIF" in capsys.readouterr().err
