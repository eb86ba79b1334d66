"""Our kernels within GPyTorch: for inducing points at irregular times, and whatever else is built there."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from simulacra.core.errors import BadInput, extra
from simulacra.processes.kernels import Kernel

with extra("series"), warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it compiles parts by torch.jit, which torch has deprecated
    import gpytorch


class GPyTorchKernel(gpytorch.kernels.Kernel):
    """One of our kernels, with its hyper-parameters, as GPyTorch's models take it; use them in double precision.

    A daily series does not need it: `Toeplitz()` is exact. It serves tens of thousands of values at irregular times,
    by `gpytorch.kernels.InducingPointKernel`, whose evidence is a lower bound.

    Args:
        kernel: of one-dimensional times.

    References:
        GPyTorch: blackbox matrix-matrix Gaussian process inference with GPU acceleration (Gardner et al., 2018),
        arXiv:1809.11165;
        Variational learning of inducing variables in sparse Gaussian processes (Titsias, 2009), PMLR 5:567
    """

    def __init__(self, kernel: Kernel) -> None:
        super().__init__()
        self.kernel = kernel

    def forward(self, x1: Tensor, x2: Tensor, diag: bool = False, **params: Any) -> Tensor:  # noqa: ANN401 - GPyTorch's
        """k of all pairs, (N, M), or of pairs side by side, (N,); times are (N, 1)."""
        if x1.ndim != 2 or x1.shape[1] != 1:
            raise BadInput(
                "times are (n, 1) within GPyTorch", f"shape {tuple(x1.shape)}", "give x[:, None], one series"
            )
        a, b = x1[:, 0], x2[:, 0]
        if not diag:
            found: Tensor = self.kernel(a, b)
            return found
        return self.kernel.of_lag((a - b).abs()) if self.kernel.stationary else torch.diagonal(self.kernel(a, b))
