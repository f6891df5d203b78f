"""`make check`: the configuration and the policies as the function would compile them, before they are deployed."""

import sys

from localaws import example, template
from studio_gate.authorise import read_policies
from studio_gate.config import read_config, read_deployment
from studio_gate.errors import ConfigError


def problems() -> list[str]:
    """Compile gate.toml and the policies against template.yaml and samconfig.toml; say what would not work."""
    try:
        config = read_config(example.CONFIG / "gate.toml", read_deployment(example.environment()))
        read_policies(example.CONFIG / "policies.cedar", example.CONFIG / "schema.cedarschema")
    except ConfigError as error:
        return [str(error)]
    minted = set(template.samconfig_parameters(example.ROOT / "samconfig.toml")["StudioProfileArns"].split(","))
    wanted = {
        f"arn:{example.ACCOUNT.partition}:sagemaker:{one.region}:{one.account}:user-profile/{one.domain_id}/*"
        for one in config.destinations
    }
    missing = [f"samconfig.toml: StudioProfileArns lacks {arn}: nothing could be minted" for arn in wanted - minted]
    spare = [f"samconfig.toml: StudioProfileArns has {arn}: gate.toml opens nothing there" for arn in minted - wanted]
    return sorted(missing + spare)


def main() -> int:
    """Print each problem on a line; return 0 if there is none."""
    found = problems()
    for line in found:
        print(line, file=sys.stderr)
    if not found:
        print("gate.toml, policies.cedar and samconfig.toml fit together")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
