"""Models of families against closed forms and loops: what a mutant costs, what Gibbs draws, what a bound is."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from simulacra.cli import main
from simulacra.core.errors import BadInput
from simulacra.core.files import read_json
from simulacra.core.samples import Samples
from simulacra.domains.proteins.covariances import connected, strongest_pairs, strongest_triples, unbound
from simulacra.domains.proteins.residues import codes_of, one_hot, with_codes
from simulacra.judging.copies import check_copies
from simulacra.judging.sets import check_set
from simulacra.kinds.base import kinds
from simulacra.models.base import Batch
from simulacra.models.committee import Committee
from simulacra.models.potts import Potts
from simulacra.models.potts_minimum import minimum
from simulacra.models.sequence_vae import SequenceVAE
from simulacra.models.site_independent import SiteIndependent
from simulacra.networks.mlp import MLP
from simulacra.networks.variational_decoder import VariationalDecoder
from simulacra.runs import Run
from simulacra.sources.proteins.aligned_sequences import AlignedSequences
from simulacra.statistics.proteins.pair_covariances import PairCovariances
from simulacra.statistics.proteins.site_frequencies import SiteFrequencies
from toy_families import toy

L, S = 4, 3


def potts() -> Potts:
    torch.manual_seed(0)
    model = Potts(L, S)
    with torch.no_grad():
        model.h.normal_()
        model.w.copy_(torch.where(model.w == 0, 0.0, 0.6 * torch.randn_like(model.w)))
        model.w.copy_(model.matrix())
    return model


def every() -> torch.Tensor:
    return torch.tensor(list(itertools.product(range(S), repeat=L))).float()


def test_energies_are_those_of_a_loop_and_conditionals_follow_from_them() -> None:
    model, x = potts(), every()
    j = model.matrix().detach().view(L, S, L, S)
    h = model.h.detach()
    for row in x[::7].long().tolist():
        energy = -sum(h[i, row[i]] for i in range(L))
        energy = energy - sum(j[i, row[i], k, row[k]] for i in range(L) for k in range(i + 1, L))
        assert float(model.energy(torch.tensor([row]).float())) == pytest.approx(float(energy), abs=1e-5)
        for i in range(L):
            others = torch.tensor([[*row[:i], s, *row[i + 1 :]] for s in range(S)]).float()
            exact = torch.log_softmax(-model.energy(others), 0)
            found = torch.log_softmax(model.conditionals(torch.tensor([row]).float())[0, i], 0)
            torch.testing.assert_close(found.detach(), exact, atol=1e-5, rtol=1e-5)


def test_a_missing_state_is_not_felt_and_scores_are_differences_of_energy() -> None:
    model, x = potts(), every()
    gone = x[:1].clone()
    gone[0, 1] = -1
    loss = model.loss(Batch(gone))["pseudo-likelihood"].detach()
    j = model.matrix().detach().view(L, S, L, S)
    row = x[0].long().tolist()
    stated = 0.0
    for i in (0, 2, 3):
        felt = model.h[i].detach() + sum(j[k, row[k], i] for k in (0, 2, 3) if k != i)
        stated -= float(torch.log_softmax(felt, 0)[row[i]])
    assert float(loss) == pytest.approx(stated, abs=1e-5)
    score, error = model.log_odds(x[0], x[1:5])
    torch.testing.assert_close(score, model.energy(x[:1]) - model.energy(x[1:5]))
    assert not error.any()


def test_gibbs_sampling_draws_the_law() -> None:
    """Chi-squared over all 81 sequences of 4,000 chains: the chance of a larger one is above 1e-4."""
    from scipy.stats import chi2

    model, x = potts(), every()
    p = torch.softmax(-model.energy(x).double(), 0).numpy()
    torch.manual_seed(1)
    drawn = model.sample(4000).x.long()
    place = (drawn * torch.tensor([S ** (L - 1 - i) for i in range(L)])).sum(1)
    count = np.bincount(place.numpy(), minlength=len(p))
    often = 4000 * p >= 5
    far = ((count - 4000 * p) ** 2 / (4000 * p))[often].sum()
    assert chi2.sf(far, often.sum() - 1) > 1e-4


def test_boltzmann_learning_gives_draws_the_datas_pairs() -> None:
    """Frequencies of pairs by the law over all 81 sequences; four standard errors of the chains' own are allowed."""
    x, chains = every(), 2000
    hot = one_hot(x.numpy().astype(np.uint8), S)

    def pairs(model: Potts) -> np.ndarray:
        p = torch.softmax(-model.energy(x).double(), 0).numpy()
        return (hot * p[:, None]).T @ hot

    torch.manual_seed(2)
    data = x[torch.multinomial(torch.softmax(-potts().energy(x), 0), 3000, replacement=True)]
    seen = one_hot(data.numpy().astype(np.uint8), S)
    model, far = Potts(L, S), 4 * np.sqrt(0.25 / chains)
    asked = seen.T @ seen / len(seen)
    assert np.abs(pairs(model) - asked).max() > 2 * far
    model.agree(data, updates=150, chains=chains, rate=1.0, decay=0.0)
    assert np.abs(pairs(model) - asked).max() < far


