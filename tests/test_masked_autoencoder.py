"""Patches come back whole, the encoder sees none that is hidden, and only hidden ones count."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Noise
from simulacra.models.latent_prior import example as latent_prior
from simulacra.models.masked_autoencoder import MaskedAutoencoder, example, order_of, pick
from simulacra.models.turned import Turned, turned
from simulacra.networks.patch import PatchDecoder, PatchEncoder, from_patches, places, to_patches


def masked() -> tuple[MaskedAutoencoder, Tensor, Tensor]:
    """A small one, pictures, and which patches of each are seen."""
    torch.manual_seed(0)
    model, batch = example()
    return model.eval(), batch.x, model.masks(batch)


@pytest.mark.parametrize(("shape", "side"), [((3, 8, 12), 4), ((1, 6, 6), 1), ((2, 5, 5), 5)])
def test_patches_are_squares_of_the_picture_and_come_back_whole(shape: tuple[int, int, int], side: int) -> None:
    x = torch.randn(4, *shape)
    patches = to_patches(x, side)
    assert torch.equal(from_patches(patches, shape, side), x)
    for patch, (row, column) in enumerate(places(shape[1], shape[2], side).long().tolist()):
        square = x[:, :, row * side : (row + 1) * side, column * side : (column + 1) * side]
        assert torch.equal(patches[:, patch], square.flatten(1))


def test_as_many_patches_are_seen_in_every_picture_and_any_may_be() -> None:
    model, batch = example()
    counts = torch.zeros(16)
    repeats = 400
    for seed in range(repeats):
        seen = model.masks(Batch(batch.x, noise=Noise(seed, 0, len(batch))))
        assert (seen.sum(1) == 4).all()
        counts += seen[0]
    # each patch is seen in a quarter of the masks: sixteen binomial counts
    assert stats.binom.cdf(counts.numpy(), repeats, 0.25).min() > 1e-5
    assert stats.binom.sf(counts.numpy(), repeats, 0.25).min() > 1e-5


def test_what_is_hidden_changes_nothing_that_is_filled_in() -> None:
    model, x, seen = masked()
    patches = to_patches(x, model.side).clone()
    patches[~seen] = torch.randn_like(patches[~seen])
    other = from_patches(patches, model.shape, model.side)
    assert not torch.equal(other, x)
    assert torch.equal(model.means(other, seen), model.means(x, seen))
    assert torch.equal(model.fill(Batch(other), seen).x, model.fill(Batch(x), seen).x)


def test_what_is_seen_stays_and_matters() -> None:
    model, x, seen = masked()
    filled = to_patches(model.fill(Batch(x), seen).x, model.side)
    assert torch.equal(filled[seen], to_patches(x, model.side)[seen])
    patches = to_patches(x, model.side).clone()
    patches[seen] += 1
    other = from_patches(patches, model.shape, model.side)
    assert not torch.allclose(model.means(other, seen), model.means(x, seen))


def test_the_loss_counts_hidden_patches_alone() -> None:
    model, batch = example()
    noise = Noise(5, 0, len(batch))
    seen = model.masks(Batch(batch.x, noise=Noise(5, 0, len(batch))))
    means = model.means(batch.x, seen)
    truth = to_patches(batch.x, model.side)[~seen].view_as(means)
    by_hand = 0.5 * ((truth - means) / 0.05).square().sum((1, 2)) + means[0].numel() * math.log(
        0.05 * math.sqrt(2 * math.pi)
    )
    torch.testing.assert_close(model.loss(Batch(batch.x, noise=noise))["hidden"], by_hand)


def test_the_encoder_is_given_the_seen_patches_and_where_they_lie() -> None:
    model, x, seen = masked()
    given: list[tuple[Tensor, Tensor]] = []
    model.encoder.register_forward_pre_hook(lambda _, inputs: given.append(inputs))
    model.means(x, seen)
    (patches, at) = given[0]
    known, _ = order_of(seen)
    assert torch.equal(patches, pick(to_patches(x, model.side), known))
    assert torch.equal(at[3], places(8, 8, 2)[seen[3]])


def test_the_order_in_which_patches_are_seen_does_not_matter() -> None:
    torch.manual_seed(1)
    encoder = PatchEncoder(6, 8, depth=2, heads=2).eval()
    patches, at, order = torch.randn(2, 5, 6), torch.rand(2, 5, 2), torch.tensor([3, 0, 4, 1, 2])
    torch.testing.assert_close(encoder(patches[:, order], at[:, order]), encoder(patches, at)[:, order])


def test_a_picture_from_nothing_is_filled_in_once_everywhere() -> None:
    model, _, _ = masked()
    asked: list[int] = []
    model.encoder.register_forward_pre_hook(lambda _, inputs: asked.append(inputs[0].shape[1]))
    drawn = model.sample(3).x
    assert asked == [0, 4, 8, 12]  # sixteen patches in four rounds
    assert (drawn != 0).all()


def test_it_learns_what_a_neighbor_tells() -> None:
    """Pictures of one gray each: a quarter of the patches shows all the others."""
    torch.manual_seed(2)
    encoder, decoder = PatchEncoder(4, 16, depth=1, heads=2), PatchDecoder(16, 4, 16, depth=1, heads=2)
    model = MaskedAutoencoder(encoder, decoder, (1, 8, 8), 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(300):
        batch = Batch(torch.rand(64, 1, 1, 1).expand(-1, 1, 8, 8))
        optimizer.zero_grad()
        model.loss(batch)["hidden"].mean().backward()
        optimizer.step()
    x = torch.rand(200, 1, 1, 1).expand(-1, 1, 8, 8)
    seen = model.masks(Batch(x))
    error = (model.fill(Batch(x), seen).x - x).square().mean().sqrt().item()
    assert error < 0.1 * np.sqrt(1 / 12)  # a tenth of what the mean gray is off by


def test_what_cannot_be_cut_or_hidden_is_refused() -> None:
    encoder, decoder = PatchEncoder(12, 8, depth=1, heads=2), PatchDecoder(8, 12, 8, depth=1, heads=2)
    with pytest.raises(BadInput, match="do not cover"):
        MaskedAutoencoder(encoder, decoder, (3, 9, 8), 2)
    with pytest.raises(BadInput, match="some patches must be seen"):
        MaskedAutoencoder(encoder, decoder, (3, 8, 8), 2, hidden=1.0)
    with pytest.raises(BadInput, match="no multiple"):
        PatchEncoder(12, 10, heads=2)


def test_a_model_of_several_players_is_not_turned() -> None:
    with pytest.raises(BadInput, match="in one turn"):
        Turned(latent_prior()[0])


def test_the_eight_turns_are_those_of_a_square() -> None:
    x = torch.arange(9.0).view(1, 1, 3, 3).expand(8, 1, 3, 3)
    eight = turned(x, torch.arange(8))
    assert len({tuple(picture.flatten().tolist()) for picture in eight}) == 8
    again = turned(eight, torch.full((8,), 5))  # turns and flips lead to turns and flips
    assert {tuple(p.flatten().tolist()) for p in again} == {tuple(p.flatten().tolist()) for p in eight}
    assert torch.equal(eight[1, 0], torch.rot90(x[0, 0]))
    assert torch.equal(eight[4, 0], x[0, 0].flip(1))
