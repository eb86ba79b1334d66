"""Does a normalizing flow draw a catalogue of stars and galaxies that has the survey's counts, colors and sizes?"""

from __future__ import annotations

from pathlib import Path

from simulacra.baselines.copycat import copycat
from simulacra.baselines.source_mixture import source_mixture
from simulacra.judging.base import Judge
from simulacra.models.flow_by_type import FlowByType
from simulacra.networks.coupling import Coupling
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.sources.base import Archive, Simulator
from simulacra.sources.sky.catalog_simulator import CatalogSimulator
from simulacra.sources.sky.catalog_table import CatalogTable
from simulacra.sources.sky.stripe82_coadd import Stripe82Coadd
from simulacra.statistics.sky.size_magnitude import SizeMagnitude
from simulacra.statistics.sky.source_colors import SourceColors
from simulacra.statistics.sky.source_counts import SourceCounts
from simulacra.statistics.sky.source_shapes import SourceShapes
from simulacra.training.budget import Budget
from simulacra.views.catalog_rows import CatalogRows

STRIPE82, PRIOR = "stripe82", "prior"
OF_STAR, OF_GALAXY = 5, 9
"""Numbers of a star and of a galaxy: magnitude and colors, and for a galaxy four of its shape."""


def study(source: str = "stripe82", width: int = 24, couplings: int = 3, steps: int = 600) -> Study:
    """A flow of stars and one of galaxies, with the share of stars, learned from a catalogue by exact likelihood.

    Beside it stand the mixture of Gaussians that a survey's catalogue is usually given as its prior, and a copycat. A
    catalogue of a few hundred sources tells little: its judges have a coarse reach, which the verdicts say.

    Args:
        source: "stripe82" (sources of SDSS's Stripe 82, from the data folder), "prior" (draws of the mixture that was
            fitted to it, thousands), or a table of your own: FITS, VOTable, ECSV, Parquet, CSV.
        width: features of the flows' dense layers.
        couplings: of each flow; 0 leaves one Gaussian a type.
        steps: training steps, of 64 sources.
    """
    large = source == PRIOR
    whence: Archive | Simulator = (
        CatalogSimulator() if large else Stripe82Coadd() if source == STRIPE82 else CatalogTable(Path(source))
    )
    return Study(
        source=whence,
        view=CatalogRows(),
        model=FlowByType(Coupling(OF_STAR, width, couplings), Coupling(OF_GALAXY, width, couplings)),
        judges={
            "counts": Judge(SourceCounts(), reach=0.64),
            "colors": Judge(SourceColors(), reach=0.16),
            "sizes": Judge(SizeMagnitude(), reach=0.32),
            "shapes": Judge(SourceShapes(), reach=0.64),
        },
        baselines={"mixture of Gaussians": source_mixture, "copycat": copycat},
        budget=Budget(steps, batch=64, rate=3e-3, average=0.98, final=0.05, weight_decay=1e-2, looks=8),
        split=Split(2000, 400, 600) if large else Split(50, 10, 40),
        expect={},
        references=(
            "Density estimation using Real NVP (Dinh et al., 2017), arXiv:1605.08803",
            "Approximate inference for constructing astronomical catalogs from images (Regier et al., 2019), "
            "arXiv:1803.00113",
            "The Sloan Digital Sky Survey Coadd: 275 deg² of deep SDSS imaging on Stripe 82 (Annis et al., 2014), "
            "arXiv:1111.6619",
        ),
    )
