"""STS and SageMaker as cheap as they get, in a process of their own, so that only the caller's CPU is measured."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import override

_URL = b'{"AuthorizedUrl": "https://d-research01234.studio.eu-central-1.sagemaker.aws/auth?token=' + b"x" * 4000 + b'"}'
# What the portal asks besides: the keys that seal come as an argument.
_KEYS = json.dumps({"Parameter": {"Value": "".join(sys.argv[1:])}}).encode()
_SPACE = {
    "DomainId": "d-research01234",
    "SpaceName": "forecasting",
    "Status": "InService",
    "SpaceSharingSettingsSummary": {"SharingType": "Private"},
}
_SPACES = json.dumps({"Spaces": [_SPACE | {"OwnershipSettingsSummary": {"OwnerUserProfileName": "alice"}}]}).encode()
_APPS = (
    b'{"Apps": [{"AppType": "JupyterLab", "AppName": "default", "SpaceName": "forecasting", "Status": "InService",'
    b' "DomainId": "d-research01234"}]}'
)
_ASKED = {"GetParameter": _KEYS, "ListSpaces": _SPACES, "ListApps": _APPS}
_SESSION = b"""<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIASTUB</AccessKeyId>
<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>"""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet an answer: with two, the delayed acknowledgement of TCP costs 40 ms a call and leaves caches cold.
    wbufsize = 65_536

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        target = self.headers.get("X-Amz-Target")
        body = _SESSION if target is None else _ASKED.get(target.rpartition(".")[2], _URL)
        if b'"DomainIdEquals"' in asked and b"d-research01234" not in asked:
            body = b'{"Apps": [], "Spaces": []}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def running(sealing_keys: str = "") -> Iterator[str]:
    """Serve on loopback in another process until the block ends; yield the URL. SSM holds the given keys."""
    with subprocess.Popen([sys.executable, __file__, sealing_keys], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - this file
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip() if process.stdout else ''}"
        finally:
            process.terminate()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
