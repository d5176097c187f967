"""The kernel's tables, gathered from its rooms."""

from rongshu.kernel.access.models import ApiKey, Login
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.outbox.models import OutboxEvent
from rongshu.kernel.tenancy.models import Tenant

__all__ = ["ApiKey", "AuditEntry", "Login", "OutboxEvent", "Tenant"]
