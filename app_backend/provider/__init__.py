"""Pictures at identity providers, which the backend fetches when somebody's account is new.

The only calls to the outside that the backend makes on somebody's word. So what may be asked for is named by
the operator, and where a connection leads is looked at before it is made.
"""

from app_backend.provider.addresses import CheckedTransport, Resolve, is_public
from app_backend.provider.download import PictureDownload
from app_backend.provider.pictures import ProviderPictures, provider_breakers
from app_backend.provider.sources import PictureSources

__all__ = [
    "CheckedTransport",
    "PictureDownload",
    "PictureSources",
    "ProviderPictures",
    "Resolve",
    "is_public",
    "provider_breakers",
]
