"""How messages leave the house: e-mail, group robots, webhooks. Network, but no database."""
