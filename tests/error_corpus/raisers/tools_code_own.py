"""Our own components, and the errors that people define for themselves."""

from __future__ import annotations

import asyncio
import pathlib
import tempfile
import textwrap
from typing import Any

from lab import add, case, closed_port

RENDER = {
    "types": "GENERATION VALIDATION SYNTAX",
    "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "the template is missing, does not parse, or lacks a value",
}
SYNTAX = {
    "types": "SYNTAX VALIDATION GENERATION",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "the code has not the form that it must have",
}
DATA = {
    "types": "VALIDATION GENERATION",
    "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION GRACEFUL_DEGRADATION",
    "transient": "no",
    "why": "a validator refused the code",
}
BARRED = {
    "types": "SECURITY",
    "strategies": "ESCALATION",
    "transient": "no",
    "why": "it does what it must not do",
}
CONTRACT = {
    "types": "CONTRACT VALIDATION SYNTAX",
    "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "the contract is wrong",
    "tags": ("contract",),
}
CONFIG = {
    "types": "VALIDATION UNKNOWN",
    "strategies": "ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "a wrong argument or registration",
}
LATE = {
    "types": "TIMEOUT NETWORK",
    "strategies": "RETRY GRACEFUL_DEGRADATION",
    "transient": "yes",
    "why": "a deadline passed",
}
LINK = {
    "types": "NETWORK",
    "strategies": "RETRY ESCALATION",
    "transient": "yes",
    "why": "the transport failed",
}
GATE = {
    "types": "VALIDATION GENERATION",
    "strategies": "GRACEFUL_DEGRADATION ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
    "transient": "no",
    "why": "below a threshold of quality",
    "tags": ("quality",),
}
OUTPUT = {
    "types": "GENERATION VALIDATION",
    "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION GRACEFUL_DEGRADATION",
    "transient": "no",
    "why": "what the model wrote cannot be used",
    "tags": ("llm-output",),
}
OPAQUE = {
    "types": "UNKNOWN",
    "strategies": "ESCALATION GRACEFUL_DEGRADATION",
    "transient": "unknown",
    "why": "nothing to go by",
}
MODEL = {
    "types": "AI_SERVICE VALIDATION GENERATION",
    "strategies": "ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "the model does not exist or must not be used",
}


def own(name: str, module: str, *bases: type) -> Any:
    """Make a class as a user would."""
    return type(name, bases or (Exception,), {"__module__": module, "__qualname__": name})


# ---- the template manager
def template(source: str, **context: Any):
    """Render a text."""

    def run() -> None:
        from omninode_bridge.agents.workflows import TemplateManager

        TemplateManager(templates={"node_effect_v1": source}).render("node_effect_v1", context)

    return run


add("own_template_undefined", "omninode-bridge", template("class {{ node_name }}: pass"), **RENDER)
add("own_template_syntax", "omninode-bridge", template("{% for x in %}"), **RENDER)
add("own_template_filter", "omninode-bridge", template("{{ 'a' | pascal_kebab }}"), **RENDER)
add("own_template_type", "omninode-bridge", template("{{ a + 1 }}", a="x"), **RENDER)
add(
    "own_template_unsafe",
    "omninode-bridge",
    template("{{ ''.__class__ }}"),
    **RENDER
    | {
        "types": "SECURITY GENERATION",
        "strategies": "ESCALATION ALTERNATIVE_PATH",
        "why": "the sandbox refused it",
    },
)


@case("own_template_missing", "omninode-bridge", **RENDER)
async def _() -> None:
    from omninode_bridge.agents.workflows import TemplateManager

    await TemplateManager(templates={"a": ""}).render_template("node_effect_timeout_v9")


@case("own_template_folder", "omninode-bridge", **CONFIG)
def _() -> None:
    from omninode_bridge.agents.workflows import TemplateManager

    TemplateManager("/srv/app/no/such/templates")


# ---- the validation pipeline
def validated(code: str):
    """Validate a text."""

    async def run() -> None:
        from omninode_bridge.agents.workflows import ValidationPipeline

        await ValidationPipeline().validate(textwrap.dedent(code))

    return run


