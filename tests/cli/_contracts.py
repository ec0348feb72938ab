"""Contracts as the tests of the command line need them; ``{name}`` is filled in."""

from __future__ import annotations

GOOD = """\
name: {name}
version: 1.0.0
node_type: compute
description: Adds two numbers.
input_state:
  type: object
  properties:
    left: {{type: integer, minimum: 0}}
    right: {{type: integer}}
  required: [left, right]
  additionalProperties: false
output_state:
  type: object
  properties:
    total: {{type: integer}}
  required: [total]
"""
DANGLING = GOOD.replace("{{type: integer, minimum: 0}}", '{{$ref: "#/$defs/Nothing"}}')
OPTIONAL_MIXIN = GOOD + "mixins:\n  - {{name: MixinConfetti, required: false}}\n"
