"""A report opens anywhere, says the verdict in words, and trusts no string of a run."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.verdict import Verdict, Word
from simulacra.reports import numbers, sentence
from simulacra.reports.compare import compare, write_comparison
from simulacra.reports.page import page, write_report
from simulacra.reports.sections.making import command
from simulacra.runs import Run, State

VOID = {"meta", "img", "br", "hr", "input", "link", "source"}
EVIL = "<script>alert('x')</script>\"><img src=x onerror=alert(1)> ${7*7} {{ 7*7 }}"


class Page(HTMLParser):
    """What a browser would make of it: open tags, text, and everything that would be loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self.loads += [str(found[key]) for key in ("src", "srcset", "data", "poster", "action") if key in found]
        if "href" in found:
            (self.links if tag == "a" else self.loads).append(str(found["href"]))
        if "id" in found:
            self.ids.append(str(found["id"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += data


def verdict(judge: str, word: Word, ratio: float, reach: str = "would have caught 5 % less of it") -> Verdict:
    p = 0.001 if word == "differs" else 0.4
    return Verdict(judge, word, p, p / 2, ratio, 0.05, reach, 0.05, 90, 90, "")


def curve(sets: tuple[str, ...], at: tuple[Any, ...], given: bool = False) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    arrays: dict[str, Any] = {f"features.{name}": rng.standard_normal((30, len(at))) for name in sets}
    if given:
        arrays |= {f"given.{name}": np.repeat([1.5, 2.3, 3.5], 10) for name in sets}
    return arrays | {
        "null": rng.gamma(2, 0.5, 99), "observed": np.array(7.0), "axis.quantity": np.array("energy per spin, J"),
        "axis.label": np.array("distance"), "axis.unit": np.array("sites"), "axis.at": np.array(at),
        "axis.log": np.array(False),
    }  # fmt: skip


def spins(root: Path, seed: int = 1, size: int = 8) -> Run:
    rng = np.random.default_rng(seed)
    settings = {"size": size, "learning_rate": 2e-4, "name": "a b", "data": None}
    run = Run.create(root, "ising_by_gan", settings, seed)
    run.update(
        title="Spins by an adversarial pair", question="Are the Isingbilder — magnétisation, 磁化 — right?",
        settings_help={"size": "spins along a side"}, source="Ising(size=8)", cost={"simulate": 1.0, "train": 75.0},
        references=[
            "Auto-Encoding Variational Bayes (Kingma & Welling, 2014), arXiv:1312.6114",
            "Onsager, doi:10.1103/PhysRev.65.117.",
        ],
        model={"class": "GAN", "parameters": 12345}, expect={"energy": "consistent", "magnetization": "consistent"},
        sizes={"train": 900},
        baselines={"independent spins": "each spin by its mean", "copycat": "training samples again"},
    )  # fmt: skip
    given = {"temperature": np.repeat([1.5, 2.3, 3.5], 10)}
    names = ("truth", "model", "independent spins", "copycat")
    run.keep_samples(
        {
            name: Samples.of(rng.choice([-1, 1], (30, size, size)).astype(np.int8), "lattice", given=given)
            for name in names
        }
    )
    run.keep_judge("energy", curve(names, (0.0,), given=True))
    run.keep_judge("magnetization", curve(names, (1.0, 2.0, 4.0)))
    words: dict[str, tuple[Word, Word, float]] = {
        "model": ("differs", "consistent", 8.0),
        "independent spins": ("differs", "differs", 80.0),
        "copycat": ("consistent", "unsure", 1.0),
    }
    run.keep_verdicts(
        {
            who: {"energy": verdict("energy", a, r), "magnetization": verdict("magnetization", b, r / 4)}
            for who, (a, b, r) in words.items()
        }
    )
    for step in range(30):
        run.log({"step": step, "seconds": 0.1, "losses": {"critic/gap": 1.0, "generator/score": 2.0}, "gradient": {}})
    run.log({"step": 20, "validation": {"critic/gap": 1.0}, "look": {
        "score": 3.0, "spread": 0.9, "ratio": {"energy": 3.0}, "p": {"energy": 0.001}, "told": ["energy"],
        "copies": {"twins": 1, "of": 90, "expected": 0.5, "p": 0.4, "told": False},
    }})  # fmt: skip
    run.alarm("collapse", "the samples grow alike", "Lower the rate.", 12)
    run.close("done")
    return run


def galaxies(root: Path) -> Run:
    rng = np.random.default_rng(2)
    run = Run.create(root, "galaxies_by_vae", {"size": 16}, 3, {"title": "Galaxies"})
    classes = {"class": np.repeat(["spiral", "elliptical"], 8)}
    x = rng.random((16, 16, 16, 3)).astype(np.float32)
    run.keep_samples({
        "truth": Samples.of(x, "picture", given=classes), "model": Samples.of(x[::-1], "picture", given=classes),
        "decoder mean": Samples.of(x, "picture"), "PCA": Samples.of(x, "picture"),
    })  # fmt: skip
    run.keep_verdicts(
        {
            "model": {"colors": verdict("colors", "unsure", 1.2, "would have missed even 20 % more red")},
            "decoder mean": {"colors": verdict("colors", "differs", 9.0)},
            "PCA": {"colors": verdict("colors", "consistent", 0.9)},
        }
    )
    run.keep_judge("colors", curve(("truth", "model", "PCA"), ("red", "green", "blue")))
    run.keep_exhibit("reconstructions", {"input": x[:5], "output": x[:5] / 2, "kind": np.array("picture")})
    run.keep_exhibit("path", {"frames": x[:8], "kind": np.array("picture"), "ends": np.array(["587736", "587727"])})
    run.keep_exhibit("movie", {"frames": x[:12], "kind": np.array("picture")})
    run.close("done")
    return run


def check(text: str) -> Page:
    """Well formed, self-contained, every picture told in words."""
    found = Page(text)
    assert found.open == []
    assert all(load.startswith(("data:", "#")) for load in found.loads), found.loads
    assert not [tag for tag, _ in found.tags if tag in ("script", "iframe", "link", "object", "embed", "base")]
    assert not [key for _, attrs in found.tags for key in attrs if key.startswith("on")]
    assert not re.search(r"@import|url\((?!#)", text)
    assert len(found.ids) == len(set(found.ids))
    assert all(attrs.get("alt") for tag, attrs in found.tags if tag == "img")
    assert all(attrs.get("aria-label") for tag, attrs in found.tags if tag == "svg")
    return found


def test_a_report_of_spins_says_it_all(tmp_path: Path) -> None:
    run = spins(tmp_path)
    path = write_report(run)
    assert path == run.folder / "report.html"
    found = check(path.read_text(encoding="utf-8"))
    for words in (
        "磁化", "Of 2 judges 1 distinguishes the model from the truth", "≠", "differs", "≈", "consistent", "unsure",
        "on record: consistent", "× floor", "open: not distinguished from truth", "with a training twin, %",
        "kept: step 20",
        "would have caught 5 % less of it", "The model beats independent spins", "collapse", "Lower the rate.",
        "temperature 2.3",
        "Which are real?", "12,345 parameters", "1 min 15 s", "spins along a side", "each spin by its mean",
        "noise floor",
        "simulacra run ising_by_gan --size 8 --learning-rate 0.0002 --name 'a b' --data none --seed 1",
    ):  # fmt: skip
        assert words in found.text, words
    outside = [link for link in found.links if not link.startswith("#")]
    assert outside == ["https://arxiv.org/abs/1312.6114", "https://doi.org/10.1103/PhysRev.65.117"]
    assert {f"#{place}" for place in ("verdict", "samples", "judges")} <= set(found.links)  # the contents
    assert not list(run.folder.glob(".*.half"))
    assert path.stat().st_size < 3e6


def test_the_answer_is_hidden_until_asked_for_and_is_right(tmp_path: Path) -> None:
    found = check(page(spins(tmp_path)))
    details = [attrs for tag, attrs in found.tags if tag == "details"]
    assert details and not any("open" in attrs for attrs in details)
    answers = [attrs["class"] for tag, attrs in found.tags if tag == "li" and attrs.get("class") in ("truth", "model")]
    stated = re.search(r"(\d+) of these (\d+) tiles are truth", found.text)
    assert stated is not None
    assert (answers.count("truth"), len(answers)) == (int(stated[1]), int(stated[2]))


def test_an_autoencoders_report_holds_its_exhibits(tmp_path: Path) -> None:
    text = page(galaxies(tmp_path))
    found = check(text)
    assert text.count("data:image/gif;base64,") == 1
    for words in (
        "Reconstructions",
        "587736 and 587727, in 8 steps",
        "? unsure",
        "class spiral",
        "decoder mean",
        "too blunt",
    ):
        assert words in re.sub(r"\s+", " ", found.text), words
    assert "does not beat" not in found.text and "level with PCA" in found.text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("failed", "This run failed. The loss is no longer a number; fix: lower the rate."),
        ("interrupted", "This run was interrupted"),
        ("running", "still going"),
    ],
)
def test_a_run_with_almost_nothing_still_gets_its_report(tmp_path: Path, state: State, words: str) -> None:
    run = Run.create(tmp_path, "ising_by_vae", {}, 0)
    run.log({"step": 7, "losses": {"model/elbo": 3.0}})
    if state != "running":
        run.close(state, "the loss is no longer a number\n  fix:   lower the rate")
    found = check(page(run))
    assert words in found.text and "There is no verdict" in found.text and "step 7" in found.text
    assert len(sentence.summary(run)) == 3


def test_no_string_of_a_stranger_becomes_markup(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "evil", {EVIL: EVIL}, 0)
    run.update(
        title=EVIL, question=EVIL, settings_help={EVIL: EVIL}, source=EVIL,
        references=[EVIL, "arXiv:1312.6114\"><script>x</script>"],
        baselines={EVIL: EVIL}, model={"class": EVIL, "parameters": 3},
        cost={EVIL: 1.0}, expect={EVIL: EVIL}, sizes={EVIL: 3}, view=EVIL,
    )  # fmt: skip
    x = np.random.default_rng(0).standard_normal((20, 6, 6))
    sets = {
        name: Samples.of(x, "field", EVIL, given={EVIL: np.repeat([EVIL, "b"], 10)})
        for name in ("truth", "model", EVIL)
    }
    run.keep_samples(sets)
    arrays = curve(("truth", "model", EVIL), (1.0, 2.0)) | {
        "axis.quantity": np.array(EVIL),
        "axis.label": np.array(EVIL),
    }
    run.keep_judge(EVIL, arrays)
    odd = Verdict(EVIL, "differs", 0.01, 0.01, 3.0, None, EVIL, None, 9, 9, EVIL)
    run.keep_verdicts({"model": {EVIL: odd}, EVIL: {EVIL: odd}})
    run.log({"step": 1, "losses": {f"{EVIL}/{EVIL}": 1.0}})
    run.alarm(EVIL, EVIL, EVIL, 1)
    run.keep_exhibit("path", {"frames": x[:8], "kind": np.array("field"), "ends": np.array([EVIL, "b"])})
    run.close("failed", EVIL)
    text = page(run)
    found = check(text)
    assert "<script" not in text and "<img src=x" not in text
    assert EVIL in found.text
    check(compare([run, run]))


def test_odd_kinds_and_missing_numbers_do_no_harm(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "odd", {"flag": True}, 0)
    parts = Samples.of(np.zeros((4, 2)), "catalog", {"a": "1", "b": "1"})
    run.keep_samples({"truth": parts, "model": parts})
    blank = Verdict("peaks", "unsure", 0.4, 0.4, 0.0, None, "", None, 9, 9)
    run.keep_verdicts({"model": {"peaks": blank}, "other": {}})
    assert "0 × the noise floor" in check(page(run)).text
    assert numbers.p_value(None) == "unknown"


def test_vectors_and_fields_are_shown_on_one_scale(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "vectors", {}, 0)
    rng = np.random.default_rng(0)
    run.keep_samples({name: Samples.of(rng.standard_normal((20, 40)), "vector", "km") for name in ("truth", "model")})
    assert "entries from left to right" in check(page(run)).text.lower()


def test_a_comparison_sets_runs_side_by_side(tmp_path: Path) -> None:
    runs = [spins(tmp_path, 1), spins(tmp_path, 2, size=10), galaxies(tmp_path)]
    found = check(compare(runs))
    for words in (
        "3 runs compared",
        "ising_by_gan, seed 1",
        "ising_by_gan, seed 2",
        "galaxies_by_vae",
        "energy",
        "colors",
        "size",
        "seed",
    ):
        assert words in found.text, words
    assert "learning_rate" in found.text  # the galaxies have none
    assert "learning_rate" not in check(compare(runs[:2])).text
    assert write_comparison(runs, tmp_path / "all.html").exists()
    with pytest.raises(BadInput, match="at least two"):
        compare(runs[:1])


def test_three_lines_tell_the_run(tmp_path: Path) -> None:
    first, second, third = sentence.summary(spins(tmp_path))
    assert first.endswith("Of 2 judges 1 distinguishes the model from the truth; 1 finds no difference.")
    assert (
        second == "≠ differs: energy (8.0 × the floor); ≈ consistent: magnetization (would have caught 5 % less of it)."
    )
    assert third.startswith("The model beats independent spins (closer to the truth in both judges); copycat")


@pytest.mark.parametrize(
    ("words", "stated"),
    [
        (["differs"] * 3, "All 3 judges distinguish"),
        (["consistent"] * 2, "Neither judge distinguishes the model from the truth, within their reach."),
        (["consistent"] * 3, "None of 3 judges distinguishes the model from the truth, within their reach."),
        (["unsure"] * 3, "but all are too blunt to say."),
        (["unsure", "consistent", "consistent"], "but 1 is too blunt to say."),
        (
            ["differs", "unsure", "consistent"],
            "Of 3 judges 1 distinguishes the model from the truth; 1 finds no difference and 1 cannot say.",
        ),
        (["differs"], "The one judge distinguishes the model from the truth."),
        ([], "There is no verdict."),
    ],
)
def test_the_headline_counts_right(words: list[Word], stated: str) -> None:
    assert stated in sentence.headline({str(i): verdict(str(i), word, 2.0) for i, word in enumerate(words)})


@pytest.mark.parametrize(
    ("model", "other", "sign"),
    [
        (("consistent", 1.0), ("differs", 9.0), 1),
        (("differs", 9.0), ("unsure", 1.0), -1),
        (("differs", 3.0), ("differs", 9.0), 1),
        (("differs", 9.0), ("differs", 3.0), -1),
        (("differs", 9.0), ("differs", 9.5), 0),
        (("consistent", 0.5), ("unsure", 1.4), 0),
    ],
)
def test_who_is_closer(model: tuple[Word, float], other: tuple[Word, float], sign: int) -> None:
    assert sentence.outcome(verdict("a", *model), verdict("a", *other)) == sign


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.012345, "0.0123"),
        (1234567, "1,234,567"),
        (1.5e-7, "1.50 × 10⁻⁷"),
        (-3.0, "−3.00"),
        (None, "–"),
        (0.0, "0"),
        (float("nan"), "–"),
    ],
)
def test_numbers_are_legible(value: float | None, text: str) -> None:
    assert numbers.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.42, "0.42 s"), (59.6, "1 min"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (None, "–")]
)
def test_durations_are_legible(value: float | None, text: str) -> None:
    assert numbers.seconds(value) == text


def test_a_command_is_safe_to_paste() -> None:
    assert (
        command({"study": "a; rm x", "settings": {"b": "$(c)"}, "seed": 2})
        == "simulacra run 'a; rm x' --b '$(c)' --seed 2"
    )


def test_a_report_needs_no_torch() -> None:
    code = "import sys, simulacra.reports.compare; assert not {'torch', 'matplotlib.pyplot'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
