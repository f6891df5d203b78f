"""`make run`: the whole system on loopback, with addresses and commands to paste, until Ctrl-C."""

import shlex
import sys
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from localaws import example, laptop, people, provider, runtime, tokens

_TOKEN_LASTS = timedelta(hours=8)
_FOLDER = example.ROOT / ".cache" / "run"


def commands(system: laptop.Laptop) -> str:
    """Return what to paste into another terminal, in the order of the experiment."""
    alice = laptop.CALLERS[laptop.ALICE]
    sign = (
        f"curl -s --aws-sigv4 aws:amz:{example.ACCOUNT.region}:execute-api --user {laptop.ALICE}:{alice.secret} "
        f"-H 'x-amz-security-token: {alice.session_token}'"
    )
    here, gate = Path(sys.argv[0]).name, system.gateway
    inside, internet = (system.site.curl(port) for port in (system.site.inside, system.site.internet))
    mint = f"$({sign} -o /dev/null -w '%{{redirect_url}}' {gate.endpoint}/iam/open/research)"
    return f"""
Development equipment: nothing of this is AWS, and none of it can be reached from elsewhere. ({here})

{_with_browser(system)}
The gate through the execute-api endpoint   {gate.endpoint}
           through another endpoint         {gate.other_endpoint}
           from the internet                {gate.internet}
The function's log, one audit record each   {system.log.relative_to(example.ROOT)}

# Who is Alice, and what may she open?
{sign} {gate.endpoint}/iam/me

# She mints a URL and opens it inside: Studio.
URL={mint}
curl -sL -b '' {inside} "$URL"

# The same from the internet: 403.
curl -s {internet} "$URL"

# She mints through another endpoint, asks for Bob's profile, nobody signs: 403 each.
{sign} {gate.other_endpoint}/iam/url/research
{sign} '{gate.endpoint}/iam/url/research?profile=bob'
curl -s {gate.endpoint}/iam/url/research

{_with_token(system)}
{_further(system)}
{_with_client(system)}
Ctrl-C ends it.
"""


def _with_token(system: laptop.Laptop) -> str:
    token, gate = tokens.access_token(lasts=_TOKEN_LASTS), system.gateway
    ask = 'curl -s -H "Authorization: Bearer $TOKEN"'
    return f"""\
# A tool with a token of Alice's from the company's identity provider (stand-in), good for 8 hours, does the same.
TOKEN={token}
{ask} {gate.endpoint}/jwt/me
URL=$({ask} -o /dev/null -w '%{{redirect_url}}' {gate.endpoint}/jwt/open/research)
curl -sL -b '' {system.site.curl(system.site.inside)} "$URL"

# The token through another endpoint: 403. On a route for signatures: 403. With another signature: 401.
{ask} {gate.other_endpoint}/jwt/me
{ask} {gate.endpoint}/iam/me
curl -s -H "Authorization: Bearer ${{TOKEN%.*}}.{"A" * 86}" {gate.endpoint}/jwt/me
"""


def _further(system: laptop.Laptop) -> str:
    gate, site = system.gateway, system.site
    inside, internet = (site.curl(port) for port in (site.inside, site.internet))
    what = "'research?space=team-forecast' 'research?space=alice-drafts' marketing workbench experiments"
    ask = 'curl -s -H "Authorization: Bearer $TOKEN"'
    opened = f"URL=$({ask} -o /dev/null -w '%{{redirect_url}}' {gate.endpoint}/jwt/open/$WHAT)"
    return f"""\
# What else Alice may open: a space that the team shares; one of hers that does not run, so Studio's page that starts
# it; a domain in another account and region; a notebook instance; an MLflow server. Each opens inside,
for WHAT in {what}; do
  {opened}
  curl -sL -b '' {inside} "$URL"
done

# and from the internet: 403 each.
for WHAT in marketing workbench experiments; do
  {opened}
  curl -s {internet} "$URL"
done

# What she may not: Bob's own space, and one that is for leads (Bob is one).
{ask} '{gate.endpoint}/jwt/url/research?space=bob-lab'
{ask} '{gate.endpoint}/jwt/url/research?space=leads'

# She has no profile in the lab: it is made. Ask again until there is a URL.
{ask} {gate.endpoint}/jwt/url/lab
"""


def _with_client(system: laptop.Laptop) -> str:
    alice = laptop.CALLERS[laptop.ALICE]
    return f"""\
# The client signs, too: set the three lines, then studio-gate me, studio-gate url research,
# studio-gate destinations, studio-gate url research --space team-forecast.
export STUDIO_GATE_URL={system.gateway.endpoint} STUDIO_GATE_REGION={example.ACCOUNT.region}
export AWS_ACCESS_KEY_ID={laptop.ALICE} AWS_SECRET_ACCESS_KEY={alice.secret}
export AWS_SESSION_TOKEN={alice.session_token}
"""


def chromium(system: laptop.Laptop, port: int, others: Mapping[str, int] = MappingProxyType({})) -> list[str]:
    """Return the options with which Chromium finds and trusts the gate, the provider, and Studio at a port of its site.

    `others` are ports of more hosts. Nothing of it is set for another browser, or for this one's other profiles.
    """
    if system.people is None:
        return []
    signs_in = system.people.provider
    ports = {people.HOST: system.gateway.domain_port, provider.HOST: signs_in.port, "*.sagemaker.aws": port, **others}
    rules = ", ".join(f"MAP {host}:443 127.0.0.1:{at}" for host, at in ports.items())
    pins = f"{system.people.pin},{signs_in.pin},{system.site.pin}"
    return [f"--host-resolver-rules={rules}", f"--ignore-certificate-errors-spki-list={pins}"]


def _with_browser(system: laptop.Laptop) -> str:
    if system.people is None:
        return f"# Nobody can sign in with a browser here: {provider.missing()}.\n"
    ways = {
        "a person": system.site.inside,
        "the same, with Studio reached from the internet: 403": system.site.internet,
    }
    lines = [
        f"Open the portal first: {people.PUBLIC_URL}/",
        "",
        "# A browser that finds it: sign in as Alice; as Bob, a lead; as Carol, who has no profile in research; as",
        "# Dinah, a contractor; or as Edith, a guest who may open nothing. It is a profile apart from your own.",
    ]
    for number, (what, port) in enumerate(ways.items()):
        profile = f"--user-data-dir={_FOLDER / f'chromium-{number}'}"
        options = (profile, "--no-first-run", *chromium(system, port), f"{people.PUBLIC_URL}/")
        lines += [f"# {what.capitalize()}:", f"chromium {shlex.join(options)}"]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Serve until Ctrl-C; return 1 if what it needs is missing."""
    if reason := runtime.missing():
        print(reason, file=sys.stderr)
        return 1
    _FOLDER.mkdir(parents=True, exist_ok=True)
    print("Starting the gateway, Lambda's runtime, SageMaker, STS and a Studio on loopback ...", flush=True)
    with laptop.running(laptop.source(), folder=_FOLDER) as system:
        print(commands(system), flush=True)
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nEnded.")
        sys.exit(0)
