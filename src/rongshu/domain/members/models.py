from rongshu.domain.members.profiles.models import Member

__all__ = ["Member"]
