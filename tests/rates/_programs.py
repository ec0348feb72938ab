"""Sound generated modules of many shapes, to be damaged."""

from __future__ import annotations

import random

THINGS = ("Order", "Invoice", "Parcel", "Reading", "Ticket", "Ledger")
VERBS = ("load", "merge", "publish", "validate", "fold", "render")
FIELDS = ("total", "owner", "weight", "state", "due", "lines")


def _header(rng: random.Random) -> list[str]:
    lines = []
    if rng.random() < 0.7:
        lines += [f'"""Handle {rng.choice(THINGS).lower()}s."""', ""]
    if rng.random() < 0.4:
        lines += ["from __future__ import annotations", ""]
    return lines


def _record(rng: random.Random, name: str, imports: set[str]) -> list[str]:
    kind = rng.randrange(3)
    fields = rng.sample(FIELDS, rng.randint(1, 3))
    if kind == 0:
        imports.add("from dataclasses import dataclass")
        lines = ["@dataclass", f"class {name}:"]
        for field in fields:
            hint = rng.choice(("int", "str", "Any", "Optional[str]"))
            if hint.startswith(("Any", "Optional")):
                imports.add(f"from typing import {hint.partition('[')[0]}")
            lines.append(f"    {field}: {hint}")
        return lines
    if kind == 1:
        imports.add("from enum import Enum")
        return [f"class {name}(Enum):", *(f'    {field.upper()} = "{field}"' for field in fields)]
    lines = [f"class {name}:", f'    """One {name.lower()}."""', ""]
    lines += [f"    def __init__(self, {', '.join(fields)}):"]
    lines += [f"        self.{field} = {field}" for field in fields]
    return lines


def _body(rng: random.Random, imports: set[str], pad: str) -> list[str]:
    """Return statements that work on `data` and leave `result`."""
    choice = rng.randrange(7)
    field = rng.choice(FIELDS)
    if choice == 0:
        lines = [
            "result = {}",
            "for key, value in data.items():",
            "    if value is None:",
            "        continue",
            f'    result[key] = "{field}: {{}}".format(value)',
        ]
    elif choice == 1:
        imports.add("import json")
        lines = ["text = json.dumps(data, sort_keys=True)", "result = json.loads(text)"]
    elif choice == 2:
        lines = [
            "try:",
            f'    result = data["{field}"]',
            "except KeyError as error:",
            f'    raise ValueError("no {field}") from error',
        ]
    elif choice == 3:
        imports.add("import re")
        lines = [
            f'found = re.findall(r"\\w+", str(data.get("{field}", "")))',
            "result = [word.lower() for word in found if word]",
        ]
    elif choice == 4:
        lines = [
            f'if not data.get("{field}"):',
            '    result = {"ok": False}',
            "else:",
            f'    result = {{"ok": True, "{field}": data["{field}"]}}',
        ]
    elif choice == 5:
        imports.add("import math")
        lines = [
            "result = []",
            "for number in range(3):",
            "    result.append(math.sqrt(number))",
        ]
    else:
        imports.add("from pathlib import Path")
        lines = [f'path = Path("{field}") / "x.txt"', "result = str(path)"]
    if rng.random() < 0.3:
        lines.insert(0, f"# {rng.choice(VERBS)} it: def, async and await are only words here")
    return [f"{pad}{line}" for line in lines]


def _node(rng: random.Random, name: str, imports: set[str]) -> list[str]:
    """Return a node class: an async execute method that awaits a coroutine of its own."""
    verb, thing = rng.choice(VERBS), rng.choice(THINGS).lower()
    imports.add("from typing import Any")
    execute = f"execute_{rng.choice(('effect', 'compute', 'operation'))}"
    lines = [f"class Node{name}:"]
    if rng.random() < 0.6:
        lines += [f'    """{verb.title()} {thing}s."""', ""]
    lines += [
        f"    async def {verb}_{thing}(self, data: dict[str, Any]) -> Any:",
        *_body(rng, imports, "        "),
        "        return result",
        "",
        f"    async def {execute}(self, data: dict[str, Any]) -> Any:",
    ]
    if rng.random() < 0.5:
        lines.append('        """Execute the operation."""')
    if rng.random() < 0.4:
        imports.add("import asyncio")
        lines.append("        await asyncio.sleep(0)")
    lines += [f"        result = await self.{verb}_{thing}(data)", "        return result"]
    return lines


def _function(rng: random.Random, name: str, imports: set[str]) -> list[str]:
    lines = [f"def {name}(data):"]
    lines += _body(rng, imports, "    ")
    lines.append("    return result")
    return lines


def program(rng: random.Random) -> str:
    """Return a module that compiles, defines whatever it uses, and has an async node class."""
    imports: set[str] = set()
    parts: list[list[str]] = []
    names = rng.sample(THINGS, 2)
    if rng.random() < 0.7:
        parts.append(_record(rng, names[0], imports))
    if rng.random() < 0.5:
        parts.append(_function(rng, f"{rng.choice(VERBS)}_all", imports))
    parts.append(_node(rng, names[1], imports))
    rng.shuffle(parts)
    lines = [*_header(rng), *sorted(imports)]
    for part in parts:
        lines += ["", "", *part]
    return "\n".join(lines) + "\n"
