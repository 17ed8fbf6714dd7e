"""Reminds an owner of a task."""

from __future__ import annotations

import uuid

from src.auth.principal import Principal
from src.auth.service import account
from src.problems.problem import Problem
from src.services import Services
from src.tasks.service import read


async def remind(services: Services, principal: Principal, task_id: uuid.UUID) -> str:
    """Send the owner an e-mail about the task; the address it went to.

    Raises:
        Problem: 401, 404; 409, the account has no address; 502 and 503, the provider.
    """
    task = await read(services, principal, task_id)
    owner = await account(services, principal)
    if owner.email is None:
        raise Problem(409, "This account has no e-mail address.")
    due = f"\nIt is due on {task['due_at']:%Y-%m-%d at %H:%M} UTC." if task["due_at"] else ""
    # The same task in the same state is one reminder, however often a client asks.
    key = f"{task_id}:{task['updated_at'].timestamp()}"
    subject = " ".join(f"Reminder: {task['title']}".split())
    await services.mailer.send(owner.email, subject, f"{task['title']}\n\n{task['description']}{due}\n", key)
    return str(owner.email)
