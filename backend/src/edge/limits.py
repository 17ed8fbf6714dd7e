"""How often something may be asked for: counted in Redis for all replicas, or in this process where there is none."""

from __future__ import annotations

import logging
import math
import time
import uuid
from dataclasses import dataclass, field

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from src.observability.metrics import Metrics
from src.problems.problem import Problem
from src.settings.model import Rates

log = logging.getLogger(__name__)

# Redis that does not answer within this time is left alone for a while; counting goes on in the process.
PATIENCE_S = 0.25
LEFT_ALONE_S = 5.0
# Busy clients are counted several requests at a time. A lease is never more than this part of what is allowed, and
# lapses unused after this part of the time, so that no client is told to wait much too early; and soon in any case, so
# that those of clients who went away do not pile up where a rate is by the hour.
LEASE_PART = 20
LEASE_LASTS_S = 5.0
KEPT = 20_000


@dataclass(slots=True)
class Lease:
    """Requests that were counted in advance, and until when they may be used; or until when to refuse."""

    left: int
    size: int
    until: float
    refused: bool = False


@dataclass(slots=True)
class Limiter:
    """Counts requests by user, by client address and by account that somebody tries to sign in to."""

    rates: Rates
    metrics: Metrics
    redis: ConnectionPool | None = None
    shared: FixedWindowRateLimiter | None = None
    local: FixedWindowRateLimiter = field(default_factory=lambda: FixedWindowRateLimiter(MemoryStorage()))
    alone_until: float = 0.0
    leases: dict[tuple[str, str], Lease] = field(default_factory=dict)
    per_user: RateLimitItem = field(init=False)
    per_address: RateLimitItem = field(init=False)
    sign_in: RateLimitItem = field(init=False)
    sign_in_address: RateLimitItem = field(init=False)

    def __post_init__(self) -> None:
        self.per_user = parse(self.rates.per_user)
        self.per_address = parse(self.rates.per_address)
        self.sign_in = parse(self.rates.sign_in)
        self.sign_in_address = parse(self.rates.sign_in_address)
        if self.rates.redis_url is not None:
            url = self.rates.redis_url.get_secret_value()
            self.redis = ConnectionPool.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
            storage = RedisStorage(f"async+{url}", implementation="redispy", connection_pool=self.redis)  # type: ignore[arg-type]
            self.shared = FixedWindowRateLimiter(storage)

    async def admit_user(self, user_id: uuid.UUID) -> None:
        """Count a request of a user.

        Raises:
            Problem: 429, with the time after which to come back.
        """
        await self.admit("user", user_id.hex, self.per_user)

    async def admit_address(self, address: str) -> None:
        """Count a request from an address.

        Raises:
            Problem: 429.
        """
        await self.admit("address", address, self.per_address)

    async def admit_sign_in(self, account: str, address: str) -> None:
        """Count a try to sign in, by the account and by where it comes from.

        Raises:
            Problem: 429.
        """
        await self.admit("sign-in-address", address, self.sign_in_address)
        await self.admit("sign-in", account, self.sign_in)

    async def admit(self, kind: str, who: str, item: RateLimitItem) -> None:
        """Count one request, from the lease if one is held."""
        lease = self.leases.get((kind, who))
        now = time.monotonic()
        if lease is not None and lease.until > now:
            if lease.refused:
                raise self.too_often(kind, lease.until - now)
            if lease.left > 0:
                lease.left -= 1
                return
        await self.renew(kind, who, item, lease if lease is not None and lease.until > now else None)

    async def renew(self, kind: str, who: str, item: RateLimitItem, spent: Lease | None) -> None:
        """Take another lease: of one request, or of twice as many as the last if that was used up in its time."""
        most = max(1, item.amount // LEASE_PART)
        size = min(most, spent.size * 2) if spent is not None else 1
        lasts = time.monotonic() + min(LEASE_LASTS_S, item.get_expiry() / LEASE_PART)
        if not await self.hit(item, kind, who, size):
            wait = await self.wait(item, kind, who)
            self.keep((kind, who), Lease(0, 1, time.monotonic() + min(wait, 1.0), refused=True))
            raise self.too_often(kind, wait)
        self.keep((kind, who), Lease(size - 1, size, lasts))

    async def hit(self, item: RateLimitItem, kind: str, who: str, cost: int) -> bool:
        """Count, in Redis if it answers. Where it does not, each process counts for itself: requests go on, and a
        client gets at most as many times more as there are processes.
        """
        if self.shared is not None and time.monotonic() >= self.alone_until:
            try:
                return await self.shared.hit(item, kind, who, cost=cost)
            except (RedisError, StorageError, OSError, TimeoutError) as error:
                self.alone_until = time.monotonic() + LEFT_ALONE_S
                log.warning(
                    "redis does not answer: each process counts for itself", extra={"error": type(error).__name__}
                )
        return await self.local.hit(item, kind, who, cost=cost)

    async def wait(self, item: RateLimitItem, kind: str, who: str) -> float:
        """Seconds until the next request may come."""
        limiter = self.local if self.shared is None or time.monotonic() < self.alone_until else self.shared
        try:
            window = await limiter.get_window_stats(item, kind, who)
            return max(0.5, window.reset_time - time.time())
        except (RedisError, StorageError, OSError, TimeoutError):
            return 1.0

    def keep(self, key: tuple[str, str], lease: Lease) -> None:
        """Remember the lease; those that have lapsed are forgotten when there are many."""
        if len(self.leases) >= KEPT:
            now = time.monotonic()
            self.leases = {key: lease for key, lease in self.leases.items() if lease.until > now}
        self.leases[key] = lease

    def too_often(self, kind: str, wait: float) -> Problem:
        """429."""
        self.metrics.refused.labels(kind).inc()
        seconds = str(max(1, math.ceil(wait)))
        return Problem(429, f"Too many requests. Try again in {seconds} s.", {"Retry-After": seconds})

    async def close(self) -> None:
        """Close the connections to Redis. They are a pool of our own: where the storage keeps its client is its own
        affair, and differs between releases.
        """
        if self.redis is not None:
            await self.redis.aclose()
