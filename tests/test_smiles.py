"""Molecules as SMILES: read from every file, known by their canonical form, judged whether valid or not."""

import gzip
import os
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

import simulacra
from simulacra.core.data import folders
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.likeness.same_molecule import Molecules
from simulacra.domains.molecules import chemistry
from simulacra.judging.base import default_judges
from simulacra.judging.copies import check_copies
from simulacra.judging.examine import examine
from simulacra.judging.verdicts import check_unseen
from simulacra.sources.molecules.smiles_file import SmilesFile, holds_smiles
from simulacra.statistics.molecules.molecular_descriptors import MolecularDescriptors
from simulacra.statistics.molecules.validity import Validity
from simulacra.statistics.sets.novelty import Novelty
from simulacra.statistics.sets.uniqueness import Uniqueness

TEXTS = ["CCO", "c1ccccc1", "CC(", "", "C[C@H](N)O"]
GROUPS = ["F", "O", "N", "C(=O)O", "C#N", "OC", "Cl", "S"]


def molecules(n: int, seed: int, longest: int = 9) -> Samples:
    """Benzene rings with two groups and a chain of chance."""
    rng = np.random.default_rng([seed, 77])
    pick = [(int(rng.integers(1, longest)), *rng.choice(GROUPS, 2)) for _ in range(n)]
    return Samples.of(np.array([f"{'C' * k}c1c({a})cc({b})cc1" for k, a, b in pick]), "smiles")


# reading


def listed(path: Path, text: str) -> Path:
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["a.smi", "a.smi.gz", "a.txt", "a.SMILES"])
@pytest.mark.parametrize("head", ["", "SMILES\n", "smiles name\n", "\ufeff"])
def test_lists_are_read_as_they_stand(name: str, head: str, tmp_path: Path) -> None:
    read = SmilesFile(listed(tmp_path / name, head + "\n".join(TEXTS) + "\n\n")).read()
    assert (read.kind, read.unit) == ("smiles", "1")
    assert read.array.tolist() == TEXTS


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
@pytest.mark.parametrize("head", ["SMILES", "smiles"])
def test_a_column_of_a_table_is_read(name: str, head: str, tmp_path: Path) -> None:
    rows = "".join(f"{i},{text}\n" for i, text in enumerate(TEXTS))
    path = listed(tmp_path / name, f"id,{head}\n{rows}")
    assert holds_smiles(path)
    assert SmilesFile(path).read().array.tolist() == TEXTS
    assert SmilesFile(path, key="id").read().array.tolist() == list("01234")
    assert SmilesFile(listed(tmp_path / name, f"{head}\n" + "\n".join(TEXTS) + "\n")).read().array.tolist() == TEXTS


def test_names_beside_the_strings_are_kept(tmp_path: Path) -> None:
    assert SmilesFile(listed(tmp_path / "a.smi", "CCO ethanol\nC methane\n")).read().id.tolist() == [
        "ethanol",
        "methane",
    ]
    assert SmilesFile(listed(tmp_path / "b.smi", "CCO one\nC one\n")).read().id.tolist() == ["0", "1"]


def test_what_is_no_list_of_smiles_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not read from such a file"):
        SmilesFile(tmp_path / "a.sdf")
    with pytest.raises(BadInput, match="no such file"):
        SmilesFile(tmp_path / "a.smi").read()
    with pytest.raises(BadInput, match="holds no SMILES"):
        SmilesFile(listed(tmp_path / "a.smi", "\n\n")).read()
    with pytest.raises(BadInput, match="no column SMILES"):
        SmilesFile(listed(tmp_path / "a.csv", "x,y\n1,2\n")).read()
    (tmp_path / "a.smi.gz").write_bytes(b"rubbish")
    with pytest.raises(BadInput, match="cannot be read"):
        SmilesFile(tmp_path / "a.smi.gz").read()
    assert not holds_smiles(tmp_path / "a.csv")


# chemistry


