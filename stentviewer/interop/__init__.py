"""What leaves the program: reports, overlays, DICOM results."""
