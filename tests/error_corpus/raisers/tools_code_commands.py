"""What programs print when they fail, as a log or a wrapper hands it on."""

from __future__ import annotations

import subprocess
from typing import Any

from lab import ToolOutput, add

LINK = {
    "types": "NETWORK",
    "strategies": "RETRY ESCALATION",
    "transient": "yes",
    "why": "the other side cannot be reached for now",
}
LATE = {
    "types": "TIMEOUT NETWORK",
    "strategies": "RETRY GRACEFUL_DEGRADATION",
    "transient": "yes",
    "why": "a deadline passed",
}
LIMITED = {
    "types": "RATE_LIMIT",
    "strategies": "RETRY ALTERNATIVE_PATH",
    "transient": "yes",
    "why": "too many requests for now",
}
LOCKED = {
    "types": "UNKNOWN NETWORK TIMEOUT",
    "strategies": "RETRY",
    "transient": "yes",
    "why": "somebody else holds the lock for now",
}
BARRED = {
    "types": "SECURITY",
    "strategies": "ESCALATION",
    "transient": "no",
    "why": "the rights or the proof are missing",
}
ABSENT = {
    "types": "VALIDATION UNKNOWN NETWORK",
    "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "there is no such thing",
}
USAGE = {
    "types": "VALIDATION UNKNOWN",
    "strategies": "ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "called or configured wrongly",
}
PARSE = {
    "types": "SYNTAX VALIDATION CONTRACT",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "the input does not parse",
}
FULL = {
    "types": "UNKNOWN VALIDATION NETWORK",
    "strategies": "ESCALATION GRACEFUL_DEGRADATION",
    "transient": "no",
    "why": "the disk is full",
}
KILLED = {
    "types": "UNKNOWN VALIDATION GENERATION",
    "strategies": "GRACEFUL_DEGRADATION ESCALATION RETRY",
    "transient": "unknown",
    "why": "killed from outside, mostly for its memory",
}
WRONG = {
    "types": "VALIDATION SYNTAX GENERATION",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH GRACEFUL_DEGRADATION ESCALATION",
    "transient": "no",
    "why": "the code or the plan is wrong",
}

# programs whose exit codes tell enough; of others a careful caller adds what was said
CODES = frozenset({"curl", "rsync", "wget"})

