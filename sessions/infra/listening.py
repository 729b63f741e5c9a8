"""Why an address cannot be listened on, as a sentence."""

from __future__ import annotations

import errno

from sessions.errors import StartupFailed


def explain_listen_error(exc: OSError, *, host: str, port: int, section: str) -> StartupFailed:
    """`section` is the settings' that names the address: server or agent."""
    if exc.errno == errno.EADDRINUSE:
        return StartupFailed(
            f"Port {port} on {host} is in use.",
            hint=f"Stop the other program or set {section}.port to another one "
            "(0 picks a free one).",
        )
    if exc.errno == errno.EACCES:
        return StartupFailed(
            f"Port {port} on {host} is reserved for the system.",
            hint=f"Set {section}.port to 1024 or more.",
        )
    return StartupFailed(
        f"The address {host} cannot be listened on: {exc.strerror or exc}.",
        hint=f"Set {section}.host to an address of this machine, such as 127.0.0.1.",
    )
