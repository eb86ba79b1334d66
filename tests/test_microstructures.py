"""What two phases are known by agrees with the exact laws of overlapping spheres, on voxels and in space."""

from collections.abc import Callable
from itertools import chain, combinations, product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import fft, stats

from simulacra.core.samples import Samples
from simulacra.domains.materials import spheres
from simulacra.domains.materials.configurations import CORNERS, DIRECTIONS, WEIGHTS, cubes, euler, faces, surface
from simulacra.domains.materials.correlation import by_distance, mean_distances
from simulacra.domains.materials.runs_of_phase import chords, segments
from simulacra.sources.materials.sphere_packing import SpherePacking
from simulacra.statistics.materials.euler_characteristic import EulerCharacteristic
from simulacra.statistics.materials.percolation import Percolation
from simulacra.statistics.materials.surface_area import SurfaceArea
from simulacra.statistics.materials.two_point_probability import TwoPointProbability

Array = NDArray[Any]
SIZE, RADIUS, COUNT, N = 16, 2.0, 40, 400
LINE = np.array([0, 0, 1])
Law = Callable[[Array], float]


def free(points: Array) -> float:
    """The probability that so many spheres, anywhere on the torus, leave these voxels free."""
    return float((1 - spheres.reaching(points % SIZE, RADIUS) / SIZE**3) ** COUNT)


@pytest.fixture(scope="module")
def volumes() -> Array:
    return spheres.scatter(N, SIZE, RADIUS, COUNT, np.random.default_rng(20))


