"""The flagship of molecules that hold together: strings, then shapes, trained apart and in pieces that resume.

    python benchmarks/flagship_whole_molecules.py strings --minutes 12
    python benchmarks/flagship_whole_molecules.py shapes --minutes 60
    python benchmarks/flagship_whole_molecules.py finish --sample 10000 --judged 1000

Each training lasts so many minutes of the processor; its state is written every minute or so, and the same command goes
on from there. The rate falls along half a cosine of the time that is spent, so that any machine ends with a small one.
`finish` puts both together with their weights rounded to half precision, draws, prints the published table and writes a
run folder with verdicts, which `simulacra ship` hands on. Beside the model stand the same strings in shapes of ETKDG
and MMFF94; and both kinds of shapes on the bonds of unseen molecules, with the mean error of their bonds' lengths. A
string that spells no molecule is a draw that failed: the last lines count such draws as neither stable nor valid.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from rdkit import rdBase
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers
from safetensors.torch import load_file
from torch import Tensor

from flagship_molecules import Plan, Training
from molecules import row, share, titles
from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.diffusion.bonded import TOKEN, atom_features, pair_features
from simulacra.domains.molecules import molecule_graphs, perceived, stability
from simulacra.domains.molecules.atoms import distances, keys, molecules
from simulacra.domains.molecules.bond_orders import orders
from simulacra.domains.molecules.molecule_graphs import embedded, from_rdkit
from simulacra.exhibits.walks import show_chain
from simulacra.judging.trial import keep_some
from simulacra.keeping.shipping import halved
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch, Model
from simulacra.models.graph_and_space import GraphAndSpace
from simulacra.models.shape_flow import ShapeFlow
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.shape_network import ShapeNetwork
from simulacra.networks.token_reader import TokenReader
from simulacra.running.split import Split, digest_of
from simulacra.running.stages import Stage, carry_through
from simulacra.runs import Run, find
from simulacra.sources.molecules.qm9 import QM9
from simulacra.studies.molecules import molecules_by_graph_and_shape
from simulacra.training import shards
from simulacra.training.checkpoint import write_weights
from simulacra.views.bonded_atoms import BondedAtoms
from simulacra.views.grammar import Grammar
from simulacra.views.spelling import ALPHABET, Spelling

ELEMENTS = (1, 6, 7, 8)
LENGTH = 29
STEPS = 10  # from disorder to shape: on validation 6 lengthen bonds' errors from .0051 to .0058 Å, 25 change nothing


def parts() -> dict[str, Samples]:
    """QM9, shared out as in every study of molecules."""
    return Split(93, 3, 4).share_out(QM9().read())


def rows(folder: Path) -> tuple[Batch, Batch]:
    """Training and validation as rows with bonds; read once, then kept."""
    kept = {name: folder / f"rows-{name}.npy" for name in ("train", "validation")}
    if not all(path.exists() for path in kept.values()):
        split = parts()
        view = BondedAtoms(LENGTH, ELEMENTS, kekule=True).fit(split["train"])
        for name, path in kept.items():
            np.save(path, view.forward(split[name]).x.numpy())
    train, validation = (Batch(torch.from_numpy(np.load(path))) for path in kept.values())
    return train, validation


def take_up(model: Model, name: str, within: str) -> None:
    """The weights of a part of a shipped model or a run, from which a longer training goes on."""
    kept = load_file(find(name).folder / "model.safetensors")
    with torch.no_grad():
        for part, p in model.named_parameters():
            p.copy_(kept[within + part])


def model_of(what: str) -> Model:
    """What is trained."""
    if what == "strings":
        return TokenSequence(TokenReader(len(ALPHABET), 64, 512), LENGTH, grammar=Grammar(ELEMENTS, LENGTH))
    return ShapeFlow(ShapeNetwork(atom_features(len(ELEMENTS)), pair_features()), ELEMENTS, STEPS)


def whole(asked: argparse.Namespace) -> GraphAndSpace:
    """Both models with the averages of their weights, in half precision."""
    found = []
    for what in ("strings", "shapes"):
        kept = shards.read(asked.folder / what)
        model = model_of(what)
        if kept is None and asked.onward:
            take_up(model, asked.onward, f"{what}.")
            found.append(model)
            print(f"{what}: as in {asked.onward}", file=sys.stderr)
            continue
        if kept is None:
            raise BadInput(f"{what} have not been trained", str(asked.folder), f"run this script with {what}")
        for name, p in model.named_parameters():
            p.data.copy_(kept[0][f"mean.{name}"])
        found.append(model)
        print(f"{what}: step {kept[1]['step']}, {kept[1]['spent'] / 60:.1f} minutes of the processor", file=sys.stderr)
    strings, shapes = found
    assert isinstance(strings, TokenSequence)
    assert isinstance(shapes, ShapeFlow)
    model = GraphAndSpace(strings, shapes, Spelling(LENGTH, ELEMENTS)).eval()
    model.load_state_dict(halved(model.state_dict()))
    return model


def drawn(model: GraphAndSpace, asked: argparse.Namespace) -> tuple[Tensor, int]:
    """Rows of so many attempts that spelled a molecule, with places; and how many attempts there were."""
    path = asked.folder / "draws.npy"
    if path.exists():
        return torch.from_numpy(np.load(path)), asked.sample
    torch.manual_seed(asked.seed)
    rows, good = model.attempt(asked.sample)
    rows, began = rows[good], time.process_time()
    with Progress("drawing", len(rows)) as progress:
        parts = []
        for some in rows.split(256):
            parts.append(model.shaped(some).x)
            progress.step(len(some))
    print(f"{len(rows) / (time.process_time() - began):.1f} molecules a second of one core", file=sys.stderr)
    x = torch.cat(parts)
    np.save(path, x.numpy())
    return x, asked.sample


def folded(texts: list[str], seed: int) -> Array:
    """Strings in shapes of ETKDG and MMFF94; those that cannot be embedded are left out."""
    made = []
    with Progress("folding by a force field", len(texts)) as progress:
        for place, text in enumerate(texts):
            made.append(embedded(text, seed + place))
            progress.step()
    return from_rdkit([one for one in made if one is not None], LENGTH)


def known(folder: Path, train: Samples) -> set[str]:
    """The training set's graphs as SMILES; read once, then kept."""
    path = folder / "known.txt"
    if not path.exists():
        path.write_text("\n".join(sorted({text for text in molecule_graphs.graphs(train.array).smiles if text})))
    return set(path.read_text().splitlines())


