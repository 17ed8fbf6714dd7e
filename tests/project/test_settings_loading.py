"""Which dotenv files code loads, by example."""

from __future__ import annotations

import pytest

from tests.project.reads import read

DOTENV = {
    """
from dotenv import load_dotenv
load_dotenv()
""": ((), (), ("app/core",), True),
    """
from dotenv import load_dotenv
load_dotenv('.env.local')
""": ((), (".env.local",), (), True),
    """
import dotenv
dotenv.load_dotenv(dotenv.find_dotenv())
""": ((), (), ("app/core",), True),
    """
from dotenv import load_dotenv
from pathlib import Path
BASE = Path(__file__).resolve().parent.parent
load_dotenv(BASE / '.env')
""": (("app/.env",), (), (), True),
    """
import os
from dotenv import load_dotenv
load_dotenv(os.path.join(os.path.dirname(__file__), '..', '..', '.env'))
""": ((".env",), (), (), True),
    """
from dotenv import load_dotenv
from pathlib import Path
load_dotenv(Path(__file__).parents[1] / 'x.env')
""": (("app/x.env",), (), (), True),
    """
from starlette.config import Config
config = Config('.env')
""": ((), (".env",), (), False),
    """
import os
from pydantic_settings import BaseSettings
E = os.getenv('ENV', 'dev')
class S(BaseSettings):
    model_config = {'env_file': f'.env.{E}'}
""": ((), (".env.dev",), (), False),
    """
from pydantic_settings import BaseSettings
class S(BaseSettings):
    class Config:
        env_file = ('.env', '.env.prod')
""": ((), (".env", ".env.prod"), (), False),
    """
from environs import Env
env = Env()
env.read_env()
""": ((), (), ("app/core",), True),
}


@pytest.mark.parametrize(("code", "expected"), DOTENV.items())
def test_dotenv_files_are_found(code: str, expected: tuple[object, ...]) -> None:
    use = read(code, "app/core/config.py").dotenv[0]
    assert (use.paths, use.from_cwd, use.upward, use.into_environ) == expected
