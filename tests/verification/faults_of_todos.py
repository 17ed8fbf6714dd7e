"""Faults to plant in the service `todos`, each with the probe that has to catch it."""

from __future__ import annotations

from tests.verification.planting import Fault, fault

VERCEL = "https://todos.vercel.app"
_ORIGINS = "        allow_origins=[settings.frontend],\n"
_CREDENTIALS = "        allow_credentials=True,\n"
_APP = "docs_url=None, redoc_url=None, openapi_url=None)"
_ROUTES = "    edge.install(app, settings)\n"
_PASS = 'return JSONResponse({"status": "pass"})'
_FAIL = 'return JSONResponse({"status": "fail"}, 503)'
_LAST = "    app.add_exception_handler(RequestValidationError, _invalid)\n"
_FIXED = '                headers["X-Content-Type-Options"] = "nosniff"\n'


def _origins(name: str, caught_by: str, allowed: str, frontend: str = "") -> Fault:
    return fault(name, caught_by, ("edge.py", _ORIGINS, f"        {allowed},\n"), frontend=frontend)


def _route(name: str, caught_by: str, path: str, text: str, method: str = "GET") -> Fault:
    """One more route, found before all others."""
    before = "    app.include_router(accounts.router(settings, store))\n"
    handler = f"lambda request: PlainTextResponse({text!r} + str(request.headers.items()))"
    route = f"    app.router.add_route({path!r}, {handler}, methods=[{method!r}])\n"
    imported = "from fastapi.responses import JSONResponse\n"
    both = "from fastapi.responses import JSONResponse, PlainTextResponse\n"
    return fault(name, caught_by, ("main.py", before, route + before), ("main.py", imported, both))


def _header(name: str, caught_by: str, line: str) -> Fault:
    """One more line where the headers of every answer are set."""
    last = '                headers["Cache-Control"] = "no-store"\n'
    return fault(name, caught_by, ("edge.py", last, last + f"                {line}\n"))


CORS = (
    fault(
        "any origin, with cookies",
        "cors.foreign-origin",
        ("edge.py", _ORIGINS, '        allow_origins=["*"],\n'),
    ),
    _origins("an expression for everything", "cors.foreign-origin", 'allow_origin_regex=".*"'),
    fault(
        "any origin, without cookies",
        "cors.foreign-origin",
        ("edge.py", _ORIGINS + _CREDENTIALS, '        allow_origins=["*"],\n'),
    ),
    _origins("null", "cors.null-origin", 'allow_origins=[settings.frontend, "null"]'),
    _origins("only the end", "cors.longer-in-front", r'allow_origin_regex=r"https://.*todos\.example\.com"'),
    _origins("only the beginning", "cors.longer-behind", r'allow_origin_regex=r"https://todos\.example\.com.*"'),
    _origins("a bare dot", "cors.unescaped-dot", 'allow_origin_regex=r"https://todos.example.com"'),
    _origins("every subdomain", "cors.subdomain", r'allow_origin_regex=r"https://([\w-]+\.)?todos\.example\.com"'),
    _origins("every customer", "cors.shared-platform", r'allow_origin_regex=r"https://.*\.vercel\.app"', VERCEL),
    _origins("every preview", "cors.shared-platform", r'allow_origin_regex=r"https://todos.*\.vercel\.app"', VERCEL),
    _origins("without TLS", "cors.without-tls", 'allow_origins=[settings.frontend, "http://todos.example.com"]'),
    _origins("any port", "cors.other-port", r'allow_origin_regex=r"https://todos\.example\.com(:\d+)?"'),
    _origins("a desk", "cors.development-origins", 'allow_origins=[settings.frontend, "http://localhost:3000"]'),
    _origins("a slash at the end", "cors.front-end", 'allow_origins=[settings.frontend + "/"]'),
    fault(
        "reading only",
        "cors.front-end",
        ("edge.py", 'METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]', 'METHODS = ["GET"]'),
    ),
    fault("no cookies", "cors.front-end", ("edge.py", _CREDENTIALS, "")),
    fault(
        "no CORS", "cors.front-end", ("edge.py", "        CORSMiddleware,\n" + _ORIGINS, "        CORSMiddleware,\n")
    ),
    fault("any header", "cors.preflight", ("edge.py", '["content-type", "authorization"]', '["*"]')),
    fault("kept for a year", "cors.preflight", ("edge.py", "max_age=600", "max_age=31_536_000")),
    fault(
        "refused outside of CORS",
        "cors.refusals",
        (
            "edge.py",
            _LAST,
            """    @app.middleware("http")
    async def gate(request: Request, proceed: Any) -> Response:
        if settings.cookie not in request.cookies and not request.url.path.startswith(("/api/auth", "/api/health")):
            return JSONResponse({"message": "Not signed in."}, 401, headers={"WWW-Authenticate": "Cookie"})
        return await proceed(request)

"""
            + _LAST,
        ),
        ("edge.py", "import logging\n", "import logging\nfrom typing import Any\n"),
    ),
    fault(
        "Vary overwritten",
        "cors.vary",
        ("edge.py", "    app.add_middleware(Headers, secure=settings.secure)\n", ""),
        ("edge.py", _LAST, "    app.add_middleware(Headers, secure=settings.secure)\n" + _LAST),
        ("edge.py", _FIXED, '                headers["Vary"] = "Accept-Encoding"\n' + _FIXED),
    ),
    fault(
        "everybody, and cookies",
        "cors.credentials",
        ("edge.py", "        CORSMiddleware,\n" + _ORIGINS + _CREDENTIALS, "        CORSMiddleware,\n"),
        (
            "edge.py",
            _FIXED,
            _FIXED
            + '                headers["Access-Control-Allow-Origin"] = "*"\n'
            + '                headers["Access-Control-Allow-Credentials"] = "true"\n',
        ),
    ),
)

