"""Schema and validation libraries: values that are refused, schemas that are wrong themselves."""

from __future__ import annotations

import asyncio
from typing import Any

from lab import add, case

DATA = {
    "types": "VALIDATION",
    "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "a value that the schema refuses",
}
TYPED = {
    "types": "VALIDATION GENERATION",
    "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "a value of the wrong type at a checked call",
}
SCHEMA = {
    "types": "CONTRACT VALIDATION",
    "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "the schema itself is wrong",
}
CONFIG = {
    "types": "VALIDATION UNKNOWN",
    "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "a setting is missing or wrong",
}
OUTPUT = {
    "types": "GENERATION VALIDATION SYNTAX",
    "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "what the model answered is not what was asked for",
    "tags": ("llm-output",),
}


# ---- pydantic
def model(**values: Any):
    """Validate the settings of a node."""

    def run() -> None:
        import pydantic

        class Node(pydantic.BaseModel):
            model_config = pydantic.ConfigDict(extra="forbid")
            name: str
            timeout_seconds: int = 3
            retries: int = pydantic.Field(default=3, le=5)

        Node(**values)

    return run


add("pydantic_missing", "pydantic", model(retries=1), **DATA)
add(
    "pydantic_type",
    "pydantic",
    model(name="a", timeout_seconds="ten"),
    tags=("misleading",),
    **DATA,
)
add("pydantic_range", "pydantic", model(name="a", retries=50), tags=("misleading",), **DATA)
add("pydantic_extra", "pydantic", model(name="a", rate_limit=9), tags=("misleading",), **DATA)


@case("pydantic_json", "pydantic", **OUTPUT)
def _() -> None:
    import pydantic

    pydantic.TypeAdapter(dict[str, int]).validate_json('```json\n{"a": 1}\n```')


@case("pydantic_truncated_json", "pydantic", **OUTPUT)
def _() -> None:
    import pydantic

    pydantic.TypeAdapter(list[str]).validate_json('["async def execute", "awa')


@case("pydantic_validator", "pydantic", tags=("cause-matters",), **DATA)
def _() -> None:
    import pydantic

    class Node(pydantic.BaseModel):
        name: str

        @pydantic.field_validator("name")
        @classmethod
        def snake(cls, value: str) -> str:
            if not value.islower():
                raise ValueError("must be snake_case; try again with lower case")
            return value

    try:
        Node(name="NodeA")
    except pydantic.ValidationError as error:
        raise RuntimeError("parsing the plan failed") from error


@case(
    "pydantic_undefined_annotation",
    "pydantic",
    types="SYNTAX VALIDATION GENERATION",
    strategies="ERROR_CORRECTION ALTERNATIVE_PATH",
    transient="no",
    why="a name in an annotation is not defined",
)
def _() -> None:
    import pydantic

    class Node(pydantic.BaseModel):
        state: ModelStateOfNode  # noqa: F821

    Node(state=1)


@case(
    "pydantic_schema_generation",
    "pydantic",
    types="VALIDATION GENERATION CONTRACT SYNTAX",
    strategies="ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    transient="no",
    why="a model class that cannot be built",
)
def _() -> None:
    import pydantic

    class Opaque:
        pass

    pydantic.create_model("Node", part=(Opaque, ...))


@case(
    "pydantic_user_error",
    "pydantic",
    types="VALIDATION GENERATION CONTRACT SYNTAX",
    strategies="ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    transient="no",
    why="a field without annotation",
)
def _() -> None:
    import pydantic

    type("Node", (pydantic.BaseModel,), {"retries": 3, "__module__": __name__})


@case("pydantic_call", "pydantic", **DATA)
async def _() -> None:
    import pydantic

    @pydantic.validate_call
    async def build(name: str, workers: int) -> None:
        await asyncio.sleep(0)

    await build("a", workers="many")


@case("pydantic_v1", "pydantic", **DATA)
def _() -> None:
    from pydantic import v1

    class Node(v1.BaseModel):
        version: int
        name: str

    Node.parse_obj({"version": "v1"})


@case("pydantic_v1_raw", "pydantic", **OUTPUT)
def _() -> None:
    from pydantic import v1

    class Node(v1.BaseModel):
        version: int

    Node.parse_raw("Here is the JSON you asked for: {}")


