"""The rules of a partner programme: pure, standard library only, no clock, no I/O, no floats."""
