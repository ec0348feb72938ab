"""The output of datamodel-code-generator, as a syntax tree, on our bases and types."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from omninode_bridge.generation.models_module import SOURCES
from omninode_bridge.generation.models_names import field_names, member_names

if TYPE_CHECKING:
    from omninode_bridge.generation.models_module import Module
    from omninode_bridge.generation.models_prepare import Preparation

__all__ = ["Rewriter"]

_TYPES = {
    "AnyUrl": "UriText",
    "AwareDatetime": "DateTimeText",
    "IPv4Address": "Ipv4Text",
    "IPv6Address": "Ipv6Text",
    "UUID": "UuidText",
    "date": "DateText",
    "datetime": "DateTimeText",
    "float": "int | float",
    "int": "Integer",
    "time": "TimeText",
    "timedelta": "DurationText",
}


class Rewriter:
    """Rewrites one module."""

    def __init__(self, prepared: Preparation, module: Module) -> None:
        self._prepared = prepared
        self._module = module
        self.quoted_names: set[str] = set()
        self._members: dict[str, dict[str, str]] = {}

    def body(self, tree: ast.Module) -> list[ast.stmt]:
        """Return the definitions of the module, without its imports."""
        self._rename(tree)
        for one in tree.body:
            if isinstance(one, ast.ClassDef) and _base(one) == "StrEnum":
                self._enumeration(one)
        made = [self._statement(one) for one in tree.body]
        return [one for one in made if one is not None]

    def _rename(self, tree: ast.Module) -> None:
        """Give every definition its name: ours, or the generator's where it is free."""
        known = self._prepared.class_names
        names: dict[str, str] = {}
        for one in tree.body:
            old = _defines(one)
            if old is not None and old != "Model":
                names[old] = known.get(old) or self._module.new_name(old)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                node.name = names.get(node.name, node.name)
            elif isinstance(node, ast.Name):
                node.id = names.get(node.id, node.id)
            elif isinstance(node, ast.Call) and _is_call(node, "TypeAliasType"):
                node.args[0] = ast.Constant(names[ast.literal_eval(node.args[0])])

    def _statement(self, one: ast.stmt) -> ast.stmt | None:
        if isinstance(one, ast.ClassDef):
            if _base(one) == "RootModel":
                return None if one.name == "Model" else self._alias(one)
            return one if _base(one) == "TextEnum" else self._class(one)
        if isinstance(one, ast.Assign):
            return _Types().visit(one)  # type: ignore[no-any-return]
        return one if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) else None

    def _enumeration(self, one: ast.ClassDef) -> None:
        one.bases = [ast.Name("TextEnum")]
        values = [node.value for node in one.body if isinstance(node, ast.Assign)]
        texts = [node.value for node in values if isinstance(node, ast.Constant)]
        members = member_names([str(text) for text in texts])
        self._members[one.name] = members
        one.body = [
            ast.Assign([ast.Name(name)], ast.Constant(text), lineno=0)
            for text, name in members.items()
        ]

    def _alias(self, one: ast.ClassDef) -> ast.stmt:
        """Make an alias of a root model: on the wire it is what it holds."""
        root = next(node for node in one.body if isinstance(node, ast.AnnAssign))
        value = self._annotation(root.annotation)
        self.quoted_names |= {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        text = ast.Constant(ast.unparse(value))
        call = ast.Call(ast.Name("TypeAliasType"), [ast.Constant(one.name), text], [])
        # `lineno` is required by the compiler's types only.
        return ast.Assign([ast.Name(one.name)], call, lineno=0)

    def _class(self, one: ast.ClassDef) -> ast.stmt:
        wires = {
            self._prepared.properties[one.name, _wire(node)].wire: node
            for node in one.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        }
        names = field_names(wires, self._module.taken() | SOURCES.keys() | self._members.keys())
        for wire, node in wires.items():
            self._field(one.name, wire, names[wire], node)
        one.body = [node for node in one.body if not _sets_annotations(node)] or [ast.Pass()]
        return one

    def _field(self, owner: str, wire: str, name: str, node: ast.AnnAssign) -> None:
        known = self._prepared.properties[owner, _wire(node)]
        base, metadata = _split(self._annotation(node.annotation))
        field = next((one for one in metadata if _is_call(one, "Field")), None)
        keywords = [] if field is None else field.keywords
        keywords = [one for one in keywords if one.arg != "alias"]
        if name != wire:
            keywords.insert(0, ast.keyword("alias", ast.Constant(wire)))
        metadata = [one for one in metadata if one is not field]
        if keywords:
            metadata.insert(0, ast.Call(ast.Name("Field"), [], keywords))
        if known.required:
            node.value = None
        elif node.value is None:
            node.value = ast.Constant(None)
        if isinstance(node.value, ast.Constant) and node.value.value is None:
            if not known.nullable:
                metadata.append(ast.Call(ast.Name("NotNull"), [], []))
            if "None" not in ast.unparse(base):
                base = ast.BinOp(base, ast.BitOr(), ast.Constant(None))
        elif known.required and not known.nullable:
            base = _without_none(base)
        node.target = ast.Name(name)
        node.annotation = _annotated(base, metadata)
        node.value = self._default(base, node.value)

    def _annotation(self, node: ast.expr) -> ast.expr:
        return _Types().visit(node)  # type: ignore[no-any-return]

    def _default(self, base: ast.expr, value: ast.expr | None) -> ast.expr | None:
        if isinstance(value, ast.List | ast.Dict):
            factory = ast.Call(ast.Name("JsonDefault"), [value], [])
            return ast.Call(
                ast.Name("Field"),
                [],
                [
                    ast.keyword("default_factory", factory),
                    ast.keyword("validate_default", ast.Constant(value=True)),
                ],
            )
        if isinstance(value, ast.Constant) and isinstance(value.value, float):
            whole = value.value.is_integer() and "Integer" in ast.unparse(base)
            return ast.Constant(int(value.value)) if whole else value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            for node in ast.walk(base):
                if isinstance(node, ast.Name) and value.value in self._members.get(node.id, ()):
                    return ast.Attribute(ast.Name(node.id), self._members[node.id][value.value])
        return value


class _Types(ast.NodeTransformer):
    """Names the types of our runtime, and turns patterns into checks."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        # The generator renames a type where a field has its name; our fields give way instead.
        name = node.id.removesuffix("_aliased")
        return ast.parse(_TYPES.get(name, name), mode="eval").body

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        base, metadata = _split(node)
        checks: list[ast.Call] = []
        for one in metadata:
            for keyword in [each for each in one.keywords if each.arg == "pattern"]:
                one.keywords.remove(keyword)
                checks.append(ast.Call(ast.Name("Pattern"), [keyword.value], []))
        kept = [one for one in metadata if one.keywords or one.args]
        return _annotated(base, [*kept, *checks]) if metadata else node


def _defines(one: ast.stmt) -> str | None:
    if isinstance(one, ast.ClassDef):
        return one.name
    if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
        return one.targets[0].id
    return None


def _base(one: ast.ClassDef) -> str:
    base: Any = one.bases[0]
    base = base.value if isinstance(base, ast.Subscript) else base
    return str(getattr(base, "id", ""))


def _split(node: ast.expr) -> tuple[ast.expr, list[ast.Call]]:
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Annotated"
        and isinstance(node.slice, ast.Tuple)
    ):
        base, *metadata = node.slice.elts
        return base, [one for one in metadata if isinstance(one, ast.Call)]
    return node, []


def _annotated(base: ast.expr, metadata: list[ast.Call]) -> ast.expr:
    if not metadata:
        return base
    return ast.Subscript(ast.Name("Annotated"), ast.Tuple([base, *metadata]))


def _is_call(node: ast.Call, name: str) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == name


def _wire(node: ast.AnnAssign) -> str:
    _, metadata = _split(node.annotation)
    for one in metadata:
        for keyword in one.keywords:
            if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return node.target.id if isinstance(node.target, ast.Name) else ""


def _without_none(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.BinOp) and ast.unparse(node.right) == "None":
        return node.left
    return node


def _sets_annotations(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "__annotations__"
    )
