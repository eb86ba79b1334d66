"""Croissant metadata of a file of samples: what it is, who drew it, its digest; JSON-LD that data catalogs read."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulacra.core.files import read_json
from simulacra.core.samples import Samples
from simulacra.core.writing import write_bytes
from simulacra.runs import Run

FORMATS = {
    ".csv": "text/csv", ".npz": "application/x-npz", ".npy": "application/x-npy", ".png": "image/png",
    ".sdf": "chemical/x-mdl-sdfile", ".xyz": "chemical/x-xyz", ".extxyz": "chemical/x-xyz", ".tiff": "image/tiff",
    ".tif": "image/tiff",
}  # fmt: skip
"""The media types of files by ending; any other is told as text/plain."""
TERMS = (
    *("citeAs", "column", "extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes"),
    *("isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex"),
    *("repeated", "replace", "separator", "source", "subField", "transform"),
)  # fmt: skip


def license_of(run: Run) -> str:
    """Under which terms a model's samples may be used, as far as its run says: its card has those of its data."""
    card = run.folder / "card.json"
    stated = (read_json(card).get("data") or {}).get("license") if card.is_file() else run.record.get("license")
    if not stated:
        return "not stated: the terms of the data that the model was trained on hold"
    return f"the terms of the data that the model was trained on: {stated}"


def describe(samples: Samples, path: Path, name: str, said: str, license: str) -> dict[str, Any]:
    """The metadata of a file that was written: name, words, digest, and its columns where it is a table.

    Args:
        samples: what was written.
        path: of the file.
        name: of the model that drew them.
        said: what the judges say of it, in one line.
        license: under which terms the samples may be used.

    References:
        Croissant: a metadata format for ML-ready datasets (Akhtar et al., 2024), arXiv:2403.19546
    """
    known = {term: f"cr:{term}" for term in TERMS}
    typed = {"dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "data": {"@id": "cr:data", "@type": "@json"}}
    context = {"@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/"}
    context |= {
        "cr": "http://mlcommons.org/croissant/",
        "dct": "http://purl.org/dc/terms/",
        "conformsTo": "dct:conformsTo",
    }
    file = {
        "@type": "cr:FileObject",
        "@id": path.name,
        "name": path.name,
        "contentUrl": path.name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": FORMATS.get(path.suffix, "text/plain"),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    about = {
        "@context": {**context, **known, **typed},
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"{name}_samples",
        "description": f"{len(samples)} samples of kind {samples.kind}, drawn by {name}: no measurement. {said}",
        "url": path.name,
        "version": "1.0.0",
        "license": license,
        "datePublished": datetime.now(UTC).date().isoformat(),
        "creator": {"@type": "sc:Organization", "name": "Simulacra"},
        "citeAs": f"Simulacra, model {name}",
        "distribution": [file],
    }
    if path.suffix == ".csv":
        header = path.read_text(encoding="utf-8").partition("\n")[0].strip().split(",")
        about["recordSet"] = [
            {"@type": "cr:RecordSet", "@id": "samples", "name": "samples", "field": [_column(c, path) for c in header]}
        ]
    return about


def _column(name: str, path: Path) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"samples/{name}",
        "name": name,
        "dataType": "sc:Text",
        "source": {"fileObject": {"@id": path.name}, "extract": {"column": name}},
    }


def write(samples: Samples, path: Path, name: str, said: str, license: str) -> Path:
    """`describe` beside the file, as its name with .croissant.json behind; where it lies."""
    beside = path.with_name(path.name + ".croissant.json")
    write_bytes(beside, json.dumps(describe(samples, path, name, said, license), indent=1, ensure_ascii=False).encode())
    return beside
