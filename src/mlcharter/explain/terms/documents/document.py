"""One Markdown file of the charter.

Six are standard documents and are always there; the others are supporting documents. The lines
under the title name its owner and the date of its last review (`mlcharter explain field`).
Sections, items and config blocks have ids in comments, so headings may be reworded.
"""

ALSO = ("standard-document",)