def test_the_gradient_in_one_pass_is_autograds() -> None:
    model, x = potts(), every()[::5]
    sum(v.mean() for v in model.loss(Batch(x)).values()).backward()
    w = model.w.detach().clone().requires_grad_()
    hot = torch.nn.functional.one_hot(x.long(), S).float().flatten(1)
    logits = model.h.detach() + (hot @ w).view(-1, L, S)
    loss = -torch.log_softmax(logits, -1).gather(2, x.long()[..., None]).sum((1, 2)).mean()
    (loss + model.penalty[1] * w.square().sum() / 2 / model.sequences).backward()
    assert w.grad is not None and model.w.grad is not None
    own = torch.arange(L)
    w.grad.view(L, S, L, S)[own, :, own, :] = 0
    torch.testing.assert_close(model.w.grad, w.grad, atol=1e-5, rtol=1e-4)


def test_counting_scores_are_log_ratios_of_frequencies() -> None:
    torch.manual_seed(0)
    x = torch.randint(0, S, (500, L)).float()
    model = SiteIndependent(L, S, pseudocount=0.5)
    model.count(Batch(x))
    score, _ = model.log_odds(x[0], x[1:2])
    expected = 0.0
    for i in range(L):
        count = [(x[:, i] == s).sum().item() + 0.5 for s in range(S)]
        expected += np.log(count[int(x[1, i])]) - np.log(count[int(x[0, i])])
    assert float(score) == pytest.approx(expected, abs=1e-4)


def vae() -> SequenceVAE:
    torch.manual_seed(0)
    decoder = VariationalDecoder(2, (8, 8), L, S, dictionary=4, shared=2)
    return SequenceVAE(MLP(L * S, 16, 4), decoder, 2, L, S, draws=400).eval()


def test_the_bound_lies_below_the_exact_law_and_weights_bring_it_there() -> None:
    """With the weights at rest: log p(x) by a fine grid over both latent features."""
    model, x = vae(), every()[:6]
    model.decoder.perturbed = dict  # type: ignore[assignment]  # no chance in the weights
    axis = torch.linspace(-5, 5, 161)
    z = torch.cartesian_prod(axis, axis)
    prior = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(1) + 2 * torch.log(axis[1] - axis[0])
    with torch.no_grad():
        chance = torch.log_softmax(model.odds(z), -1)
    exact = torch.stack([
        torch.logsumexp(prior + chance[:, torch.arange(L), row].sum(1), 0) for row in x.long()
    ])  # fmt: skip
    torch.manual_seed(3)
    draws = model.bounds(x, 4000)
    error = draws.std(0) / 4000**0.5
    assert (draws.mean(0) < exact + 4 * error).all()
    weighted = torch.logsumexp(draws, 0) - np.log(4000)
    torch.testing.assert_close(weighted, exact, atol=0.1, rtol=0.0)


