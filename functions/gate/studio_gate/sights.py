"""What a person sees at the portal. It is kept for some seconds, for whoever comes back to it or reloads it."""

from dataclasses import dataclass, field
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv6Address

from studio_gate.identity import Caller
from studio_gate.pages import Page, portal
from studio_gate.pages.words import Words
from studio_gate.portal import offered
from studio_gate.sign_in_config import SignIn
from studio_gate.story import Turn

# In seconds: how old a page may be.
_FRESH = 10
# Pages of up to some 60 kB each.
_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class _Sight:
    """Who looks from where, for what and when: those for whom that is equal see the same."""

    caller: Caller
    asked: tuple[Words, str]
    source: tuple[IPv4Address | IPv6Address, str]
    gate: int
    period: int
    turn: Turn = field(compare=False)
    sign_in: SignIn = field(compare=False)


def seen(turn: Turn, sign_in: SignIn, caller: Caller, asked: tuple[Words, str], now: float) -> Page:
    """Return the page of what a caller may open, as it was decided in the last ten seconds.

    `asked` are the language and what is searched for, `now` is in seconds since 1970. What the caller then opens is
    decided when they open it.
    """
    source, period = (turn.source_ip, turn.endpoint_id), int(now) // _FRESH
    return _seen(_Sight(caller, asked, source, id(turn.gate), period, turn, sign_in))


@lru_cache(_MOST_KEPT)
def _seen(sight: _Sight) -> Page:
    (words, search), said, sign_in = sight.asked, sight.turn.gate.config.portal, sight.sign_in
    place = portal.Place(sign_in.base, sign_in.base.removeprefix(sign_in.origin))
    offers = offered(sight.turn.may_open(sight.caller), search, partial(sight.turn.spaces_of, sight.caller))
    own = (said.title, said.help, said.contact)
    return portal.portal(words, portal.Seen(place, *own, sight.caller, offers, search, sign_in.sign_out_origins))
