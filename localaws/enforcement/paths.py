"""Through which VPC endpoint a request comes, and from which address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

# The function's own, in one of the subnets; callers have others.
FUNCTION_ADDRESS = "10.20.1.10"


@dataclass(frozen=True, slots=True)
class Paths:
    """The endpoints through which the services of a region are called and their pages opened; None is through none.

    The services are com.amazonaws.{region}.sts and .sagemaker.api, and aws.sagemaker.{region}.studio, .notebook and,
    for MLflow, .experiments. An endpoint belongs to one region: `regions` has those of others.
    """

    sts: str | None
    sagemaker_api: str | None
    studio: str | None
    notebook: str | None = None
    experiments: str | None = None
    regions: Mapping[str, "Paths"] = field(default_factory=dict)

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Self:
        """Read the endpoints from the stack's parameters, as `template.samconfig_parameters` returns them.

        Of UseEndpointIds, the first is taken to be for notebooks and the second for experiments.
        """
        # A stack without such destinations has none.
        notebook, experiments, *_ = [*parameters.get("UseEndpointIds", "").split(","), "", ""]
        return cls(
            sts=parameters["StsEndpointId"],
            sagemaker_api=parameters["SageMakerApiEndpointId"],
            studio=parameters["StudioEndpointId"],
            notebook=notebook or None,
            experiments=experiments or None,
        )

    def at(self, region: str, home: str) -> "Paths":
        """Return those of a region, seen from where the stack is; none where nothing is said of it."""
        return self if region == home else self.regions.get(region, _NOWHERE)

    def to(self, host: str, home: str) -> str | None:
        """Return the endpoint that leads to a host of SageMaker's pages, or None if none is known."""
        match host.split(":", maxsplit=1)[0].lower().split("."):
            case [_, "studio" | "notebook" as kind, region, "sagemaker", "aws"]:
                there = self.at(region, home)
                return there.studio if kind == "studio" else there.notebook
            case [_, region, "experiments", "sagemaker", "aws"]:
                return self.at(region, home).experiments
            case _:
                return None


_NOWHERE = Paths(None, None, None)


def through(source_vpce: str | None, address: str | None = None) -> dict[str, str]:
    """Return the condition keys of a request; the address is a key of those alone that come through an endpoint.

    Source: IAM user guide, "AWS global condition context keys", aws:SourceVpce and aws:VpcSourceIp.
    """
    if source_vpce is None:
        return {}
    return {"aws:SourceVpce": source_vpce} | ({} if address is None else {"aws:VpcSourceIp": address})
