"""Graphs: orbits and cycles against enumeration, noise and walks against exact laws, files there and back, figures."""

from __future__ import annotations

import itertools
from pathlib import Path

import networkx
import numpy as np
import pytest
import torch

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.diffusion.fading import Even, Late
from simulacra.diffusion.graph_features import GraphFeatures, cycles_through
from simulacra.diffusion.graph_state import GraphState, ends, read
from simulacra.diffusion.transitions import Marginal, Uniform
from simulacra.domains.graphs.graphml import from_networkx, to_networkx
from simulacra.domains.graphs.matrices import linked, shuffled
from simulacra.domains.graphs.mmd import distances, mmd
from simulacra.domains.graphs.orbits import orbits
from simulacra.domains.graphs.planar import planar
from simulacra.domains.graphs.structure import clustering, connected, eigenvalues
from simulacra.domains.graphs.tally import score_graphs
from simulacra.domains.molecules.atom_codes import charges, coded, elements
from simulacra.domains.molecules.matrix_measures import too_many
from simulacra.domains.molecules.matrix_molecules import matrices_of, smiles, spelled
from simulacra.kinds.base import kinds, likeness_of
from simulacra.models.base import Batch
from simulacra.models.discrete_graph_diffusion import example
from simulacra.networks.graph_transformer import GraphTransformer
from simulacra.samplers.graph_walks import Ancestral, GraphWalk, Rates
from simulacra.sources.graphs.graph_benchmark import FILES, GraphBenchmark
from simulacra.sources.graphs.graph_file import GraphFile
from simulacra.sources.graphs.planar_graphs import PlanarGraphs
from simulacra.sources.graphs.stochastic_blocks import StochasticBlocks
from simulacra.sources.molecules.molecule_graph_file import MoleculeGraphFile
from simulacra.views.graph_spelling import GraphSpelling
from simulacra.views.graph_types import GraphTypes
from simulacra.views.spelled_graphs import SpelledGraphs
from simulacra.views.spelling import Spelling

RNG = np.random.default_rng(3)
TEXTS = ["CCO", "c1cn[nH]c1", "C[NH2+]CC(=O)[O-]", "C#N", "C1CC1", "O=C1CCC1", "c1ccccc1C"]


def random_graph(n: int, p: float, seed: int) -> np.ndarray:
    upper = np.triu(np.random.default_rng(seed).random((n, n)) < p, 1)
    return (upper | upper.T).astype(float)


def counted(a: np.ndarray) -> np.ndarray:
    """Orbits by looking at every set of two to four nodes."""
    graph, out = networkx.from_numpy_array(a), np.zeros((len(a), 15))
    for k in (2, 3, 4):
        for some in itertools.combinations(range(len(a)), k):
            part = graph.subgraph(some)
            if not networkx.is_connected(part):
                continue
            d, m = dict(part.degree()), part.number_of_edges()
            for v in some:
                if k < 4:
                    orbit = 0 if k == 2 else 3 if m == 3 else 3 - 2 * (d[v] == 1) - (d[v] == 2)
                elif m == 3:
                    star = max(d.values()) == 3
                    orbit = {True: {1: 6, 3: 7}, False: {1: 4, 2: 5}}[star][d[v]]
                elif m == 4:
                    orbit = 8 if set(d.values()) == {2} else {1: 9, 2: 10, 3: 11}[d[v]]
                else:
                    orbit = 14 if m == 6 else {2: 12, 3: 13}[d[v]]
                out[v, orbit] += 1
    return out


@pytest.mark.parametrize("p", [0.25, 0.5, 0.85])
def test_orbits_are_what_enumeration_counts(p: float) -> None:
    a = random_graph(9, p, int(100 * p))
    np.testing.assert_allclose(orbits(a), counted(a), atol=1e-9)