add("own_validation_syntax", "omninode-bridge", validated("class Node\n    pass\n"), **SYNTAX)
add(
    "own_validation_name",
    "omninode-bridge",
    validated("def f(state: ModelState) -> None: ...\n"),
    **SYNTAX | {"strategies": "ERROR_CORRECTION ALTERNATIVE_PATH GRACEFUL_DEGRADATION"},
)
add(
    "own_validation_security",
    "omninode-bridge",
    validated("def f(x):\n    return eval(x)\n"),
    **BARRED,
)


@case("own_validation_custom", "omninode-bridge", **DATA)
async def _() -> None:
    from omninode_bridge.agents.workflows import ValidationPipeline

    await ValidationPipeline({"house_rules": lambda code: "no docstring"}).validate("x = 1\n")


# ---- the executor
def staged(operation: Any, **limits: Any):
    """Run one step."""

    async def run() -> None:
        from omninode_bridge.agents.workflows import (
            StagedParallelExecutor,
            WorkflowStage,
            WorkflowStep,
        )

        step = WorkflowStep("generate_node", operation, **limits)
        await StagedParallelExecutor().execute_workflow("w", [WorkflowStage("nodes", [step])])

    return run


async def _slow() -> None:
    await asyncio.sleep(9)


async def _refused() -> None:
    await asyncio.open_connection("127.0.0.1", closed_port())


def _bad() -> None:
    raise ValueError("model name 'timeout' is not a valid identifier")


def _unparsed() -> None:
    compile("async def execute(:\n", "generated/node.py", "exec")


add(
    "own_step_late",
    "omninode-bridge",
    staged(_slow, timeout_seconds=0.05),
    tags=("cause-matters",),
    **LATE,
)
add("own_step_refused", "omninode-bridge", staged(_refused), tags=("cause-matters",), **LINK)
add(
    "own_step_bad",
    "omninode-bridge",
    staged(_bad),
    tags=("cause-matters", "misleading"),
    **DATA
    | {
        "types": "VALIDATION GENERATION UNKNOWN",
        "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
    },
)
add("own_step_unparsed", "omninode-bridge", staged(_unparsed), tags=("cause-matters",), **SYNTAX)


@case("own_workflow_cycle", "omninode-bridge", **CONFIG)
async def _() -> None:
    from omninode_bridge.agents.workflows import StagedParallelExecutor, WorkflowStage

    stages = [WorkflowStage("a", dependencies=["b"]), WorkflowStage("b", dependencies=["a"])]
    await StagedParallelExecutor().execute_workflow("w", stages)


@case("own_pattern", "omninode-bridge", **CONFIG | {"types": "VALIDATION UNKNOWN SYNTAX"})
def _() -> None:
    from omninode_bridge.agents.workflows import ErrorPattern, ErrorRecoveryOrchestrator

    pattern = ErrorPattern("a", "network", "timeout (", "retry")
    ErrorRecoveryOrchestrator().add_error_pattern(pattern)


@case("own_option", "omninode-bridge", **CONFIG)
def _() -> None:
    from omninode_bridge.agents.workflows import RetryStrategy

    RetryStrategy(max_retries=-1)


@case("own_attempt_late", "omninode-bridge", **LATE)
def _() -> None:
    from omninode_bridge.errors import AttemptTimeoutError

    raise AttemptTimeoutError("one attempt took longer than 30.0 s")


@case(
    "own_extra",
    "omninode-bridge",
    types="SYNTAX UNKNOWN GENERATION VALIDATION",
    strategies="ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
    transient="no",
    why="an optional dependency is not installed",
)
def _() -> None:
    from omninode_bridge.errors import MissingExtraError

    raise MissingExtraError("the timeout report", extra="web")


@case(
    "own_outcome_unknown",
    "omninode-bridge",
    **OPAQUE
    | {"types": "UNKNOWN NETWORK", "why": "nobody knows how far it came; it must not run twice"},
)
def _() -> None:
    from omninode_bridge.errors import OutcomeUnknownError

    raise OutcomeUnknownError(
        "'charge_card' must not run twice, and its first run ended with ReadTimeout"
    )


@case(
    "own_code_given_up",
    "omninode-bridge",
    **SYNTAX
    | {
        "types": "GENERATION SYNTAX VALIDATION",
        "strategies": "ALTERNATIVE_PATH ESCALATION GRACEFUL_DEGRADATION ERROR_CORRECTION",
        "why": "the code could not be corrected",
    },
)
def _() -> None:
    from omninode_bridge.errors import CorrectionError

    raise CorrectionError("no small edit makes line 12 parse", code="def f(")


