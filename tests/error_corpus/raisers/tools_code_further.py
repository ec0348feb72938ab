"""A few more: structured output of models, configuration frameworks, watchers, parsers of languages."""

from __future__ import annotations

import tempfile

from lab import add, case, closed_port, web

OUTPUT = {
    "types": "GENERATION VALIDATION SYNTAX",
    "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION GRACEFUL_DEGRADATION",
    "transient": "no",
    "why": "what the model answered is not what was asked for",
    "tags": ("llm-output",),
}
CONFIG = {
    "types": "VALIDATION UNKNOWN",
    "strategies": "ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "a setting is missing or wrong",
}
PARSE = {
    "types": "SYNTAX VALIDATION CONTRACT GENERATION",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "the text does not parse",
}
BUG = {
    "types": "GENERATION VALIDATION SYNTAX UNKNOWN",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "a call that cannot work",
}
LINK = {
    "types": "NETWORK",
    "strategies": "RETRY ESCALATION",
    "transient": "yes",
    "why": "nobody answers there for now",
}
LATE = {
    "types": "TIMEOUT NETWORK",
    "strategies": "RETRY GRACEFUL_DEGRADATION",
    "transient": "yes",
    "why": "a deadline passed",
}
BARRED = {
    "types": "SECURITY",
    "strategies": "ESCALATION",
    "transient": "no",
    "why": "the rights or the proof are missing",
}


# ---- what models answer
@case("langchain_parser", "langchain-core", **OUTPUT)
def _() -> None:
    from langchain_core.output_parsers import JsonOutputParser

    JsonOutputParser().parse("I could not finish; please try again.")


@case("langchain_pydantic", "langchain-core", **OUTPUT)
def _() -> None:
    import pydantic
    from langchain_core.output_parsers import PydanticOutputParser

    node = pydantic.create_model("Node", name=(str, ...), retries=(int, ...))
    PydanticOutputParser(pydantic_object=node).parse('{"name": "a", "retries": "often"}')


@case(
    "langchain_prompt",
    "langchain-core",
    types="GENERATION VALIDATION",
    strategies="ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="the prompt lacks a value",
)
def _() -> None:
    from langchain_core.prompts import PromptTemplate

    PromptTemplate.from_template("Write a node for {contract}").invoke({"timeout": 3})


@case("langchain_tool", "langchain-core", **BUG | {"types": "VALIDATION GENERATION UNKNOWN"})
def _() -> None:
    from langchain_core.tools import ToolException

    raise ToolException("tool 'read_contract' takes no argument 'retry'")


@case(
    "instructor_incomplete", "instructor", **OUTPUT | {"types": "GENERATION AI_SERVICE VALIDATION"}
)
def _() -> None:
    from instructor.core.exceptions import IncompleteOutputException

    raise IncompleteOutputException


@case("instructor_validation", "instructor", **OUTPUT | {"tags": ("llm-output", "retried")})
def _() -> None:
    from instructor.core.exceptions import InstructorRetryException

    raise InstructorRetryException(
        "1 validation error for Node\nname\n  Field required [type=missing]",
        n_attempts=3,
        total_usage=0,
    )


# ---- configuration
@case("hydra_missing", "hydra-core", **CONFIG)
def _() -> None:
    from hydra import compose, initialize_config_dir

    with tempfile.TemporaryDirectory() as folder, initialize_config_dir(folder, version_base=None):
        compose("timeout_policy")


@case("hydra_instantiate", "hydra-core", **BUG | {"types": "VALIDATION SYNTAX GENERATION UNKNOWN"})
def _() -> None:
    from hydra.utils import instantiate

    instantiate({"_target_": "app.nodes.RetryNode"})


@case("click_range", "click", **CONFIG)
def _() -> None:
    import click

    raise click.BadParameter("Invalid value for '--timeout': -1 is not in the range x>=0.")


@case(
    "limits_text",
    "limits",
    **CONFIG | {"types": "VALIDATION SYNTAX UNKNOWN", "tags": ("misleading",)},
)
def _() -> None:
    import limits

    limits.parse("many per minute")


@case(
    "code_fastapi_http",
    "fastapi",
    types="NETWORK",
    strategies="RETRY ALTERNATIVE_PATH",
    transient="yes",
    why="the service asks to come again",
)
def _() -> None:
    from fastapi import HTTPException

    raise HTTPException(503, "model is warming up", headers={"Retry-After": "5"})


@case("code_fastapi_forbidden", "fastapi", tags=("misleading",), **BARRED)
def _() -> None:
    from fastapi import HTTPException

    raise HTTPException(403, "rate limit settings may only be read by operators")


@case(
    "code_fastapi_unprocessable",
    "fastapi",
    types="VALIDATION",
    strategies="ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    transient="no",
    why="the request is wrong",
    tags=("misleading",),
)
def _() -> None:
    from fastapi import HTTPException

    raise HTTPException(422, "timeout must be an integer")


