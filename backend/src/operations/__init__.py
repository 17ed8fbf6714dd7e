"""What operators ask for: documentation and numbers, each behind the operator's token in production."""
