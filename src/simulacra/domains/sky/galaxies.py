"""Galaxies as parameters: bulge, bar, disc and spiral arms, and the light that they send."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float
from scipy import ndimage, special

from simulacra.core.samples import Array
from simulacra.domains.sky.sersic import form, sersic

THICKNESS = 0.15
"""Axis ratio of a disc seen edge-on."""
KNOB = 2.0
"""How narrow arms are: the concentration of von Mises's law across them."""
OLD, MIDDLE, YOUNG = (0.75, 0.38), (0.55, 0.3), (0.3, 0.2)
"""Colors g-r and r-i, mag, of bulges and bars, of the disc between arms, and of arms."""


@dataclass(frozen=True, eq=False)
class Galaxies:
    """The parameters of n galaxies, an entry each; lengths in pixels, angles in radians.

    Args:
        kind: "barred spiral", "elliptical" or "spiral".
        x: column of the center, from the picture's middle.
        y: row of the center, from the picture's middle.
        electrons: all of the light in the band r, electrons.
        radius: half-light radius of the disc along its long axis; of an elliptical that of its bulge.
        axis_ratio: of the disc (of an elliptical its bulge) on the sky.
        position_angle: of the long axis, from the rows' direction towards growing rows.
        bulge: share of the light.
        bulge_radius: half-light radius along the long axis.
        bulge_index: Sérsic's.
        bulge_ratio: axis ratio on the sky.
        bar: share of the light; 0 is none.
        bar_length: half-light radius of the bar along it, in the plane of the disc.
        bar_ratio: axis ratio of the bar in that plane.
        bar_angle: from the line of nodes, in that plane.
        arms: number of spiral arms; 0 is none.
        arm_share: share of the disc's light that lies in arms, where they are fully grown.
        pitch: angle between an arm and a circle.
        winding: 1 or -1, the sense in which arms open.
        arm_start: radius where arms have half grown; at a bar's ends, if there is one.
        arm_angle: of an arm at that radius, in the plane from the line of nodes.
        tint: mag, how much redder in g-r (and half as much in r-i) than usual.
    """

    kind: Array
    x: Array
    y: Array
    electrons: Array
    radius: Array
    axis_ratio: Array
    position_angle: Array
    bulge: Array
    bulge_radius: Array
    bulge_index: Array
    bulge_ratio: Array
    bar: Array
    bar_length: Array
    bar_ratio: Array
    bar_angle: Array
    arms: Array
    arm_share: Array
    pitch: Array
    winding: Array
    arm_start: Array
    arm_angle: Array
    tint: Array

    def __len__(self) -> int:
        return len(self.kind)

    def __getitem__(self, at: slice | Array) -> Galaxies:
        return Galaxies(**{name: values[at] for name, values in self.arrays().items()})

    def arrays(self) -> dict[str, Array]:
        """Each parameter by its name, (n,)."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def axis_ratio(inclination: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    r"""Of a disc of some thickness: $q^2 = \cos^2 i + q_0^2 \sin^2 i$.

    References:
        Extragalactic nebulae (Hubble, 1926), doi:10.1086/143018
    """
    return np.asarray(np.sqrt(np.cos(inclination) ** 2 + (THICKNESS * np.sin(inclination)) ** 2))


def in_plane(
    galaxies: Galaxies, side: int
) -> tuple[Float[np.ndarray, "n side side"], Float[np.ndarray, "n side side"]]:
    """Radius (pixels) and angle from the line of nodes of each pixel's middle, in the plane of the disc."""
    place, middle = np.arange(side, dtype=np.float32), (side - 1) / 2
    x = (place - middle - galaxies.x[:, None]).astype(np.float32)[:, None, :]
    y = (place - middle - galaxies.y[:, None]).astype(np.float32)[:, :, None]
    c, s = (
        v.astype(np.float32)[:, None, None] for v in (np.cos(galaxies.position_angle), np.sin(galaxies.position_angle))
    )
    u, v = x * c + y * s, (y * c - x * s) / galaxies.axis_ratio.astype(np.float32)[:, None, None]
    return np.hypot(u, v), np.arctan2(v, u)


