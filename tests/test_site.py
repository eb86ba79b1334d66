"""The documentation site: every page is made, no link leads nowhere, no page asks another host, words are spelled."""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest

from simulacra.core.shelf import shelf

ROOT = Path(__file__).parent.parent
SITE = ROOT / "docs" / "site"
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    sys.path.insert(0, str(SITE))
    try:
        import make
    finally:
        sys.path.remove(str(SITE))
    return make


@pytest.fixture(scope="module")
def site(maker: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All pages by their names, and where they lie."""
    folder = tmp_path_factory.mktemp("site") / "docs"
    names = maker.make(folder)
    pages = {name: (folder / name).read_text(encoding="utf-8") for name in names}
    pages[""] = str(folder)
    return pages


def test_everything_on_the_shelves_has_a_page_with_its_settings(maker: ModuleType, site: dict[str, str]) -> None:
    for room in maker.shelves.ROOMS:
        for entry in shelf(room).entries():
            page = site[f"shelves/{room}/{entry.name}.md"]
            assert entry.question in page
            assert all(f"{setting.name}: {setting.type}" in page for setting in entry.settings), entry.name
    assert len([name for name in site if name.startswith("mathematics/")]) == 1 + len(shelf("models").entries())


def test_a_study_on_record_shows_its_verdict_and_what_it_cites(site: dict[str, str]) -> None:
    page = site["shelves/studies/ising_by_gan.md"]
    assert "5 differs" in page and "## References" in page and "One run at the defaults" in page


def test_no_link_leads_nowhere(maker: ModuleType, site: dict[str, str]) -> None:
    folder = Path(site[""])
    files = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    pages = {name: text for name, text in site.items() if name}
    assert maker.links.dead(pages, files) == []
    broken = {"guides/a.md": "[x](../nowhere.md) ![p](p.png)"}
    assert maker.links.dead(broken, files) == ["guides/a.md: ../nowhere.md", "guides/a.md: p.png"]


def test_every_page_of_the_contents_is_there(site: dict[str, str]) -> None:
    for name in re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE):
        assert name in site, name


def test_the_gallery_says_the_verdicts_of_the_cards(site: dict[str, str]) -> None:
    page = site["index.md"]
    assert page.count("<figure>") >= 4 and "6 of 6 consistent" in page and "× the noise floor" in page


def test_nothing_of_the_site_is_asked_of_another_host(site: dict[str, str]) -> None:
    outside = re.compile(r"""(?:src|srcset|poster)=["']?https?:|url\(["']?https?:|@import|!\[[^\]]*\]\(https?:""")
    for name, text in site.items():
        assert not outside.search(re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)), name
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert "font: false" in config and "http" not in config and "mermaid" not in config
    for path in (SITE / "site.css", SITE / "math.js", SITE / "vendor" / "katex" / "katex.min.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//", path.read_text(encoding="utf-8"))


def test_what_is_bundled_is_what_its_list_says() -> None:
    about = (SITE / "vendor" / "README.md").read_text(encoding="utf-8")
    for name, stated in re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})`", about, re.MULTILINE):
        assert hashlib.sha256((SITE / "vendor" / name).read_bytes()).hexdigest() == stated
    assert "katex.min.js" in about


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", [*GUIDES, ROOT / "docs" / "five_minutes.md"], ids=lambda path: path.stem)
def test_the_commands_of_a_guide_are_commands_and_their_options_options(path: Path) -> None:
    lines = [line for block in blocks(path.read_text(encoding="utf-8"), "sh") for line in block.splitlines()]
    asked = [shlex.split(line, comments=True) for line in lines if line.startswith("simulacra")]
    assert len(asked) >= 3
    for _, verb, *words in asked:
        entry = shelf("verbs").entry(verb)
        source = entry.path.read_text(encoding="utf-8")
        settings: set[str] = {"help", "json"}
        for name in words[:1] if verb == "run" else ("mutations_compared",) if verb == "mutations" else ():
            settings |= {setting.option for setting in shelf("studies").entry(name).settings}
        if "--statistic" in words:
            name = words[words.index("--statistic") + 1]
            settings |= {setting.option for setting in shelf("statistics").entry(name).settings}
        for word in words:
            if word.startswith("--"):
                known = f'"{word}"' in source or word[2:] in settings or word == "--temperature"
                assert known, (path.name, verb, word)


COMMON = (
    "accomodate|acheive|adress|apparant|arguement|begining|beleive|calender|catagory|comparsion|completly|concious|"
    "definately|dependant|diffrent|enviroment|existance|foward|freind|goverment|gaurantee|hieght|independant|lenght|"
    "libary|neccessary|occured|occurence|paramter|posible|prefered|priviledge|proccess|recieve|refered|relevent|"
    "seperate|similiar|succesful|suprise|teh|thier|threshhold|truely|untill|wether|wich|writen|yeild|"
    "behaviour|colour|centre|modelling|labelled|neighbour|analyse|normalise|favour|grey|licence|organise|recognise"
)
MISSPELLED = re.compile(rf"\b({COMMON})(?:s|d|ed|ing)?\b", re.IGNORECASE)
TWICE = re.compile(r"\b(the|a|an|of|to|in|is|and|that|it|for|with) \1\b", re.IGNORECASE)


def misspelled(text: str) -> list[str]:
    """Common misspellings, British spellings (ours is American) and doubled words, outside code and quotations."""
    prose = re.sub(
        r"^```.*?^```|`[^`]*`|\$[^$]*\$|\]\([^)]*\)|^>.*$|\".*?\"", " ", text, flags=re.MULTILINE | re.DOTALL
    )
    return [found[0] for pattern in (MISSPELLED, TWICE) for found in pattern.finditer(prose)]


def test_the_speller_sees_what_it_should() -> None:
    assert misspelled("We recieve the the colour.") == ["recieve", "colour", "the the"]


@pytest.mark.parametrize("folder", ["", "guides"])
def test_the_written_pages_are_spelled(folder: str) -> None:
    for path in (ROOT / "docs" / folder).glob("*.md"):
        assert misspelled(path.read_text(encoding="utf-8")) == [], path.name
