"""Members that may be one person: found by likeness, told apart for good, or merged, which can be undone while nothing depends on it.

Words: duplicate 疑似重复, likeness 相似项, merge 合并, heir 保留的会员. What members are alike in is kept as keyed hashes only.
"""
