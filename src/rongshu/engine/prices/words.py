"""Why something took nothing off, and what to do about it: templates with parameters, for surfaces to say in their language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rongshu.engine.wording import gettext_noop as _

MONEY = frozenset({"own", "unit"})
"""Parameters in minor units; `missing` is too, where the code ends in `spend_short`."""
MOMENTS = frozenset({"at"})
"""Parameters in microseconds UTC."""


class Reason(NamedTuple):
    """What is said, and what to do; "" where nothing can be done."""

    text: str
    advice: str = ""


REASONS: Mapping[str, Reason] = {
    "no_tier": Reason(_("It is for members with a tier."), _("Become a member.")),
    "other_tier": Reason(_("It is for the tiers %(tiers)s.")),
    "not_first_order": Reason(_("It is for a first order only.")),
    "only_later_orders": Reason(_("It is for orders after the first.")),
    "other_channel": Reason(_("It is for the channels %(channels)s.")),
    "other_store": Reason(_("It is for the stores %(stores)s.")),
    "other_segment": Reason(_("It is for another group of members.")),
    "too_early": Reason(_("It begins on %(moment)s."), _("Wait until then.")),
    "too_late": Reason(_("It ended on %(moment)s.")),
    "other_weekday": Reason(_("It is not for this day of the week.")),
    "other_hours": Reason(_("It is from %(start)s to %(end)s o'clock.")),
    "list_not_above": Reason(_("The list price is not above %(own)s.")),
    "lower_price": Reason(_("“%(other)s” is lower: %(unit)s instead of %(own)s.")),
    "not_with": Reason(_("It does not go with this: %(kind)s.")),
    "in_another_bundle": Reason(_("All pieces are in another bundle.")),
    "no_more_times": Reason(_("It is used as often as it may be.")),
    "pieces_short": Reason(_("Pieces missing: %(missing)s."), _("Add as many.")),
    "not_lower": Reason(_("The pieces cost no more without it.")),
    "in_another_reduction": Reason(_("“%(other)s” saves more, and a line takes part in one of them.")),
    "spend_short": Reason(_("%(missing)s more has to be spent."), _("Add something for that much.")),
    "nothing_left": Reason(_("There is nothing left to take off.")),
    "coupon_early": Reason(_("It can be used from %(at)s on."), _("Keep it for later.")),
    "coupon_expired": Reason(_("It ran out on %(at)s."), _("Choose another coupon.")),
    "no_product": Reason(_("None of the products is meant."), _("Add a product it is for.")),
    "shipping_free": Reason(_("Shipping is free already."), _("Keep it for later.")),
    "not_with_coupon": Reason(_("It cannot be used together with “%(other)s”."), _("Choose one of the two.")),
    "too_many_coupons": Reason(_("At most %(most)s coupons are used together."), _("Leave another one out.")),
    "others_save_more": Reason(_("The coupons chosen save more."), _("Keep it for later.")),
    "not_held": Reason(_("The member does not hold it, or it is used already."), _("Choose another coupon.")),
    "other_saves_more": Reason(_("“%(other)s” takes more off.")),
    "points_pay_nothing": Reason(_("Points pay for nothing here."), _("Pay without points.")),
    "points_short": Reason(_("Points missing: %(missing)s."), _("Use fewer points.")),
    "points_least": Reason(_("At least %(least)s points are used at once."), _("Use more points, or none.")),
    "points_most": Reason(_("At most %(most)s points can be used for this."), _("Use fewer points.")),
}
"""Every reason there is, by its stable code."""
KIND_NAMES: Mapping[str, str] = {
    "member_price": _("Member price"),
    "sale": _("Sale"),
    "bundle": _("Bundle"),
    "reduction": _("Full reduction"),
    "coupon": _("Coupon"),
    "points": _("Points"),
    "shipping": _("Shipping"),
}
