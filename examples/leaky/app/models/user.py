from sqlmodel import Field, SQLModel

from app.models.task import Task


class User(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)

    def owns(self, task: Task) -> bool:
        return task.owner_id == self.id
