"""Carts on their way to become orders: what was quoted, with the points and coupons set aside for it until it is paid or given up."""
