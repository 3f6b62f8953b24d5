"""HTTP, always synchronous: for a WSGI server in production, and behind the sockets' server when embedded."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pulse.settings")

application = get_wsgi_application()