@case("pydantic_frozen", "pydantic", **DATA)
def _() -> None:
    import pydantic

    class Node(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(frozen=True)
        name: str = "a"

    Node().name = "b"


@case("pydantic_settings_missing", "pydantic-settings", **CONFIG)
def _() -> None:
    from pydantic_settings import BaseSettings

    class Settings(BaseSettings):
        registry_url: str
        registry_timeout: float

    Settings()


@case("pydantic_group", "pydantic", tags=("group",), **DATA)
async def _() -> None:
    async def one(**values: Any) -> None:
        model(**values)()

    async with asyncio.TaskGroup() as group:
        group.create_task(one())
        group.create_task(one(name=1))


# ---- json schema
def schema(document: Any, rules: Any):
    """Check a document."""

    def run() -> None:
        import jsonschema

        jsonschema.validate(document, rules)

    return run


add("jsonschema_required", "jsonschema", schema({}, {"required": ["node_type"]}), **DATA)
add("jsonschema_pattern", "jsonschema", schema("1.x", {"pattern": r"^\d+\.\d+\.\d+$"}), **DATA)
add("jsonschema_enum", "jsonschema", schema("effects", {"enum": ["effect", "compute"]}), **DATA)
add(
    "jsonschema_maximum",
    "jsonschema",
    schema({"timeout_ms": 1e9}, {"properties": {"timeout_ms": {"maximum": 60000}}}),
    tags=("misleading",),
    **DATA,
)
add(
    "jsonschema_additional",
    "jsonschema",
    schema({"retry": 1}, {"properties": {}, "additionalProperties": False}),
    tags=("misleading",),
    **DATA,
)
add("jsonschema_schema", "jsonschema", schema({}, {"type": "mapping"}), **SCHEMA)
add("jsonschema_reference", "jsonschema", schema({}, {"$ref": "#/$defs/ModelInputState"}), **SCHEMA)


@case("jsonschema_any_of", "jsonschema", **DATA)
def _() -> None:
    schema({"kind": "x"}, {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]})()


@case("fastjsonschema_value", "fastjsonschema", **DATA)
def _() -> None:
    import fastjsonschema

    fastjsonschema.compile({"properties": {"port": {"type": "integer"}}})({"port": "80"})


@case("fastjsonschema_definition", "fastjsonschema", **SCHEMA)
def _() -> None:
    import fastjsonschema

    fastjsonschema.compile({"type": "validate"})


@case("referencing_unresolved", "referencing", **SCHEMA)
def _() -> None:
    from referencing import Registry

    Registry().resolver().lookup("urn:node:effect#/properties/a")


@case("marshmallow_load", "marshmallow", **DATA)
def _() -> None:
    from marshmallow import Schema, fields

    Schema.from_dict({"email": fields.Email(), "age": fields.Int(required=True)})().load(
        {"email": "x"}
    )


@case("marshmallow_unknown", "marshmallow", tags=("misleading",), **DATA)
def _() -> None:
    from marshmallow import Schema

    Schema.from_dict({})().load({"service_unavailable": True})


@case("marshmallow_registry", "marshmallow", **SCHEMA)
def _() -> None:
    from marshmallow import Schema, fields

    Schema.from_dict({"parts": fields.Nested("PartSchema")})().load({"parts": {}})


@case("cerberus_schema", "cerberus", **SCHEMA)
def _() -> None:
    import cerberus

    cerberus.Validator({"name": {"kind": "string"}})


@case("cerberus_document", "cerberus", **DATA)
def _() -> None:
    import cerberus

    cerberus.Validator({"name": {"type": "string"}}).validate(["name"])


@case("cerberus_reported", "cerberus", **DATA)
def _() -> None:
    import cerberus

    validator = cerberus.Validator({"port": {"type": "integer", "max": 65535}})
    if not validator.validate({"port": 70000}):
        raise ValueError(f"validation failed: {validator.errors}")


@case("typeguard_argument", "typeguard", **TYPED)
def _() -> None:
    import typeguard

    typeguard.check_type({"retries": "3"}, dict[str, int])


@case("typeguard_function", "typeguard", **TYPED)
def _() -> None:
    import typeguard

    @typeguard.typechecked
    def build(name: str) -> str:
        return name

    build(b"node")


@case("beartype_argument", "beartype", **TYPED)
def _() -> None:
    import beartype

    @beartype.beartype
    def build(workers: int) -> None:
        pass

    build("two")


