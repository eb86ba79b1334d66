"""Latent features of strings on a page: how many are active, and whether the decoder listens to them."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array
from simulacra.reports.figures import latent_use
from simulacra.reports.sections.base import Page, Part
from simulacra.reports.sections.scores import share

OF = "exhibit latent use"
PLACE = 56
ACTIVE = 0.01
NOTE = (
    "Of validation molecules, which no training has seen; ± are standard errors over molecules, shares have 95 % "
    "intervals (Wilson). A feature is active where the variance of its mean over molecules is above 0.01. From "
    "another's place: the same strings, each decoded from the place of another molecule; a decoder that does without "
    "the place would lose nothing. Written again: the likeliest tokens at the mean of a molecule's own place spell "
    "that molecule. Similarity: Tanimoto, of circular fingerprints; 0 for a string that is no molecule. The whole "
    "variance of a feature is 1 where the places of molecules fill the prior from which is drawn."
)


def section(page: Page) -> Part | None:
    """What is shown; None for a run without such features."""
    seen = page.run.exhibit("latent use")
    if seen is None:
        return None
    nats, variance = (np.asarray(seen[key], dtype=float) for key in ("divergence", "variance of means"))
    own, other = (np.asarray(seen[key], dtype=float) for key in ("own", "other"))
    exact, whole, free = np.asarray(seen["exact"]), np.asarray(seen["whole variance"], dtype=float), float(seen["free"])
    active, n = int((variance > ACTIVE).sum()), len(own)
    shares = [share(int(np.asarray(seen[key]).sum()), n) for key in ("valid", "exact")]
    rows = [
        ("active features", [f"{active} of {len(nats)}"]),
        ("divergence, nats a molecule", [f"{nats.sum():.1f} ({free * len(nats):.1f} cost nothing)"]),
        ("a string from its own place, nats", [_mean(own)]),
        ("from another's place, nats", [_mean(other)]),
        ("the loss by it, nats", [_mean(other - own)]),
        ("molecules at the mean, %", [f"{shares[0][0]} ({shares[0][1]})"]),
        ("written again, %", [f"{shares[1][0]} ({shares[1][1]})"]),
        ("similarity to what is written, Tanimoto", [_mean(np.asarray(seen["similarity"], dtype=float), 3)]),
        ("whole variance: least, median, greatest", [" · ".join(f"{v:.2f}" for v in np.quantile(whole, [0, 0.5, 1]))]),
    ]
    lost = float((other - own).mean())
    word = "It listens to its features" if active and lost > 1 else "It does without its features: it has collapsed"
    panel = page.drawer.curve(latent_use.by_feature(nats, variance, free, ACTIVE))
    part = {
        "id": "latent-use",
        "title": "What the latent features hold",
        "sentence": f"{active} of {len(nats)} features are active. From another molecule's place a string costs "
        f"{lost:.1f} nats more: the decoder would not lose them if it did without its features. {word}; "
        f"{int(exact.sum())} of {n} unseen molecules are written again as they were.",
        "head": ("", f"of {n:,} molecules"),
        "rows": rows,
        "note": NOTE,
        "figures": [panel],
    }
    return Part("further.html", {"part": part})


def _mean(values: Array, digits: int = 1) -> str:
    return f"{values.mean():.{digits}f} ± {values.std(ddof=1) / len(values) ** 0.5:.{digits}f}"
