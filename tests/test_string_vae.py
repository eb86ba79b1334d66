"""Strings by an autoencoder: steps by hand, free nats, prototypes varied, drugs found from others, and their pages."""

from pathlib import Path

import numpy as np
import pytest
import torch

from simulacra.core.errors import BadInput
from simulacra.domains.molecules.chemistry import canonical, molecule
from simulacra.domains.molecules.substituents import Substituents, sites
from simulacra.exhibits.drugs_refound import finds, refind_drugs
from simulacra.exhibits.prototypes_varied import counted, varied, vary_prototypes
from simulacra.exhibits.string_latent import show_latent_use
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch
from simulacra.models.string_vae import StringVAE, divergence
from simulacra.networks.string_decoder import StringDecoder
from simulacra.networks.string_encoder import StringEncoder
from simulacra.reports.sections import drugs_refound, latent_use, prototypes
from simulacra.reports.sections.base import Page
from simulacra.runs import Run
from simulacra.sources.molecules.joined_fragments import JoinedFragments
from simulacra.sources.molecules.library_without_kin import LibraryWithoutKin
from simulacra.studies.molecules import smiles_by_prototype
from simulacra.views.strings import Strings

WORLD = JoinedFragments(1).draw(90, np.random.default_rng(0))
PARTS = {"train": WORLD[:40], "validation": WORLD[40:60], "truth": WORLD[60:]}


def small(free: float = 0.0, hidden: float = 0.0) -> StringVAE:
    torch.manual_seed(0)
    encoder, decoder = StringEncoder(7, 9, 3, 4, (6, 6)), StringDecoder(7, 3, 5, 8, 2)
    return StringVAE(encoder, decoder, 3, 9, free, hidden).eval()


def trained() -> Trained:
    view = Strings().fit(WORLD)
    torch.manual_seed(0)
    tokens = len(view.tokens)
    encoder, decoder = StringEncoder(tokens, view.length, 4, 8, (8,)), StringDecoder(tokens, 4, 8, 24, 1)
    return Trained(StringVAE(encoder, decoder, 4, view.length), view)


def test_single_steps_give_the_scores_of_the_layers() -> None:
    model = small()
    z, tokens = torch.randn(5, 3), torch.randint(1, 7, (5, 6))
    with torch.no_grad():
        whole = model.decoder(tokens, z)
        steps, state = model.decoder.steps(z)
        each = torch.stack([steps.step(tokens[:, place], state) for place in range(6)], 1)
    torch.testing.assert_close(each, whole, rtol=1e-4, atol=1e-5)


def test_a_string_costs_what_its_tokens_cost_one_by_one() -> None:
    model = small()
    x, z = torch.tensor([[1.0, 2, 3, 0, 0, 0, 0, 0, 0], [4, 0, 0, 0, 0, 0, 0, 0, 0], [0] * 9]), torch.randn(3, 3)
    with torch.no_grad():
        found = model.log_prob_at(x, z)
        for row, tokens in enumerate([[1, 2, 3, 0], [4, 0]]):
            odds = model.decoder(torch.tensor([[0, *tokens[:-1]]]), z[row : row + 1]).log_softmax(2)[0]
            by_hand = sum(float(odds[place, token]) for place, token in enumerate(tokens))
            assert float(found[row]) == pytest.approx(by_hand, abs=1e-5)
    assert found[2] == 0


def test_ended_rows_leave_and_the_others_go_on_where_they_were() -> None:
    model = small()
    z = torch.randn(40, 3)
    whole = model.spell(z, likeliest=True)
    alone = torch.cat([model.spell(one[None], likeliest=True) for one in z])
    assert torch.equal(whole, alone)
    ended = (whole == 0).cumsum(1).bool()
    assert not whole[ended].any()


def test_free_nats_cost_nothing_and_beyond_them_the_divergence_counts() -> None:
    x = torch.randint(1, 7, (16, 9)).float()
    exact, free = small(0.0), small(2.0)
    with torch.no_grad():
        mu, log_var = exact.posterior(x)
        costs = [float(model.loss(Batch(x))["kl"]) for model in (exact, free)]
    assert costs[0] == pytest.approx(float(divergence(mu, log_var).mean(0).sum()), rel=1e-5)
    assert costs[1] == pytest.approx(6.0)
    normal = torch.distributions.Normal(mu, (log_var / 2).exp())
    wanted = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0))
    torch.testing.assert_close(divergence(mu, log_var), wanted)


