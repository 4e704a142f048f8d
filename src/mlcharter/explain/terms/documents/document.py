"""A Markdown file of the charter.

Six standard documents are always required; the others are supporting documents. The lines under
the title name the owner and the date of the last review (see `mlcharter explain field`).
Sections and config blocks are identified by comments, so you may change their headings.
"""

ALSO = ("standard-document",)