HEALTH = (
    fault(
        "down, and 200",
        "health.contradiction",
        ("main.py", _PASS, 'return JSONResponse({"status": "ok", "database": "disconnected"})'),
    ),
    fault(
        "false, and 200",
        "health.contradiction",
        ("main.py", _PASS, 'return JSONResponse({"checks": {"db_connected": False}})'),
    ),
    fault(
        "for users only",
        "health.answers",
        ("main.py", "def health() -> JSONResponse:", "def health(user: accounts.CurrentUser) -> JSONResponse:"),
    ),
    fault("redirected", "health.answers", ("main.py", _PASS, 'return JSONResponse({}, 307, {"location": "/login"})')),
    fault("never well", "health.answers", ("main.py", _PASS, 'return JSONResponse({"status": "fail"}, 503)')),
    fault(
        "tells its database",
        "health.told-too-much",
        ("main.py", _PASS, 'return JSONResponse({"status": "pass", "database": f"sqlite:///{store.path}"})'),
    ),
    _header("kept by caches", "health.cached", 'headers["Cache-Control"] = "public, max-age=300"'),
)

OUTAGES = (
    fault(
        "never asks",
        "health.outage",
        (
            "main.py",
            '                rows.execute("SELECT count(*) FROM users").fetchone()\n',
            "                pass\n",
        ),
        ("main.py", "with store.connect() as rows:", "if True:"),
    ),
    fault("says it in the body", "health.outage", ("main.py", _FAIL, 'return JSONResponse({"status": "fail"})')),
    fault("500 for 503", "health.outage", ("main.py", _FAIL, 'return JSONResponse({"status": "fail"}, 500)')),
    fault(
        "tells the exception",
        "health.outage",
        ("main.py", "except sqlite3.Error:", "except sqlite3.Error as error:"),
        ("main.py", _FAIL, 'return JSONResponse({"status": "fail", "error": repr(error)}, 503)'),
    ),
    fault(
        "never recovers",
        "health.outage",
        ("main.py", _FAIL, "app.state.broken = True\n            " + _FAIL),
        (
            "main.py",
            "        try:\n",
            '        if hasattr(app.state, "broken"):\n            ' + _FAIL + "\n        try:\n",
        ),
    ),
    fault(
        "remembers a good day",
        "health.outage",
        ("main.py", _PASS, "app.state.well = True\n        " + _PASS),
        (
            "main.py",
            "        try:\n",
            '        if hasattr(app.state, "well"):\n            ' + _PASS + "\n        try:\n",
        ),
    ),
)

