"""The two kinds of error that are not bugs.

Anything else that is raised is a bug and is shown as one. The message of either kind is a whole
sentence for the person at the screen: what is wrong, with which file, and what to do.
"""

from __future__ import annotations


class StentviewerError(Exception):
    """Base of the errors that carry a sentence for the person at the screen."""


class UserError(StentviewerError):
    """The person can put it right: a wrong path, option or choice."""


class KnownError(StentviewerError):
    """The data or the machine is at fault: a damaged file, a full disk, a missing decoder."""


class Cancelled(Exception):
    """The person cancelled the job; nothing is wrong."""
