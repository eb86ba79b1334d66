"""A page of mathematics for each model: its formulas as the docstring has them, and each letter's name in the code."""

from __future__ import annotations

import ast
import re

import shelves

from simulacra.core.shelf import Entry

LETTERS = {
    "x": ("$x$", "a sample, as the view gives it"),
    "x_t": ("$x_t$", "a sample after the noise of time $t$"),
    "x_0": ("$x_0$", "a sample without noise"),
    "z": ("$z$", "latent features"),
    "mu": (r"$\mu$", "a mean"),
    "log_var": (r"$\log\sigma^2$", "logarithm of a variance"),
    "log_sigma": (r"$\log\sigma$", "logarithm of a standard deviation"),
    "alpha": (r"$\alpha$", "share of the sample that is left (diffusion)"),
    "alpha_t": (r"$\alpha_t$", "share of the sample that is left at time $t$"),
    "sigma": (r"$\sigma$", "standard deviation; of diffusion, of the noise"),
    "sigma_t": (r"$\sigma_t$", "standard deviation of the noise at time $t$"),
    "eps": (r"$\varepsilon$", "standard normal noise"),
    "epsilon": (r"$\varepsilon$", "standard normal noise"),
    "t": ("$t$", "time, from data to noise"),
    "y": ("$y$", "what is asked for or foretold: a class, a value"),
    "h": ("$h$", "hidden features"),
    "beta": (r"$\beta$", "weight of a part of the loss"),
    "theta": (r"$\theta$", "parameters, or the share at which sequences count as alike"),
    "K": ("$K$", "a kernel's matrix"),
    "kl": (r"$\mathrm{KL}$", "divergence from the prior, in nats"),
    "real": (r"$x \sim p_\text{data}$", "samples of the data"),
    "fake": (r"$\tilde x \sim p_G$", "samples of the generator"),
    "made": (r"$\tilde x \sim p_G$", "samples that the model made"),
    "between": (r"$\hat x$", "points between real and made samples, where the slope is held"),
    "mixed": (r"$\hat x$", "points between real and made samples"),
    "slope": (r"$\nabla_x D(x)$", "the critic's slope"),
    "penalty": (r"$\lambda\,(\lVert\nabla D\rVert - 1)^2$", "what the critic's slope costs"),
    "generator": ("$G$", "network from latent numbers to samples"),
    "critic": ("$D$", "network that scores samples"),
    "encoder": (r"$q(z \mid x)$", "network to the law of the latent features"),
    "decoder": (r"$p(x \mid z)$", "network from latent features to the law of samples"),
    "network": ("$F$", "the network"),
    "denoise": (r"$D(x_t, t)$", "what the data are expected to have been"),
    "weight": (r"$\lambda$", "weight of a part of the loss"),
    "latent": ("$L$", "number of latent features"),
    "couplings": ("$J$", "how pairs of positions favor each other"),
    "fields": ("$h_i$", "how each position favors its residues"),
    "kernel": ("$k(x, x')$", "covariance of two points"),
    "noise": (r"$\alpha_t, \sigma_t$", "how a sample fades; of a Gaussian process, the measurements' variance"),
}
FORMULA = re.compile(r"\$([^$]+)\$")


def pages() -> dict[str, str]:
    """One page a model, and the page that leads to them."""
    models = shelves.entries()["models"]
    found = {f"mathematics/{entry.name}.md": page(entry) for entry in models}
    lines = [
        "# Mathematics",
        "",
        "The formulas of each model, and under which name each letter stands in its file.",
        "",
    ]
    lines += [f"- [{entry.name}]({entry.name}.md): {entry.title}" for entry in models]
    found["mathematics/index.md"] = "\n".join(lines) + "\n"
    return found


def page(entry: Entry) -> str:
    """The model's words with their formulas, the letters, the arguments that are parts of the formulas, the loss."""
    words, references = shelves.parted(entry.help)
    lines = [f"# The mathematics of {entry.name}", "", words, ""]
    rows = letters(entry)
    if rows:
        lines += [
            "## Letters, and their names in the code",
            "",
            "| letter | name in the code | what it is | first in line |",
        ]
        lines += ["|---|---|---|---|", *rows, ""]
    loss = loss_of(entry)
    if loss:
        lines += ["## The loss, as the code has it", "", "```python", loss, "```", ""]
    if references:
        lines += ["## From", "", *(f"- {one}" for one in references), ""]
    lines.append(f"[All of {entry.name}](../shelves/models/{entry.name}.md)")
    return "\n".join(lines) + "\n"


def letters(entry: Entry) -> list[str]:
    """A row for each known name that the model's class uses, with the line in which it is first met."""
    first: dict[str, int] = {}
    for node in ast.walk(ast.parse(entry.path.read_text(encoding="utf-8"))):
        name, line = "", 0
        if isinstance(node, ast.Name):
            name, line = node.id, node.lineno
        elif isinstance(node, ast.arg):
            name, line = node.arg, node.lineno
        elif isinstance(node, ast.Attribute):
            name, line = node.attr, node.lineno
        if name in LETTERS:
            first[name] = min(line, first.get(name, line))
    helps = {one.name: one.help for one in entry.settings}
    ordered = sorted(first, key=lambda name: first[name])
    return [
        f"| {LETTERS[name][0]} | `{name}` | {shelves.cell(helps.get(name) or LETTERS[name][1])} | {first[name]} |"
        for name in ordered
    ]


def loss_of(entry: Entry) -> str:
    """The source of the model's own `loss`, without its docstring; empty where it has none."""
    text = entry.path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name in ("loss", "loss_of_critic", "critic_loss"):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body:
                return "\n".join(text.splitlines()[body[0].lineno - 1 : node.end_lineno])
    return ""
