"""The verdict as a sentence for a paper: what was compared, by what, with which outcome and reach; by which version."""

from __future__ import annotations

from collections.abc import Sequence

from simulacra.core.verdict import Verdict
from simulacra.reports.numbers import p_value, times
from simulacra.runs import Run

COPIES = "copies"  # the judge that looks for training samples among the draws


def sentence(run: Run) -> str:
    """Two or three sentences to paste; empty where no judge has spoken."""
    verdicts = list(run.verdicts.values())
    if not verdicts:
        return ""
    record = run.record
    first = verdicts[0]
    sizes = f"{first.n_model:,} generated samples with {first.n_truth:,} true samples"
    unseen = "" if "files" in record else " that no training had seen"
    n = len(verdicts)
    judges = "one calibrated judge" if n == 1 else f"{n} calibrated judges"
    says = [
        f"We compared {sizes}{unseen} by {judges} (Simulacra {record['versions'].get('simulacra', '')}, seed "
        f"{record['seed']}; p-values by relabeling, adjusted by Holm's method; distances in noise floors, the median "
        "distance of two sets of one law)."
    ]
    differ = sorted((v for v in verdicts if v.word == "differs"), key=lambda v: -(v.ratio or 0))
    fine = [v for v in verdicts if v.word in ("consistent", "no difference seen")]
    blunt = [v for v in verdicts if v.word == "unsure"]
    copied = [v for v in differ if v.judge == COPIES]
    differ = [v for v in differ if v.judge != COPIES]
    if differ:
        found = _and([f"{v.judge} ({_p(v)}, {times(v.ratio).replace(' ×', '')} noise floors)" for v in differ])
        says.append(f"The samples differ from the truth in {found}.")
        wrong = [effect.words for v in differ for effect in v.effects[:1]][:3]
        says += [f"The largest effects are: {'; '.join(wrong)}."] if wrong else []
    if copied:
        says.append(f"More of them lie near training samples than chance allows ({_p(copied[0])}): they hold copies.")
    if fine:
        reach = [f"{v.judge}, which {v.reach_words}" if v.reach_words else v.judge for v in fine]
        says.append(f"No difference was found in {_and(reach)}.")
    if blunt:
        says.append(f"Too few samples were at hand to say anything of {_and([v.judge for v in blunt])}.")
    return " ".join(says)


def _p(verdict: Verdict) -> str:
    return f"p {p_value(verdict.p)}"


def _and(parts: Sequence[str]) -> str:
    """Parts of a sentence joined; by semicolons where a part has commas of its own."""
    if len(parts) < 2:
        return "".join(parts)
    mark = "; " if any("," in part for part in parts) else ", "
    return mark.join(parts[:-1]) + f"{';' if mark == '; ' else ''} and {parts[-1]}"
