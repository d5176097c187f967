"""The provider of this installation."""

from __future__ import annotations

from rongshu.domain.marketing.texting.adapters import Account
from rongshu.domain.marketing.texting.adapters.aliyun import account_of
from rongshu.domain.marketing.texting.adapters.log import LogAccount
from rongshu.kernel.environment import environment


def account() -> Account | None:
    """What sends codes; None where nothing can: then nobody is asked for one."""
    known = environment()
    if known.sms_url:
        return account_of(known.sms_url)
    return LogAccount() if known.debug else None
