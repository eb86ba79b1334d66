"""Pages of runs: the list, one run and how it stands, several side by side."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from simulacra.core.errors import BadInput, BadRun
from simulacra.core.report_process import in_own_process
from simulacra.core.verdict import Verdict
from simulacra.pictures.mosaic import affordable, grid, png
from simulacra.reports import compare, paper, sentence, table
from simulacra.reports.markup import Drawer, spread_out
from simulacra.reports.sections.base import Page
from simulacra.reports.space import Space
from simulacra.runs import Run
from simulacra.studio import curves, jobs, listing, notes
from simulacra.studio.course import Course, course
from simulacra.studio.fan_chart import foretold
from simulacra.studio.views import HERE, of, text
from simulacra.studio.within import file_of, run_named

MOST_COMPARED = 6
FIRST = "began"  # the column whose largest come first
SHEET = 16  # samples of a set on a run's page


def index(request: Request) -> Response:
    """All runs."""
    studio, asked = of(request), request.query_params
    find, order = asked.get("find", "")[:200], asked.get("order", "began")
    order = order if order in listing.COLUMNS else "began"
    down = asked.get("down", "1") == "1"
    heads = [
        {
            "name": name,
            "words": words,
            "query": urlencode(
                {"find": find, "order": name, "down": int(not down if name == order else name in FIRST)}
            ),
            "sort": ("descending" if down else "ascending") if name == order else "none",
        }
        for name, words in listing.COLUMNS.items()
    ]
    rows = listing.rows(studio.place, find, order, down)
    going = [job for job in jobs.every(studio.place) if job.state == "running" and not job.run(studio.place)]
    return studio.page(
        "runs.html", rows=rows, heads=heads, find=find, order=order, down=int(down), going=going, here="runs",
        folder=studio.place.runs,
    )  # fmt: skip


def show(request: Request) -> Response:
    """One run."""
    studio = of(request)
    run = run_named(studio.place, request.path_params["name"])
    page = Page(run)
    job = jobs.of_run(studio.place, run.name)
    record = page.record
    values: dict[str, Any] = {
        "run": run,
        "record": {"title": run.name, "question": "", **record},
        "notes": notes.of(run),
        "sets": list(page.sets),
        "shown": {name: affordable(x, SHEET) for name, x in page.sets.items()},
        "scale": page.scale,
        "bar": page.bar,
        "settings": list(page.mapping("settings").items()),
        "helps": page.mapping("settings_help"),
        "report": file_of(run, "report.html") is not None,
        "model": file_of(run, "model.safetensors") is not None and file_of(run, "model.json") is not None,
        "foretold": foretold(run),
        "resumable": run.state in ("interrupted", "failed") and "files" not in record,
        "log": job.log if job else "",
        "paper": paper.sentence(run) if run.state == "done" else "",
        "explanations": sentence.EXPLANATIONS,
        "here": "runs",
    }
    return studio.page("run.html", **values, **live(run), skipped=page.skipped)


def live(run: Run) -> dict[str, Any]:
    """What changes while a run goes on."""
    record, page = run.record, Page(run)
    told = page.take("metrics.jsonl", lambda: course(run), Course({}, [], 0, 0, "", ""))
    everyone = page.everyone
    names = [name for name in everyone if name != "model"]
    return {
        "name": run.name,
        "state": run.state,
        "state_sentence": page.take("metrics.jsonl", lambda: sentence.state_sentence(run), ""),
        "headline": sentence.headline(page.verdicts, run.state),
        "course": told,
        "alarms": [{"name": "", "seen": "", "advice": "", "step": None, **a} for a in record.get("alarms") or []],
        "stages": [(str(k), v) for k, v in (record.get("cost") or {}).items()],
        "baselines": names,
        "lines": table.lines([page.verdicts, *(everyone[name] for name in names)], page.mapping("expect")),
        "losses": curves.drawing(told.losses, "step", "loss", "Each part of the loss in training, over steps."),
        "score": curves.drawing(
            {"score": told.score},
            "step",
            "score (truth: 1)",
            "How far the model's samples are from the validation part, over steps; truth has about 1.",
        ),
    }


def picture(request: Request) -> Response:
    """Samples of one set of a run as a PNG, on the run's one scale."""
    run = run_named(of(request).place, request.path_params["name"])
    page, wanted = Page(run), request.path_params["set"]
    if wanted not in page.sets or page.scale is None:
        raise BadRun("this run has no such pictures", wanted[:80], "its page shows those that it has")
    x = page.sets[wanted]
    n = affordable(x, SHEET)
    return Response(png(grid(spread_out(x, n), page.scale, n)), media_type="image/png")


