"""What a network is: tensors in, tensors out; it remembers how it was built."""

from __future__ import annotations

import abc

from torch import nn

from simulacra.core.recorded import Recorded


class Network(Recorded, nn.Module, abc.ABC):
    """A torch module that a run can build again from its record."""
