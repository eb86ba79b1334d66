"""Write the pages of the site: those of docs/, one a shelf entry, the mathematics, the notebooks.

python docs/site/make.py [FOLDER]     # build/docs by default; `make docs` runs mkdocs on it
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import gallery
import links
import mathematics
import notebooks
import shelves

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
SITE = DOCS / "site"


def make(folder: Path) -> list[str]:
    """All pages, and the files that they show; the names of the pages."""
    if folder.exists():
        shutil.rmtree(folder)
    pages = written()
    pages |= shelves.pages()
    pages |= mathematics.pages()
    pictures: dict[str, bytes] = {}
    for path in sorted((DOCS / "tutorials").glob("*.ipynb")):
        text, shown = notebooks.page(path)
        pages[f"tutorials/{path.stem}.md"] = text
        pictures |= {f"tutorials/{name}": data for name, data in shown.items()}
    pages["tutorials/index.md"] = notebooks.contents(sorted((DOCS / "tutorials").glob("*.ipynb")))
    for name, text in pages.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(links.mended(text, name), encoding="utf-8")
    for name, data in pictures.items():
        (folder / name).write_bytes(data)
    for path in [*DOCS.glob("*.png"), *(DOCS / "gallery").glob("*.png")]:
        place = folder / path.relative_to(DOCS)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    shutil.copytree(SITE / "vendor" / "katex", folder / "assets" / "katex")
    for name in ("math.js", "site.css"):
        shutil.copyfile(SITE / name, folder / "assets" / name)
    return sorted(pages)


def written() -> dict[str, str]:
    """The pages that people wrote: docs/, its guides, the log and the changes."""
    found = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
    found |= {f"guides/{path.name}": path.read_text(encoding="utf-8") for path in (DOCS / "guides").glob("*.md")}
    found["index.md"] = found["index.md"].replace("<!-- gallery -->", gallery.figures())
    found["subjects.md"] = subjects(found)
    found["log.md"] = (ROOT / "LOG.md").read_text(encoding="utf-8")
    found["changes.md"] += "\n" + (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n", 1)[1]
    return found


APART = {
    "index.md", "five_minutes.md", "files.md", "studio.md", "runs.md", "faq.md", "comparison.md", "glossary.md",
    "design.md", "extending.md", "safety.md", "studies.md", "calibration.md", "changes.md",
}  # fmt: skip


def subjects(pages: dict[str, str]) -> str:
    """A page that leads to those on one subject: molecules, graphs, radio …"""
    lines = ["# Subjects", "", "What the project knows of each, with its numbers."]
    for name in sorted(set(pages) - APART):
        if "/" not in name:
            title = pages[name].partition("\n")[0].removeprefix("# ")
            lines += ["", f"- [{title}]({name})"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "docs")
