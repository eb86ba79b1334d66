"""A baseline imitates what it says, and no more."""

import numpy as np
import pytest
from scipy import stats

from simulacra.baselines.copycat import copycat
from simulacra.baselines.pca import pca
from simulacra.baselines.same_spectrum import same_spectrum
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.sources.base import Simulator
from simulacra.sources.sky.gaussian_field import GaussianField


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def classed(n: int = 40) -> Samples:
    x = rng(1).random((n, 6, 6, 3)).astype(np.float32)
    return Samples.of(x, "picture", origin="made up", given={"class": np.where(np.arange(n) % 4, "spiral", "smooth")})


def test_copies_are_training_samples_with_what_they_are_given() -> None:
    train = classed()
    source = copycat(train)
    assert isinstance(source, Simulator)
    copies = source.draw(100, rng())
    assert "copies of 40 training samples: made up" in copies.origin
    assert len(set(copies.id)) == len(set(copies.group)) == 100
    flat = train.array.reshape(40, -1)
    for picture, label in zip(copies.array, copies.given["class"], strict=True):
        at = np.flatnonzero((flat == picture.ravel()).all(axis=1))
        assert at.size == 1
        assert train.given["class"][at[0]] == label
    with pytest.raises(BadInput, match="nothing to copy"):
        copycat(train[:0])


def moments_of(x: Array) -> tuple[Array, Array]:
    return x.mean(axis=0), np.cov(x.T, ddof=0)


def test_pca_has_the_covariance_of_its_closed_form() -> None:
    d, n, draws = 6, 500, 200_000
    mix = rng(2).standard_normal((d, d)) * np.array([3, 2, 1, 0.5, 0.3, 0.2])
    train = Samples.of(rng(3).standard_normal((n, d)) @ mix.T + 5, "vector", "GeV")
    drawn = pca(train, components=3).draw(draws, rng(4))
    mean, covariance = moments_of(train.array)
    values, vectors = np.linalg.eigh(covariance)
    noise = values[:3].mean()  # the maximum-likelihood variance: the mean of those left out
    expected = vectors[:, 3:] @ np.diag(values[3:] - noise) @ vectors[:, 3:].T + noise * np.eye(d)
    got_mean, got = moments_of(drawn.array)
    spread = np.sqrt(np.diag(expected))
    assert (np.abs(got_mean - mean) < 5 * spread / np.sqrt(draws)).all()
    error = np.sqrt((expected**2 + np.outer(spread, spread) ** 2) / draws)  # of a Gaussian's sample covariance
    assert (np.abs(got - expected) < 5 * error).all()
    assert drawn.unit == "GeV"


@pytest.mark.parametrize("n", [8, 50])
def test_with_all_components_pca_is_the_gaussian_of_the_samples(n: int) -> None:
    train = Samples.of(rng(5).standard_normal((n, 12)) * np.arange(1, 13), "vector")
    drawn = pca(train).draw(100_000, rng(6)).array
    mean, covariance = moments_of(train.array)
    got_mean, got = moments_of(drawn)
    spread = np.sqrt(np.diag(covariance))
    assert (np.abs(got_mean - mean) < 5 * spread / np.sqrt(1e5)).all()
    assert (np.abs(got - covariance) < 5 * np.sqrt((covariance**2 + np.outer(spread, spread) ** 2) / 1e5)).all()