def test_local_draws_have_the_spread_of_drawn_weights() -> None:
    decoder = VariationalDecoder(2, (8, 8), L, S, dictionary=4, shared=2)
    with torch.no_grad():
        for name, p in decoder.named_parameters():
            if name.endswith("log_sigma"):
                p.fill_(-1.5)
    z = torch.randn(1, 2)
    torch.manual_seed(0)
    with torch.no_grad():
        decoder.train()
        local = torch.stack([decoder(z)[0] for _ in range(3000)])
        decoder.eval()
        drawn = torch.stack([torch.func.functional_call(decoder, decoder.perturbed(), (z,))[0] for _ in range(3000)])
    assert float(local.std(0).mean()) == pytest.approx(float(drawn.std(0).mean()), rel=0.1)
    torch.testing.assert_close(local.mean(0), drawn.mean(0), atol=0.15, rtol=0.0)


def natural(n: int, seed: int) -> Samples:
    return kinds()["sequence"].example(n, np.random.default_rng(seed))


def test_covariances_are_those_of_numpy() -> None:
    codes = codes_of(natural(300, 0))
    hot = one_hot(codes, 21)
    pairs = strongest_pairs(codes, 21, 50)
    found = connected(pairs.products(codes, 21), np.arange(300))
    exact = [np.cov(hot[:, i], hot[:, j], bias=True)[0, 1] for i, j in pairs.at]
    np.testing.assert_allclose(found, exact, atol=1e-5)
    triples = strongest_triples(codes, 21, 20)
    centered = hot - hot.mean(axis=0)
    third = [(centered[:, a] * centered[:, b] * centered[:, c]).mean() for a, b, c in triples.at]
    np.testing.assert_allclose(connected(triples.products(codes, 21), np.arange(300)), third, atol=1e-5)


def test_shuffled_columns_keep_frequencies_and_are_told_by_pairs() -> None:
    train, truth, other = natural(300, 0), natural(200, 1), natural(200, 2)
    mixed = with_codes(other, unbound(codes_of(other), 1.0, np.random.default_rng(0)))
    assert SiteFrequencies()(mixed, other, train) == pytest.approx(1.0, abs=1e-6)
    pairs = PairCovariances(400)
    assert pairs(mixed, truth, train) < 0.5 < 0.9 < pairs(other, truth, train)
    assert check_set(pairs, mixed, truth, train, seed=0).verdict.word == "differs"


def test_copies_of_sequences_are_found() -> None:
    rng = np.random.default_rng(0)
    letters = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
    texts = np.array(["".join(row) for row in rng.choice(letters, (300, 30))])
    x = Samples.of(texts, "sequence", "amino acid", "random")
    train, truth, fresh = x[:150], x[150:220], x[220:].but(id=np.arange(80).astype(str))
    assert check_copies(fresh, truth, train, 0).verdict.word != "differs"
    assert check_copies(train[:60], truth, train, 0).verdict.word == "differs"


def test_a_family_is_scored_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = toy(tmp_path / "toy.a2m"), tmp_path / "effects.csv"
    scan = tmp_path / "scan.csv"
    rng = np.random.default_rng(0)
    query = path.read_text().split("\n")
    query_row = query[1] + query[2]
    lines = [f"{w}{5 + i}{m},{rng.normal():.3f}" for i, w in enumerate(query_row) for m in "ACDEFGHIK" if m != w]
    scan.write_text("mutant,score\n" + "\n".join(lines) + "\n")
    words = ["mutations", str(path), "-o", str(out), "--scan", str(scan), "--steps", "3", "--width", "16"]
    assert main([*words, "--runs", str(tmp_path), "--no-report"]) == 0
    said = capsys.readouterr().out
    assert "of counting letters" in said
    table = out.read_text().splitlines()
    assert len(table) == 1 + 19 * 20
    assert table[0].startswith("variant,score,sd,rank,note,")
    run = next(p for p in tmp_path.iterdir() if p.is_dir() and (p / "run.json").exists())
    stated = read_json(run / "mutations.json")
    assert set(stated["scan"]["methods"]) == {"Potts", "VAE 1", "counting letters", "together"}
    listed = tmp_path / "list.txt"
    first = f"{query_row[0]}5{'A' if query_row[0] != 'A' else 'C'}"
    listed.write_text(f"{first}\n{query_row[3]}8*\n{query_row[3]}99A\n")
    again = ["mutations", str(path), "-o", str(out), "--variants", str(listed), "--run", str(run), "--no-report"]
    assert main([*again, "--width", "16"]) == 0
    rows = [line.split(",") for line in out.read_text().splitlines()]
    assert rows[1][0] == first and float(rows[1][5]) == pytest.approx(
        float(next(line.split(",")[5] for line in table if line.startswith(f"{first},"))), abs=1e-3
    )
    assert [row[4] for row in rows[2:]] == ["a stop", "outside the alignment"]


