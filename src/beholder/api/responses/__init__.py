"""The Responses API: `/v1/responses` and what is kept of it."""
