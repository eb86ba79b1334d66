"""What to cite comes as BibTeX; a hint names what was meant, or nothing; a draw says what its model is worth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulacra.cli import main
from simulacra.core.shelf import SHIPPED, shipped
from simulacra.reports.bibtex import entries
from simulacra.runs import Run

CITED = [
    ("Improved training (Gulrajani et al., 2017), arXiv:1704.00028", "gulrajani2017improved", "Gulrajani and others"),
    (
        "Energy statistics (Székely & Rizzo, 2013), doi:10.1016/j.jspi.2013.03.018",
        "szkely2013energy",
        "Székely and Rizzo",
    ),
    ("Probit analysis (Finney, 1971), ISBN 978-0-521-08041-5", "finney1971probit", "Finney"),
    ("A & B_c: 100 % (Ho, Jain & Abbeel, 2020), NeurIPS 33", "ho2020b", "Ho and Jain and Abbeel"),
]


@pytest.mark.parametrize(("text", "key", "author"), CITED)
def test_a_reference_becomes_an_entry_with_key_authors_and_identifier(text: str, key: str, author: str) -> None:
    found = entries([text])
    assert f"{{{key}," in found
    assert f"author = {{{author}}}" in found
    assert not re.search(r"(?<!\\)[&%]", found)


def test_equal_keys_are_told_apart_and_equal_references_come_once() -> None:
    one, two = "Deep nets (Ho, 2020), arXiv:2001.00001", "Deep waves (Ho, 2020), arXiv:2001.00002"
    found = entries([one, two, one])
    assert re.findall(r"@misc\{(\w+),", found) == ["ho2020deep", "ho2020deep2"]


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_model_is_cited_in_full(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cite", name, "--bibtex"]) == 0
    found = capsys.readouterr().out
    references = Run(SHIPPED / name).record["references"]
    assert found.count("@") == 1 + len(set(references))
    assert found.count("year = ") == len(set(references)), "a reference that gives no year cannot be cited"
    assert found.count("{") == found.count("}")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["list", "--rums"], "did you mean --runs? "),
        (["list", "--cats"], ""),
        (["judge", "a.npy", "b.npy", "--seeds", "1"], "did you mean --seed? "),
        (["judge", "a.npy", "b.npy", "--size-of", "1"], ""),
        (["judge", "a.npy", "b.npy", "--tree", "1"], ""),
        (["judge", "a.npy", "b.npy", "seed"], ""),
    ],
)
def test_a_hint_is_what_was_meant_or_there_is_none(
    words: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.splitlines()[-1].removeprefix("  fix:   ").startswith(hint or "simulacra")


def test_a_draw_says_what_the_verdict_on_its_model_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", "galaxies", "-n", "3", "--seed", "1", "-o", str(tmp_path / "a.png")]) == 0
    said = capsys.readouterr().out.splitlines()[1]
    words = [v.word for v in Run(SHIPPED / "galaxies").verdicts.values()]
    assert said.startswith(f"{words.count('differs')} of {len(words)} judges distinguish it from truth")
    assert said.endswith("simulacra show galaxies")


def test_conditions_have_their_units_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sample", "molecules_edm", "--help"])
    assert "condition, eV; training had" in " ".join(capsys.readouterr().out.split())
