"""Transparency: what is owed in all is published with a tree of hashes over every balance; each promoter can check that theirs is in it.

Words: publication 公示, proof 证明, root 根, owed 应付.
"""
