"""Molecules spelled first and shaped then: bonds, the prior, the flow, what fails, and the verb for one's strings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from simulacra.cli import main
from simulacra.core.verdict import Verdict
from simulacra.diffusion.bonded import (
    COLUMNS,
    SPREAD,
    TOKEN,
    atom_features,
    bond_kinds,
    pair_features,
    read_graph,
    scattered,
    turned_onto,
)
from simulacra.domains.molecules import bond_graphs, stability
from simulacra.domains.molecules.molecule_graphs import embedded, from_rdkit
from simulacra.keeping.string_shapes import shaped
from simulacra.keeping.trained import Trained, load
from simulacra.models.base import Batch
from simulacra.models.edm import example as edm_example
from simulacra.models.graph_and_space import GraphAndSpace, example
from simulacra.models.shape_flow import ShapeFlow, bundles, chains
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.shape_network import ShapeNetwork
from simulacra.networks.token_reader import TokenReader
from simulacra.runs import Run
from simulacra.views.bonded_atoms import BondedAtoms
from simulacra.views.spelling import ALPHABET, Spelling

ELEMENTS = (1, 6, 7, 8)
TEXTS = ["CCO", "c1cn[nH]c1", "C[NH2+]CC(=O)[O-]", "C#N", "C1CC1", "O=C1CCC1"]


@pytest.fixture(scope="module")
def space() -> np.ndarray:
    """A few molecules in shapes of a force field, whose bond lengths the tables know."""
    return from_rdkit([embedded(text, 7) for text in TEXTS], 29)


def test_strings_become_tokens_and_strings_again() -> None:
    spelling = Spelling()
    tokens = torch.from_numpy(spelling.tokens([*TEXTS, ""], 12).astype(np.float32))
    assert spelling.texts(tokens) == [*TEXTS, ""]
    assert spelling.split("CCl") == [ALPHABET.index("C"), ALPHABET.index("Cl")]
    assert spelling.split("C!") == []
    assert not spelling.tokens(["C" * 13], 12).any()  # too long: no string rather than a cut one


def test_a_string_tells_the_bonds_and_one_that_is_no_molecule_fails() -> None:
    spelling = Spelling(29, ELEMENTS)
    bad = ["C1CC", "C(C)(C)(C)(C)C", "CF", "C.C", "", "C" * 15]
    tokens = torch.from_numpy(spelling.tokens([*TEXTS, *bad], 29).astype(np.float32))
    rows, good = spelling.rows(tokens)
    assert good.tolist() == [True] * len(TEXTS) + [False] * len(bad)
    assert rows.shape == (len(tokens), 29, COLUMNS)
    kinds = bond_kinds(rows)
    assert torch.equal(kinds, kinds.mT)
    assert (kinds[0] > 0).sum() == 2 * 8  # ethanol: nine atoms in a tree
    assert sorted(kinds[1][kinds[1] > 0].unique().tolist()) == [1, 4]
    assert kinds[3].max() == 3
    assert rows[2, :, 4].tolist().count(1.0) == 1 and rows[2, :, 4].tolist().count(-1.0) == 1


def test_the_bonds_of_molecules_in_space_are_those_of_their_strings(space: np.ndarray) -> None:
    found = bond_graphs.graphs_in_space(space)
    assert [found.strings[i] for i in (0, 1, 3, 4, 5)] == [TEXTS[i] for i in (0, 1, 3, 4, 5)]
    spelled, good = bond_graphs.graphs_spelled(found.strings, 29, ELEMENTS)
    assert good[[0, 1, 3, 4, 5]].all()
    np.testing.assert_array_equal(np.sort(spelled[0, :, 0]), np.sort(found.rows[0, :, 0]))


def test_the_view_goes_there_and_back_with_bonds(space: np.ndarray) -> None:
    from simulacra.domains.molecules.atoms import molecules

    x = molecules(space)
    view = BondedAtoms(29, ELEMENTS).fit(x)
    batch = view.forward(x)
    assert batch.x.shape == (len(TEXTS), 29, COLUMNS)
    assert (batch.x[..., TOKEN] > 0).any(1)[[0, 1, 3, 4, 5]].all()
    np.testing.assert_array_equal(view.inverse(batch).array, space)


def test_springs_are_as_long_as_bonds_and_independent_along_a_tree() -> None:
    rows = chains(4, 4)[2:3].repeat(20_000, 1, 1)  # four atoms in a row
    graph = read_graph(rows, (1, 6))
    x = scattered(graph.bound, graph.mask, torch.randn(20_000, 4, 3, generator=torch.Generator().manual_seed(0)))
    assert x.mean(1).abs().max() < 1e-5
    steps = (x[:, 1:] - x[:, :-1]).transpose(1, 2).reshape(-1, 3)  # three bonds along each axis
    covariance = steps.T @ steps / len(steps)
    error = 4 * SPREAD**2 * (2 / len(steps)) ** 0.5  # four standard errors of a variance
    assert (covariance - SPREAD**2 * torch.eye(3)).abs().max() < error + 2e-3  # the pull that holds broken pieces


def test_a_shape_turned_or_mirrored_is_turned_back() -> None:
    torch.manual_seed(0)
    x = torch.randn(6, 5, 3)
    x = x - x.mean(1, keepdim=True)
    turn = torch.linalg.qr(torch.randn(6, 3, 3))[0]
    turn[::2, 0] *= -1
    torch.testing.assert_close(turned_onto(x @ turn, x), x, atol=1e-5, rtol=0)


def test_turns_mirrors_shifts_and_the_order_of_atoms_are_passed_on() -> None:
    torch.manual_seed(0)
    rows = chains(8, 6)
    graph = read_graph(rows, (1, 6))
    network = ShapeNetwork(atom_features(2), pair_features(), 16, 8, 2, 2, 4, 8).double().eval()
    x, time = torch.randn(8, 6, 3, dtype=torch.float64) * graph.mask[..., None], torch.rand(8, dtype=torch.float64)
    stated = graph.atoms.double(), graph.pairs.double()
    out = network(x, *stated, time, graph.mask)
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))[0]
    shift = torch.randn(3, dtype=torch.float64)
    moved = network((x @ turn + shift) * graph.mask[..., None], *stated, time, graph.mask)
    torch.testing.assert_close(moved, (out @ turn + shift) * graph.mask[..., None], atol=1e-9, rtol=0)
    order = torch.randperm(6)
    mixed = network(x[:, order], stated[0][:, order], stated[1][:, order][:, :, order], time, graph.mask[:, order])
    torch.testing.assert_close(mixed, out[:, order], atol=1e-9, rtol=0)


def test_empty_seats_and_neighbors_in_the_batch_change_nothing() -> None:
    torch.manual_seed(0)
    network = ShapeNetwork(atom_features(2), pair_features(), 16, 8, 2, 2, 4, 8).eval()
    graph = read_graph(chains(5, 6), (1, 6))
    x, time = torch.randn(5, 6, 3) * graph.mask[..., None], torch.rand(5)
    whole = network(x, graph.atoms, graph.pairs, time, graph.mask)
    for i in range(5):
        n = int(graph.mask[i].sum())
        alone = network(x[i : i + 1, :n], graph.atoms[i : i + 1, :n], graph.pairs[i : i + 1, :n, :n], time[i : i + 1])
        torch.testing.assert_close(alone[0], whole[i, :n], atol=2e-5, rtol=1e-4)
    some, sizes = zip(*bundles(graph.mask), strict=True)
    assert sorted(torch.cat(list(some)).tolist()) == list(range(5)) and max(sizes) == 6


class Oracle(nn.Module):
    """Knows where the atoms of one chain belong."""

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        self.x = nn.Parameter(x)

    def forward(self, x: Tensor, atoms: Tensor, pairs: Tensor, time: Tensor, mask: Tensor) -> Tensor:
        """The chain, turned onto what is seen."""
        middle = x.mean(1, keepdim=True)
        return turned_onto(self.x.expand(len(x), -1, -1), x - middle) + middle


def test_the_flow_of_an_oracle_ends_at_the_shape_and_has_no_loss() -> None:
    rows = chains(5, 6)[4:5].repeat(3, 1, 1)
    true = rows[:1, :, :3] - rows[:1, :, :3].mean(1, keepdim=True)
    rows[..., :3] = true
    flow = ShapeFlow(Oracle(true), (1, 6), steps=7, blur=0.0)
    torch.manual_seed(0)
    made = flow.shape(rows)
    for k in (made[:, :, None] - made[:, None],):
        torch.testing.assert_close(
            k.norm(dim=3), (true[:, :, None] - true[:, None]).norm(dim=3).expand(3, -1, -1), atol=1e-4, rtol=0
        )
    assert all(float(part.detach().max()) < 1e-3 for part in flow.loss(Batch(rows)).values())


def test_training_brings_bonds_to_their_lengths() -> None:
    torch.manual_seed(0)
    rows = chains(64, 5)
    flow = ShapeFlow(ShapeNetwork(atom_features(2), pair_features(), 16, 8, 2, 2, 4, 8), (1, 6), steps=5)
    adam = torch.optim.Adam(flow.parameters(), 5e-3)

    def error() -> float:
        torch.manual_seed(1)
        made, graph = flow.shape(rows), read_graph(rows, (1, 6))
        apart = [(x[:, :, None] - x[:, None]).norm(dim=3)[graph.bound > 0] for x in (made, rows[..., :3])]
        return float((apart[0] - apart[1]).abs().mean())

    before = error()
    for _ in range(200):
        adam.zero_grad()
        torch.stack([part.mean() for part in flow.loss(Batch(rows)).values()]).sum().backward()
        adam.step()
    assert error() < before / 2


def test_a_string_s_likelihood_sums_to_one() -> None:
    torch.manual_seed(0)
    model = TokenSequence(TokenReader(3, 4, 6), 4)
    words = [(a, b, c, d) for a in range(3) for b in range(3) for c in range(3) for d in range(3)]
    whole = [w for w in words if w[0] and all(w[i + 1] == 0 for i in range(3) if w[i] == 0)]
    chance = model.log_prob(torch.tensor(whole, dtype=torch.float32)).exp().detach()
    empty = (
        model.network(torch.zeros(1, 1, dtype=torch.long))[0][0, 0].softmax(0)[0].detach()
    )  # a string that ends at once
    four = [i for i, w in enumerate(whole) if w[3]]  # those that fill all places may go on
    shorter = float(chance.sum() - chance[four].sum() + empty)
    drawn = model.eval().sample(20_000).x
    ended = float((drawn[:, 3] == 0).float().mean())
    assert abs(ended - shorter) < 4 * (shorter * (1 - shorter) / 20_000) ** 0.5


def test_draws_that_fail_are_drawn_again_and_counted() -> None:
    torch.manual_seed(0)
    model, batch = example()
    model.eval()
    _, good = model.attempt(400)
    assert model.tried == 400 and model.failed == 400 - int(good.sum()) > 0
    drawn = model.sample(200).x
    assert (drawn[..., TOKEN] > 0).any(1).all()
    assert model.tried > 600 and model.chain(3, 4).shape == (4, 3, *batch.x.shape[1:])


def test_a_walk_that_ends_in_no_number_is_walked_again_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model, batch = edm_example()
    model.count(batch)
    model.eval()
    walked, calls = model._walked, []

    def lost(atoms: Tensor, given: object) -> Tensor:
        x = walked(atoms, given)  # type: ignore[arg-type]
        if not calls:
            x[1:3, 0] = float("nan")
        calls.append(len(x))
        return x

    monkeypatch.setattr(model, "_walked", lost)
    drawn = model.sample(6, {"gap": torch.zeros(6)})
    assert drawn.x.isfinite().all() and calls == [6, 2] and model.redrawn == 2


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An untrained model in a run folder."""
    torch.manual_seed(0)
    spelling = Spelling(29, ELEMENTS)
    network = ShapeNetwork(atom_features(4), pair_features(), 8, 8, 2, 2, 3, 8)
    model = GraphAndSpace(TokenSequence(TokenReader(spelling.size, 4, 6), 29), ShapeFlow(network, steps=2), spelling)
    made = Run.create(tmp_path_factory.mktemp("runs"), "shapes", {}, 1)
    Trained(model, BondedAtoms(29, ELEMENTS, 29)).save(made)
    save_file(dict(model.state_dict()), made.folder / "model.safetensors")
    made.keep_verdicts({"model": {"size": Verdict("size", "differs", 0.01, 0.01, 4.2, 0.02, "2%", 0.04, 9, 9)}})
    made.close("done")
    return made


