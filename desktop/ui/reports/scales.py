"""Scales of charts: round steps, at most four lines, durations on a scale of ratios."""

import math

MOST_LINES = 4
DURATIONS_S = (1, 10, 60, 600, 1_800, 3_600, 14_400, 43_200, 86_400, 259_200, 864_000, 2_592_000)


def round_step(span: float, most: int = MOST_LINES) -> float:
    """The smallest of 1, 2, 5, 10, 20 … that divides a span into fewer than `most` parts."""
    if span <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(step * power for step in (1, 2, 5, 10, 20, 50) if span / (step * power) <= most - 1)


def count_lines(lowest: float, highest: float) -> list[float]:
    """Values of gridlines for counts; from 0 unless all lie far above it."""
    start = 0.0 if lowest < highest * 0.5 else lowest
    step = max(1.0, round_step(max(1.0, highest - start)))
    first = math.floor(start / step) * step
    lines = [first]
    while lines[-1] < highest:
        lines.append(lines[-1] + step)
    return lines


def share_lines(lowest: float, highest: float) -> list[float]:
    """Values of gridlines for shares between two."""
    step = round_step(highest - lowest, MOST_LINES + 1)
    first, last = math.ceil(lowest / step - 1e-9), math.floor(highest / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def duration_lines(shortest: float, longest: float) -> list[int]:
    """Durations for gridlines between two, at most four."""
    inside = [one for one in DURATIONS_S if shortest <= one <= longest]
    while len(inside) > MOST_LINES:
        inside = inside[1::2] if len(inside) % 2 else inside[::2]
    return inside


def spread_labels(wanted: list[float], gap: float, lowest: float, highest: float) -> list[float]:
    """Places for labels at least `gap` apart, as near as can be to where they are wanted, within limits."""
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    placed = list(wanted)
    for before, n in zip([None, *order], order, strict=False):
        placed[n] = max(lowest, wanted[n]) if before is None else max(wanted[n], placed[before] + gap)
    limit = highest
    for n in reversed(order):
        placed[n] = min(placed[n], limit)
        limit = placed[n] - gap
    return placed