def spiral_arms(
    galaxies: Galaxies, radius: Float[np.ndarray, "n side side"], angle: Float[np.ndarray, "n side side"]
) -> Float[np.ndarray, "n side side"]:
    r"""How bright arms are over their mean along each circle, which is 1.

    Logarithmic spirals, $r = r_0\, e^{\pm\theta \tan(\text{pitch})}$, with von Mises's law across them.
    """
    wound = galaxies.arms * galaxies.winding / np.tan(galaxies.pitch)
    at_start = galaxies.arms * galaxies.arm_angle - wound * np.log(galaxies.arm_start)
    m, w, start = (v.astype(np.float32)[:, None, None] for v in (galaxies.arms, wound, at_start))
    phase = m * angle - w * np.log(np.maximum(radius, 1e-3)) - start
    return np.asarray(np.exp(KNOB * np.cos(phase)) / np.float32(special.i0(KNOB)))


def texture(
    n: int, side: int, grain: float, strength: float, rng: np.random.Generator
) -> Float[np.ndarray, "n side side"]:
    """Clumps: lognormal noise of mean 1 (on average), its logarithm of this standard deviation, smooth over `grain`."""
    if strength == 0:
        return np.ones((n, side, side), dtype=np.float32)
    noise = ndimage.gaussian_filter(
        rng.standard_normal((n, side, side), dtype=np.float32), (0, grain, grain), mode="wrap"
    )
    noise *= np.float32(2 * np.sqrt(np.pi) * grain)  # of unit variance, for grains of a pixel and more
    return np.asarray(np.exp(np.float32(strength) * noise - np.float32(strength**2 / 2)))


def emitted(galaxies: Galaxies, clumps: Float[np.ndarray, "n side side"]) -> Float[np.ndarray, "n side side 3"]:
    """The electrons of each pixel in the bands i, r and g, before any seeing or noise.

    Args:
        galaxies: parameters.
        clumps: what the light of arms is multiplied by, as `texture` makes it.
    """
    side = clumps.shape[-1]
    center = np.stack([galaxies.x, galaxies.y], axis=1) + (side - 1) / 2
    old = np.zeros(clumps.shape)
    disc, young = np.zeros_like(old), np.zeros_like(old)
    has = np.flatnonzero(galaxies.bulge > 0)
    g = galaxies[has]
    bulge = form(g.bulge_radius, g.bulge_ratio, g.position_angle)
    old[has] += g.bulge[:, None, None] * sersic(bulge, g.bulge_index, center[has], side)
    has = np.flatnonzero(galaxies.bar > 0)
    if len(has):
        g = galaxies[has]
        c, s = np.cos(g.position_angle), np.sin(g.position_angle)
        to_plane = np.stack([np.stack([c, s], -1), np.stack([-s, c], -1) / g.axis_ratio[:, None]], axis=1)
        bar = np.swapaxes(to_plane, 1, 2) @ form(g.bar_length, g.bar_ratio, g.bar_angle) @ to_plane
        old[has] += g.bar[:, None, None] * sersic(bar, np.full(len(has), 0.5), center[has], side)
    has = np.flatnonzero(galaxies.bulge + galaxies.bar < 1)
    if len(has):
        g = galaxies[has]
        share = (1 - g.bulge - g.bar)[:, None, None]
        flat = share * sersic(form(g.radius, g.axis_ratio, g.position_angle), np.ones(len(has)), center[has], side)
        radius, angle = in_plane(g, side)
        grown = 1 / (1 + (g.arm_start[:, None, None] / np.maximum(radius, 1e-3)) ** 4)
        in_arms = np.where(g.arms > 0, g.arm_share, 0.0)[:, None, None] * grown
        disc[has] = flat * (1 - in_arms)
        young[has] = flat * in_arms * spiral_arms(g, radius, angle) * clumps[has]
    found = np.zeros((*clumps.shape, 3), dtype=np.float32)
    for part, color in ((old, OLD), (disc, MIDDLE), (young, YOUNG)):
        found += part[..., None] * _bands(galaxies, color)[:, None, None, :]
    return found


def _bands(galaxies: Galaxies, color: tuple[float, float]) -> Array:
    """Electrons in i, r and g of a part that would be all of the galaxy, (n, 3)."""
    g_r, r_i = color[0] + galaxies.tint, color[1] + galaxies.tint / 2
    return galaxies.electrons[:, None] * np.stack([10 ** (0.4 * r_i), np.ones_like(r_i), 10 ** (-0.4 * g_r)], axis=1)
