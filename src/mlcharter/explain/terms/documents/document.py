"""One Markdown file of the charter.

Six are standard and always stand; the others are companions. Under its title a document says who
answers for it and when somebody last read it (`mlcharter explain field`); its sections, items and
config blocks are known by the ids in comments, so headings may be reworded.
"""

ALSO = ("standard",)
