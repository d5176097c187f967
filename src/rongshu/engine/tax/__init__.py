"""Tax: what a payer withholds from promoters, by published figures with the days they hold for.

Words: withhold 代扣, remuneration of labour 劳务报酬, cumulative withholding 累计预扣, prize 偶然所得, surcharges 附加税费.
"""

from rongshu.engine.tax.abroad import jp_salesperson, kr_business, us_backup, us_non_resident, us_reported
from rongshu.engine.tax.china import (
    Cumulative,
    GapPolicy,
    VatDue,
    incidental,
    incidental_gross,
    labour_gross,
    labour_month,
    non_resident,
    vat,
)
from rongshu.engine.tax.figures import NoFigure

__all__ = [
    "Cumulative", "GapPolicy", "NoFigure", "VatDue", "incidental", "incidental_gross", "jp_salesperson", "kr_business",
    "labour_gross", "labour_month", "non_resident", "us_backup", "us_non_resident", "us_reported", "vat",
]  # fmt: skip
