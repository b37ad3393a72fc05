"""``gutbrain`` as a command, and ``python -m gutbrain``: the program itself."""

from __future__ import annotations

import signal
import sys

from ._gutbrain import command_line


def main() -> None:
    """Runs the command line with the arguments of the process, and ends it with its exit code."""
    # Until the program listens to Ctrl-C itself, it ends the process, as it does any other program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(command_line(["gutbrain", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
