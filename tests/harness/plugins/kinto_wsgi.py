"""Kinto as a WSGI server wants it: the application of the configuration that KINTO_INI names."""

import os
import warnings

from pyramid.paster import get_app

warnings.simplefilter("ignore")
application = get_app(os.environ["KINTO_INI"], options={"http_port": "0"})
