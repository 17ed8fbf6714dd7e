"""The ladder: two users from what a person gives, else made and deleted by the run itself.

The first step that is given wins: tokens, then accounts, then a signing key, then a sign-up of our own. What a step
cannot prove is said.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from seatrial.verification.accounts import identity, log_in, name_of
from seatrial.verification.given import Given
from seatrial.verification.probe import Unclear
from seatrial.verification.said import saying
from seatrial.verification.session import Session
from seatrial.verification.tokens import claims_of, signed
from seatrial.verification.user import User

_LIFETIME_S = 900.0
_CLAIMS = "[jwt] claims in verify.toml, SEATRIAL_TOKEN_A and _B, or two accounts that the service knows"
_LEFTOVER = "SEATRIAL_USER_A and SEATRIAL_USER_B, or --allow-leftover-accounts"


@dataclass(frozen=True, slots=True)
class Identities:
    """The users, and how they came about: a phrase. Without users, `reason` says why."""

    users: tuple[User, ...] = ()
    how: str = ""
    reason: str = ""
    limits: tuple[str, ...] = ()


def identify(session: Session, given: Given) -> Identities:
    """The two users of the run; none where no step of the ladder carries, with the reason."""
    try:
        found = _ladder(session, given)
    except Unclear as problem:
        settle = f"; what settles it: {problem.settle}" if problem.settle else ""
        return Identities(reason=problem.reason + settle)
    for user in found.users:
        remember(session, user)
    return replace(found, users=tuple(called(session, user) for user in found.users))


def called(session: Session, user: User) -> User:
    """The user with the name that paths call it by, where they do not by its id."""
    if session.api.resource is None or not session.api.resource.by_name:
        return user
    known = replace(user, id=name_of(session.client, session.api.accounts, user))
    session.estate.restore({user.label: known})
    return known


def remember(session: Session, user: User) -> None:
    """Never show what opens doors."""
    session.secrets.add(user.token, f"token of {user.label}")
    session.secrets.add(user.refresh, f"refresh token of {user.label}")
    session.secrets.add(user.password, f"password of {user.label}")
    for pair in user.cookies.split("; "):
        session.secrets.add(pair.partition("=")[2], f"cookie of {user.label}")


def _ladder(session: Session, given: Given) -> Identities:
    if given.tokens:
        return _by_tokens(session, given)
    if given.accounts:
        return _by_accounts(session, given)
    accounts = session.api.accounts
    may_stay = session.options.allow_leftover or accounts.ends_surely
    if given.secret and not (accounts.signup and may_stay):
        return _by_secret(session, given)
    if not (accounts.signup or accounts.login) and _asks_nobody(session):
        return _invented(session)
    return _by_sign_up(session)


def _asks_nobody(session: Session) -> bool:
    """Whether the service answers to a path that names a user without asking who is there."""
    resource = session.api.resource
    if resource is None or not (resource.by_user and resource.listed):
        return False
    return session.send("GET", resource.listing_of(_subjects(session.estate.run, "A")[0]), note="as nobody").good


def _invented(session: Session) -> Identities:
    """Two users who are nothing but an id in the path, since the service asks for no more."""
    users = tuple(User(label, id=_subjects(session.estate.run, label)[0]) for label in "AB")
    limits = ("The service asks nobody who is there: two users were made up, and carry no credentials.",)
    return Identities(users, "two made-up ids, without credentials", limits=limits)


def _by_tokens(session: Session, given: Given) -> Identities:
    users = tuple(_known(session, user) for user in given.tokens)
    limits = ("With tokens alone, signing in is not tried.",)
    return Identities(users, "the tokens that were given", limits=limits)


def _by_accounts(session: Session, given: Given) -> Identities:
    accounts, frontend = session.api.accounts, session.options.frontend or ""
    for user in given.accounts:
        session.secrets.add(user.refresh, f"refresh token of {user.label}")
    session.secrets.add(user.password, f"password of {user.label}")
    users = tuple(log_in(session.client, accounts, replace(it, origin=frontend)) for it in given.accounts)
    return Identities(tuple(_opening(session, it) for it in users), "the accounts that were given")


def _by_secret(session: Session, given: Given) -> Identities:
    """Users that a signed token makes; what the service calls its users is tried, until it takes one."""
    refusal = ""
    for form in range(len(_subjects(given.run, "A"))):
        users = tuple(_minted(given, label, form) for label in "AB")
        refusal = _refusal(session, users[0])
        if not refusal:
            return Identities(users, "tokens signed with the key that was given")
    raise Unclear(f"a token signed with the key that was given is not taken: {refusal}", _CLAIMS)


def _refusal(session: Session, user: User) -> str:
    """What the service says to this user, "" where it lets it in, or where no path is known to try it at."""
    resource, me = session.api.resource, session.api.accounts.me
    path = resource.listing_of(user.id) if resource and resource.listed else me.path if me else ""
    if not path:
        return ""
    exchange = session.send("GET", path, by=user, note="tries the token")
    refused = 300 <= exchange.status < 500
    return f"GET {path} answered {exchange.status}{saying(exchange)}" if refused else ""


def _subjects(run: str, label: str) -> tuple[str, ...]:
    """Ids that nobody has, in the forms that services give to theirs."""
    number = int(run, 16) if all(it in "0123456789abcdef" for it in run) else 0
    return (
        f"{number % 2**32:08x}-0000-4000-8000-00000000000{label.lower()}",
        str(1_000_000_000 + number % 1_000_000_000 + ord(label)),
        f"{run}-{label.lower()}",
    )


def _minted(given: Given, label: str, form: int) -> User:
    now = int(time.time())
    subject = _subjects(given.run, label)[form]
    names = dict.fromkeys(("sub", "id", "user_id", "userId"), subject)
    email = {"email": f"vrf-{given.run}-{label.lower()}@example.com"}
    claims: Mapping[str, object] = {**names, **email, "iat": now, "exp": now + int(_LIFETIME_S), **given.claims}
    token = signed({"alg": "HS256", "typ": "JWT"}, claims, given.secret.encode())
    return User(label, id=subject, token=token, carrier=given.carrier)


def _by_sign_up(session: Session) -> Identities:
    accounts = session.api.accounts
    if not accounts.ends_surely and not session.options.allow_leftover:
        raise Unclear("no operation is known by which users delete their account, so that none is made", _LEFTOVER)
    users = []
    for label in "AB":
        invited = session.estate.invited(label)
        remember(session, invited)
        user = session.estate.sign_up(invited)
        remember(session, user)
        users.append(_opening(session, user))
    limits = () if accounts.ends_surely else ("The accounts of this run may stay, as --allow-leftover-accounts says.",)
    return Identities(tuple(users), "two accounts of its own", limits=limits)


def _known(session: Session, user: User) -> User:
    remember(session, user)
    known = user.id or identity(session.client, session.api.accounts, user)
    return replace(user, id=known)


def _opening(session: Session, user: User) -> User:
    """The user with the credential that the service takes: its token, or else its cookies."""
    if not (user.token and user.cookies) or user.carrier.startswith("Cookie"):
        return user
    paths = [it.path for it in (session.api.accounts.me,) if it]
    if session.api.resource and session.api.resource.listed:
        paths.insert(0, session.api.resource.listing_of(user.id))
    by_token, by_cookie = replace(user, cookies=""), replace(user, token="")
    for path in paths[:1]:
        if session.send("GET", path, by=by_token, note="tries the token").good:
            return by_token
        if session.send("GET", path, by=by_cookie, note="tries the cookie").good:
            return by_cookie
    return by_token if claims_of(user.token) else by_cookie
