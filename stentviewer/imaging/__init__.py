"""Pixels and geometry: readers, the Radiograph, windowing, quality, overlays."""
