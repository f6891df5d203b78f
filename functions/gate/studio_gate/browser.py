"""The routes for people with a browser: the portal, open, confirm, sign in, sign out."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from urllib.parse import quote, urlencode, urlsplit

from studio_gate import answer, navigation, portal, sights
from studio_gate.authorise import Grant
from studio_gate.destinations import Launch, check_name, check_query, read_launch
from studio_gate.errors import GateError, Problem
from studio_gate.identity import Caller, session, sign_in
from studio_gate.identity.seals import Purpose, SealingKeys, seal, unseal
from studio_gate.identity.session import COOKIE, Session
from studio_gate.identity.trust import SignInTrust
from studio_gate.pages import Form, Link, Message, answers, message
from studio_gate.pages.words import Words, accepted
from studio_gate.story import Turn

# In seconds: how long the question whether to open something may stand.
_PATIENCE = 300
# How many sign-ins of one browser may be under way, as when it opens all its tabs again.
_MOST_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a browser: what it asked for, what it brought along, and what the gate needs to answer."""

    turn: Turn
    trust: SignInTrust
    host: str | None
    destination: str | None
    query: Mapping[str, Sequence[str]]
    form: Mapping[str, str] = field(repr=False)
    header: navigation.Header = field(repr=False)
    now: float

    @property
    def keys(self) -> SealingKeys:
        """The keys that seal."""
        return self.trust.sealing_keys.get()

    @property
    def path(self) -> str:
        """The path of the public URL, "" where the gate has a domain of its own."""
        return urlsplit(self.trust.sign_in.base).path

    @property
    def words(self) -> Words:
        """The texts in the person's language."""
        return accepted(self.header("accept-language"))

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether this came by another name than the public URL's: cookies are a host's, so nobody is known."""
        return (self.host or "").lower() != urlsplit(self.trust.sign_in.base).hostname

    def session(self) -> Session | None:
        """Return who is signed in."""
        found = session.read(session.cookies(self.header("cookie")), self.trust.sign_in, self.keys, self.now)
        if found is not None:
            self.turn.record.called_by(found.caller)
        return found


def open_(visit: Visit) -> answer.Answer:
    """Launch, ask, or have the person sign in first and come back to the same launch."""
    at_once = navigation.may_launch(visit.header, visit.trust.sign_in.launch_origins)
    launch = read_launch(visit.destination, visit.query)
    if visit.is_elsewhere:
        return answer.see(f"{visit.trust.sign_in.base}{_launch_path(launch)}")
    who = visit.session()
    # Before it is kept in a cookie, whose length would be the sender's choice.
    check_name(launch)
    if who is None:
        return _begin(visit, {"launch": asdict(launch), "at_once": at_once})
    return _launch_or_ask(visit, who, launch, at_once=at_once)


def confirmed(visit: Visit) -> answer.Answer:
    """Launch what the person was asked about, by the token of the page that asked."""
    navigation.check_own_form(visit.header, visit.trust.sign_in.origin)
    who = visit.session()
    asked = unseal(Purpose.CONFIRM, visit.form.get("token", ""), visit.keys)
    match asked:
        # For this person and this session alone.
        case {"launch": dict(launch), "for": str(caller), "began": int(began), "at": int(at)} if who is not None and (
            caller,
            began,
        ) == (who.caller.id, who.began):
            if not 0 <= visit.now - at < _PATIENCE:
                raise GateError(Problem.NOT_PROVED, "asked-too-long-ago")
            return _launch_or_ask(visit, who, _launch(launch), at_once=True)
        case _:
            raise GateError(Problem.NOT_PROVED, "not-asked")


def show(visit: Visit) -> answer.Answer:
    """Show what the person may open, having them sign in first; wherever it was opened from, it opens nothing."""
    navigation.may_launch(visit.header, ())
    check_query(visit.query, {"q": _search, "ended": lambda value: None if value == "1" else "must be 1"})
    base = visit.trust.sign_in.base
    if visit.is_elsewhere:
        return answer.see(f"{base}/")
    who = visit.session()
    if who is None:
        if visit.query:
            # A browser that has just not kept the session would go round in circles; and browsers hold `form-action`
            # against where a search would be redirected to.
            raise GateError(Problem.NOT_PROVED, "session-not-kept")
        return _begin(visit, {})
    if "ended" in visit.query:
        # An address to come back to.
        return answer.see(f"{base}/")
    search = visit.query.get("q", [""])[0].strip()
    shown = sights.seen(visit.turn, visit.trust.sign_in, who.caller, (visit.words, search), visit.now)
    return _kept(visit, who, answers.page(200, shown))


def known(visit: Visit) -> Caller:
    """Return who is signed in, for a program of the gate's own site; `GateError` 401 without a session."""
    navigation.check_meant(visit.header)
    if (who := visit.session()) is None:
        raise GateError(Problem.NOT_PROVED, "no-session")
    return who.caller


