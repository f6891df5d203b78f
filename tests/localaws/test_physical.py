"""What CloudFormation calls a Studio domain and a managed policy, as the stand-in makes them up."""

import re

from localaws.template import Account, create

ACCOUNT = Account("444455556666", "cn-north-1", "aws-cn", "shop")


def _asked(kind: str, value: object) -> object:
    thing = {"Type": "AWS::SNS::Topic", "Properties": {"Value": value}}
    return create({"Resources": {"It": {"Type": kind}, "Thing": thing}}, {}, ACCOUNT)["Thing"]["Properties"]["Value"]


def test_a_managed_policy_is_called_by_its_arn() -> None:
    assert _asked("AWS::IAM::ManagedPolicy", {"Ref": "It"}) == "arn:aws-cn:iam::444455556666:policy/shop-It"


def test_a_domain_has_an_id_and_a_file_system() -> None:
    kind = "AWS::SageMaker::Domain"
    domain = _asked(kind, {"Ref": "It"})
    assert re.fullmatch(r"d-[0-9a-f]{17}", str(domain))
    assert _asked(kind, {"Fn::GetAtt": "It.DomainId"}) == domain
    assert re.fullmatch(r"fs-[0-9a-f]{17}", str(_asked(kind, {"Fn::GetAtt": "It.HomeEfsFileSystemId"})))