@pytest.mark.parametrize("p", [0.3, 0.6])
def test_cycles_through_nodes_are_what_enumeration_counts(p: float) -> None:
    a = random_graph(7, p, 5)
    want = np.zeros((7, 3))
    for length in (3, 4, 5):
        for some in itertools.permutations(range(7), length):
            if some[0] == min(some) and some[1] < some[-1]:
                closed = all(a[some[i], some[(i + 1) % length]] for i in range(length))
                want[list(some), length - 3] += closed
    found = cycles_through(torch.tensor(a)[None])[0]
    np.testing.assert_allclose(found.numpy(), want, atol=1e-9)


def test_clustering_and_spectrum_are_those_of_networkx() -> None:
    a = random_graph(12, 0.4, 1)
    graph = networkx.from_numpy_array(a)
    np.testing.assert_allclose(clustering(a), list(networkx.clustering(graph).values()), atol=1e-12)
    want = np.sort(networkx.normalized_laplacian_spectrum(graph))
    np.testing.assert_allclose(eigenvalues(a), want.clip(0, 2), atol=1e-8)


def test_planarity_and_connectedness_of_known_graphs() -> None:
    five, cube, two = np.ones((5, 5)), networkx.to_numpy_array(networkx.hypercube_graph(3)), np.eye(4)
    three = networkx.to_numpy_array(networkx.complete_bipartite_graph(3, 3))
    x = from_networkx([networkx.from_numpy_array(a - np.diag(np.diag(a))) for a in (five, cube, two, three)])
    assert planar(x).tolist() == [False, True, True, False]
    assert connected(x).tolist() == [True, True, False, True]


