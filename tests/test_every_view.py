"""What holds for every view on the shelf: the way back is the way there."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from simulacra.core.errors import BadInput
from simulacra.core.files import plain
from simulacra.core.samples import Array, Samples
from simulacra.core.shelf import shelf
from simulacra.keeping.recipes import build, whole, write
from simulacra.kinds.base import kinds
from simulacra.models.base import Batch
from simulacra.views.base import View

N = 12
RNG = np.random.default_rng(0)
WORLDS: dict[str, Array] = {
    "vector": RNG.standard_normal((N, 3)).astype(np.float32),
    "field": RNG.standard_normal((N, 8, 8)).astype(np.float32),
    "lattice": RNG.choice(np.array([-1, 1], dtype=np.int8), (N, 8, 8)),
    "trace": RNG.standard_normal((N, 2, 16)).astype(np.float32),
    "picture": RNG.random((N, 8, 8, 3)).astype(np.float32),
    "volume": RNG.integers(0, 2, (N, 8, 8, 8)).astype(np.uint8),
    "shower": RNG.exponential(size=(N, 4, 5, 5)).astype(np.float32)
    * (RNG.random((N, 4, 5, 5)) < 0.4).astype(np.float32),
    "molecule": np.concatenate(
        [RNG.choice([1.0, 6.0, 7.0, 8.0], (N, 5, 1)), RNG.standard_normal((N, 5, 3))], axis=2
    ).astype(np.float32)
    * (np.arange(5) < RNG.integers(1, 6, (N, 1)))[..., None].astype(np.float32),
}
WORLDS["sequence"] = np.array(["".join(row) for row in RNG.choice(list("ACDEFGHIKLMNPQRSTVWY-"), (N, 9))])
EXAMPLES = {name: kind.example(N, RNG) for name, kind in kinds().items()}
EXAMPLES |= {name: Samples.of(x, name) for name, x in WORLDS.items()}
GIVEN: dict[str, dict[str, Array]] = {
    "nothing": {},
    "a number": {"temperature": RNG.uniform(1, 3, N).round(3)},
    "a whole number": {"digit": np.arange(N) % 4},
    "one number": {"temperature": np.full(N, 2.27)},
    "a label": {"class": np.array(["spiral", "elliptical", "ring"])[np.arange(N) % 3]},
    "both": {"class": np.array(["a", "b"])[np.arange(N) % 2], "mass": np.geomspace(1, 100, N).round(2)},
}


def fitted(name: str, x: Samples) -> View | None:
    """The view after a look at these samples; None if it does not take their kind, which it must say."""
    view = shelf("views").load(name)()
    assert isinstance(view, View)
    try:
        return view.fit(x)
    except BadInput as error:
        assert x.kind in error.given
        return None


PAIRS = [
    pytest.param(name, kind, id=f"{name}-{kind}")
    for name in shelf("views").names()
    for kind in EXAMPLES
    if fitted(name, EXAMPLES[kind]) is not None
]


def ready(name: str, x: Samples) -> View:
    view = fitted(name, x)
    assert view is not None
    return view


def test_every_view_takes_some_kind() -> None:
    assert {str(pair.values[0]) for pair in PAIRS} == set(shelf("views").names())


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_there_and_back_changes_nothing(name: str, kind: str, given: str) -> None:
    x = EXAMPLES[kind].but(given=GIVEN[given])
    view = ready(name, x)
    batch = view.forward(x)
    assert batch.x.dtype == torch.float32
    assert len(batch) == N
    back = view.inverse(batch)
    assert (back.kind, back.unit) == (x.kind, x.unit)
    assert back.columns == x.columns
    if x.array.dtype.kind == "U":
        np.testing.assert_array_equal(back.array, x.array)
    else:
        assert back.array.dtype in (x.array.dtype, np.float32)
        np.testing.assert_allclose(back.array, x.array, rtol=2e-6, atol=1e-7)  # what float32 holds of numbers about 1
    assert set(back.given) == set(x.given)
    for key, values in x.given.items():
        if np.issubdtype(values.dtype, np.number):
            np.testing.assert_allclose(back.given[key], values, rtol=1e-5)
        else:
            np.testing.assert_array_equal(back.given[key], values)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_conditions_are_tensors_of_their_sort(name: str, kind: str) -> None:
    x = EXAMPLES[kind].but(given=GIVEN["both"])
    batch = ready(name, x).forward(x)
    assert batch.given["class"].dtype == torch.long
    assert batch.given["mass"].dtype == torch.float32
    assert float(batch.given["mass"].mean()) == pytest.approx(0, abs=1e-5)
    assert float(batch.given["mass"].std(unbiased=False)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_unknown_labels_and_missing_conditions_are_told(name: str, kind: str) -> None:
    x = EXAMPLES[kind].but(given=GIVEN["a label"])
    view = ready(name, x)
    with pytest.raises(BadInput, match="unknown class") as caught:
        view.forward(x.but(given={"class": np.full(N, "irregular")}))
    assert caught.value.given == "irregular"
    assert "spiral" in caught.value.fix
    with pytest.raises(BadInput, match="'class' is missing"):
        view.forward(x.but(given={}))


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_view_knows_the_training_part_alone(name: str, kind: str) -> None:
    x = EXAMPLES[kind].but(given=GIVEN["both"])
    view = ready(name, x[:6])
    before = write(view)
    other = view.forward(x[6:])
    view.inverse(other)
    assert write(view) == before
    assert view.fit(x[6:]) is not view
    alone = torch.cat([view.forward(x[i : i + 1]).x for i in range(N)])
    assert torch.equal(alone, view.forward(x).x)


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_what_a_view_knows_is_json(name: str, kind: str, given: str) -> None:
    x = EXAMPLES[kind].but(given=GIVEN[given])
    view = ready(name, x)
    assert dataclasses.is_dataclass(view)
    recipe = json.loads(json.dumps(plain(write(view)), allow_nan=False))
    assert whole(recipe)
    again = build(recipe)
    here, there = view.forward(x), again.forward(x)
    assert torch.equal(here.x, there.x)
    assert all(torch.equal(here.given[key], there.given[key]) for key in here.given)
    np.testing.assert_array_equal(again.inverse(here).array, view.inverse(here).array)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_any_draw_comes_back_as_such_samples(name: str, kind: str) -> None:
    x = EXAMPLES[kind].but(given={})
    view = ready(name, x)
    torch.manual_seed(0)
    wild = Batch(3 * torch.randn(5, *view.forward(x).x.shape[1:]))
    back = view.inverse(wild)
    assert back.array.shape == (5, *x.array.shape[1:])
    assert back.kind == kind
    assert (
        back.array.dtype.kind == "U" or np.isfinite(back.array).all() or kind in ("table", "catalog")
    )  # which have gaps