@case("own_unusable", "omninode-bridge", **OUTPUT)
def _() -> None:
    from omninode_bridge.errors import UnusableResultError

    raise UnusableResultError("the result has no 'code'", result={})


# ---- contracts
def contract(text: str):
    """Read and build a contract."""

    def run() -> None:
        from omninode_bridge.generation.building import build_contract
        from omninode_bridge.generation.document import parse_document

        build_contract(parse_document(textwrap.dedent(text), path="contracts/node.yaml"))

    return run


add("own_contract_tab", "omninode-bridge", contract("name: a\n\tversion: 1\n"), **CONTRACT)
add("own_contract_twice", "omninode-bridge", contract("name: a\nname: b\n"), **CONTRACT)
add("own_contract_empty", "omninode-bridge", contract("{}\n"), **CONTRACT)
add(
    "own_contract_other_file",
    "omninode-bridge",
    contract("services:\n  db:\n    image: a\n"),
    **CONTRACT,
)
add(
    "own_contract_type",
    "omninode-bridge",
    contract("name: a\nnode_type: retry\nversion: {major: 1, minor: 0, patch: 0}\n"),
    **CONTRACT,
)


@case(
    "own_contract_absent", "omninode-bridge", **CONTRACT | {"types": "CONTRACT VALIDATION UNKNOWN"}
)
def _() -> None:
    from omninode_bridge.generation.reading import read_contract

    read_contract("contracts/timeout_node.yaml")


@case(
    "own_contract_binary",
    "omninode-bridge",
    **CONTRACT | {"types": "CONTRACT VALIDATION UNKNOWN SYNTAX"},
)
def _() -> None:
    from omninode_bridge.generation.reading import read_contract

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "node.yaml")
        path.write_bytes(b"\x89PNG\x00\xff" * 50)
        read_contract(path)


@case(
    "own_contract_outside",
    "omninode-bridge",
    **CONTRACT | {"types": "CONTRACT SECURITY VALIDATION", "why": "a path outside of its folder"},
)
def _() -> None:
    from omninode_bridge.generation.reading import read_contract

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        path = pathlib.Path(other, "node.yaml")
        path.write_text("name: a\n")
        read_contract(path, root=folder)


@case(
    "own_contract_unsafe",
    "omninode-bridge",
    **CONTRACT
    | {
        "types": "SECURITY CONTRACT",
        "strategies": "ESCALATION",
        "why": "a contract that would write what it must not",
    },
)
def _() -> None:
    from omninode_bridge.errors import ContractSecurityError

    raise ContractSecurityError(
        "output path '../../etc/cron.d/job' leaves the package", path="contracts/node.yaml", line=4
    )


# ---- what users define
def raised(kind: str, module: str, message: str, *bases: type, **attributes: Any):
    """Raise an error of a user's own class."""

    def run() -> None:
        error = own(kind, module, *bases)(message)
        for name, value in attributes.items():
            setattr(error, name, value)
        raise error

    return run


