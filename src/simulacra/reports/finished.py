"""What a command says of a finished run: three lines, the alarms, and where everything lies."""

from __future__ import annotations

from typing import Any


def answer_of(run: Any, report: bool) -> dict[str, Any]:  # noqa: ANN401 - a Run
    """What the command line says of a finished run."""
    from simulacra.reports.sections import synthetic
    from simulacra.reports.sections.classes import sentences
    from simulacra.reports.sentence import summary

    path = None
    if report:
        from simulacra.reports.page import write_report

        path = str(write_report(run))
    record = run.record
    return {
        "run": str(run.folder),
        "state": run.state,
        "seconds": record["seconds"],
        "threads": record.get("threads"),
        "verdicts": {name: verdict.to_dict() for name, verdict in run.verdicts.items()},
        "changed": record.get("changed", []),
        "alarms": record["alarms"],
        "summary": [
            *summary(run),
            *([" ".join(sentences(record))] if "classes" in record else []),
            *synthetic.sentences(record),
        ],
        "report": path,
    }


def words(stated: dict[str, Any]) -> str:
    """The three lines, the alarms, and where everything lies."""
    lines = list(stated["summary"])
    lines += [f"alarm: {alarm['seen']}; {alarm['advice']}" for alarm in stated["alarms"]]
    lines.append(f"run     {stated['run']}")
    lines += [f"threads {stated['threads']}; the same numbers need the same: --threads"] if stated["threads"] else []
    lines += [f"report  {stated['report']}"] if stated["report"] else []
    return "\n".join(lines)
