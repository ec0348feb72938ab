"""Documents and formats: what does not parse, what breaks its contract, what is cut off."""

from __future__ import annotations

import io
import json
import tempfile
from typing import Any

from lab import add, case

PARSE = {
    "types": "SYNTAX VALIDATION CONTRACT GENERATION",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "the document does not parse",
}
DATA = {
    "types": "VALIDATION GENERATION UNKNOWN",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "a value that cannot be read or written so",
}
CONTRACT = {
    "types": "CONTRACT VALIDATION",
    "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "the contract is wrong or is not kept",
}
QUERY = {
    "types": "SYNTAX VALIDATION CONTRACT",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "the expression does not parse",
}
BROKEN = {
    "types": "VALIDATION UNKNOWN NETWORK",
    "strategies": "ESCALATION ALTERNATIVE_PATH RETRY",
    "transient": "unknown",
    "why": "damaged for good, or cut off on its way",
}
UNSAFE = {
    "types": "SECURITY VALIDATION",
    "strategies": "ESCALATION",
    "transient": "no",
    "why": "a document that attacks its reader",
}


# ---- yaml
def yaml(text: str):
    """Read a text."""

    def run() -> None:
        import yaml as reader

        reader.safe_load(text)

    return run


add("yaml_tab", "pyyaml", yaml("node:\n\tname: a\n"), **PARSE)
add("yaml_mapping", "pyyaml", yaml("name: a: b\n"), **PARSE)
add("yaml_indent", "pyyaml", yaml("node:\n  name: a\n   kind: b\n"), **PARSE)
add("yaml_flow", "pyyaml", yaml("retry: [1, 2\nname: x\n"), tags=("misleading",), **PARSE)
add("yaml_alias", "pyyaml", yaml("a: *timeout\n"), tags=("misleading",), **PARSE)
add("yaml_quote", "pyyaml", yaml('a: "open\nb: 1\n'), **PARSE)
add("yaml_control", "pyyaml", yaml("a: \x01\n"), **PARSE)
add(
    "yaml_tag",
    "pyyaml",
    yaml("a: !!python/object/apply:os.system ['id']\n"),
    **PARSE
    | {
        "types": "SECURITY SYNTAX VALIDATION CONTRACT GENERATION",
        "why": "a tag that the safe reader does not take",
    },
)
add("yaml_documents", "pyyaml", yaml("a: 1\n---\nb: 2\n"), **PARSE)


@case("yaml_represent", "pyyaml", **DATA)
def _() -> None:
    import yaml as writer

    writer.safe_dump({"state": object()})


@case(
    "yaml_wrapped",
    "pyyaml",
    tags=("cause-matters", "contract"),
    **CONTRACT | {"types": "CONTRACT SYNTAX VALIDATION"},
)
def _() -> None:
    ContractLoadError = type("ContractLoadError", (Exception,), {"__module__": "app.contracts"})
    try:
        yaml("version: {major: 1\n")()
    except Exception as error:
        raise ContractLoadError("cannot read contracts/effect.yaml") from error


@case("ruamel_indent", "ruamel.yaml", **PARSE)
def _() -> None:
    from ruamel.yaml import YAML

    YAML(typ="safe").load("a:\n - b\n c: d\n")


@case("ruamel_constructor", "ruamel.yaml", **PARSE)
def _() -> None:
    from ruamel.yaml import YAML

    YAML(typ="safe").load("a: !node {}\n")


# ---- json
def text_json(text: str | bytes):
    """Read a text."""
    return lambda: json.loads(text)


