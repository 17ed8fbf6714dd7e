"""The ASGI application: how it is started, what it serves."""
