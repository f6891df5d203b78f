"""The other side of a presigned URL: an HTTPS server on loopback that redeems what the stand-in minted.

It stands for Studio, notebook instances and MLflow tracking servers. Its listeners stand for the ways there: through
the endpoint of each kind, from the caller's address or a neighbour's, through another endpoint, from the internet. AWS
applies the policies for the minting call to every request, and so does this. It is development equipment.
"""

from localaws.studio_site.door import Studio
from localaws.studio_site.kinds import hosts
from localaws.studio_site.server import ADDRESS, ANOTHER_ENDPOINT, NEIGHBOUR, Site, serving

__all__ = ["ADDRESS", "ANOTHER_ENDPOINT", "NEIGHBOUR", "Site", "Studio", "hosts", "serving"]
