"""What mutations do: published predictions beside ours on the same variants; cost, seeds, size of the family.

python benchmarks/proteins.py table RUN …      # runs of mutations_compared or mutations_by_vae on BLAT_ECOLX
python benchmarks/proteins.py seeds RUN RUN …  # how well runs of one family agree
python benchmarks/proteins.py weights          # 8,403 x 253 and 100,000 x 500
python benchmarks/proteins.py members [SEED]   # how many sequences it takes, by a Potts model on parts of BLAT
python benchmarks/proteins.py labels           # P53 with ClinVar's labels, by counting and by a Potts model
python benchmarks/proteins.py speed            # a step of the autoencoder beside the published setting's
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import resource
import sys
import time
from pathlib import Path

import numpy as np

from simulacra.core import data
from simulacra.core.machine import machine
from simulacra.domains.proteins.scans import read_scan
from simulacra.domains.proteins.variants import place
from simulacra.domains.proteins.weights import weights
from simulacra.running.mutation_study import counted
from simulacra.runs import Run, find
from simulacra.skill.mutations import COUNTS, Effects, best_of, combined
from simulacra.skill.ranking import correlations, spearman
from simulacra.skill.roc import area, gain
from simulacra.sources.proteins.family_file import FamilyFile

FAMILY = Path("proteins/BLAT_ECOLX/BLAT_ECOLX.a2m")
PUBLISHED = {
    "DeepSequence, five models": "vae_ensemble",
    "DeepSequence, model 1": "vae_1",
    "EVmutation (Potts)": "pairwise",
    "site-independent": "independent",
}


def predictions() -> tuple[list[str], np.ndarray, dict[str, np.ndarray]]:
    """The variants that all published methods score, the measurement (column 2500), and the published scores."""
    path = data.find("proteins/BLAT_ECOLX/published_predictions.csv.gz")
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8-sig"))))
    names = {who: f"mutation_effect_prediction_{column}" for who, column in PUBLISHED.items()}
    rows = [row for row in rows if row["2500"] and all(row[column] for column in names.values())]
    scores = {who: np.array([float(row[column]) for row in rows]) for who, column in names.items()}
    return [row["mutant"] for row in rows], np.array([float(row["2500"]) for row in rows]), scores


def scores_of(run: Run) -> dict[str, dict[str, float]]:
    """Every method's score of every single substitution."""
    seen = run.exhibit("mutations")
    if seen is None:
        sys.exit(f"{run.name} holds no scores of mutations")
    names = [str(name) for name in seen["names"]]
    return {str(m): dict(zip(names, seen[f"score.{i}"].tolist(), strict=True)) for i, m in enumerate(seen["methods"])}


def table(names: list[str]) -> None:
    """Rank correlations with intervals (positions drawn anew), published and ours; the runs together in the end."""
    variants, measured, found = predictions()
    ours: dict[str, np.ndarray] = {}
    for name in names:
        for method, score in scores_of(find(name)).items():
            ours[f"{name[:15]} {method}"] = np.array([score[v] for v in variants])
    if len(names) > 1:
        alone = {k.split(" ", 1)[1] + f" {i}": v for i, (k, v) in enumerate(ours.items()) if "together" not in k}
        plain = {k: v for k, v in alone.items() if COUNTS not in k and ", all" not in k}
        whole = combined(Effects(plain, {k: 0 * v for k, v in plain.items()}))
        ours["all runs together"] = whole.score[best_of(list(whole.score))]
    position = np.array([v[1:-1] for v in variants])
    each, _ = correlations({**found, **ours}, measured, position, np.random.default_rng(0))
    print(f"| BLAT_ECOLX, column 2500, n = {len(variants):,} | Spearman | 95 % |\n|---|---|---|")
    for who, one in each.items():
        print(f"| {who} | {one.value:.3f} | {one.low:.3f} to {one.high:.3f} |")


def seeds(names: list[str]) -> None:
    """How well the rankings of runs agree with each other, by method."""
    runs = {name: scores_of(find(name)) for name in names}
    for a, b in itertools.combinations(names, 2):
        for method in runs[a]:
            if method in runs[b]:
                x, y = (np.array(list(runs[name][method].values())) for name in (a, b))
                print(f"{method}: rank correlation {spearman(x, y):.4f} ({a[:15]}, {b[:15]})")


def cost_of_weights() -> None:
    """Processor time and peak memory of the weights, of BLAT and of a family of 100,000 sequences of 500 columns."""
    rng = np.random.default_rng(0)
    family = FamilyFile(FAMILY).family().codes
    for codes in (family, None):
        if codes is None:  # a tree of three levels: like, alike and far
            base = rng.integers(1, 21, (500, 500))[rng.integers(500, size=100_000)]
            codes = np.where(rng.random(base.shape) < 0.25, rng.integers(0, 21, base.shape), base).astype(np.uint8)
        began = time.process_time()
        weight = weights(codes, 0.8)
        took, peak = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{codes.shape}: {weight.sum():,.0f} effective, {took:.1f} s of processor time, peak {peak:.2f} GiB")


