"""The e-mail provider: one POST with an API key (Resend's form, which others share)."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

import httpx

from src.problems.problem import Problem
from src.settings.model import Mail

log = logging.getLogger(__name__)

TIMEOUT_S = 5.0
# After the key was refused nobody is asked for a while: it will not become right by trying.
REFUSED_S = 300.0


@dataclass(slots=True)
class Mailer:
    """Sends e-mail, or says why not."""

    settings: Mail
    client: httpx.AsyncClient
    refused_until: float = 0.0

    async def send(self, to: str, subject: str, text: str, key: str) -> None:
        """Send one message. The provider sends one of the same `key` once.

        Raises:
            Problem: 503, reminders are off, or the provider is away; 502, it refuses the message.
        """
        if self.settings.api_key is None:
            raise Problem(503, "Reminders are switched off: no e-mail provider is set up (EMAIL_API_KEY).")
        if time.monotonic() < self.refused_until:
            raise self.off()
        headers = {"Authorization": f"Bearer {self.settings.api_key.get_secret_value()}", "Idempotency-Key": key}
        message = {"from": self.settings.sender, "to": [to], "subject": subject, "text": text}
        try:
            answer = await self.client.post(self.settings.url, json=message, headers=headers, timeout=TIMEOUT_S)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("the e-mail provider does not answer", extra={"error": type(error).__name__})
            raise Problem(503, "The e-mail provider does not answer. Try again.", {"Retry-After": "30"}) from None
        self.judge(answer)

    def judge(self, answer: httpx.Response) -> None:
        """Go on if the message was taken.

        Raises:
            Problem: 503, 502.
        """
        if answer.is_success:
            return
        log.error("the e-mail provider refuses", extra={"status": answer.status_code})
        if answer.status_code in {401, 403}:
            self.refused_until = time.monotonic() + REFUSED_S
            raise self.off()
        if answer.status_code == 429 or answer.is_server_error:
            raise Problem(503, "The e-mail provider cannot take it now. Try again.", {"Retry-After": "30"})
        raise Problem(502, "The e-mail provider refuses the message.")

    def off(self) -> Problem:
        """503: the key is not right."""
        return Problem(503, "Reminders are switched off: the e-mail provider refuses the key (EMAIL_API_KEY).")
