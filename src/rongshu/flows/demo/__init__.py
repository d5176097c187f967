"""The demo: real orders of a UK gift retailer, a synthetic forest of inviters, and a plan to rate them by.

Everything here is a pure function of the files in `data/` and a seed; putting it into a tenant is the loader's work.

retail    orders, order lines and refunds from the published invoices
category  a category path for every sku, derived by us from its description
forest    synthetic forests with the shape of measured ones
cast      who is a member, who a promoter, who invited whom; the files for a simulation
plan.yaml a two-level plan
"""