def by_potts(codes: np.ndarray, weight: np.ndarray, unit: str, mutants: np.ndarray) -> np.ndarray:
    """What a Potts model at its minimum, at the published penalty, says of mutants of the first sequence."""
    import torch

    from simulacra.domains.proteins.residues import states_in
    from simulacra.models.base import Batch
    from simulacra.models.potts import Potts

    torch.set_num_threads(1)
    states = states_in(unit) - 1
    model = Potts(codes.shape[1], states, couplings=0.01 * states * (codes.shape[1] - 1))
    model.solve(Batch(torch.as_tensor(codes.astype(np.float32)) - 1), torch.as_tensor(weight.astype(np.float32)))
    wild, changed = (torch.as_tensor(each.astype(np.float32)) - 1 for each in (codes[0], mutants))
    return model.log_odds(wild, changed)[0].numpy()


def members(seed: int = 0) -> None:
    """The Potts model's correlation, trained on parts of the family chosen at random; the query is always there."""
    family = FamilyFile(FAMILY).family()
    variants, measured, _ = predictions()
    placed = place(variants, family, "the scan")
    rng = np.random.default_rng(seed)
    for share in (0.03, 0.1, 0.3, 1.0):
        kept = np.sort(rng.permutation(np.arange(1, len(family.codes)))[: int(share * len(family.codes))])
        codes = family.codes[np.concatenate([[0], kept])]
        weight = weights(codes)
        began = time.process_time()
        score = by_potts(codes, weight, family.unit, placed.codes)
        rho, took = spearman(score, measured), time.process_time() - began
        print(f"{len(codes):,} sequences, {weight.sum():,.0f} effective: Potts {rho:.3f} ({took:.0f} s)", flush=True)


def labels() -> None:
    """The areas of counting letters and of a Potts model on ClinVar's labels of P53."""
    family = FamilyFile(Path("proteins/P53_HUMAN_b0.1.a2m")).family()
    table = data.find("proteins/ClinVar_labels_P53_PTEN_RASH_SCN5A.csv")
    scan = read_scan(table, "ClinVar_labels", ["protein_name=P53_HUMAN"])
    placed = place(list(scan.variants), family, scan.origin)
    bad = scan.measured[placed.at] > 0.5
    began = time.process_time()
    score = by_potts(family.codes, family.weight, family.unit, placed.codes)
    took = time.process_time() - began
    found = {COUNTS: counted(family, placed.codes), "Potts": score}
    print(f"{int(bad.sum())} damaging, {int((~bad).sum())} benign, {family.effective:.0f} effective ({took:.0f} s)")
    for who, one in found.items():
        it = area(-one[~bad], -one[bad])
        print(f"{who}: area {it.value:.3f} ({it.low:.3f} to {it.high:.3f})")
    more = gain((-found["Potts"][~bad], -found["Potts"][bad]), (-found[COUNTS][~bad], -found[COUNTS][bad]))
    print(f"Potts over counting: {more.value:+.3f} ({more.low:+.3f} to {more.high:+.3f})")


def speed() -> None:
    """Milliseconds of processor time of a step of the autoencoder, ours and at the published widths and batch."""
    import torch

    from simulacra.models.base import Batch
    from simulacra.models.sequence_vae import SequenceVAE
    from simulacra.networks.mlp import MLP
    from simulacra.networks.variational_decoder import VariationalDecoder
    from simulacra.subjects.proteins import uncertain_vae

    torch.set_num_threads(1)
    published = SequenceVAE(
        MLP(5060, 1500, 1500, 60), VariationalDecoder(30, (100, 500), 253, 20, dictionary=40), 30, 253, 20
    )
    for name, model, batch, low in (
        ("ours, 256 in bf16", uncertain_vae(253, 20, 30, 500), 256, True),
        ("published widths, 100 in float32", published, 100, False),
    ):
        adam = torch.optim.AdamW(model.parameters(), 1e-3, fused=True)
        x = Batch(torch.randint(0, 20, (batch, 253)).float())
        took = []
        for _ in range(4):
            began = time.process_time()
            with torch.autocast("cpu", torch.bfloat16, enabled=low):
                loss = sum(v.mean() for v in model.loss(x).values())
            adam.zero_grad()
            loss.backward()
            adam.step()
            took.append(time.process_time() - began)
        print(f"{name}: {1e3 * min(took[1:]):.0f} ms a step, {1e6 * min(took[1:]) / batch:.0f} µs a sequence")


def main() -> None:
    """One of the tables."""
    what, names = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    print({k: v for k, v in machine().items() if k in ("system", "cores")})
    if what == "table":
        table(names)
    elif what == "seeds":
        seeds(names)
    elif what == "members":
        members(int(names[0]) if names else 0)
    elif what in ("labels", "weights", "speed"):
        {"labels": labels, "weights": cost_of_weights, "speed": speed}[what]()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
