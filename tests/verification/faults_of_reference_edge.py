"""Faults to plant at the edge of the reference backend: CORS, health, exposure, errors, headers, methods, limits."""

# The edits are quoted as they stand in the backend.
# ruff: noqa: E501

from __future__ import annotations

from tests.verification.planting import Fault, fault

_ORIGINS = "            allow_origins=settings.origins,\n"
_CORS = "edge/stack.py"
_PASSES = "passes = not services.draining.on and await service.database_answers(services)"
_READ = "async def read(services: Serving, principal: Signed, task_id: uuid.UUID) -> Response:\n"
_LIVE = '@router.get("/live", response_model=Health)\n'


def _origins(name: str, caught_by: str, allowed: str) -> Fault:
    pattern = "            allow_origin_regex=settings.origin_pattern,\n"
    return fault(name, caught_by, (_CORS, _ORIGINS + pattern, f"            {allowed},\n"))


def _headers(name: str, caught_by: str, before: str, after: str = "") -> Fault:
    return fault(name, caught_by, ("edge/envelope.py", before, after))


def _route(name: str, caught_by: str, path: str, text: str, method: str = "GET") -> Fault:
    route = f"@router.api_route({path!r}, methods=[{method!r}], include_in_schema=False)\n"
    body = f"async def planted() -> Response:\n    return Response({text!r}, media_type='text/plain')\n\n\n"
    before = '@router.get("/openapi.json", dependencies=[Depends(require_reader)])\n'
    return fault(name, caught_by, ("operations/router.py", before, route + body + before))


ALL = (
    _origins("any origin", "cors.foreign-origin", 'allow_origin_regex=".*"'),
    _origins("null", "cors.null-origin", 'allow_origins=(*settings.origins, "null")'),
    _origins("only the beginning", "cors.longer-behind", r'allow_origin_regex=r"https://tasks\.vercel\.app.*"'),
    _origins("only the end", "cors.longer-in-front", r'allow_origin_regex=r"https://.*tasks\.vercel\.app"'),
    _origins("a bare dot", "cors.unescaped-dot", 'allow_origin_regex="https://tasks.vercel.app"'),
    _origins("every customer", "cors.shared-platform", r'allow_origin_regex=r"https://.*\.vercel\.app"'),
    _origins("without TLS", "cors.without-tls", r'allow_origin_regex=r"https?://tasks\.vercel\.app"'),
    _origins("a desk", "cors.development-origins", 'allow_origins=(*settings.origins, "http://localhost:3000")'),
    _origins("nobody", "cors.front-end", "allow_origins=()"),
    fault("reading only", "cors.front-end", (_CORS, 'METHODS = ("GET", "POST", "PATCH", "DELETE")', 'METHODS = ("GET",)')),
    fault("any header", "cors.preflight", (_CORS, "allow_headers=ALLOWED", 'allow_headers=["*"]')),
    fault("down, and 200", "health.contradiction", ("health/router.py", '{"status": "pass" if passes else "fail"}', '{"status": "pass", "database": "down"}')),
    fault("never well", "health.answers", ("health/router.py", _PASSES, "passes = False")),
    fault("tells its database", "health.told-too-much", ("health/router.py", '{"status": "pass" if passes else "fail"}', '{"status": "pass", "url": "postgresql://tasks:pw@db/tasks"}')),
    _route("an environment file", "exposure.files", "/.env", "JWT_SECRET=abc"),
    _route("the repository", "exposure.files", "/.git/HEAD", "ref: refs/heads/main"),
    fault("numbers for all", "exposure.operations", ("operations/router.py", "services: Serving, _: Annotated[None, Depends(require_operator)]", "services: Serving")),
    fault("an exception nobody keeps", "errors.odd-ids", ("tasks/router.py", _READ, _READ.replace("uuid.UUID", "str")), ("tasks/router.py", "await service.read(services, principal, task_id)", "await service.read(services, principal, uuid.UUID(task_id))")),
    fault("the input repeated", "errors.odd-bodies", ("problems/handlers.py", '"type": one["type"]} for one', '"type": one["type"], "input": one["input"].encode("ascii")} for one')),
    fault("the exception told", "errors.leak", ("problems/handlers.py", '    404: "There is nothing here.",\n', '    404: "KeyError: sqlalchemy.exc.NoResultFound",\n')),
    _headers("sniffing", "headers.sniffing", '    (b"x-content-type-options", b"nosniff"),\n'),
    _headers("private answers kept", "headers.caching", '(b"cache-control", b"no-store")', '(b"cache-control", b"max-age=60")'),
    _headers("named software", "headers.software", '    (b"x-frame-options", b"DENY"),\n', '    (b"x-frame-options", b"DENY"),\n    (b"x-powered-by", b"FastAPI"),\n'),
    _route("TRACE answered", "methods.trace", "/health", "you asked", "TRACE"),
    fault("any method", "methods.not-allowed", ("health/router.py", '@router.get("", response_model=Health, responses={503: {"model": Health, "description": "The database is away"}})', '@router.api_route("", methods=["GET", "PUT"], response_model=Health)')),
    fault("guessing goes on", "limits.guessing", ("auth/router.py", '    await services.limiter.admit_sign_in(request.email, asking.scope["client_address"])\n    return await service.login', "    return await service.login")),
    fault("any size", "limits.size", ("edge/guard.py", "size > self.bodies.limit", "False"), ("edge/bodies.py", "if received > self.limit:", "if False:")),
)  # fmt: skip
