"""Access: logins with roles, API keys with scopes. Words: actor (whoever writes), role, permission, scope."""
