"""Every failure is one of a table's problems; what the caller reads comes from there alone."""

import re
from http import HTTPStatus

import pytest

from studio_gate.errors import GateError, InvalidParameter, Problem, malformed


@pytest.mark.parametrize("problem", Problem, ids=lambda problem: problem.slug)
def test_a_problem(problem: Problem) -> None:
    assert HTTPStatus(problem.status).is_client_error or HTTPStatus(problem.status).is_server_error
    assert re.fullmatch(r"urn:problem-type:studio-gate:[a-z]+(-[a-z]+)*", problem.type)
    assert problem.title
    assert problem.detail.endswith(".")


def test_no_two_problems_share_a_type_or_a_title() -> None:
    assert len({problem.title for problem in Problem}) == len({problem.type for problem in Problem}) == len(Problem)


def test_the_statuses_are_those_of_the_contract() -> None:
    assert [problem.status for problem in Problem] == [400, 401, 403, 403, 405, 409, 409, 429, 500, 502, 503, 504]


def test_a_malformed_request_names_its_parameters_in_the_audit_record_too() -> None:
    error = malformed(InvalidParameter("profile", "must be given once"), InvalidParameter("path", "is unknown"))
    assert error.reason == "malformed-parameter: profile, path"
    assert isinstance(error, GateError)
