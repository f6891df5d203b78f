"""Studio's own side of a presigned URL: an HTTPS server on loopback that redeems what the stand-in minted.

Three listeners stand for the three ways there: through Studio's endpoint, through another one, from the internet. AWS
applies the policies for CreatePresignedDomainUrl to every request, and so does this. It is development equipment.
"""

from localaws.studio_site.door import Studio
from localaws.studio_site.server import ANOTHER_ENDPOINT, Site, serving

__all__ = ["ANOTHER_ENDPOINT", "Site", "Studio", "serving"]
