"""The stand-in as a server on loopback, for whatever cannot run inside `mock_aws`."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from localaws import studio


@contextmanager
def running(address: str = "127.0.0.1") -> Iterator[str]:
    """Serve the extended moto at the yielded URL, on a free port of `address`, which is loopback unless said.

    It shares its state with this process, so `studio.seed` and `studio.mints` work from here. On exit the port
    is closed and all of moto's state in this process is empty, a surrounding `mock_aws` included.
    """
    studio.install()
    # It would write a line for every request.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address=address, port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()
        reset()


def reset() -> None:
    """Empty all of moto's state in this process, as `mock_aws` does when it starts and stops."""
    BackendDict.reset()
    reset_model_data()
