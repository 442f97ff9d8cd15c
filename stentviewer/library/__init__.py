"""The database of patients, images, readings and labels, with its audit trail."""
