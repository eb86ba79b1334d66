"""What holds for every network on the shelf."""

import pytest
import torch
from torch import Tensor

from simulacra.core.shelf import import_file, shelf
from simulacra.networks.base import Network

NAMES = shelf("networks").names()


def example(name: str) -> tuple[Network, tuple[Tensor, ...]]:
    torch.manual_seed(0)
    network, inputs = import_file(shelf("networks").entry(name).path, "networks").example()
    assert isinstance(network, Network)
    return network, inputs


@pytest.mark.parametrize("name", NAMES)
def test_numbers_come_out_one_row_a_sample(name: str) -> None:
    network, inputs = example(name)
    out = network(*inputs)
    assert len(out) == len(inputs[0])
    assert out.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_and_every_input_matters(name: str) -> None:
    network, inputs = example(name)
    inputs = tuple(x.requires_grad_() for x in inputs)
    out = network(*inputs)
    (out * torch.randn_like(out)).sum().backward()  # the plain sum may be blind to what a normalization takes out
    named = [*network.named_parameters(), *((f"input {i}", x) for i, x in enumerate(inputs))]
    assert [key for key, x in named if x.grad is None or not x.grad.abs().sum() > 0] == []


@pytest.mark.parametrize("name", NAMES)
def test_in_use_each_sample_is_treated_alone(name: str) -> None:
    network, inputs = example(name)
    network.eval()
    whole = network(*inputs)
    parts = torch.cat([network(*(x[i : i + 1] for x in inputs)) for i in range(len(inputs[0]))])
    torch.testing.assert_close(parts, whole, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_network_works_in_double_precision(name: str) -> None:
    network, inputs = example(name)
    network.eval()
    single = network(*inputs)
    double = network.double()(*(x.double() for x in inputs))
    assert double.dtype == torch.float64
    torch.testing.assert_close(double.float(), single, rtol=1e-4, atol=1e-5)
