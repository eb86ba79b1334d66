"""Catalogues as samples: rows and plain numbers, files there and back, the prior fitted to one, and a page's panels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulacra.baselines.source_mixture import source_mixture
from simulacra.core.errors import BadInput
from simulacra.domains.photometry import catalog_rows
from simulacra.domains.photometry.catalog_rows import COLORS, MAGNITUDE, NAMES, RADIUS
from simulacra.domains.photometry.fitted_prior import fitted_prior
from simulacra.domains.photometry.source_prior import drawn_sources, stripe82
from simulacra.kinds.base import kinds
from simulacra.pictures.catalog import panels
from simulacra.sources.files.any_file import read
from simulacra.sources.sky.catalog_simulator import CatalogSimulator
from simulacra.sources.sky.catalog_table import CatalogTable
from simulacra.views.catalog_rows import CatalogRows

SKY = CatalogSimulator().draw(300, np.random.default_rng(0))


def test_rows_come_back_from_plain_numbers_and_from_those_of_the_pixels() -> None:
    np.testing.assert_allclose(catalog_rows.rows(catalog_rows.plain(SKY.array)), SKY.array, rtol=1e-9)
    star = catalog_rows.stars(SKY.array)
    inside = SKY.array[(SKY.array[:, -1] > 0.03) & (SKY.array[:, -1] < 0.97) | star]
    numbers = catalog_rows.source_numbers(inside)
    again = catalog_rows.drawn_rows(catalog_rows.stars(inside), numbers)
    np.testing.assert_allclose(again, inside, rtol=1e-9)


@pytest.mark.parametrize("ending", list(kinds()["catalog"].written))
def test_a_catalogue_is_written_and_read_back(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"sky{ending}"
    kinds()["catalog"].write(SKY, path)
    back = read(path, kind="catalog")
    np.testing.assert_allclose(back.array, SKY.array, rtol=1e-12)
    assert (back.kind, back.columns) == (SKY.kind, SKY.columns)


def test_what_a_field_gives_is_read(tmp_path: Path) -> None:
    head = "id,p_star,mag_r,color_ug,color_gr,color_ri,color_iz,dev_share,radius,axis_ratio,angle,flags"
    lines = [
        "1,0.99,18,1,.5,.2,.1,,,,,0",
        "2,0.01,20,1,.8,.4,.3,0.3,1.2,0.5,-20,0",
        "3,0.2,21,1,.8,.4,.3,,,,,8",
        "4,0.9,22,,.8,.4,.3,,,,,0",
    ]
    (tmp_path / "field.csv").write_text("\n".join([head, *lines]), encoding="utf-8")
    found = CatalogTable(tmp_path / "field.csv").read()
    assert found.array[:, 0].tolist() == [1.0, 0.0]
    assert found.array[1, NAMES.index("angle")] == 160.0
    assert dict(found.left.out) == {"without a magnitude or a color": 1, "galaxies without a shape": 1}


def test_celestes_table_is_read(tmp_path: Path) -> None:
    head = "is_star,flux_r_nmgy,color_ug,color_gr,color_ri,color_iz"
    head += ",gal_frac_dev,gal_axis_ratio,gal_radius_px,gal_angle_deg"
    lines = ["true,10,1,.5,.2,.1,,,,", "false,1,1,.5,.2,.1,0,0.25,2,30"]
    (tmp_path / "c.csv").write_text("\n".join([head, *lines]), encoding="utf-8")
    found = CatalogTable(tmp_path / "c.csv").read()
    assert found.array[:, MAGNITUDE] == pytest.approx([20.0, 22.5])
    assert found.array[1, RADIUS] == pytest.approx(2 * 0.5 * 0.396)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("mag_r,color_ug\n20,1", "what is a star"),
        ("type,mag_r\nplanet,20", "a star or a galaxy"),
        ("type,mag_g\nstar,20", "no column of numbers mag_r"),
        ("type,mag_r\n", "no rows"),
        ("type,mag_r,color_ug,color_gr,color_ri,color_iz\nstar,20,1,1,1,1", "no column of numbers radius"),
    ],
)
def test_what_is_no_catalogue_is_told(text: str, wrong: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as error:
        CatalogTable(tmp_path / "x.csv").read()
    assert wrong in error.value.wrong
    assert error.value.fix


def test_a_prior_fitted_to_draws_of_a_prior_is_that_prior() -> None:
    rows = drawn_sources(stripe82(), 1200, np.random.default_rng(1))
    again = drawn_sources(fitted_prior(rows), 1200, np.random.default_rng(2))
    for star in (True, False):
        a, b = (x[catalog_rows.stars(x) == star] for x in (rows, again))
        few = [MAGNITUDE, *range(COLORS.start, COLORS.stop)]
        spread = a[:, few].std(axis=0)
        assert (np.abs(a[:, few].mean(axis=0) - b[:, few].mean(axis=0)) < 0.2 * spread).all()
        np.testing.assert_allclose(b[:, few].std(axis=0), spread, rtol=0.2)


def test_too_few_of_a_type_are_told() -> None:
    with pytest.raises(BadInput, match="too few stars"):
        source_mixture(SKY[~catalog_rows.stars(SKY.array) | (np.arange(len(SKY)) < 5)])
    with pytest.raises(BadInput, match="one type alone"):
        CatalogRows().fit(SKY[catalog_rows.stars(SKY.array)])


def test_heaps_of_the_share_come_back_as_heaps() -> None:
    x = SKY.array.copy()
    x[:150, -1] = np.where(np.isnan(x[:150, -1]), np.nan, np.arange(150) % 2)
    heaped = SKY.but(x=x)
    view = CatalogRows().fit(heaped)
    assert view.heaped
    batch = view.forward(heaped)
    np.testing.assert_allclose(view.inverse(batch).array[:, -1], x[:, -1], atol=1e-6)
    spread = batch.x[:150][x[:150, -1] == 0][:, -1]
    assert len(spread.unique()) == len(spread)


def test_panels_name_both_sets() -> None:
    found = panels({"truth": SKY, "model": SKY[:100]})
    assert len(found) == 4
    assert all("dot" in panel.caption for panel in found)