def begin(visit: Visit) -> answer.Answer:
    """Have the person sign in, with nothing to launch afterwards."""
    navigation.may_launch(visit.header, ())
    check_query(visit.query, {})
    if visit.is_elsewhere:
        return answer.see(f"{visit.trust.sign_in.base}/signin")
    return _begin(visit, {}) if visit.session() is None else answer.see(f"{visit.trust.sign_in.base}/")


def callback(visit: Visit) -> answer.Answer:
    """End a sign-in, and do what the person came for."""
    navigation.check_now(visit.header)
    # Each flow in its own place: an ID token in a query would get into the logs of whatever is on the way.
    query = {name: values[0] for name, values in visit.query.items() if len(values) == 1}
    given = query if visit.trust.sign_in.flow == "code" else visit.form
    cookies = session.cookies(visit.header("cookie"))
    # Once, however it ends: what failed is not tried again with the same state.
    gone = sign_in.forget(given.get("state", ""), cookies)
    try:
        ended = sign_in.end(visit.trust, given, cookies, visit.now)
    except GateError as error:
        visit.turn.record.failed(error)
        return _with(failed(visit, error), gone)
    # Always a new session, whatever cookie there was before.
    who = Session(ended.caller, int(visit.now), int(visit.now))
    visit.turn.record.called_by(ended.caller)
    kept = (*gone, session.sealed(who, visit.trust.sign_in, visit.keys))
    launch = ended.intent.get("launch")
    if launch is None:
        # The callback's address is good once, and a page at it could not be loaded again.
        return _with(answer.see(f"{visit.trust.sign_in.base}/?ended=1"), kept)
    try:
        reply = _launch_or_ask(visit, who, _launch(launch), at_once=ended.intent.get("at_once") is True)
    except GateError as error:
        visit.turn.record.failed(error)
        reply = failed(visit, error)
    return _with(reply, kept)


def sign_out(visit: Visit) -> answer.Answer:
    """End the session here, and at the provider if it offers that."""
    navigation.check_own_form(visit.header, visit.trust.sign_in.origin)
    # For the record alone: nobody stays signed in because the keys cannot be read.
    with suppress(GateError):
        visit.session()
    gone = (session.set_cookie(COOKIE, "", max_age=0),)
    if (there := visit.trust.sign_in.end_session_endpoint) is not None:
        # OpenID Connect RP-Initiated Logout 1.0, section 2.
        asked = sign_in.asking(there, {"client_id": visit.trust.sign_in.client_id})
        return replace(answer.see(asked), cookies=gone)
    words, again = visit.words, f"{visit.path}/signin"
    shown = message(words, Message(words("signed-out.title"), [words("signed-out")], [Link(words("sign-in"), again)]))
    return replace(answers.page(200, shown), cookies=gone)


def failed(visit: Visit, error: GateError) -> answer.Answer:
    """Say to a person what went wrong, in the words of the table, and what they can do."""
    words = visit.words
    again = [Link(words("sign-in.again"), f"{visit.path}/signin")] if error.problem is Problem.NOT_PROVED else []
    return answers.problem(words, error, visit.turn.record.request_id, deeds=again)