add("json_single_quotes", "json", text_json("{'name': 'a'}"), **PARSE)
add("json_trailing_comma", "json", text_json('{"a": [1, 2,]}'), **PARSE)
add(
    "json_extra",
    "json",
    text_json('{"a": 1} Hope this helps! Try again if not.'),
    tags=("llm-output", "misleading"),
    **PARSE | {"types": "GENERATION SYNTAX VALIDATION CONTRACT"},
)
add(
    "json_empty",
    "json",
    text_json(""),
    **PARSE
    | {
        "transient": "unknown",
        "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION RETRY",
        "types": "SYNTAX VALIDATION CONTRACT GENERATION NETWORK",
        "why": "an empty body; nobody knows why",
    },
)
add(
    "json_cut",
    "json",
    text_json('{"code": "import os\\nasync def execute'),
    **PARSE | {"types": "GENERATION SYNTAX VALIDATION CONTRACT"},
)
add("json_comment", "json", text_json('{\n  // limit\n  "retry_limit": 3\n}'), **PARSE)
add("json_bom", "json", text_json("\ufeff{}"), **PARSE)
add(
    "json_html",
    "json",
    text_json("<html><title>502 Bad Gateway</title></html>"),
    **PARSE
    | {
        "transient": "unknown",
        "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION RETRY",
        "types": "SYNTAX VALIDATION CONTRACT GENERATION NETWORK",
        "why": "an error page where a document was expected",
    },
)
add("json_serialize", "json", lambda: json.dumps({"deadline": {1, 2}}), **DATA)
add("json_circular", "json", lambda: (a := []).append(a) or json.dumps(a), **DATA)
add("json_key", "json", lambda: json.dumps({(1, 2): 3}), **DATA)
add("json_nan", "json", lambda: json.dumps(float("nan"), allow_nan=False), **DATA)


@case(
    "json_fenced_wrapped",
    "json",
    tags=("cause-matters", "llm-output"),
    types="GENERATION SYNTAX VALIDATION",
    strategies="ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="the model's answer is not the document that was asked for",
)
def _() -> None:
    ModelOutputError = type("ModelOutputError", (ValueError,), {"__module__": "app.llm"})
    try:
        json.loads("Sure! Here is the node:\n```json\n{}\n```")
    except ValueError as error:
        raise ModelOutputError("the model did not answer with JSON") from error


@case("orjson_decode", "orjson", **PARSE)
def _() -> None:
    import orjson

    orjson.loads(b'{"a": nan}')


@case("orjson_encode", "orjson", **DATA)
def _() -> None:
    import orjson

    orjson.dumps({"a": object()})


@case("orjson_integer", "orjson", **DATA)
def _() -> None:
    import orjson

    orjson.dumps(1 << 70)


@case("ujson_decode", "ujson", **PARSE)
def _() -> None:
    import ujson

    ujson.loads("{'timeout': 1}")


@case("simplejson_decode", "simplejson", **PARSE)
def _() -> None:
    import simplejson

    simplejson.loads("[1, 2")


# ---- toml, ini, env
@case("toml_value", "tomllib", **PARSE)
def _() -> None:
    import tomllib

    tomllib.loads("retries = three\n")


@case("toml_twice", "tomllib", **PARSE)
def _() -> None:
    import tomllib

    tomllib.loads("[a]\nx = 1\n[a]\n")


@case("tomlkit_newline", "tomlkit", **PARSE)
def _() -> None:
    import tomlkit

    tomlkit.parse('name = "a\nb = 1')


@case("tomlkit_empty_key", "tomlkit", **PARSE)
def _() -> None:
    import tomlkit

    tomlkit.parse("= 1")


@case("tomlkit_absent", "tomlkit", **DATA)
def _() -> None:
    import tomlkit

    tomlkit.parse("[tool]\n")["tool"]["timeout"]


@case("toml_old", "toml", **PARSE)
def _() -> None:
    import toml

    toml.loads("a = [1, 'x'")


def ini(text: str, section: str = "a", option: str = "b"):
    """Read an option."""

    def run() -> None:
        import configparser

        parser = configparser.ConfigParser()
        parser.read_string(text)
        parser.get(section, option)

    return run


