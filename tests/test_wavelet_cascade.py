"""Pictures from coarse to fine: the transform loses nothing, the stages fit, each learns alone."""

from __future__ import annotations

import pytest
import torch

from simulacra.core.errors import BadInput
from simulacra.diffusion.haar import join, split
from simulacra.diffusion.turns import Turns
from simulacra.models.base import Batch
from simulacra.models.wavelet_cascade import WaveletCascade, example


def test_the_transform_keeps_all_norms_and_is_undone() -> None:
    x = torch.randn(3, 2, 8, 6, dtype=torch.float64)
    coarse, details = split(x)
    assert coarse.shape == (3, 2, 4, 3) and details.shape == (3, 6, 4, 3)
    assert torch.allclose(join(coarse, details), x)
    assert torch.isclose(coarse.square().sum() + details.square().sum(), x.square().sum())
    assert torch.allclose(coarse, x.unfold(2, 2, 2).unfold(3, 2, 2).sum((-1, -2)) / 2)


def test_every_scale_has_spread_one_and_together_they_are_the_picture() -> None:
    model, _ = example()
    pictures = torch.randn(400, 1, 16, 16).cumsum(2).cumsum(3) + 5
    model.count(Batch(pictures))
    parts = model.scales(pictures)
    for _, data in parts[1:]:
        assert data.square().mean(0).sub(1).abs().max() < 1e-4
    assert parts[0][1].var(0).sub(1).abs().max() < 0.02
    x = parts[0][1] * model.get_buffer("spread0") + model.get_buffer("middle0")
    for k, (coarse, data) in enumerate(parts[1:], 1):
        assert torch.allclose(x, coarse, atol=1e-2)
        x = join(x, data * model.get_buffer(f"detail{k}"))
    assert torch.allclose(x, pictures, atol=1e-2)


def test_spreads_are_the_same_in_all_turns() -> None:
    plain, _ = example()
    model = WaveletCascade(list(plain.stages), Turns())
    model.count(Batch(torch.randn(50, 1, 16, 16).cumsum(2)))
    for name in ("middle1", "spread1", "spread2"):
        seen = model.get_buffer(name)
        assert torch.allclose(seen, seen.transpose(1, 2), atol=1e-4) and torch.allclose(seen, seen.flip(2), atol=1e-4)
    assert torch.allclose(model.get_buffer("detail2")[0], model.get_buffer("detail2")[1].T, atol=1e-4)


def test_a_scale_learns_alone_where_asked() -> None:
    model, batch = example()
    model.count(batch)
    model.only = 1
    losses = model.loss(batch)
    assert list(losses) == ["scale 1"]
    losses["scale 1"].mean().backward()
    moved = {name.split(".")[1] for name, p in model.named_parameters() if p.grad is not None}
    assert moved == {"1"}


def test_the_coarse_picture_decides_the_fine_one() -> None:
    model, batch = example()
    model.count(batch)
    stage = model.stages[1]
    given = {"class": torch.zeros(2, dtype=torch.long), "beside": torch.zeros(2, 1, 4, 4)}
    x, t = torch.randn(2, 3, 4, 4), torch.tensor(0.5)
    here = stage.denoise(x, t, given)
    there = stage.denoise(x, t, {**given, "beside": torch.ones(2, 1, 4, 4)})
    assert not torch.allclose(here, there)
    with pytest.raises(BadInput, match="a picture is missing"):
        stage.denoise(x, t, {"class": given["class"]})


def test_stages_that_do_not_fit_are_refused() -> None:
    model, _ = example()
    first, second, third = model.stages
    for wrong in ([], [first, third], [second, third]):
        with pytest.raises(BadInput, match=r"do not fit|sees the coarse"):
            WaveletCascade(wrong)