@case(
    "code_fastapi_throttled",
    "fastapi",
    types="RATE_LIMIT",
    strategies="RETRY ALTERNATIVE_PATH",
    transient="yes",
    why="too many requests for now",
)
def _() -> None:
    from fastapi import HTTPException

    raise HTTPException(429)


# ---- languages
@case("sqlfluff_api", "sqlfluff", **PARSE)
def _() -> None:
    import sqlfluff

    sqlfluff.parse("SELECT FROM WHERE (")


@case("markdown_front_matter", "pyyaml", **PARSE | {"tags": ("misleading",)})
def _() -> None:
    import yaml

    yaml.safe_load("title: Node: retry: 3\ntimeout: [\n")


@case("libcst_transform", "libcst", **BUG)
def _() -> None:
    import libcst

    libcst.Module(
        [
            libcst.SimpleStatementLine(
                [
                    libcst.Expr(
                        libcst.Call(
                            libcst.Name("retry"),
                            [libcst.Arg(libcst.Name("a"), keyword=libcst.Name("b"), star="*")],
                        )
                    )
                ]
            )
        ]
    )


@case(
    "jsonschema_remote",
    "jsonschema",
    tags=("cause-matters",),
    **LINK | {"types": "NETWORK CONTRACT"},
)
def _() -> None:
    import jsonschema

    jsonschema.validate({}, {"$ref": f"http://127.0.0.1:{closed_port()}/node.json"})


@case("xmlschema_remote", "xmlschema", **LINK | {"types": "NETWORK CONTRACT"})
def _() -> None:
    import xmlschema

    xmlschema.XMLSchema(f"http://127.0.0.1:{closed_port()}/node.xsd")


@case(
    "xmlschema_remote_absent",
    "xmlschema",
    types="VALIDATION CONTRACT NETWORK UNKNOWN",
    strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="there is no such schema",
)
def _() -> None:
    import xmlschema

    with web(404) as base:
        xmlschema.XMLSchema(f"{base}/retry.xsd")


@case(
    "codegen_blocked",
    "datamodel-code-generator",
    **BARRED | {"types": "SECURITY CONTRACT", "why": "the address must not be asked"},
)
def _() -> None:
    from urllib.parse import urlparse

    from datamodel_code_generator import InputFileType, generate

    generate(
        urlparse(f"http://127.0.0.1:{closed_port()}/openapi.yaml"),
        input_file_type=InputFileType.OpenAPI,
    )


@case(
    "cookiecutter_clone",
    "cookiecutter",
    **LINK
    | {
        "types": "NETWORK GENERATION VALIDATION",
        "strategies": "RETRY ESCALATION ALTERNATIVE_PATH",
        "transient": "unknown",
        "why": "the repository is not there, or its server",
    },
)
def _() -> None:
    from cookiecutter.vcs import clone

    with tempfile.TemporaryDirectory() as folder:
        clone(
            f"git+git://127.0.0.1:{closed_port()}/template.git", clone_to_dir=folder, no_input=True
        )


@case(
    "jinja_loader_refused",
    "jinja2",
    tags=("cause-matters",),
    **LINK | {"types": "NETWORK GENERATION"},
)
def _() -> None:
    import socket

    import jinja2

    def load(name: str) -> str:
        socket.create_connection(("127.0.0.1", closed_port()), timeout=1)
        return ""

    jinja2.Environment(loader=jinja2.FunctionLoader(load), autoescape=True).get_template("node.j2")


@case("jinja_late_call", "jinja2", **LATE | {"types": "TIMEOUT NETWORK GENERATION"})
def _() -> None:
    import jinja2

    def ask() -> str:
        raise TimeoutError("model did not answer within 20 s")

    jinja2.Environment(autoescape=True).from_string("{{ ask() }}").render(ask=ask)


@case("pydantic_validator_refused", "pydantic", **LINK)
def _() -> None:
    import socket

    import pydantic

    class Node(pydantic.BaseModel):
        name: str

        @pydantic.field_validator("name")
        @classmethod
        def known(cls, value: str) -> str:
            socket.create_connection(("127.0.0.1", closed_port()), timeout=1)
            return value

    Node(name="a")


def nested(*errors: BaseException):
    """Raise a group of groups."""

    def run() -> None:
        raise ExceptionGroup(
            "two stages failed", [ExceptionGroup("stage", [error]) for error in errors]
        )

    return run


add(
    "nested_quota",
    "app.budget",
    nested(TimeoutError("a"), PermissionError(13, "Permission denied")),
    tags=("group",),
    **BARRED,
)
add(
    "nested_links",
    "app.budget",
    nested(
        ConnectionRefusedError(111, "Connection refused"),
        ConnectionRefusedError(111, "Connection refused"),
    ),
    tags=("group",),
    **LINK,
)