USERS: list[tuple[str, str, str, str, dict[str, Any]]] = [
    (
        "model_generation",
        "ModelGenerationError",
        "app.codegen",
        "models for 'ModelEffectInput' could not be generated",
        OUTPUT | {"tags": ()},
    ),
    (
        "node_generation",
        "NodeGenerationFailed",
        "app.codegen",
        "generation of node 'effect' failed: model returned no code block",
        OUTPUT,
    ),
    (
        "code_block",
        "CodeExtractionError",
        "app.codegen",
        "expected one python code block in the answer, found 0",
        OUTPUT,
    ),
    (
        "truncated",
        "TruncatedOutputError",
        "app.llm",
        "answer ended with finish_reason=length after 4096 tokens",
        OUTPUT
        | {
            "types": "GENERATION AI_SERVICE VALIDATION",
            "strategies": "GRACEFUL_DEGRADATION ALTERNATIVE_PATH ERROR_CORRECTION",
        },
    ),
    (
        "refusal",
        "ModelRefusalError",
        "app.llm",
        "the model refused: I can't help with that",
        OUTPUT
        | {"types": "GENERATION AI_SERVICE SECURITY", "strategies": "ALTERNATIVE_PATH ESCALATION"},
    ),
    (
        "empty_answer",
        "EmptyCompletionError",
        "app.llm",
        "the model returned an empty completion",
        OUTPUT
        | {
            "types": "GENERATION AI_SERVICE",
            "strategies": "ALTERNATIVE_PATH RETRY ERROR_CORRECTION GRACEFUL_DEGRADATION",
            "transient": "unknown",
        },
    ),
    (
        "context_window",
        "ContextWindowExceeded",
        "app.llm",
        "prompt has 214003 tokens, the model takes 200000",
        OUTPUT
        | {
            "types": "AI_SERVICE VALIDATION GENERATION",
            "strategies": "GRACEFUL_DEGRADATION ALTERNATIVE_PATH ERROR_CORRECTION",
            "tags": (),
        },
    ),
    (
        "llm_overloaded",
        "LLMServiceUnavailable",
        "app.llm",
        "model 'large' is overloaded, try again in a moment",
        LINK | {"strategies": "RETRY ALTERNATIVE_PATH", "types": "AI_SERVICE NETWORK"},
    ),
    (
        "llm_late",
        "LLMTimeoutError",
        "app.llm",
        "LLM call timed out after 60 s",
        LATE
        | {
            "strategies": "RETRY GRACEFUL_DEGRADATION ALTERNATIVE_PATH",
            "types": "TIMEOUT AI_SERVICE NETWORK",
        },
    ),
    (
        "llm_budget",
        "TokenBudgetExceeded",
        "app.llm",
        "daily token budget of 2000000 is used up",
        MODEL
        | {
            "types": "RATE_LIMIT AI_SERVICE VALIDATION",
            "strategies": "ESCALATION ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
            "tags": ("quota",),
        },
    ),
    (
        "llm_credit",
        "InsufficientCreditsError",
        "app.billing",
        "your credit balance is too low; please add credits and retry",
        MODEL
        | {
            "types": "AI_SERVICE RATE_LIMIT VALIDATION SECURITY",
            "strategies": "ESCALATION ALTERNATIVE_PATH",
            "tags": ("quota", "misleading"),
        },
    ),
    (
        "llm_model",
        "UnknownModelError",
        "app.llm",
        "model 'sonnet-timeout-9' does not exist",
        MODEL | {"tags": ("misleading",)},
    ),
    ("quality", "QualityGateError", "app.quality", "quality score 0.6 below threshold 0.8", GATE),
    (
        "quality_coverage",
        "CoverageGateFailed",
        "app.quality",
        "coverage 41% is under the required 80%",
        GATE,
    ),
    (
        "quality_text",
        "RuntimeError",
        "builtins",
        "Quality score 0.55 is below the minimum of 0.70",
        GATE,
    ),
    (
        "quality_quorum",
        "QuorumNotReached",
        "app.quality",
        "ai quorum not reached: 1 of 3 reviewers approved",
        GATE | {"types": "VALIDATION GENERATION AI_SERVICE"},
    ),
    (
        "quality_complexity",
        "ComplexityError",
        "app.quality",
        "cyclomatic complexity 31 exceeds the limit of 15",
        GATE | {"tags": ("quality", "misleading")},
    ),
    (
        "contract_field",
        "InvalidContractError",
        "app.contracts",
        "contract 'NodeEffect': 'io_operations' is missing",
        CONTRACT,
    ),
    (
        "contract_version",
        "ContractVersionMismatch",
        "app.contracts",
        "contract version 2.0.0 is not compatible with runtime 1.4.1",
        CONTRACT,
    ),
    (
        "contract_model",
        "ModelContractEffectValidationError",
        "app.contracts",
        "1 validation error for ModelContractEffect: retry_policy.max_attempts must be positive",
        CONTRACT | {"tags": ("contract", "misleading")},
    ),
    (
        "contract_subcontract",
        "SubcontractNotFoundError",
        "app.contracts",
        "subcontract 'timeout_policy' is not registered",
        CONTRACT | {"tags": ("contract", "misleading")},
    ),
    (
        "schema_drift",
        "SchemaMismatchError",
        "app.storage",
        "column 'retries' is integer in the data base and text in the model",
        DATA
        | {
            "types": "VALIDATION CONTRACT",
            "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
            "tags": ("misleading",),
        },
    ),
    (
        "not_found",
        "NodeNotFoundError",
        "app.registry",
        "node 'rate_limiter' is not registered",
        DATA
        | {
            "types": "VALIDATION UNKNOWN",
            "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
            "tags": ("misleading",),
        },
    ),
    (
        "duplicate",
        "DuplicateNodeError",
        "app.registry",
        "node 'timeout' exists already",
        DATA
        | {
            "types": "VALIDATION UNKNOWN",
            "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
            "tags": ("misleading",),
        },
    ),
    (
        "registry_down",
        "RegistryUnavailableError",
        "app.registry",
        "registry does not answer",
        LINK | {"strategies": "RETRY ESCALATION ALTERNATIVE_PATH", "types": "NETWORK UNKNOWN"},
    ),
    (
        "service_down",
        "ServiceUnavailable",
        "app.clients",
        "503 Service Unavailable",
        LINK | {"strategies": "RETRY ALTERNATIVE_PATH"},
    ),
    (
        "bad_gateway",
        "UpstreamError",
        "app.clients",
        "upstream answered 502 Bad Gateway",
        LINK | {"strategies": "RETRY ALTERNATIVE_PATH"},
    ),
    (
        "upstream_400",
        "UpstreamError2",
        "app.clients",
        "upstream answered 400 Bad Request: please correct the payload and try again",
        DATA
        | {
            "types": "VALIDATION NETWORK",
            "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
            "tags": ("misleading",),
        },
    ),
    (
        "upstream_404",
        "UpstreamError3",
        "app.clients",
        "upstream answered 404 Not Found for /v1/rate_limits",
        DATA
        | {
            "types": "VALIDATION NETWORK UNKNOWN",
            "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
            "tags": ("misleading",),
        },
    ),
    (
        "too_many",
        "UpstreamError4",
        "app.clients",
        "upstream answered 429 Too Many Requests",
        LINK
        | {
            "strategies": "RETRY ALTERNATIVE_PATH",
            "types": "RATE_LIMIT",
        },
    ),
    (
        "throttled",
        "Throttled",
        "app.queue",
        "Rate exceeded",
        LINK
        | {
            "strategies": "RETRY ALTERNATIVE_PATH",
            "types": "RATE_LIMIT",
        },
    ),
    (
        "deadlock",
        "TransactionAborted",
        "app.storage",
        "deadlock detected; the transaction was rolled back",
        LINK | {"types": "NETWORK UNKNOWN", "strategies": "RETRY"},
    ),
    (
        "pool",
        "PoolExhausted",
        "app.storage",
        "no connection free within 5 s",
        LATE
        | {
            "strategies": "RETRY GRACEFUL_DEGRADATION",
            "types": "TIMEOUT NETWORK RATE_LIMIT UNKNOWN",
        },
    ),
    (
        "leader",
        "NotLeaderError",
        "app.cluster",
        "this node is not the leader; an election is running",
        LINK | {"strategies": "RETRY", "types": "NETWORK UNKNOWN"},
    ),
    (
        "cold",
        "ModelLoadingError",
        "app.inference",
        "model is still loading, estimated time 20 s",
        LINK | {"strategies": "RETRY ALTERNATIVE_PATH", "types": "AI_SERVICE NETWORK UNKNOWN"},
    ),
    (
        "gpu",
        "OutOfMemoryError",
        "app.inference",
        "CUDA out of memory. Tried to allocate 2.50 GiB",
        OUTPUT
        | {
            "types": "UNKNOWN VALIDATION GENERATION AI_SERVICE",
            "strategies": "GRACEFUL_DEGRADATION ESCALATION ALTERNATIVE_PATH",
            "tags": (),
        },
    ),
    ("denied", "AccessDenied", "app.gateway", "role 'viewer' must not publish nodes", BARRED),
    (
        "expired_license",
        "LicenseExpiredError",
        "app.gateway",
        "licence expired on 2026-01-31",
        BARRED | {"types": "SECURITY VALIDATION UNKNOWN"},
    ),
    (
        "policy",
        "PolicyViolation",
        "app.gateway",
        "outbound call to 169.254.169.254 is not allowed",
        BARRED,
    ),
    (
        "content",
        "ContentFilterError",
        "app.llm",
        "the answer was blocked by the content filter",
        OUTPUT
        | {
            "types": "AI_SERVICE SECURITY GENERATION VALIDATION",
            "strategies": "ALTERNATIVE_PATH ESCALATION GRACEFUL_DEGRADATION",
            "tags": (),
        },
    ),
    (
        "cancelled",
        "JobCancelledByUser",
        "app.jobs",
        "cancelled by the owner",
        OPAQUE | {"transient": "no"},
    ),
    (
        "disk",
        "StorageFullError",
        "app.storage",
        "no space left on device",
        OPAQUE
        | {"types": "UNKNOWN VALIDATION NETWORK", "transient": "no", "why": "the disk is full"},
    ),
    (
        "opaque",
        "ProcessingError",
        "app.jobs",
        "processing failed",
        OPAQUE | {"strategies": "ESCALATION GRACEFUL_DEGRADATION"},
    ),
    ("opaque_code", "BackendError", "app.jobs", "error 17", OPAQUE),
    ("opaque_unexpected", "RuntimeError", "builtins", "something went wrong", OPAQUE),
    ("opaque_state", "InternalError", "app.jobs", "unexpected state", OPAQUE),
    ("opaque_empty", "JobError", "app.jobs", "", OPAQUE),
    (
        "timeout_setting",
        "SettingError",
        "app.settings",
        "timeout must be a positive number, got -3",
        CONFIG | {"tags": ("misleading",)},
    ),
    (
        "retry_setting",
        "SettingError2",
        "app.settings",
        "max_retries must not exceed 10",
        CONFIG | {"tags": ("misleading",)},
    ),
    (
        "connection_setting",
        "SettingError3",
        "app.settings",
        "connection string has no host",
        CONFIG | {"types": "VALIDATION UNKNOWN NETWORK", "tags": ("misleading",)},
    ),
    (
        "migration",
        "MigrationError",
        "app.storage",
        "revision 'add_timeout_column' does not exist",
        CONFIG | {"tags": ("misleading",)},
    ),
    (
        "unsupported",
        "UnsupportedOperation",
        "app.jobs",
        "streaming is not supported by this node",
        CONFIG | {"types": "VALIDATION UNKNOWN GENERATION"},
    ),
    (
        "template",
        "TemplateRenderingError",
        "app.templates",
        "Template 'node_effect_v2' render failed: 'timeout' is undefined",
        RENDER | {"tags": ("misleading",)},
    ),
    (
        "template_absent",
        "TemplateMissing",
        "app.templates",
        "no template for node type 'gateway'",
        RENDER,
    ),
    (
        "import_text",
        "PluginLoadError",
        "app.plugins",
        "No module named 'omninode_plugins'",
        SYNTAX
        | {
            "types": "SYNTAX GENERATION UNKNOWN",
            "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
        },
    ),
    (
        "syntax_text",
        "CodeCheckFailed",
        "app.codegen",
        "SyntaxError: invalid syntax (node.py, line 7)",
        SYNTAX,
    ),
    (
        "await_text",
        "CodeCheckFailed2",
        "app.codegen",
        "RuntimeWarning: coroutine 'execute_effect' was never awaited",
        SYNTAX,
    ),
    (
        "lint_text",
        "LintError",
        "app.codegen",
        "node.py:3:1: F401 'os' imported but unused",
        DATA | {"types": "VALIDATION SYNTAX GENERATION"},
    ),
    (
        "type_text",
        "TypeCheckFailed",
        "app.codegen",
        "node.py:9: error: Incompatible return value type  [return-value]",
        DATA | {"types": "VALIDATION SYNTAX GENERATION"},
    ),
    ("test_text", "GeneratedTestsFailed", "app.codegen", "3 failed, 9 passed in 1.02s", DATA),
]
for name, kind, module, message, label in USERS:
    kind = kind.rstrip("234")
    base = own(kind, module) if module != "builtins" else RuntimeError

    def _user(base: Any = base, message: str = message) -> None:
        raise base(message) if message else base()

    # every module is a library of its own, so that both halves have some
    add(f"user_{name}", module if module != "builtins" else "python", _user, **label)

