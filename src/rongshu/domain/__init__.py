"""The domain: apps of a few rooms each, in one fixed order, lowest first: members, commerce, referral, commission, insight."""
