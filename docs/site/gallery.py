"""Pictures of what the shipped models draw, each with the words of its judges: from the models' own cards."""

from __future__ import annotations

import html
import json
from pathlib import Path

from simulacra.core.shelf import SHIPPED, shipped

PICTURES = Path(__file__).parent.parent / "gallery"


def figures() -> str:
    """One figure a shipped model that has a picture, the truest first."""
    found = []
    for name in shipped():
        if (PICTURES / f"{name}.png").exists():
            card = json.loads((SHIPPED / name / "card.json").read_text(encoding="utf-8"))
            found.append((share(card), figure(name, card)))
    return '<div class="gallery">\n' + "\n".join(text for _, text in sorted(found, reverse=True)) + "\n</div>"


def share(card: dict[str, list[dict[str, str]]]) -> float:
    """Of the judges, those that call it consistent."""
    words = [verdict["word"] for verdict in card["verdicts"]]
    return words.count("consistent") / len(words)


def figure(name: str, card: dict[str, list[dict[str, str]]]) -> str:
    """The picture, its title and its verdict: how many judges said what, and where it is farthest."""
    verdicts = card["verdicts"]
    words = [verdict["word"] for verdict in verdicts]
    said = ", ".join(f"{words.count(word)} of {len(words)} {word}" for word in dict.fromkeys(sorted(words)))
    far = max(verdicts, key=lambda verdict: float(verdict["ratio"] or 0))
    title = html.escape(str(card["title"]))
    return (
        f'<figure><img src="gallery/{name}.png" alt="{title}" loading="lazy"><figcaption><b>{name}</b>. {title}<br>'
        f'<span class="word">{said}</span>; farthest: {html.escape(far["judge"])}, '
        f"{float(far['ratio']):.3g} × the noise floor.<br><code>simulacra show {name}</code></figcaption></figure>"
    )
