"""What the service is told from outside: read once, when it starts."""

from src.settings.faults import ConfigurationError
from src.settings.model import Settings
from src.settings.reading import read_settings

__all__ = ["ConfigurationError", "Settings", "read_settings"]
