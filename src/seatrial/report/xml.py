"""What XML reports have in common: any text as content or attribute."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from seatrial.report.page import clean

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Any text as the content of an element."""
    return escape(_NOT_XML.sub("\ufffd", text))


def xml_quoted(text: str) -> str:
    """Any text as the value of an attribute, quotes included."""
    return quoteattr(_NOT_XML.sub("\ufffd", clean(text)))
