"""IAM's decision on one request, for exactly the policy language that the template and the session policy use.

Whatever else a document says raises `UnsupportedPolicyError`: what is not understood is never guessed. The rules are
those of the IAM user guide, "Policy evaluation logic"; tests/policy holds them against a simulator by others.
"""

from localaws.policy.documents import Document, UnsupportedPolicyError
from localaws.policy.evaluation import Ask, Policies, Verdict, evaluate
from localaws.policy.expansion import expand_api_policy

__all__ = ["Ask", "Document", "Policies", "UnsupportedPolicyError", "Verdict", "evaluate", "expand_api_policy"]
