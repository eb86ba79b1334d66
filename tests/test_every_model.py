"""What holds for every model on the shelf, whatever it is."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from simulacra.core.shelf import import_file, shelf
from simulacra.models.base import Batch, Decoding, Latent, Losses, Model
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP

NAMES = shelf("models").names()
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
LOOKS_AT_NUMBERS = {
    "discrete_graph_diffusion": ("loss", "sample"),
    "edm": ("loss", "sample"),
    "field_flow": ("loss", "sample"),
    "gaussian_process": ("loss", "sample"),
    "joint_flow": ("loss", "sample"),
    "graph_and_space": ("loss", "sample"),
    "token_sequence": ("loss", "sample"),
    "masked_autoencoder": ("loss", "sample"),
    "string_vae": ("loss", "sample"),
    "plug_and_play": ("sample",),
    "shape_flow": ("loss", "sample"),
    "shower_cascade": ("loss", "sample"),
    "shower_gan": ("loss", "sample"),
    "spelled_graphs": ("loss", "sample"),
    "spin_diffusion": ("sample",),
    "volume_diffusion": ("loss", "sample"),
    "turned": ("loss",),
}
"""What cannot be followed without numbers: a loop whose length is drawn, a place that is looked up, a step back that
is computed anew."""


def example(name: str) -> tuple[Model, Batch]:
    torch.manual_seed(0)
    model, batch = import_file(shelf("models").entry(name).path, "models").example()
    assert isinstance(model, Model)
    return model, batch


def draw(model: Model, batch: Batch, n: int = 8) -> Batch:
    torch.manual_seed(1)
    return model.eval().sample(n, {key: value[:n] for key, value in batch.given.items()} or None)


@pytest.mark.parametrize("name", NAMES)
def test_losses_are_named_and_finite(name: str) -> None:
    model, batch = example(name)
    turns = model.turns()
    assert len({turn.name for turn in turns}) == len(turns)
    for turn in turns:
        assert turn.name
        assert turn.times >= 1
        losses = turn.loss(batch)
        assert losses
        for part, value in losses.items():
            assert part
            assert value.shape in ((), (len(batch),)), part
            assert value.isfinite().all(), part


@pytest.mark.parametrize("name", NAMES)
def test_each_parameter_moves_in_one_turn(name: str) -> None:
    model, batch = example(name)
    turns = model.turns()
    owned = [parameter for turn in turns for parameter in turn.parameters]
    assert len({id(parameter) for parameter in owned}) == len(owned)
    assert {id(parameter) for parameter in owned} == {id(parameter) for parameter in model.parameters()}
    for turn in turns:
        model.zero_grad(set_to_none=True)
        torch.stack([value.mean() for value in turn.loss(batch).values()]).sum().backward()
        for key, parameter in model.named_parameters():
            if any(parameter is own for own in turn.parameters):
                assert parameter.grad is not None, key
                assert parameter.grad.isfinite().all(), key


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_matters(name: str) -> None:
    model, batch = example(name)
    for turn in model.turns():
        model.zero_grad(set_to_none=True)
        for _ in range(5):  # a unit that is silent in one batch speaks in another
            torch.stack([value.mean() for value in turn.loss(batch).values()]).sum().backward()
        still = [
            key
            for key, parameter in model.named_parameters()
            if any(parameter is own for own in turn.parameters)
            and (parameter.grad is None or not parameter.grad.abs().sum() > 0)
        ]
        assert still == []


@pytest.mark.parametrize("name", NAMES)
def test_draws_have_the_shape_of_the_data(name: str) -> None:
    model, batch = example(name)
    for n in (1, 8):
        drawn = draw(model, batch, n)
        assert drawn.x.shape == (n, *batch.x.shape[1:])
        assert drawn.x.isfinite().all()
        assert not drawn.x.requires_grad


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_fixes_the_draws(name: str) -> None:
    model, batch = example(name)
    first = draw(model, batch).x
    assert torch.equal(draw(model, batch).x, first)
    torch.manual_seed(2)
    given = {key: value[:8] for key, value in batch.given.items()} or None
    assert not torch.equal(model.sample(8, given).x, first)


@pytest.mark.parametrize("name", NAMES)
def test_saved_weights_give_the_same_draws(name: str, tmp_path: Path) -> None:
    model, batch = example(name)
    unsettle(model, 0.5)  # a model that begins at zero is the same whatever the seed
    save_file(dict(model.state_dict()), tmp_path / "model.safetensors")
    torch.manual_seed(9)
    other = import_file(shelf("models").entry(name).path, "models").example()[0]
    assert not torch.equal(draw(other, batch).x, draw(model, batch).x)
    other.load_state_dict(load_file(tmp_path / "model.safetensors"))
    assert torch.equal(draw(other, batch).x, draw(model, batch).x)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("device", DEVICES)
def test_a_model_works_wherever_it_is_moved(name: str, device: str) -> None:
    model, batch = example(name)
    move_and_try(model, batch, device, "loss")
    move_and_try(model, batch, device, "sample")


def move_and_try(model: Model, batch: Batch, device: str, what: str) -> None:
    """All of the model and the batch is moved; whatever it makes must lie there, too."""
    model, batch = model.to(device), batch.to(torch.device(device))
    if what == "sample":
        assert draw(model, batch).x.device.type == device
    else:
        for turn in model.turns():
            assert all(value.device.type == device for value in turn.loss(batch).values())


@pytest.mark.parametrize("what", ["loss", "sample"])
@pytest.mark.parametrize("name", NAMES)
def test_a_model_leaves_nothing_behind_when_it_is_moved(name: str, what: str) -> None:
    """Without a GPU: on the meta device shapes and places are followed, and a tensor left elsewhere is an error."""
    model, batch = example(name)
    if what in LOOKS_AT_NUMBERS.get(name, ()):
        with pytest.raises(
            RuntimeError, match=r"meta tensor|nonzero|autocast"
        ):  # it asks for a number, and here there is none
            move_and_try(model, batch, "meta", what)
    else:
        move_and_try(model, batch, "meta", what)


@pytest.mark.parametrize("what", ["loss", "sample"])
def test_who_leaves_something_behind_is_found(what: str) -> None:
    torch.manual_seed(0)
    with pytest.raises(RuntimeError, match=r"device|meta"):
        move_and_try(Homebound(MLP(6, 16, 4), MLP(2, 16, 6), latent=2), Batch(torch.randn(32, 6)), "meta", what)


class Homebound(VAE):
    """A model that keeps a tensor at home."""

    def loss(self, batch: Batch) -> Losses:
        return {name: value + torch.ones(len(batch)) for name, value in super().loss(batch).items()}

    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        return Batch(super().sample(n).x + torch.ones(n, 6))


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_does_not_change_the_model_or_the_batch(name: str) -> None:
    model, batch = example(name)
    before = {key: value.clone() for key, value in model.named_parameters()}
    x = batch.x.clone()
    for turn in model.turns():
        turn.loss(batch)
    assert all(torch.equal(value, before[key]) for key, value in model.named_parameters())
    assert torch.equal(batch.x, x)


DECODING = [name for name in NAMES if hasattr(shelf("models").load(name), "decode")]
CONDITIONAL = [name for name in NAMES if shelf("models").load(name).conditions]


def test_autoencoders_and_adversaries_have_a_latent_space() -> None:
    assert {"vae", "latent_prior", "gan", "acgan", "wgan_gp"} <= set(DECODING)
    assert {name for name in DECODING if isinstance(example(name)[0], Latent)} >= {"vae", "latent_prior"}


@pytest.mark.parametrize("name", DECODING)
def test_a_latent_space_can_be_walked(name: str) -> None:
    model, batch = example(name)
    assert isinstance(model, Decoding)
    model.eval()
    z = torch.randn(len(batch), model.latent)
    if isinstance(model, Latent):
        z = model.encode(batch)
        assert z.shape == (len(batch), model.latent)
        assert torch.equal(model.encode(batch), z)
    back = model.decode(z, batch.given)
    assert back.x.shape == batch.x.shape
    assert back.x.isfinite().all()
    assert torch.equal(model.decode(z, batch.given).x, back.x)


@pytest.mark.parametrize("name", NAMES)
def test_what_needs_conditions_says_so(name: str) -> None:
    model, batch = example(name)
    assert model.conditions == bool(batch.given)


@pytest.mark.parametrize("name", CONDITIONAL)
def test_every_condition_changes_what_is_drawn(name: str) -> None:
    model, batch = example(name)
    assert batch.given
    assert [key for key in batch.given if not depends_on(*example(name), key)] == []
    assert model.conditions


@pytest.mark.parametrize("name", ["wgan_gp", "gan"])
def test_who_ignores_a_condition_is_found(name: str) -> None:
    model, batch = example(name)
    (key,) = batch.given
    deaf = sample_of(model)
    model.sample = lambda n, given=None: deaf(n, {key: torch.zeros_like(given[key])})  # type: ignore[method-assign]
    assert not depends_on(model, batch, key)


def sample_of(model: Model) -> Callable[..., Batch]:
    return model.sample


def unsettle(model: Model, size: float) -> None:
    """Random numbers added to all weights."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dtype.is_floating_point:
                parameter.add_(size * torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype))


def depends_on(model: Model, batch: Batch, key: str) -> bool:
    """Whether draws from one seed change with a condition.

    The weights are moved at random first, a little or much: a layer that begins at zero, as is the custom for
    conditions, passes nothing on before it has been trained, and one of large weights may pass on its bound alone.
    """
    values = batch.given[key]
    other = values + 1.5 if values.dtype.is_floating_point else (values + 1) % (int(values.max()) + 1)
    assert not torch.equal(other, values)
    changed, n = Batch(batch.x, {**batch.given, key: other}, batch.mask), len(batch)
    for size in (0.1, 0.4):
        unsettle(model, size)
        if not torch.equal(draw(model, batch, n).x, draw(model, changed, n).x):
            return True
    return False
