"""True samples at their places in a latent space, as a drawing of points that can be chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

SIDE, PAD = 460.0, 14.0
COLORS = 6


def classes_of(given: Mapping[str, Sequence[str]]) -> list[str]:
    """The values of the first condition of few values, by which points are colored; empty for none."""
    for values in given.values():
        if 2 <= len(set(values)) <= COLORS:
            return list(values)
    return []


def chart(at: Sequence[Sequence[float]], classes: Sequence[str] = ()) -> Markup:
    """Points in a square, of one scale along both axes; each carries its number.

    Args:
        at: (n, 2).
        classes: of each, for its color and the key; empty for none.
    """
    xs, ys = [row[0] for row in at], [row[1] for row in at]
    middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    wide = max(max(xs) - min(xs), max(ys) - min(ys)) or 1.0
    times = (SIDE - 2 * PAD) / wide
    names = sorted(set(classes))
    dot = Markup('<circle class="place line-{}" data-at="{}" cx="{}" cy="{}" r="5"><title>{}</title></circle>')
    dots = []
    for k, (x, y) in enumerate(at):
        said = f"sample {k}{f': {classes[k]}' if classes else ''}"
        color = names.index(classes[k]) if classes else 0
        across, up = SIDE / 2 + (x - middle[0]) * times, SIDE / 2 - (y - middle[1]) * times
        dots.append(dot.format(color, k, f"{across:.1f}", f"{up:.1f}", said))
    drawn = Markup('<svg class="map" viewBox="0 0 {0} {0}" role="img" aria-label="{1}">{2}</svg>').format(
        SIDE, f"{len(at)} true samples at their places in the latent space", Markup("").join(dots)
    )
    mark = Markup('<svg viewBox="0 0 10 10" aria-hidden="true"><circle class="line-{}" cx="5" cy="5" r="5"/></svg>')
    items = [Markup("<li>{}{}</li>").format(mark.format(i), name) for i, name in enumerate(names)]
    return drawn + (Markup('<ul class="key-of-lines dots">{}</ul>').format(Markup("").join(items)) if items else "")
