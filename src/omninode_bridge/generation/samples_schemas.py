"""The subschemas of one schema: references followed, choices settled."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from omninode_bridge.generation.samples_head import Head, as_list, as_mapping
from omninode_bridge.generation.samples_shape import Shape, shape_of

__all__ = ["Schemas"]

MAX_PARTS = 64
MAX_VARIANTS = 24


class Schemas:
    """The subschemas of one root schema; references are local."""

    def __init__(self, root: Mapping[str, object]) -> None:
        self.root = root

    def variants(self, heads: Sequence[Head]) -> Iterator[Shape]:
        """Yield the shape of each way to settle the choices among `heads`; the first one is plain."""
        settled = self._settled(self._flat(heads), frozenset())
        yield from map(shape_of, itertools.islice(settled, MAX_VARIANTS))

    def pointers(self, heads: Sequence[Head]) -> frozenset[str]:
        """Return the pointers of all parts of `heads`, choices left open."""
        return frozenset(part.pointer for part in self._flat(heads))

    def referred(self, head: Head) -> list[Head]:
        """Return what the ``$ref`` of `head` leads to, if it has one."""
        target = as_mapping(head.schema).get("$ref")
        found = self._resolve(target) if isinstance(target, str) else None
        return [] if found is None else [replace(found, loose=head.loose)]

    def runs_in_circles(self) -> bool:
        """Whether a subschema leads back to itself without going down into the data."""
        done: set[str] = set()
        for start in self._same_place_starts():
            path: list[tuple[Head, Iterator[Head]]] = [(start, iter(self._same_place(start)))]
            open_ = {start.pointer}
            while path and start.pointer not in done:
                head, below = path[-1]
                step = next(below, None)
                if step is None:
                    path.pop()
                    open_.discard(head.pointer)
                    done.add(head.pointer)
                elif step.pointer in open_:
                    return True
                elif step.pointer not in done:
                    open_.add(step.pointer)
                    path.append((step, iter(self._same_place(step))))
        return False

    def _same_place_starts(self) -> list[Head]:
        definitions = as_mapping(self.root.get("$defs"))
        root = Head("", self.root)
        return [root, *(root.down("$defs", name) for name in definitions)]

    def _same_place(self, head: Head) -> list[Head]:
        schema = as_mapping(head.schema)
        listed = [
            head.down(keyword, index)
            for keyword in ("allOf", "anyOf", "oneOf")
            for index in range(len(as_list(schema.get(keyword))))
        ]
        single = [head.down(word) for word in ("if", "then", "else", "not") if word in schema]
        return [*listed, *single, *self.referred(head)]

    def _flat(self, heads: Sequence[Head]) -> list[Head]:
        parts: dict[str, Head] = {}
        waiting = list(heads)
        while waiting and len(parts) < MAX_PARTS:
            head = waiting.pop(0)
            if head.pointer in parts:
                continue
            parts[head.pointer] = head
            schema = as_mapping(head.schema)
            members = schema.get("allOf")
            if isinstance(members, Sequence):
                waiting += [head.down("allOf", index) for index in range(len(members))]
            waiting += self.referred(head)
        return list(parts.values())

    def _resolve(self, reference: str) -> Head | None:
        if not reference.startswith("#"):
            return None
        place: object = self.root
        for token in reference[1:].split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            if isinstance(place, Mapping) and key in place:
                place = place[key]
            elif isinstance(place, Sequence) and key.isdecimal() and int(key) < len(place):
                place = place[int(key)]
            else:
                return None
        return Head(reference[1:], place)

    def _settled(self, parts: list[Head], done: frozenset[str]) -> Iterator[list[Head]]:
        open_ = [choice for part in parts for choice in _choices(part) if choice[0] not in done]
        if not open_:
            yield parts
            return
        done |= {name for name, _ in open_}
        first = [branches[0] for _, branches in open_]
        yield from self._settled(self._flat(parts + _joined(first)), done)
        for index, (_, branches) in enumerate(open_):
            for branch in branches[1:]:
                picked = [*first[:index], branch, *first[index + 1 :]]
                yield from itertools.islice(
                    self._settled(self._flat(parts + _joined(picked)), done), MAX_VARIANTS
                )


def _choices(part: Head) -> list[tuple[str, list[list[Head]]]]:
    schema = as_mapping(part.schema)
    found = []
    for keyword in ("anyOf", "oneOf"):
        members = as_list(schema.get(keyword))
        if members:
            branches = [[part.down(keyword, index)] for index in range(len(members))]
            found.append((f"{part.pointer}/{keyword}", branches))
    if "if" in schema and ("then" in schema or "else" in schema):
        then = [part.down("if"), *([part.down("then")] if "then" in schema else [])]
        otherwise = [part.down("else")] if "else" in schema else []
        found.append((f"{part.pointer}/if", [then, otherwise]))
    return found


def _joined(groups: Sequence[list[Head]]) -> list[Head]:
    return [head for group in groups for head in group]
