"""Molecules as strings: their tokens, their cleaning, the model's stream, growing, and the judges' numbers."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch
from rdkit import Chem
from torch import nn
from torch.nn import functional

from simulacra.baselines.mutated_molecules import mutated_molecules
from simulacra.baselines.tokens_in_context import tokens_in_context
from simulacra.bulk import different
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.laws.frechet import frechet
from simulacra.domains.molecules import accessibility, chemnet, drug_likeness
from simulacra.domains.molecules.alphabet import Alphabet, counted, pieces
from simulacra.domains.molecules.cleaning import DASH, NUMBERED, SALT, TWICE, WILD, Rules, cleaned
from simulacra.domains.molecules.failures import AROMATIC, BRANCH, EMPTY, FINE, REACTION, RING, SYNTAX, VALENCE, failure
from simulacra.domains.molecules.string_tally import score_strings
from simulacra.exhibits.actives_found import nearest, score_draws
from simulacra.keeping.recipes import build, write
from simulacra.keeping.strings_opened import grow, likelihood
from simulacra.keeping.trained import Trained
from simulacra.kinds.base import kind_of
from simulacra.models.base import Batch
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.token_reader import TokenReader
from simulacra.networks.token_steps import TokenSteps
from simulacra.runs import Run
from simulacra.sources.molecules.joined_fragments import JoinedFragments
from simulacra.sources.molecules.smiles_library import SmilesLibrary
from simulacra.training.batches import Batches
from simulacra.training.checkpoint import write_weights
from simulacra.views.base import passed_over
from simulacra.views.strings import Strings

WORLD = JoinedFragments().draw(300, np.random.default_rng(0))


def reader(tokens: int = 9, layers: int = 2) -> TokenSequence:
    torch.manual_seed(0)
    return TokenSequence(TokenReader(tokens, 6, 16, layers), 12).eval()


# tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("C[C@@H](Br)Cl", ["C", "[C@@H]", "(", "Br", ")", "Cl"]),
        ("C%12CC%12", ["C", "%12", "C", "C", "%12"]),
        ("[13CH3][N+](=O)[O-]", ["[13CH3]", "[N+]", "(", "=", "O", ")", "[O-]"]),
        ("C[", ["C", "["]),
    ],
)
def test_a_string_is_read_token_by_token(text: str, tokens: list[str]) -> None:
    assert pieces(text) == tokens
    learned = Alphabet(("", *sorted(counted([text]))))
    assert [learned.tokens[k] for k in learned.split(text)] == tokens
    assert learned.texts(learned.codes([text], 12)) == [text]


def test_what_was_not_learned_is_counted_and_passed_over() -> None:
    x = Samples.of(np.array(["CCO", "CCN", "CC[Se]C", "CCC", "CCCCCCCC"]), "smiles")
    view = Strings(longest=6, rarest=2).fit(x)
    assert (view.tokens, view.length) == (("", "C"), 3)
    long = {"longer than 6 tokens": 1}
    assert view.left == {f"with the rare token {token}": 1 for token in ("O", "N", "[Se]")} | long
    learned = Strings(longest=6).fit(x)
    assert learned.left == long
    assert not learned.forward(Samples.of(np.array(["CCS"]), "smiles")).x.any()
    assert Strings(tokens=learned.tokens, length=4).fit(x).tokens == learned.tokens


# cleaning


FAULTS = {
    "CCO": FINE, "": EMPTY, "CC>>CO": REACTION, "CC(C": BRANCH, "CC)C": BRANCH, "C1CC": RING, "CQ": SYNTAX,
    "C(C)(C)(C)(C)C": VALENCE, "c1cccc1": AROMATIC,
}  # fmt: skip


@pytest.mark.parametrize("text", FAULTS)
def test_a_string_fails_for_its_own_reason(text: str) -> None:
    assert failure(text) == FAULTS[text]


def test_a_list_is_cleaned_by_its_rules_and_all_that_goes_is_counted(tmp_path: Path) -> None:
    lines = (
        "SMILES name\r\nOCC a b\r\nCCO again\r\nC[N+](C)(C)C.[Cl\u2212] salt\nCC( open\nCC>>CO reaction\n" + "C" * 120
    )
    path = tmp_path / "list.smi.gz"
    path.write_bytes(gzip.compress(lines.encode()))
    found = SmilesLibrary(path).read()
    assert found.array.tolist() == ["CCO", "C[N+](C)(C)C"]
    assert found.left.out == {TWICE: 1, BRANCH: 1, REACTION: 1, "with more than 100 heavy atoms": 1}
    assert dict(found.left.changed) == {DASH: 1, SALT: 1}
    whole = cleaned(["C[N+](C)(C)C.[Cl-]", "C[C@H](F)Cl"], Rules(salts="keep", stereo=False))
    assert whole.texts == ["C[N+](C)(C)C.[Cl-]", "CC(F)Cl"]


def test_wildcards_numbered_atoms_and_endless_strings_are_named() -> None:
    found = cleaned(["*CCO", "[CH3:1][OH:2]", "C" * 2001, "CO", "[13CH3][OH:7]"], Rules())
    assert found.texts == ["CO", "[13CH3]O"]
    assert found.out == {WILD: 1, "longer than 2,000 letters": 1, TWICE: 1} and found.changed == {NUMBERED: 2}


def test_what_a_view_passes_over_is_told_and_much_of_it_is_a_warning() -> None:
    x = Samples.of(np.array(["CCO", "CC[Se]C", "CCCO"]), "smiles")
    told = passed_over(Strings(tokens=("", "C", "O"), length=9).fit(x), len(x))
    assert told.lines() == ["left out 1 of 3 records: 1 with the rare token [Se]"]
    told = passed_over(Strings(tokens=("", "C"), length=9).fit(Samples.of(np.array(["CCC", "O", "N"]), "smiles")), 3)
    assert told.warned and "67 % of the training part" in told.warned[0]


def test_many_processes_clean_as_one_does() -> None:
    texts = [f"{'C' * (1 + i % 40)}O" for i in range(2100)]
    assert cleaned(texts, Rules(), processes=2) == cleaned(texts, Rules())


def test_every_format_gives_the_same_molecules(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    from pyarrow import table

    texts = ["CCO", "c1ccccc1", "C[C@H](N)C(=O)O"]
    (tmp_path / "a.smi").write_text("\n".join(texts))
    (tmp_path / "a.csv").write_text("name,SMILES\n" + "\n".join(f"x{i},{t}" for i, t in enumerate(texts)))
    parquet.write_table(table({"smiles": texts}), tmp_path / "a.parquet")
    with Chem.SDWriter(str(tmp_path / "a.sdf")) as out:
        for text in texts:
            out.write(Chem.MolFromSmiles(text))
    first, *others = [
        SmilesLibrary(tmp_path / f"a.{end}").read().array.tolist() for end in ("smi", "csv", "parquet", "sdf")
    ]
    assert all(other == first for other in others)


# batches of like length


@pytest.mark.parametrize("n", [640, 645, 77])
def test_batches_of_like_size_hold_each_sample_once_an_epoch(n: int) -> None:
    sizes = torch.randint(1, 60, (n,), generator=torch.Generator().manual_seed(0))
    batches = Batches(Batch(torch.arange(n).float()), 16, seed=3, sizes=sizes)
    seen = torch.cat([batches.rows(k) for k in range(3 * n // 16)])
    for epoch in range(2):
        assert sorted(seen[epoch * n : (epoch + 1) * n].tolist()) == list(range(n))
    spread = np.mean([float(sizes[batches.rows(k)].float().std()) for k in range(1, n // 16 - 1)])
    plain = np.mean([float(sizes[Batches(batches.data, 16, 3).rows(k)].float().std()) for k in range(1, n // 16 - 1)])
    assert spread < plain / 3


# the stream


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_single_steps_give_the_networks_scores(layers: int) -> None:
    model = reader(layers=layers)
    x = torch.randint(0, 9, (5, 7))
    steps = TokenSteps.of(model.network)
    state = steps.begin(5)
    by_hand = torch.stack([steps.step(x[:, k], state) for k in range(7)], dim=1)
    torch.testing.assert_close(by_hand, model.network(x)[0].detach(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("width", [7, 500])
def test_a_stream_follows_the_models_law_whatever_its_width(width: int) -> None:
    """The share of each first token, and of each length, lies within 4.5 standard errors of the exact one."""
    model, n = reader().requires_grad_(False), 3000
    torch.manual_seed(1)
    x = model.stream(n, width, torch.float32).long()
    scores = model.network(torch.zeros(1, 1, dtype=torch.long))[0][0, 0].softmax(0).detach()
    share = functional.one_hot(x[:, 0], 9).float().mean(0)
    assert bool(((share - scores).abs() < 4.5 * (scores * (1 - scores) / n).sqrt()).all())
    mean = -float(model.log_prob(x[x.any(1)].float()).mean())
    other = model.sample(n).x
    again = -model.log_prob(other[other.any(1)].float())
    assert abs(mean - float(again.mean())) < 4.5 * float(again.std()) * (2 / n) ** 0.5


def test_what_is_begun_stays() -> None:
    model = reader()
    x = model.stream(50, 16, begun=torch.tensor([3, 5]))
    assert bool((x[:, :2] == torch.tensor([3.0, 5.0])).all()) and x.shape == (50, 12)


# a trained model, opened


def taught(tmp_path: Path) -> tuple[Trained, Run]:
    """A model of a few molecules, after a few seconds: it spells some of what it is asked."""
    torch.manual_seed(0)
    view = Strings().fit(WORLD)
    model = TokenSequence(TokenReader(len(view.tokens), 32, 96), view.length)
    rows, adam = view.forward(WORLD), torch.optim.AdamW(model.parameters(), 1e-2)
    for step in range(60):
        adam.zero_grad()
        model.log_prob(rows.x[step * 64 % 256 :][:64]).neg().mean().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
    trained = Trained(model.eval(), view, {}, "a test", {})
    run = Run.create(tmp_path, "strings", {}, 0, {})
    trained.save(run)
    write_weights(run.folder, model.state_dict())
    return trained, run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Run]:
    return taught(tmp_path_factory.mktemp("runs"))


def test_a_core_is_kept_in_all_that_is_grown(made: tuple[Trained, Run]) -> None:
    found = grow(made[0], "CC(C)[*]", 5, np.random.default_rng(0))
    core = Chem.MolFromSmiles("CCC")
    assert found.texts and len(set(found.texts)) == len(found.texts)
    for text in found.texts:
        grown = Chem.MolFromSmiles(text)
        assert grown.HasSubstructMatch(core) and grown.GetNumAtoms() > 3
    assert found.drawn == len(found.texts) + sum(found.lost.values())


@pytest.mark.parametrize("core", ["CCO", "[*]CC[*]", "C(", "[Se]1C=CC=C1[*]"])
def test_a_core_that_cannot_be_grown_is_an_error_before_any_draw(core: str, made: tuple[Trained, Run]) -> None:
    with pytest.raises(BadInput, match="core"):
        grow(made[0], core, 5, np.random.default_rng(0))


def test_a_likelihood_is_that_of_the_chain_of_tokens(made: tuple[Trained, Run]) -> None:
    trained, _ = made
    texts = [str(WORLD.array[0]), "C[Se]C", str(WORLD.array[1]), ""]
    nats, why = likelihood(trained, texts)
    view, network = trained.view, trained.model.network  # type: ignore[attr-defined]
    for place in (0, 2):
        tokens = torch.tensor([0, *view.alphabet.split(texts[place]), 0])
        scores = network(tokens[None, :-1])[0][0].log_softmax(1)
        assert nats[place] == pytest.approx(float(scores.gather(1, tokens[1:, None]).sum().detach()), rel=1e-4)
    assert np.isnan(nats[[1, 3]]).all() and why[1] == "unknown token [Se]" and why[3] == "empty"


def test_a_stopped_stream_goes_on_to_the_same_molecules(
    made: tuple[Trained, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(different, "PORTION", 64)
    run, n = str(made[1].folder), 30
    whole = different.draw_different(run, n, tmp_path / "a.parquet", seed=4)
    plain = parquet.read_table(tmp_path / "a.parquet")["smiles"].to_pylist()
    assert len(set(plain)) == n == len(plain) and whole.different >= n
    count, added = [0], different._added

    def stopped(seen: set[bytes], text: str) -> bool:
        count[0] += 1
        if count[0] == 20:
            raise KeyboardInterrupt
        return added(seen, text)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(different, "_added", stopped)
        different.draw_different(run, n, tmp_path / "b.parquet", seed=4)
    again = different.draw_different(run, n, tmp_path / "b.parquet", seed=4)
    assert parquet.read_table(tmp_path / "b.parquet")["smiles"].to_pylist() == plain
    assert again == whole and not list(tmp_path.glob("*.parts"))


def test_a_shipped_model_of_strings_that_was_named_otherwise_is_built_again() -> None:
    recipe = write(reader())
    old = {**recipe, "class": "models/graph_sequence.py:GraphSequence"}
    assert isinstance(build(old), TokenSequence)


# the judges' numbers


def test_chemnet_in_numpy_is_the_network_of_its_layers() -> None:
    if not chemnet.there():
        pytest.skip("ChemNet's weights come with the extra chemnet")
    texts = ["CC(=O)Oc1ccccc1C(=O)O", "C[C@H](Br)Cl", "CCO.Cl"]
    w = {name: torch.tensor(value) for name, value in chemnet._weights().items()}
    hot = torch.zeros(3, chemnet.PLACES, chemnet.LETTERS)
    for i, text in enumerate(texts):
        found = chemnet.letters(text)
        hot[i, torch.arange(len(found)), found] = 1 / chemnet.LETTERS
    x = functional.selu(functional.conv1d(functional.pad(hot.mT, (1, 1)), w["first"], stride=2))
    x = functional.selu(functional.conv1d(functional.pad(x, (1, 2)), w["second"], stride=2)).mT
    for layer in (0, 1):
        hidden = w[f"back {layer}"].shape[1]
        memory = nn.LSTM(x.shape[2], hidden, batch_first=True)
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        parts = (w[f"{part} {layer}"] for part in ("into", "back", "shift", "more"))
        memory.load_state_dict(dict(zip(names, parts, strict=True)))
        x = memory(x.flip(1))[0]
    np.testing.assert_allclose(chemnet.activations(np.array(texts)), x[:, -1].detach(), atol=2e-5)


def test_the_score_of_accessibility_is_rdkits_own() -> None:
    """Values of the scorer that comes with RDKit, version 2026.09, for aspirin, caffeine and strychnine."""
    texts = ["CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "not a molecule"]
    found = accessibility.accessibility(np.array(texts))
    assert found[:2] == pytest.approx([1.580, 2.298], abs=2e-3) and np.isnan(found[2])


def test_a_pickle_of_anything_but_numbers_is_refused() -> None:
    hostile = b"cposix\nsystem\n(S'true'\ntR."
    with pytest.raises(BadInput, match="something else"):
        accessibility.lists_in(hostile)


def test_tanimoto_is_rdkits() -> None:
    from rdkit import DataStructs
    from rdkit.Chem import rdFingerprintGenerator

    texts = WORLD.array[:12].tolist()
    maker = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=1024)
    prints = [maker.GetFingerprint(Chem.MolFromSmiles(text)) for text in texts]
    theirs = np.array([DataStructs.BulkTanimotoSimilarity(one, prints) for one in prints])
    np.testing.assert_allclose(drug_likeness.tanimoto(texts, texts), theirs, atol=1e-6)
    assert np.isnan(drug_likeness.tanimoto(["C("], texts)).all()


def test_the_tally_counts_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chemnet, "there", lambda: False)
    model = Samples.of(np.array(["CCO", "OCC", "CC(", "CCN", "C1CC"]), "smiles")
    row = score_strings({"truth": WORLD, "model": model}, Samples.of(np.array(["CCO"]), "smiles"))["sets"]["model"]
    assert (row["n"], row["valid"], row["different"], row["novel"]) == (5, 3, 2, 1)
    assert row["failed"] == {BRANCH: 1, RING: 1} and "fcd" not in row


def test_frechets_distance_of_moved_rows_is_the_square_of_the_way() -> None:
    rows = np.random.default_rng(0).standard_normal((500, 6))
    assert frechet(rows + 2.0, rows) == pytest.approx(24.0, rel=1e-6)
    assert frechet(3 * rows, rows) == pytest.approx(
        4 * np.trace(np.cov(rows.T)) + np.sum((2 * rows.mean(0)) ** 2), rel=1e-6
    )


def test_found_actives_are_new_and_copies_are_no_find() -> None:
    row = score_draws(["CCO", "CCO", "", "CCN", "c1ccccc1"], ["CCN", "CCO"], {"CCO"})
    assert (row["valid"], row["different"], row["copies"], row["exact"], row["near"]) == (4, 3, 1, 1, 1)
    assert nearest(["CCO"], []) == [0.0]


def test_the_world_by_program_holds_molecules_alone() -> None:
    assert all(WORLD.array) and all(failure(text) == FINE for text in WORLD.array)


def test_baselines_draw_molecules_and_strings() -> None:
    mutants = mutated_molecules(WORLD).draw(60, np.random.default_rng(0)).array
    assert all(Chem.MolFromSmiles(text) is not None for text in mutants)
    assert len(set(mutants.tolist()) - set(WORLD.array.tolist())) > 40
    drawn = tokens_in_context(WORLD).draw(60, np.random.default_rng(0)).array
    mixed = kind_of("smiles").strangers(WORLD, 60, np.random.default_rng(0))
    valid = [sum(failure(str(text)) == FINE for text in texts) for texts in (drawn, mixed)]
    assert valid[0] > 5 * max(1, valid[1])
