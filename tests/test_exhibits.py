"""What a model shows of its latent space: arcs between draws for one that cannot say where a sample lies."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from simulacra.core.samples import Samples
from simulacra.exhibits.walks import show_latent, wander
from simulacra.models.adversary import Unbounded
from simulacra.models.gan import GAN
from simulacra.networks.dense_gan import DenseGANCritic
from simulacra.runs import Run
from simulacra.views.flat import Flat


class Told(nn.Module):
    """A generator that gives back its latent place, and the class it was told beside it."""

    def forward(self, z: Tensor, stated: Tensor) -> Tensor:
        return torch.cat([z, stated], 1)


def stated() -> tuple[GAN, Flat, Samples]:
    model = GAN(Told(), DenseGANCritic(3, 8, conditions=1), latent=2, output=Unbounded())
    rng = np.random.default_rng(1)
    samples = Samples.of(rng.normal(size=(40, 3)), "vector", given={"angle": np.repeat([0.0, 1.0], 20)})
    view = Flat()
    return model, view.fit(samples), samples


def test_an_arc_leads_from_draw_to_draw_and_never_nearer_to_the_middle_than_an_ellipse_would() -> None:
    model, view, samples = stated()
    raw = torch.as_tensor(wander(model, view, samples[[30]], stops=3, frames=5, seed=1).array)
    z, condition = raw[:, :2], raw[:, 2]
    stops = torch.randn(3, 2, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(z[[0, 4, 8]], stops)
    assert len(z) == 9
    for leg, ends in ((z[:5], stops[:2]), (z[4:], stops[1:])):
        assert (leg.norm(dim=1) >= torch.linalg.svdvals(ends)[-1] - 1e-5).all()
    torch.testing.assert_close(condition, view.forward(samples[[30]]).given["angle"].expand(9).float())


def test_an_adversary_keeps_a_path_and_a_movie_but_no_reconstructions(tmp_path: Path) -> None:
    model, view, samples = stated()
    run = Run.create(tmp_path, "told", {}, 0, {})
    show_latent(model, view, samples, samples, run, 3)
    path, movie = run.exhibit("path"), run.exhibit("movie")
    assert path is not None
    assert movie is not None
    assert len(path["frames"]) == 8
    assert len(movie["frames"]) == 4 * 12 - 3
    assert not any(path["ends"])
    assert run.exhibit("reconstructions") is None
