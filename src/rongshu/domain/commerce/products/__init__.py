"""Products: what can be shared and shown. Orders need none of it: their lines name a sku, known here or not.

Words: product 商品, sku 商品编码, price (as it is shown, not what was paid) 标价.
"""
