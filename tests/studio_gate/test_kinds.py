"""What is said of each kind of destination is what AWS says, and nothing is left unsaid."""

import re
import time
from typing import Any

import botocore.session
import pytest
from botocore.model import ServiceModel
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from studio_gate.errors import ConfigError
from studio_gate.kinds import EXPIRES_IN, MLFLOW, NOTEBOOK, SESSION_EXPIRES_IN, STUDIO, Kind
from tests.studio_gate.opened import NAMED, opened

KINDS = {"studio": STUDIO, "notebook": NOTEBOOK, "mlflow": MLFLOW}
# Which member of the operation's input each field of the configuration is.
MEMBERS = {"domain_id": "DomainId", "instance": "NotebookInstanceName", "tracking_server": "TrackingServerName"}
PROFILE = {"studio": "alice", "notebook": None, "mlflow": None}


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    """SageMaker as botocore knows it."""
    return botocore.session.get_session().get_service_model("sagemaker")


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS.keys())
def test_an_operation_is_one_of_sagemakers(model: ServiceModel, name: str, kind: Kind) -> None:
    operation = model.operation_model(kind.operation)
    asked = opened(name).identifiers(PROFILE[name])
    assert operation.output_shape.members.keys() == {kind.member}
    assert set(asked) == set(operation.input_shape.required_members)
    assert operation.input_shape.members.keys() >= asked.keys() | {"SessionExpirationDurationInSeconds"}


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS.keys())
def test_the_bounds_of_both_expiries_are_the_operations(model: ServiceModel, name: str, kind: Kind) -> None:
    members = model.operation_model(kind.operation).input_shape.members
    session, url = members["SessionExpirationDurationInSeconds"].metadata, members.get("ExpiresInSeconds")
    assert (session["min"], session["max"]) == SESSION_EXPIRES_IN
    # Where the operation takes none, AWS's own five minutes are both bounds.
    bounds = (url.metadata["min"], url.metadata["max"]) if url else (300, 300)
    assert kind.expires_in == bounds
    assert (url is None) == (name == "notebook")


def test_a_query_may_ask_for_what_any_kind_can_have() -> None:
    assert (min(one.expires_in[0] for one in KINDS.values()), max(one.expires_in[1] for one in KINDS.values())) == (
        EXPIRES_IN
    )


FIELDS = [(kind, field) for kind, named in NAMED.items() for field in named]


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[field for _, field in FIELDS])
@given(data=st.data())
def test_a_name_is_one_that_aws_takes(model: ServiceModel, kind: str, field: str, data: st.DataObject) -> None:
    said = model.operation_model(KINDS[kind].operation).input_shape.members[MEMBERS[field]].metadata
    theirs, longest = re.compile(said["pattern"]), said["max"]
    value = data.draw(st.from_regex(theirs, fullmatch=True) | st.text("abZ9-d", max_size=longest + 1))
    good = len(value) <= longest and theirs.fullmatch(value) is not None
    try:
        opened(kind, **{field: value})
    except ValidationError:
        # AWS's own pattern has an id of a domain begin with several hyphens; none does.
        assert not good or value.startswith("d--"), value
    else:
        assert good, value


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[field for _, field in FIELDS])
def test_a_name_is_as_long_as_aws_takes_it(model: ServiceModel, kind: str, field: str) -> None:
    longest = model.operation_model(KINDS[kind].operation).input_shape.members[MEMBERS[field]].metadata["max"]
    start = "d-" if kind == "studio" else ""
    assert opened(kind, **{field: start + "a" * (longest - len(start))})
    with pytest.raises(ValidationError):
        opened(kind, **{field: start + "a" * (longest + 1 - len(start))})


ARNS = {
    "studio": "arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-team01234567/alice",
    "notebook": "arn:aws:sagemaker:eu-central-1:111122223333:notebook-instance/Team-nb",
    "mlflow": "arn:aws:sagemaker:eu-central-1:111122223333:mlflow-tracking-server/Team-runs",
}


@pytest.mark.parametrize(("kind", "arn"), ARNS.items(), ids=ARNS.keys())
def test_an_arn_names_one_thing(kind: str, arn: str) -> None:
    assert opened(kind).arn("aws", PROFILE[kind]) == arn
    assert opened(kind, account="444455556666", region="us-west-2").arn("aws", PROFILE[kind]) == arn.replace(
        "eu-central-1:111122223333", "us-west-2:444455556666"
    )


UNSAID = {"operation": "", "member": "", "use_actions": (), "endpoint": "", "resource": "", "host": "", "source": ""}
UNSAID |= {"expires_in": ()}


