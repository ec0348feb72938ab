"""``omninode-bridge repair``: broken Python in, corrected Python out, or why not."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omninode_bridge.cli.options import paths
from omninode_bridge.cli.report_file import json_bytes
from omninode_bridge.cli.shared_options import format_option

if TYPE_CHECKING:
    from omninode_bridge.cli.repair_run import Repair

__all__ = ["repair"]

_MOST_ERROR = 1_000_000
_FILE_NAME = re.compile(r"\S*(?:[/\\]\S*|\.(?:log|txt|err|out))")


@click.command()
@click.argument("paths", metavar="PATH...|-", nargs=-1, required=True, callback=paths)
@click.option("--write", is_flag=True, help="Put the corrected code in the place of the file.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change, as a patch.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what --write would do.")
@click.option(
    "--error",
    metavar="TEXT|FILE|-",
    help="What went wrong with the code: a message or traceback, a file that holds it, "
    "or - for stdin. Without it only compiling counts.",
)
@format_option
@click.option(
    "--force", is_flag=True, help="With --write: also over uncommitted changes, and keep no copy."
)
@click.option("-q", "--quiet", is_flag=True, help="Say only what could not be repaired.")
@click.pass_context
def repair(ctx: click.Context, /, **given: Any) -> None:
    """Correct broken Python code where it is certain what was meant.

    PATH is a file, or a folder in which every .py file counts; - is stdin. Without an option the
    corrected code of one file is printed. Code that is in order is left as it is, byte for byte.

    Exit codes: 0 all fine or repaired, 1 something could not be repaired or written, 2 wrong usage.
    """
    ctx.exit(_repair(_Options(**given)))


@dataclass(frozen=True, slots=True)
class _Options:
    """The options as given; their help says what they mean."""

    paths: tuple[Path, ...]
    write: bool
    diff: bool
    dry_run: bool
    error: str | None
    style: str
    force: bool
    quiet: bool

    @property
    def reads_stdin(self) -> bool:
        """Whether the code comes from stdin."""
        return self.paths == (Path("-"),)


def _mode(options: _Options) -> str:
    """Return the mode, or refuse options that do not go together."""
    given = {"write": options.write, "diff": options.diff, "dry-run": options.dry_run}
    chosen = [mode for mode, is_on in given.items() if is_on]
    if len(chosen) > 1:
        raise click.UsageError("--write, --diff and --dry-run exclude each other; give one of them")
    if options.force and not options.write:
        raise click.UsageError("--force goes with --write")
    if Path("-") in options.paths and not options.reads_stdin:
        raise click.UsageError("- stands for stdin; it must be the only path")
    if options.reads_stdin and chosen in (["write"], ["dry-run"]):
        raise click.UsageError(f"--{chosen[0]} needs a file; what is read from stdin is printed")
    if options.reads_stdin and options.error == "-":
        raise click.UsageError("only one of code and error can come from stdin")
    return chosen[0] if chosen else "print"


def _repair(options: _Options) -> int:
    from omninode_bridge.cli.repair_find import find_sources
    from omninode_bridge.cli.repair_run import repair as repair_bytes
    from omninode_bridge.cli.repair_run import repair_file
    from omninode_bridge.cli.repair_text import MAX_BYTES

    mode = _mode(options)
    error = _error_text(options.error)
    if options.reads_stdin:
        repairs = [repair_bytes("-", sys.stdin.buffer.read(MAX_BYTES + 1), error)]
    else:
        files = find_sources(options.paths)
        if mode == "print" and options.style == "text":
            _refuse_many(options.paths, len(files))
        repairs = [repair_file(file, error, mode, force=options.force) for file in files]
    _print(repairs, mode, options)
    if not any(one.pointed for one in repairs):
        what = "this code" if len(repairs) == 1 else "any of these files"
        print(f"the error does not point to {what}", file=sys.stderr)
        return 1
    return 0 if all(one.ok for one in repairs) else 1


def _refuse_many(given: Sequence[Path], count: int) -> None:
    if len(given) > 1 or count > 1 or given[0].is_dir():
        raise click.UsageError(
            "several files cannot be printed as one; give --diff, --write, --dry-run or --format json"
        )


def _error_text(given: str | None) -> str | None:
    """Return the text of the error, from wherever it is."""
    if given is None:
        return None
    if not given.strip():
        raise click.UsageError("--error is empty; it must be a message, a file or - for stdin")
    if given == "-":
        text = sys.stdin.buffer.read(_MOST_ERROR).decode("utf-8", "replace")
    else:
        try:
            is_file = Path(given).is_file()
        except (OSError, ValueError):  # too long for a path, or no path at all
            is_file = False
        if not is_file:
            if _FILE_NAME.fullmatch(given):
                raise click.UsageError(f"--error names {given!r}, which is no file")
            return given
        with Path(given).open("rb") as file:
            text = file.read(_MOST_ERROR).decode("utf-8", "replace")
    if not text.strip():
        raise click.UsageError(f"--error {given!r} has no text in it")
    return text


def _print(repairs: Sequence[Repair], mode: str, options: _Options) -> None:
    from omninode_bridge.cli.repair_print import print_account, report_data, send_bytes
    from omninode_bridge.cli.repair_run import Status

    if options.style == "json":
        sys.stdout.flush()
        sys.stdout.buffer.write(json_bytes(report_data(repairs, mode)))
        sys.stdout.buffer.flush()
    elif mode in ("diff", "print"):
        for one in repairs:
            if one.source is None:
                continue
            if mode == "diff":
                data = one.diff.encode(one.source.encoding, "backslashreplace")
                send_bytes(data, one.source.encoding)
            elif one.after is not None:
                send_bytes(one.after, one.source.encoding)
            elif one.status is Status.FINE:
                send_bytes(one.source.data, one.source.encoding)
    to_stdout = options.style == "text" and mode in ("write", "dry-run")
    stream = sys.stdout if to_stdout else sys.stderr
    print_account(repairs, stream, is_dry=mode == "dry-run", quiet=options.quiet)
