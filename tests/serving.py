"""Serve from a thread until a block ends: what the servers that tests tell what to answer have in common."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer


@contextmanager
def serving(server: ThreadingHTTPServer, closing: threading.Event) -> Iterator[None]:
    """Serve until the block ends; `closing` is set then, for answers that still wait."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        closing.set()
        server.shutdown()
        thread.join()
