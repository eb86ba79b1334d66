"""What the command says of a verdict: how wrong, what was not looked for, what must be known first."""

from __future__ import annotations

from typing import Any

from simulacra.core.verdict import Effect, Verdict
from simulacra.verbs.judge import words

EFFECT = Effect("age 9.9 % too high (8.0 to 12 %)", "age", "mean", "", 9.9, 8.0, 12.0, "%")


def stated(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any entry of the answer
    verdict = Verdict("values", "differs", 0.001, 0.001, 31.0, 0.1, "would have caught 10%", None, 50, 50)
    row = Verdict(**{**verdict.__dict__, "effects": (EFFECT,)}).to_dict()
    whole = {"samples": "a.csv", "truth": "b.csv", "sizes": {"model": 50, "truth": 50}, "warnings": [], "left": {}}
    return {**whole, "verdicts": {"values": row}, "run": "runs/x", "report": None, **changes}


def test_how_wrong_stands_behind_the_noise_floor() -> None:
    lines = words(stated()).splitlines()
    assert any("31 × the noise floor" in line and line.endswith(EFFECT.words) for line in lines)


def test_that_copying_was_not_looked_for_is_said_where_no_training_set_was_given() -> None:
    assert "copies: not looked for" in words(stated())
    assert "not looked for" not in words(stated(sizes={"model": 50, "truth": 50, "train": 90}))


def test_warnings_come_before_the_verdicts() -> None:
    lines = words(stated(warnings=["the model's rows are like the row before them"])).splitlines()
    at = lines.index("warning: the model's rows are like the row before them")
    assert at < next(i for i, line in enumerate(lines) if line.startswith("values: differs"))


def test_the_lines_say_how_many_strings_are_valid() -> None:
    counted = {"truth": {"n": 200, "valid": 200}, "model": {"n": 200, "valid": 193}}
    found = words(stated(counted=counted)).splitlines()
    assert "valid: truth 200 of 200 (100.0%), model 193 of 200 (96.5%)" in found
