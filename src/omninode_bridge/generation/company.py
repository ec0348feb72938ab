"""Work that is done for several jobs at once, although each of them has a step of its own for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from omninode_bridge.generation.job import Job

__all__ = ["Company"]

Work = Callable[[Sequence[Job]], Awaitable[None]]


class Company:
    """Jobs that share a piece of work: the first one of a group does it for the whole group.

    The groups are made when the first job comes, of the jobs that wait for the work then.

    Args:
        jobs: all jobs of the run.
        waits: whether a job will come for the work.
        work: does it for several jobs.
        groups: how many groups are worked on side by side.
        most: how many jobs a group may have.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        waits: Callable[[Job], bool],
        work: Work,
        groups: int = 1,
        most: int | None = None,
    ) -> None:
        self._jobs = jobs
        self._waits = waits
        self._work = work
        self._groups = groups
        self._most = most
        self._group_of: dict[str, list[Job]] = {}
        self._ends: dict[str, asyncio.Future[None]] = {}

    async def serve(self, job: Job) -> None:
        """Return when the work is done for this job.

        Raises:
            Exception: the work failed, for every job of the group.
        """
        if job.key not in self._group_of:
            self._make_groups(job)
        group = self._group_of[job.key]
        first = group[0].key
        if first in self._ends:
            await asyncio.shield(self._ends[first])
            return
        end = self._ends[first] = asyncio.get_running_loop().create_future()
        try:
            await self._work(group)
        except Exception as error:
            end.set_exception(error)
            end.exception()  # seen: nobody else may be waiting
            raise
        except BaseException:
            end.cancel()
            raise
        end.set_result(None)

    def _make_groups(self, job: Job) -> None:
        """Deal out the jobs that wait, so that those who come one after the other start all groups."""
        waiting = [
            one
            for one in self._jobs
            if one.key not in self._group_of and (one is job or self._waits(one))
        ]
        size = max(1, -(-len(waiting) // self._groups))
        size = size if self._most is None else min(size, self._most)
        count = -(-len(waiting) // size)
        for start in range(count):
            group = waiting[start::count]
            self._group_of.update({one.key: group for one in group})
