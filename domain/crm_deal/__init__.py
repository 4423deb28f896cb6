"""Deals as a CRM knows them, whether or not somebody registered them: which of its ids are one deal."""