def bond_error(x: Array, true: Array) -> float:
    """The mean error of the lengths of true molecules' bonds, Å; the atoms are in one order."""
    bound = orders(true) > 0
    apart = [np.where(bound, distances(y), 0.0)[bound] for y in (x, true)]
    return float(np.abs(apart[0] - apart[1]).mean())


def refolded(true: Array, seed: int) -> tuple[Array, Array]:
    """True molecules in shapes of ETKDG and MMFF94, atoms in their order; and which could be embedded."""
    out, good = np.zeros_like(true), np.zeros(len(true), dtype=bool)
    with Progress("folding true molecules", len(true)) as progress, rdBase.BlockLogs():
        for i, key in enumerate(keys(true)):
            found, possible = perceived.drawn(key)
            progress.step()
            if not possible:
                continue
            found.RemoveAllConformers()
            chosen = rdDistGeom.ETKDGv3()
            chosen.randomSeed, chosen.maxIterations = seed + i, 20
            if rdDistGeom.EmbedMolecule(found, chosen) == 0:
                rdForceFieldHelpers.MMFFOptimizeMolecule(found, maxIters=200)
                out[i : i + 1], good[i] = from_rdkit([found], true.shape[1]), True
    return out, good


def finish(asked: argparse.Namespace) -> int:
    """Draws, the tables, and a run folder with verdicts."""
    model, split = whole(asked), parts()
    view = BondedAtoms(LENGTH, ELEMENTS, kekule=True).fit(split["train"])
    rows, tried = drawn(model, asked)
    made = view.inverse(Batch(rows)).but(origin="a string, then a flow along its bonds")
    true = split["truth"][np.random.default_rng(0).permutation(len(split["truth"]))[: asked.judged]]
    stated = view.forward(true).x
    torch.manual_seed(asked.seed + 1)
    given = view.inverse(Batch(torch.cat([model.shaped(some).x for some in stated.split(256)])))
    texts = model.spelling.texts(rows[: asked.judged, :, TOKEN])
    beside, (again, good) = folded(texts, asked.seed), refolded(true.array, asked.seed)
    graphs = known(asked.folder, split["train"])
    print(titles())
    for name, x in {
        "unseen molecules": split["truth"].array,
        "strings and flow": made.array,
        "the same, MMFF94": beside,
        "true bonds, flow": given.array,
        "true bonds, MMFF94": again[good],
    }.items():
        print(row(name, x, graphs))
    lost = tried - len(made)
    stable, valid = stability.by_distance(made.array), molecule_graphs.graphs(made.array).valid
    counted = [int(k.sum()) for k in (stable.molecules, valid)]
    print(f"{tried:,} attempts, {lost} strings spell no molecule; counted as failures:")
    print(f"molecules {share(counted[0], tried)}  valid {share(counted[1], tried)}")
    errors = bond_error(given.array, true.array), bond_error(again[good], true.array[good])
    print(f"error of bonds' lengths, true bonds: flow {errors[0]:.4f} Å, MMFF94 {errors[1]:.4f} Å")
    base = molecules_by_graph_and_shape.study(largest=29)
    trained = Trained(model, view, {}, "GraphAndSpace, the flagship of whole molecules", {})

    def stages(run: Run, stage: Stage) -> None:
        with stage("data"):
            sizes = {name: len(part) for name, part in split.items()}
            run.update(data=digest_of(split), sizes=sizes, origin=split["truth"].origin)
            run.update(draws={"tried": tried, "failed": lost})
        trained.save(run)
        write_weights(run.folder, model.state_dict())
        sets = {"model": made[: asked.judged], "strings, MMFF94": molecules(beside, "the same strings by MMFF94")}
        with stage("draw"):
            show_chain(model, view, true, run, asked.seed)
        keep_some(run, {"truth": true, **sets}, asked.seed)
        with stage("judge"):
            base.judge(run, sets, {**split, "truth": true}, asked.seed)

    settings = {name: value for name, value in vars(asked).items() if isinstance(value, int | float | str)}
    about = {"title": "QM9's molecules: a string spells the bonds, a flow along them finds the places."}
    run = Run.create(asked.out, "flagship_whole_molecules", settings, asked.seed, {**base.describe(), **about})
    print(carry_through(run, stages).folder)
    return 0


