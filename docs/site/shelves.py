"""A page for each thing on a shelf, from its file alone: docstring, signature, example, references and record."""

from __future__ import annotations

import functools
import html
import re
from pathlib import Path

from simulacra.core.shelf import Entry, shelf
from simulacra.verbs.show import example

ROOMS = {
    "studies": "Studies: a question, and a run that answers it",
    "models": "Models",
    "statistics": "Statistics: what a judge looks at",
    "sources": "Sources: where samples come from",
    "baselines": "Baselines: what a careful scientist would have used instead",
    "kinds": "Kinds of sample",
    "forecasters": "Forecasters",
    "imputers": "Imputers",
    "predictors": "Predictors",
    "samplers": "Samplers: from noise to data",
    "networks": "Networks",
    "views": "Views: from samples to tensors and back",
    "verbs": "Verbs of the command line",
}


@functools.cache
def entries() -> dict[str, list[Entry]]:
    """The things of every room, by room."""
    return {room: [entry for entry in shelf(room).entries() if not entry.error] for room in ROOMS}


def place_of(file: str) -> str | None:
    """The page of a file of the package, by its name; None where it has none."""
    for room, things in entries().items():
        if any(entry.path.name == file for entry in things):
            return f"shelves/{room}/{file.removesuffix('.py')}.md"
    return None


def pages() -> dict[str, str]:
    """Every page by its name, the contents of the rooms and of all of them too."""
    record = recorded()
    found: dict[str, str] = {}
    top = [
        "# Shelves",
        "",
        "The folder is the registry: one file is one thing, and its page is made from the file.",
        "",
    ]
    for room, title in ROOMS.items():
        things = entries()[room]
        top.append(f"- [{title}]({room}/index.md): {len(things)}")
        lines = [f"# {title}", "", "| name | what it is |", "|---|---|"]
        lines += [f"| [{entry.name}]({entry.name}.md) | {cell(entry.question)} |" for entry in things]
        found[f"shelves/{room}/index.md"] = "\n".join(lines) + "\n"
        for entry in things:
            found[f"shelves/{room}/{entry.name}.md"] = page(room, entry, record.get(entry.name, ""))
    found["shelves/index.md"] = "\n".join(top) + "\n"
    return found


def page(room: str, entry: Entry, record: str) -> str:
    """One thing: what it is, its words, its settings, its example, what it was taken from, its run on record."""
    words, references = parted(entry.help)
    package = entry.path.parts[entry.path.parts.index("simulacra", len(entry.path.parts) - 5) :]
    lines = [f"# {entry.name}", "", f"*{entry.question}*", "", words, ""]
    module = ".".join(package).removesuffix(".py")
    lines += ["```python", f"from {module} import {entry.thing}", "", signature(entry), "```", ""]
    if any(one.help for one in entry.settings):
        lines += ["## Settings", "", "| name | type | default | what it is |", "|---|---|---|---|"]
        for one in entry.settings:
            default = f"`{one.default!r}`" if one.has_default else "*needed*"
            lines.append(f"| `{one.name}` | `{cell(one.type)}` | {cell(default)} | {cell(one.help)} |")
        lines.append("")
    for name, value in entry.constants.items():
        lines.append(f"- **{name}**: `{value}`")
    code = example(entry.path)
    if code:
        lines += ["", "## Example", "", "```python", code, "```"]
    references = references or cited(entry.path)
    if references:
        lines += ["", "## References", "", *(f"- {html.escape(one)}" for one in references)]
    if room == "studies":
        lines += ["", "## On record", "", record or "No run of this study at its defaults is on record.", ""]
        lines += ["```sh", f"simulacra run {entry.name}", "```"]
    if room == "models":
        lines += [
            "",
            f"[The letters of its mathematics, and their names in the code](../../mathematics/{entry.name}.md)",
        ]
    lines += ["", f"File: `src/{'/'.join(package)}`"]
    return "\n".join(lines) + "\n"


def signature(entry: Entry) -> str:
    """The call with every argument and default."""
    inner = [f"{one.name}: {one.type}" + (f" = {one.default!r}" if one.has_default else "") for one in entry.settings]
    flat = f"{entry.thing}({', '.join(inner)})"
    return flat if len(flat) <= 100 else f"{entry.thing}(\n    " + ",\n    ".join(inner) + ",\n)"


def parted(doc: str) -> tuple[str, list[str]]:
    """A docstring's words without its lists of arguments, and its references."""
    words, current, references = [], "", []
    for line in doc.split("\n"):
        head = re.fullmatch(r"(Args|Returns|Raises|References|Yields):", line.strip())
        if head:
            current = head[1]
        elif line and not line.startswith(" "):
            current = ""
        if not current:
            words.append(line)
        elif current == "References" and line.strip() and not head:
            (
                references.append(line.strip())
                if indent(line) <= 4
                else references.append(references.pop() + " " + line.strip())
            )
    return "\n".join(words).strip(), references


def indent(line: str) -> int:
    """Spaces before it."""
    return len(line) - len(line.lstrip())


def cited(path: Path) -> list[str]:
    """What a study's file names as its references: the text in quotes of `references=( … )`."""
    found = re.search(r"references=\((.*?)\n\s*\),", path.read_text(encoding="utf-8"), re.DOTALL)
    if not found:
        return []
    joined = re.sub(r'"\s*\n\s*"', "", found[1])
    return re.findall(r'"([^"]+)"', joined)


def recorded() -> dict[str, str]:
    """The row of each study in docs/studies.md, as a sentence."""
    text = (Path(__file__).parent.parent / "studies.md").read_text(encoding="utf-8")
    found = {}
    for row in re.findall(r"^\| `(\w+)` \| .*? \| (.*?) \| ([\d.]+) \| (.*?) \|$", text, re.MULTILINE):
        found[row[0]] = f"{row[1]}. One run at the defaults, seed 1, {row[2]} minutes, {row[3]}."
    return found


def cell(text: object) -> str:
    """Text within a table."""
    return str(text).replace("|", "\\|").replace("\n", " ")