@case("beartype_return", "beartype", **TYPED)
def _() -> None:
    import beartype

    @beartype.beartype
    def render() -> str:
        return None

    render()


@case(
    "beartype_decorator", "beartype", **SCHEMA | {"types": "VALIDATION SYNTAX GENERATION CONTRACT"}
)
def _() -> None:
    import beartype

    @beartype.beartype
    def render(a: "not a type!") -> None:  # noqa: F722
        pass

    render(1)


@case("attrs_instance", "attrs", **TYPED)
def _() -> None:
    import attrs

    @attrs.define
    class Node:
        name: str = attrs.field(validator=attrs.validators.matches_re(r"Node\w+"))

    Node("effect")


@case(
    "attrs_frozen",
    "attrs",
    **TYPED
    | {
        "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
        "types": "VALIDATION GENERATION UNKNOWN",
    },
)
def _() -> None:
    import attrs

    @attrs.frozen
    class Node:
        name: str = "a"

    Node().name = "b"


@case("dacite_missing", "dacite", **DATA)
def _() -> None:
    import dataclasses

    import dacite

    Node = dataclasses.make_dataclass("Node", [("name", str), ("timeout", float)])
    dacite.from_dict(Node, {"name": "a"})


@case("dacite_type", "dacite", tags=("misleading",), **DATA)
def _() -> None:
    import dataclasses

    import dacite

    Node = dataclasses.make_dataclass("Node", [("deadline", float)])
    dacite.from_dict(Node, {"deadline": "exceeded"})


@case("schema_key", "schema", **DATA)
def _() -> None:
    from schema import Schema

    Schema({"name": str, "version": int}).validate({"name": "a"})


@case("schema_extra", "schema", tags=("misleading",), **DATA)
def _() -> None:
    from schema import Schema

    Schema({}).validate({"connection reset": 1})


@case("voluptuous_many", "voluptuous", **DATA)
def _() -> None:
    from voluptuous import Range, Required, Schema

    Schema({Required("host"): str, "port": Range(1, 65535)})({"port": 0})


@case("typedload_value", "typedload", **DATA)
def _() -> None:
    import typedload

    typedload.load({"a": "b"}, dict[str, int])


@case("msgspec_missing", "msgspec", **DATA)
def _() -> None:
    import msgspec

    node = msgspec.defstruct("Node", [("name", str), ("retry_after", int)])
    msgspec.json.decode(b'{"name": "a"}', type=node)


@case(
    "msgspec_yaml",
    "msgspec",
    types="SYNTAX VALIDATION CONTRACT",
    strategies="ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    transient="no",
    why="the document does not parse",
)
def _() -> None:
    import msgspec

    msgspec.toml.decode("name = \n")


@case("pandera_column", "pandera", **DATA)
def _() -> None:
    import pandas as pd
    import pandera.pandas as pandera

    pandera.DataFrameSchema({"price": pandera.Column(float)}).validate(
        pd.DataFrame({"cost": [1.0]})
    )


@case("pandera_check", "pandera", **DATA)
def _() -> None:
    import pandas as pd
    import pandera.pandas as pandera

    column = pandera.Column(int, pandera.Check.in_range(0, 100))
    pandera.DataFrameSchema({"score": column}).validate(pd.DataFrame({"score": [7, 400]}))


@case("pandera_lazy", "pandera", **DATA)
def _() -> None:
    import pandas as pd
    import pandera.pandas as pandera

    rules = pandera.DataFrameSchema({"a": pandera.Column(int), "b": pandera.Column(str)})
    rules.validate(pd.DataFrame({"a": ["x"], "b": [1]}), lazy=True)


@case("yamale_value", "yamale", **DATA)
def _() -> None:
    import yamale

    rules = yamale.make_schema(content="name: str()\nretries: int(max=5)\n")
    yamale.validate(rules, yamale.make_data(content="name: 1\nretries: 9\n"))


@case("environs_missing", "environs", **CONFIG)
def _() -> None:
    import environs

    environs.Env().str("NODE_REGISTRY_ADDRESS")


@case("environs_value", "environs", **CONFIG)
def _() -> None:
    import os

    import environs

    os.environ["NODE_WORKERS"] = "several"
    environs.Env().int("NODE_WORKERS")


