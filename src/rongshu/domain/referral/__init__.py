"""Referral: who promotes, who invited whom, which customer belongs to whom."""