def test_descriptors_of_known_molecules() -> None:
    """Aspirin, from its formula C9H8O4 and its structure; sp³ carbons: the methyl group, one of nine."""
    row = dict(zip(chemistry.DESCRIPTORS, chemistry.descriptors(np.array(["CC(=O)Oc1ccccc1C(=O)O"]))[0], strict=True))
    assert row["molecular weight, Da"] == pytest.approx(9 * 12.011 + 8 * 1.008 + 4 * 15.999, abs=0.01)
    assert row["polar surface area, Å²"] == pytest.approx(63.6, abs=0.05)  # Ertl et al. 2000: 26.30 + 37.30
    assert (row["rings"], row["aromatic rings"], row["hydrogen-bond donors"]) == (1, 1, 1)
    assert row["sp³ share of carbons"] == pytest.approx(1 / 9)


def test_strings_that_are_no_molecules_are_told() -> None:
    wrong = np.array(["CC(", "c1cccc1", "C(C)(C)(C)(C)C", "", "xyz", "C1CC"])
    assert not chemistry.valid(wrong).any()
    assert np.isnan(chemistry.descriptors(wrong)).all()


@pytest.mark.parametrize("text", ["CCO", "c1ccccc1", "[13CH4]", "C%12CCCC%12", "C", "", "[Na+].[Cl-]", "C1CC1C2CC2"])
def test_a_broken_string_is_no_molecule_and_no_longer(text: str) -> None:
    broken = chemistry.broken(text)
    assert chemistry.molecule(broken) is None
    assert len(broken) <= max(1, len(text))


def test_spelling_is_no_difference_and_everything_else_is_one() -> None:
    likeness = Molecules()
    x = likeness.ready(np.array(["OCC", "C(O)C", "CCN", "C[C@H](N)O", "C[C@@H](N)O", "CC(", "CC(=O"]))
    apart = np.array([[likeness.apart(x[[i]], x[[j]], np.zeros(1, int))[0] for i in range(7)] for j in range(7)])
    assert apart[0, 1] == 0
    for i, j in permutations(range(1, 7), 2):
        assert apart[i, j] >= 1, (x[i], x[j])
    sketch = likeness.sketches(x)[0]
    assert (np.linalg.norm(sketch[:, None] - sketch[None], axis=2) <= apart + 1e-4).all()


# judging


def test_the_judges_of_molecules_are_found() -> None:
    assert set(default_judges(molecules(20, 0))) >= {"molecular descriptors", "validity"}


def test_invalid_strings_are_counted_and_left_out_of_the_descriptors() -> None:
    model, truth = Validity().perturb(molecules(150, 1), 0.16), molecules(150, 2)
    found = {k: f.verdict for k, f in examine(default_judges(truth), model, truth).items()}
    assert found["validity"].word == "differs"
    assert found["molecular descriptors"].n_model == 150 - 24
    assert "strings that are no molecule: 24 of the model's, 0 of the truth's" in found["molecular descriptors"].note
    assert found["molecular descriptors"].p_alone > 0.001  # the valid ones are true: p is uniform, and the seed fixed


def test_heavier_molecules_are_seen_by_their_descriptors_alone() -> None:
    truth, model = molecules(150, 3), MolecularDescriptors().perturb(molecules(150, 4), 0.64)
    words = {k: f.verdict.word for k, f in examine(default_judges(truth), model, truth).items()}
    assert words["molecular descriptors"] == "differs"
    assert words["validity"] == "consistent"


def test_a_set_without_molecules_is_told() -> None:
    broken = Samples.of(np.array(["CC("] * 20), "smiles")
    with pytest.raises(BadInput, match="leaves out strings that are no molecule"):
        examine(default_judges(broken), broken, molecules(20, 0))