# id, program, exit code, what it printed, label
SAID: list[tuple[str, str, int, str, dict[str, Any]]] = [
    (
        "curl_refused",
        "curl",
        7,
        "curl: (7) Failed to connect to registry.internal port 8443 after 2 ms: Could not connect to server",
        LINK,
    ),
    (
        "curl_late",
        "curl",
        28,
        "curl: (28) Operation timed out after 10001 milliseconds with 0 bytes received",
        LATE,
    ),
    ("curl_host", "curl", 6, "curl: (6) Could not resolve host: models.internal", LINK),
    (
        "curl_certificate",
        "curl",
        60,
        "curl: (60) SSL certificate problem: unable to get local issuer certificate",
        BARRED,
    ),
    (
        "curl_empty",
        "curl",
        52,
        "curl: (52) Empty reply from server",
        LINK | {"strategies": "RETRY"},
    ),
    ("curl_404", "curl", 22, "curl: (22) The requested URL returned error: 404", ABSENT),
    (
        "curl_503",
        "curl",
        22,
        "curl: (22) The requested URL returned error: 503",
        LINK | {"strategies": "RETRY ALTERNATIVE_PATH"},
    ),
    ("curl_429", "curl", 22, "curl: (22) The requested URL returned error: 429", LIMITED),
    (
        "wget_refused",
        "wget",
        4,
        "Connecting to files.internal (files.internal)|10.0.0.9|:443... failed: Connection refused.",
        LINK,
    ),
    (
        "wget_unavailable",
        "wget",
        8,
        "HTTP request sent, awaiting response... 503 Service Unavailable\n2026-02-01 10:00:00 ERROR 503: Service Unavailable.",
        LINK | {"strategies": "RETRY ALTERNATIVE_PATH"},
    ),
    (
        "wget_forbidden",
        "wget",
        8,
        "HTTP request sent, awaiting response... 403 Forbidden\n2026-02-01 10:00:00 ERROR 403: Forbidden.",
        BARRED,
    ),
    (
        "ssh_key",
        "ssh",
        255,
        "@@@@@@@@@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
        BARRED,
    ),
    (
        "ssh_late",
        "ssh",
        255,
        "ssh: connect to host build.internal port 22: Connection timed out",
        LATE | {"types": "TIMEOUT NETWORK"},
    ),
    (
        "ssh_closed",
        "ssh",
        255,
        "kex_exchange_identification: Connection closed by remote host",
        LINK | {"strategies": "RETRY"},
    ),
    (
        "scp_denied",
        "scp",
        1,
        "deploy@build.internal: Permission denied (publickey,password).",
        BARRED,
    ),
    (
        "rsync_full",
        "rsync",
        11,
        'rsync: write failed on "/srv/out/node.tar": No space left on device (28)',
        FULL,
    ),
    (
        "rsync_late",
        "rsync",
        30,
        "rsync error: timeout in data send/receive (code 30) at io.c(201)",
        LATE,
    ),
    (
        "apt_lock",
        "apt",
        100,
        "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4121 (apt-get)",
        LOCKED,
    ),
    ("apt_package", "apt", 100, "E: Unable to locate package omninode-runtime", ABSENT),
    (
        "apt_fetch",
        "apt",
        100,
        "E: Failed to fetch http://archive.internal/pool/a.deb  Temporary failure resolving 'archive.internal'",
        LINK,
    ),
    (
        "cargo_compile",
        "cargo",
        101,
        'error[E0308]: mismatched types\n --> src/lib.rs:4:5\n  |\n4 |     "retry"\n  |     ^^^^^^^ expected `u32`, found `&str`\n\nerror: could not compile `node` (lib) due to 1 previous error',
        WRONG,
    ),
    (
        "cargo_network",
        "cargo",
        101,
        "error: failed to download from `https://crates.internal/a`\n\nCaused by:\n  [28] Timeout was reached (download of `serde` failed to transfer more than 10 bytes in 30s)",
        LATE,
    ),
    (
        "yarn_version",
        "yarn",
        1,
        'error Could not find any versions for "timeout-utils" that matches "^9.0.0"',
        ABSENT,
    ),
    (
        "yarn_network",
        "yarn",
        1,
        'error An unexpected error occurred: "https://packages.internal/left-pad: ETIMEDOUT".',
        LATE,
    ),
    (
        "poetry_solve",
        "poetry",
        1,
        "Because app depends on both pydantic (<2) and node (1.0) which depends on pydantic (>=2), version solving failed.",
        USAGE,
    ),
    (
        "poetry_lock",
        "poetry",
        1,
        "pyproject.toml changed significantly since poetry.lock was last generated. Run `poetry lock` to fix the lock file.",
        USAGE,
    ),
    (
        "uv_resolve",
        "uv",
        1,
        "  × No solution found when resolving dependencies:\n  ╰─▶ Because only omninode-models<=0.3 is available and you require omninode-models>=1, we can conclude that your requirements are unsatisfiable.",
        USAGE,
    ),
    (
        "uv_fetch",
        "uv",
        2,
        "error: Request failed after 3 retries\n  Caused by: Failed to fetch: `https://packages.internal/simple/jinja2/`\n  Caused by: error sending request\n  Caused by: operation timed out",
        LATE,
    ),
    (
        "terraform_plan",
        "terraform",
        1,
        'Error: Unsupported argument\n\n  on main.tf line 9, in resource "node" "a":\n   9:   timeout_policy = "x"\n\nAn argument named "timeout_policy" is not expected here.',
        USAGE | {"types": "VALIDATION SYNTAX CONTRACT UNKNOWN"},
    ),
    (
        "terraform_credentials",
        "terraform",
        1,
        "Error: No valid credential sources found\n\nError: failed to refresh cached credentials, no EC2 IMDS role found",
        BARRED,
    ),
    (
        "ansible_unreachable",
        "ansible",
        4,
        'fatal: [node1]: UNREACHABLE! => {"changed": false, "msg": "Failed to connect to the host via ssh: ssh: connect to host node1 port 22: Connection refused", "unreachable": true}',
        LINK,
    ),
    (
        "ansible_task",
        "ansible",
        2,
        'fatal: [node1]: FAILED! => {"changed": false, "msg": "Unsupported parameters for (ansible.builtin.copy) module: retry. Supported parameters include: dest, src."}',
        USAGE,
    ),
    (
        "ansible_yaml",
        "ansible",
        4,
        "ERROR! We were unable to read either as JSON nor YAML, these are the errors we got from each:\nSyntax Error while loading YAML.\n  did not find expected key",
        PARSE,
    ),
    (
        "aws_expired",
        "awscli",
        255,
        "An error occurred (ExpiredToken) when calling the ListObjectsV2 operation: The provided token has expired.",
        BARRED,
    ),
    (
        "aws_throttled",
        "awscli",
        255,
        "An error occurred (ThrottlingException) when calling the DescribeTasks operation (reached max retries: 2): Rate exceeded",
        LIMITED,
    ),
    (
        "aws_bucket",
        "awscli",
        255,
        "An error occurred (NoSuchBucket) when calling the PutObject operation: The specified bucket does not exist",
        ABSENT,
    ),
    (
        "aws_endpoint",
        "awscli",
        255,
        'Could not connect to the endpoint URL: "https://s3.region.internal/nodes"',
        LINK,
    ),
    (
        "gcloud_permission",
        "gcloud",
        1,
        "ERROR: (gcloud.run.deploy) PERMISSION_DENIED: Permission 'run.services.update' denied on resource 'node'",
        BARRED,
    ),
    (
        "gcloud_quota",
        "gcloud",
        1,
        "ERROR: (gcloud.compute) RESOURCE_EXHAUSTED: Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute'",
        LIMITED,
    ),
    (
        "helm_release",
        "helm",
        1,
        "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
        LOCKED | {"strategies": "RETRY ESCALATION", "transient": "unknown"},
    ),
    (
        "helm_template",
        "helm",
        1,
        'Error: template: node/templates/deploy.yaml:12:20: executing "node/templates/deploy.yaml" at <.Values.image.tag>: nil pointer evaluating interface {}.tag',
        WRONG | {"types": "GENERATION VALIDATION SYNTAX"},
    ),
    ("helm_late", "helm", 1, "Error: INSTALLATION FAILED: context deadline exceeded", LATE),
    (
        "kubectl_refused",
        "kubectl",
        1,
        "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?",
        LINK,
    ),
    (
        "kubectl_tls",
        "kubectl",
        1,
        "Unable to connect to the server: x509: certificate signed by unknown authority",
        BARRED,
    ),
    (
        "kubectl_late",
        "kubectl",
        1,
        "Unable to connect to the server: net/http: TLS handshake timeout",
        LATE,
    ),
    ("kubectl_io", "kubectl", 1, "Error from server: etcdserver: request timed out", LATE),
    (
        "kubectl_absent",
        "kubectl",
        1,
        'Error from server (NotFound): deployments.apps "timeout-node" not found',
        ABSENT,
    ),
    (
        "kubectl_invalid",
        "kubectl",
        1,
        'error: error validating "node.yaml": error validating data: ValidationError(Deployment.spec): unknown field "retries" in io.k8s.api.apps.v1.DeploymentSpec',
        USAGE | {"types": "VALIDATION CONTRACT UNKNOWN"},
    ),
    (
        "kubectl_unauthorized",
        "kubectl",
        1,
        "error: You must be logged in to the server (Unauthorized)",
        BARRED,
    ),
    (
        "psql_refused",
        "psql",
        2,
        'psql: error: connection to server at "db.internal" (10.0.0.7), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?',
        LINK,
    ),
    (
        "psql_password",
        "psql",
        2,
        'psql: error: connection to server at "db.internal" (10.0.0.7), port 5432 failed: FATAL:  password authentication failed for user "app"',
        BARRED,
    ),
    (
        "psql_syntax",
        "psql",
        1,
        'ERROR:  syntax error at or near "FORM nodes"\nLINE 1: FORM nodes 1;\n        ^',
        PARSE,
    ),
    (
        "psql_relation",
        "psql",
        1,
        'ERROR:  relation "retry_queue" does not exist\nLINE 1: select * from retry_queue;',
        PARSE | {"types": "VALIDATION SYNTAX CONTRACT UNKNOWN"},
    ),
    (
        "psql_starting",
        "psql",
        2,
        "psql: error: FATAL:  the database system is starting up",
        LINK | {"strategies": "RETRY"},
    ),
    ("redis_password", "redis-cli", 1, "NOAUTH Authentication required.", BARRED),
    (
        "redis_loading",
        "redis-cli",
        1,
        "LOADING Redis is loading the dataset in memory",
        LINK | {"strategies": "RETRY"},
    ),
    (
        "redis_wrong_type",
        "redis-cli",
        1,
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        USAGE,
    ),
    (
        "systemctl_failed",
        "systemctl",
        1,
        'Job for node.service failed because a timeout was exceeded.\nSee "systemctl status node.service" and "journalctl -xeu node.service" for details.',
        LATE,
    ),
    (
        "systemctl_absent",
        "systemctl",
        5,
        "Failed to start retry.service: Unit retry.service not found.",
        ABSENT,
    ),
    (
        "javac_symbol",
        "javac",
        1,
        "Node.java:7: error: cannot find symbol\n        retryLater();\n        ^\n  symbol:   method retryLater()\n  location: class Node\n1 error",
        WRONG | {"types": "SYNTAX VALIDATION GENERATION"},
    ),
    (
        "javac_expected",
        "javac",
        1,
        "Node.java:3: error: ';' expected\n        int timeout = 3\n                       ^\n1 error",
        PARSE | {"types": "SYNTAX VALIDATION"},
    ),
    (
        "java_heap",
        "java",
        1,
        'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
        KILLED
        | {
            "transient": "no",
            "strategies": "GRACEFUL_DEGRADATION ESCALATION",
            "why": "the memory is too small for this",
        },
    ),
    (
        "java_refused",
        "java",
        1,
        "Caused by: java.net.ConnectException: Connection refused (Connection refused)",
        LINK,
    ),
    (
        "java_late",
        "java",
        1,
        'Exception in thread "main" java.net.SocketTimeoutException: Read timed out',
        LATE,
    ),
    (
        "node_module",
        "node",
        1,
        "Error: Cannot find module 'retry'\nRequire stack:\n- /srv/app/index.js\n  code: 'MODULE_NOT_FOUND'",
        WRONG | {"types": "SYNTAX GENERATION VALIDATION UNKNOWN"},
    ),
    (
        "node_reference",
        "node",
        1,
        "/srv/app/index.js:3\nretryLater();\n^\n\nReferenceError: retryLater is not defined",
        WRONG | {"types": "SYNTAX GENERATION VALIDATION"},
    ),
    (
        "node_refused",
        "node",
        1,
        "Error: connect ECONNREFUSED 127.0.0.1:8080\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1595:16)",
        LINK,
    ),
    (
        "node_heap",
        "node",
        134,
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        KILLED
        | {
            "transient": "no",
            "strategies": "GRACEFUL_DEGRADATION ESCALATION",
            "why": "the memory is too small for this",
        },
    ),
    (
        "npm_peer",
        "npm",
        1,
        "npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree",
        USAGE,
    ),
    (
        "npm_denied",
        "npm",
        1,
        "npm ERR! code E401\nnpm ERR! Unable to authenticate, your authentication token seems to be invalid.",
        BARRED,
    ),
    (
        "protoc_type",
        "protoc",
        1,
        'node.proto:7:3: "RetryPolicy" is not defined.',
        PARSE | {"types": "CONTRACT SYNTAX VALIDATION"},
    ),
    (
        "protoc_syntax",
        "protoc",
        1,
        'node.proto:4:10: Expected ";".',
        PARSE | {"types": "SYNTAX CONTRACT VALIDATION"},
    ),
    (
        "buf_breaking",
        "buf",
        100,
        'node.proto:12:1:Previously present field "3" with name "timeout" on message "Node" was deleted.',
        PARSE | {"types": "CONTRACT VALIDATION"},
    ),
    (
        "hadolint_rule",
        "hadolint",
        1,
        "Dockerfile:3 DL3008 warning: Pin versions in apt get install",
        WRONG,
    ),
    (
        "trivy_scan",
        "trivy",
        1,
        "Total: 3 (HIGH: 2, CRITICAL: 1)\n│ openssl │ CVE-2026-0001 │ CRITICAL │ fixed │ 3.0.1 │ 3.0.9 │",
        {
            "types": "SECURITY VALIDATION",
            "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
            "transient": "no",
            "why": "the scanner found something dangerous",
        },
    ),
    (
        "gitleaks_scan",
        "gitleaks",
        1,
        'Finding:     aws_secret = "REDACTED"\nRuleID:      generic-api-key\nFile:        node.py\n1:02PM WRN leaks found: 1',
        {
            "types": "SECURITY VALIDATION",
            "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
            "transient": "no",
            "why": "a secret in the code",
        },
    ),
    (
        "semgrep_scan",
        "semgrep",
        1,
        "    node.py\n     ❯❱ python.lang.security.audit.exec-detected\n          Detected the use of exec(). This can be dangerous\n           7┆ exec(text)",
        {
            "types": "SECURITY VALIDATION",
            "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
            "transient": "no",
            "why": "the scanner found something dangerous",
        },
    ),
    (
        "prettier_check",
        "prettier",
        1,
        "[warn] src/retry.ts\n[warn] Code style issues found in the above file. Run Prettier with --write to fix.",
        WRONG,
    ),
    (
        "jest_failed",
        "jest",
        1,
        "FAIL src/timeout.test.ts\n  ● waits\n    expect(received).toBe(expected)\n    Expected: 3\n    Received: 5\nTests:       1 failed, 4 passed, 5 total",
        WRONG | {"types": "VALIDATION GENERATION"},
    ),
    (
        "go_test_failed",
        "go",
        1,
        "--- FAIL: TestRetry (0.00s)\n    node_test.go:9: got 2, want 3\nFAIL\texample.internal/node\t0.004s",
        WRONG | {"types": "VALIDATION GENERATION"},
    ),
    (
        "tox_failed",
        "tox",
        1,
        "  py311: FAIL code 1 (2.31=setup[1.90]+cmd[0.41] seconds)\n  evaluation failed :( (2.40 seconds)",
        WRONG | {"types": "VALIDATION GENERATION UNKNOWN"},
    ),
    (
        "precommit_failed",
        "pre-commit",
        1,
        "ruff.....................................................................Failed\n- hook id: ruff\n- exit code: 1",
        WRONG | {"types": "VALIDATION SYNTAX GENERATION UNKNOWN"},
    ),
]
for id, program, code, text, label in SAID:
    misleading = label["transient"] == "no" and any(
        word in text.lower() for word in ("retry", "retries", "timeout", "limit")
    )
    tags = ("tool", "misleading") if misleading else ("tool",)

    def _printed(text: str = text) -> None:
        raise ToolOutput(text)

    def _called(program: str = program, code: int = code, text: str = text) -> None:
        error = subprocess.CalledProcessError(code, [program, "..."], output="", stderr=text + "\n")
        if program not in CODES:
            error.add_note(text)
        raise error

    add(f"said_{id}", program, _printed, tags=tags, **label)
    if len(id) % 3 == 0:  # some of them as the exception that holds what was said
        add(f"called_{id}", program, _called, tags=tags, **label)
