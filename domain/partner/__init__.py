"""A partner: enrolled with an agreement, suspended, reinstated, terminated."""