@pytest.mark.parametrize(("field", "nothing"), UNSAID.items(), ids=UNSAID.keys())
def test_a_kind_that_leaves_something_unsaid_is_refused(field: str, nothing: Any) -> None:  # noqa: ANN401 - of a field
    said = {one: getattr(STUDIO, one) for one in UNSAID}
    assert Kind(**said) == STUDIO
    with pytest.raises(ConfigError, match=f"^a kind of destination without {field}$"):
        Kind(**said | {field: nothing})


HOSTS = {
    "studio": "d-team01234567.studio.eu-central-1.sagemaker.aws",
    "notebook": "team-nb.notebook.eu-central-1.sagemaker.aws",
    "notebook with four characters of AWS's": "team-nb-d8ka.notebook.eu-central-1.sagemaker.aws",
    "mlflow": "t-ab12cd34ef56.eu-central-1.experiments.sagemaker.aws",
}


@pytest.mark.parametrize(("name", "host"), HOSTS.items(), ids=HOSTS.keys())
def test_a_host_of_its_own(name: str, host: str) -> None:
    assert opened(name.split(" ", maxsplit=1)[0]).is_host(host)


HOSTILE = {
    "with more behind it": "{}.evil.example",
    "with a path before it": "evil/{}",
    "below another": "evil.example.{}",
    "as a user": "{}@evil.example",
    "with a user": "user@{}",
    "with a port": "{}:443",
    "with a dot behind it": "{}.",
    "with a newline": "{}\n",
    "with a blank": " {}",
    "with a slash": "{}/",
    "with a backslash": "evil.example\\{}",
    "with a NUL": "{}\0",
    "empty": "",
}


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_host_of_its_own(host: str, hostile: str) -> None:
    assert not any(opened(kind).is_host(hostile.format(host)) for kind in KINDS)


@pytest.mark.parametrize(("name", "host"), HOSTS.items(), ids=HOSTS.keys())
def test_no_host_of_another_spelling_region_service_or_kind(name: str, host: str) -> None:
    own = name.split(" ", maxsplit=1)[0]
    for other in (host.upper(), host.title(), host.replace(".", "-"), host.replace("eu-central-1", "us-west-2")):
        assert not any(opened(kind).is_host(other) for kind in KINDS)
    assert not opened(own).is_host(host.replace(".sagemaker.aws", ".sagemaker.amazonaws.com"))
    assert not any(opened(kind).is_host(host) for kind in KINDS if kind != own)


OTHERS = {
    "a domain with more before it": ("studio", "evild-team01234567.studio.eu-central-1.sagemaker.aws"),
    "an instance with more before it": ("notebook", "evilteam-nb.notebook.eu-central-1.sagemaker.aws"),
    "another domain": ("studio", "d-team0123456.studio.eu-central-1.sagemaker.aws"),
    "a longer domain": ("studio", "d-team012345678.studio.eu-central-1.sagemaker.aws"),
    "another instance": ("notebook", "other-nb.notebook.eu-central-1.sagemaker.aws"),
    "an instance whose name is longer": ("notebook", "team-nb-prod1.notebook.eu-central-1.sagemaker.aws"),
    "three characters of somebody's": ("notebook", "team-nb-d8k.notebook.eu-central-1.sagemaker.aws"),
    "four characters without a hyphen": ("notebook", "team-nbd8ka.notebook.eu-central-1.sagemaker.aws"),
    "an experiment below another host": ("mlflow", "a.b.eu-central-1.experiments.sagemaker.aws"),
    "no experiment at all": ("mlflow", ".eu-central-1.experiments.sagemaker.aws"),
}


@pytest.mark.parametrize(("kind", "host"), OTHERS.values(), ids=OTHERS.keys())
def test_no_host_of_somebody_elses(kind: str, host: str) -> None:
    assert not opened(kind).is_host(host)


def test_a_dot_of_a_pattern_is_a_dot() -> None:
    for kind, host in HOSTS.items():
        for at in (place for place, letter in enumerate(host) if letter == "."):
            assert not opened(kind.split(" ")[0]).is_host(f"{host[:at]}x{host[at + 1 :]}")


def test_a_hundred_destinations_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    started = time.perf_counter()
    read = [opened(kind, f"{kind}-{number}") for number in range(34) for kind in KINDS]
    with capsys.disabled():
        print(f" {len(read)} destinations in {(time.perf_counter() - started) * 1000:.1f} ms", end=" ")  # noqa: T201
    assert len(read) == 102
