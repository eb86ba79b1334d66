"""The studio on its port, until somebody ends it."""

from __future__ import annotations

import socket
import webbrowser
from typing import TextIO

from simulacra.core.errors import BadInput, extra
from simulacra.studio.place import Place

AT_ONCE = 200  # connections; more are refused at once


def serve(place: Place, show: bool, to: TextIO) -> None:
    """Serve until Ctrl-C.

    Args:
        place: folders, address, secrets, limits.
        show: whether the browser is opened.
        to: where the address is printed.
    """
    with extra("studio"):
        import uvicorn

        from simulacra.studio.app import build
    bound = listen(place)
    warned = "" if place.is_local else f"\nwhoever has this address may run studies on {place.host}, as you may"
    to.write(f"the studio is at\n\n  {place.address}\n{warned}\nCtrl-C closes it; runs that it started go on\n")
    to.flush()
    if show:
        webbrowser.open(place.address)
    config = uvicorn.Config(
        build(place),
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=AT_ONCE,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=2,
        ws="none",
        proxy_headers=False,
    )
    uvicorn.Server(config).run(sockets=[bound])


def listen(place: Place) -> socket.socket:
    """The socket; a clear error where another program has the port."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((place.host, place.port))
    except OSError as error:
        bound.close()
        raise BadInput(
            "the studio cannot listen there",
            f"{place.host}:{place.port}: {error.strerror}",
            f"end the program that does, or give --port {min(place.port + 1, 65535)}",
        ) from error
    return bound