def report(request: Request) -> Response:
    """The run's report as it lies on disk, in a sandbox: whoever wrote it can reach nothing of the studio."""
    path = file_of(run_named(of(request).place, request.path_params["name"]), "report.html")
    if path is None:
        raise BadRun("this run has no report yet", request.path_params["name"], "its page has a button that writes one")
    return sandboxed(FileResponse(path, media_type="text/html"))


def sandboxed(answer: Response) -> Response:
    """A page of a report's making, shut off from the studio; only the bundled scripts of reports run in it."""
    space = Space()
    space.molecules.append({})  # so that the policy names the scripts
    policy = f"sandbox allow-scripts; {space.policy}; frame-ancestors 'self'"
    answer.headers["content-security-policy"] = policy
    return answer


def write_report(request: Request, form: FormData) -> Response:
    """The report, made anew by a process of its own."""
    run = run_named(of(request).place, request.path_params["name"])
    in_own_process(run.folder)
    return RedirectResponse(f"/runs/{run.name}/report", 303)


def stop(request: Request, form: FormData) -> Response:
    """Ask the process to stop."""
    run = run_named(of(request).place, request.path_params["name"])
    jobs.stop(run)
    return RedirectResponse(f"/runs/{run.name}", 303)


def resume(request: Request, form: FormData) -> Response:
    """Go on where the last checkpoint stands."""
    studio = of(request)
    run = run_named(studio.place, request.path_params["name"])
    if run.state not in ("interrupted", "failed"):
        raise BadInput(f"this run is {run.state}", run.name, "only what was interrupted or failed is resumed")
    job = jobs.start(studio.place, ["resume", str(run.folder)], run.name)
    return RedirectResponse(f"/jobs/{job.name}", 303)


def keep_notes(request: Request, form: FormData) -> Response:
    """Tags and a note."""
    studio = of(request)
    run = run_named(studio.place, request.path_params["name"])
    kept = notes.keep(run, text(form, "tags"), text(form, "note"), text(form, "seen"))
    if "hx-request" in request.headers:
        return studio.page("notes_part.html", run=run, notes=kept, saved=True)
    return RedirectResponse(f"/runs/{run.name}#notes", 303)


def side_by_side(request: Request) -> Response:
    """Two to six runs: verdicts, settings that differ, samples, curves."""
    studio = of(request)
    names = list(dict.fromkeys(request.query_params.getlist("run")))
    if not 2 <= len(names) <= MOST_COMPARED:
        raise BadInput(
            f"a comparison takes two to {MOST_COMPARED} runs", str(len(names)), "choose them in the list of runs"
        )
    runs = [run_named(studio.place, name) for name in names]
    drawer, labels = Drawer(), compare.names_of(runs)
    verdicts: list[dict[str, Verdict]] = [run.verdicts for run in runs]
    told = {label: course(run).score for label, run in zip(labels, runs, strict=True)}
    return studio.page(
        "compare_page.html",
        runs=list(zip(labels, runs, strict=True)),
        headlines=[compare.headline(run) for run in runs],
        lead=compare.lead(dict(zip(labels, verdicts, strict=True))),
        lines=table.lines(verdicts),
        settings=compare.differing(runs),
        groups=compare.samples(runs, labels, drawer),
        score=curves.drawing(told, "step", "score (truth: 1)", "How far each model is from truth, over its training."),
        explanations=sentence.EXPLANATIONS,
        here="runs",
    )


def job_page(request: Request) -> Response:
    """A command that goes on; once it has a run, that run's page."""
    studio = of(request)
    job = jobs.named(studio.place, request.path_params["name"])
    name, state = job.run(studio.place), job.state
    if name and (studio.place.runs / name / "run.json").is_file():
        return RedirectResponse(f"/runs/{name}", 303)
    said: dict[str, Any] = job.answer.get("error") or {}
    error = BadInput(str(said.get("wrong")), str(said.get("given")), str(said.get("fix"))) if said else None
    return studio.page("job.html", job=job, state=state, error=error, here="")


def style(request: Request) -> Response:
    """The sheet of the reports, on which the studio's own builds."""
    return FileResponse(HERE.parent / "reports" / "style.css", media_type="text/css")