# a subclass says what it is, whatever it is called
add(
    "user_is_timeout",
    "app.jobs",
    raised("GenerationAborted", "app.jobs", "no answer", TimeoutError),
    **LATE,
)
add(
    "user_is_connection",
    "app.clients",
    raised("PeerGone", "app.clients", "closed", ConnectionError),
    **LINK,
)
add(
    "user_is_permission",
    "app.gateway",
    raised(
        "Refused", "app.gateway", "connection to the vault refused for this role", PermissionError
    ),
    tags=("misleading",),
    **BARRED,
)
add(
    "user_is_value",
    "app.settings",
    raised("TimeoutFormatError", "app.settings", "'5 minutes' is not a duration", ValueError),
    tags=("misleading",),
    **CONFIG | {"types": "VALIDATION UNKNOWN GENERATION"},
)
add(
    "user_is_key",
    "app.registry",
    raised("RateLimitKeyMissing", "app.registry", "rate_limit", KeyError),
    tags=("misleading",),
    **CONFIG | {"types": "VALIDATION GENERATION UNKNOWN"},
)
add(
    "user_is_syntax",
    "app.codegen",
    raised("GeneratedSyntaxError", "app.codegen", "line 3 does not parse", SyntaxError),
    **SYNTAX,
)
add(
    "user_is_import",
    "app.plugins",
    raised("PluginImportError", "app.plugins", "retry plugin is not installed", ImportError),
    tags=("misleading",),
    **SYNTAX
    | {
        "types": "SYNTAX GENERATION UNKNOWN",
        "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    },
)
add(
    "user_is_memory",
    "app.inference",
    raised("BatchTooLarge", "app.inference", "batch of 512 does not fit", MemoryError),
    **OUTPUT
    | {
        "types": "UNKNOWN VALIDATION GENERATION",
        "strategies": "GRACEFUL_DEGRADATION ESCALATION",
        "tags": (),
    },
)
add(
    "user_status_503",
    "app.clients",
    raised("ApiError", "app.clients", "request failed", status_code=503),
    **LINK | {"strategies": "RETRY ALTERNATIVE_PATH", "types": "NETWORK AI_SERVICE"},
)
add(
    "user_status_422",
    "app.clients",
    raised("ApiError", "app.clients", "temporarily unavailable fields", status_code=422),
    tags=("misleading",),
    **DATA | {"types": "VALIDATION", "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION"},
)
add(
    "user_status_403",
    "app.clients",
    raised("ApiError", "app.clients", "timeout while checking your permissions", status_code=403),
    tags=("misleading",),
    **BARRED,
)
add(
    "user_status_429",
    "app.clients",
    raised("ApiError", "app.clients", "slow down", status_code=429, headers={"retry-after": "8"}),
    **LINK | {"strategies": "RETRY ALTERNATIVE_PATH", "types": "RATE_LIMIT"},
)
add(
    "user_status_401",
    "app.clients",
    raised("ApiError", "app.clients", "please try again", status=401),
    tags=("misleading",),
    **BARRED,
)
add(
    "user_not_retryable",
    "app.queue",
    raised("TaskError", "app.queue", "connection reset by peer", retryable=False),
    types="NETWORK UNKNOWN",
    strategies="ESCALATION ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
    transient="no",
    why="the error says that it is not retryable",
    tags=("misleading",),
)


# ---- chains and groups
def chained(outer: Any, inner: Any, *, how: str = "cause"):
    """Raise one error out of another."""

    def run() -> None:
        try:
            raise inner
        except Exception as error:
            if how == "cause":
                raise outer from error
            if how == "none":
                raise outer from None
            raise outer  # noqa: B904

    return run


def step_error(message: str = "step 'generate' failed") -> Exception:
    """Make an error that says nothing."""
    return own("StepFailed", "app.pipeline")(message)


CHAIN = {"tags": ("cause-matters", "chain")}
add(
    "chain_reset",
    "app.pipeline",
    chained(step_error(), ConnectionResetError(104, "Connection reset by peer")),
    **LINK | {"strategies": "RETRY"} | CHAIN,
)
add(
    "chain_late",
    "app.pipeline",
    chained(step_error(), TimeoutError("read timed out")),
    **LATE | CHAIN,
)
add(
    "chain_key",
    "app.pipeline",
    chained(step_error(), KeyError("retry_after")),
    **CONFIG
    | CHAIN
    | {"types": "GENERATION VALIDATION UNKNOWN", "tags": ("cause-matters", "chain", "misleading")},
)
add(
    "chain_denied",
    "app.pipeline",
    chained(step_error(), PermissionError(13, "Permission denied")),
    **BARRED | CHAIN,
)
add(
    "chain_syntax",
    "app.pipeline",
    chained(step_error(), SyntaxError("invalid syntax")),
    **SYNTAX | CHAIN,
)
add(
    "chain_context_only",
    "app.pipeline",
    chained(step_error(), ConnectionRefusedError(111, "Connection refused"), how="context"),
    **LINK | CHAIN,
)
add(
    "chain_hidden",
    "app.pipeline",
    chained(step_error("gave up"), TimeoutError("read timed out"), how="none"),
    **OPAQUE | {"tags": ("chain",)},
)
add(
    "chain_hidden_value",
    "app.pipeline",
    chained(
        ValueError("field 'name' must not be empty"), ConnectionResetError(104, "reset"), how="none"
    ),
    tags=("chain", "misleading"),
    **DATA
    | {
        "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
        "types": "VALIDATION GENERATION UNKNOWN",
    },
)
add(
    "chain_permanent_outside",
    "app.pipeline",
    chained(PermissionError(13, "Permission denied"), TimeoutError("x")),
    **BARRED
    | {"tags": ("chain",), "why": "the outer error tells the kind; the inner one led to it"},
)


@case("chain_three", "app.pipeline", **LINK | {"strategies": "RETRY"} | CHAIN)
def _() -> None:
    try:
        chained(
            step_error("render failed"), ConnectionResetError(104, "Connection reset by peer")
        )()
    except Exception as error:
        raise RuntimeError("workflow failed") from error


@case(
    "chain_cycle",
    "app.pipeline",
    **OPAQUE | {"tags": ("chain",), "why": "two errors that name each other as their cause"},
)
def _() -> None:
    one, two = step_error("a"), step_error("b")
    one.__cause__, two.__cause__ = two, one
    raise one


@case("chain_noted", "app.pipeline", **LATE | {"tags": ("chain",)})
def _() -> None:
    error = TimeoutError("model did not answer")
    error.add_note("while generating contracts/effect.yaml; validation failed earlier")
    raise error


def group(*members: BaseException, message: str = "several steps failed"):
    """Raise a group."""

    def run() -> None:
        raise ExceptionGroup(message, list(members))

    return run


GROUP = {"tags": ("group",)}
add(
    "group_transient",
    "app.stages",
    group(ConnectionResetError(104, "reset"), ConnectionRefusedError(111, "refused")),
    **LINK | GROUP,
)
add("group_late", "app.stages", group(TimeoutError("a"), TimeoutError("b")), **LATE | GROUP)
add(
    "group_one_denied",
    "app.stages",
    group(TimeoutError("a"), PermissionError(13, "Permission denied")),
    **BARRED | GROUP | {"types": "SECURITY", "why": "one member is permanent"},
)
add(
    "group_one_value",
    "app.stages",
    group(ConnectionResetError(104, "reset"), ValueError("operation 'send' is not known")),
    **CONFIG | GROUP | {"types": "VALIDATION GENERATION UNKNOWN", "why": "one member is permanent"},
)
add(
    "group_one_syntax",
    "app.stages",
    group(TimeoutError("a"), SyntaxError("invalid syntax")),
    **SYNTAX
    | GROUP
    | {
        "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
        "why": "one member is permanent",
    },
)
add(
    "group_nested",
    "app.stages",
    group(ExceptionGroup("inner", [ExceptionGroup("deep", [TimeoutError("read timed out")])])),
    **LATE | GROUP,
)
add(
    "group_misleading",
    "app.stages",
    group(KeyError("timeout"), message="request timed out and was retried"),
    **CONFIG
    | {
        "types": "GENERATION VALIDATION UNKNOWN",
        "tags": ("group", "misleading"),
        "why": "the group's words are no fact",
    },
)
add("group_opaque", "app.stages", group(RuntimeError("x"), Exception()), **OPAQUE | GROUP)


@case(
    "group_cause",
    "app.stages",
    **LINK | {"strategies": "RETRY", "tags": ("group", "cause-matters")},
)
def _() -> None:
    try:
        group(ConnectionResetError(104, "reset"), ConnectionResetError(104, "reset"))()
    except ExceptionGroup as error:
        raise step_error("stage 'publish' failed") from error
