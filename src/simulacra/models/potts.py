"""Potts model of a family: fields and couplings of residues, by pseudo-likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.progress import Progress
from simulacra.models.base import Batch, Losses, Model
from simulacra.models.potts_minimum import between, minimum
from simulacra.models.states import drawn, log_likelihood, one_hot, parts_of

BURN = 60  # sweeps from independent columns to a draw
SWEEPS = 2  # between two updates of Boltzmann learning


def swept(x: Float[Tensor, "B LS"], h: Float[Tensor, "L S"], matrix: Float[Tensor, "LS LS"]) -> Float[Tensor, "B LS"]:
    """One-hot rows after a sweep of Gibbs sampling, in place: each column once, in a random order, given all others."""
    states = h.shape[1]
    for i in torch.randperm(len(h)).tolist():
        own = slice(i * states, (i + 1) * states)
        odds = h[i] + x @ matrix[:, own]
        state = (odds - torch.empty_like(odds).exponential_().log()).argmax(1)  # Gumbel's trick
        x[:, own] = functional.one_hot(state, states).to(x.dtype)
    return x


class Coupled(torch.autograd.Function):
    """What each column feels of the others, and the sum of the squared couplings; in one pass over them each way.

    The couplings are the largest thing in memory: autograd's own way would copy them six times a step. Under autocast
    the products are taken in its precision. A column's couplings with itself get no gradient, and stay zero.
    """

    @staticmethod
    def forward(ctx: Any, w: Tensor, hot: Tensor, columns: int) -> tuple[Tensor, Tensor]:  # noqa: ANN401
        """Couplings (L S, L S) and one-hot rows (B, L S) to what is felt, (B, L S), and the sum of squares."""
        low = w.device.type in ("cpu", "cuda") and torch.is_autocast_enabled(w.device.type)
        hot = hot.to(torch.get_autocast_dtype(w.device.type) if low else w.dtype)
        ctx.save_for_backward(w, hot)
        ctx.columns = columns
        return (hot @ w.to(hot.dtype)).float(), torch.dot(w.flatten(), w.flatten())

    @staticmethod
    def backward(ctx: Any, felt: Tensor, squares: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN401
        """The gradient of the couplings."""
        w, hot = ctx.saved_tensors
        gradient = (hot.T @ felt.to(hot.dtype)).to(w.dtype).addcmul_(w, 2 * squares)
        return between(gradient, ctx.columns), None, None


class Potts(Model):
    r"""$p(x) \propto \exp\big(\sum_i h_i(x_i) + \sum_{i<j} J_{ij}(x_i, x_j)\big)$, by pseudo-likelihood.

    Raised is $\sum_i \log p(x_i \mid x_{-i})$, which needs no sum over all sequences.

    In training by steps each column has couplings of its own, and what two columns say of a pair is averaged; `solve`
    goes to the minimum with one matrix for both.

    Letters: B sequences, L columns, S states; a negative state is missing: it feels nothing and says nothing.

    Args:
        columns: L.
        states: S.
        fields: strength of the penalty on the squared fields, over the effective number of sequences.
        couplings: the same on the squared couplings.

    References:
        Improved contact prediction in proteins: using pseudolikelihoods to infer Potts models (Ekeberg et al., 2013),
        doi:10.1103/PhysRevE.87.012707
        Mutation effects predicted from sequence co-variation (Hopf et al., 2017), doi:10.1038/nbt.3769
    """

    sequences: Tensor

    def __init__(self, columns: int, states: int, fields: float = 0.01, couplings: float = 10.0) -> None:
        super().__init__()
        self.columns, self.states, self.penalty = columns, states, (fields, couplings)
        self.h = nn.Parameter(0.01 * torch.randn(columns, states))
        self.w = nn.Parameter(between(0.001 * torch.randn(columns * states, columns * states), columns))
        self.register_buffer("sequences", torch.tensor(1000.0))

    def count(self, data: Batch) -> None:
        """How much the penalties weigh: the data are taken to have as many rows as effective sequences."""
        self.sequences.fill_(float(len(data)))

    @torch.no_grad()
    def solve(self, data: Batch, weight: Float[Tensor, " n"]) -> None:
        """Go to the minimum of the penalized pseudo-likelihood."""
        h, w = minimum(data.x, weight, self.states, *self.penalty)
        self.h.copy_(h)
        self.w.copy_(w)
        self.sequences.fill_(float(weight.sum()))

    def matrix(self) -> Float[Tensor, "LS LS"]:
        """All couplings, symmetric, without those of a column with itself: the mean of what two columns say."""
        return (self.w + self.w.T) / 2

    def conditionals(self, x: Float[Tensor, "B L"]) -> Float[Tensor, "B L S"]:
        """The log-odds of every state at every place, given all other places, each column by its own couplings."""
        return self.h + self._felt(x)[0]

    def _felt(self, x: Float[Tensor, "B L"]) -> tuple[Float[Tensor, "B L S"], Float[Tensor, ""]]:
        felt, squares = Coupled.apply(  # type: ignore[no-untyped-call]
            self.w, one_hot(x, self.states), self.columns
        )
        return felt.view(len(x), self.columns, self.states), squares

    def loss(self, batch: Batch) -> Losses:
        """Minus the log-pseudo-likelihood of each sequence, nats, and the penalties, a sequence's share of them."""
        fields, couplings = self.penalty
        felt, squares = self._felt(batch.x)
        return {
            "pseudo-likelihood": -log_likelihood(self.h + felt, batch.x),
            "penalty": (fields * self.h.square().sum() + couplings * squares / 2) / self.sequences,
        }

    @torch.no_grad()
    def energy(self, x: Float[Tensor, "B L"]) -> Float[Tensor, " B"]:
        """Minus the exponent, nats: lower is likelier."""
        hot, matrix = one_hot(x, self.states), self.matrix()
        return -(hot @ self.h.flatten() + 0.5 * ((hot @ matrix) * hot).sum(1))

    @torch.no_grad()
    def log_odds(
        self, wild: Float[Tensor, " L"], mutants: Float[Tensor, "M L"]
    ) -> tuple[Float[Tensor, " M"], Float[Tensor, " M"]]:
        """The difference of the energies: exact, since the sum over all sequences cancels."""
        score = self.energy(wild[None]) - torch.cat([self.energy(part) for part in parts_of(mutants, 512)])
        return score, torch.zeros_like(score)

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n sequences by Gibbs sampling, each a chain of its own, begun with independent columns."""
        x = one_hot(drawn(self.h.expand(n, -1, -1)), self.states)
        matrix = self.matrix()
        for _ in range(BURN):
            swept(x, self.h, matrix)
        return Batch(x.view(n, self.columns, self.states).argmax(-1).float())

    @torch.no_grad()
    def agree(
        self, data: Float[Tensor, "N L"], updates: int = 150, chains: int = 1000, rate: float = 0.1, decay: float = 0.01
    ) -> None:
        """Boltzmann learning: fields and couplings move until draws have the data's frequencies of letters and pairs.

        Pseudo-likelihood says what a letter is, given all others; draws by it drift from the family. Here chains of
        Gibbs sampling go on from update to update, and what they have too often of is made dearer. Nothing is missing
        in the data.

        Args:
            data: sequences of which each counts the same.
            updates: steps along the difference of the frequencies, falling to a tenth of the rate.
            chains: sequences that go on.
            rate: of the first step.
            decay: share of the couplings, times the rate, taken away in a step.

        References:
            How pairwise coevolutionary models capture the collective residue variability in proteins (Figliuzzi,
            Barrat-Charlaix & Weigt, 2018), doi:10.1093/molbev/msy007
        """
        hot = one_hot(data, self.states)
        single, pairs = hot.mean(0), hot.T @ hot / len(hot)
        h, matrix = self.h.flatten(), self.matrix()
        x = one_hot(self.sample(chains).x, self.states)
        with Progress("Boltzmann learning", updates) as progress:
            for update in range(updates):
                for _ in range(SWEEPS):
                    swept(x, h.view_as(self.h), matrix)
                step = rate * (1 - 0.9 * update / updates)
                h = h + step * (single - x.mean(0))
                matrix = (1 - step * decay) * matrix + step * between(pairs - x.T @ x / chains, self.columns)
                progress.step()
        self.h.copy_(h.view_as(self.h))
        self.w.copy_(matrix)

    @torch.no_grad()
    def contacts(self) -> Float[np.ndarray, "L L"]:
        """How strongly two columns are coupled: the norm of their couplings less what each has with all others (APC).

        *References:* Mutual information without the influence of phylogeny or entropy dramatically improves residue
        contact prediction (Dunn, Wahl & Gloor, 2008), doi:10.1093/bioinformatics/btm604
        """
        j = self.matrix().view(self.columns, self.states, self.columns, self.states)
        j = j - j.mean(1, keepdim=True) - j.mean(3, keepdim=True) + j.mean((1, 3), keepdim=True)
        norm = j.square().sum((1, 3)).sqrt().cpu()
        own = norm.sum(1, keepdim=True) / (self.columns - 1)
        apc = norm - own * own.T / (norm.sum() / (self.columns * (self.columns - 1)))
        return np.asarray(apc.fill_diagonal_(0).numpy())


def example() -> tuple[Potts, Batch]:
    """The smallest one: the docs print it, the tests for every model run it."""
    model = Potts(6, 4)
    nn.init.normal_(model.h)
    return model, Batch(torch.randint(0, 4, (32, 6)).float())
