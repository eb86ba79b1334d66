"""Which name was meant by one that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def meant(name: str, names: Iterable[str], alike: float = 0.75) -> str:
    """The one of the names that was most likely meant, empty if none was: begun, with letters swapped, or much alike.

    >>> meant("lat", ["latent", "late", "seed"]), meant("vea", ["vae"]), meant("cats", ["runs"])
    ('late', 'vae', '')
    """
    begun = sorted((known for known in names if len(name) > 1 and known.startswith(name)), key=len)
    swapped = [known for known in names if sorted(known) == sorted(name)]
    found = [*begun, *swapped, *difflib.get_close_matches(name, list(names), n=1, cutoff=alike)]
    return found[0] if found else ""
