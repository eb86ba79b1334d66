"""The words of a report: verdicts as sentences, for the page and for the terminal alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulacra.core.verdict import Verdict
from simulacra.pictures.style import VARIANTS
from simulacra.reports import foretold
from simulacra.reports.numbers import p_value, times
from simulacra.reports.sections import denoised, imputed, mutations, prediction
from simulacra.runs import Run

WORDS = ("differs", "consistent", "no difference seen", "unsure")
SYMBOLS = {"differs": "≠", "consistent": "≈", "no difference seen": "~", "unsure": "?"}
CEILING = ("copycat",)  # what repeats training samples is no rival: it shows what the judges would grant at best
CLOSE = 1.15  # two sets that both differ, with ratios this near one another, are level

EXPLANATIONS = (
    (
        "A judge turns each sample into a few numbers and asks whether those of the model and those of unseen truth "
        "could come from one law: it differs when chance alone would seldom make such a gap (p, the probability "
        "that it would, adjusted over all judges, is at most 0.05), is consistent when no gap was seen though one "
        "of the size asked for would have been (no difference seen: when nobody asked for a size), and unsure when no "
        "gap was seen but the judge is too blunt, at this number of samples, to say."
    ),
    (
        "The noise floor is the typical distance between two sets that do come from one law, at these numbers of "
        "samples: at 1 × nothing but chance need be at work. With more samples the floor sinks, so that the same fault "
        "is more times the floor. How far apart the laws are, in percent, does not depend on the number of samples."
    ),
    (
        "Reach is the smallest planted defect that the same judge, with the same number of samples, catches at "
        "least four times in five: it says how much a consistent verdict is worth."
    ),
    (
        "How many samples may be used: the number from which on the judge, more often than not, rejects them beside "
        "as many true ones; and how many training sets' worth of true samples have the same errors, in bins that truth "
        "fills equally."
    ),
)


def summary(run: Run) -> list[str]:
    """Three lines for the terminal: what was asked and the verdict, the judges, and how the baselines fared."""
    record = run.record
    asked = str(record.get("question") or record.get("title") or record.get("study", "")).strip()
    table = run.all_verdicts
    verdicts = table.get("model", {})
    scored = mutations.sentences(mutations.table_of(run))
    if scored:
        return [one_line(f"{asked} {mutations.headline(run)}"), *map(one_line, scored[:2])]
    if filled := imputed.sentences(run):
        return [one_line(f"{asked} {imputed.headline(run)}"), *map(one_line, filled)]
    told = prediction.table_of(run)
    if told:
        return [one_line(f"{asked} {prediction.headline(run)}"), *map(one_line, prediction.sentences(told)[1:3])]
    stated = foretold.sentences(foretold.table_of(run)) or denoised.sentences(run)
    if stated:
        return [
            one_line(f"{asked} {stated[0]}"),
            one_line(f"{headline(verdicts, run.state)} {by_word(verdicts)}"),
            one_line(" ".join(stated[1:]) or "No other baseline was asked."),
        ]
    return [
        one_line(f"{asked} {headline(verdicts, run.state)}"),
        one_line(by_word(verdicts) or f"No judge has spoken: the run is in state {run.state}."),
        one_line(against(table) or "No baseline was judged."),
    ]


def one_line(text: str) -> str:
    """Text without line breaks."""
    return " ".join(text.split())


def headline(verdicts: Mapping[str, Verdict], state: str = "done") -> str:
    """The verdict in one sentence."""
    n = len(verdicts)
    if not n:
        return "There is no verdict yet." if state == "running" else "There is no verdict."
    stated = sum(v.word == "differs" for v in verdicts.values())
    blunt = sum(v.word == "unsure" for v in verdicts.values())
    fine = n - stated - blunt
    all_, none = {
        1: ("The one judge distinguishes", "The one judge does not distinguish"),
        2: ("Both judges distinguish", "Neither judge distinguishes"),
    }.get(n, (f"All {n} judges distinguish", f"None of {n} judges distinguishes"))
    if stated == n:
        return f"{all_} the model from the truth."
    if stated:
        rest = _and([f"{fine} {_find(fine)} no difference" if fine else "", f"{blunt} cannot say" if blunt else ""])
        verb = "distinguishes" if stated == 1 else "distinguish"
        return f"Of {n} judges {stated} {verb} the model from the truth; {rest}."
    if fine == n:
        return f"{none} the model from the truth, within {'its' if n == 1 else 'their'} reach."
    if blunt == n:
        return f"{none} the model from the truth, but {'it is' if n == 1 else 'all are'} too blunt to say."
    return f"{none} the model from the truth, but {blunt} {_are(blunt)} too blunt to say."


def by_word(verdicts: Mapping[str, Verdict]) -> str:
    """Which judges said what, with the most informative number."""
    found = []
    for word in WORDS:
        group = sorted((v for v in verdicts.values() if v.word == word), key=lambda v: -(v.ratio or 0))
        if not group:
            continue
        if word == "differs":
            stated = [
                f"{v.judge} ({times(v.ratio)} the floor)" if i == 0 else f"{v.judge} ({times(v.ratio)})"
                for i, v in enumerate(group)
            ]
        else:
            stated = [
                f"{v.judge} ({v.reach_words})" if i == 0 and v.reach_words else v.judge for i, v in enumerate(group)
            ]
        found.append(f"{SYMBOLS[word]} {word}: {', '.join(stated)}")
    return "; ".join(found) + "." if found else ""


def judge_sentence(verdict: Verdict) -> str:
    """One judge's finding."""
    p = f"p {p_value(verdict.p)}"
    reach = f" It {verdict.reach_words}." if verdict.reach_words else ""
    if verdict.judge == "copies":
        return _on_copies(verdict, p, reach)
    if verdict.word == "differs":
        return f"The model differs: its distance from the truth is {times(verdict.ratio)} the noise floor ({p})."
    if verdict.word in ("consistent", "no difference seen"):
        return f"No difference was seen ({times(verdict.ratio)} the noise floor, {p}).{reach}"
    asked = (
        " That is more than this study asked to be caught."
        if verdict.asked is not None and verdict.reach is not None
        else ""
    )
    return (
        f"No difference was seen ({times(verdict.ratio)} the noise floor, {p}), but that settles little.{reach}{asked}"
    )


