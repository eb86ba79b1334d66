"""What an answer cites, as BibTeX; and an answer as a Markdown file."""

from __future__ import annotations

import re
from pathlib import Path

from simulacra.assistant.answers import Answer, Source, printable


def bibtex(sources: list[Source]) -> str:
    """An entry a document, of what the document says of itself; the file's hash is in its note."""
    keys: dict[str, Source] = {}
    for source in {s.path: s for s in sources}.values():
        base, i = _key(source), 1
        key = base
        while key in keys:
            i += 1
            key = f"{base}{chr(96 + i)}"
        keys[key] = source
    return "\n".join(_entry(key, source) for key, source in keys.items())


def _key(source: Source) -> str:
    author = re.findall(r"[^\W\d_]+", source.cite.get("author", "").split(" and ")[0].split(",")[0])
    words = re.findall(r"[^\W\d_]{4,}", source.title) or ["document"]
    first, last = (author[-1], words[-1]) if author else (words[0], "")
    return f"{first}{source.cite.get('year', '')}{last}".lower()


def _entry(key: str, source: Source) -> str:
    kind = "article" if source.cite.get("doi") or source.cite.get("eprint") else "misc"
    fields = {"title": source.title, **{k: v for k, v in source.cite.items() if k != "title"}}
    fields["howpublished"] = Path(source.path).name
    fields["note"] = f"as read: sha256 {source.hash}"
    body = ",\n".join(f"  {name} = {{{_safe(value)}}}" for name, value in fields.items() if value)
    return f"@{kind}{{{key},\n{body}\n}}\n"


def _safe(text: str) -> str:
    return re.sub(r"([&%$#_])", r"\\\1", printable(text).replace("\\", "/").replace("{", "(").replace("}", ")"))


def markdown(answers: list[Answer]) -> str:
    """Answers with footnotes and the bibliography of what they cite."""
    parts, number = [], 0
    for answer in answers:
        parts.append(f"## {_plain(answer.question)}\n")
        feet = []
        for sentence in answer.sentences:
            marks = ""
            for source in sentence.sources:
                number += 1
                marks += f"[^{number}]"
                where = f"{_plain(source.path)}, {source.place}, sha256 {source.hash}"
                feet.append(f"[^{number}]: {where}: “{_plain(source.quote)}”")
            side = f"*{_plain(sentence.side)}* — " if sentence.side else ""
            parts.append(f"{side}{_plain(sentence.text)}{marks}\n")
        if answer.refused:
            parts.append("The library does not say.\n")
        parts += [*feet, ""] + [f"*{_plain(note)}*" for note in answer.notes]
    sources = [source for answer in answers for source in answer.sources]
    entries = f"\n```bibtex\n{bibtex(sources)}```\n" if sources else ""
    return "\n".join(parts) + "\n" + entries


def _plain(text: str) -> str:
    """Text that no Markdown reader takes for a tag."""
    return printable(text).replace("<", "&lt;")
