"""The commands, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

import click

from omninode_bridge import __version__
from omninode_bridge.cli.contracts import contracts
from omninode_bridge.cli.escalations import escalations
from omninode_bridge.cli.explain import explain
from omninode_bridge.cli.generate import generate
from omninode_bridge.cli.interrupts import Interrupted
from omninode_bridge.cli.patterns import patterns
from omninode_bridge.cli.repair import repair
from omninode_bridge.cli.resume import resume
from omninode_bridge.cli.stats import stats
from omninode_bridge.cli.text import plain, prepare_streams
from omninode_bridge.cli.workflows import workflows
from omninode_bridge.errors import OmninodeBridgeError

__all__ = ["app", "run"]

PROGRAM = "omninode-bridge"
FAILURE, USAGE, INTERRUPTED, NOBODY_READS = 1, 2, 130, 141


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=False,
)
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
def app() -> None:
    """Generate node packages from contracts, and recover where that goes wrong."""


app.add_command(generate)
app.add_command(resume)
app.add_command(contracts)
app.add_command(patterns)
app.add_command(repair)
app.add_command(workflows)
app.add_command(escalations)
app.add_command(explain)
app.add_command(stats)


def run(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code; every error is one sentence on stderr."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    prepare_streams()
    try:
        code = app.main(args=arguments, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        return _say(_lowered(error.format_message()), USAGE)
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", INTERRUPTED)
    except Interrupted as error:
        code = _say(str(error), error.exit_code)
        if error.is_stuck:
            os._exit(code)  # everything is cleared away but a thread that nobody can stop
        return code
    except (BrokenPipeError, SystemExit):  # rich turns the first into the second
        _close_stdout()
        return NOBODY_READS
    except OmninodeBridgeError as error:
        return _say(str(error), USAGE)
    except OSError as error:  # of this machine, such as a full disk behind stdout
        _close_stdout()
        return _say(_system_fault(error), FAILURE)
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence, never a traceback
        return _unexpected(error, arguments)
    return code if isinstance(code, int) else 0


def _say(sentence: str, code: int) -> int:
    with suppress(OSError):  # nobody reads stderr; the exit code still tells
        print(f"{PROGRAM}: {plain(sentence)}", file=sys.stderr, flush=True)
    return code


def _system_fault(error: OSError) -> str:
    what = (error.strerror or str(error) or type(error).__name__).lower()
    place = f"{error.filename!r} " if isinstance(error.filename, str) else "the output "
    return f"{place}cannot be used: {what}"


def _unexpected(error: Exception, arguments: Sequence[str]) -> int:
    if any(re.fullmatch(r"--verbose|-[a-z]*v[a-z]*", argument) for argument in arguments):
        traceback.print_exception(error)
        return _say("that is a defect of this program", FAILURE)
    what = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    return _say(f"unexpected {what} (a defect of this program; -v shows where)", FAILURE)


def _lowered(message: str) -> str:
    """Bring click's sentence into ours: one line, lower case, no final period."""
    message = " ".join(message.split()).rstrip(".") or "see --help"
    return message[:1].lower() + message[1:] if message[1:2].islower() else message


def _close_stdout() -> None:
    """Keep the interpreter from complaining about the pipe or disk when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
