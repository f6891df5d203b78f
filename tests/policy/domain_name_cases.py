"""The matrix of a name of its own: through every endpoint, as its policy is and with either half of it gone."""

from collections.abc import Iterator
from itertools import product

from localaws.policy import Ask, Document, Policies
from tests.policy.world import MEMBER, OTHER_ENDPOINT, STRANGER, Case, may, session_of
from tests.stack.stacks import DOMAIN_NAME, EXAMPLE, HERE, create, source
from tests.stack.test_domain_name import invoked, named_policy

INVOKE = "execute-api:Invoke"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": INVOKE, "Resource": "*"}
ENDPOINTS = f"{EXAMPLE['ExecuteApiEndpointIds']},vpce-0a1b2c3d4e5f60799"
CALLERS = {
    "nobody": None,
    "a role of the account": session_of(HERE.id, "launchers", "alice"),
    "a role of another account": session_of(MEMBER, "launchers", "alice"),
    "a role of a stranger": session_of(STRANGER, "launchers", "alice"),
}


def domain_name() -> Iterator[Case]:
    """Every case; the sentences are unique."""
    stack = create(source(), EXAMPLE | DOMAIN_NAME | {"ExecuteApiEndpointIds": ENDPOINTS}).nested("DomainNameStack")
    allow, deny = named_policy(stack)["Statement"]
    documents: dict[str, list[Document]] = {
        "as it is": [allow, deny],
        "without its Deny": [allow],
        "with an Allow for everybody": [allow, deny, EVERYBODY],
        "with its Deny alone": [deny],
        "with its Deny and an Allow for everybody alone": [deny, EVERYBODY],
    }
    endpoints = (*ENDPOINTS.split(","), OTHER_ENDPOINT, None)
    for (which, statements), (who, caller), endpoint in product(documents.items(), CALLERS.items(), endpoints):
        ask = Ask(INVOKE, invoked(stack), caller, {"aws:SourceVpce": endpoint} if endpoint else {})
        identity = (may(INVOKE, "*"),) if caller else ()
        policy = Policies(identity, resource={"Version": "2012-10-17", "Statement": statements})
        yield Case(f"the name, {which}: {who} through {endpoint}", ask, policy)
