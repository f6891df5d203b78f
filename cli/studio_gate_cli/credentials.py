"""AWS credentials, found as every AWS tool finds them."""

from collections.abc import Iterator
from contextlib import contextmanager

import botocore.session
from botocore import exceptions as aws
from botocore.credentials import Credentials

from studio_gate_cli.failures import Exit, Failure, readable

EXPIRED = "your AWS credentials have expired: sign in again, for example with `aws sso login`"


def find(aws_profile: str | None) -> tuple[botocore.session.Session, Credentials]:
    """Return a session with the credentials of a profile, or of the environment; `Failure` 3 if there are none."""
    with asked_for(aws_profile):
        session = botocore.session.Session(profile=aws_profile)
        found = session.get_credentials()
    if found is None:
        line = f"no AWS credentials were found: run `{_login(aws_profile)}`, or give --aws-profile"
        raise Failure(Exit.CREDENTIALS, line)
    return session, found


@contextmanager
def asked_for(aws_profile: str | None) -> Iterator[None]:
    """Turn what goes wrong while credentials are found into `Failure` 3. botocore's words are not shown: they quote."""
    try:
        yield
    except aws.ProfileNotFound as error:
        raise Failure(
            Exit.CREDENTIALS, "there is no AWS profile of that name (--aws-profile or AWS_PROFILE)"
        ) from error
    except (aws.SSOError, aws.TokenRetrievalError, aws.NoAuthTokenError) as error:
        raise Failure(Exit.CREDENTIALS, f"your AWS sign-in has expired: run `{_login(aws_profile)}`") from error
    except aws.LoginError as error:
        raise Failure(Exit.CREDENTIALS, "your AWS sign-in has expired: run `aws login`") from error
    except aws.MissingDependencyException as error:
        line = "this AWS profile signs in with `aws login`, which needs more: pip install 'botocore[crt]'"
        raise Failure(Exit.CREDENTIALS, line) from error
    except RuntimeError as error:  # botocore's word for credentials that are refreshed and still expired
        raise Failure(Exit.CREDENTIALS, EXPIRED) from error
    except (aws.BotoCoreError, aws.ClientError) as error:
        line = f"no AWS credentials could be had ({type(error).__name__}); does `aws sts get-caller-identity` work?"
        raise Failure(Exit.CREDENTIALS, line) from error


def _login(aws_profile: str | None) -> str:
    return "aws sso login" + (f" --profile {readable(aws_profile)}" if aws_profile else "")
