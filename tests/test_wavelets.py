"""Daubechies' wavelets hold against theory: closed forms, orthonormality, vanishing moments."""

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.domains.radio.wavelets import analyze, compose, smoothing

EVERY = pytest.mark.parametrize("moments", [1, 2, 4, 8])


def test_the_first_two_filters_have_closed_forms() -> None:
    np.testing.assert_allclose(smoothing(1), [np.sqrt(0.5)] * 2)
    r = np.sqrt(3)
    known = np.array([1 + r, 3 + r, 3 - r, 1 - r]) / (4 * np.sqrt(2))
    taps = np.array(smoothing(2))
    assert np.allclose(taps, known) or np.allclose(taps[::-1], known)


@EVERY
def test_shifts_by_two_are_orthonormal(moments: int) -> None:
    taps = np.array(smoothing(moments))
    for shift in range(moments):
        inner = taps[2 * shift :] @ taps[: len(taps) - 2 * shift]
        assert inner == pytest.approx(1.0 if shift == 0 else 0.0, abs=1e-6)


@EVERY
def test_the_way_back_is_the_way_there_and_keeps_the_energy(moments: int) -> None:
    x = np.random.default_rng(0).standard_normal((3, 512))
    parts = analyze(x, moments, 5)
    assert sum(part.shape[1] for part in parts) == 512
    assert sum(float(np.square(part).sum()) for part in parts) == pytest.approx(float(np.square(x).sum()), rel=1e-6)
    np.testing.assert_allclose(compose(parts, moments), x, atol=1e-5)


@pytest.mark.parametrize("moments", [1, 2, 4])
def test_polynomials_have_no_details_away_from_the_ends(moments: int) -> None:
    t = np.linspace(-1, 1, 128)
    x = np.stack([t**k for k in range(moments)])
    detail = analyze(x, moments, 1)[0]
    inside = detail[:, : 64 - moments]  # the last ones see over the end
    assert np.abs(inside).max() < 1e-6
    higher = analyze(t[None] ** moments, moments, 1)[0][:, : 64 - moments]
    assert np.abs(higher).max() > 1e-8


def test_what_cannot_be_halved_is_told() -> None:
    with pytest.raises(BadInput, match="halved"):
        analyze(np.zeros((1, 500)), 2, 5)
    with pytest.raises(BadInput, match="moments"):
        smoothing(0)
