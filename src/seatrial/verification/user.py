"""One of the two identities of a run, and how it shows itself to the server."""

from __future__ import annotations

from dataclasses import dataclass, replace

from seatrial.verification.exchange import Headers
from seatrial.verification.tokens import is_token

BEARER = "Authorization: Bearer {token}"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody whom the server knows. `label` is A or B; `id` is what the server calls the user, "" if unknown.

    `carrier` is the header that takes the token to the server, such as `Authorization: Bearer {token}` or
    `Cookie: session={token}`; `cookies` go along with it, and so does `origin`, since who takes cookies may ask from
    which page they come. `refresh` is the refresh token, where a login hands one out. `made` says that this run
    signed the user up.
    """

    label: str
    id: str = ""
    email: str = ""
    password: str = ""
    token: str = ""
    carrier: str = BEARER
    cookies: str = ""
    origin: str = ""
    refresh: str = ""
    made: bool = False

    @property
    def headers(self) -> Headers:
        """What the user's requests carry."""
        name, _, value = self.carrier.partition(": ")
        shown: Headers = ((name, value.replace("{token}", self.token)),) if self.token else ()
        if self.cookies:
            shown += (("Cookie", self.cookies),)
        by_cookie = any(key == "Cookie" for key, _ in shown)
        return shown + ((("Origin", self.origin),) if by_cookie and self.origin else ())

    @property
    def jwt(self) -> str:
        """The token, where it is a JSON Web Token; else empty."""
        return self.token if is_token(self.token) else ""

    def carrying(self, token: str) -> User:
        """The same user with another token, and without cookies that could open the door as well."""
        return replace(self, token=token, cookies="")
