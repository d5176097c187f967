"""From a cart to an order: quoted, held to its price with its points and coupons, used by the order, given back after refunds."""
