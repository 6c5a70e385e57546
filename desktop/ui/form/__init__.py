"""A form from its template: fields to fill, values to read; used where a ticket is made, shown and resolved."""
