"""Error recovery for code generation and LLM-agent workflows."""

__all__ = ["__version__"]

__version__ = "0.1.0"
