"""Where names that backends use and forget to import come from: names that mean one thing whoever writes them."""

from __future__ import annotations

import builtins

from seatrial.rules.code import CodeFile

_HOMES = {
    "typing": "Annotated Any Awaitable Callable ClassVar Dict Final FrozenSet Generic Iterable Iterator List Literal "
    "Mapping NamedTuple Optional Protocol Sequence Set TypeVar TypedDict Union cast overload TYPE_CHECKING",
    "collections.abc": "AsyncGenerator AsyncIterator",
    "contextlib": "asynccontextmanager contextmanager suppress",
    "dataclasses": "dataclass",
    "datetime": "datetime date timedelta timezone",
    "decimal": "Decimal",
    "enum": "Enum IntEnum StrEnum",
    "functools": "lru_cache partial wraps cached_property",
    "uuid": "UUID uuid4",
    "fastapi": "APIRouter BackgroundTasks Body Cookie Depends FastAPI File Form HTTPException Header Query Request "
    "Response Security UploadFile WebSocket WebSocketDisconnect status",
    "fastapi.middleware.cors": "CORSMiddleware",
    "fastapi.responses": "FileResponse HTMLResponse JSONResponse RedirectResponse StreamingResponse",
    "fastapi.security": "HTTPAuthorizationCredentials HTTPBearer OAuth2PasswordBearer OAuth2PasswordRequestForm",
    "fastapi.staticfiles": "StaticFiles",
    "fastapi.exceptions": "RequestValidationError",
    "pydantic": "BaseModel ConfigDict EmailStr HttpUrl field_validator model_validator",
    "pydantic_settings": "BaseSettings SettingsConfigDict",
    "sqlmodel": "SQLModel",
    "sqlalchemy.ext.asyncio": "AsyncEngine AsyncSession async_sessionmaker create_async_engine",
    "sqlalchemy.orm": "DeclarativeBase Mapped declarative_base mapped_column sessionmaker",
}
_MODULES = frozenset(
    "asyncio base64 collections contextlib csv functools hashlib hmac inspect io itertools json logging math os random "
    "re secrets shutil smtplib sqlite3 ssl string subprocess sys tempfile threading time traceback typing urllib uuid "
    "warnings zoneinfo".split()
)
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}
BUILTINS = frozenset(dir(builtins))


def import_of(name: str, file: CodeFile) -> str | None:
    """The import statement that gives this name its one common meaning; None where it has none or several."""
    if name == "datetime" and "datetime.datetime" in file.text:
        return "import datetime"
    if name in _MODULES:
        return f"import {name}"
    home = _HOME_OF.get(name)
    return f"from {home} import {name}" if home is not None else None
