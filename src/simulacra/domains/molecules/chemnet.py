"""ChemNet, a network that learned from assays what molecules do: what it makes of each, in NumPy.

The weights come with the package `fcd_torch` (MIT) in a file of PyTorch. It is known to the byte, so that the numbers
are taken from their places in it; nothing of it is run.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput, absent, needs
from simulacra.core.progress import Progress
from simulacra.core.samples import Array

FEATURES = 512
PLACES, LETTERS = 350, 35
PORTION = 500
SHA256 = "a36658cc7c94d3c728eacd7ed2d2f104753bb2fde742c2817daefe9533a28080"
FILE = "ChemNet_v0.13_pretrained.pt"
LAYOUT = {
    "first": (5328654, (32, 35, 4)),
    "second": (1050350, (32, 32, 4)),
    "into 0": (5263110, (512, 32)),
    "back 0": (5354782, (512, 128)),
    "shift 0": (5261054, (512,)),
    "more 0": (5625134, (512,)),
    "into 1": (1766, (2048, 128)),
    "back 1": (1066742, (2048, 512)),
    "shift 1": (5346582, (2048,)),
    "more 1": (5616934, (2048,)),
}
"""Where each array of float32 begins in the file, and its shape."""
TOKENS = ("C", "N", "O", "H", "F", "Cl", "P", "B", "Br", "S", "I", "Si", *"#()+-12345678=[]@cnosX.")
NUMBERS = {token: place for place, token in enumerate(TOKENS)}
OTHER, STOP = NUMBERS["X"], NUMBERS["."]
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805  # of the activation SELU


def there() -> bool:
    """Whether the package with the weights is installed."""
    return not absent("fcd_torch")


@cache
def _weights() -> dict[str, Array]:
    needs("chemnet")
    found = find_spec("fcd_torch")
    assert found is not None
    path = Path(str(found.origin)).parent / FILE
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise BadInput("the weights of ChemNet are not those that are known", str(path), "pip install fcd_torch==1.0.7")
    return {
        name: np.frombuffer(data, dtype="<f4", count=int(np.prod(shape)), offset=at).reshape(shape)
        for name, (at, shape) in LAYOUT.items()
    }


def letters(text: str) -> list[int]:
    """The numbers of a string's letters as ChemNet was taught them; the full stop ends it, and salts too."""
    found, at, text = list[int](), 0, f"{text}."
    while text[at] != "." and len(found) < PLACES - 1:
        wide = text[at + 1] in "ril"
        found.append(NUMBERS.get(text[at : at + 1 + wide], OTHER))
        at += 1 + wide
    return [*found, STOP]


def activations(texts: Array) -> Float[np.ndarray, "n 512"]:
    """What ChemNet makes of each canonical SMILES; strings that were seen lately are remembered.

    References:
        Fréchet ChemNet distance: a metric for generative models for molecules in drug discovery (Preuer et al., 2018),
        doi:10.1021/acs.jcim.8b00234
    """
    listed = [str(text) for text in texts]
    missing = [text for text in dict.fromkeys(listed) if text not in _KNOWN]
    with Progress("showing molecules to ChemNet", len(missing)) as progress:
        for start in range(0, len(missing), PORTION):
            some = missing[start : start + PORTION]
            for text, row in zip(some, _forward(some), strict=True):
                _KNOWN[text] = row
            progress.step(len(some))
    rows = np.array([_KNOWN[text] for text in listed], dtype=np.float32).reshape(len(listed), FEATURES)
    for text in list(_KNOWN)[: max(0, len(_KNOWN) - KEPT)]:
        del _KNOWN[text]
    return rows


KEPT = 100_000  # strings that are remembered, 2 kB each
_KNOWN: dict[str, Array] = {}


def _forward(texts: list[str]) -> Float[np.ndarray, "n 512"]:
    w = _weights()
    hot = np.zeros((len(texts), PLACES, LETTERS), dtype=np.float32)
    for i, text in enumerate(texts):
        found = letters(text)
        hot[i, np.arange(len(found)), found] = 1 / LETTERS
    x = _convolved(_convolved(hot, w["first"], (1, 1)), w["second"], (1, 2))
    below = _remembered(x[:, ::-1], w, 0)
    return _remembered(np.stack(below[::-1], axis=1), w, 1)[-1]


def _convolved(x: Array, kernel: Array, padding: tuple[int, int]) -> Array:
    """A convolution of width 4 in steps of 2, and SELU."""
    x = np.pad(x, ((0, 0), padding, (0, 0)))
    places = (x.shape[1] - 4) // 2 + 1
    out = sum(x[:, k : k + 2 * places : 2] @ kernel[:, :, k].T for k in range(4))
    return np.asarray(SCALE * np.where(out > 0, out, ALPHA * np.expm1(np.minimum(out, 0))), dtype=np.float32)


def _remembered(x: Array, w: dict[str, Array], layer: int) -> list[Array]:
    """What a long short-term memory shows at each place."""
    back, hidden = np.ascontiguousarray(w[f"back {layer}"].T), w[f"back {layer}"].shape[1]
    from_below = x @ w[f"into {layer}"].T + (w[f"shift {layer}"] + w[f"more {layer}"])
    h = c = np.zeros((len(x), hidden), dtype=np.float32)
    out = []
    for place in range(x.shape[1]):
        gates = from_below[:, place] + h @ back
        into, keep, out_of = (_sigmoid(gates[:, k * hidden : (k + 1) * hidden]) for k in (0, 1, 3))
        c = keep * c + into * np.tanh(gates[:, 2 * hidden : 3 * hidden])
        h = out_of * np.tanh(c)
        out.append(h)
    return out


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (np.tanh(0.5 * x) + 1), dtype=np.float32)
