"""What every face shares: the built assets, the tags and filters, the frames of a page, the words of states.

A *face* is a surface with pages (console, portal). A *page* is a frozen dataclass that knows its template; a view makes
one call, fills the page, and hands it to `render`. The look itself is in `frontend/`.
"""
