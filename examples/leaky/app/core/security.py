import jwt

from app.core.settings import settings


def user_of(token: str) -> str:
    claims = jwt.decode(token, settings.jwt_secret, algorithms=["HS256"])
    return claims["sub"]
