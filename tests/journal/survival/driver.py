"""Lets the worker die wherever it can, starts it again, and looks at what is left.

Run as a program it prints one JSON object: how many moments there are, how many lives were lived,
and a sentence for each promise that was broken. Every life is a forked process of its own, ended by
SIGKILL; forking spares it the imports, nothing else.
"""

from __future__ import annotations

import argparse
import http.server
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import worker

MOST_LIVES = 12
LONGEST_LIFE = 60.0


class Server(http.server.BaseHTTPRequestHandler):
    """Appends what is posted to ``posts`` in the folder that the path names."""

    root = Path()

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length).decode()
        if len(body) < length:
            return  # who posted was killed between the head of the request and its body
        worker.append(self.root / Path(self.path).name / "posts", body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def serve(root: Path) -> tuple[int, int]:
    """Start the server in a process of its own; returns its port and its id."""
    Server.root = root
    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    child = os.fork()
    if not child:
        server.serve_forever()
    server.server_close()
    return server.server_address[1], child


def life(folder: Path, role: Callable[..., int], *arguments: Any) -> int:
    """Begin a life; returns the id of its process."""
    child = os.fork()
    if not child:
        worker.live(folder, role, *arguments)
    return child


def end_of(child: int, *, after: float | None = None) -> int:
    """Return the exit code, or minus the signal, once it has ended; kill it after a while."""
    limit = time.monotonic() + (LONGEST_LIFE if after is None else after)
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= limit:
            os.kill(child, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        time.sleep(0.0005)


@dataclass
class Case:
    """One workflow from its first life to its end.

    Attributes:
        kills: at which moment the first lives end; 0 for none.
        moments: after how many seconds they end instead.
        human_dies_at: the moment at which the human's process ends first.
        early: the human answers as soon as there is something to answer.
    """

    root: Path
    port: int
    variant: str
    kills: Sequence[int] = ()
    moments: Sequence[float] = ()
    human_dies_at: int = 0
    early: bool = False
    lives: int = 0
    broken: list[str] = field(default_factory=list)

    def run(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=self.root))
        os.environ.pop("OMNINODE_BRIDGE_JOURNAL", None)
        kills, moments, code = list(self.kills), list(self.moments), -1
        for self.lives in range(1, MOST_LIVES + 1):
            before = self.recorded()
            trace = len(self.lines("trace"))
            code = self.one_life(kills.pop(0) if kills else 0, moments.pop(0) if moments else None)
            self.check_life(before, self.lines("trace")[trace:])
            if code == worker.DONE or code not in (worker.PAUSED, -signal.SIGKILL):
                break
            if self.variant != "waiting" and (self.early or code == worker.PAUSED):
                self.human_answers()
        if code != worker.DONE:
            self.broken.append(f"ended with {code}: {''.join(self.lines('errors')[-3:])}")

    def one_life(self, kill_at: int, moment: float | None) -> int:
        child = life(self.folder, worker.work, self.variant, self.port, worker.Ticks(kill_at))
        if self.variant != "waiting":
            return end_of(child, after=moment)
        human = life(self.folder, wait_and_answer)
        code = end_of(child, after=moment)
        os.kill(human, signal.SIGKILL)
        os.waitpid(human, 0)
        return code

    def human_answers(self) -> None:
        if self.human_dies_at:
            end_of(life(self.folder, worker.answer, worker.Ticks(self.human_dies_at)))
            self.human_dies_at = 0
        end_of(life(self.folder, worker.answer, worker.Ticks()))

    # -- what is left --------------------------------------------------------------------------

    def lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        if not (self.folder / "journal.db").exists():
            return []
        connection = sqlite3.connect(self.folder / "journal.db")
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []  # it died before there was a table
        finally:
            connection.close()

    def recorded(self) -> dict[str, Any]:
        """Return what is recorded as ended, at a moment when nobody runs."""
        done = self.rows("SELECT key FROM steps WHERE status = 'done'")
        tried = self.rows(
            "SELECT count(*) FROM entries WHERE kind = 'outcome' AND data LIKE '%\"ok\":false%' "
            "AND data LIKE '%\"tried\":true%'"
        )
        begun = self.rows("SELECT count(*) FROM recoveries")
        return {
            "done": [key.rpartition("/")[2] for (key,) in done],
            "failed_calls": (tried[0][0] + begun[0][0]) if tried else 0,
        }

    def check_life(self, before: dict[str, Any], trace: list[str]) -> None:
        """Hold one life against what was recorded when it began."""
        for step in before["done"]:
            if f"body {step}" in trace:
                self.broken.append(f"{step} was recorded as finished and ran again")
        if self.variant == "ladder":
            calls = sum(line.startswith("call broken") for line in trace)
            most = 1 + worker.RETRIES - before["failed_calls"]
            if calls > most:
                self.broken.append(f"{calls} failing calls in one life, {most} were left")

    def check_end(self, expected: bytes | None) -> bytes:
        """Hold the end against what every run must come to; returns the result."""
        result = self.folder / "result.json"
        content = result.read_bytes() if result.exists() else b""
        if expected is not None and content != expected:
            self.broken.append(f"the result is {content[:200]!r}")
        found = self.rows("SELECT status, decision, decided_by, taken_by FROM escalations")
        if len(found) != 1 or found[0][:3] != ("resolved", "edit", "ann") or not found[0][3]:
            self.broken.append(f"the escalations are {found!r}")
        posts = [json.loads(line) for line in self.lines("posts")]
        for one, number in Counter(post["id"] for post in posts).items():
            repeats = [post["repeat"] for post in posts if post["id"] == one]
            if number > 2 or (number == 2 and not repeats[1]):
                self.broken.append(f"{number} posts of {one}, marked as repeats: {repeats}")
        quick = self.early or self.variant == "waiting"  # then nobody need be told any more
        if not posts and sum(map(bool, self.kills)) + len(self.moments) <= 1 and not quick:
            self.broken.append("nobody was told")
        if self.variant == "ladder":
            self.check_waits()
        if self.lines("errors"):
            self.broken.append(" ".join(self.lines("errors")[-3:]))
        return content

    def check_waits(self) -> None:
        """Two waits of 4 and 8 s: all of them passed, and none of them twice."""
        waited = sum(map(float, self.lines("clock")))
        if not 11.99 <= waited <= 12.01:
            self.broken.append(f"waited {waited} s instead of 12 s")


def wait_and_answer(folder: Path) -> int:
    """Be the human who looks again and again while the worker waits."""
    while True:
        if (folder / "journal.db").exists() and worker.answer(
            folder, worker.Ticks()
        ) == worker.DONE:
            signal.pause()
        time.sleep(0.01)


def moments_of(root: Path, port: int, variant: str) -> tuple[bytes, list[int], list[float]]:
    """Return the result of an undisturbed run, with its moments and seconds for each life."""
    case = Case(root, port, variant)
    case.folder = Path(tempfile.mkdtemp(dir=root))
    numbers, seconds, code = [], [], worker.PAUSED
    while code == worker.PAUSED:
        names, begun = case.folder / f"names{len(numbers)}", time.monotonic()
        child = life(case.folder, worker.work, variant, port, worker.Ticks(0, names))
        human = life(case.folder, wait_and_answer) if variant == "waiting" else 0
        code = end_of(child)
        seconds.append(time.monotonic() - begun)
        numbers.append(len(names.read_text().splitlines()))
        if human:
            os.kill(human, signal.SIGKILL)
            os.waitpid(human, 0)
        elif code == worker.PAUSED:
            case.human_answers()
    expected = case.check_end(None)
    if code != worker.DONE or case.broken:
        raise SystemExit(f"the undisturbed run broke: {code} {case.broken} {case.lines('errors')}")
    return expected, numbers, seconds


def cases(
    options: argparse.Namespace, root: Path, port: int
) -> tuple[bytes, list[int], list[Case]]:
    """Return what the options ask for."""
    expected, numbers, seconds = moments_of(root, port, options.variant)
    first = numbers[0]

    def case(**details: Any) -> Case:
        return Case(root, port, options.variant, **details)

    made = []
    if options.all:
        made += [case(kills=[n]) for n in range(1, first + 1)]
        for life_number, number in enumerate(
            numbers[1:], start=1
        ):  # later lives, undisturbed before
            made += [case(kills=[0] * life_number + [n]) for n in range(1, number + 1)]
    if options.early:
        made += [case(kills=[n], early=True) for n in range(1, first + 1)]
    if options.pairs:
        made += [
            case(kills=[n, m]) for n in range(1, first + 1) for m in range(1, options.pairs + 1)
        ]
    if options.human:
        made += [case(human_dies_at=n) for n in range(1, options.human + 1)]
    draw = random.Random(options.seed)
    for _ in range(options.random):
        where = draw.uniform(0, sum(seconds))
        lives = [LONGEST_LIFE] if where > seconds[0] and len(seconds) > 1 else []
        made.append(case(moments=[*lives, where - (seconds[0] if lives else 0)]))
    return expected, numbers, made


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variant", choices=worker.VARIANTS, default="plain")
    parser.add_argument("--all", action="store_true", help="die at every moment, one after another")
    parser.add_argument("--early", action="store_true", help="the same; the human is quick")
    parser.add_argument(
        "--pairs", type=int, default=0, help="die again at each of the next moments"
    )
    parser.add_argument("--human", type=int, default=0, help="the human's process dies at each")
    parser.add_argument("--random", type=int, default=0, help="die after so many random times")
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--keep", action="store_true", help="leave the folders of broken promises")
    options = parser.parse_args(arguments)
    root, begun = Path(tempfile.mkdtemp(prefix="survival-")), time.monotonic()
    port, server = serve(root)
    broken, lives = [], 0
    try:
        expected, numbers, made = cases(options, root, port)
        for case in made:
            case.run()
            case.check_end(expected)
            lives += case.lives
            where = (
                f"kills {list(case.kills)} moments {list(case.moments)} human {case.human_dies_at}"
            )
            broken += [f"{where}: {why} ({case.folder.name})" for why in case.broken]
            if not (case.broken and options.keep):
                shutil.rmtree(case.folder)
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)
        if not (broken and options.keep):
            shutil.rmtree(root)
    told = {
        "variant": options.variant,
        "moments": numbers,
        "cases": len(made),
        "lives": lives,
        "seconds": round(time.monotonic() - begun, 1),
        "kept": str(root) if broken and options.keep else "",
        "broken": broken,
    }
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
