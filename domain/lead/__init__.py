"""A lead that is passed to a partner: offered, accepted or declined, registered with its origin kept."""
