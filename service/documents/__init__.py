"""What finance and partners take away: a statement as a table, a workbook or a page."""
