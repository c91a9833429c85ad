"""What runs without a request: the outbox is delivered, the phases turn."""
