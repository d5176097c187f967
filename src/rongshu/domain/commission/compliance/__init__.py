"""Compliance: what the tenant declares about how it works with promoters, and what checks of plans found then.

The software names risks it knows; it never says that a plan is lawful. Words: fact 申报事项, check 检查, finding 检查发现. Warnings that
somebody accepted stay with the review in which they did (`reviews`).
"""
