"""Copies of pictures are seen through recompression, and through a mirror with noise; other pictures are no twins."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simulacra.core.samples import Samples
from simulacra.domains.likeness.nearest import Known, typical_distance
from simulacra.judging.copies import is_twin
from simulacra.kinds.base import likeness_of


@pytest.fixture
def pictures(galaxies: Path) -> np.ndarray:
    """Eighty galaxies of 128 pixels a side."""
    found = []
    with tarfile.open(galaxies) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.lower().endswith((".jpg", ".png")) else None
            if file is not None:
                found.append(np.asarray(Image.open(io.BytesIO(file.read())).convert("RGB")) / 255)
            if len(found) == 80:
                break
    return np.stack(found)


def recompressed(x: np.ndarray) -> np.ndarray:
    out = []
    for picture in x:
        file = io.BytesIO()
        Image.fromarray((255 * picture).round().astype(np.uint8)).save(file, "JPEG", quality=50)
        out.append(np.asarray(Image.open(file)) / 255)
    return np.stack(out)


def mirrored_with_noise(x: np.ndarray) -> np.ndarray:
    return x[:, :, ::-1] + np.random.default_rng(0).normal(0, 0.05, x.shape)


@pytest.mark.parametrize("spoil", [recompressed, mirrored_with_noise])
def test_copies_that_lost_their_detail_are_twins(
    pictures: np.ndarray, spoil: Callable[[np.ndarray], np.ndarray]
) -> None:
    train, truth = (Samples.of(part, "picture") for part in (pictures[:40], pictures[40:]))
    likeness = likeness_of(train)
    scale, known = typical_distance(likeness, truth, np.random.default_rng(1)), Known.of(likeness, train)
    copies = Samples.of(spoil(pictures[:40]), "picture")
    assert is_twin(known.nearest(copies), scale, likeness).mean() >= 0.95
    assert not is_twin(known.nearest(truth), scale, likeness).any()
