"""The two kinds of error that are not bugs.

Anything else that is raised is a bug and is shown as one. The message of either kind is a whole
sentence for the person at the screen (core/sentences.py): what is wrong, with which file, and what
to do.
"""

from __future__ import annotations


class StentviewerError(Exception):
    """Base of the errors that carry a sentence for the person at the screen."""

    def __str__(self) -> str:
        """The sentence as it was given, so that the window can say it in another language."""
        return str(self.args[0]) if self.args else ""


class UserError(StentviewerError):
    """The person can put it right: a wrong path, option or choice."""


class KnownError(StentviewerError):
    """The data or the machine is at fault: a damaged file, a full disk, a missing decoder."""


class Cancelled(Exception):
    """The person cancelled the job; nothing is wrong."""