def test_a_permutation_of_the_nodes_is_passed_on() -> None:
    torch.manual_seed(0)
    features = GraphFeatures(2, 3, 6)
    network = GraphTransformer(
        features.of_nodes, features.of_pairs, features.of_graphs, 2, 3, width=12, narrow=8, blocks=2, heads=2
    ).double()
    x = torch.from_numpy(shuffled(kinds()["graph"].example(5, RNG).array[:, :6, :6], RNG)).double()
    order = torch.randperm(6)

    def scores(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        state = read(rows)
        given = features.read(state)
        row = network(given.nodes.double(), given.pairs.double(), given.whole.double(), state.mask)
        wide = torch.zeros(len(rows), 6, 6, 3, dtype=row.dtype)
        first, second = ends(6)
        wide[:, first, second] = row[:, 12:].view(len(rows), -1, 3)
        wide[:, second, first] = row[:, 12:].view(len(rows), -1, 3)
        return row[:, :12].view(len(rows), 6, 2), wide

    nodes, pairs = scores(x)
    turned_nodes, turned_pairs = scores(x[:, order][:, :, order])
    torch.testing.assert_close(turned_nodes, nodes[:, order], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(turned_pairs, pairs[:, order][:, :, order], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("walk", [Ancestral(40), Rates(40), Rates(40, stir=2.0)])
@pytest.mark.parametrize("law", [Uniform(3), Marginal((0.6, 0.3, 0.1))])
def test_a_walk_with_the_exact_denoiser_of_apart_sites_returns_their_law(walk: GraphWalk, law: Uniform) -> None:
    """Sites of one law p: p(x_1 | x) is known, so that what comes out must be p, up to steps and chance.

    22,500 sites: a share is known to 0.0035, and five of that are allowed; the steps' own error falls with their sum.
    """
    torch.manual_seed(1)
    p = torch.tensor([0.2, 0.5, 0.3], dtype=torch.float64)

    def said(state: GraphState, kept: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        def chances(sites: torch.Tensor) -> torch.Tensor:
            return p * law.possible(sites, kept) / (p * law.possible(sites, kept)).sum(-1, keepdim=True)

        return chances(state.nodes), chances(state.pairs)

    mask = torch.ones(500, 9, dtype=torch.bool)
    nothing = GraphState(law.start(torch.rand(500, 9)), law.start(torch.rand(500, 36)), mask)
    end = walk.walk(said, (law, law), Late(), nothing)
    found = torch.bincount(torch.cat([end.nodes.flatten(), end.pairs.flatten()]), minlength=3) / (500 * 45)
    assert float((found - p).abs().max()) < 5 * 0.0035 + 0.5 / walk.steps


def test_aiming_sharpens_and_rates_refuse_to_be_negative() -> None:
    law, even = Uniform(2), Even()
    chances = torch.tensor([[[0.9, 0.1]]], dtype=torch.float64)
    at = torch.zeros(1, 1, dtype=torch.long) + 1
    kept, before = even.kept(torch.tensor([0.5])), even.kept(torch.tensor([0.45]))
    plain, aimed = (Rates(10, aim=aim).law(chances, at, kept, before, law)[0, 0, 0] for aim in (0.0, 0.5))
    assert float(aimed) > float(plain) > 0
    with pytest.raises(BadInput, match="not negative"):
        Rates(10, stir=-1.0)


def test_noise_at_the_ends_keeps_everything_or_the_law_alone() -> None:
    model, batch = example()
    model.count(batch)
    nodes, pairs = model.laws()
    state = read(batch.x)
    u = torch.rand(2, *state.pairs.shape)
    assert torch.equal(pairs.noised(state.pairs, torch.ones(len(batch)), u), state.pairs)
    shares = torch.bincount(state.pairs[state.linked], minlength=3) / state.linked.sum()
    torch.testing.assert_close(pairs.law.float(), shares.float(), atol=1e-4, rtol=0)
    assert nodes.categories == 2


def test_draws_have_the_sizes_of_the_training_set_and_learn_its_rings() -> None:
    """Squares and nothing else: after some steps most draws are squares, which noise alone makes 1 in 20 times."""
    torch.manual_seed(0)
    model, _ = example()
    x = torch.zeros(64, 5, 5)
    ring = torch.arange(4)
    x[:, ring, ring.roll(1)] = x[:, ring.roll(1), ring] = 1.0
    x[:, ring, ring] = 1.0
    model.count(Batch(x))
    steps = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(120):
        loss = sum(part.mean() for part in model.loss(Batch(x)).values())
        steps.zero_grad()
        loss.backward()
        steps.step()
    drawn = model.sample(200).x
    assert bool((drawn.diagonal(dim1=1, dim2=2) > 0).sum(1).eq(4).all())
    squares = [
        networkx.is_isomorphic(networkx.from_numpy_array(a[:4, :4]), networkx.cycle_graph(4))
        for a in linked(drawn.numpy().astype(int))
    ]
    assert np.mean(squares) > 0.5


def test_graphs_are_the_same_in_networkx_and_in_files(tmp_path: Path) -> None:
    x = kinds()["graph"].example(6, RNG)
    back = from_networkx(to_networkx(x.array))
    np.testing.assert_array_equal(back, x.array[:, : back.shape[1], : back.shape[1]])
    kinds()["graph"].write(x, tmp_path / "x.graphml")
    again = GraphFile(tmp_path / "x.graphml").read()
    np.testing.assert_array_equal(again.array, back)
    kinds()["graph"].write(x, tmp_path / "x.g6")
    np.testing.assert_array_equal(linked(GraphFile(tmp_path / "x.g6").read().array), linked(back))
    np.savez(tmp_path / "x.npz", n_nodes=np.array([2, 3]), n_edges=np.array([1, 2]), edges=[[0, 1], [0, 1], [1, 2]])
    assert GraphFile(tmp_path / "x.npz").read().array.sum(axis=(1, 2)).tolist() == [4, 7]


def test_broken_files_of_graphs_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.graphml").write_text("<graphml>")
    (tmp_path / "b.g6").write_text("\x01\x02\n")
    np.savez(tmp_path / "c.npz", a=np.array([[0, 1], [0, 0]]))
    np.savez(tmp_path / "d.npz", n_nodes=np.array([2]), n_edges=np.array([1]), edges=[[0, 5]])
    for name in ("a.graphml", "b.g6", "c.npz", "d.npz"):
        with pytest.raises(BadInput) as error:
            GraphFile(tmp_path / name).read()
        assert name in error.value.given and error.value.fix
    with pytest.raises(BadInput, match="not read from such a file"):
        GraphFile(tmp_path / "x.doc")


def test_types_of_networkx_must_be_whole_numbers() -> None:
    graph = networkx.Graph()
    graph.add_node(0, type="carbon")
    with pytest.raises(BadInput, match="whole numbers"):
        from_networkx([graph])


def test_molecules_are_the_same_as_strings_and_as_matrices(tmp_path: Path) -> None:
    x, bad = matrices_of([*TEXTS, "C(", "CO(C)C"])
    assert bad == [7, 8]
    again, _ = matrices_of(smiles(x))
    assert smiles(again) == smiles(x)
    samples = Samples.of(x, "molecule_graph")
    for ending in (".smi", ".sdf"):
        kinds()["molecule_graph"].write(samples, tmp_path / f"x{ending}")
        assert smiles(MoleculeGraphFile(tmp_path / f"x{ending}").read().array) == smiles(x)
    whole = MoleculeGraphFile(tmp_path / "x.smi", hydrogens=True).read()
    assert whole.array.shape[1] == 15  # toluene: seven carbons, eight hydrogens
    assert smiles(whole.array) == smiles(x)


def test_atoms_are_elements_and_charges() -> None:
    z, q = np.array([6, 7, 8, 7]), np.array([0, 1, -1, 2])
    np.testing.assert_array_equal(elements(coded(z, q)), z)
    np.testing.assert_array_equal(charges(coded(z, q)), q)


def test_what_has_too_many_bonds_is_what_rdkit_refuses() -> None:
    x = kinds()["molecule_graph"].example(60, np.random.default_rng(1)).array
    np.testing.assert_array_equal(too_many(x).any(axis=1), ~spelled(x).valid)


def test_molecules_count_as_the_same_in_any_order_and_either_alternation() -> None:
    x, _ = matrices_of(["Cc1ccccc1C", "Cc1ccccc1O"])
    other = x.copy()
    ring = (x == 2) & (np.arange(8)[:, None] != np.arange(8)) & (x.sum(1) > 0)[:, None]
    single = (x == 1) & ~np.eye(8, dtype=bool) & _in_ring(x)
    other[ring & _in_ring(x)], other[single] = 1, 2
    like = likeness_of(Samples.of(x, "molecule_graph"))
    first = np.zeros(2, dtype=int)
    turned = shuffled(other, RNG)
    assert like.apart(like.ready(x), like.ready(turned), first).tolist() == [0.0, 0.0]
    assert like.apart(like.ready(x), like.ready(turned[::-1]), first).min() >= 1


def _in_ring(x: np.ndarray) -> np.ndarray:
    """Bonds of which both ends have two neighbors or more."""
    inner = linked(x).sum(axis=2) > 1
    return inner[:, :, None] & inner[:, None, :]


def test_the_discrepancy_is_none_between_a_set_and_itself_and_grows() -> None:
    x = StochasticBlocks(2, 2, 6, 8, 0.7, 0.05).draw(30, RNG).array
    assert max(abs(v) for v in distances(x, x).values()) < 1e-12
    near, far = StochasticBlocks(2, 2, 6, 8, 0.7, 0.05), StochasticBlocks(2, 2, 6, 8, 0.95, 0.3)
    one, other = (distances(source.draw(30, RNG).array, x) for source in (near, far))
    assert all(one[law] < other[law] for law in one)
    rows = np.array([[1.0, 0.0], [0.0, 1.0]])

    def kernel(row: np.ndarray, many: np.ndarray) -> np.ndarray:
        return np.exp(-((np.abs(many - row).sum(axis=1) / 2) ** 2) / 2)

    by_hand = 1 + (1 + np.exp(-0.5)) / 2 - (1 + np.exp(-0.5))  # one row against itself and another at distance 1
    assert mmd(kernel, rows[:1], rows) == pytest.approx(by_hand)


def test_simulated_graphs_are_what_they_say() -> None:
    x = PlanarGraphs(20).draw(8, np.random.default_rng(0)).array
    assert planar(x).all() and connected(x).all()
    blocks = StochasticBlocks(2, 3, 10, 12).draw(5, np.random.default_rng(0)).array
    assert connected(blocks).all()
    with pytest.raises(BadInput):
        StochasticBlocks(least=0)


def test_figures_of_a_set_of_the_truth_lie_about_the_floor() -> None:
    source = PlanarGraphs(16)
    truth, model, train = (source.draw(40, np.random.default_rng(seed)) for seed in (0, 1, 2))
    found = score_graphs({"truth": truth, "model": model}, train)["sets"]["model"]
    assert (found["connected"], found["planar"], found["different"]) == (40, 40, 40)
    assert 0.2 < found["ratio"] < 5


def test_a_view_refuses_types_that_it_has_not_seen() -> None:
    x = kinds()["graph"].example(8, RNG)
    view = GraphTypes(nodes=(1, 2), edges=(1,)).fit
    with pytest.raises(BadInput, match="type of edge"):
        view(x)


@pytest.mark.parametrize("kekule", [False, True])
def test_strings_spell_the_graphs_that_they_were_made_of_and_failures_stay_among_the_draws(kekule: bool) -> None:
    x, _ = matrices_of(TEXTS)
    view = SpelledGraphs(length=24, kekule=kekule).fit(Samples.of(x, "molecule_graph"))
    batch = view.forward(Samples.of(x, "molecule_graph"))
    tokens = batch.x[:, :24, -1]
    spelling = GraphSpelling(view.seats, 24)
    assert smiles(view.inverse(Batch(spelling.spell(tokens))).array) == smiles(x)
    texts = Spelling().texts(tokens)
    assert any(set("cno") & set(text) for text in texts) is not kekule
    broken = tokens.clone()
    broken[0, 0] = Spelling().split("=")[0]  # a bond between nothing
    broken[0, 1:] = 0
    drawn = view.inverse(Batch(spelling.spell(broken[:1]))).array
    assert smiles(drawn) == [""]
    assert not drawn.any()


PEERS = [folder / "generated" for folder in data.folders() if (folder / "generated" / "digress_planar.npz").is_file()]


@pytest.mark.skipif(not PEERS, reason="the samples drawn by DiGress are not in a data folder")
def test_published_samples_have_the_published_figures() -> None:
    """34 of 40 planar and connected; of QM9 with hydrogens 95.4 ± 1.1 % valid, 97.6 ± 0.4 % of these different."""
    x = GraphFile(PEERS[0] / "digress_planar.npz").read().array
    assert int((planar(x) & connected(x)).sum()) == 34
    lines = (PEERS[0] / "digress_qm9_with_h.txt").read_text().split("\n")[:2000]
    found, bad = matrices_of([line for line in lines if line])
    names = smiles(found)
    assert 0.943 - 0.01 < 1 - len(bad) / len(lines) < 0.965 + 0.01
    assert len(set(names)) / len(names) > 0.97


@pytest.mark.skipif(
    not any((folder / FILES["ego"]).is_file() for folder in data.folders()), reason="the benchmarks are not there"
)
def test_benchmarks_have_the_published_sizes_and_equal_graphs_stay_together() -> None:
    sets = (("community", 100, 20, 52), ("ego", 200, 17, 82), ("enzymes", 587, 125, 582), ("grid", 100, 361, 46))
    for name, graphs, largest, different in sets:
        x = GraphBenchmark(name).read()
        assert x.array.shape == (graphs, largest, largest)
        assert len(np.unique(x.group)) == different
    sizes = {(int((one.diagonal() != 0).sum()), int((np.triu(one, 1) != 0).sum())) for one in x.array}
    assert len(sizes) == 46  # a grid is known by its nodes and edges
