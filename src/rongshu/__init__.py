"""Rongshu: membership and referral distribution for brands."""
