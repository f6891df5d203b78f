"""Where an `Enforcement` meets moto: before a call is answered."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.errors import COMMON_ERROR_CODES
from moto.core.responses import ActionResult, BaseResponse

from localaws.enforcement.held import held
from localaws.enforcement.paths import Paths
from localaws.enforcement.rules import CODES, Clock, Denied, Enforcement, now
from localaws.enforcement.stack import Role, function_of, roles_of
from localaws.errors import Refusal, signer
from localaws.template import Account

# The last is in force. One for the process, as moto's own state is: a server's threads see no context variable.
_in_force: list[Enforcement] = []


class Guarded(BaseResponse):
    """A service of moto's that refuses what the `Enforcement` in force does not allow, before it does anything."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer as moto does, or with AWS's refusal."""
        if _in_force:
            call = (self.boto3_service_name, self._get_action())
            try:
                _in_force[-1].check(call, signer(self.headers), self._asked(), self.region)
            except Refusal as refusal:
                status, headers, body = self.serialized(ActionResult(refusal))
                return refusal.status if isinstance(refusal, Denied) else status, headers, body
        return super().call_action()

    def _asked(self) -> dict[str, Any]:
        """Return the parameters, or raise the `Refusal` that the call itself would answer them with."""
        raise NotImplementedError


@contextmanager
def enforce(  # noqa: PLR0913 - what there is to say; only the first three have no value
    stack: Mapping[str, Any],
    account: Account,
    paths: Paths,
    *,
    others: Iterable[Role] = (),
    function_key: str = "testing",
    clock: Clock = now,
) -> Iterator[Enforcement]:
    """Let the stand-in, in this process, refuse what the policies of a resolved stack do not allow.

    Inside another it takes that one's place. `others` are roles that are not of the stack, in its account or another.
    IAM has them all, and what it is told of their inline policies meanwhile holds at once. `function_key` is the
    access key id of the function's own calls; `clock` tells when issued credentials expire. `UnsupportedPolicyError`
    for a policy of the stack that is not read here.
    """
    roles = roles_of(stack, account) | {role.arn: role for role in others}
    enforcement = Enforcement(account, roles, function_of(stack, account), function_key, paths, clock)
    # moto warns of any other code that it does not find in the service model.
    COMMON_ERROR_CODES.extend(set(CODES) - set(COMMON_ERROR_CODES))
    with held(roles.values()):
        _in_force.append(enforcement)
        try:
            yield enforcement
        finally:
            _in_force.remove(enforcement)