@pytest.fixture(autouse=True)
def on_the_torus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places from which a sphere reaches some voxels are counted once, wherever the box wraps."""

    def reaching(points: Array, radius: float) -> int:
        at = ((np.asarray(points)[:, None, :] + spheres.ball(radius)) % SIZE).reshape(-1, 3)
        return len(np.unique(at, axis=0))

    monkeypatch.setattr(f"{__name__}.spheres.reaching", reaching)


def all_covered(points: Array) -> float:
    """By inclusion and exclusion over what is left free."""
    subsets = chain.from_iterable(combinations(range(len(points)), k) for k in range(len(points) + 1))
    return sum((-1) ** len(s) * (free(points[list(s)]) if s else 1.0) for s in subsets)


def agrees(rows: Array, exact: Array) -> None:
    """Means of independent volumes lie about the law; one chance in ten thousand is left to all features together."""
    spread = rows.std(axis=0, ddof=1) / np.sqrt(len(rows))
    z = (rows.mean(axis=0) - exact)[spread > 0] / spread[spread > 0]
    assert np.abs(z).max() <= stats.norm.isf(0.5e-4 / z.size)
    np.testing.assert_allclose(rows.mean(axis=0)[spread == 0], exact[spread == 0], atol=1e-12)


def test_segments_lie_in_each_phase_as_the_law_says(volumes: Array) -> None:
    longest = SIZE // 2
    along = [np.arange(r + 1)[:, None] * LINE for r in range(longest + 1)]
    agrees(segments(volumes, 0, longest), np.array([free(points) for points in along]))
    agrees(segments(volumes, 1, 5), np.array([all_covered(points) for points in along[:6]]))


def test_chords_of_the_matrix_are_as_frequent_as_the_law_says(volumes: Array) -> None:
    q = np.array([free(np.arange(r)[:, None] * LINE) for r in range(1, SIZE + 1)])
    agrees(chords(volumes, 0)[:, :9], (q[:-2] - 2 * q[1:-1] + q[2:])[:9])


def test_pairs_lie_in_the_spheres_as_the_law_says(volumes: Array) -> None:
    longest = SIZE // 2
    once, twice = free(np.zeros((1, 3), dtype=int)), {}
    total, weight = np.zeros(longest + 1), np.zeros(longest + 1)
    for apart in product(range(-longest, longest + 1), repeat=3):
        shell = round(float(np.linalg.norm(apart)))
        if shell > longest:
            continue
        key = tuple(sorted(map(abs, apart)))
        if key not in twice:
            twice[key] = 1 - 2 * once + free(np.array([(0, 0, 0), key]))
        room = float(np.prod(SIZE - np.abs(apart)))
        total[shell] += room * twice[key]
        weight[shell] += room
    agrees(by_distance(volumes, longest), total / weight)


def test_cubes_of_voxels_are_as_frequent_as_the_law_says(volumes: Array) -> None:
    exact = np.zeros(256)
    for number in range(256):
        inside = [k for k in range(8) if number >> k & 1]
        outside = [k for k in range(8) if k not in inside]
        for s in chain.from_iterable(combinations(inside, k) for k in range(len(inside) + 1)):
            left = [*outside, *s]
            exact[number] += (-1) ** len(s) * (free(CORNERS[left]) if left else 1.0)
    assert exact.sum() == pytest.approx(1)
    found = cubes(volumes)
    for measure in (surface, faces, lambda x: euler(x, 6), lambda x: euler(x, 26)):
        agrees(measure(found)[:, None], measure(exact[None]))
    agrees(found @ np.eye(256)[:, exact * N * SIZE**3 > 5000], exact[exact * N * SIZE**3 > 5000])  # normal enough


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.6])
def test_the_laws_on_voxels_become_those_of_space_where_spheres_are_large(
    fraction: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    radius, eta = 12.0, -np.log(1 - fraction)
    density = eta / len(spheres.ball(radius))
    missed = {r: spheres.missed(density, np.array([[0, 0, 0], [0, 0, r]]), radius) for r in (1, 6, 12, 24, 30)}
    for r, q in missed.items():
        assert q == pytest.approx(float(spheres.free_pair(eta, np.array([float(r)]), radius)[0]), rel=0.01)
    line = spheres.missed(density, np.arange(13)[:, None] * LINE, radius)
    assert line == pytest.approx(float(spheres.free_segment(eta, np.array([12.0]), radius)[0]), rel=0.02)
    q1, found = spheres.missed(density, np.zeros((1, 3), dtype=int), radius), 0.0
    for direction in DIRECTIONS:
        square = int((direction**2).sum())
        q2 = spheres.missed(density, np.array([(0, 0, 0), direction]), radius)
        found += 2 * WEIGHTS[square] * 2 * (q1 - q2) / np.sqrt(square)
    assert found == pytest.approx(spheres.surface_density(eta, radius), rel=0.05)  # edges between spheres are rounded


def test_the_law_of_the_euler_characteristic_vanishes_where_it_is_known_to() -> None:
    """Of few spheres it counts them; it is zero first at 1 - 3η + 3π²η²/32 = 0."""
    few = spheres.euler_density(1e-6, 2.0) / (1e-6 / (4 * np.pi * 8 / 3))
    assert few == pytest.approx(1, abs=1e-5)
    first = (3 - np.sqrt(9 - 3 * np.pi**2 / 8)) / (3 * np.pi**2 / 16)
    assert spheres.euler_density(float(first), 1.0) == pytest.approx(0, abs=1e-12)


def body(inside: Callable[[Array, Array, Array], Array], side: int = 28) -> Array:
    z, y, x = np.indices((side, side, side)) - (side - 1) / 2
    return inside(z, y, x).astype(np.uint8)[None]


@pytest.mark.parametrize(
    ("inside", "characteristic"),
    [
        (lambda z, y, x: z**2 + y**2 + x**2 <= 81, 1),
        (lambda z, y, x: (np.hypot(y, x) - 8) ** 2 + z**2 <= 9, 0),
        (lambda z, y, x: (z**2 + y**2 + x**2 <= 100) & (z**2 + y**2 + x**2 >= 36), 2),
        (lambda z, y, x: (np.abs(z) - 7) ** 2 + y**2 + x**2 <= 16, 2),
    ],
    ids=["ball", "ring", "shell", "two balls"],
)
@pytest.mark.parametrize("touching", [6, 26])
def test_bodies_have_their_euler_characteristic(inside: Any, characteristic: int, touching: int) -> None:  # noqa: ANN401
    assert euler(cubes(body(inside)), touching)[0] * 27**3 == pytest.approx(characteristic, abs=1e-8)


def test_noise_has_the_euler_characteristic_that_scikit_image_counts() -> None:
    """Version 0.26.0, `measure.euler_number` with connectivity 1 and 3."""
    noise = np.pad((np.random.default_rng(3).random((12, 12, 12)) < 0.4).astype(np.uint8), 1)[None]
    assert euler(cubes(noise), 6)[0] * 13**3 == pytest.approx(35)
    assert euler(cubes(noise), 26)[0] * 13**3 == pytest.approx(-132)


def test_a_ball_has_its_surface_and_its_steps_half_as_much_again() -> None:
    found = cubes(body(lambda z, y, x: z**2 + y**2 + x**2 <= 121))
    assert surface(found)[0] * 27**3 == pytest.approx(4 * np.pi * 121, rel=0.015)
    assert faces(found)[0] * 27**3 == pytest.approx(6 * np.pi * 121, rel=0.015)


def test_directions_stand_for_their_share_of_the_sphere() -> None:
    """The solid angle that lies nearest to each line, by many random directions: binomial spreads, five of them."""
    rng, n = np.random.default_rng(0), 200_000
    random = rng.standard_normal((n, 3))
    unit = DIRECTIONS / np.linalg.norm(DIRECTIONS, axis=1, keepdims=True)
    count = np.bincount(np.abs(random @ unit.T).argmax(axis=1), minlength=13)
    share = np.array([WEIGHTS[int((d**2).sum())] for d in DIRECTIONS])
    assert share.sum() == pytest.approx(1, abs=1e-8)
    assert (np.abs(count - n * share) <= 5 * np.sqrt(n * share * (1 - share))).all()


def test_pairs_are_counted_within_the_window() -> None:
    x = np.random.default_rng(1).integers(0, 2, (2, 6, 6, 6)).astype(np.uint8)
    found = by_distance(x, 3)
    for i in range(2):
        total, room = np.zeros(4), np.zeros(4)
        at = np.argwhere(np.ones((6, 6, 6)))
        r = np.rint(np.linalg.norm(at[:, None] - at[None], axis=2)).astype(int)
        inside = x[i].ravel().astype(float)
        both = inside[:, None] * inside[None]
        for shell in range(4):
            total[shell], room[shell] = both[r == shell].sum(), (r == shell).sum()
        np.testing.assert_allclose(found[i], total / room, rtol=1e-12)
    assert mean_distances(3)[0] == 0
    assert (np.diff(mean_distances(8)) > 0.8).all()


def test_percolation_is_told_by_direction() -> None:
    x = np.zeros((4, 9, 9, 9), dtype=np.uint8)
    x[0, :, 4, 4] = 1  # a rod along the depth, and a crumb
    x[0, 0, 0, 0] = 1
    x[1, 4] = 1  # a sheet
    x[2, :8, 4, 4] = 1  # a rod that ends
    x[3, np.arange(9), np.arange(9), 4] = 1  # joined over edges alone
    found = Percolation()(Samples.of(x, "volume"))
    np.testing.assert_allclose(found, [[0.9, 0, 0], [0, 1, 1], [0, 0, 0], [0, 0, 0]])


def test_features_are_in_the_unit_of_the_voxels() -> None:
    x = Samples.of(spheres.scatter(3, 16, 2.0, 30, np.random.default_rng(0)), "volume")
    fine = x.but(unit="voxel of 0.5 µm")
    np.testing.assert_allclose(SurfaceArea()(fine), 2 * SurfaceArea()(x))
    np.testing.assert_allclose(EulerCharacteristic()(fine), 8 * EulerCharacteristic()(x))
    axis = TwoPointProbability().axis(fine)
    assert axis.unit == "µm"
    np.testing.assert_allclose(axis.at, 0.5 * np.array(TwoPointProbability().axis(x).at))


@pytest.mark.parametrize("periodic", [True, False])
def test_spheres_are_placed_until_their_share_is_passed_and_no_further(periodic: bool) -> None:
    x = SpherePacking(20, 3.0, 0.3, periodic).draw(50, np.random.default_rng(0)).array
    share = x.reshape(50, -1).sum(axis=1)
    assert (share > 0.3 * 20**3).all()
    assert (share <= 0.3 * 20**3 + len(spheres.ball(3.0))).all()


def test_a_periodic_packing_is_alike_everywhere_and_a_cut_one_is_thin_at_its_faces() -> None:
    rng, n = np.random.default_rng(4), 300
    for periodic, z in ((True, 0), (False, -1)):
        x = SpherePacking(16, 2.0, 0.3, periodic).draw(n, rng).array
        face, middle = x[:, 0].mean(axis=(1, 2)), x[:, 8].mean(axis=(1, 2))
        score = (face - middle).mean() / ((face - middle).std() / np.sqrt(n))
        assert abs(score) < stats.norm.isf(0.5e-4) if z == 0 else score < stats.norm.isf(1 - 1e-4)


def test_packed_spheres_obey_the_law_but_for_their_fixed_share() -> None:
    r"""On a torus the mean of S2 over all displacements is the mean square of the share.

    Under Poisson's law that is larger than the square of the mean by the share's variance v; where the share is fixed,
    it is not. So the packing's S2 lies below the law's, by a half to twice of v at large distances.
    """
    size, n = 16, 600
    x = SpherePacking(size, 2.0, 0.3, True).draw(n, np.random.default_rng(5)).array.astype(float)
    power = np.abs(fft.fftn(x, axes=(1, 2, 3))) ** 2
    found = fft.ifftn(power.mean(axis=0)).real / size**3
    mean = x.mean()
    density = -np.log(1 - mean) / len(spheres.ball(2.0))
    law = np.full((size,) * 3, mean**2)  # spheres farther apart than twice the radius do not know of each other
    for apart in product(range(-4, 5), repeat=3):
        q2 = np.exp(-density * spheres.reaching(np.array([(0, 0, 0), apart]), 2.0))
        law[apart] = 1 - 2 * (1 - mean) + q2
    v = law.mean() - mean**2
    lack = (law - found)[5:12, 5:12, 5:12].mean()
    assert 0.5 * v < lack < 2 * v
    assert np.abs(law - found).max() < 4 * v
