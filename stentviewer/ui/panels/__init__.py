"""What stands beside the image: the reading, and the audit trail."""
