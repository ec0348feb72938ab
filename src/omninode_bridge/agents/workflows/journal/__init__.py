"""What outlives the process: workflows, their steps, recoveries and escalations, in one file."""

from ._file import JournalFile

__all__ = ["JournalFile"]
