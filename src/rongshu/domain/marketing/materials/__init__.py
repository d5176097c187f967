"""Materials: what promoters share. Copy in versions that never change, pictures, videos by link; looked at before use; by occasion, and in packs.

Words: material 素材, copy 文案, version 版本, hit 命中 (what a rule minds), exception 例外 (a hit somebody else accepted), to offer 上架,
to withdraw 撤回, pack 素材包, occasion 场合, taking 领用 (a promoter copied or downloaded it).
"""
