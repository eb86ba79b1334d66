"""Molecules in space as arrays: an atomic number and a place for each atom, and empty seats behind them.

Samples of the kind "molecule" hold one array (n, seats, 4): in each row of a seat the atomic number, then x, y and z in
Å. An empty seat is a row of zeros, and all empty seats stand behind the atoms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples

KIND, UNIT = "molecule", "Å"
CHUNK = 2**21  # pairs of atoms at a time: bounds memory
TABLE = (
    "X H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr "
    "Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu "
    "Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi"
)
SYMBOLS = tuple(TABLE.split())
"""Symbols of the elements, by atomic number."""
NUMBERS = {symbol: number for number, symbol in enumerate(SYMBOLS) if number}
HEAVIEST = len(SYMBOLS) - 1


def numbers(x: Float[np.ndarray, "n seats 4"]) -> Int[np.ndarray, "n seats"]:
    """The atomic number in each seat, 0 where it is empty."""
    return np.asarray(np.rint(x[..., 0]), dtype=np.int64)


def places(x: Float[np.ndarray, "n seats 4"]) -> Float[np.ndarray, "n seats 3"]:
    """Where the atoms are, Å."""
    return x[..., 1:]


def filled(x: Float[np.ndarray, "n seats 4"]) -> Bool[np.ndarray, "n seats"]:
    """Whether a seat holds an atom."""
    return np.asarray(numbers(x) > 0)


def sizes(x: Float[np.ndarray, "n seats 4"]) -> Int[np.ndarray, " n"]:
    """How many atoms each molecule has."""
    return np.asarray(filled(x).sum(axis=1), dtype=np.int64)


def seated(
    elements: Int[np.ndarray, " atoms"],
    where: Float[np.ndarray, "atoms 3"],
    count: Int[np.ndarray, " n"],
    seats: int | None = None,
) -> Float[np.ndarray, "n seats 4"]:
    """Atoms of molecules one after another as one padded array, float32.

    Args:
        elements: atomic numbers of all atoms.
        where: their places, Å.
        count: how many atoms each molecule has.
        seats: of the array; those of the largest molecule if None.
    """
    most = int(count.max(initial=1))
    wide = most if seats is None else seats
    if wide < most:
        raise BadInput("a molecule has more atoms than there are seats", f"{most} atoms, {wide} seats", f"seats={most}")
    x = np.zeros((len(count), wide, 4), dtype=np.float32)
    taken = np.arange(wide) < count[:, None]
    x[taken] = np.column_stack([elements, where])
    return x


def reseated(x: Float[np.ndarray, "n seats 4"], seats: int) -> Float[np.ndarray, "n more 4"]:
    """The same molecules in an array of so many seats."""
    most = int(sizes(x).max(initial=0))
    if seats < most:
        raise BadInput(
            "a molecule has more atoms than there are seats", f"{most} atoms, {seats} seats", f"seats={most}"
        )
    out = np.zeros((len(x), seats, 4), dtype=x.dtype)
    width = min(seats, x.shape[1])
    out[:, :width] = x[:, :width]
    return out


def atoms(x: Float[np.ndarray, "n seats 4"]) -> Iterator[tuple[Array, Array]]:
    """Atomic numbers and places of each molecule, without empty seats."""
    kinds = numbers(x)
    for row, kind in zip(x, kinds, strict=True):
        here = kind > 0
        yield kind[here], row[here, 1:]


def keys(x: Float[np.ndarray, "n seats 4"]) -> list[bytes]:
    """Each molecule without its empty seats, as bytes by which what was found of it can be remembered."""
    return [np.column_stack([kinds, where]).astype(np.float32).tobytes() for kinds, where in atoms(x)]


def of_key(key: bytes) -> Float[np.ndarray, "1 atoms 4"]:
    """The molecule of a key, in single precision."""
    return np.frombuffer(key, dtype=np.float32).reshape(1, -1, 4)


def molecules(
    x: Array, origin: str = "", id: Sequence[str] | Array | None = None, group: Sequence[str] | Array | None = None
) -> Samples:
    """Samples of kind "molecule" from a padded array (n, seats, 4); a clear error where it is none."""
    check(x, origin)
    return Samples.of(np.asarray(x), KIND, UNIT, origin, None, id, group)


def check(x: Array, where: str = "") -> None:
    """Whether an array holds molecules as they are given here."""
    if x.ndim != 3 or x.shape[-1] != 4 or not np.issubdtype(x.dtype, np.floating):
        raise BadInput(
            "molecules are an array (n, seats, 4): atomic number, x, y, z",
            f"shape {x.shape}, {x.dtype} {where}".strip(),
            "bring them to it with simulacra.domains.molecules.atoms.seated",
        )
    z = x[..., 0]
    if not np.isfinite(x).all() or (z != np.rint(z)).any() or (z < 0).any() or (z > HEAVIEST).any():
        raise BadInput(
            "some atoms have no place or no element",
            f"{where or 'an array'}: NaN, or atomic numbers that are not whole numbers from 1 to {HEAVIEST}",
            "drop these molecules",
        )
    taken = z > 0
    if not taken[:, 0].all() or (taken[:, 1:] & ~taken[:, :-1]).any():
        raise BadInput("a molecule's atoms stand before its empty seats", where or "an array", "use `seated`")


def distances(x: Float[np.ndarray, "n seats 4"]) -> Float[np.ndarray, "n seats seats"]:
    """Between the atoms of each molecule, Å; infinite where a seat is empty and from an atom to itself."""
    where = places(x).astype(np.float64)
    gap = np.zeros((len(x), x.shape[1], x.shape[1]))
    for axis in range(3):
        step = where[:, :, None, axis] - where[:, None, :, axis]
        gap += step * step
    np.sqrt(gap, out=gap)
    here = filled(x)
    gap[~(here[:, :, None] & here[:, None, :])] = np.inf
    gap[:, np.arange(x.shape[1]), np.arange(x.shape[1])] = np.inf
    return gap


def parts(n: int, seats: int) -> Iterator[slice]:
    """Slices of n molecules whose pairs of atoms fit into memory."""
    step = max(1, CHUNK // max(1, seats * seats))
    for start in range(0, n, step):
        yield slice(start, start + step)
