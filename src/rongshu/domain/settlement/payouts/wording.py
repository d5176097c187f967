"""What a provider's code means for people, and the way out. English message ids; surfaces translate them."""

from __future__ import annotations

from collections.abc import Mapping

from rongshu.engine.wording import gettext_noop as _

_NAME = _("The name given does not match the account. Correct the name or the account, then withdraw again.")
_ACCOUNT = _("The account does not exist or is closed. Give another account, then withdraw again.")
_REAL_NAME = _("The account has not been verified with a real name. Verify it at the provider, then withdraw again.")
_LIMIT = _("The account has received as much as it may for now. Withdraw again later, or give another account.")
_RISK = _("The provider refused the payment for reasons of its own. Ask the provider, or give another account.")
_CLOSED = _("It was not confirmed in WeChat within 24 hours and was closed. Withdraw again and confirm it in time.")
_BALANCE = _("The merchant's balance is too low. Top it up; the payment is given again by itself.")
_BUSY = _("The provider takes no more calls for now; the payment is given again by itself.")
_SILENT = _("The provider did not answer. It is asked by itself what became of the payment; nothing is sent twice.")
_SIGNATURE = _(
    "The answer was not signed by the provider and is not believed. Check the provider's public key in the settings."
)
_MERCHANT = _(
    "The provider refuses the merchant's credentials or product. Check the settings and the contract with the provider."
)
_AMOUNT = _("The provider names another amount. Settle it with the provider, then say what became of it.")
_GONE = _("The provider took it in and no longer knows it. Settle it with the provider, then say what became of it.")
_SEAL = _("The batch is no longer what it was when it was made. Nothing of it is sent; call whoever runs the system.")
_UNKNOWN = _(
    "The provider answered with a code that is not known here. Look it up at the provider, then ask again or end the payment."
)
_NOT_BOOKED = _(
    "The provider has ended it, but the books refuse it. Nothing of it was booked; run the check of the books, mend what it names, then ask again."
)
_LATE = _("The provider said that it was paid after it had said that it was not. Settle it with the provider.")

WORDS: Mapping[str, str] = {
    **dict.fromkeys(("NAME_NOT_CORRECT", "PAYEE_USER_INFO_ERROR", "ID_CARD_NOT_CORRECT"), _NAME),
    **dict.fromkeys(
        ("ACCOUNT_NOT_EXIST", "OPENID_INVALID", "ACCOUNT_FROZEN", "PAYEE_NOT_EXIST", "PAYEE_ACC_FREEZE", "PAYEE_STATUS_ERROR",
         "USER_STATUS_ERROR", "PAYEE_ACCOUNT_ABNORMAL", "PAYEE_ACC_OCUPIED"),
        _ACCOUNT,
    ),
    **dict.fromkeys(("REAL_NAME_CHECK_FAIL", "PERM_AML_NOT_REALNAME_REV", "PERMIT_NON_BANK_LIMIT_PAYEE"), _REAL_NAME),
    **dict.fromkeys(
        ("TRANSFER_QUOTA_EXCEED", "DAY_RECEIVED_QUOTA_EXCEED", "MONTH_RECEIVED_QUOTA_EXCEED", "DAY_RECEIVED_COUNT_EXCEED",
         "EXCEED_LIMIT_UNRN_DM_AMOUNT", "USER_ACCOUNT_LIMIT"),
        _LIMIT,
    ),
    "TRANSFER_RISK": _RISK,
    "OVERDUE_CLOSE": _CLOSED,
    **dict.fromkeys(("NOT_ENOUGH", "PAYER_BALANCE_NOT_ENOUGH", "BALANCE_IS_NOT_ENOUGH"), _BALANCE),
    **dict.fromkeys(
        ("FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED", "QUOTA_EXCEED", "EXCEED_LIMIT_DM_AMOUNT",
         "isv.app-call-limited"),
        _BUSY,
    ),
    **dict.fromkeys(("timeout", "no_connection", "server_error", "SYSTEM_ERROR"), _SILENT),
    "signature": _SIGNATURE,
    **dict.fromkeys(
        ("SIGN_ERROR", "NO_AUTH", "APPID_MCHID_NOT_MATCH", "isv.invalid-signature", "isv.invalid-app-id", "provider_not_set"),
        _MERCHANT,
    ),
    "amount_differs": _AMOUNT,
    "vanished": _GONE,
    "not_booked": _NOT_BOOKED,
    "seal_broken": _SEAL,
    "paid_after_failed": _LATE,
}  # fmt: skip
_QUIET = frozenset(
    {
        "",
        "ACCEPTED",
        "PROCESSING",
        "WAIT_USER_CONFIRM",
        "TRANSFERING",
        "CANCELING",
        "SUCCESS",
        "DEALING",
        "INIT",
        "WAIT_PAY",
    }
)


def words_of(code: str) -> str:
    """The message id for a code; empty where there is nothing to say."""
    return "" if code in _QUIET else WORDS.get(code, _UNKNOWN)
