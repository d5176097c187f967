"""Rating: orders become commissions, each with its trace; refunds take them back."""
