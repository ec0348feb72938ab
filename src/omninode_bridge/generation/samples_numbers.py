"""Numbers at, just inside and just outside their bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from omninode_bridge.generation.samples_head import is_number
from omninode_bridge.generation.samples_shape import Number, Shape

__all__ = ["inside", "number_series", "outside"]

PROBES = (1, 0.5, 0.001)


def inside(shape: Shape, *, whole: bool) -> Iterator[tuple[str, Number]]:
    """Yield candidates that meet all bounds of `shape`, each with what is special about it."""
    if shape.low is not None:
        bound, exclusive = shape.low
        for value in _towards(bound, +1, shape, whole=whole, strictly=exclusive):
            yield ("just above exclusiveMinimum" if exclusive else "at minimum"), value
    if shape.high is not None:
        bound, exclusive = shape.high
        for value in _towards(bound, -1, shape, whole=whole, strictly=exclusive):
            yield ("just below exclusiveMaximum" if exclusive else "at maximum"), value
    if shape.low is not None and shape.high is not None:
        middle = shape.low[0] / 2 + shape.high[0] / 2
        yield "between", math.floor(middle) if whole else middle
    step = shape.step or Fraction(1)
    for multiple in (step, step * 2, step * 0, -step):
        if not whole or multiple.denominator == 1:
            yield ("multiple" if shape.step else "ordinary"), _number(multiple)
    if not whole and shape.step is None:
        yield "fraction", 1.5


def outside(shape: Shape, keyword: str, bound: object, *, whole: bool) -> Iterator[Number]:
    """Yield candidates that break `keyword` with its `bound`, the nearest first."""
    if not is_number(bound):
        return
    if keyword == "multipleOf":
        yield from _between_multiples(shape, bound, whole=whole)
        return
    if keyword.startswith("exclusive"):
        yield bound
    direction = -1 if keyword.endswith("inimum") else 1
    if whole:
        edge = math.ceil(bound) - 1 if direction < 0 else math.floor(bound) + 1
        yield from (edge, edge + 1000 * direction)
    else:
        yield from (_tidy(bound + direction * probe) for probe in (0.5, 1, 1000))
        yield math.nextafter(bound, direction * math.inf)
    if shape.step is not None:
        size = Fraction(str(bound)) / shape.step
        count = math.ceil(size) - 1 if direction < 0 else math.floor(size) + 1
        yield _number(shape.step * count)


def number_series(shape: Shape, count: int, *, whole: bool) -> list[Number]:
    """Return up to `count` different candidates in rising order, beginning at the lowest."""
    step = shape.step or Fraction(1)
    if whole:
        step = Fraction(step.numerator)
    start = Fraction(str(shape.low[0])) if shape.low else Fraction(1)
    if shape.low is None and shape.high is not None:
        start = Fraction(str(shape.high[0])) - step * (count + 1)
    first = math.floor(start / step) if start % step == 0 else math.floor(start / step) + 1
    if shape.low is not None and shape.low[1]:
        first += first * step == start
    return [_number(step * (first + index)) for index in range(count)]


def _towards(
    bound: Number, direction: int, shape: Shape, *, whole: bool, strictly: bool
) -> Iterator[Number]:
    if not strictly and (not whole or bound == int(bound)):
        yield int(bound) if whole else bound
    if shape.step is not None:
        size = Fraction(str(bound)) / shape.step
        count = math.ceil(size) if direction > 0 else math.floor(size)
        for extra in (0, direction):
            yield _number(shape.step * (count + extra))
    if whole:
        edge = math.floor(bound) + 1 if direction > 0 else math.ceil(bound) - 1
        yield edge
    else:
        yield from (_tidy(bound + direction * probe) for probe in PROBES)
        yield math.nextafter(bound, direction * math.inf)


def _between_multiples(shape: Shape, step: Number, *, whole: bool) -> Iterator[Number]:
    bases: list[Number] = [0, *(bound[0] for bound in (shape.low, shape.high) if bound)]
    for base in bases:
        for part in (1, -1):
            if whole:
                yield int(base) + part
            else:
                yield from (_tidy(base + part * step / divisor) for divisor in (2, 3))


def _tidy(value: Number) -> Number:
    """Drop the dust that binary arithmetic leaves."""
    rounded = round(value, 9)
    return rounded if math.isclose(rounded, value, rel_tol=1e-12, abs_tol=0) else value


def _number(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else float(value)
