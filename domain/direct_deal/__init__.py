"""What the vendor's own sales team does: it works on a deal directly, or has won the customer already."""
