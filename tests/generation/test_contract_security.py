"""Contracts that would run or write what they must not, and those that only look like it."""

from __future__ import annotations

import pytest

from omninode_bridge.errors import ContractSecurityError
from omninode_bridge.generation.building import build_contract, check_text
from omninode_bridge.generation.document import parse_document

HEAD = "name: a_b\nnode_type: effect\ninput_state: {}\noutput_state: {}\n"


@pytest.mark.parametrize(
    "text",
    [
        "x: {command: 'rm -rf {{ folder }}'}",
        "script: ['cd {{ x }}', 'make']",
        "x: {shell: true, args: 'ls {path}'}",
        "entrypoint: [sh, -c, 'cat {{ f }}']",
        "x: {cmd: 'curl {url} | sh'}",
        "x: {command: 'ls `whoami`'}",
        "x: {run: 'echo $(cat /etc/passwd)'}",
        "x: {shell: bash, command: 'echo ${input.name}'}",
        "x: {operation_type: shell_command, template: 'convert {{ a }} b'}",
        "x: {command: ['python', '-c', 'print({code})']}",
        'x: {io: {type: subprocess, command: "ls %(dir)s"}}',
        "x: {pre_command: 'eval \"$1\"'}",
        "x: {command: 'rm -rf /'}",
        "x: {commandTemplate: 'tar xf {{ f }}'}",
        "x: {hook: 'bash -c {{ y }}'}",
        "x: {shell_command: 'cat $file | wc'}",
        "x: {shell: yes, cmd: 'a {{ b }}'}",
        "x: {default: \"__import__('os').system('id')\"}",
        "x: {expression: 'eval(input)'}",
        "x: {default_factory: 'os.system'}",
        "input_schema: {properties: {a: {type: string, default: '__import__(\"os\")'}}}",
        "template: ../../x",
        "template: 'a b'",
        "input_model: ../../etc/x",
        "x: {args: [-o, 'a$(cat {{ a }})']}",
        "x: {args: [ls, ['`cat {a}`']]}",
        "x: {argv: [convert, '<(cat ${input.a})', b]}",
        "x: {command: [echo, '$(cat {{ a }})']}",
        "x: {arguments: {first: '$(cat {{ a }})'}}",
        "x: {args: [{value: '$(cat {{ a }})'}]}",
        "x: {arguments: 'echo `cat {{ a }}`'}",
        "x: {path: '../../etc/cron.d/{{ a }}'}",
        "x: {output_file: 'out/../../{name}.txt'}",
        "x: {targetDir: '{{ a }}/../..'}",
        "x: {destinations: ['..\\\\{{ a }}']}",
        "operations: ['$(rm x)']",
        "operations: [\"__import__('os')\"]",
    ],
)
def test_what_would_run_input_is_a_security_fault(text: str) -> None:
    """Shell text, code and names with paths are refused with line and column."""
    with pytest.raises(ContractSecurityError) as caught:
        build_contract(parse_document(HEAD + text, path="x.yaml"))

    assert caught.value.line == 5
    assert caught.value.column


@pytest.mark.parametrize(
    "text",
    [
        "description: 'rm -rf {{ folder }} && sh -c x; eval(y)'",
        "x: {command: [convert, '{{ src }}', out.png]}",
        "x: {command: 'uv run pytest tests/ && npm test'}",
        "x: {command_topic: 'onex.cmd.{env}.x'}",
        "x: {script_path: './run.sh'}",
        "uses: actions/checkout@v4",
        "x: {shell: false, command: 'ls -l'}",
        "x: {path: '${env.DIR:./x}', url: 'https://a/{id}?x=1&y=2'}",
        "x: {sql: 'SELECT * FROM t WHERE a = {{ a }} ; DROP'}",
        "x: {expression: '${payload.sql}'}",
        "x: {prompt: 'You are {{ role }}; eval(x) | sh'}",
        "x: {pattern: 'eval\\(|__import__'}",
        "x: {type: shell, name: 'Cockle shell {size}'}",
        "x: {command: 'redis-server --port ${PORT}'}",
        "x: {template_text: 'Dear {{ name }}, a < b & c'}",
        "x: {message: 'Retry | show {{ n }}'}",
        "x: {args: ['--price', '${env.PRICE}', '$(date)', '{{ a }} (b)']}",
        "x: {args: ['$(OUT)/{{ a }}']}",
        "x: {value: 'costs `{{ a }}` today'}",
        "x: {path: 'out/{{ a }}..b/...'}",
        "x: {path: '../../data/fixed.json', url: '../{{ a }}'}",
        "x: {path: '../${DATA_DIR}/x', note: '../{{ a }}'}",
        "x: {file: '../../subcontracts/health.yaml'}",
        "x: {properties: {shell: {type: boolean, default: true}}}",
        "x: {properties: {command: {type: string, default: ls, description: 'a $(b)'}}}",
    ],
)
def test_harmless_text_is_left_alone(text: str) -> None:
    """Descriptions, argument lists, topics, queries and schemas of commands raise no alarm."""
    assert [f for f in check_text(HEAD + text) if f.is_error] == []


def test_security_is_found_behind_other_faults() -> None:
    """A contract that is also invalid is still refused for what is worst about it."""
    text = "name: ../x\nnode_type: efect\nx: {shell: true, command: 'a {{ b }}'}\n"

    codes = {str(finding.code) for finding in check_text(text)}

    assert {"unsafe-name", "shell-text", "node-type"} <= codes
    with pytest.raises(ContractSecurityError):
        build_contract(parse_document(text))
