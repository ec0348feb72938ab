"""What earlier processes did of a run, and by what it is told whether that still holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from omninode_bridge.generation.job import Job
from omninode_bridge.generation.job_state import mark, restore
from omninode_bridge.generation.placing import hashes_on_disk
from omninode_bridge.generation.versions import Versions

__all__ = ["Records"]

_PARTS: Final = "made_from"
_WORDS: Final = {
    "code": "omninode-bridge or a tool of its own is another version",
    "contract": "the contract, or a file that it refers to, changed",
    "templates": "the templates changed",
    "options": "the options are others",
    "disk": "what lies in the output is not what was put there",
}


class Records:
    """The results of a run's steps that a journal holds.

    Args:
        results: what earlier processes recorded, as JSON text, by stage and step.
        versions: of this run.
        order: names of a contract's steps.
    """

    def __init__(
        self, results: Mapping[str, str], versions: Versions, order: Sequence[str]
    ) -> None:
        self._results = results
        self._versions = versions
        self._order = order
        self._disk: dict[str, str] = {}

    def parts(self, name: str, job: Job) -> dict[str, Any]:
        """Return what the step's result is made from, to be recorded with it."""
        made_from = self._versions.parts(name, job.path, job.root)
        if name == "place":
            made_from["disk"] = self._of_disk(job)
        return {_PARTS: made_from}

    def version(self, name: str, job: Job) -> str:
        """Return the version of a job's step."""
        return json.dumps(self.parts(name, job), sort_keys=True)

    def version_of_all(self, name: str) -> str:
        """Return the version of a step that serves all jobs."""
        return self._versions.of_all(name)

    def reason(self, job: Job) -> str:
        """Say why what was recorded of a job is not taken; empty where nothing was, or it is."""
        return next(filter(None, (self._change(name, job) for name in self._order)), "")

    def why_stale(self, jobs: Sequence[Job]) -> Callable[[str], str]:
        """Return what says the same of one step, by the key that the journal has for it."""
        places = {_key(name, job): (name, job) for name in self._order for job in jobs}
        return lambda key: self._change(*places[key]) if key in places else ""

    def _change(self, name: str, job: Job) -> str:
        before = self._recorded(name, job)
        if before is None:
            return ""
        then, now = before.get(_PARTS), self.parts(name, job)[_PARTS]
        changed = [
            words
            for part, words in _WORDS.items()
            if isinstance(then, dict) and then.get(part) != now.get(part)
        ]
        return " and ".join(changed)

    def package(self, job: Job) -> str | None:
        """Return the folder of the package that earlier processes of the run have written, if any."""
        placed = (self._recorded("place", job) or {}).get("placed") or {}
        return placed.get("package") if Path(str(placed.get("package") or "")).is_dir() else None

    def restore_others(self, jobs: Sequence[Job], *, before: str) -> None:
        """Restore the jobs that have come so far in earlier processes alone.

        Args:
            jobs: of the run.
            before: name of a step that all jobs have come to, if they come to it at all; so what is
                recorded of a job that was not touched since has been found to hold.
        """
        earlier = self._order[: self._order.index(before)]
        for job in jobs:
            if job.touched or job.have.issuperset(earlier) or self._has(before, job):
                continue
            found = [self._recorded(name, job) for name in earlier]
            if any(result is None for result in found):
                continue
            for name, result in zip(earlier, found, strict=True):
                restore(job, result or {})
                job.have.add(name)
            job.recorded = mark(job)

    def _has(self, name: str, job: Job) -> bool:
        return _key(name, job) in self._results

    def _recorded(self, name: str, job: Job) -> dict[str, Any] | None:
        text = self._results.get(_key(name, job))
        value = json.loads(text) if text is not None else None
        return value if isinstance(value, dict) else None

    def _of_disk(self, job: Job) -> str:
        """Return what stands for the package on disk: as it was recorded, unless it is not that."""
        if job.key not in self._disk:
            self._disk[job.key] = self._look(job)
        return self._disk[job.key]

    def _look(self, job: Job) -> str:
        before = self._recorded("place", job)
        if before is None:
            return ""
        recorded = str((before.get(_PARTS) or {}).get("disk", ""))
        placed, on_disk = before.get("placed") or {}, before.get("on_disk") or {}
        folder = placed.get("package")
        if not isinstance(folder, str) or not on_disk:
            return recorded
        there = hashes_on_disk(Path(folder), on_disk)
        if there == on_disk:
            return recorded
        return json.dumps(sorted(there.items()))


def _key(name: str, job: Job) -> str:
    """Return the journal's key of a job's step."""
    return f"{name}/{name}: {job.key}"
