"""Real invoices, played through the gateway as any client would."""
