"""What would have been under other terms, or if something else had happened. Nothing here is ever recorded."""