def test_copies_of_training_molecules_are_told_in_any_spelling() -> None:
    """Of 200, 60 are copies; without one the count of twins is that of truth, whose molecules are all others'."""
    everything = np.unique(molecules(4000, 5, 60).array)
    texts = np.random.default_rng(0).permutation(everything)
    train, truth, model = (Samples.of(texts[a:b], "smiles") for a, b in ((0, 300), (300, 500), (500, 700)))
    copied = model.but(x=np.concatenate([model.array[:140], train.array[:60]]))
    respelled = copied.but(x=np.array([chemistry.Chem.MolToSmiles(chemistry.molecule(str(t))) for t in copied.array]))
    assert not set(respelled.array) & set(train.array)
    assert check_copies(respelled, truth, train).verdict.word == "differs"
    assert check_copies(model, truth, train).verdict.word == "consistent"
    assert Novelty()(respelled, truth, train) == pytest.approx(0.7)


def test_repeated_molecules_are_not_unique_and_invalid_strings_are_their_own() -> None:
    texts = np.unique(molecules(2000, 6, 40).array)[:200]
    truth, other = Samples.of(texts[:100], "smiles"), texts[100:200].copy()
    other[:10] = [f"C{'(' * i}" for i in range(1, 11)]
    other[10:30] = other[30]
    assert Uniqueness()(Samples.of(other, "smiles"), truth, truth) == pytest.approx(0.79)


def test_truth_in_another_spelling_is_truth_that_was_trained_on() -> None:
    with pytest.raises(BadInput, match="overlap"):
        check_unseen(Samples.of(np.array(["OCC", "CCC"]), "smiles"), Samples.of(np.array(["CCO", "CCN"]), "smiles"))


def test_a_list_of_strings_is_judged_in_python() -> None:
    model, truth = molecules(60, 7).array.tolist(), molecules(60, 8).array.tolist()
    assert set(simulacra.judge(model, truth, statistics=["validity"])) == {"validity"}


# a peer's samples


def moses(name: str, n: int, seed: int) -> Samples:
    for folder in folders():
        if (folder / name).is_file():
            read = SmilesFile(folder / name).read()
            return read[np.random.default_rng(seed).choice(len(read), n, replace=False)]
    pytest.skip(f"{name} is in no folder of SIMULACRA_DATA ({os.environ.get('SIMULACRA_DATA', '')!r})")


def test_a_recurrent_networks_molecules_differ_from_the_truth_in_validity() -> None:
    model, truth = moses("generated/moses_char_rnn.csv.gz", 1500, 0), moses("smiles/moses_test.csv.gz", 1500, 1)
    verdict = examine({"validity": simulacra.Judge(Validity())}, model, truth)["validity"].verdict
    assert chemistry.valid(truth.array).all()
    assert verdict.word == "differs"


def test_the_patterns_that_a_molecule_allows_are_all_that_it_has() -> None:
    """Screened by fingerprints, against the whole catalog; and where the patterns are not known."""
    from rdkit import Chem
    from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

    from simulacra.domains.molecules.screened_alerts import Screened

    chosen = FilterCatalogParams()
    chosen.AddCatalog(FilterCatalogParams.FilterCatalogs.PAINS)
    whole = FilterCatalog(chosen)
    screened = Screened.of(whole)
    assert len(screened.needed) == 480
    spoiling = [
        "O=C1C=CC(=O)C=C1",
        "Oc1ccccc1O",
        "O=C1NC(=S)SC1=Cc1ccccc1",
        "CN(C)c1ccc(N=Nc2ccccc2)cc1",
        "Oc1ccc(O)c(O)c1",
    ]
    texts = [*spoiling, "CCO", "c1ccccc1", "CC(=O)Nc1ccc(O)cc1", "O=C(O)c1ccccc1OC(C)=O", "[Na+].[Cl-]"]
    found = [Chem.MolFromSmiles(text) for text in texts]
    counts = [len(whole.GetMatches(one)) for one in found]
    assert [screened.count(one) for one in found] == counts and sum(counts) >= 4
    assert [Screened(whole, [], screened.needed[:0]).count(one) for one in found] == counts
