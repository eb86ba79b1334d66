"""Families of sequences: files, weights, numbers, variants, scans; and what it is conditioned on of bad ones."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.proteins.alignments import read_alignment
from simulacra.domains.proteins.family import Family, family_of
from simulacra.domains.proteins.residues import codes_of, decoded, encoded, frequencies, one_hot
from simulacra.domains.proteins.scans import read_scan, read_variants
from simulacra.domains.proteins.variants import place, shifted, singles
from simulacra.domains.proteins.weights import repeated, representatives, weights
from simulacra.running.mutation_study import about_family, held_out
from simulacra.skill.mutations import COUNTS, TOGETHER, Effects, best_of, combined
from simulacra.skill.ranking import correlations, ordering, skill_word, spearman
from simulacra.sources.proteins.aligned_sequences import AlignedSequences
from simulacra.sources.proteins.family_file import FamilyFile
from simulacra.verbs.mutations import warnings
from toy_families import fasta, toy

ROWS = {"Q/11-18": "mkACDEFG", "a": "..ACDEYG", "b": "v-AC-EFG", "c": "k.WYDEFG"}


def test_all_forms_give_one_alignment(tmp_path: Path) -> None:
    a2m = read_alignment(fasta(tmp_path / "x.a2m", ROWS))
    assert (a2m.form, a2m.names[0], a2m.rows[0]) == ("a2m", "Q/11-18 said", "mkACDEFG")
    packed = {name: row.replace(".", "") for name, row in ROWS.items()}
    packed["b"] = "vAC-EFG"
    a3m = read_alignment(fasta(tmp_path / "x.a3m", packed))
    assert a3m.form == "a3m"
    assert a3m.rows == ["ACDEFG", "ACDEYG", "AC-EFG", "WYDEFG"]
    upper = {name.split("/")[0]: row.upper() for name, row in ROWS.items()}
    blocks = "\n".join(f"{name}   {row[:4]}" for name, row in upper.items())
    more = "\n".join(f"{name}   {row[4:]}" for name, row in upper.items())
    sto = tmp_path / "x.sto"
    sto.write_text(f"# STOCKHOLM 1.0\n#=GF ID x\n{blocks}\n#=GC SS ....\n\n{more}\n//\n")
    aln = tmp_path / "x.aln"
    aln.write_text(f"CLUSTAL W (1.83)\n\n{blocks}\n        **\n\n{more}\n        ***\n")
    assert read_alignment(sto).rows == read_alignment(aln).rows == list(upper.values())
    assert (read_alignment(sto).form, read_alignment(aln).form) == ("Stockholm", "Clustal")


def test_columns_and_numbers_are_the_querys_own(tmp_path: Path) -> None:
    family = family_of(fasta(tmp_path / "x.a2m", ROWS), coverage=0.0, occupancy=0.0)
    assert family.number.tolist() == [13, 14, 15, 16, 17, 18]
    assert decoded(family.codes).tolist() == ["ACDEFG", "ACDEYG", "AC-EFG", "WYDEFG"]
    assert {n: why.split(":")[0] for n, why in family.unscored.items()} == {
        11: "lower case in the query", 12: "lower case in the query",
    }  # fmt: skip
    assert family_of(tmp_path / "x.a2m", query="c", coverage=0.0, occupancy=0.0).codes[0].tolist() == encoded(
        np.array(["WYDEFG"])
    )[0].tolist()  # fmt: skip
    rows = {"Q/11-18": "MKACDEFG", "a": "--ACDEYG", "b": "--AC-EFG", "c": "-KWYDEFG"}
    gappy = family_of(fasta(tmp_path / "y.a2m", rows), coverage=0.0, occupancy=0.4)
    assert {n: why[:5] for n, why in gappy.unscored.items()} == {11: "a gap"}  # one of weights 1, ½, ½ and 1
    assert gappy.number.tolist() == list(range(12, 19))


def loop_weights(codes: np.ndarray, identity: float) -> list[float]:
    found = []
    for a in codes:
        length = int((a != 0).sum())
        like = sum(int(((a == b) & (a != 0)).sum()) > identity * length for b in codes)
        found.append(1 / max(like, 1))
    return found


@pytest.mark.parametrize("columns", [5, 64, 150])
def test_weights_are_those_of_a_loop(columns: int) -> None:
    rng = np.random.default_rng(columns)
    base = rng.integers(0, 21, (6, columns))
    codes = np.where(
        rng.random((60, columns)) < 0.15, rng.integers(0, 21, (60, columns)), base[rng.integers(6, size=60)]
    )
    codes = codes.astype(np.uint8)
    np.testing.assert_allclose(weights(codes, 0.7), loop_weights(codes, 0.7))
    owner = representatives(codes, 0.7)
    kept = np.unique(owner)
    length = (codes != 0).sum(axis=1)
    for i in kept:
        for j in kept[kept < i]:
            same = ((codes[i] == codes[j]) & (codes[i] != 0)).sum()
            assert same <= 0.7 * min(length[i], length[j])


def test_repeated_rows_are_as_many_as_the_weights_say() -> None:
    weight = np.array([1.0, 0.5, 0.25, 0.25, 2.0])
    rows = repeated(weight, 400, np.random.default_rng(0))
    count = np.bincount(rows, minlength=5)
    assert np.abs(count - 100 * weight).max() <= 1


def test_frequencies_and_one_hot_agree() -> None:
    codes = np.random.default_rng(0).integers(0, 21, (50, 7))
    weight = np.random.default_rng(1).random(50)
    mean = (one_hot(codes, 21) * (weight / weight.sum())[:, None]).sum(axis=0).reshape(7, 21)
    np.testing.assert_allclose(frequencies(codes, 21, weight), mean, atol=1e-6)


def family(tmp_path: Path) -> Family:
    return family_of(toy(tmp_path / "toy.a2m"))


def test_singles_are_all_substitutions(tmp_path: Path) -> None:
    found = family(tmp_path)
    every = singles(found)
    assert len(every.names) == len(set(every.names)) == 19 * 20
    assert ((every.codes != found.wild).sum(axis=1) == 1).all()
    again = place(every.names, found, "here")
    np.testing.assert_array_equal(again.codes, every.codes)
    two = place([f"{every.names[0]}:{every.names[-1]}"], found, "here")
    assert (two.codes[0] != found.wild).sum() == 2


def test_a_shifted_numbering_is_told_with_the_shift(tmp_path: Path) -> None:
    found = family(tmp_path)
    right = singles(found).names[::10]
    wrong = shifted(right, 4)
    with pytest.raises(BadInput, match="wild types are not those of the query") as caught:
        place(wrong, found, "scan.csv")
    assert "--shift -4" in caught.value.fix
    assert place(shifted(wrong, -4), found, "scan.csv").names == right


BAD = {
    "unaligned": ({"Q": "ACDE", "a": "ACD"}, "not aligned"),
    "equal": ({"Q": "ACDE", "a": "ACDE", "b": "ACDE"}, "all sequences of the family are equal"),
    "odd query": ({"Q": "ACXE", "a": "ACDE", "b": "ACDD"}, "the query holds a letter that is no residue"),
    "no upper case": ({"Q": "acde", "a": "acde", "b": "acdd"}, "no upper-case letter"),
    "numbers": ({"Q/5-20": "ACDE", "a": "ACDF"}, "do not fit its length"),
    "digits": ({"Q": "AC1E", "a": "ACDF"}, "what is no letter"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_alignments_are_told(name: str, tmp_path: Path) -> None:
    rows, words = BAD[name]
    with pytest.raises(BadInput, match=words):
        family_of(fasta(tmp_path / "x.fasta", rows), coverage=0.0, occupancy=0.0)


def test_a_family_of_few_is_called_unsure(tmp_path: Path) -> None:
    few, many = family_of(toy(tmp_path / "few.a2m", n=60)), family_of(toy(tmp_path / "many.a2m", n=300))
    assert few.effective < 100 < many.effective
    assert [about_family(each)["word"] for each in (few, many)] == ["unsure", "enough"]
    assert "too few to be sure" in warnings(few)[0] and not warnings(many)


def test_a_missing_query_and_a_file_that_is_none_are_told(tmp_path: Path) -> None:
    path = toy(tmp_path / "toy.a2m")
    with pytest.raises(BadInput, match="the query 'XYZ' is not in the alignment"):
        family_of(path, query="XYZ")
    (tmp_path / "x.txt").write_text("hello\n")
    with pytest.raises(BadInput, match="no alignment that can be read"):
        read_alignment(tmp_path / "x.txt")


def test_sequences_with_odd_letters_and_fragments_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = {"Q": "ACDEFG", "a": "ACDEFY", "x": "ACXEFG", "b": "ACBEFG", "short": "AC----", "ok": "ACDE--"}
    found = family_of(fasta(tmp_path / "x.a2m", rows), occupancy=0.0)
    assert found.names.tolist() == ["Q", "a", "ok"]
    assert "2 left out with letters that are no residue, 1 that fill less" in found.notes[1]


def test_a_scan_is_read_with_its_gaps(tmp_path: Path) -> None:
    path = tmp_path / "scan.csv"
    path.write_text("gene,mutant,score\nA,A1C,0.5\nA,A1D,\nB,A1E,2\n")
    scan = read_scan(path)
    assert (scan.variants, scan.left_out, scan.labels) == (("A1C", "A1E"), 1, False)
    assert read_scan(path, where=["gene=B"]).variants == ("A1E",)
    with pytest.raises(BadInput, match="no column 'fitness'"):
        read_scan(path, "fitness")
    (tmp_path / "list.csv").write_text("A1C:D3E\nF5Y\n")
    assert read_variants(tmp_path / "list.csv") == ["A1C:D3E", "F5Y"]


def test_groups_of_like_sequences_are_held_out_whole_and_never_the_query(tmp_path: Path) -> None:
    whole = FamilyFile(toy(tmp_path / "toy.a2m"), identity=0.6).read()
    parts = held_out(whole)
    assert not set(parts["train"].group) & set(parts["validation"].group)
    assert whole.id[0] in parts["train"].id
    assert 0 < len(parts["validation"]) < len(whole) / 2


def test_any_aligned_file_can_be_judged(tmp_path: Path) -> None:
    found = AlignedSequences(fasta(tmp_path / "x.fasta", ROWS)).read()
    assert isinstance(found, Samples)
    assert found.array.tolist() == ["MKACDEFG", "--ACDEYG", "V-AC-EFG", "K-WYDEFG"]
    assert codes_of(found).shape == (4, 8)


def test_spearman_is_scipys_and_intervals_hold_it() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 9, 200).astype(float)
    y = x + 4 * rng.standard_normal(200)
    assert spearman(x, y) == pytest.approx(spearmanr(x, y).statistic)
    each, gains = correlations({"x": x, "noise": rng.standard_normal(200)}, y, np.arange(200) // 4, rng)
    assert each["x"].low < each["x"].value < each["x"].high
    assert skill_word(each["x"]) == "skill shown"
    assert gains["x", "noise"].low > 0
    assert skill_word(each["noise"]) in ("no skill shown", "no skill shown: ranks against the measurement")


def test_pairs_called_different_are_ordered_right() -> None:
    """Of a normal law whose correlation is known, the calls keep their promise; of noise none is made."""
    rng = np.random.default_rng(1)
    truth = rng.standard_normal(1200)
    found = ordering(0.9 * truth + 0.44 * rng.standard_normal(1200), truth, np.arange(1200) // 10, rng)
    assert found.right is not None
    assert found.right.low > 0.95  # 95 % at the edge, more beyond it
    assert found.called > 0.1
    assert ordering(rng.standard_normal(400), truth[:400], np.arange(400) // 10, rng).called < 0.05


def test_copies_have_one_voice_and_counting_has_none() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 50))
    effects = combined(
        Effects(
            {"Potts": a, "VAE 1": b, "VAE 2": b, COUNTS: -a}, dict.fromkeys(("Potts", "VAE 1", "VAE 2", COUNTS), 0 * a)
        )
    )
    assert best_of(list(effects.score)) == TOGETHER
    assert spearman(effects.score[TOGETHER], a) == pytest.approx(spearman(effects.score[TOGETHER], b), abs=0.15)
    np.testing.assert_allclose(effects.score["VAE, all 2"], b)
