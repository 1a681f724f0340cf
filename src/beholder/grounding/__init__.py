"""From words to places: what an answer or a question names, found in the evidence."""