def test_without_noise_a_prototype_has_one_place_and_with_it_many() -> None:
    model = small()
    x = torch.tensor([[1.0, 2, 3, 0, 0, 0, 0, 0, 0]]).repeat(200, 1)
    torch.manual_seed(1)
    with torch.no_grad():
        model.decoder.first.weight *= 40
        model.decoder.beside.weight *= 40  # a decoder that hears its place alone
    still, moved = (len(model.vary(Batch(x), scale).x.unique(dim=0)) for scale in (0.0, 3.0))
    assert still < moved


def test_hidden_tokens_and_free_nats_have_bounds() -> None:
    for settings in ({"free": -1.0}, {"hidden": 1.0}):
        with pytest.raises(BadInput, match="free nats"):
            small(**settings)


def test_substituents_are_exchanged_and_the_rest_stays() -> None:
    law = Substituents.learned(["Clc1ccccc1", "Fc1ccccc1", "OCC"])
    rng = np.random.default_rng(0)
    whole = molecule("Clc1ccccc1")
    made = {canonical(np.array([law_made(law, whole, rng)]))[0] for _ in range(60)}
    assert {"Fc1ccccc1", "c1ccccc1"} <= made
    assert all("c1ccccc1" in text or "ccc" in text for text in made)
    nitro = molecule("C[N+](=O)[O-]")
    assert all(not nitro.GetAtomWithIdx(core).GetFormalCharge() for core, _ in sites(nitro))


def law_made(law: Substituents, whole: object, rng: np.random.Generator) -> str:
    from rdkit import Chem

    return str(Chem.MolToSmiles(law.exchanged(whole, rng)))


def test_a_library_leaves_out_the_others_and_their_kin(tmp_path: Path) -> None:
    (tmp_path / "all.smi").write_text("CCO\nCCCCCCCCN\nCCCCCCCCCN\nc1ccccc1\n")
    (tmp_path / "drugs.smi").write_text("CCCCCCCCCCN\n")
    found = LibraryWithoutKin(tmp_path / "all.smi", tmp_path / "drugs.smi").read()
    assert sorted(found.array.tolist()) == ["CCO", "c1ccccc1"]
    assert found.left.out == {"like one of drugs.smi (Tanimoto ≥ 0.6)": 2}
    with pytest.raises(BadInput, match="kin of the others"):
        LibraryWithoutKin(tmp_path / "drugs.smi", tmp_path / "drugs.smi").read()


def test_what_is_written_near_a_prototype_is_counted() -> None:
    rows = np.array([["CCO", "CCN", "CCN", "C(", "CCC"], ["C(", "C(", "C(", "C(", "C("]])
    found = counted(["CCO", "CCF"], rows, {"CCC"})
    assert found[0, :3].tolist() == [4, 3, 1]
    assert found[1, :3].tolist() == [0, 0, 0]
    assert np.isnan(found[1, 3])


def test_a_drug_is_found_from_another_and_never_from_itself() -> None:
    first, valid, different = finds(
        ["CCO", "CCN", "CCF"], np.array([["CCO", "CC[NH3+]"], ["CCO", "C("], ["CCF", "CCN"]])
    )
    assert first.tolist() == [1, 0, -1]
    assert (valid, different) == (5, 3)


def test_exhibits_are_kept_and_shown(tmp_path: Path) -> None:
    run, model = Run.create(tmp_path, "smiles_by_prototype", {}, 1), trained()
    drugs = tmp_path / "drugs.smi"
    drugs.write_text("\n".join(["CC(C)CC(O)CN(C)C", "CC(C)CC(C)CN(C)C", "OC(C)CC(C)CC(C)O"]))
    show_latent_use(model, PARTS, run, 1)
    sets = vary_prototypes(model, PARTS, run, 1, scales=(0.0, 1.0))
    assert len(sets["near a prototype"]) == 20
    refind_drugs(model, PARTS, run, 1, drugs)
    page = Page(run)
    for module in (latent_use, prototypes, drugs_refound):
        part = module.section(page)
        assert part is not None
        assert (
            len({len(cells) + 1 for _, cells in part.values["part"]["rows"]} | {len(part.values["part"]["head"])}) == 1
        )
    assert page.skipped == []
    assert varied(model, ["Cc1ccccc1"], 3, 1.0, np.random.default_rng(0)).shape == (1, 3)


def test_a_model_that_learned_drugs_looks_for_none(tmp_path: Path) -> None:
    drugs = tmp_path / "drugs.smi"
    drugs.write_text(f"{PARTS['train'].array[0]}\n")
    with pytest.raises(BadInput, match="has learned what it is to find"):
        refind_drugs(trained(), PARTS, Run.create(tmp_path, "own", {}, 1), 1, drugs)
    run = Run.create(tmp_path, "before", {}, 1, {"source": "SmilesLibrary()"})
    with pytest.raises(BadInput, match="may have learned the drugs"):
        smiles_by_prototype.taken(str(run.folder), drugs)
