"""What the calls of SageMaker share that moto lacks: checked parameters, and resources that are found or are not."""

import json
from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import ResourceInUseException, ResourceNotFound
from moto.sagemaker.models import Domain
from moto.sagemaker.responses import SageMakerResponse

from localaws import constraints, paging
from localaws.enforcement.guard import Guarded
from localaws.errors import Refusal, refuse_invalid
from localaws.records import Key, Resource, StudioState, studio_state

# What AWS keeps in its lists for a day, and which is not there for anything else.
GONE = ("Deleted", "Failed")


class CheckedResponse(Guarded, SageMakerResponse):
    """moto's SageMaker, with the parameters of a call checked as AWS does."""

    @property
    def _place(self) -> tuple[str, str]:
        return self.current_account, self.region

    @property
    def _state(self) -> StudioState:
        return studio_state(*self._place)

    def _asked(self) -> dict[str, Any]:
        # moto's own parsing turns "300" into 300, which AWS refuses: read the body again.
        operation = self._get_action()
        try:
            asked = constraints.known("sagemaker", operation, json.loads(self.body or "{}"))
        except (ValueError, AttributeError):
            raise Refusal(code="SerializationException", message="The body is no JSON object.") from None
        refuse_invalid("sagemaker", operation, asked, "ValidationException")
        return asked

    def _domain(self, asked: Mapping[str, Any]) -> Domain:
        try:
            return self.sagemaker_backend.domains[asked["DomainId"]]
        except KeyError:
            raise ResourceNotFound(message=f"Domain [{asked['DomainId']}] does not exist.") from None

    def _key(self, word: str, asked: Mapping[str, Any]) -> Key:
        return word, self._domain(asked).id, asked[f"{word}Name"]

    def _find(self, key: Key) -> Resource:
        try:
            return self._state.resources[key]
        except KeyError:
            raise _not_found(key) from None

    def _add(self, key: Key, made: Resource) -> None:
        found = self._state.resources.get(key)
        if found and found.description.get("Status") in GONE and key[0] == "App":
            self._state.resources.pop(key, None)
        # setdefault is atomic: of two that come together, one is first.
        if self._state.resources.setdefault(key, made) is not made:
            raise ResourceInUseException(message=f"{key[0]} [{key[1]}/{key[2]}] already exists.")
        self._state.pending[key] = [None] * self._state.pends.get(key[1], 0)

    def _described(self, key: Key) -> ActionResult:
        self._find(key)
        return ActionResult(self._state.describe(key))

    def _listed(self, word: str, domain_id: str | None) -> list[tuple[str, Mapping[str, Any]]]:
        """Return name and description of every resource of a kind, of one domain or of all."""
        return [
            (name, self._state.seen((kind, domain, name)))
            for kind, domain, name in list(self._state.resources)
            if kind == word and domain_id in {None, domain}
        ]

    def _page(self, word: str, found: list[Mapping[str, Any]], asked: Mapping[str, Any]) -> ActionResult:
        return paging.page(word, found, asked, self._state.page_limit)


def _not_found(key: Key) -> ResourceNotFound:
    word, domain_id, name = key
    return ResourceNotFound(message=f"{word} [{domain_id}/{name}] does not exist.")
