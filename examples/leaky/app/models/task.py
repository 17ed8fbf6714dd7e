from sqlmodel import Field, SQLModel

from app.models.user import User


class Task(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str
    done: bool = False
    owner_id: int = Field(foreign_key="user.id")

    def belongs_to(self, user: User) -> bool:
        return self.owner_id == user.id
