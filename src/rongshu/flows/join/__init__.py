"""Joining across the apps: what the market asks for beside the tenant's policy, who the inviter is, member, promoter and login in one go."""
