"""How AWS opens what can be opened: one entry for each kind of destination, with where each fact is written.

Nothing else tells the kinds apart, but for the models of their configuration (`destination_config.py`).
"""

from dataclasses import MISSING, dataclass, fields

from studio_gate.errors import ConfigError

# CreatePresignedDomainUrl, SageMaker API reference: bounds of both expiries in seconds.
EXPIRES_IN = (5, 300)
SESSION_EXPIRES_IN = (1800, 43200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How AWS opens the destinations of one kind; `ConfigError` for one that leaves anything unsaid.

    `operation` mints (API and IAM action of `sagemaker`) and puts the URL into `member` of its answer; `use_actions`
    are what the URL needs when it is used, `use_anywhere` those of them that may know no resource; `endpoint` is the
    service of the VPC endpoint it is used through.
    `resource` ends the ARN and `host` is the pattern of the URL's host, both with the operation's own identifiers.
    `expires_in` are the bounds of the URL's life in seconds; equal ones are AWS's own, and not asked for.
    """

    operation: str
    member: str
    use_actions: tuple[str, ...]
    endpoint: str
    resource: str
    host: str
    expires_in: tuple[int, int]
    source: str
    use_anywhere: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if unsaid := [one.name for one in fields(self) if one.default is MISSING and not getattr(self, one.name)]:
            raise ConfigError(f"a kind of destination without {', '.join(unsaid)}")


STUDIO = Kind(
    operation="CreatePresignedDomainUrl",
    member="AuthorizedUrl",
    # "IAM authorization policies for this API are also enforced for every HTTP request and WebSocket frame".
    use_actions=("sagemaker:CreatePresignedDomainUrl",),
    endpoint="aws.sagemaker.{region}.studio",
    resource="user-profile/{DomainId}/{UserProfileName}",
    host=r"{DomainId}\.studio\.{region}\.sagemaker\.aws",
    expires_in=EXPIRES_IN,
    source="SageMaker API reference, CreatePresignedDomainUrl; developer guide, Connect to Studio through an endpoint",
)
NOTEBOOK = Kind(
    operation="CreatePresignedNotebookInstanceUrl",
    member="AuthorizedUrl",
    use_actions=("sagemaker:CreatePresignedNotebookInstanceUrl",),
    endpoint="aws.sagemaker.{region}.notebook",
    resource="notebook-instance/{NotebookInstanceName}",
    # DescribeNotebookInstance, "Url": the name, and for most instances four more characters.
    host=r"{NotebookInstanceName}(-[a-z0-9]{{4}})?\.notebook\.{region}\.sagemaker\.aws",
    expires_in=(300, 300),
    source="SageMaker API reference, CreatePresignedNotebookInstanceUrl and DescribeNotebookInstance",
)
MLFLOW = Kind(
    operation="CreatePresignedMlflowTrackingServerUrl",
    member="AuthorizedUrl",
    use_actions=("sagemaker-mlflow:*",),
    # The service authorization reference gives it no resource, AWS's own policies the server: whichever is right.
    use_anywhere=("sagemaker-mlflow:AccessUI",),
    endpoint="aws.sagemaker.{region}.experiments",
    resource="mlflow-tracking-server/{TrackingServerName}",
    # DescribeMlflowTrackingServer, "TrackingServerUrl": an id of AWS's own.
    host=r"[a-z0-9-]+\.{region}\.experiments\.sagemaker\.aws",
    expires_in=EXPIRES_IN,
    source="SageMaker API reference, CreatePresignedMlflowTrackingServerUrl; service authorization reference, mlflow",
)
