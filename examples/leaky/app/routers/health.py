from fastapi import APIRouter, Depends
from sqlmodel import Session, text

from app.db.session import get_sesion

router = APIRouter()


@router.get("/health")
def health(session: Session = Depends(get_sesion)) -> dict[str, str]:
    session.connection().execute(text("select 1"))
    return {"status": "ok"}
