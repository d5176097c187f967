"""What a cart costs a member: one pure function from cart, rules, coupons and points to explained prices of every line."""