EXPOSURE = (
    fault("pages on", "exposure.documentation", ("main.py", ", " + _APP, ")")),
    fault("document on", "exposure.documentation", ("main.py", _APP, "docs_url=None, redoc_url=None)")),
    fault(
        "pages below /api",
        "exposure.documentation",
        ("main.py", _APP, 'docs_url="/api/docs", redoc_url=None, openapi_url="/api/openapi.json")'),
    ),
    _route(
        "an environment file", "exposure.files", "/.env", "SECRET_KEY=abc\nDATABASE_URL=postgresql://todos@db/todos"
    ),
    _route("the repository", "exposure.files", "/.git/HEAD", "ref: refs/heads/main"),
    _route("metrics", "exposure.operations", "/metrics", "# HELP requests_total Requests.\nrequests_total 3"),
    _route("settings", "exposure.operations", "/debug", "settings: database_url is postgresql"),
)

ERRORS = (
    fault("ids without bounds", "errors.odd-ids", ("items.py", "Path(ge=1, le=2**63 - 1)", "Path()")),
    fault("pages without bounds", "errors.odd-queries", ("items.py", "Query(ge=0, le=100_000)", "Query()")),
    fault(
        "texts that stop the validator",
        "errors.odd-texts",
        ("items.py", 'raise ValueError("not writable")', 'raise LookupError("not writable")'),
    ),
    fault(
        "the input repeated",
        "errors.odd-bodies",
        ("edge.py", '"message": entry["type"]}', '"message": entry["type"], "input": entry["input"]}'),
    ),
    fault("the framework's own answer", "errors.odd-bodies", ("edge.py", _LAST, "")),
    fault(
        "the traceback answered",
        "errors.odd-ids",
        ("items.py", "Path(ge=1, le=2**63 - 1)", "Path()"),
        ("edge.py", '{"message": "Something went wrong."}', '{"message": "".join(traceback.format_exception(error))}'),
        ("edge.py", "import logging\n", "import logging\nimport traceback\n"),
    ),
    fault(
        "debugging on",
        "errors.odd-ids",
        ("items.py", "Path(ge=1, le=2**63 - 1)", "Path()"),
        ("main.py", 'FastAPI(title="Todos",', 'FastAPI(debug=True, title="Todos",'),
        ("edge.py", "    app.add_exception_handler(Exception, _unexpected)\n", ""),
    ),
    fault(
        "the statement answered",
        "errors.leak",
        ("items.py", '"There is no such todo."', '"not found: SELECT * FROM todos WHERE id = 1"'),
    ),
    fault("the exception answered", "errors.leak", ("accounts.py", '"Not signed in."', '"KeyError: token"')),
    fault(
        "the address of the database",
        "errors.leak",
        ("items.py", '"There is no such todo."', '"postgresql://todos:hunter2@db/todos has none"'),
    ),
)

HEADERS = (
    fault("sniffing", "headers.sniffing", ("edge.py", _FIXED, "")),
    _header("JSON sent as text", "headers.sniffing", 'headers["Content-Type"] = "text/plain"'),
    _header("private answers kept", "headers.caching", 'headers["Cache-Control"] = "private, max-age=60"'),
    _header("named software", "headers.software", 'headers["X-Powered-By"] = "FastAPI"'),
    _header("a version", "headers.software", 'headers["Server"] = "uvicorn/0.54"'),
    _header("frames", "headers.framing", 'del headers["Content-Security-Policy"]'),
    fault("a cookie for scripts", "headers.cookies", ("accounts.py", "httponly=True", "httponly=False")),
    fault("a cookie for other sites", "headers.cookies", ("accounts.py", 'samesite="lax"', "samesite=None")),
    fault("a cookie that browsers refuse", "headers.cookies", ("accounts.py", 'samesite="lax"', 'samesite="none"')),
    fault(
        "nothing said to browsers",
        "headers.score",
        (
            "edge.py",
            '            if message["type"] == "http.response.start":',
            '            if message["type"] == "nothing":',
        ),
    ),
)

