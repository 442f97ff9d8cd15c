"""What a person can do, one file a menu."""
