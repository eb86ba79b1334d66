"""A study of mutations: models of a family say what each would do, beside counting letters; it runs to a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.files import write_json
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.proteins.family import FEW, Family
from simulacra.domains.proteins.residues import GAP, frequencies, states_in
from simulacra.domains.proteins.scans import Scan, read_scan
from simulacra.domains.proteins.variants import Placed, place, shifted, singles
from simulacra.domains.proteins.weights import repeated
from simulacra.judging.base import Judge
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch, Counting, Model
from simulacra.models.committee import Committee
from simulacra.models.potts import Potts
from simulacra.models.states import Scoring
from simulacra.running.base import AnyStudy, keep_digest
from simulacra.running.split import digest_of
from simulacra.running.stages import Stage
from simulacra.runs import Run
from simulacra.skill.mutations import ALONE, COUNTS, TOGETHER, Effects, combined, held
from simulacra.sources.proteins.family_file import FamilyFile
from simulacra.training.budget import Budget
from simulacra.training.checkpoint import read_state, write_weights
from simulacra.training.loop import train
from simulacra.views.residues import Residues

FIGURES = "mutations.json"
REPEATS = 4  # rows of the training set for each effective sequence, at least


@dataclass(frozen=True)
class MutationStudy(AnyStudy):
    """What mutations of a query do, by models of its family; a measured scan is looked at once, at the end.

    A tenth of the groups of like sequences is held out: the training is followed and chosen by it. A model that finds
    its weights by itself, of which nothing is chosen, learns from all of them. In the training set sequences are
    repeated as often as their weights say, so that no model needs to know of weights.

    Args:
        source: the family.
        view: from texts to states; gaps are best left missing.
        model: a `Committee`, or one model that scores mutants.
        budget: of the training.
        scan: a table of measured variants; none if empty.
        column: heading of the measurement.
        where: rows of the scan to keep, as "heading=value"; all if empty.
        worse: whether a higher measurement is a worse protein (as of labels where 1 is pathogenic).
        shift: added to the numbers of the scan's variants.
        references: what to cite: title (authors, year), identifier.
        question: what is asked, in one sentence.
        expect: the verdicts on record; there are no judges of samples here.
    """

    source: FamilyFile
    view: Residues
    model: Model
    budget: Budget
    scan: str = ""
    column: str = ""
    where: str = ""
    worse: bool = False
    shift: int = 0

    folder: ClassVar[str] = "mutations"

    def __post_init__(self) -> None:
        if not isinstance(self.model, Committee | Scoring):
            raise BadInput(
                "this model does not score mutants", type(self.model).__name__, "take models/sequence_vae.py or Potts"
            )

    @property
    def judges(self) -> Mapping[str, Judge]:
        """None: a ranking is held against a measurement, not samples against samples."""
        return {}

    @property
    def baselines(self) -> Mapping[str, Any]:
        """What costs nothing: counting letters."""
        return {COUNTS: frequencies}

    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to be resumed."""
        return {
            "source": repr(self.source),
            "view": type(self.view).__name__,
            "budget": self.budget.stated(),
            "parameters": sum(p.numel() for p in self.model.parameters()),
        }

    def about(self) -> dict[str, Any]:
        """Source, view, model and what costs nothing."""
        same = self.identity()
        return {
            "source": same["source"],
            "view": same["view"],
            "model": {"class": type(self.model).__name__, "parameters": same["parameters"]},
            "asked": {},
            "baselines": {COUNTS: "How often each letter stands in each column, and nothing else."},
        }

    def stages(self, run: Run, stage: Stage, seed: int) -> None:
        """The family, training, the scores of all mutants, and how they rank measured ones."""
        with stage("data"):
            family, whole = self.source.family(), self.source.read()
            measured = self.measured(family)
            parts = held_out(whole)
            keep_digest(run, digest_of(parts), sizes={k: len(v) for k, v in parts.items()}, origin=whole.origin)
        view = self.view.fit(parts["train"])
        trained = Trained(self.model, view, {}, f"{type(self.model).__name__} of run {run.name}", {})
        trained.save(run)
        with stage("train"):
            rng = stream(seed, "family, repeated")
            learned, chosen = (weighed(parts[name], view, rng) for name in ("train", "validation"))
            if isinstance(self.model, Counting):
                effective = max(2, round(float(parts["train"].given["weight"].sum())))
                rows = repeated(parts["train"].given["weight"], effective, rng)
                self.model.count(Batch(view.forward(parts["train"].but(given={})).x[rows]))
            if isinstance(self.model, Committee) and self.model.solved and read_state(run.folder) is None:
                x = view.forward(whole.but(given={})).x
                self.model.solve(Batch(x), x.new_tensor(np.asarray(whole.given["weight"])))
            if self.model.turns():
                train(self.model, learned, chosen, self.budget, seed, run)
            else:
                write_weights(run.folder, self.model.state_dict())
        with stage("score"):
            all_singles = singles(family)
            effects = score(self.model, view, family, all_singles)
            keep(run, family, all_singles, effects, contacts_of(self.model))
        with stage("compare"):
            stated: dict[str, Any] = {"family": about_family(family), "methods": list(effects.score)}
            if measured is not None:
                scan, placed = measured
                known = looked_up(placed, all_singles, effects)
                found = score(self.model, view, family, placed) if known is None else known
                stated["scan"] = held(scan, placed, found, self.worse, seed)
            write_json(run.folder / FIGURES, stated)

    def measured(self, family: Family) -> tuple[Scan, Placed] | None:
        """The scan and its variants on the family; misfits are found before the training."""
        if not self.scan:
            return None
        scan = read_scan(located(self.scan), self.column, [self.where] if self.where else [])
        return scan, place(shifted(scan.variants, self.shift), family, scan.origin)