def _begin(visit: Visit, intent: Mapping[str, object]) -> answer.Answer:
    begun = sign_in.begin(visit.trust, intent, visit.now)
    # Another site can begin as many as it likes, and API Gateway refuses a request whose headers are over 10,240 bytes.
    given = session.cookies(visit.header("cookie"))
    open_ones = [name for name in given if name.startswith(f"{COOKIE}-")]
    gone = open_ones if len(open_ones) >= _MOST_AT_ONCE else []
    forgotten = (session.set_cookie(name, "", max_age=0) for name in gone)
    return replace(answer.see(begun.url), cookies=(begun.cookie, *forgotten))


def _launch_or_ask(visit: Visit, who: Session, launch: Launch, *, at_once: bool) -> answer.Answer:
    # Decided first, so that a page asks about nothing that is refused anyway.
    grant = visit.turn.settle(who.caller, launch)
    if not at_once:
        return _kept(visit, who, _ask(visit, who, launch, grant))
    try:
        reply = answer.see(visit.turn.mint(grant).url.get_secret_value())
    except GateError as error:
        if error.problem is not Problem.PREPARING:
            raise
        visit.turn.record.failed(error)
        reply = _waiting(visit, launch, error)
    return _kept(visit, who, reply)


def _waiting(visit: Visit, launch: Launch, error: GateError) -> answer.Answer:
    """Have the browser launch again by itself in a while (HTML, "shared declarative refresh steps")."""
    words, again = visit.words, f"{visit.path}{_launch_path(launch)}"
    soon = {"Refresh": f"{error.problem.retry_after}; url={again}"}
    deeds = [Link(words("preparing.again"), again)]
    return answers.problem(words, error, visit.turn.record.request_id, soon, deeds)


def _kept(visit: Visit, who: Session, reply: answer.Answer) -> answer.Answer:
    """Answer somebody whose session is in use, and so does not become idle."""
    if not session.is_due(who, visit.now):
        return reply
    seen = replace(who, seen=int(visit.now))
    return _with(reply, (session.sealed(seen, visit.trust.sign_in, visit.keys),))


def _ask(visit: Visit, who: Session, launch: Launch, grant: Grant) -> answer.Answer:
    target = grant.decision.target
    token = seal(
        Purpose.CONFIRM,
        {"launch": asdict(launch), "for": who.caller.id, "began": who.began, "at": int(visit.now)},
        visit.keys,
    )
    words, where = visit.words, target.destination
    shown = Message(
        words("ask.title", destination=where.shown, who=who.caller.name or who.caller.label),
        [words("ask")],
        [
            Form(words("open"), f"{visit.path}/open", (("token", token),)),
            Form(words("sign-out"), f"{visit.path}/signout"),
        ],
        words("profile", profile=target.profile) if target.profile else "",
        (where.origin, *visit.trust.sign_in.sign_out_origins),
    )
    return answers.page(200, message(words, shown))


def _search(value: str) -> str | None:
    good = len(value) <= portal.LONGEST_SEARCH
    return None if good else f"must be at most {portal.LONGEST_SEARCH} characters"


def _launch(given: object) -> Launch:
    return Launch(**given) if isinstance(given, dict) else Launch()


def _launch_path(launch: Launch) -> str:
    asked = {name: value for name, value in asdict(launch).items() if value is not None and name != "destination"}
    path = "/open" if launch.destination is None else f"/open/{quote(launch.destination, safe='')}"
    return f"{path}?{urlencode(asked)}" if asked else path


def _with(reply: answer.Answer, cookies: tuple[str, ...]) -> answer.Answer:
    return replace(reply, cookies=reply.cookies + cookies)


ROUTES: Mapping[str, Callable[[Visit], answer.Answer]] = {
    "show": show,
    "open": open_,
    "confirmed": confirmed,
    "begin": begin,
    "callback": callback,
    "sign_out": sign_out,
}
