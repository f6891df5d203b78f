"""What can go wrong on the way to the gate: credentials, names, connections, TLS and time."""

import datetime as dt
import ipaddress
import json
import socket
import ssl
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from botocore.exceptions import LoginRefreshRequired
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from studio_gate_cli import client
from tests.cli.conftest import GOOD_URL, Run, minted
from tests.cli.scripted import Scripted, Told, scripted

SSO = """[profile work]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = DataScientist
region = eu-central-1
[sso-session corp]
sso_start_url = https://sso.invalid/start
sso_region = eu-central-1
"""
LOGIN = """[profile work]
login_session = arn:aws:iam::111122223333:user/alice
region = eu-central-1
"""
FAILS = f"""[profile work]
credential_process = {sys.executable} -c "import sys; sys.exit('upstream-canary')"
"""
CREDENTIALS: dict[str, tuple[Mapping[str, str], str, tuple[str, ...], str]] = {
    "none at all": ({}, "", (), "no AWS credentials were found: run `aws sso login`, or give --aws-profile"),
    "no profile of that name": ({}, SSO, ("--aws-profile", "other"), "there is no AWS profile of that name"),
    "no profile of the environment's name": ({"AWS_PROFILE": "other"}, SSO, (), "there is no AWS profile of that"),
    "never signed in": ({}, SSO, ("--aws-profile", "work"), "has expired: run `aws sso login --profile work`"),
    "never signed in, by AWS_PROFILE": ({"AWS_PROFILE": "work"}, SSO, (), "has expired: run `aws sso login`"),
    "a process that fails": ({"AWS_PROFILE": "work"}, FAILS, (), "(CredentialRetrievalError); does `aws sts get-"),
    "`aws login` without what it needs": ({"AWS_PROFILE": "work"}, LOGIN, (), "pip install 'botocore[crt]'"),
    "half of them": ({"AWS_ACCESS_KEY_ID": "AKIDHALF"}, "", (), "(PartialCredentialsError); does `aws sts get-"),
    "a broken file": ({"AWS_PROFILE": "work"}, "[profile work\nupstream-canary", (), "(ConfigParseError); does"),
    "expired in the environment": (
        {
            "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": "secret-canary",
            "AWS_SESSION_TOKEN": "session-canary",
            "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z",
        },
        "",
        (),
        "your AWS credentials have expired: sign in again, for example with `aws sso login`",
    ),
}


