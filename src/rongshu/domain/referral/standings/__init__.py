"""Standings: size and sales of every promoter's team at any depth, computed for the whole forest at once."""
