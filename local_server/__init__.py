"""What every server of ours on this machine needs: the stand-in phone, the review, the backend, the app.

- Here: the ports they listen on. Standard library only.
- `local_server.access`: who may ask them, and how much. Needs starlette.
- `local_server.serving`: how they are served, and end. Needs uvicorn.
"""

from local_server.ports import free_port, listen, url_of

__all__ = ["free_port", "listen", "url_of"]
