"""What the CRMs send: one module for each kind of source, from signed bytes to typed facts."""
