"""The evidence of a Gaussian process as a function that torch differentiates, by derivatives in closed form."""

from __future__ import annotations

import torch
from torch import Tensor

from simulacra.processes.kernels import Kernel
from simulacra.processes.solvers import Solver


class Evidence(torch.autograd.Function):
    """log p(y) with the derivatives that were found beside it."""

    @staticmethod
    def forward(  # type: ignore[no-untyped-def]
        ctx,  # noqa: ANN001 - torch's own
        solver: Solver,
        kernel: Kernel,
        x: Tensor,
        y: Tensor,
        log_noise: Tensor,
        level: Tensor,
        *theta: Tensor,
    ) -> Tensor:
        """Value and derivatives from one factor."""
        wanted = any(ctx.needs_input_grad)
        found = solver.evidence(kernel, log_noise.exp(), x, y - level, wanted)
        ctx.slopes = (log_noise.new_tensor(found.noise) * log_noise.exp(), level.new_tensor(found.mean), *found.kernel)
        return level.new_tensor(found.value)

    @staticmethod
    def backward(ctx, slope: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[no-untyped-def]  # noqa: ANN001
        """Hand them on."""
        return (None, None, None, None, *(slope * own for own in ctx.slopes))
