"""Every kind of sample can be seen, on one common scale, and every drawing is the same each time."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.kinds.base import kind_of
from simulacra.pictures import mosaic
from simulacra.pictures.base import common, kinds, of
from simulacra.pictures.movie import gif
from simulacra.pictures.sheet import write_sheet
from simulacra.pictures.style import Panel, pens, short, svg
from simulacra.reports.figures import conditional, curves, null, plane, training

Array = np.ndarray[Any, Any]
STRANGE = "E$_x <b>&\"'磁化"


def samples(kind: str, n: int = 12, seed: int = 0, scale: float = 1.0) -> Samples:
    rng = np.random.default_rng(seed)
    if kind in ("catalog", "graph", "molecule_graph"):
        return kind_of(kind).example(n, rng)
    x = {
        "lattice": lambda: rng.choice([-1, 1], (n, 8, 8)).astype(np.int8),
        "field": lambda: (scale * rng.standard_normal((n, 9, 9))).astype(np.float32),
        "picture": lambda: rng.random((n, 10, 12, 3), dtype=np.float32),
        "series": lambda: np.where(rng.random((n, 40)) < 0.1, np.nan, rng.standard_normal((n, 40))),
        "pulse": lambda: rng.standard_normal((n, 40)),
        "volume": lambda: rng.integers(0, 2, (n, 6, 8, 8)).astype(np.uint8),
        "smiles": lambda: rng.choice(["CCO", "c1ccccc1", "CC(=O)N", "C1CC1"], n),
        "vector": lambda: rng.standard_normal((n, 5)).astype(np.float32),
        "shower": lambda: rng.exponential(9, (n, 4, 5, 5)).astype(np.float32) * (rng.random((n, 4, 5, 5)) < 0.3),
        "molecule": lambda: np.concatenate(
            [rng.choice([1.0, 6.0, 8.0], (n, 5, 1)), rng.standard_normal((n, 5, 3))], 2
        ).astype(np.float32),
    }[kind]()
    return Samples.of(
        x, kind, "mK" if kind == "field" else "1", given={"temperature": np.repeat([1.5, 2.5, 3.5], n // 3)}
    )


def features(n: int, k: int, seed: int = 0, shift: float = 0.0) -> Array:
    return np.random.default_rng(seed).standard_normal((n, k)) + shift


def judged(k: int, at: tuple[Any, ...], log: bool = False, strata: int = 0) -> dict[str, Array]:
    names = ("truth", "model", STRANGE)
    arrays = {f"features.{name}": features(60, k, i, 0.5 * i) for i, name in enumerate(names)}
    if strata:
        arrays |= {f"given.{name}": np.repeat(np.arange(strata), 60 // strata) for name in names}
    about = {"axis.quantity": STRANGE, "axis.label": "wavenumber", "axis.unit": "h/Mpc", "axis.at": at, "axis.log": log}
    return arrays | {key: np.array(value) for key, value in about.items()}


def drawn(panel: Panel) -> ET.Element:
    return ET.fromstring(svg(panel.figure))


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_becomes_tiles_of_whole_pixels(kind: str) -> None:
    s = samples(kind)
    image = mosaic.grid(s, n=8, columns=4)
    assert image.dtype == np.uint8 and image.shape[2] == 4
    tile = mosaic.enlarge(of(kind).tiles(s.array[:1], common([s])))[0]
    assert np.array_equal(image[: tile.shape[0], : tile.shape[1], :3], tile)
    back = np.asarray(Image.open(io.BytesIO(mosaic.png(image))).convert("RGBA"))
    assert np.array_equal(back[..., 3], image[..., 3])
    assert np.array_equal(back[image[..., 3] > 0], image[image[..., 3] > 0])


def test_a_sheet_is_a_png_with_all_samples(tmp_path: Path) -> None:
    path = write_sheet(samples("lattice"), tmp_path / "spins.png")
    with Image.open(path) as image:
        assert image.width > 3 * image.height
    with pytest.raises(BadInput, match=r"PNG"):
        write_sheet(samples("lattice"), tmp_path / "spins.jpg")
    with pytest.raises(BadInput, match="cannot be drawn"):
        write_sheet(Samples.of(np.zeros((3, 2)), "ledger"), tmp_path / "a.png")


def test_an_unknown_kind_is_told_and_imports_nothing() -> None:
    for kind in ("os", "style", "../x", ""):
        with pytest.raises(BadInput, match="cannot be drawn"):
            of(kind)


def test_the_common_scale_is_common() -> None:
    truth, model = samples("field"), samples("field", seed=1, scale=5.0)
    both = common([truth, model])
    assert (both.low, both.high) == (common([truth]).low, common([truth]).high)
    assert both.beyond and both.unit == "mK"
    one = np.full((1, 9, 9), 0.7 * both.high, np.float32)
    first = of("field").tiles(np.concatenate([truth.array, one]), both)[-1]
    assert np.array_equal(first, of("field").tiles(np.concatenate([model.array, one]), both)[-1])


def test_a_field_that_straddles_zero_is_white_there_and_one_that_does_not_is_not_stretched_to_it() -> None:
    straddling = common([samples("field")])
    assert straddling.low == -straddling.high
    positive = common([Samples.of(np.linspace(3, 4, 81).reshape(1, 9, 9), "field", "K")])
    assert positive.low > 2.9


def test_numbers_that_are_none_and_constant_fields_are_drawn() -> None:
    x = np.full((2, 4, 4), np.nan)
    assert of("field").tiles(x, common([Samples.of(x, "field")])).shape == (2, 4, 4, 3)
    assert common([Samples.of(np.ones((2, 4, 4)), "field")]).low < 1


def test_a_bar_gives_the_unit() -> None:
    assert "mK" in svg(mosaic.colorbar(common([samples("field")]), "temperature"))


def test_rows_by_condition_hold_their_own_samples() -> None:
    s = samples("lattice")
    rows = conditional.rows({"truth": s, "model": s}, "temperature", columns=2)
    assert [row.label for row in rows] == ["temperature 1.5", "temperature 2.5", "temperature 3.5"]
    scale = common([s])
    assert np.array_equal(rows[1].strips["model"], mosaic.arrange(of("lattice").tiles(s.array[4:6], scale), 2))
    assert len(svg(conditional.figure({"truth": s, "model": s}, "temperature"))) > 1000


def test_conditions_are_told_apart_by_name_by_value_or_by_parts() -> None:
    assert [label for label, _ in conditional.parts(np.array(["spiral", "elliptical", "spiral"]))] == [
        "elliptical",
        "spiral",
    ]
    many = conditional.parts(np.linspace(0, 1, 100))
    assert len(many) == conditional.MOST
    assert sum(conditional.within(np.linspace(0, 1, 100), part) for _, part in many).min() >= 1


def test_the_temperature_nearest_the_transition_is_among_those_shown() -> None:
    twelve = np.repeat(np.linspace(1.8, 3.2, 12), 10)
    shown = [float(label) for label, _ in conditional.parts(twelve, 3, kind_of("lattice").landmarks["temperature"])]
    assert (shown[0], shown[-1], len(shown)) == (1.8, 3.2, 3)
    assert min(abs(t - 2.269) for t in shown) == pytest.approx(min(abs(t - 2.269) for t in twelve), abs=0.01)
    assert "2.31" in [label for label, _ in conditional.parts(twelve, 3, 2.269)]
    assert "2.31" not in [label for label, _ in conditional.parts(twelve, 3)]


def test_a_movie_has_its_frames_on_one_palette() -> None:
    frames = samples("field", n=9)
    film = Image.open(io.BytesIO(gif(frames, seconds=0.08)))
    found = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(film)]
    assert len(found) == 9 and film.info["duration"] == 80
    tiles = mosaic.enlarge(of("field").tiles(frames.array, common([frames])), 224)
    assert np.abs(found[4].astype(int) - tiles[4]).max() <= 24  # 256 colors for all frames together


@pytest.mark.parametrize(
    ("judge", "panels"),
    [
        (judged(6, (1.0, 2, 4, 8, 16, 32), log=True), 2),
        (judged(6, (1.0, 2, 4, 8, 16, 32), strata=3), 2),
        (judged(1, (0.0,)), 1),
        (judged(1, (0.0,), strata=4), 2),
        (judged(3, ("mean", "_spread", "磁化")), 1),
        ({"features.truth": np.full((4, 1), 2.0)}, 1),
        ({"features.truth": np.full((4, 2), np.nan), "features.model": np.ones((1, 2))}, 2),
        ({"observed": np.array(1.0)}, 0),
    ],
)
def test_features_of_every_sort_are_drawn(judge: Mapping[str, Array], panels: int) -> None:
    found = curves.panels(judge, "temperature")
    assert len(found) == panels
    for panel in found:
        assert panel.alt and panel.caption
        assert drawn(panel).tag.endswith("svg")


def test_a_drawing_is_the_same_each_time_and_loads_nothing() -> None:
    one, two = (svg(curves.panels(judged(4, (1.0, 2, 3, 4)))[0].figure) for _ in range(2))
    assert one == two
    assert "http" not in one.replace("http://www.w3.org", "")


@pytest.mark.parametrize("observed", [0.5, 1.0, 4.0, 900.0, -0.1])
def test_the_null_is_drawn_with_what_was_observed(observed: float) -> None:
    panel = null.panel({"null": np.random.default_rng(0).gamma(2, 0.5, 99), "observed": np.array(observed)})
    assert panel is not None and "floor" in svg(panel.figure)
    assert null.panel({"null": np.zeros(9), "observed": np.array(observed)}) is not None
    assert null.panel({"observed": np.array(observed)}) is None


def test_training_is_drawn_a_figure_a_player_with_the_best_step() -> None:
    rows: list[dict[str, Any]] = [
        {"step": s, "losses": {"critic/gap": 5.0 / (s + 1), "generator/score": -1.0 * s}, "gradient": {"critic": 1.0}}
        for s in range(60)
    ]
    rows += [
        {"step": s, "validation": {"critic/gap": 1.0}, "look": {"score": abs(s - 30) + 1.0, "spread": 1}}
        for s in (10, 30, 50)
    ]
    panels = training.panels(rows, [{"name": STRANGE, "step": 20}, {"name": "no step"}])
    assert len(panels) == 3
    assert all("kept: step 30" in svg(panel.figure) for panel in panels)
    assert training.panels([]) == [] and training.best_step([{"step": 1, "losses": {"model/x": None}}]) is None


def looked(step: int, ratios: dict[str, float], stated: list[str], twins: int = 0) -> dict[str, Any]:
    copies = {"twins": twins, "of": 100, "expected": 0.5, "p": 0.5, "told": twins > 20}
    look = {"score": float(np.mean(list(ratios.values()))), "spread": 0.9, "ratio": ratios, "told": stated}
    return {"step": step, "validation": {"model/a": 1.0}, "look": look | {"copies": copies}}


def test_the_looks_are_drawn_by_judge_with_who_told_the_kept_step_and_the_alarms_names() -> None:
    rows: list[dict[str, Any]] = [{"step": s, "losses": {"model/a": 1.0}} for s in range(40)]
    rows += [
        looked(10, {STRANGE: 900.0, "energy": 40.0}, [STRANGE, "energy"]),
        looked(20, {STRANGE: 3.0, "energy": 1.1}, [STRANGE]),
        looked(30, {STRANGE: 2.0, "energy": 0.7}, [STRANGE, "energy", "copies"], twins=40),
        {"step": 15, "glance": {"spread": 0.8, "copies": None}},
    ]
    alarms = [{"name": "copying", "step": 30}, {"name": "collapse", "step": 5}, {"name": "no step"}]
    assert training.best_step(rows) == 20  # the fewest told, though the last scored lower
    panel = training.panels(rows, alarms)[-1]
    text = svg(panel.figure)
    for words in (
        "× floor",
        "energy",
        "not distinguished",
        "as between true sets",
        "kept: step 20",
        "⚠ copying",
        "⚠ collapse",
    ):
        assert words in text
    top, low = panel.figure.axes
    assert top.get_yscale() == "log"
    assert top.get_ylim()[0] < 0.7 < 900 < top.get_ylim()[1]
    filled = {float(v) for line in top.lines if line.get_markerfacecolor() != "none" and line.get_marker() in "os"
              for v in line.get_ydata()}  # fmt: skip
    assert filled == {900.0, 40.0, 3.0, 2.0, 0.7}
    assert [list(line.get_ydata()) for line in low.lines[1:5]] == [[80.0], [90.0] * 3, [], [0.0, 0.0, 40.0]]
    assert "2" in panel.alt and "0.7" in panel.alt


def test_looks_of_an_older_log_are_drawn_by_their_score() -> None:
    rows = [{"step": s, "look": {"score": 3.0 / s, "spread": 1.0, "energy": 2.0}} for s in (1, 2)]
    (panel,) = training.panels(rows)
    assert "distance from validation" in svg(panel.figure) and training.best_step(rows) == 2


def test_without_a_score_one_players_validation_loss_tells_the_best_step() -> None:
    rows = [{"step": s, "validation": {"model/a": abs(s - 2.0), "model/b": 1.0}} for s in range(5)]
    assert training.best_step(rows) == 2
    assert training.best_step([{"step": 1, "validation": {"critic/a": 1.0, "generator/b": 1.0}}]) is None


def test_roles_keep_their_pens() -> None:
    few, many = pens(["truth", "model", "PCA"]), pens(["truth", "model", "decoder mean", "PCA", "copycat"])
    assert few["truth"] == many["truth"] and few["model"] == many["model"] and few["PCA"] == many["PCA"]
    styles = [(pen.color, str(pen.dash)) for pen in many.values()]
    assert len(set(styles)) == len(styles)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.05, "0.05"), (-250, "−250"), (1e-5, "10⁻⁵"), (2e6, "2·10⁶"), (12000, "12000")]
)
def test_ticks_are_plain(value: float, text: str) -> None:
    assert short(value) == text


def test_points_of_a_plane_are_dots_on_one_scale() -> None:
    rng = np.random.default_rng(0)
    sets = {name: Samples.of(rng.normal(i, 1, (50, 2)), "vector", "km") for i, name in enumerate(("truth", "model"))}
    found = plane.panel(sets)
    assert found is not None
    shown = [axes for axes in found.figure.axes if axes.get_visible()]
    assert [axes.get_title() for axes in shown] == ["truth", "model"]
    assert len({axes.get_xlim() for axes in shown}) == 1
    assert "km" in str(found.figure.get_supxlabel())
    assert "50 of truth" in found.caption
    assert plane.panel({"truth": Samples.of(rng.normal(size=(9, 3)), "vector")}) is None
