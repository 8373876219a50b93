"""What a newcomer can try without any account."""
