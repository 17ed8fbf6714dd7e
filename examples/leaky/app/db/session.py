from typing import Iterator

from sqlmodel import Session, SQLModel, create_engine

from app.core.settings import settings
from app.models import Task, User  # noqa: F401  (fills the metadata)

engine = create_engine(settings.database_url)


def create_tables() -> None:
    SQLModel.metadata.create_all(engine)


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session
