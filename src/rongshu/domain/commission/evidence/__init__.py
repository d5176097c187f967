"""Evidence: what a promoter, or a court, can check about one order, or one reward of a period, without us.

Words: bundle 存证包 (order, refunds, chain, plan version, rows, transfers and explanation, hashed and signed), part 部分, proof
证明 (a bundle for one promoter: everybody else is a place in the chain), to check 核验 (the signature, the hashes, and
the rows recomputed from the bundle alone).

A reward's bundle (`rewards.py`) is always a proof: the promoter's own orders in full, of a pool only sums and a commitment.
"""
