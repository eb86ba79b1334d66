"""What the studies of calorimeter showers share: where showers come from, who judges them, what stands beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from simulacra.baselines.copycat import copycat
from simulacra.baselines.mean_shower import mean_shower
from simulacra.baselines.nearest_shower import nearest_shower
from simulacra.core.samples import Samples
from simulacra.exhibits.shower_classifiers import ShowerClassifiers
from simulacra.exhibits.shower_means import ShowerMeans
from simulacra.judging.base import Judge
from simulacra.running.split import Split
from simulacra.sources.base import Archive, Simulator
from simulacra.sources.showers.calorimeter_shower import CalorimeterShower
from simulacra.sources.showers.clic_showers import ClicShowers
from simulacra.statistics.showers.cell_spectrum import CellSpectrum
from simulacra.statistics.showers.layer_correlations import LayerCorrelations
from simulacra.statistics.showers.layer_energies import LayerEnergies
from simulacra.statistics.showers.longitudinal_profile import LongitudinalProfile
from simulacra.statistics.showers.shower_centers import ShowerCenters
from simulacra.statistics.showers.shower_radial_profile import ShowerRadialProfile
from simulacra.statistics.showers.shower_resolution import ShowerResolution
from simulacra.statistics.showers.shower_response import ShowerResponse
from simulacra.statistics.showers.shower_sparsity import ShowerSparsity

CLIC = (25, 25, 25)
BASELINES: dict[str, Callable[[Samples], Simulator]] = {
    "mean shower": mean_shower,
    "nearest in energy": nearest_shower,
    "copycat": copycat,
}
REFERENCES = (
    "The parameterized simulation of electromagnetic showers in homogeneous and sampling calorimeters "
    "(Grindhammer & Peters, 1993), arXiv:hep-ex/0001020",
    "CaloChallenge 2022: a community challenge for fast calorimeter simulation (Krause et al., 2024), arXiv:2410.21611",
)


@dataclass(frozen=True)
class Showers:
    """Showers, and what a study must know of them before they are drawn or read.

    Args:
        source: of the showers.
        shape: layers, rows and columns.
        split: how they are shared out.
        recorded: whether these are the showers of which verdicts are on record.
    """

    source: Simulator | Archive
    shape: tuple[int, int, int]
    split: Split
    recorded: bool


def showers(file: Path | None, cells: int, layers: int, train: int, truth: int) -> Showers:
    """Made showers, or the user's own in the layout of the 3D-GAN's data."""
    if file is not None:
        return Showers(ClicShowers(file), CLIC, Split(train=70, validation=10, truth=20), recorded=False)
    made = CalorimeterShower(size=cells, layers=layers)
    split = Split(train=train, validation=max(100, truth // 2), truth=truth)
    return Showers(made, (layers, cells, cells), split, (layers, cells, cells) == CLIC)


def judges() -> dict[str, Judge]:
    """The high-level features of the field, each a judge of its own."""
    return {
        "response": Judge(ShowerResponse(), reach=0.02),
        "resolution": Judge(ShowerResolution(), reach=0.08),
        "longitudinal profile": Judge(LongitudinalProfile(), reach=0.08),
        "layer energies": Judge(LayerEnergies(), reach=0.08),
        "layer correlations": Judge(LayerCorrelations(), reach=0.32),
        "radial profile": Judge(ShowerRadialProfile(), reach=0.08),
        "centers and widths": Judge(ShowerCenters(parts=5), reach=0.08),
        "sparsity": Judge(ShowerSparsity(), reach=0.08),
        "cell spectrum": Judge(CellSpectrum(), reach=0.08),
    }


def further(found: Showers, stated: int) -> tuple[ShowerClassifiers, ShowerMeans]:
    """What is looked at once the model has drawn: classifiers of it and truth, and its mean observables."""
    source = found.source if isinstance(found.source, Simulator) else None
    return ShowerClassifiers(source, stated), ShowerMeans()
