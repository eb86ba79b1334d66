"""Ways of filling in: none reads what is hidden, each is what it says, and the page shows them side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import stats

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.exhibits.fill_in import FillIn, every_turn, interval, pixels_of, ratio, resamples
from simulacra.exhibits.fillers import Filler, linear_regression, mean_image, nearest_neighbor
from simulacra.judging.base import Judge
from simulacra.keeping.trained import Trained
from simulacra.models.masked_autoencoder import MaskedAutoencoder, example
from simulacra.models.turned import Turned
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.networks.patch import PatchDecoder, PatchEncoder
from simulacra.reports.page import page
from simulacra.reports.sections.base import Page
from simulacra.reports.sections.filled import section, sentence
from simulacra.runs import Run
from simulacra.statistics.sky.radial_profile import RadialProfile
from simulacra.views.pixels import Pixels

Array = NDArray[Any]


def rows(n: int = 300, seed: int = 0) -> Array:
    """Rows of eight numbers that hang together in two directions, with noise of 0.3."""
    mixing = np.random.default_rng(1).standard_normal((2, 8))
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 2)) @ mixing + 0.3 * rng.standard_normal((n, 8)) + 5


def ways() -> dict[str, Filler]:
    train = rows()
    return {
        "mean": mean_image(train),
        "neighbor": nearest_neighbor(train),
        "regression": linear_regression(train, components=2),
    }


@pytest.mark.parametrize("way", list(ways()))
def test_what_is_seen_stays_and_what_is_hidden_is_not_read(way: str) -> None:
    x, rng = rows(20, seed=2), np.random.default_rng(3)
    seen = rng.random(x.shape) < 0.5
    found = ways()[way](x, seen)
    np.testing.assert_allclose(found[seen], x[seen])
    other = np.where(seen, x, rng.standard_normal(x.shape))
    np.testing.assert_allclose(ways()[way](other, seen)[~seen], found[~seen])


def test_the_neighbor_is_the_nearest_in_what_is_seen() -> None:
    train = np.array([[0.0, 0.0, 9.0], [1.0, 1.0, 7.0]])
    x = np.array([[0.9, 99.0, 99.0], [99.0, 0.2, 99.0]])
    seen = np.array([[True, False, False], [False, True, False]])
    np.testing.assert_allclose(nearest_neighbor(train)(x, seen), [[0.9, 1.0, 7.0], [0.0, 0.2, 9.0]])


def test_the_regression_is_the_conditional_mean_of_a_normal_law() -> None:
    train = rows(400)
    centered = train - train.mean(axis=0)
    values, vectors = np.linalg.eigh(centered.T @ centered / len(train))
    noise = values[:-2].mean()  # of probabilistic PCA with two directions
    covariance = (vectors[:, -2:] * (values[-2:] - noise)) @ vectors[:, -2:].T + noise * np.eye(8)
    x, known = rows(1, seed=4), np.array([True, False, True, True, False, False, True, False])
    weight = covariance[np.ix_(~known, known)] @ np.linalg.inv(covariance[np.ix_(known, known)])
    expected = train.mean(axis=0)[~known] + weight @ (x[0, known] - train.mean(axis=0)[known])
    np.testing.assert_allclose(linear_regression(train, 2)(x, known[None])[0, ~known], expected, rtol=1e-6)


def test_a_regression_without_directions_is_refused() -> None:
    with pytest.raises(BadInput, match="a component or more"):
        linear_regression(rows(), components=0)


def test_pixels_are_seen_where_their_patch_is() -> None:
    model, _ = example()
    shown = torch.zeros(1, 16, dtype=torch.bool)
    shown[0, 6] = True  # second row of patches, third column
    seen = pixels_of(shown, model)
    assert seen.shape == (1, 8, 8, 3)
    assert seen[0, 2:4, 4:6].all()
    assert seen.sum() == 2 * 2 * 3


def test_rows_of_all_turns_are_laid_out_as_pictures_are() -> None:
    x = torch.rand(2, 3, 4, 4)
    found = every_turn(x).reshape(8, 2, 4, 4, 3)
    pictures = x.movedim(1, -1).numpy()
    np.testing.assert_allclose(found[0], pictures)
    np.testing.assert_allclose(found[1], np.rot90(pictures, axes=(1, 2)))


def test_the_interval_holds_the_true_error_and_groups_go_together() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        squares = rng.chisquare(1, 80)
        _, low, high = interval(squares, resamples(np.arange(80), rng))
        held += low <= 1 <= high
    # a percentile bootstrap of 80 skewed numbers falls a few points short of 95 %
    assert held >= stats.binom.ppf(1e-3, 200, 0.89)
    weights = resamples(np.repeat(np.arange(10), 2), rng)
    np.testing.assert_array_equal(weights[:, ::2], weights[:, 1::2])
    assert ratio(2 * squares, squares, resamples(np.arange(80), rng)) == pytest.approx((2**0.5,) * 3)


def filled_run(folder: Path) -> Run:
    """A run with what an untrained model fills in of random pictures."""
    torch.manual_seed(0)
    encoder, decoder = PatchEncoder(12, 8, depth=1, heads=2), PatchDecoder(8, 12, 8, depth=1, heads=2)
    rng = np.random.default_rng(6)
    parts = {
        name: Samples.of(rng.random((n, 8, 8, 3)).astype(np.float32), "picture", "1", origin=name)
        for name, n in (("train", 60), ("truth", 40))
    }
    view = Pixels().fit(parts["train"])
    trained = Trained(Turned(MaskedAutoencoder(encoder, decoder, (3, 8, 8), 2)), view)
    run = Run.create(folder, "filled", {}, 1)
    assert FillIn({"profile": Judge(RadialProfile())}, components=5)(trained, parts, run, 1) == {}
    return run


def test_a_run_keeps_what_was_filled_in_and_the_page_shows_it(tmp_path: Path) -> None:
    run = filled_run(tmp_path)
    seen = run.exhibit("fill-in")
    assert seen is not None
    assert seen["errors"].shape == (5, 6) and seen["told"].shape == (5, 1, 2)
    assert float(seen["hidden"]) == 0.75
    for i in range(5):
        kept = seen["seen"]
        np.testing.assert_allclose(seen[f"filled.{i}"][kept], seen["truth"][kept], atol=1e-6)
    # numbers spread evenly over 0 … 1 are off from their mean by the root of a twelfth
    assert seen["errors"][4, 0] == pytest.approx(12**-0.5, rel=0.05)
    found = page(run)
    assert "Hidden parts filled in" in found and "linear regression" in found
    assert found.count("<section") == found.count("</section>")


def test_the_words_follow_the_interval() -> None:
    names = ["masked autoencoder", "the same, drawn", "linear regression", "mean image"]
    base = [[0.04, 0, 0, 1, 1, 1], [0.05, 0, 0, 1, 1, 1], [0.05, 0, 0, 1.2, 1.1, 1.3], [0.1, 0, 0, 2, 2, 2]]
    table = np.array(base, dtype=float)
    assert sentence(names, table, 10, 0.75).endswith("The model is better.")
    table[2] = [0.03, 0, 0, 0.8, 0.7, 0.9]
    assert sentence(names, table, 10, 0.75).endswith("The simple way is better.")
    table[2] = [0.04, 0, 0, 1.0, 0.9, 1.1]
    assert sentence(names, table, 10, 0.75).endswith("Neither is better.")


def test_a_spoiled_exhibit_is_left_out_and_the_page_says_so(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "filled", {}, 1)
    assert section(Page(run)) is None
    run.keep_exhibit("fill-in", {"ways": np.array(["a"]), "kind": np.array("picture")})
    assert "(of exhibit fill-in) cannot be shown, and is left out" in page(run)


def test_another_model_does_not_fill_in(tmp_path: Path) -> None:
    trained = Trained(VAE(MLP(6, 4), MLP(2, 6), 2), Pixels())
    some = Samples.of(np.zeros((20, 8, 8, 3), np.float32), "picture")
    with pytest.raises(BadInput, match="only a masked autoencoder"):
        FillIn({})(trained, {"truth": some, "train": some}, Run.create(tmp_path, "x", {}, 1), 1)
