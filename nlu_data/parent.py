"""Ends this process when the one that started it is gone."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PARENT_VARIABLE = "SUPPORTBOT_PARENT_PID"
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """On Linux the kernel ends this process with its parent, even after a kill -9. Elsewhere: nothing."""
    expected = os.environ.get(PARENT_VARIABLE)
    if sys.platform != "linux" or expected is None:
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have died before the call above; then no signal comes.
    if os.getppid() != int(expected):
        sys.exit("the parent was gone before this process was ready")