add("ini_header", "configparser", ini("timeout = 3\n"), tags=("misleading",), **PARSE)
add("ini_parse", "configparser", ini("[a]\n  = 3 x\nb\n"), **PARSE)
add("ini_twice", "configparser", ini("[a]\nb=1\nb=2\n"), **PARSE)
add("ini_section", "configparser", ini("[b]\n"), **DATA | {"types": "VALIDATION UNKNOWN CONTRACT"})
add(
    "ini_option",
    "configparser",
    ini("[a]\nc=1\n"),
    **DATA | {"types": "VALIDATION UNKNOWN CONTRACT"},
)
add(
    "ini_interpolation",
    "configparser",
    ini("[a]\nb=%(host)s:80\n"),
    **DATA | {"types": "VALIDATION UNKNOWN CONTRACT SYNTAX"},
)


# ---- xml
def tree(text: str):
    """Read a text."""

    def run() -> None:
        import xml.etree.ElementTree as ET

        ET.fromstring(text)

    return run


add("xml_entity", "xml", tree("<a>&timeout;</a>"), tags=("misleading",), **PARSE)
add(
    "xml_empty",
    "xml",
    tree(""),
    **PARSE
    | {
        "transient": "unknown",
        "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION RETRY",
        "types": "SYNTAX VALIDATION CONTRACT GENERATION NETWORK",
        "why": "an empty body; nobody knows why",
    },
)
add("xml_attribute", "xml", tree("<a b=1/>"), **PARSE)
add(
    "xml_path",
    "xml",
    lambda: __import__("xml.etree.ElementTree", fromlist=["x"]).Element("a").find("b[@]"),
    **QUERY,
)


@case("minidom_parse", "xml", **PARSE)
def _() -> None:
    from xml.dom import minidom

    minidom.parseString("<node>")


@case("lxml_parse", "lxml", **PARSE)
def _() -> None:
    from lxml import etree

    etree.fromstring("<a><b></a>")


@case("lxml_xpath", "lxml", **QUERY)
def _() -> None:
    from lxml import etree

    etree.Element("a").xpath("//node[@timeout=")


@case("lxml_schema", "lxml", **CONTRACT | {"types": "VALIDATION CONTRACT"})
def _() -> None:
    from lxml import etree

    rules = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="port" type="xs:int"/></xs:schema>'
    etree.XMLSchema(etree.fromstring(rules)).assertValid(etree.fromstring("<port>x</port>"))


@case("lxml_schema_parse", "lxml", **CONTRACT)
def _() -> None:
    from lxml import etree

    rules = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="port" type="xs:port"/></xs:schema>'
    etree.XMLSchema(etree.fromstring(rules))


