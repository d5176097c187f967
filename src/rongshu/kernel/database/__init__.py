"""Where the database is: a server named by DATABASE_URL, or an embedded PostgreSQL of our own. Knows no Django.

Two roles: the owner, who makes tables, and the application, who owns nothing and so meets every row-level policy.
"""

from rongshu.kernel.database.embedded import EmbeddedServer
from rongshu.kernel.database.urls import APPLICATION_ROLE, WRITER_ROLE, Addresses, addresses_of, as_django

__all__ = ["APPLICATION_ROLE", "WRITER_ROLE", "Addresses", "EmbeddedServer", "addresses_of", "as_django"]
