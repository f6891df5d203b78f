"""IAM, for what is done to a role's inline policies while the system runs."""

from typing import Any

from moto.iam.responses import IamResponse

from localaws.enforcement.guard import Guarded
from localaws.errors import refuse_invalid


class GuardedIamResponse(Guarded, IamResponse):
    """moto's IAM, whose calls an `Enforcement` checks like all others."""

    def _asked(self) -> dict[str, Any]:
        asked: dict[str, Any] = dict(self.params)
        refuse_invalid("iam", self._get_action(), asked, "ValidationError")
        return asked