def test_the_user_s_strings_are_shaped_and_others_named(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rdkit import Chem

    path, out = tmp_path / "mine.smi", tmp_path / "mine.sdf"
    path.write_text("CCO ethanol\nCCF fluorine\nC1CC broken\nCC.O pieces\nC1CCCCCCCCC1 ring\nC[C@H](O)N chiral\n")
    words = ["shape", str(path), "-o", str(out), "-n", "3", "--run", str(run.folder), "--seed", "1", "--json"]
    assert main(words) == 0
    stated = json.loads(capsys.readouterr().out)
    why = {one["smiles"]: one["why"] for one in stated["left_out"]}
    assert set(why) - {"C[C@H](O)N"} == {"CCF", "C1CC", "CC.O", "C1CCCCCCCCC1"}
    assert "know F" in why["CCF"] and "30 atoms" in why["C1CCCCCCCCC1"]
    shapes = list(Chem.SDMolSupplier(str(out), removeHs=False))
    assert sum(found.GetProp("_Name") == "ethanol" for found in shapes) == 3
    assert shapes[0].GetNumAtoms() == 9 and Chem.MolToSmiles(Chem.RemoveHs(shapes[0])) == "CCO"


def test_bad_wishes_for_shapes_are_told_before_any_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.smi"
    path.write_text("CCO\n")
    for words in (["-o", "out.xyz"], ["-o", "out.sdf", "-n", "0"], ["-o", "out.sdf", "--run", "ising"]):
        assert main(["shape", str(path), *words]) == 2
        assert capsys.readouterr().err.strip()


def test_shapes_have_the_handedness_that_the_string_tells(run: Run) -> None:
    from rdkit import Chem

    trained = load(run)
    found = shaped(trained, ["C[C@H](O)N", "C[C@@H](O)N"], 4, np.random.default_rng(0))
    for one in found:
        assert one.shapes
        for k in range(len(one.shapes)):
            seen = Chem.Mol(one.molecule)
            Chem.AssignStereochemistryFrom3D(seen, k)
            assert Chem.MolToSmiles(Chem.RemoveHs(seen)) == Chem.CanonSmiles(one.text)


def test_shipped_molecules_hold_together() -> None:
    drawn = load("molecules").draw(60, np.random.default_rng(0))
    stable = stability.by_distance(drawn.array)
    assert stable.molecules.sum() > 30  # 82 % of them are, on the card: below a half by chance once in 10^9


def test_the_study_runs_to_verdicts_and_counts_what_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulacra.studies.molecules.molecules_by_graph_and_shape import study

    monkeypatch.delenv("SIMULACRA_DATA", raising=False)
    torch.manual_seed(0)
    whole = study(largest=8, width=8, blocks=1, memory=32, walk=2, steps=150)
    few = replace(whole, judges={name: whole.judges[name] for name in ("stability", "size")})  # the others are slow
    made = few.run(seed=1, out=tmp_path)
    assert made.state == "done"
    assert set(made.verdicts) == {*few.judges, "copies"}
    draws = made.record["draws"]
    assert draws["tried"] >= made.record["sizes"]["truth"] and 0 < draws["failed"] < draws["tried"]
    assert made.exhibit("chain")["frames"].shape[1:] == (4, 8, 4)
    assert isinstance(load(made).model, GraphAndSpace)