METHODS = (
    _route("TRACE answered", "methods.trace", "/api/health", "", "TRACE"),
    fault(
        "any method",
        "methods.not-allowed",
        ("main.py", '@app.get("/api/health")', '@app.api_route("/api/health", methods=["GET", "PUT"])'),
    ),
    fault(
        "a method that stops the server",
        "methods.not-allowed",
        (
            "edge.py",
            "        async def with_headers",
            (
                '        {it: 1 for it in (*METHODS, "HEAD", "OPTIONS", "TRACE")}[scope.get("method", "GET")]\n'
                "\n"
                "        async def with_headers"
            ),
        ),
    ),
    _header("405 without Allow", "methods.not-allowed", 'del headers["Allow"]'),
    fault(
        "a method in a header",
        "methods.override",
        (
            "edge.py",
            "        async def with_headers",
            (
                '        if scope["type"] == "http":\n'
                '            said = dict(scope["headers"]).get(b"x-http-method-override")\n'
                '            scope["method"] = said.decode() if said else scope["method"]\n'
                "\n"
                "        async def with_headers"
            ),
        ),
    ),
)

LIMITS = (
    fault("guessing goes on", "limits.guessing", ("accounts.py", "if len(recent) >= self.most:", "if False:")),
    fault(
        "no word of how long",
        "limits.guessing",
        ("accounts.py", '"Too many attempts.", headers=wait)', '"Too many attempts.")'),
    ),
    fault("any size", "limits.size", ("edge.py", "    app.add_middleware(BodyLimit, most=settings.body_bytes)\n", "")),
    fault("any size in pieces", "limits.size", ("edge.py", 'seen += len(message.get("body", b""))', "seen += 0")),
    fault(
        "404 for strangers",
        "limits.known-address",
        (
            "accounts.py",
            "            if user is None or not right:",
            (
                "            if user is None:\n"
                '                raise HTTPException(404, "There is no such user.")\n'
                "            if not right:"
            ),
        ),
    ),
    fault(
        "another sentence for strangers",
        "limits.known-address",
        (
            "accounts.py",
            "            if user is None or not right:",
            (
                "            if user is None:\n"
                "                wrong.note(body.email)\n"
                '                raise HTTPException(401, "Unknown email.")\n'
                "            if not right:"
            ),
        ),
    ),
    fault(
        "strangers are quicker",
        "limits.known-address",
        (
            "accounts.py",
            'right = _right(body.password, user["password"] if user else NOBODY)',
            'right = bool(user) and _right(body.password, user["password"])',
        ),
        ("accounts.py", "n=2**12", "n=2**17, maxmem=2**28"),
    ),
)

FORWARDED = fault(
    "whoever is named",
    "limits.other-client",
    (
        "accounts.py",
        "def sign_in(body: SignIn, response: Response)",
        "def sign_in(body: SignIn, request: Request, response: Response)",
    ),
    (
        "accounts.py",
        "        wrong.check(body.email)",
        '        client = body.email + request.headers.get("x-forwarded-for", "")\n        wrong.check(client)',
    ),
    ("accounts.py", "wrong.note(body.email)", "wrong.note(client)"),
)

SECURE = (
    fault("no word of TLS", "headers.strict-transport", ("edge.py", "if self.secure:", "if False:")),
    fault("an hour of TLS", "headers.strict-transport", ("edge.py", "max-age=31536000", "max-age=3600")),
    fault(
        "a cookie in the clear",
        "headers.cookies",
        ("accounts.py", "secure=settings.secure", "secure=False"),
        ("settings.py", '"__Secure-better-auth.session_token" if self.secure else ', ""),
    ),
)

ASLEEP = fault(
    "asleep",
    "start.cold",
    (
        "edge.py",
        "        async def with_headers",
        (
            '        if scope["type"] == "http" and not hasattr(self, "awake"):\n'
            "            self.awake = True\n"
            "            await asyncio.sleep(2.5)\n\n"
            "        async def with_headers"
        ),
    ),
    ("edge.py", "import logging\n", "import asyncio\nimport logging\n"),
)

TIRED = fault(
    "tired",
    "limits.load",
    ("main.py", '@app.get("/api/health")\n', 'seen = []\n\n    @app.get("/api/health")\n'),
    (
        "main.py",
        "        try:\n",
        "        seen.append(1)\n        assert len(seen) % 2\n        try:\n",
    ),
)

ALL = CORS + HEALTH + EXPOSURE + ERRORS + HEADERS + METHODS + LIMITS