@case("omegaconf_missing", "omegaconf", **CONFIG)
def _() -> None:
    from omegaconf import OmegaConf

    _ = OmegaConf.create({"model": {"name": "???"}}).model.name


@case("omegaconf_type", "omegaconf", **CONFIG)
def _() -> None:
    import dataclasses

    from omegaconf import OmegaConf

    options = OmegaConf.structured(dataclasses.make_dataclass("Options", [("retries", int, 3)]))
    options.retries = "often"


@case("omegaconf_interpolation", "omegaconf", **CONFIG)
def _() -> None:
    from omegaconf import OmegaConf

    _ = OmegaConf.create({"url": "${server.address}"}).url


@case("dynaconf_key", "dynaconf", **CONFIG | {"types": "VALIDATION UNKNOWN GENERATION"})
def _() -> None:
    from dynaconf import Dynaconf

    _ = Dynaconf(settings_files=[]).MODEL_NAME


@case("dynaconf_validator", "dynaconf", **CONFIG)
def _() -> None:
    from dynaconf import Dynaconf, Validator

    Dynaconf(
        settings_files=[], validators=[Validator("API_TIMEOUT", must_exist=True)]
    ).validators.validate()


@case("click_value", "click", **CONFIG)
def _() -> None:
    import click

    @click.command()
    @click.option("--workers", type=int)
    def build(workers: int) -> None:
        pass

    build.main(["--workers", "two"], standalone_mode=False)


@case("click_missing_file", "click", **CONFIG)
def _() -> None:
    import click

    @click.command()
    @click.argument("contract", type=click.Path(exists=True))
    def build(contract: str) -> None:
        pass

    build.main(["contracts/none.yaml"], standalone_mode=False)


@case("click_usage", "click", **CONFIG)
def _() -> None:
    import click

    click.Command("build").main(["--fast"], standalone_mode=False)


@case("argparse_argument", "argparse", **CONFIG)
def _() -> None:
    import argparse

    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--level", choices=["basic", "full"])
    parser.parse_args(["--level", "strict"])


@case("code_fastapi_request", "fastapi", **DATA)
async def _() -> None:
    from fastapi.exceptions import RequestValidationError

    raise RequestValidationError(
        [{"loc": ("body", "contract"), "msg": "Field required", "type": "missing"}]
    )


@case(
    "code_fastapi_response",
    "fastapi",
    **DATA
    | {"types": "VALIDATION GENERATION", "why": "the answer does not fit the declared model"},
)
def _() -> None:
    import fastapi
    from fastapi.testclient import TestClient

    app = fastapi.FastAPI()

    @app.get("/node", response_model=dict[str, int])
    def node() -> Any:
        return {"a": "b"}

    TestClient(app).get("/node")


@case("cattrs_group", "cattrs", tags=("group",), **DATA)
def _() -> None:
    import attrs
    import cattrs

    part = attrs.make_class("Part", {"size": attrs.field(type=int), "name": attrs.field(type=str)})
    cattrs.structure([{"size": "big"}, {"name": "x"}], list[part])


@case("cattrs_extra", "cattrs", tags=("group",), **DATA)
def _() -> None:
    import attrs
    import cattrs

    part = attrs.make_class("Part", {"size": attrs.field(type=int)})
    cattrs.Converter(forbid_extra_keys=True).structure({"size": 1, "colour": 2}, part)


@case(
    "dataclass_argument",
    "dataclasses",
    types="GENERATION VALIDATION SYNTAX UNKNOWN",
    strategies="ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    transient="no",
    why="a call that does not fit its signature",
)
def _() -> None:
    import dataclasses

    dataclasses.make_dataclass("Node", ["name"])(name="a", timeout=3)


@case(
    "dataclass_default",
    "dataclasses",
    types="SYNTAX GENERATION VALIDATION UNKNOWN",
    strategies="ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    transient="no",
    why="a class that cannot be built as written",
)
def _() -> None:
    import dataclasses

    @dataclasses.dataclass
    class Node:
        parts: list = []  # noqa: RUF008


@case(
    "enum_value",
    "enum",
    **DATA
    | {
        "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
        "types": "VALIDATION GENERATION UNKNOWN",
    },
)
def _() -> None:
    import enum

    enum.Enum("NodeKind", ["EFFECT", "COMPUTE"])("timeout")
