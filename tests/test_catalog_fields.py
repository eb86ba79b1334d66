"""Whole fields: overlapping sources, the verb from FITS files to tables, and inputs that cannot be right."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS
from scipy.stats import chi2

from simulacra.cataloging.catalog import Plan, catalog
from simulacra.cataloging.cutting import cut
from simulacra.cataloging.field import MARGIN, Field, assembled
from simulacra.cataloging.fitting import fit
from simulacra.cataloging.joint import Blend, together
from simulacra.cataloging.matching import matched
from simulacra.cataloging.simulated import night
from simulacra.cli import main
from simulacra.core.data import folders
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.photometry.exposures import exposure
from simulacra.domains.photometry.point_spread import PointSpread, drawn
from simulacra.domains.photometry.simulated_stamps import expected
from simulacra.domains.photometry.source_prior import stripe82

BANDS, GAIN, SKY = ("g", "r", "i"), np.array([700.0, 850.0, 640.0]), np.array([420.0, 740.0, 1000.0])
PSF = night(np.array([1.15, 0.95, 0.95]))
PAIR = [np.array([28.3, 30.2, 1.6, 2.3, 2.6]), np.array([30.5, 31.1, 1.4, 1.9, 2.2])]


def photons(truth: list[Array], side: int, seed: int) -> list[Array]:
    rng = np.random.default_rng(seed)
    light = sum((expected(t, GAIN, PSF, side, side) for t in truth), start=np.zeros((3, side, side)))
    return [rng.poisson(sky + one).astype(np.float64) for sky, one in zip(SKY, light, strict=True)]


def field(truth: list[Array], side: int = 60, seed: int = 0) -> Field:
    planes = photons(truth, side, seed)
    one = np.zeros((1, 2))
    return assembled(
        [
            exposure(b, c, np.full(c.shape, s), g, PointSpread(one, p[None]), None, None, 0.396)
            for b, c, s, g, p in zip(BANDS, planes, SKY, GAIN, PSF, strict=True)
        ]
    )


def test_joint_error_bars_hold_for_two_stars_two_pixels_apart() -> None:
    prior = stripe82().seen(BANDS, 0.396)
    sizes = []
    for seed in range(25):
        f = field(PAIR, seed=seed)
        sources = fit(f, np.array([[28.0, 30.0], [31.0, 31.0]]), prior, ("star",), 3)
        together(f, sources, prior)
        blend = Blend(f, sources, prior)
        assert np.abs(blend.gradient * np.sqrt(np.diag(np.linalg.inv(blend.matrix().toarray())))).max() < 0.2
        for k, truth in enumerate(PAIR):
            off = sources[k].placed() - truth
            sizes.append(off @ np.linalg.inv(blend.covariance(k)) @ off)
    assert chi2.ppf(1e-3, 5 * 50) < np.sum(sizes) < chi2.ppf(1 - 1e-4, 5 * 50) * 1.15  # the two of a pair correlate


def test_a_field_gives_back_its_sources_and_keeps_to_its_photons() -> None:
    rng = np.random.default_rng(4)
    prior = stripe82().seen(BANDS, 0.396)
    truth = []
    for x in (20.0, 55.0, 90.0):
        for y in (22.0, 57.0, 92.0):
            kind = "star" if rng.random() < 0.5 else "galaxy"
            numbers = prior.of(kind).draw(1, rng)[0]
            numbers[-3:] += 2.5 - numbers[-2]
            truth.append(np.concatenate([np.array([x, y]) + rng.uniform(-0.5, 0.5, 2), numbers]))
    f = field(truth, 112)
    columns, _ = catalog(f, Plan(draws=100))
    assert len(columns["x"]) == len(truth)
    for t in truth:
        k = int(np.argmin(np.hypot(columns["x"] - t[0], columns["y"] - t[1])))
        assert (columns["p_star"][k] > 0.5) == (len(t) == 5)
        assert abs(columns["mag_r"][k] - (22.5 - 1.0857 * t[-2])) < 5 * columns["mag_r_sd"][k]
        assert abs(columns["x"][k] - t[0]) < 5 * columns["x_sd"][k]
    left = ((f.main.counts - f.model[1]) / np.sqrt(f.model[1]))[MARGIN:-MARGIN, MARGIN:-MARGIN]
    assert left.std() == pytest.approx(1.0, abs=0.05)


def test_an_empty_field_has_no_sources() -> None:
    columns, sources = catalog(field([], 60), Plan(threshold=5.0))
    assert not sources
    assert len(columns["flags"]) == 0


def test_a_cut_moves_nothing() -> None:
    f = field([PAIR[0]], 80)
    part = cut(f, "10:60,14:64")
    columns, _ = catalog(part, Plan(("star",), draws=0))
    k = int(np.argmax(columns["mag_r"] < 22))
    assert [columns["x"][k] + 10, columns["y"][k] + 14] == pytest.approx(PAIR[0][:2], abs=0.1)
    with pytest.raises(BadInput, match="no part of the frame"):
        cut(f, "0:900,0:20")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.crpix = ["RA---TAN", "DEC--TAN"], [150.0, 2.0], [30.0, 30.0]
    wcs.wcs.cdelt = [-1.1e-4, 1.1e-4]
    for band, counts in zip(BANDS, photons([PAIR[0], np.array([12.0, 44.0, 2.0, 2.5, 2.7])], 60, 1), strict=True):
        unit = fits.PrimaryHDU((counts / 2).astype(np.float32), header=wcs.to_header())
        unit.header["FILTER"], unit.header["GAIN"] = band, 2.0
        unit.writeto(tmp_path / f"{band}.fits")
        fits.PrimaryHDU(3 * drawn(PSF[BANDS.index(band)], 31)).writeto(tmp_path / f"psf_{band}.fits")
    return tmp_path


def asked(at: Path, *more: str, out: str = "c.fits", frames: tuple[str, ...] = BANDS) -> list[str]:
    zero = [f"{22.5 + 2.5 * np.log10(GAIN[BANDS.index(b)] / 2):.6f}" for b in frames]
    psf = [str(at / f"psf_{b}.fits") for b in frames]
    sky = [str(SKY[BANDS.index(b)] / 2) for b in frames]
    return [
        "catalog", *(str(at / f"{b}.fits") for b in frames), "--psf", *psf, "-o", str(at / out),
        *(more if "--zero-point" in more else ("--zero-point", *zero, "--background", *sky, *more)),
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ["fits", "vot", "ecsv", "parquet"])
def test_the_verb_writes_every_format(files: Path, ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    more = ("--residual", str(files / "r.fits"), "--page", str(files / "p.html")) if ending == "fits" else ()
    assert main([*asked(files, "--draws", "60", *more, out=f"c.{ending}"), "--json"]) == 0
    stated = json.loads(capsys.readouterr().out)
    assert stated["sources"] >= 2
    path = files / f"c.{ending}"
    if ending == "parquet":
        from pyarrow import parquet

        table = parquet.read_table(path).to_pandas()
    else:
        table = Table.read(path, format={"vot": "votable", "ecsv": "ascii.ecsv", "fits": "fits"}[ending])
    k = int(np.argmin(np.hypot(np.asarray(table["x"]) - 12.0, np.asarray(table["y"]) - 44.0)))
    assert abs(table["mag_r"][k] - (22.5 - 1.0857 * 2.5)) < 0.05
    assert table["mag_r_q16"][k] < table["mag_r_q50"][k] < table["mag_r_q84"][k]
    assert np.isfinite(table["ra"][k])
    if ending == "fits":
        assert table["mag_r"].unit == "mag"
        left = fits.getdata(files / "r.fits", 1)
        assert 0.9 < np.nanstd(left) < 1.1
        assert "<circle" in (files / "p.html").read_text()


def test_seeds_place_the_sources(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "s.csv").write_text("x,y\n12,44\n")
    assert main([*asked(files, "--seeds", str(files / "s.csv"), "--draws", "0"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sources"] == 1


def spoiled(at: Path, how: str) -> list[str]:
    path = at / "r.fits"
    header, data = fits.getheader(path), fits.getdata(path)
    if how == "nan":
        fits.writeto(path, np.full_like(data, np.nan), header, overwrite=True)
    if how == "subtracted":
        return [a if a != str(SKY[1] / 2) else "5000" for a in asked(at)]
    if how == "line":
        fits.writeto(path, data[0], header, overwrite=True)
    if how == "gain":
        header["GAIN"] = 2000.0
        fits.writeto(path, data, header, overwrite=True)
    if how == "text":
        path.write_text("no fits")
    if how == "psf":
        fits.writeto(at / "psf_r.fits", np.zeros((9, 9)), overwrite=True)
    if how == "twice":
        return [*asked(at), "--bands", "grg"]
    if how == "zero":
        return asked(at, "--zero-point", "25", "26")
    if how == "seeds":
        (at / "s.csv").write_text("x,y\n1000,1000\n")
        return asked(at, "--seeds", str(at / "s.csv"))
    if how == "words":
        (at / "s.csv").write_text("a,b\n1,2\n")
        return asked(at, "--seeds", str(at / "s.csv"))
    if how == "out":
        return asked(at, out="c.doc")
    return asked(at)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("nan", "empty"), ("subtracted", "noise is not that of photons"), ("line", "no plane of pixels"),
        ("gain", "photons"),
        ("text", "no FITS file"), ("psf", "too little light"), ("twice", "twice"), ("zero", "values of --zero-point"),
        ("seeds", "no seed lies on the frame"), ("words", "columns x, y or ra, dec"), ("out", "a catalogue ends in"),
    ],
)  # fmt: skip
def test_bad_input_is_a_clear_word(files: Path, how: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*spoiled(files, how), "--json"]) == 2
    assert said in json.loads(capsys.readouterr().out)["error"]["wrong"]


def test_a_cosmic_ray_under_a_mask_does_no_harm(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, header = fits.getdata(files / "r.fits"), fits.getheader(files / "r.fits")
    data[43:46, 9:12] = 60000.0
    data[45, 14] = np.nan
    fits.writeto(files / "r.fits", data, header, overwrite=True)
    mask = np.zeros(data.shape, dtype=np.uint8)
    fits.writeto(files / "none.fits", mask)
    mask[43:46, 9:12] = 1
    fits.writeto(files / "mask.fits", mask)
    masks = [str(files / f"{name}.fits") for name in ("none", "mask", "none")]
    assert main([*asked(files, "--draws", "0", "--mask", *masks), "--json"]) == 0
    capsys.readouterr()
    table = Table.read(files / "c.fits")
    k = int(np.argmin(np.hypot(table["x"] - 12.0, table["y"] - 44.0)))
    assert abs(table["mag_r"][k] - (22.5 - 1.0857 * 2.5)) < 0.1
    assert table["flags"][k] & 2


def test_saturated_pixels_are_set_aside(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, header = fits.getdata(files / "r.fits"), fits.getheader(files / "r.fits")
    header["SATURATE"] = 50000.0
    data[43:46, 11:14] = 50000.0
    fits.writeto(files / "r.fits", data, header, overwrite=True)
    assert main([*asked(files, "--draws", "0"), "--json"]) == 0
    capsys.readouterr()
    table = Table.read(files / "c.fits")
    k = int(np.argmin(np.hypot(table["x"] - 12.0, table["y"] - 44.0)))
    assert abs(table["mag_r"][k] - (22.5 - 1.0857 * 2.5)) < 0.2
    assert table["flags"][k] & 2


def test_two_sources_on_one_pixel_are_flagged(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "s.csv").write_text("x,y\n12.1,44.0\n11.9,44.1\n")
    assert main([*asked(files, "--seeds", str(files / "s.csv"), "--draws", "0", out="c.csv"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sources"] == 2
    table = Table.read(files / "c.csv", format="ascii.csv")
    light = 10 ** (-0.4 * (table["mag_r"] - 22.5))
    assert light.sum() == pytest.approx(np.exp(2.5), rel=0.15)
    assert table["flags"][int(np.argmin(light))] & (4 | 64 | 128)


def test_a_band_alone_and_a_frame_without_coordinates_will_do(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, header = fits.getdata(files / "r.fits"), fits.Header()
    header["FILTER"], header["GAIN"] = "r", 2.0
    fits.writeto(files / "r.fits", data, header, overwrite=True)
    words = asked(files, "--draws", "0", frames=("r",))
    assert main([*words, "--json"]) == 2
    assert "no world coordinates" in json.loads(capsys.readouterr().out)["error"]["wrong"]
    assert main([*words, "--scale", "0.396", "--json"]) == 0
    assert "ra" not in Table.read(files / "c.fits").colnames
    capsys.readouterr()
    assert main([*words, "--scale", "0.396", "--by", "amortised", "--json"]) == 2
    assert "five bands alone" in json.loads(capsys.readouterr().out)["error"]["wrong"]
    assert main([*words, "--scale", "0.396", "--blocks", "100", "--page", str(files / "p.html"), "--json"]) == 2
    assert "no picture of the whole field" in json.loads(capsys.readouterr().out)["error"]["wrong"]


@pytest.mark.skipif(not any((f / "sdss").is_dir() for f in folders()), reason="the SDSS files are not here")
def test_a_piece_of_sdss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = next(f / "sdss" / "002583-2-0136" for f in folders() if (f / "sdss").is_dir())
    frames = [str(at / f"frame-{b}-002583-2-0136.fits.bz2") for b in "r"]
    words = ["catalog", *frames, "--psf", str(at / "psField-002583-2-0136.fits"), "--cut", "1700:1800,100:200"]
    assert main([*words, "-o", str(tmp_path / "c.fits"), "--draws", "0", "--json"]) == 0
    stated = json.loads(capsys.readouterr().out)
    assert stated["bands"] == ["r"]
    assert stated["sources"] > 3
    table = Table.read(tmp_path / "c.fits")
    assert (np.abs(table["ra"] - 323.3) < 0.3).all()


def test_crowded_stars_are_told_apart() -> None:
    rng = np.random.default_rng(8)
    truth = [
        np.concatenate([rng.uniform(5, 35, 2), rng.normal(2.0, 0.7) + np.array([-0.4, 0.0, 0.2])]) for _ in range(24)
    ]
    columns, _ = catalog(field(truth, 40, 2), Plan(("star",), draws=0, crowded=True))
    found = np.stack([columns["x"], columns["y"]], axis=1)
    match = matched(
        np.array([t[:2] for t in truth]), np.array([22.5 - 1.0857 * t[3] for t in truth]), found, columns["mag_r"]
    )
    assert match.completeness > 0.8
    assert match.purity > 0.8
    assert match.f1 == pytest.approx(2 * match.completeness * match.purity / (match.completeness + match.purity))
    with_sep, _ = catalog(field(truth, 40, 2), Plan(("star",), draws=0))
    assert len(with_sep["x"]) < len(found)


def test_matching_is_one_to_one() -> None:
    truth, mag = np.array([[0.0, 0.0], [0.3, 0.0], [9.0, 9.0]]), np.array([20.0, 20.0, 20.0])
    match = matched(truth, mag, np.array([[0.1, 0.0], [9.0, 9.1], [5.0, 5.0]]), np.array([20.1, 21.0, 20.0]))
    assert (match.completeness, match.purity) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