def test_each_class_has_its_own_gaussian_and_a_small_one_its_own_mean() -> None:
    sizes = {"wide": 600, "narrow": 300, "rare": 5}
    centers = {"wide": 0.0, "narrow": 20.0, "rare": -40.0}
    widths = {"wide": 3.0, "narrow": 0.5, "rare": 0.01}
    label = np.repeat(list(sizes), list(sizes.values()))
    x = np.concatenate([rng(i).normal(centers[c], widths[c], (sizes[c], 3)) for i, c in enumerate(sizes)])
    train = Samples.of(x, "vector", given={"class": label})
    drawn = pca(train, components=3).draw(50_000, rng(7))
    counts = [int((drawn.given["class"] == c).sum()) for c in sizes]
    expected = np.array(list(sizes.values())) / len(train) * 50_000
    assert stats.chisquare(counts, expected).pvalue > 1e-4
    pooled = np.sqrt(
        np.mean([np.square(x[label == c] - x[label == c].mean(axis=0)).sum() / 3 for c in sizes]) * 3 / 905
    )
    for name, width in (("wide", None), ("narrow", None), ("rare", pooled)):
        mine, theirs = drawn.array[drawn.given["class"] == name], x[label == name]
        spread = theirs.std() if width is None else width
        assert np.abs(mine.mean(axis=0) - theirs.mean(axis=0)).max() < 6 * spread / np.sqrt(len(mine))
        assert np.sqrt(np.square(mine - mine.mean(axis=0)).mean()) == pytest.approx(
            np.sqrt(np.square(theirs - theirs.mean(axis=0)).mean()) if width is None else width,
            rel=5 / np.sqrt(2 * mine.size),
        )


def test_pca_draws_pictures_lattices_and_fields_of_their_kind() -> None:
    pictures = pca(classed(), components=5).draw(30, rng())
    assert pictures.array.shape == (30, 6, 6, 3)
    assert pictures.array.dtype == np.float32
    assert pictures.array.min() >= 0
    assert pictures.array.max() <= 1
    assert set(pictures.given["class"]) <= {"spiral", "smooth"}
    spins = Samples.of(rng().choice(np.array([-1, 1], dtype=np.int8), (30, 4, 4)), "lattice")
    lattices = pca(spins).draw(50, rng()).array
    assert lattices.dtype == np.int8
    assert set(np.unique(lattices)) == {-1, 1}
    fields = pca(GaussianField(8).draw(20, rng())).draw(5, rng())
    assert (fields.kind, fields.array.shape, fields.array.dtype) == ("field", (5, 8, 8), np.float32)
    whole = pca(Samples.of(np.arange(12).reshape(6, 2), "vector")).draw(5, rng()).array
    assert whole.dtype == np.float64


def test_pca_of_equal_samples_draws_them() -> None:
    same = Samples.of(np.full((4, 3), 0.5, dtype=np.float32), "vector")
    np.testing.assert_allclose(pca(same).draw(5, rng()).array, 0.5)


def test_pca_refuses_what_has_no_directions() -> None:
    for n, components in ((1, 5), (10, 0)):
        with pytest.raises(BadInput, match="principal directions"):
            pca(classed(40)[:n], components)


def test_the_same_spectrum_is_the_same_at_every_mode() -> None:
    n, draws = 50, 4000
    train = GaussianField(16, slope=-2.0).draw(n, rng(8))
    train = train.but(x=(train.array * 3 + 7).astype(np.float32), unit="mK")
    source = same_spectrum(train)
    assert isinstance(source, Simulator)
    drawn = source.draw(draws, rng(9))
    assert (drawn.kind, drawn.unit, drawn.array.dtype) == ("field", "mK", np.float32)
    mean = float(train.array.mean(dtype=np.float64))
    theirs = np.square(np.abs(np.fft.fft2(train.array.astype(np.float64) - mean))).mean(axis=0)
    mine = np.square(np.abs(np.fft.fft2(drawn.array.astype(np.float64) - mean))).mean(axis=0)
    ratio = mine[theirs > 1e-3] / theirs[theirs > 1e-3]
    # a mode's power is exponential, or a squared Gaussian where it is its own conjugate (four of them)
    assert np.abs(ratio - 1).max() < 6 * np.sqrt(2 / draws)
    assert float(drawn.array.mean()) == pytest.approx(mean, abs=1e-3)


def test_the_same_spectrum_is_gaussian_whatever_the_fields_were() -> None:
    train = GaussianField(16, slope=0.0).draw(200, rng(10))
    skewed = train.but(x=(train.array**2).astype(np.float32))
    drawn = same_spectrum(skewed).draw(200, rng(11)).array.ravel()
    assert stats.skew(skewed.array.ravel()) > 2
    assert abs(stats.skew(drawn)) < 5 * np.sqrt(6 / drawn.size)


def test_the_same_spectrum_is_for_fields_alone() -> None:
    with pytest.raises(BadInput, match="fields alone"):
        same_spectrum(classed())