def test_new_sequences_are_drawn_judged_and_written(tmp_path: Path) -> None:
    path = toy(tmp_path / "toy.a2m", n=200)
    words = ["run", "sequences_by_vae", "--family", str(path), "--steps", "4", "--width", "16", "--updates", "2"]
    assert main([*words, "--out", str(tmp_path), "--no-report"]) == 0
    run = Run(next(p for p in tmp_path.iterdir() if p.is_dir() and (p / "run.json").exists()))
    assert set(run.all_verdicts) == {
        "model",
        "decoder mean",
        "Potts by Gibbs",
        "independent columns",
        "shuffled columns",
    }
    assert set(run.verdicts) >= {"site frequencies", "pair covariances", "triple covariances", "gaps", "copies"}
    energies = run.exhibit("energies")
    assert energies is not None and set(energies) == {"training", "natural, held out", "model"}
    assert main(["sample", str(run.folder), "-n", "5", "-o", str(tmp_path / "new.fasta")]) == 0
    again = AlignedSequences(tmp_path / "new.fasta").read()
    assert len(again) == 5 and len(again.array[0]) == 20


def test_the_minimum_is_that_of_another_optimizer_in_double_precision() -> None:
    torch.manual_seed(0)
    x, weight = torch.randint(-1, S, (200, L)).float(), torch.rand(200) + 0.1
    x[:, 1] = torch.where(torch.rand(200) < 0.7, x[:, 0], x[:, 1])
    x[x[:, 3] == 2, 3] = 0  # a letter that the last column never shows
    h, w = minimum(x, weight, S, 0.01, 2.0)
    hot = torch.stack([x == s for s in range(S)], 2).double().flatten(1)
    known = (x >= 0).double()
    apart = (torch.arange(L * S)[:, None] // S != torch.arange(L * S) // S).double()
    unknowns = [torch.zeros(n, dtype=torch.float64, requires_grad=True) for n in (L * S, L * S * L * S)]
    optimizer = torch.optim.LBFGS(unknowns, max_iter=500, tolerance_grad=1e-9, line_search_fn="strong_wolfe")

    def cost(fields: torch.Tensor, couplings: torch.Tensor) -> torch.Tensor:
        both = (couplings + couplings.T) / 2 * apart
        logs = torch.log_softmax((hot @ both + fields).view(-1, L, S), 2)
        said = ((logs * hot.view(-1, L, S)).sum(2) * known).sum(1)
        return -(weight.double() * said).sum() + 0.01 * fields.square().sum() + both.square().sum()

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        value = cost(unknowns[0], unknowns[1].view(L * S, L * S))
        value.backward()
        return value

    optimizer.step(step)
    with torch.no_grad():
        least = float(cost(unknowns[0], unknowns[1].view(L * S, L * S)))
        start = float(cost(torch.zeros(L * S), torch.zeros(L * S, L * S)))
        found = float(cost(h.double().flatten(), w.double()))
    assert least <= found < least + 1e-3 * (start - least)
    assert torch.equal(w, w.T)
    assert not (w * (1 - apart)).any()
    assert h[3, 2] < h[3, :2].min() - 2


def test_a_solved_member_takes_no_turn_and_keeps_its_weights() -> None:
    torch.manual_seed(0)
    committee = Committee({"Potts": Potts(L, S), "VAE": vae()}, solved=("Potts",))
    assert [turn.name for turn in committee.turns()] == ["VAE"]
    committee.solve(Batch(torch.randint(0, S, (60, L)).float()), torch.ones(60))
    assert committee.of("Potts").w.abs().max() > 0.05
    with pytest.raises(BadInput, match="by itself"):
        Committee({"counts": SiteIndependent(L, S)}, solved=("counts",))
