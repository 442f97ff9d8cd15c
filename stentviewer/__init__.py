"""stentviewer: review of radiographs for biliary stents, on the hospital's own machine."""

__version__ = "0.1.0"