@pytest.mark.parametrize(("variables", "file", "options", "said"), CREDENTIALS.values(), ids=CREDENTIALS.keys())
def test_without_credentials_nothing_is_sent(
    gate: Scripted,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variables: Mapping[str, str],
    file: str,
    options: tuple[str, ...],
    said: str,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    (tmp_path / "config").write_text(file, encoding="utf-8")
    own = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    for name, value in (own | {"HOME": str(tmp_path)} | dict(variables)).items():
        monkeypatch.setenv(name, value)
    ran = run("url", *options)
    assert (ran.status, gate.paths) == (3, [])
    assert said in ran.err.splitlines()[1]


def test_an_expired_aws_login(gate: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raised by hand: botocore reads such a profile only with awscrt, which the development environment has not."""

    def expired(_: object) -> None:
        raise LoginRefreshRequired

    monkeypatch.setattr("botocore.session.Session.get_credentials", expired)
    ran = run("url")
    assert (ran.status, gate.paths) == (3, [])
    assert "your AWS sign-in has expired: run `aws login`" in ran.err


def test_it_signs_with_the_aws_profile(
    gate: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = "aws_access_key_id = AKIDPROFILEWORK\naws_secret_access_key = secret-canary"
    (tmp_path / "config").write_text(f"[profile work]\n{keys}\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert run("url", "--aws-profile", "work").out == f"{GOOD_URL}\n"
    assert "Credential=AKIDPROFILEWORK/" in gate.headers[0]["Authorization"]
    assert "X-Amz-Security-Token" not in gate.headers[0]


def refuse_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "upstream-canary")

    monkeypatch.setattr(socket, "getaddrinfo", fail)


def test_off_the_network_the_name_does_not_resolve(run: Run, gate: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_names(monkeypatch)
    host = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
    ran = run("url", "--gate", f"https://{host}/gate")
    assert ran.status == 4
    assert f"the name {host} does not resolve: you must be on the corporate network (or its VPN)" in ran.err


def test_nobody_listens(run: Run, gate: Scripted) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    ran = run("url", "--gate", f"http://127.0.0.1:{port}/gate")
    assert ran.status == 4
    assert "the connection to 127.0.0.1 failed (NewConnectionError)" in ran.err


SLOW = {"no answer": Told(after=30), "an answer byte by byte": Told(body=minted().body, drip=0.06)}


@pytest.mark.parametrize("told", SLOW.values(), ids=SLOW.keys())
def test_it_waits_no_longer(run: Run, gate: Scripted, monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    assert client.TIMEOUT == 15
    monkeypatch.setattr(client, "TIMEOUT", 0.3)
    gate.answer = told
    ran = run("url")
    assert ran.status == 4
    assert "127.0.0.1 did not answer within 0.3 s" in ran.err


PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def test_no_proxy_gets_the_answer(run: Run, gate: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted() as proxy:
        for name in PROXIES:
            monkeypatch.setenv(name, proxy.url.removesuffix("/gate"))
        assert run("url").status == 0
        refuse_names(monkeypatch)
        assert run("url", "--gate", "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/gate").status == 4
    assert proxy.paths == []


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Make a certificate, with its key, that signs for itself and for one address."""

    def make(address: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "company")])
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = tmp_path_factory.mktemp("tls") / "company.pem"
        private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, *private)
        path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
        return path

    return make


TLS = {
    "a CA that nobody knows": ("127.0.0.1", None, 4),
    "the company's CA": ("127.0.0.1", "AWS_CA_BUNDLE", 0),
    "the company's CA, for requests": ("127.0.0.1", "REQUESTS_CA_BUNDLE", 0),
    "the company's CA for another host": ("127.0.0.2", "AWS_CA_BUNDLE", 4),
}


@pytest.mark.parametrize(("address", "variable", "status"), TLS.values(), ids=TLS.keys())
def test_tls(
    gate: Scripted,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    certificate: Callable[[str], Path],
    address: str,
    variable: str | None,
    status: int,
) -> None:
    path = certificate(address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    if variable:
        monkeypatch.setenv(variable, str(path))
    with scripted(context) as served:
        served.answer = minted()
        ran = run("url", "--gate", served.url)
    assert ran.status == status
    assert len(served.paths) == (1 if status == 0 else 0)
    assert ("no trusted TLS connection to 127.0.0.1; if a CA" in ran.err) == (status == 4)


def test_not_tls_at_all(gate: Scripted, run: Run) -> None:
    ran = run("url", "--gate", gate.url.replace("http:", "https:"))
    assert (ran.status, "no trusted TLS connection" in ran.err, gate.paths) == (4, True, [])


def test_a_ca_bundle_that_is_not_there(gate: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere/ca.pem")
    ran = run("url")
    assert (ran.status, gate.paths) == (2, [])
    assert "names a file that does not exist" in ran.err


ENDS = {
    "Ctrl-C": (KeyboardInterrupt(), 130, ""),
    "something unforeseen": (ValueError(f"{GOOD_URL} secret-canary"), 1, "the client itself failed (ValueError at "),
}


@pytest.mark.parametrize(("raised", "status", "said"), ENDS.values(), ids=ENDS.keys())
def test_no_trace_whatever_happens(
    gate: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch, raised: BaseException, status: int, said: str
) -> None:
    def ask(_: object) -> None:
        raise raised

    monkeypatch.setattr(client, "ask", ask)
    ran = run("open")
    assert ran.status == status
    assert said in ran.err


def test_the_json_of_the_gate(gate: Scripted, run: Run) -> None:
    assert json.loads(run("url", "--json").out) == json.loads(minted().body)
