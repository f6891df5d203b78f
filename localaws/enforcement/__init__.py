"""The stack's own policies, held against every call of STS and SageMaker that the stand-in answers.

moto enforces no policy that matters here. Within `enforce`, what the resolved template and a session's own policy do
not allow is refused in AWS's words. Off by default: without it the stand-in grants everything, as moto does.

Who calls is known by the access key alone (no signature is checked): the function's own key, or one that AssumeRole
issued. Which endpoint a call came through is no word of the caller's but a property of the listener; `Paths` says it
for all listeners of this process, whose state is one.
"""

from localaws.enforcement.calls import MINT, MINT_NOTEBOOK, MINT_TRACKING_SERVER
from localaws.enforcement.guard import enforce
from localaws.enforcement.paths import Paths
from localaws.enforcement.roles import issue, minting_role, operator_role
from localaws.enforcement.rules import Clock, Enforcement, now
from localaws.enforcement.stack import Role

__all__ = [
    "MINT",
    "MINT_NOTEBOOK",
    "MINT_TRACKING_SERVER",
    "Clock",
    "Enforcement",
    "Paths",
    "Role",
    "enforce",
    "issue",
    "minting_role",
    "now",
    "operator_role",
]