@case("defusedxml_entities", "defusedxml", **UNSAFE)
def _() -> None:
    import defusedxml.ElementTree as reader

    reader.fromstring('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="node"><xs:complexType><xs:sequence><xs:element name="name" type="xs:string"/></xs:sequence>
</xs:complexType></xs:element></xs:schema>"""


@case("xmlschema_children", "xmlschema", **CONTRACT | {"types": "VALIDATION CONTRACT"})
def _() -> None:
    import xmlschema

    xmlschema.XMLSchema(XSD).validate("<node><title/></node>")


@case("xmlschema_definition", "xmlschema", **CONTRACT)
def _() -> None:
    import xmlschema

    xmlschema.XMLSchema(XSD.replace("xs:string", "xs:strnig"))


# ---- contracts
AVRO = {"type": "record", "name": "Node", "fields": [{"name": "retries", "type": "int"}]}


def avro(rules: Any, *rows: Any):
    """Write rows."""

    def run() -> None:
        import fastavro

        fastavro.writer(io.BytesIO(), fastavro.parse_schema(rules), rows)

    return run


add(
    "fastavro_value",
    "fastavro",
    avro(AVRO, {"retries": "x"}),
    **CONTRACT | {"types": "VALIDATION CONTRACT UNKNOWN"},
)
add("fastavro_schema", "fastavro", avro({"type": "entry", "name": "Node"}), **CONTRACT)
add(
    "fastavro_unknown_type",
    "fastavro",
    avro({**AVRO, "fields": [{"name": "a", "type": "ModelState"}]}),
    **CONTRACT,
)
add(
    "fastavro_field_name",
    "fastavro",
    avro({**AVRO, "fields": [{"name": "a"}]}),
    **CONTRACT | {"types": "CONTRACT VALIDATION UNKNOWN"},
)


@case("fastavro_validate", "fastavro", **CONTRACT | {"types": "VALIDATION CONTRACT"})
def _() -> None:
    from fastavro.validation import validate

    validate({"retries": None}, AVRO)


@case(
    "fastavro_header",
    "fastavro",
    **BROKEN
    | {
        "types": "VALIDATION CONTRACT UNKNOWN",
        "transient": "no",
        "strategies": "ESCALATION ALTERNATIVE_PATH",
        "why": "not such a file",
    },
)
def _() -> None:
    import fastavro

    list(fastavro.reader(io.BytesIO(b"not a container of rows")))


@case("fastavro_resolution", "fastavro", **CONTRACT)
def _() -> None:
    import fastavro

    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(AVRO), {"retries": 1})
    out.seek(0)
    fastavro.schemaless_reader(out, AVRO, {**AVRO, "fields": [{"name": "name", "type": "string"}]})


@case("protobuf_decode", "protobuf", **DATA | {"types": "VALIDATION CONTRACT UNKNOWN"})
def _() -> None:
    from google.protobuf import struct_pb2

    struct_pb2.Struct.FromString(b"\x0a\xff\xff")


@case("protobuf_json", "protobuf", **PARSE | {"types": "VALIDATION SYNTAX CONTRACT GENERATION"})
def _() -> None:
    from google.protobuf import json_format, timestamp_pb2

    json_format.Parse('"yesterday"', timestamp_pb2.Timestamp())


@case(
    "protobuf_json_field",
    "protobuf",
    tags=("misleading",),
    **CONTRACT | {"types": "VALIDATION CONTRACT SYNTAX"},
)
def _() -> None:
    from google.protobuf import descriptor_pb2, json_format

    json_format.ParseDict({"unavailable": 1}, descriptor_pb2.FileDescriptorProto())


@case("protobuf_text", "protobuf", **PARSE)
def _() -> None:
    from google.protobuf import descriptor_pb2, text_format

    text_format.Parse("name: a retry_policy {", descriptor_pb2.FileDescriptorProto())


@case("protobuf_type", "protobuf", **DATA | {"types": "VALIDATION GENERATION UNKNOWN CONTRACT"})
def _() -> None:
    from google.protobuf import descriptor_pb2

    descriptor_pb2.FileDescriptorProto(name=3)


@case("protobuf_pool", "protobuf", **CONTRACT)
def _() -> None:
    from google.protobuf import descriptor_pb2, descriptor_pool

    file = descriptor_pb2.FileDescriptorProto(name="node.proto", dependency=["timeout.proto"])
    descriptor_pool.DescriptorPool().Add(file)
    descriptor_pool.DescriptorPool().FindMessageTypeByName("app.Node")


@case("protobuf_required", "protobuf", **DATA | {"types": "VALIDATION CONTRACT UNKNOWN"})
def _() -> None:
    from google.protobuf import descriptor_pb2

    descriptor_pb2.UninterpretedOption.NamePart().SerializeToString()


SDL = "type Query { node(id: ID!): Node } type Node { name: String! }"


def graphql(text: str, rules: str = SDL):
    """Check a query against a schema and raise the first complaint."""

    def run() -> None:
        from graphql import build_schema, parse, validate

        found = validate(build_schema(rules), parse(text))
        raise found[0]

    return run


add("graphql_syntax", "graphql-core", graphql("{ node(id: 1 { name } }"), **QUERY)
add(
    "graphql_field",
    "graphql-core",
    graphql("{ node(id: 1) { timeout } }"),
    tags=("misleading",),
    **CONTRACT | {"types": "VALIDATION CONTRACT"},
)
add(
    "graphql_argument",
    "graphql-core",
    graphql("{ node { name } }"),
    **CONTRACT | {"types": "VALIDATION CONTRACT"},
)
add(
    "graphql_unknown_type",
    "graphql-core",
    graphql("{ a }", "type Query { a: ModelState }"),
    **CONTRACT,
)
add(
    "graphql_sdl",
    "graphql-core",
    graphql("{ a }", "type Query { a String }"),
    **CONTRACT | {"types": "CONTRACT SYNTAX VALIDATION"},
)


@case(
    "graphql_resolver",
    "graphql-core",
    tags=("cause-matters",),
    types="NETWORK AI_SERVICE",
    strategies="RETRY ESCALATION",
    transient="yes",
    why="the resolver could not reach its server",
)
def _() -> None:
    from graphql import build_schema, graphql_sync
    from lab import closed_port

    def node(*_: Any, **__: Any) -> None:
        import socket

        socket.create_connection(("127.0.0.1", closed_port()), timeout=1)

    raise graphql_sync(build_schema(SDL), "{ node(id: 1) { name } }", {"node": node}).errors[0]


@case("graphql_null", "graphql-core", **CONTRACT | {"types": "CONTRACT VALIDATION GENERATION"})
def _() -> None:
    from graphql import build_schema, graphql_sync

    raise graphql_sync(
        build_schema(SDL), "{ node(id: 1) { name } }", {"node": {"name": None}}
    ).errors[0]


def openapi(document: dict[str, Any]):
    """Check a document."""

    def run() -> None:
        from openapi_spec_validator import validate

        validate({"openapi": "3.0.3", "info": {"title": "a", "version": "1"}, **document})

    return run


add("openapi_paths", "openapi-spec-validator", openapi({}), **CONTRACT)
add(
    "openapi_responses",
    "openapi-spec-validator",
    openapi({"paths": {"/retry": {"get": {}}}}),
    tags=("misleading",),
    **CONTRACT,
)
add(
    "openapi_parameter",
    "openapi-spec-validator",
    openapi({"paths": {"/nodes/{id}": {"get": {"responses": {"503": {"description": "a"}}}}}}),
    tags=("misleading",),
    **CONTRACT,
)
add(
    "openapi_version",
    "openapi-spec-validator",
    lambda: __import__("openapi_spec_validator").validate({"info": {}}),
    **CONTRACT,
)
add(
    "openapi_reference",
    "openapi-spec-validator",
    openapi({"paths": {"/a": {"$ref": "#/components/pathItems/none"}}}),
    **CONTRACT,
)


@case(
    "codegen_reference",
    "datamodel-code-generator",
    **CONTRACT | {"types": "CONTRACT GENERATION VALIDATION"},
)
def _() -> None:
    from datamodel_code_generator import InputFileType, generate

    generate(
        '{"properties": {"a": {"$ref": "state.json#/definitions/Model"}}}',
        input_file_type=InputFileType.JsonSchema,
    )


@case(
    "codegen_format",
    "datamodel-code-generator",
    **CONTRACT | {"types": "CONTRACT GENERATION VALIDATION SYNTAX"},
)
def _() -> None:
    from datamodel_code_generator import InputFileType, generate

    generate("{", input_file_type=InputFileType.OpenAPI)


@case(
    "codegen_no_models",
    "datamodel-code-generator",
    **CONTRACT | {"types": "GENERATION CONTRACT VALIDATION"},
)
def _() -> None:
    from datamodel_code_generator import InputFileType, generate

    generate('{"openapi": "3.0.0", "paths": {}}', input_file_type=InputFileType.OpenAPI)


# ---- query languages and grammars
@case("sqlglot_parse", "sqlglot", **QUERY)
def _() -> None:
    import sqlglot

    sqlglot.parse_one("SELECT name FROM nodes WHERE (timeout > 3")


@case("sqlglot_token", "sqlglot", **QUERY)
def _() -> None:
    import sqlglot

    sqlglot.parse_one("SELECT 'open")


@case("pyparsing_expected", "pyparsing", **QUERY)
def _() -> None:
    import pyparsing

    pyparsing.Word(pyparsing.alphas).parse_string("1.0.0", parse_all=True)


@case("lark_characters", "lark", **QUERY)
def _() -> None:
    import lark

    lark.Lark('start: "a" "b"', parser="lalr").parse("a!")


@case("lark_token", "lark", **QUERY)
def _() -> None:
    import lark

    lark.Lark('start: "a" "b"', parser="lalr").parse("aa")


@case("lark_end", "lark", **QUERY)
def _() -> None:
    import lark

    lark.Lark('start: "a" "b"', parser="lalr").parse("a")


@case("lark_grammar", "lark", **CONTRACT | {"types": "SYNTAX CONTRACT VALIDATION"})
def _() -> None:
    import lark

    lark.Lark("start: step")


@case("jmespath_parse", "jmespath", **QUERY)
def _() -> None:
    import jmespath

    jmespath.search("nodes[?name ==", {})


@case("jmespath_type", "jmespath", **DATA)
def _() -> None:
    import jmespath

    jmespath.search("sum(retries)", {"retries": ["a"]})


@case("jsonpath_parse", "jsonpath-ng", **QUERY | {"types": "SYNTAX VALIDATION CONTRACT UNKNOWN"})
def _() -> None:
    import jsonpath_ng

    jsonpath_ng.parse("$.nodes[")


@case("jsonpointer_absent", "jsonpointer", **DATA | {"types": "VALIDATION CONTRACT UNKNOWN"})
def _() -> None:
    import jsonpointer

    jsonpointer.resolve_pointer({"io": {}}, "/io/input")


@case("jsonpatch_conflict", "jsonpatch", **DATA)
def _() -> None:
    import jsonpatch

    jsonpatch.apply_patch({}, [{"op": "remove", "path": "/timeout"}])


@case("jsonpatch_test", "jsonpatch", **DATA)
def _() -> None:
    import jsonpatch

    jsonpatch.apply_patch({"version": 1}, [{"op": "test", "path": "/version", "value": 2}])


@case("regex_pattern", "re", **QUERY | {"types": "SYNTAX VALIDATION UNKNOWN GENERATION"})
def _() -> None:
    import re

    re.compile(r"(?P<retry>\d+")


@case("regex_look_behind", "re", **QUERY | {"types": "SYNTAX VALIDATION UNKNOWN GENERATION"})
def _() -> None:
    import re

    re.compile(r"(?<=a+)b")


@case("docutils_severe", "docutils", **PARSE)
def _() -> None:
    import docutils.core

    docutils.core.publish_string(
        ".. node::\n\n   x\n", settings_overrides={"halt_level": 2, "report_level": 5}
    )


# ---- binary and archives
@case("zip_none", "zipfile", **BROKEN)
def _() -> None:
    import zipfile

    zipfile.ZipFile(io.BytesIO(b"PK not really"))


@case("zip_member", "zipfile", **DATA)
def _() -> None:
    import zipfile

    zipfile.ZipFile(io.BytesIO(), "w").getinfo("node/model.py")


@case(
    "zip_password",
    "zipfile",
    **UNSAFE
    | {
        "types": "SECURITY VALIDATION UNKNOWN",
        "strategies": "ESCALATION ALTERNATIVE_PATH",
        "why": "the archive wants a password",
    },
)
def _() -> None:
    raise RuntimeError("File 'node/model.py' is encrypted, password required for extraction")


@case("tar_none", "tarfile", **BROKEN)
def _() -> None:
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(b"nothing like that")):
        pass


@case("tar_outside", "tarfile", **UNSAFE)
def _() -> None:
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../../etc/cron.d/job"))
    out.seek(0)
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=out) as archive:
        archive.extractall(folder, filter="data")


@case("gzip_none", "gzip", **BROKEN)
def _() -> None:
    import gzip

    gzip.decompress(b"plain text")


@case("gzip_cut", "gzip", **BROKEN)
def _() -> None:
    import gzip

    gzip.decompress(gzip.compress(b"node" * 999)[:-12])


@case("bz2_none", "bz2", **BROKEN)
def _() -> None:
    import bz2

    bz2.decompress(b"plain text")


@case("lzma_none", "lzma", **BROKEN)
def _() -> None:
    import lzma

    lzma.decompress(b"plain text")


@case("zlib_cut", "zlib", **BROKEN)
def _() -> None:
    import zlib

    zlib.decompress(zlib.compress(b"node" * 99)[:9])


@case("struct_short", "struct", **DATA)
def _() -> None:
    import struct

    struct.unpack("<IQ", b"abc")


@case("struct_range", "struct", **DATA)
def _() -> None:
    import struct

    struct.pack("<H", 70000)


@case("pickle_cut", "pickle", **BROKEN)
def _() -> None:
    import pickle

    pickle.loads(pickle.dumps(list(range(99)))[:20])


@case("pickle_data", "pickle", **BROKEN)
def _() -> None:
    import pickle

    pickle.loads(b"<html></html>")


@case("pickle_lock", "pickle", **DATA)
def _() -> None:
    import pickle
    import threading

    pickle.dumps({"lock": threading.Lock()})


@case(
    "pickle_class_gone",
    "pickle",
    types="SYNTAX VALIDATION GENERATION UNKNOWN",
    strategies="ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    transient="no",
    why="the class is no longer there",
)
def _() -> None:
    import pickle

    pickle.loads(b"cdecimal\nDecimalNode\n.")


@case("csv_field_limit", "csv", **DATA)
def _() -> None:
    import csv

    list(csv.reader(["x" * 200_000]))


@case("csv_quotes", "csv", **PARSE | {"types": "SYNTAX VALIDATION UNKNOWN"})
def _() -> None:
    import csv

    list(csv.reader(['a,"b"c'], strict=True))


@case("csv_columns", "csv", **DATA)
def _() -> None:
    import csv

    csv.DictWriter(io.StringIO(), ["name"]).writerow({"name": 1, "timeout": 2})


@case("pandas_csv", "pandas", **PARSE | {"types": "SYNTAX VALIDATION UNKNOWN"})
def _() -> None:
    import pandas as pd

    pd.read_csv(io.StringIO("a,b\n1,2\n1,2,3,4\n"))


@case("pandas_empty", "pandas", **DATA)
def _() -> None:
    import pandas as pd

    pd.read_csv(io.StringIO(""))


@case("pandas_column", "pandas", tags=("misleading",), **DATA)
def _() -> None:
    import pandas as pd

    pd.DataFrame({"a": [1]})["request timed out"]


@case("pandas_merge", "pandas", **DATA)
def _() -> None:
    import pandas as pd

    pd.DataFrame({"a": [1]}).merge(pd.DataFrame({"b": [1]}))


@case("numpy_shape", "numpy", **DATA)
def _() -> None:
    import numpy as np

    np.ones((2, 3)) @ np.ones((2, 3))


@case("numpy_singular", "numpy", **DATA)
def _() -> None:
    import numpy as np

    np.linalg.inv(np.zeros((2, 2)))


@case("decimal_text", "decimal", **DATA)
def _() -> None:
    import decimal

    decimal.Decimal("1,5")


@case("decimal_zero", "decimal", **DATA)
def _() -> None:
    import decimal

    decimal.Decimal(1) / decimal.Decimal(0)


@case("decode_bytes", "codecs", **DATA)
def _() -> None:
    b"\xff\xfe\x00retry".decode("utf-8")


@case("encode_ascii", "codecs", **DATA)
def _() -> None:
    "Knoten-Größe".encode("ascii")


@case("codec_unknown", "codecs", **DATA)
def _() -> None:
    b"x".decode("utf-88")


@case("base64_padding", "base64", **DATA)
def _() -> None:
    import base64

    base64.b64decode("abcde")


@case("hex_digit", "base64", **DATA)
def _() -> None:
    bytes.fromhex("zz")


@case("uuid_text", "uuid", **DATA)
def _() -> None:
    import uuid

    uuid.UUID("node-1")


@case("datetime_text", "datetime", **DATA)
def _() -> None:
    import datetime as dt

    dt.datetime.fromisoformat("2026-13-01T00:00:00Z")


@case("datetime_aware", "datetime", **DATA)
def _() -> None:
    import datetime as dt

    dt.datetime(2026, 1, 1) < dt.datetime.now(dt.UTC)  # noqa: B015


@case("address_text", "ipaddress", **DATA)
def _() -> None:
    import ipaddress

    ipaddress.ip_address("127.0.0.500")


@case("url_port", "urllib.parse", **DATA)
def _() -> None:
    from urllib.parse import urlsplit

    _ = urlsplit("http://models:99999").port


@case("msgpack_cut", "msgpack", **BROKEN | {"types": "VALIDATION UNKNOWN NETWORK SYNTAX"})
def _() -> None:
    import msgpack

    msgpack.unpackb(b"\xa5ab")


@case("msgpack_extra", "msgpack", **DATA | {"types": "VALIDATION UNKNOWN SYNTAX"})
def _() -> None:
    import msgpack

    msgpack.unpackb(b"\x01\x02")


@case("cbor_cut", "cbor2", **BROKEN | {"types": "VALIDATION UNKNOWN NETWORK SYNTAX"})
def _() -> None:
    import cbor2

    cbor2.loads(b"\x83\x01")


@case("cbor_encode", "cbor2", **DATA)
def _() -> None:
    import cbor2

    cbor2.dumps({"lock": lambda: 1})


@case("sqlite_syntax", "sqlite3", **QUERY)
def _() -> None:
    import sqlite3

    sqlite3.connect(":memory:").executescript(
        "create table nodes(id integer primary key,, name text)"
    )


@case("sqlite_unique", "sqlite3", tags=("misleading",), **DATA | {"types": "VALIDATION"})
def _() -> None:
    import sqlite3

    link = sqlite3.connect(":memory:")
    link.execute("create table retries(key text unique)")
    link.executemany("insert into retries values(?)", [("a",), ("a",)])


@case(
    "sqlite_not_database",
    "sqlite3",
    **BROKEN
    | {
        "transient": "no",
        "strategies": "ESCALATION ALTERNATIVE_PATH",
        "why": "the file is damaged or of another kind",
    },
)
def _() -> None:
    import sqlite3

    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("this is a text, not a data base " * 20)
        file.flush()
        sqlite3.connect(file.name).execute("select * from sqlite_master")


@case("sqlite_bindings", "sqlite3", **DATA | {"types": "VALIDATION GENERATION UNKNOWN SYNTAX"})
def _() -> None:
    import sqlite3

    sqlite3.connect(":memory:").execute("select ?, ?", (1,))


@case(
    "sqlite_closed",
    "sqlite3",
    **DATA
    | {"types": "GENERATION VALIDATION UNKNOWN NETWORK", "why": "used after it was closed here"},
)
def _() -> None:
    import sqlite3

    link = sqlite3.connect(":memory:")
    link.close()
    link.execute("select 1")


@case(
    "sqlite_locked_table",
    "sqlite3",
    types="NETWORK TIMEOUT UNKNOWN",
    strategies="RETRY",
    transient="yes",
    why="another connection writes for now",
)
def _() -> None:
    import pathlib
    import sqlite3

    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder, "journal.db"))
        one = sqlite3.connect(path, isolation_level=None)
        one.execute("create table a(b)")
        one.execute("begin immediate")
        two = sqlite3.connect(path, timeout=0.02)
        two.execute("insert into a values(1)")
