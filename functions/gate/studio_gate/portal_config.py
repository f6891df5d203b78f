"""What the portal says in a company's own words: its title, and whom to ask for what."""

import re
from typing import Annotated

from pydantic import Field

from studio_gate.fields import Shown, Strict, text
from studio_gate.providers import HTTPS_URL

# RFC 6068 without header fields: they would write the message for whoever clicks.
_CONTACT = re.compile(rf"mailto:[A-Za-z0-9._+-]{{1,64}}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|{HTTPS_URL.pattern}")
Contact = Annotated[str, text(_CONTACT, 512, 'an https URL, or "mailto:" and one plain address')]


class Portal(Strict):
    """The page that shows people what they may open (`GET /`). Without it the gate uses words of its own."""

    title: Shown = Field(default="", description="what people know the gate as")
    help: tuple[Shown, ...] = Field(
        default=(),
        description="what somebody who may open nothing should ask for, and whom; a text for each paragraph",
    )
    contact: Contact | None = Field(default=None, description="where to ask: an https page or a mailto address")
