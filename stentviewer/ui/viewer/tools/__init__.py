"""Drawing on the image: lengths, angles, regions, a probe, a stent, a calibration."""
