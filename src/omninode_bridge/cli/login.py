"""Who types here."""

from __future__ import annotations

import getpass
import os

__all__ = ["login"]


def login() -> str:
    """Return the login name; a user without one, as in a container, is called by number."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "somebody"
