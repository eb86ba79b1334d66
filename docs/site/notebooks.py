"""Executed notebooks as pages: words, code, and the outputs of the run with which they were committed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def page(path: Path) -> tuple[str, dict[str, bytes]]:
    """A notebook as Markdown, and its pictures by name."""
    pictures: dict[str, bytes] = {}
    parts = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            parts.append(shown(output, path.stem, pictures))
    parts.append(f"*This page is the notebook `docs/tutorials/{path.name}`, with the outputs of one full run.*")
    return "\n\n".join(part for part in parts if part) + "\n", pictures


def shown(output: dict[str, Any], stem: str, pictures: dict[str, bytes]) -> str:
    """One output: a picture, the object's own page, or text."""
    if output["output_type"] == "stream":
        text = "".join(output["text"]) if output["name"] == "stdout" else ""
        return f"```text\n{text.rstrip()}\n```" if text.strip() else ""
    data = output.get("data", {})
    for sort in ("png", "gif"):
        if f"image/{sort}" in data:
            name = f"{stem}_{len(pictures) + 1}.{sort}"
            pictures[name] = base64.b64decode("".join(data[f"image/{sort}"]))
            return f"![what the code above shows]({name})"
    if "text/html" in data:
        inner = re.sub(r"\n\s*\n", "\n", "".join(data["text/html"]))
        return f"<div>{inner}</div>"
    text = "".join(data.get("text/plain", ""))
    return f"```text\n{text}\n```" if text else ""


def contents(paths: Sequence[Path]) -> str:
    """The page that leads to all of them."""
    lines = [
        "# Tutorials",
        "",
        "The articles that the project begins from, as notebooks: in their order, on our code, executed.",
        "",
    ]
    for path in paths:
        first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        title, _, rest = first.partition("\n")
        lines.append(f"- [{title.removeprefix('# ')}]({path.stem}.md). {rest.strip().partition(chr(10) + chr(10))[0]}")
    return "\n".join(lines) + "\n"