def located(name: str) -> Path:
    """A file as it is named, or in the data folders."""
    from simulacra.core import data

    path = Path(name)
    return path if path.is_file() or path.is_absolute() else data.find(name)


def held_out(whole: Samples, share: float = 0.1) -> dict[str, Samples]:
    """Training and validation, by a hash of each group of like sequences; the query's own group is trained on."""
    import hashlib

    names, owner = np.unique(whole.group, return_inverse=True)
    u = np.array(
        [int.from_bytes(hashlib.blake2b(str(n).encode(), digest_size=4).digest(), "big") / 2**32 for n in names]
    )
    u[owner[0]] = 1.0
    out = (u < share)[owner]
    if out.sum() < 2:  # a family so small that no group fell into the tenth
        out = owner == np.argmin(u)
    if out.all() or (~out).sum() < 2:
        raise BadInput(
            "all sequences of the family are alike: none can be held out",
            f"{len(whole)} sequences in {len(names)} groups of like ones",
            "search a wider database, or raise identity",
        )
    return {"train": whole[~out], "validation": whole[out]}


def weighed(x: Samples, view: Residues, rng: np.random.Generator) -> Batch:
    """Sequences repeated as often as their weights say."""
    weight = np.asarray(x.given["weight"], dtype=float)
    rows = repeated(weight, max(len(x), int(REPEATS * weight.sum())), rng)
    return Batch(view.forward(x.but(given={})).x[rows])


def score(model: Model, view: Residues, family: Family, variants: Placed) -> Effects:
    """What every member and the counts say of variants, and what they say together."""
    import torch

    model.eval()
    wild, mutants = view.states(family.wild[None])[0], view.states(variants.codes)
    with Progress("scoring", 1), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # the same draws for every list of variants
        if isinstance(model, Committee):
            found = model.scores(wild.to(model.device), mutants.to(model.device))
        else:
            assert isinstance(model, Scoring)
            found = {type(model).__name__: model.log_odds(wild.to(model.device), mutants.to(model.device))}
    scores = {name: s.double().cpu().numpy() for name, (s, _) in found.items()}
    errors = {name: e.double().cpu().numpy() for name, (_, e) in found.items()}
    scores[COUNTS] = counted(family, variants.codes)
    errors[COUNTS] = np.zeros(len(variants.codes))
    return combined(Effects(scores, errors))


def looked_up(placed: Placed, every: Placed, effects: Effects) -> Effects | None:
    """The scores of variants that are all single substitutions, from those of every one; None where some are not."""
    place_of = {name: i for i, name in enumerate(every.names)}
    if not all(name in place_of for name in placed.names):
        return None
    at = [place_of[name] for name in placed.names]
    plain = [name for name in effects.score if name != TOGETHER and ", all " not in name]
    return combined(Effects({n: effects.score[n][at] for n in plain}, {n: effects.error[n][at] for n in plain}))


def counted(family: Family, codes: Array) -> Array:
    """The log-ratio of the letters' frequencies in the family, gaps left aside; half a letter is added to each."""
    counts = frequencies(family.codes, states_in(family.unit), family.weight) * family.effective
    counts[:, GAP] = 0
    odds = np.log((counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 0.5 * (counts.shape[1] - 1)))
    column = np.arange(codes.shape[1])
    gaps = codes == GAP
    return np.asarray((np.where(gaps, 0, odds[column, codes]) - odds[column, family.wild]).sum(axis=1))


def keep(run: Run, family: Family, variants: Placed, effects: Effects, contacts: Array | None) -> None:
    """Every single substitution, for the report and for tables made later."""
    arrays: dict[str, Any] = {
        "names": np.array(variants.names),
        "number": family.number,
        "wild": family.wild,
        "unit": np.array(family.unit),
        "query": np.array(family.query),
        "unscored": np.array(list(family.unscored), dtype=int),
        "reasons": np.array(list(family.unscored.values()), dtype=np.str_),
        "methods": np.array(list(effects.score)),
    }
    for i, name in enumerate(effects.score):
        arrays[f"score.{i}"], arrays[f"error.{i}"] = effects.score[name], effects.error[name]
    if contacts is not None:
        arrays["contacts"] = contacts.astype(np.float32)
    run.keep_exhibit("mutations", arrays)


def contacts_of(model: Model) -> Array | None:
    """How strongly columns are coupled, where a Potts model shows it."""
    members = [model.of(name) for name in model.names] if isinstance(model, Committee) else [model]
    found = [member.contacts() for member in members if isinstance(member, Potts)]
    return found[0] if found else None


def about_family(family: Family) -> dict[str, Any]:
    """The family as the record has it."""
    word = "unsure" if family.effective < FEW else "enough"
    return {
        "query": family.query,
        "unit": family.unit,
        "sequences": len(family.codes),
        "effective": round(family.effective, 1),
        "columns": len(family.number),
        "first": int(family.number[0]),
        "last": int(family.number[-1]),
        "unscored": {str(number): why for number, why in family.unscored.items()},
        "notes": list(family.notes),
        "word": word,
        "alone": ALONE,
    }
