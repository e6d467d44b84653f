"""The portal as a WSGI application: ``gunicorn app:app``, or better ``python -m portal``."""

from portal import create_app
from portal.route_registry import RouteRegistry

app = create_app()
RouteRegistry(app)
