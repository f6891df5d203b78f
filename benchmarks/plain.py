"""What anybody would write first: the handler that the gate's start is held against."""

import boto3

sagemaker = boto3.client("sagemaker")


def handler(_event: dict[str, object], _context: object) -> dict[str, object]:
    """Redirect to a presigned URL, for whoever asks."""
    answer = sagemaker.create_presigned_domain_url(DomainId="d-research01234", UserProfileName="alice")
    return {"statusCode": 302, "headers": {"Location": answer["AuthorizedUrl"]}}