def main() -> int:
    """One training, or what is left of it; or the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("strings", "shapes", "finish"))
    parser.add_argument("--folder", type=Path, default=Path("runs/flagship-whole-molecules"))
    parser.add_argument(
        "--onward",
        default="",
        help="a shipped model, or a run folder, whose weights it begins with; at the end, of what was not trained here",
    )
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where the run folder is made in the end")
    parser.add_argument("--sample", type=int, default=10_000, help="attempts in the end")
    parser.add_argument("--judged", type=int, default=1000, help="molecules before the judges, and unseen ones")
    parser.add_argument("--minutes", type=float, default=12.0, help="of the processor, in all")
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--average", type=float, default=0.999)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    torch.set_flush_denormal(True)
    if asked.what == "finish":
        return finish(asked)
    folder = asked.folder / asked.what
    folder.mkdir(parents=True, exist_ok=True)
    train, validation = rows(asked.folder)
    if asked.what == "strings":
        train, validation = (Batch(part.x[..., TOKEN].contiguous()) for part in (train, validation))
        train = train[(train.x > 0).any(1)]
    torch.manual_seed(asked.seed)
    model = model_of(asked.what)
    if asked.onward and shards.read(folder) is None:
        take_up(model, asked.onward, f"{asked.what}.")
    batch, rate = asked.batch or (128 if asked.what == "strings" else 64), asked.rate or 2e-3
    plan = Plan(0, 60 * asked.minutes, batch, rate, 0.01, 200, asked.average, 500, "32-true", asked.seed)
    training = Training(model, train, plan)
    training.resume(folder)
    began = time.monotonic()
    while training.along < 1:
        training.go(folder, time.monotonic() + 120)
        with torch.no_grad():
            live = {name: p.clone() for name, p in training.named.items()}
            for name, p in training.named.items():
                p.copy_(training.mean[name])
            torch.manual_seed(0)
            losses = {name: float(value.mean()) for name, value in model.loss(validation[:512]).items()}
            for name, p in training.named.items():
                p.copy_(live[name])
        stated = {"step": training.step, "spent": training.spent, "clock": time.monotonic() - began, **losses}
        with (folder / "validation.jsonl").open("a") as log:
            log.write(json.dumps(stated) + "\n")
        print(stated, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