def _on_copies(verdict: Verdict, p: str, reach: str) -> str:
    """Whether the model repeats its training samples."""
    if verdict.word == "differs":
        return f"The model copies: its samples keep to the training set as unseen truth does not ({p})."
    doubt = "" if verdict.word in ("consistent", "no difference seen") else ", but that settles little"
    return f"No sign of copying was seen ({p}){doubt}.{reach}"


def outcome(model: Verdict, other: Verdict) -> int:
    """+1 where the model is closer to the truth than the other set, −1 where it is farther, 0 where they are level."""
    if (model.word == "differs") != (other.word == "differs"):
        return -1 if model.word == "differs" else 1
    if model.word != "differs" or model.ratio is None or other.ratio is None:
        return 0
    if model.ratio * CLOSE < other.ratio:
        return 1
    return -1 if other.ratio * CLOSE < model.ratio else 0


def against(table: Mapping[str, Mapping[str, Verdict]]) -> str:
    """Whether the model beats what a careful scientist would have used instead."""
    model = table.get("model", {})
    won: list[str] = []
    level: list[str] = []
    lost: list[str] = []
    ceiling: list[str] = []
    for name, row in table.items():
        both = [judge for judge in model if judge in row]
        if name in ("model", *VARIANTS) or not both:
            continue
        if name in CEILING:
            stated = sum(row[judge].word == "differs" for judge in both)
            ceiling.append(
                f"{name}, which repeats training samples, is distinguished by {stated or 'none'} of {len(both)}"
            )
            continue
        scores = [outcome(model[judge], row[judge]) for judge in both]
        count = f"{name} ({_tally(scores)})"
        (won if sum(scores) > 0 else lost if sum(scores) < 0 else level).append(count)
    parts = [
        f"The model beats {_and(won)}" if won else "",
        f"{'it' if won else 'The model'} is level with {_and(level)}" if level else "",
        f"{'it' if won or level else 'The model'} does not beat {_and(lost)}" if lost else "",
        *ceiling,
    ]
    text = "; ".join(part for part in parts if part)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def state_sentence(run: Run) -> str:
    """How the run stands, where it is not simply done."""
    record = run.record
    step = max((int(row["step"]) for row in run.metrics if isinstance(row.get("step"), int)), default=0)
    reached = f" Training had reached step {step:,}." if step else ""
    why = "; ".join(one_line(line) for line in str(record.get("why") or "").splitlines() if line.strip())
    stated = f" {why[0].upper()}{why[1:]}{'' if why.endswith(('.', '!', '?')) else '.'}" if why else ""
    state = run.state
    if state == "running":
        return f"This run is still going; the page shows what there is so far.{reached}"
    if state == "failed":
        return f"This run failed.{stated}{reached} What is shown below is all that it left."
    if state == "interrupted":
        return (
            f"This run was interrupted before its end.{stated}{reached} Resumed, it goes on from its last saved state."
        )
    return ""


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _find(n: int) -> str:
    return "finds" if n == 1 else "find"


def _tally(scores: Sequence[int]) -> str:
    counts = {"closer to the truth": scores.count(1), "level": scores.count(0), "farther": scores.count(-1)}
    named = [(word, n) for word, n in counts.items() if n]
    if len(named) == 1:
        return (
            f"{named[0][0]} in { {1: 'the one judge', 2: 'both judges'}.get(len(scores), f'all {len(scores)} judges') }"
        )
    return f"{_and([f'{word} in {n}' for word, n in named])} of {len(scores)} judges"


def _and(parts: Sequence[str]) -> str:
    kept = [part for part in parts if part]
    return ", ".join(kept[:-1]) + (" and " if len(kept) > 1 else "") + kept[-1] if kept else ""
