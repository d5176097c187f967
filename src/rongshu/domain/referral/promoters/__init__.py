"""Promoters: members who opted in, and the forest of who invited whom. One inviter at most, no self, no cycle."""
