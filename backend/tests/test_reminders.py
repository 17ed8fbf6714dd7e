from __future__ import annotations

import pytest

from tests.parts.people import Person
from tests.parts.provider import Provider
from tests.parts.service import Service


def test_a_reminder_goes_to_its_owner(mailing: Service, provider: Provider) -> None:
    person = Person(mailing.url)
    task = person.add("Buy\nmilk", due_at="2030-01-01T10:00:00Z")
    for _ in range(2):
        answer = person.client.post(f"/tasks/{task['id']}/reminder")
        assert (answer.status_code, answer.json()) == (202, {"sent_to": person.email})
    message = provider.sent[-1]
    assert message["to"] == [person.email]
    assert message["subject"] == "Reminder: Buy milk"
    assert "2030-01-01 at 10:00 UTC" in message["text"]
    # Asked twice, the provider is told that it is the same one.
    assert provider.keys[-1] == provider.keys[-2]


def test_without_a_key_reminders_are_off_and_the_rest_is_on(ada: Person) -> None:
    task = ada.add("x")
    answer = ada.client.post(f"/tasks/{task['id']}/reminder")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "Reminders are switched off: no e-mail provider is set up (EMAIL_API_KEY)."
    assert ada.client.get(f"/tasks/{task['id']}").status_code == 200


def test_a_refused_key_turns_reminders_off(env: dict[str, str], provider: Provider) -> None:
    service = Service({**env, "EMAIL_API_URL": provider.url, "EMAIL_API_KEY": "wrong"}).wait()
    person = Person(service.url)
    task = person.add("x")
    before = provider.asked
    for _ in range(3):
        answer = person.client.post(f"/tasks/{task['id']}/reminder")
        assert answer.status_code == 503
        assert (
            answer.json()["detail"]
            == "Reminders are switched off: the e-mail provider refuses the key (EMAIL_API_KEY)."
        )
    assert provider.asked == before + 1
    assert "wrong" not in service.log()
    service.close()


@pytest.mark.parametrize(("status", "expected"), [(500, 503), (429, 503), (422, 502)])
def test_a_provider_that_cannot(mailing: Service, provider: Provider, status: int, expected: int) -> None:
    person = Person(mailing.url)
    task = person.add("x")
    provider.status = status
    try:
        assert person.client.post(f"/tasks/{task['id']}/reminder").status_code == expected
    finally:
        provider.status = 200
    assert person.client.post(f"/tasks/{task['id']}/reminder").status_code == 202
