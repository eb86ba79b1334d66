"""Begin a run: the form is the study's signature; a forecast before the start; what a reader understands of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from simulacra.core.errors import BadInput, BadShelf, SimulacraError
from simulacra.core.setting import Setting
from simulacra.core.shelf import Entry, shelf
from simulacra.studio import jobs
from simulacra.studio.forecast import forecast
from simulacra.studio.place import Place
from simulacra.studio.views import of, text
from simulacra.studio.within import data_path, own_folder


def studies(request: Request) -> Response:
    """All studies, a line each, by science."""
    rooms: dict[str, list[Entry]] = {}
    for entry in shelf("studies").entries():
        rooms.setdefault(entry.path.parent.name, []).append(entry)
    return of(request).page("studies.html", rooms=rooms, here="new")


def form(request: Request) -> Response:
    """The settings of a study, with their defaults."""
    studio, entry = of(request), _study(request.path_params["study"])
    return studio.page(
        "new.html",
        entry=entry,
        values={s.name: _shown(s.default) for s in entry.settings} | dict(request.query_params),
        seed=request.query_params.get("seed", "0"),
        wrong={},
        forecast=forecast(studio.place, entry.name, {s.name: s.default for s in entry.settings}),
        here="new",
        data=studio.place.data,
    )


def start(request: Request, form: FormData) -> Response:
    """Start the run, or show the form again with what is wrong beside each field."""
    studio, entry = of(request), _study(request.path_params["study"])
    settings, wrong = read(studio.place, entry, form)
    seed = text(form, "seed").strip() or "0"
    if not seed.isdecimal() or len(seed) > 9:
        wrong["seed"] = BadInput("a seed is a whole number of at most nine digits", seed[:40], "for example 0")
    if wrong:
        given = {s.name: text(form, s.name) for s in entry.settings}
        return studio.page(
            "new.html", 422, entry=entry, values=given, seed=seed, wrong=wrong, forecast=None, here="new",
            data=studio.place.data,
        )  # fmt: skip
    words = ["run", entry.name, "--seed", seed, "--out", str(studio.place.runs)]
    words += [f"--{s.option}={_shown(settings[s.name])}" for s in entry.settings if s.name in settings]
    return RedirectResponse(f"/jobs/{jobs.start(studio.place, words).name}", 303)


def read(place: Place, entry: Entry, form: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, SimulacraError]]:
    """Settings that are not the defaults, and what is wrong with any."""
    found: dict[str, Any] = {}
    wrong: dict[str, SimulacraError] = {}
    for setting in entry.settings:
        given = text(form, setting.name).strip()
        if given in ("", _shown(setting.default)):
            if not setting.has_default:
                wrong[setting.name] = BadInput("this study needs it", "nothing", setting.help or "give a value")
            continue
        try:
            value = setting.read(given)
            # a plain word is a name, or a file among the runs
            if value is not None and ("Path" in setting.type or ("str" in setting.type and re.search(r"[/\\]", given))):
                value = data_path(place, given)
        except SimulacraError as error:
            wrong[setting.name] = error
            continue
        if value != setting.default:
            found[setting.name] = value
    return found, wrong


def forecast_part(request: Request) -> Response:
    """The forecast for the settings that the form holds now."""
    studio, entry = of(request), _study(request.path_params["study"])
    found, wrong = read(studio.place, entry, request.query_params)
    if wrong:
        return studio.page("error_part.html", error=next(iter(wrong.values())))
    settings = {s.name: found.get(s.name, s.default) for s in entry.settings}
    return studio.page("forecast_part.html", forecast=forecast(studio.place, entry.name, settings))


def preview(request: Request) -> Response:
    """What the reader understands of a file or a folder, before anything is run on it."""
    studio = of(request)
    asked = next((v for k, v in request.query_params.items() if k not in ("csrf", "seed") and v.strip()), "")
    path = data_path(studio.place, request.query_params.get("path") or asked)
    draws = own_folder(studio.place, "draws")
    told = studio.worker.ask(["look", str(path), "--first", str(draws / "samples.npz")])
    return studio.page("preview_part.html", told=told, draw=draws.name, drawn=(draws / "samples.npz").is_file())


def kind_of_field(setting: Setting) -> str:
    """How a setting is asked for: "choice", "truth", "number", "path" or "text"."""
    if setting.choices:
        return "choice"
    if "bool" in setting.type:
        return "truth"
    if "Path" in setting.type:
        return "path"
    return "number" if setting.type.split(" ")[0] in ("int", "float") else "text"


def _study(name: str) -> Entry:
    if name not in shelf("studies").names():
        raise BadShelf("there is no such study", name[:80], "the list of studies names them all")
    return shelf("studies").entry(name)


def _shown(value: Any) -> str:  # noqa: ANN401 - any setting's value
    """A value as the command line takes it."""
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
