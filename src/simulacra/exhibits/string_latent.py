"""Whether a decoder of strings listens to its latent features: what each holds, and what it loses under another's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules.chemistry import canonical
from simulacra.domains.molecules.drug_likeness import tanimoto
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch
from simulacra.models.states import parts_of
from simulacra.models.string_vae import StringVAE, divergence
from simulacra.runs import Run

MOST, ACTIVE, PORTION = 1000, 0.01, 250


def show_latent_use(trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int) -> dict[str, Samples]:
    """Keep the exhibit "latent use", of validation molecules that no training has seen.

    Of each latent feature: its divergence from the prior, and the variance of its mean over molecules; a feature whose
    mean varies by more than 0.01 is active. Of each molecule: what its string costs from its own place, and from that
    of another molecule; whether its likeliest string at its own place is itself, and how near that is.

    References:
        Importance weighted autoencoders (Burda, Grosse & Salakhutdinov, 2016), arXiv:1509.00519
    """
    model, view = trained.model, trained.view
    if not isinstance(model, StringVAE):
        raise BadInput(
            "this model has no latent features of strings", type(model).__name__, "take models/string_vae.py"
        )
    some = view.forward(parts["validation"])
    some = some[some.x.any(1)][:MOST]
    model.eval()
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(stream(seed, "latent use").integers(2**63 - 1)))
        mu, log_var = (torch.cat(part) for part in zip(*map(model.posterior, parts_of(some.x, PORTION)), strict=True))
        z = mu + (log_var / 2).exp() * torch.randn_like(mu)
        own, other = (_cost(model, some.x, where) for where in (z, z.roll(1, 0)))
        back = torch.cat([model.spell(at, likeliest=True) for at in parts_of(mu, PORTION)])
    texts, again = (canonical(view.inverse(Batch(x)).array) for x in (some.x, back))
    alike = [float(tanimoto([a], [b])[0, 0]) if b else 0.0 for a, b in zip(texts, again, strict=True)]
    run.keep_exhibit(
        "latent use",
        {
            "divergence": divergence(mu, log_var).mean(0).numpy(),
            "variance of means": mu.var(0).numpy(),
            "whole variance": (mu.var(0) + log_var.exp().mean(0)).numpy(),
            "free": np.array(model.spared),
            "own": own.numpy(),
            "other": other.numpy(),
            "exact": np.array([a == b for a, b in zip(texts, again, strict=True)]),
            "valid": np.array([bool(b) for b in again]),
            "similarity": np.array(alike),
        },
    )
    return {}


def _cost(model: StringVAE, x: Float[Tensor, "n L"], z: Float[Tensor, "n D"]) -> Float[Tensor, " n"]:
    """Nats of each string from its place."""
    return torch.cat(
        [-model.log_prob_at(*some) for some in zip(parts_of(x, PORTION), parts_of(z, PORTION), strict=True)]
    )
