"""Keeps the deprecation warnings of the libraries of 2022 that Rasa is pinned to out of the log."""

from __future__ import annotations

import warnings


def ignore_deprecations() -> None:
    """A filter would do, but libraries reset the filters while they are imported; nobody replaces this function."""
    show = warnings.showwarning

    def show_others(message, category, filename, lineno, file=None, line=None):  # type: ignore[no-untyped-def]
        if not issubclass(category, (DeprecationWarning, PendingDeprecationWarning)):
            show(message, category, filename, lineno, file, line)

    warnings.showwarning = show_others
