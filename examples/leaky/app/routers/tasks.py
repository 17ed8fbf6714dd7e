from fastapi import APIRouter, Depends, Header
from sqlmodel import Session, SQLModel, select

from app.core.security import user_of
from app.db.session import get_session
from app.models import Task

router = APIRouter(prefix="/tasks", tags=["tasks"])


def current_user(authorization: str = Header()) -> int:
    return int(user_of(authorization.removeprefix("Bearer ")))


@router.get("")
def list_tasks(
    owner: int = Depends(current_user), session: Session = Depends(get_session)
) -> List[Task]:
    return list(session.exec(select(Task).where(Task.owner_id == owner)))


class NewTask(SQLModel):
    title: str


@router.post("", status_code=201)
def create_task(
    new: NewTask, owner: int = Depends(current_user), session: Session = Depends(get_session)
) -> Task:
    task = Task(title=new.title, owner_id=owner)
    session.add(task)
    session.commit()
    session.refresh(task)
    return task
