"""The kernel: tenancy, logins, audit, outbox, files, clock. It knows no member and no order."""
